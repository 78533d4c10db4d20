//! The command line, one argument after the other.

use std::str::FromStr;

pub(crate) struct Arguments<I> {
    rest: I,
    /// The one that a value belongs to.
    current: String,
}

impl<I: Iterator<Item = String>> Arguments<I> {
    pub(crate) fn new(rest: I) -> Self {
        Self { rest, current: String::new() }
    }

    pub(crate) fn next(&mut self) -> Option<String> {
        self.current = self.rest.next()?;
        Some(self.current.clone())
    }

    pub(crate) fn value(&mut self) -> Result<String, String> {
        self.rest.next().ok_or_else(|| format!("{} wants a value", self.current))
    }

    pub(crate) fn number<N: FromStr>(&mut self) -> Result<N, String> {
        let value = self.value()?;
        value.parse().map_err(|_| format!("{} wants a number in range, not {value}", self.current))
    }
}
