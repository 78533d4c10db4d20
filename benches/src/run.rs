//! A run from start to report.

use std::process::ExitCode;
use std::time::Instant;

use crate::bars;
use crate::cli::Request;
use crate::deflate;
use crate::deflate::memory;
use crate::deflate::rivals::{self, Rival};
use crate::interrupt;
use crate::measure::measure;
use crate::progress::Progress;
use crate::report::json::{Failure, Report, Row};
use crate::report::{self, machine, table};
use crate::section::Section;
use crate::stats::summarise;
use crate::workload::{Contender, Description, Workload};

/// How a run ended, apart from its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everybody answered rightly.
    Clean,
    /// Somebody answered wrongly, and was not timed.
    WrongAnswers,
    /// Figures were compared, and are not as they should be.
    Worse,
    /// Stopped by the user; what was measured is kept.
    Interrupted,
}

impl Outcome {
    /// 0; 1 if a contender answered wrongly, or figures are not as they should be; 130 if the user stopped it, as shells say
    /// it of Ctrl-C.
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Clean => ExitCode::SUCCESS,
            Self::WrongAnswers | Self::Worse => ExitCode::FAILURE,
            Self::Interrupted => ExitCode::from(interrupt::STATUS),
        }
    }
}

/// Does what was asked.
///
/// # Errors
/// In words: an engine is not the one it is measured as, or the report could not be written.
pub fn run(request: &Request) -> Result<Outcome, String> {
    if request.sections.contains(&Section::Deflate) {
        deflate::check_engines()?;
    }
    if request.list {
        table::list(&workloads(request, &rivals::all()));
        if request.sections.contains(&Section::Deflate) {
            println!("{}: {}", Section::Deflate, memory::SUMMARY);
        }
        return Ok(Outcome::Clean);
    }
    interrupt::listen();
    let (rivals, absent) = if takes_rivals(request) { rivals::build() } else { Default::default() };
    let start = Instant::now();
    let mut report = compare(request, workloads(request, &rivals));
    report.absent = absent;
    table::print(&report);
    // Those not measured are of sections that were not asked for.
    let standings = bars::standings(&report.rows);
    report.bars = standings.measured;
    report::bars::print(&report.bars, &standings.lacking, &[]);
    println!("{} rows in {:.1} s", report.rows.len(), start.elapsed().as_secs_f64());
    if let Some(path) = &request.json {
        report.write(path).map_err(|error| format!("can't write '{}': {error}", path.display()))?;
        println!("report written to {}", path.display());
    }
    Ok(match report.incomplete {
        true => Outcome::Interrupted,
        false if report.failures.is_empty() => Outcome::Clean,
        false => Outcome::WrongAnswers,
    })
}

/// Codecs that need a program of their own, which `--backend` does not name.
fn takes_rivals(request: &Request) -> bool {
    let apart = [Section::Deflate, Section::Echo].iter().any(|section| request.sections.contains(section));
    apart && request.backends.is_empty() && !request.no_rivals
}

fn workloads(request: &Request, rivals: &[Rival]) -> Vec<Box<dyn Workload>> {
    request.sections.iter().flat_map(|section| section.workloads(request, rivals)).collect()
}

fn compare(request: &Request, workloads: Vec<Box<dyn Workload>>) -> Report {
    let progress = Progress::new(workloads.len());
    let mut report = Report::new(request);
    report.method.pinned_to_core = machine::pin();
    // Before anything else has left the heap in pieces.
    let memory =
        if request.sections.contains(&Section::Deflate) { memory::rows(request) } else { Vec::new() };
    for mut workload in workloads {
        report.incomplete |= interrupt::asked();
        if report.incomplete {
            break;
        }
        compare_one(workload.as_mut(), request, &progress, &mut report);
    }
    report.rows.extend(memory);
    report
}

/// Adds a workload's rows to the report; none if it was interrupted in the middle, for all contenders must have had as
/// many turns.
fn compare_one(workload: &mut dyn Workload, request: &Request, progress: &Progress, report: &mut Report) {
    let description = workload.description();
    progress.begin(&description);
    let mut failures = Vec::new();
    let good = check_all(workload, &description, &mut failures);
    let measured = measure(workload, &good, request.method);
    if interrupt::asked() {
        report.incomplete = true;
        return;
    }
    progress.step();
    report.failures.append(&mut failures);
    let contenders = workload.contenders();
    for (&place, samples) in good.iter().zip(measured) {
        match samples {
            Ok(samples) => report.rows.push(row(&description, contenders[place], &samples)),
            Err(reason) => report.failures.push(failure(&description, &contenders[place].name, reason)),
        }
    }
}

/// The places of the contenders whose answer is right; the others become failures.
fn check_all(
    workload: &mut dyn Workload,
    description: &Description,
    failures: &mut Vec<Failure>,
) -> Vec<usize> {
    let names: Vec<String> = workload.contenders().iter().map(|contender| contender.name.clone()).collect();
    let mut good = Vec::with_capacity(names.len());
    for (place, contender) in names.into_iter().enumerate() {
        match workload.check(place) {
            Ok(()) => good.push(place),
            Err(reason) => failures.push(failure(description, &contender, reason)),
        }
    }
    good
}

fn failure(description: &Description, contender: &str, reason: String) -> Failure {
    let (section, workload) = (description.section, description.name.clone());
    Failure { section, workload, contender: contender.to_owned(), reason }
}

fn row(description: &Description, contender: &Contender, samples: &[f64]) -> Row {
    let per_message: Vec<f64> = samples.iter().map(|pass| pass / description.messages as f64).collect();
    let summary = summarise(&per_message);
    Row {
        section: description.section,
        workload: description.name.clone(),
        contender: contender.name.clone(),
        engine: contender.engine.clone(),
        ours: contender.ours,
        unit: UNIT.to_owned(),
        median: summary.median,
        low: summary.low,
        high: summary.high,
        samples: samples.len(),
        messages: description.messages,
        bytes: description.bytes,
        ratio: contender.ratio,
        memory: contender.memory,
        version: contender.version.clone(),
        path: contender.path.to_owned(),
    }
}

/// One unit for every row, so that rows of different sections can be added up.
const UNIT: &str = "ns/message";
