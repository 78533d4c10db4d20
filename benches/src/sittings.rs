//! A run in several sittings: programs, one after the other, each of which measures everything, with code, input and buffers
//! at other places of the memory than the one before.

use std::env;
use std::io::{Read, Write, stdout};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::interrupt;
use crate::report::json::{Failure, Row};
use crate::stats::{Summary, summarise_sittings};

/// What came of one sitting.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sitting {
    /// A row each, the figures of which are not known yet.
    pub taken: Vec<Taken>,
    pub failures: Vec<Failure>,
    /// Whether it was stopped in the middle.
    pub incomplete: bool,
    /// The core that it ran on, if the system let it.
    pub pinned_to_core: Option<usize>,
}

/// A row with its samples, in the row's unit; without samples its figures are known, and of no time.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    pub row: Row,
    pub samples: Vec<f64>,
}

/// Runs this program once more, as the sitting with that number, and without the programs of these contenders, which could not be built.
///
/// # Errors
/// In words: it can't be run, or ended without a word.
pub fn sit(number: u32, absent: &[String]) -> Result<Sitting, String> {
    let program = env::current_exe().map_err(|error| format!("this program can't be found: {error}"))?;
    let mut child = Command::new(program)
        .args(env::args_os().skip(1))
        .args(absent.iter().map(|name| format!("--absent={name}")))
        .arg(format!("--sitting={number}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("sitting {number} can't be started: {error}"))?;
    if let Some(input) = child.stdin.take() {
        interrupt::watch(input);
    }
    let mut text = Vec::new();
    let read = child.stdout.take().map(|mut output| output.read_to_end(&mut text));
    let status = child.wait().map_err(|error| format!("sitting {number}: {error}"))?;
    match read {
        Some(Ok(_)) if status.success() => {
            serde_json::from_slice(&text).map_err(|error| format!("sitting {number}: {error}"))
        }
        _ => Err(format!("sitting {number} ended with {status}")),
    }
}

/// Hands a sitting to the program that asked for it.
///
/// # Errors
/// In words: that one is gone.
pub fn hand_over(sitting: &Sitting) -> Result<(), String> {
    let text = serde_json::to_vec(sitting).map_err(|error| error.to_string())?;
    stdout().write_all(&text).map_err(|error| error.to_string())
}

/// The rows of all sittings and the failures of any, in the order in which they first came.
///
/// Whoever failed once has no row there, since he would be told by sittings in which all went well.
pub fn merge(sittings: Vec<Sitting>) -> (Vec<Row>, Vec<Failure>) {
    let mut rows: Vec<(Row, Vec<Vec<f64>>)> = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for sitting in sittings {
        for failure in sitting.failures {
            if !failures.iter().any(|known| place_of(known) == place_of(&failure)) {
                failures.push(failure);
            }
        }
        let mut hint = 0;
        for Taken { row, samples } in sitting.taken {
            // Mostly the next one.
            let is_it = |(known, _): &(Row, _)| place(known) == place(&row);
            let found = rows.iter().skip(hint).position(is_it).map(|found| found + hint);
            match found.or_else(|| rows.iter().position(is_it)) {
                Some(found) => {
                    hint = found + 1;
                    rows[found].1.push(samples);
                }
                None => rows.push((row, vec![samples])),
            }
        }
    }
    rows.retain(|(row, _)| !failures.iter().any(|failure| place_of(failure) == place(row)));
    (rows.into_iter().map(|(row, samples)| summed_up(row, samples)).collect(), failures)
}

fn place(row: &Row) -> (u8, &str, &str) {
    (row.section as u8, &row.workload, &row.contender)
}

fn place_of(failure: &Failure) -> (u8, &str, &str) {
    (failure.section as u8, &failure.workload, &failure.contender)
}

fn summed_up(row: Row, mut sittings: Vec<Vec<f64>>) -> Row {
    sittings.retain(|samples| !samples.is_empty());
    if sittings.is_empty() {
        return row;
    }
    let Summary { median, low, high } = summarise_sittings(&sittings);
    Row { median, low, high, samples: sittings.iter().map(Vec::len).sum(), ..row }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::row;

    fn taken(workload: &str, contender: &str, samples: &[f64]) -> Taken {
        Taken { row: row(workload, contender, 0.0), samples: samples.to_vec() }
    }

    fn sitting(taken: Vec<Taken>) -> Sitting {
        Sitting { taken, ..Sitting::default() }
    }

    #[test]
    fn a_row_has_the_samples_of_all_sittings() {
        let one = sitting(vec![taken("8 B", "a", &[1.0, 1.0, 1.0]), taken("8 B", "b", &[5.0])]);
        let two = sitting(vec![taken("8 B", "b", &[6.0]), taken("8 B", "a", &[2.0; 5])]);
        // Stopped before b.
        let three = sitting(vec![taken("8 B", "a", &[4.0])]);
        let (rows, failures) = merge(vec![one, two, three]);
        assert!(failures.is_empty());
        let figures: Vec<_> =
            rows.iter().map(|row| (&*row.contender, row.low, row.median, row.high, row.samples)).collect();
        assert_eq!(figures, [("a", 1.0, 2.0, 4.0, 9), ("b", 5.0, 5.5, 6.0, 2)]);
    }

    #[test]
    fn what_is_not_timed_keeps_its_figures() {
        let memory = Taken { row: row("memory", "a", 300.0), samples: Vec::new() };
        let (rows, _) = merge(vec![sitting(vec![memory])]);
        assert_eq!((rows[0].median, rows[0].samples), (300.0, 15));
    }

    #[test]
    fn who_fails_once_has_no_row_there() {
        let failure = Failure {
            section: row("8 B", "a", 0.0).section,
            workload: "8 B".to_owned(),
            contender: "a".to_owned(),
            reason: "byte 3 is wrong".to_owned(),
        };
        let good = || sitting(vec![taken("8 B", "a", &[1.0]), taken("8 B", "b", &[1.0])]);
        let failed =
            || Sitting { failures: vec![failure.clone()], ..sitting(vec![taken("8 B", "b", &[1.0])]) };
        let (rows, failures) = merge(vec![good(), failed(), failed()]);
        assert_eq!((rows.len(), &*rows[0].contender), (1, "b"));
        assert_eq!(failures, [failure]);
    }

    #[test]
    fn a_sitting_is_read_as_it_was_written() {
        let one = Sitting { pinned_to_core: Some(1), ..sitting(vec![taken("8 B", "a", &[0.1, 1e-9])]) };
        let text = serde_json::to_vec(&one).unwrap();
        assert_eq!(serde_json::from_slice::<Sitting>(&text).unwrap(), one);
    }
}
