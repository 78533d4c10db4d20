//! The progress bar, on standard error, and nothing at all where that is not a terminal, or one that can't go
//! back in a line.

use std::env;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::workload::Description;

/// Shows how far the comparison is.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar over so many steps.
    pub fn new(steps: usize) -> Self {
        // indicatif itself stays silent when standard error is not a terminal.
        let bar = ProgressBar::new(steps as u64);
        if env::var_os("TERM").is_some_and(|name| name == "dumb") {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {eta:>4} left  {msg}");
        Self(match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    /// The part of a bar that is a sitting's: so many steps, after those of the sittings before.
    pub fn of_sitting(steps: usize, sitting: u32, sittings: u32) -> Self {
        let progress = Self::new(steps * sittings as usize);
        progress.0.set_position(steps as u64 * u64::from(sitting));
        // The time left is reckoned from the steps of this program.
        progress.0.reset_eta();
        progress
    }

    /// Names the workload under way.
    pub fn begin(&self, workload: &Description) {
        self.0.set_message(format!("{}: {}", workload.section, workload.name));
    }

    /// Names what is under way.
    pub fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// Prints, and the bar goes on below.
    pub fn aside(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }

    /// One step done. Called between workloads only: drawing takes time.
    pub fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
