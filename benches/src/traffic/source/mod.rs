//! Messages out of the user's files.

pub mod capture;
mod lengths;

use std::fs;
use std::path::Path;

use clap::ValueEnum;

use crate::input::{self, Messages};

/// How messages lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text, a message a line
    Lines,
    /// Each message behind its length in bytes, a 32-bit number with the most significant byte first
    Lengths,
    /// A capture of plain TCP with WebSocket connections in it, from their opening handshake on: pcap or pcapng
    Capture,
}

/// What a file has.
#[derive(Clone, Debug)]
pub struct Source {
    /// Those of each direction for a capture; all of them for another file.
    pub messages: Vec<Messages>,
    /// What of it could not be used, in words, with counts.
    pub unused: Vec<String>,
}

/// Reads a file; how, is told by its beginning and its name unless it is said.
///
/// # Errors
/// In words: it can't be read, or has no messages.
pub fn read(path: &Path, format: Option<Format>) -> Result<Source, String> {
    let format = match format {
        Some(format) => format,
        None => guess(path)?,
    };
    match format {
        Format::Lines => Ok(Source { messages: vec![input::read_corpus(path)?], unused: Vec::new() }),
        Format::Lengths => {
            let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
            let (list, unused) = lengths::split(bytes.leak());
            gathered(path, vec![(String::new(), false, list)], unused)
        }
        Format::Capture => {
            let file = fs::File::open(path).map_err(|error| unreadable(path, &error))?;
            let capture = capture::read(file);
            let [to_server, to_client] = capture.messages;
            let parts = [(" to server", to_server), (" to client", to_client)];
            let parts = parts.map(|(name, part)| (name.to_owned(), part.text, part.list)).to_vec();
            gathered(path, parts, capture.unused)
        }
    }
}

/// A part: the end of its name, whether it is text, its messages.
type Part = (String, bool, Vec<&'static [u8]>);

fn gathered(path: &Path, parts: Vec<Part>, unused: Vec<String>) -> Result<Source, String> {
    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let filled = parts.into_iter().filter(|(_, _, list)| !list.is_empty());
    let messages: Vec<Messages> =
        filled.map(|(end, text, list)| Messages { name: format!("{name}{end}"), text, list }).collect();
    if messages.is_empty() {
        let why = if unused.is_empty() { "it is empty".to_owned() } else { unused.join("; ") };
        return Err(format!("'{}' has no messages that can be used: {why}", path.display()));
    }
    Ok(Source { messages, unused })
}

fn guess(path: &Path) -> Result<Format, String> {
    use std::io::Read;

    let mut start = Vec::new();
    let file = fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    file.take(4).read_to_end(&mut start).map_err(|error| unreadable(path, &error))?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    Ok(match extension {
        _ if capture::begins_with(&start) => Format::Capture,
        "pcap" | "pcapng" | "cap" => Format::Capture,
        "lengths" | "bin" => Format::Lengths,
        _ => Format::Lines,
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("can't read '{}': {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        (directory, path)
    }

    #[test]
    fn a_format_is_told_by_the_beginning_then_by_the_name() {
        let cases: [(&str, &[u8], Format); 5] = [
            ("a.jsonl", b"{}\n", Format::Lines),
            ("a.bin", &[0, 0, 0, 1, 7], Format::Lengths),
            ("a.lengths", b"", Format::Lengths),
            ("a.txt", &[0xd4, 0xc3, 0xb2, 0xa1], Format::Capture),
            ("a.pcapng", b"", Format::Capture),
        ];
        for (name, bytes, format) in cases {
            let (_directory, path) = with(name, bytes);
            assert_eq!(guess(&path), Ok(format), "{name}");
        }
    }

    #[test]
    fn each_format_gives_its_messages() {
        let (_directory, path) = with("mine.jsonl", b"one\ntwo\n");
        let read_back = read(&path, None).unwrap();
        assert_eq!(read_back.messages[0].list, [b"one", b"two"]);
        let (_directory, path) = with("mine.bin", b"\0\0\0\x03one\0\0\0\x02\n\0");
        let read_back = read(&path, None).unwrap();
        assert_eq!(read_back.messages[0].list, [&b"one"[..], b"\n\0"]);
        assert_eq!(read_back.messages[0].name, "mine");
        assert!(read(&path, Some(Format::Capture)).unwrap_err().contains("no messages"));
        assert!(read(&path, Some(Format::Lines)).unwrap_err().contains("not text"));
    }
}
