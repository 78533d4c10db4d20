//! The committed counts, and how new ones compare.

use std::fs;

use serde::{Deserialize, Serialize};

/// What was counted, and by which compiler's code.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    rustc: String,
    level: String,
    calls: Vec<Counted>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Counted {
    call: String,
    instructions: u64,
}

/// New counts beside the recorded ones.
pub struct Comparison {
    /// A line a call.
    pub text: String,
    /// Whether the calls are the same and none takes more instructions.
    pub is_good: bool,
}

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json");
const RUSTC: &str = env!("COMPARE_RUSTC");

/// Percent. Counts repeat exactly; this leaves room for what the system's memcpy does on another machine.
const TOLERANCE: u64 = 3;

impl Record {
    pub fn new(calls: Vec<(String, u64)>) -> Self {
        let calls = calls.into_iter().map(|(call, instructions)| Counted { call, instructions }).collect();
        Self { rustc: RUSTC.to_owned(), level: super::calls::LEVEL.to_owned(), calls }
    }

    pub fn read() -> Result<Self, String> {
        let text = fs::read_to_string(PATH).map_err(|error| format!("can't read {PATH}: {error}"))?;
        serde_json::from_str(&text).map_err(|error| format!("{PATH} is not what --update writes: {error}"))
    }

    pub fn write(&self) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        fs::write(PATH, text + "\n").map_err(|error| format!("can't write {PATH}: {error}"))
    }

    fn count(&self, call: &str) -> Option<u64> {
        self.calls.iter().find(|counted| counted.call == call).map(|counted| counted.instructions)
    }
}

pub fn compare(recorded: &Record, counted: &Record) -> Comparison {
    let mut comparison = Comparison { text: String::new(), is_good: true };
    if recorded.rustc != counted.rustc {
        comparison.text += &format!("recorded with {}, counted with {}\n", recorded.rustc, counted.rustc);
    }
    for Counted { call, instructions } in &counted.calls {
        let (before, verdict) = match recorded.count(call) {
            Some(before) => (before.to_string(), verdict(before, *instructions)),
            None => ("-".to_owned(), Verdict::NotRecorded),
        };
        comparison.is_good &= !matches!(verdict, Verdict::Slower | Verdict::NotRecorded);
        comparison.text += &format!("{call:<36} {before:>8} -> {instructions:>8}  {}\n", verdict.words());
    }
    for gone in recorded.calls.iter().filter(|old| counted.count(&old.call).is_none()) {
        comparison.is_good = false;
        comparison.text += &format!("{:<36} is recorded but no longer counted\n", gone.call);
    }
    if !comparison.is_good {
        comparison.text += "If that is meant, record it with --update and say why in the commit.\n";
    }
    comparison
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Same,
    Slower,
    Faster,
    NotRecorded,
}

impl Verdict {
    const fn words(self) -> &'static str {
        match self {
            Self::Same => "as recorded",
            Self::Slower => "SLOWER",
            Self::Faster => "faster: record it with --update, or it may get lost again",
            Self::NotRecorded => "NOT RECORDED",
        }
    }
}

const fn verdict(before: u64, now: u64) -> Verdict {
    if now * 100 > before * (100 + TOLERANCE) {
        Verdict::Slower
    } else if now * 100 < before * (100 - TOLERANCE) {
        Verdict::Faster
    } else {
        Verdict::Same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(counts: &[(&str, u64)]) -> Record {
        Record::new(counts.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect())
    }

    #[test]
    fn a_call_may_take_three_percent_more_and_any_number_less() {
        assert_eq!(verdict(100, 103), Verdict::Same);
        assert_eq!(verdict(100, 104), Verdict::Slower);
        assert_eq!(verdict(100, 97), Verdict::Same);
        assert_eq!(verdict(100, 96), Verdict::Faster);
        assert!(compare(&record(&[("mask", 100)]), &record(&[("mask", 50)])).is_good);
    }

    #[test]
    fn the_slower_call_is_named() {
        let comparison = compare(&record(&[("a", 100), ("b", 10)]), &record(&[("a", 100), ("b", 11)]));
        assert!(!comparison.is_good);
        let slower: Vec<&str> = comparison.text.lines().filter(|line| line.contains("SLOWER")).collect();
        assert!(slower.len() == 1 && slower[0].starts_with('b'), "{}", comparison.text);
    }

    #[test]
    fn calls_that_come_or_go_must_be_recorded() {
        assert!(!compare(&record(&[]), &record(&[("a", 1)])).is_good);
        assert!(!compare(&record(&[("a", 1)]), &record(&[])).is_good);
    }

    #[test]
    fn the_committed_counts_are_of_the_calls_there_are() {
        let recorded = Record::read().unwrap();
        let names = recorded.calls.iter().map(|counted| counted.call.as_str());
        assert!(names.eq(super::super::calls::ALL.iter().map(|call| call.name)));
        assert_eq!(recorded.level, super::super::calls::LEVEL);
    }
}
