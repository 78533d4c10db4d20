//! The README's tables, kept between two markers, and whether they are those of the newest result.
//!
//! ```text
//! <!-- figures: results/2026-11-20-zen4.json -->
//! …
//! <!-- /figures -->
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use super::render;
use crate::report::json::Report;

const BEGIN: &str = "<!-- figures: ";
const BEGIN_END: &str = " -->\n";
const END: &str = "<!-- /figures -->";

/// A text with the tables in it.
struct Parts<'a> {
    before: &'a str,
    /// The result file named by the marker.
    file: &'a str,
    tables: &'a str,
    after: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (before, rest) = text.split_once(BEGIN)?;
        let (file, rest) = rest.split_once(BEGIN_END)?;
        let (tables, after) = rest.split_once(END)?;
        Some(Self { before, file, tables, after })
    }
}

/// The tables with their markers, as they belong into a README that lies beside the directory of the result.
///
/// # Errors
/// In words: the result can't be read or lacks a row, or we are behind without a reason.
pub fn block(result: &Path) -> Result<String, String> {
    let report = read(result)?;
    if report.incomplete {
        return Err(format!("'{}' is incomplete: its run was interrupted", result.display()));
    }
    let tables = render(&report).map_err(|error| format!("'{}': {error}", result.display()))?;
    Ok(format!("{BEGIN}{}{BEGIN_END}\n{tables}\n{END}", relative(result)))
}

/// Compares the README's tables with those of the result, or of the newest one in the directory `results` beside it.
///
/// # Errors
/// In words: what differs first, or why that can't be told.
pub fn check(readme: &Path, result: Option<&Path>) -> Result<String, Failure> {
    let text = load(readme)?;
    let parts = parts(&text, readme)?;
    let result = wanted(readme, result)?;
    let expected = block(&result)?;
    let expected = Parts::of(&expected).ok_or_else(|| "a block without markers".to_owned())?;
    if parts.file != expected.file {
        let (quoted, newest) = (parts.file, expected.file);
        return Err(Failure::Stale(format!("{} quotes {quoted}, not {newest}", readme.display())));
    }
    if parts.tables == expected.tables {
        return Ok(format!("{} has the figures of {}", readme.display(), expected.file));
    }
    let (mut is, mut should) = (parts.tables.lines(), expected.tables.lines());
    let first = loop {
        match (is.next(), should.next()) {
            (None, None) => break String::new(),
            (is, should) if is == should => {}
            (is, should) => {
                let (is, should) = (is.unwrap_or("nothing"), should.unwrap_or("nothing"));
                break format!("\n  has:    {is}\n  should: {should}");
            }
        }
    };
    Err(Failure::Stale(format!("{} does not have the figures of {}{first}", readme.display(), parts.file)))
}

/// Puts the tables of the result, or of the newest one, between the README's markers.
///
/// # Errors
/// In words: there are no markers, or as in [`block`].
pub fn write(readme: &Path, result: Option<&Path>) -> Result<String, String> {
    let text = load(readme)?;
    let parts = parts(&text, readme)?;
    let result = wanted(readme, result)?;
    let text = format!("{}{}{}", parts.before, block(&result)?, parts.after);
    fs::write(readme, text).map_err(|error| format!("can't write '{}': {error}", readme.display()))?;
    Ok(format!("{} has the figures of {}", readme.display(), relative(&result)))
}

/// Why a check did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The README's figures are not those that they should be.
    Stale(String),
    /// That can't be told.
    Unknown(String),
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self::Unknown(reason)
    }
}

/// The newest whole result in a directory, by the date in it.
///
/// # Errors
/// In words: there is none.
pub fn newest(directory: &Path) -> Result<PathBuf, String> {
    let entries =
        fs::read_dir(directory).map_err(|error| format!("can't read '{}': {error}", directory.display()))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut dated = Vec::new();
    for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let report = read(&file)?;
        if !report.incomplete {
            dated.push((report.date, file));
        }
    }
    let newest = dated.into_iter().max();
    newest.map(|(_, file)| file).ok_or_else(|| format!("no result in '{}'", directory.display()))
}

fn wanted(readme: &Path, result: Option<&Path>) -> Result<PathBuf, String> {
    match result {
        Some(result) => Ok(result.to_owned()),
        None => newest(&readme.parent().unwrap_or(Path::new("")).join("results")),
    }
}

fn parts<'a>(text: &'a str, readme: &Path) -> Result<Parts<'a>, String> {
    Parts::of(text).ok_or_else(|| {
        format!("'{}' has no markers '{BEGIN}FILE{}' and '{END}'", readme.display(), BEGIN_END.trim_end())
    })
}

/// The last two parts of the path: `results/FILE`.
fn relative(result: &Path) -> String {
    let name =
        |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let directory = result.parent().map(name).filter(|name| !name.is_empty());
    directory.unwrap_or_else(|| "results".to_owned()) + "/" + &name(result)
}

fn read(path: &Path) -> Result<Report, String> {
    Report::read(path).map_err(|error| format!("can't read '{}': {error}", path.display()))
}

fn load(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("can't read '{}': {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_named_from_beside_its_directory() {
        assert_eq!(relative(Path::new("/somewhere/results/a.json")), "results/a.json");
        assert_eq!(relative(Path::new("a.json")), "results/a.json");
    }
}
