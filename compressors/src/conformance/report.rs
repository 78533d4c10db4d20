use core::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The rules that a backend breaks, all of them and not only the first.
///
/// `Debug` prints the same as `Display`, so that `unwrap` in a test reads well.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    failures: Vec<Failure>,
}

/// A rule that a backend breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The rule's name, the same from version to version: `compressor: empty message`.
    pub rule: &'static str,
    /// The section that it comes from, or what this crate promises beyond the RFC.
    pub section: &'static str,
    /// What was done, what came of it, what should have.
    pub details: String,
}

impl Report {
    /// What is broken, at least one rule.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// Whether the rule of this name is among them.
    #[must_use]
    pub fn breaks(&self, rule: &str) -> bool {
        self.failures.iter().any(|failure| failure.rule == rule)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the backend breaks {} rule(s) of permessage-deflate", self.failures.len())?;
        for Failure { rule, section, details } in &self.failures {
            write!(f, "\n- {rule} ({section}): {details}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Report {}

/// A rule that a subject of type `S` is held to.
pub(super) struct Rule<S> {
    pub(super) name: &'static str,
    pub(super) section: &'static str,
    pub(super) check: fn(&S) -> Result<(), String>,
}

/// What the subject breaks of `rules`. A panic breaks the rule that it happens in.
pub(super) fn failures<S>(subject: &S, rules: Vec<Rule<S>>) -> Vec<Failure> {
    let failed = |rule: Rule<S>| {
        let checked = catch_unwind(AssertUnwindSafe(|| (rule.check)(subject)));
        let details = checked.unwrap_or_else(|_| Err("the backend panics".to_owned())).err()?;
        Some(Failure { rule: rule.name, section: rule.section, details })
    };
    rules.into_iter().filter_map(failed).collect()
}

/// The one of this name; without it a report, so that a name misspelt does not pass for a rule that is kept.
pub(super) fn only<S>(name: &str, rules: Vec<Rule<S>>) -> Result<Vec<Rule<S>>, Report> {
    let one: Vec<Rule<S>> = rules.into_iter().filter(|rule| rule.name == name).collect();
    if one.is_empty() {
        let details = format!("there is no rule {name:?}");
        return Err(Report {
            failures: vec![Failure { rule: "conformance: names", section: "this crate's contract", details }],
        });
    }
    Ok(one)
}

pub(super) fn report(failures: Vec<Failure>) -> Result<(), Report> {
    if failures.is_empty() { Ok(()) } else { Err(Report { failures }) }
}

/// Breaks the rule with a message unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err(format!($($message)+));
        }
    };
}
pub(super) use ensure;
