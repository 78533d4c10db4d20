//! The user's own messages: a text file with one a line.

use std::fs;
use std::path::Path;

use super::Messages;

/// Reads a corpus, all of it.
///
/// # Errors
/// What is wrong with the file and what would be right, in words.
pub fn read(path: &Path) -> Result<Messages, String> {
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
    let bytes: &'static [u8] = bytes.leak();
    let lines = bytes.split(|&byte| byte == b'\n').map(without_return).filter(|line| !line.is_empty());
    let list: Vec<&[u8]> = lines.collect();
    if list.is_empty() {
        return Err(format!(
            "the corpus '{shown}' has no messages in it; --corpus takes a text file with one message a line"
        ));
    }
    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(Messages { name, text: true, list })
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
