//! The user's own messages: a text file with one a line.

use std::fs;
use std::path::Path;

use super::{Messages, Size};

/// Reads a corpus.
///
/// Of a file with more messages than the size allows, a run of neighbours around the middle is taken: streams begin
/// with snapshots that are unlike the rest, and neighbours are what context takeover lives on.
///
/// # Errors
/// What is wrong with the file and what would be right, in words.
pub fn read(path: &Path, size: Size) -> Result<Messages, String> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| {
        format!(
            "can't read the corpus '{shown}': {error}; --corpus takes a text file with one message a line"
        )
    })?;
    if bytes.contains(&0) || std::str::from_utf8(&bytes).is_err() {
        return Err(format!(
            "the corpus '{shown}' is not text (UTF-8); --corpus takes a text file with one message a line"
        ));
    }
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').map(without_return).collect();
    let lines: Vec<&[u8]> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err(format!(
            "the corpus '{shown}' has no messages in it; --corpus takes a text file with one message a line"
        ));
    }
    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(Messages { name, text: true, list: middle(&lines, size.bytes) })
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Neighbours around the middle, as many as fit into so many bytes; one at least.
fn middle(lines: &[&[u8]], bytes: usize) -> Vec<Vec<u8>> {
    let (mut start, mut end) = (lines.len() / 2, lines.len() / 2 + 1);
    let mut total = lines[start].len();
    loop {
        let before = start.checked_sub(1).filter(|&place| total + lines[place].len() <= bytes);
        if let Some(place) = before {
            start = place;
            total += lines[place].len();
        }
        let after = (end < lines.len() && total + lines[end].len() <= bytes).then_some(end);
        if let Some(place) = after {
            end = place + 1;
            total += lines[place].len();
        }
        if before.is_none() && after.is_none() {
            return lines[start..end].iter().map(|line| line.to_vec()).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_fits_is_taken_whole() {
        let lines: [&[u8]; 4] = [b"a", b"bb", b"ccc", b"d"];
        assert_eq!(middle(&lines, 7), lines);
    }

    #[test]
    fn neighbours_of_the_middle_come_first() {
        let lines: [&[u8]; 5] = [b"large snapshot", b"aa", b"bb", b"cc", b"dd"];
        assert_eq!(middle(&lines, 6), [b"aa", b"bb", b"cc"]);
        assert_eq!(middle(&lines, 0), [b"bb"]);
    }
}
