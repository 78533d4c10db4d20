//! What is made of reports that were written before.

use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

use crate::bars;
use crate::cli::{self, Other};
use crate::report::diff::Diff;
use crate::report::json::Report;
use crate::report::tables::readme;
use crate::report::{self, html, wins};
use crate::run::Outcome;
use crate::traffic;

/// Does what was asked.
///
/// # Errors
/// In words: a file can't be read or written, or does not have what is needed.
pub fn run(other: Other) -> Result<Outcome, String> {
    match other {
        Other::Bars { file } => bars(&file),
        Other::Report { file, out, plot } => page(&file, &out, plot.as_deref()),
        Other::Diff { old, new } => diff(&old, &new),
        Other::Wins { file } => print(&wins(&read(&file)?)),
        Other::Tables { file, check, write } => tables(file.as_deref(), check.as_deref(), write.as_deref()),
        Other::Traffic(arguments) => traffic::run(&arguments, &cli::command_line()),
        Other::Completions { shell } => print(&String::from_utf8_lossy(&cli::completions(shell))),
    }
}

/// Prints where we stood against our bars, as they are now.
fn bars(path: &Path) -> Result<Outcome, String> {
    let standings = bars::standings(&read(path)?.rows);
    if standings.measured.is_empty() {
        return Err(format!("'{}' has none of the rows that the bars are about", path.display()));
    }
    report::bars::print(&standings.measured, &standings.lacking, &standings.others);
    Ok(Outcome::Clean)
}

fn page(path: &Path, out: &Path, plot: Option<&Path>) -> Result<Outcome, String> {
    let report = read(path)?;
    if report.rows.is_empty() {
        return Err(format!("'{}' has no rows", path.display()));
    }
    save(out, &html::page(&report)?)?;
    if let Some(plot) = plot {
        save(plot, &html::readme_plot(&report)?)?;
    }
    Ok(Outcome::Clean)
}

fn diff(old: &Path, new: &Path) -> Result<Outcome, String> {
    let reports = (read(old)?, read(new)?);
    let diff = Diff::new(&reports.0, &reports.1);
    if diff.is_empty() {
        return Err(format!("'{}' and '{}' have no row in common", old.display(), new.display()));
    }
    print(&diff.render())?;
    Ok(if diff.is_worse() { Outcome::Worse } else { Outcome::Clean })
}

fn wins(report: &Report) -> String {
    let (table, losses) = (wins::table(&report.rows), wins::losses(&report.rows));
    if losses.is_empty() { table } else { format!("{table}\nBehind:\n\n{losses}") }
}

fn tables(file: Option<&Path>, check: Option<&Path>, write: Option<&Path>) -> Result<Outcome, String> {
    if let Some(path) = check {
        return match readme::check(path, file) {
            Ok(words) => print(&(words + "\n")),
            Err(readme::Failure::Stale(words)) => {
                let command = format!("cargo compare tables --write {}", path.display());
                eprintln!("error: {words}\n'{command}' puts them there");
                Ok(Outcome::Worse)
            }
            Err(readme::Failure::Unknown(words)) => Err(words),
        };
    }
    if let Some(path) = write {
        return print(&(readme::write(path, file)? + "\n"));
    }
    let newest = || readme::newest(Path::new("results"));
    print(&(readme::block(&file.map_or_else(newest, |file| Ok(file.to_owned()))?)? + "\n"))
}

/// A reader that has enough, as `head`, is no fault.
fn print(text: &str) -> Result<Outcome, String> {
    let _ = stdout().write_all(text.as_bytes());
    Ok(Outcome::Clean)
}

fn read(path: &Path) -> Result<Report, String> {
    Report::read(path).map_err(|error| format!("can't read '{}': {error}", path.display()))
}

fn save(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("can't write '{}': {error}", path.display()))?;
    println!("written to {}", path.display());
    Ok(())
}
