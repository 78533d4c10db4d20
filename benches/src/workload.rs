//! What is measured: a workload, done by several contenders over the same bytes.

use std::time::Duration;

use crate::clock::Moment;
use crate::report::versions;
use crate::section::Section;

/// A task with the input to do it on, and those who do it.
///
/// A pass is one contender doing the whole task once. Passes must be repeatable in any order: whatever a pass changes,
/// the next one, of any contender, must find the same amount of work.
pub trait Workload {
    /// What it is.
    fn description(&self) -> Description;

    /// Who does it. A contender is named by its place here in the other calls.
    fn contenders(&self) -> Vec<&Contender>;

    /// Lets the contender do the task once and compares its answer with the oracle's, byte by byte.
    ///
    /// # Errors
    /// What is wrong with the answer, in words.
    fn check(&mut self, contender: usize) -> Result<(), String>;

    /// One pass: the whole task once, the time of which counts.
    fn pass(&mut self, contender: usize);

    /// How long so many passes take.
    ///
    /// # Errors
    /// In words: the contender is gone. Only one that runs in another program can be.
    fn time(&mut self, contender: usize, passes: u32) -> Result<Duration, String> {
        Ok(timed(passes, || self.pass(contender)))
    }
}

/// How long something takes that is done so many times.
pub fn timed(times: u32, mut task: impl FnMut()) -> Duration {
    let start = Moment::now();
    for _ in 0..times {
        task();
    }
    start.elapsed()
}

/// Names and sizes of a workload.
#[derive(Clone, Debug)]
pub struct Description {
    /// The section it belongs to.
    pub section: Section,
    /// Its name, unique in the section.
    pub name: String,
    /// Messages (or payloads) in a pass.
    pub messages: usize,
    /// Bytes of those messages, without headers.
    pub bytes: usize,
}

/// One that does a task: ours, a competitor's code, or a plain loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Contender {
    /// Its name in the workload: the crate's, and the variant in parentheses where there are several.
    pub name: String,
    /// What really runs, read at run time where it can be.
    pub engine: String,
    /// Whether it is of this project.
    pub ours: bool,
    /// The version that the lockfile pins, of what has one.
    pub version: Option<String>,
    /// What its path includes that others may not: allocation, validation, buffering.
    pub path: &'static str,
    /// Bytes in over bytes out, of a compressor.
    pub ratio: Option<f64>,
    /// Bytes of memory of one context.
    pub memory: Option<usize>,
}

impl Contender {
    /// Ours; `engine` is the instruction set or the backend's engine.
    pub fn ours(name: impl Into<String>, engine: impl Into<String>, path: &'static str) -> Self {
        Self { ours: true, engine: engine.into(), ..Self::plain(name, path) }
    }

    /// A competitor's crate, named as in the lockfile.
    pub fn rival(package: &str, path: &'static str) -> Self {
        let version = versions::locked(package);
        Self { version, ..Self::plain(package, path) }
    }

    /// A plain loop or a limit: nobody's.
    pub fn plain(name: impl Into<String>, path: &'static str) -> Self {
        let name = name.into();
        Self { engine: name.clone(), name, ours: false, version: None, path, ratio: None, memory: None }
    }
}
