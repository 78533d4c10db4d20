//! The report as data; README.md describes the JSON form to those who read it.

use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::machine::Machine;
use crate::bars::Standing;
use crate::cli::Request;
use crate::clock;
use crate::measure::Method;
use crate::section::Section;

/// The form of reports; 1 had no sittings, and its spreads were those of one.
pub const SCHEMA: u32 = 2;

/// A whole run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// The form of this object; goes up when a field changes its meaning or goes.
    pub schema: u32,
    /// Where it ran.
    pub machine: Machine,
    /// When it began: RFC 3339, UTC.
    pub date: String,
    /// The command as typed.
    pub command: String,
    /// Whether the run was interrupted: the rows are those measured until then.
    #[serde(skip_serializing_if = "is_false", default)]
    pub incomplete: bool,
    /// How it was measured.
    pub method: MethodNote,
    /// One for each contender of each workload.
    pub rows: Vec<Row>,
    /// Where the kernel stands against those of its bars whose rows are all there.
    #[serde(default)]
    pub bars: Vec<Standing>,
    /// The contenders that answered wrongly and were therefore not timed.
    pub failures: Vec<Failure>,
    /// The contenders that could not take part.
    #[serde(default)]
    pub absent: Vec<Absent>,
}

/// How a run was measured.
#[derive(Debug, Serialize, Deserialize)]
pub struct MethodNote {
    /// What the clock counts.
    pub clock: String,
    /// How long a sample lasts at least, in microseconds.
    pub sample_us: u64,
    /// How long a workload's rounds may take, in milliseconds, within the two limits that follow.
    pub budget_ms: u64,
    /// The fewest rounds of a workload.
    pub least_rounds: usize,
    /// The most rounds of a workload.
    pub most_rounds: usize,
    /// Programs, one after the other, whose samples these are; 1 of a report that does not say.
    #[serde(default = "one")]
    pub sittings: u32,
    /// The core that the measuring thread was pinned to, if the system let it.
    pub pinned_to_core: Option<usize>,
}

/// The figures of one contender at one workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The section.
    pub section: Section,
    /// The workload, unique in its section.
    pub workload: String,
    /// The contender, unique in its workload.
    pub contender: String,
    /// What really ran, read at run time where it can be: the instruction set or the DEFLATE engine.
    pub engine: String,
    /// Whether the contender is of this project.
    pub ours: bool,
    /// The unit of `median`, `low` and `high`.
    pub unit: String,
    /// The middle of the sittings' medians.
    pub median: f64,
    /// Where the spread begins: the 10th percentile of all samples, or a sitting's median below it.
    pub low: f64,
    /// Where the spread ends: the 90th percentile of all samples, or a sitting's median above it.
    pub high: f64,
    /// How many samples these are of.
    pub samples: usize,
    /// Messages in the workload.
    pub messages: usize,
    /// Bytes of those messages, without headers.
    pub bytes: usize,
    /// Bytes in over bytes out, of compressors.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ratio: Option<f64>,
    /// Bytes of memory that one context holds, of compressors and decompressors.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub memory: Option<usize>,
    /// The contender's release, of crates.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// What the contender's way to the answer includes.
    pub path: String,
}

/// A contender whose answer was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The section.
    pub section: Section,
    /// The workload.
    pub workload: String,
    /// The contender.
    pub contender: String,
    /// What was wrong, in words.
    pub reason: String,
}

/// A contender that could not take part.
#[derive(Debug, Serialize, Deserialize)]
pub struct Absent {
    /// The contender.
    pub contender: String,
    /// Why, in words.
    pub reason: String,
}

/// A field that is left out where it says nothing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_false(value: &bool) -> bool {
    !value
}

fn one() -> u32 {
    1
}

impl MethodNote {
    /// Nothing pinned yet.
    pub fn new(method: Method) -> Self {
        Self {
            clock: clock::NAME.to_owned(),
            sample_us: u64::try_from(method.sample.as_micros()).unwrap_or(u64::MAX),
            budget_ms: u64::try_from(method.budget.as_millis()).unwrap_or(u64::MAX),
            least_rounds: method.least_rounds,
            most_rounds: method.most_rounds,
            sittings: method.sittings,
            pinned_to_core: None,
        }
    }
}

impl Report {
    /// A report without rows yet. To be made before the thread is pinned, or the machine would seem to have one core.
    pub fn new(request: &Request) -> Self {
        Self {
            schema: SCHEMA,
            machine: Machine::here(),
            date: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            command: request.command.clone(),
            incomplete: false,
            method: MethodNote::new(request.method),
            rows: Vec::new(),
            bars: Vec::new(),
            failures: Vec::new(),
            absent: Vec::new(),
        }
    }

    /// Reads a report from its JSON form.
    ///
    /// # Errors
    /// The file can't be read, or is something else.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
    }

    /// Writes the report to a file, indented, as it is to be committed.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        fs::write(path, text)
    }
}
