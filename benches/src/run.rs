//! A run from start to report.

use std::process::ExitCode;
use std::time::Instant;

use crate::bars;
use crate::cli::{Request, leaves_out};
use crate::deflate;
use crate::deflate::memory;
use crate::deflate::rivals::{self, Rival};
use crate::interrupt;
use crate::measure::measure;
use crate::progress::Progress;
use crate::report::json::{Failure, Report, Row};
use crate::report::{self, machine, table};
use crate::section::Section;
use crate::sittings::{self, Sitting, Taken};
use crate::stats::{Summary, summarise};
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
    /// The command line asks for what can't be, which was said.
    Refused,
}

impl Outcome {
    /// 0; 2 if the command line asks for what can't be; 1 if a contender answered wrongly, or figures are not as they should be; 130 if the user stopped it, as shells say
    /// it of Ctrl-C.
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Clean => ExitCode::SUCCESS,
            Self::WrongAnswers | Self::Worse => ExitCode::FAILURE,
            Self::Refused => ExitCode::from(2),
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
    if let Some(number) = request.sitting {
        interrupt::listen_in_sitting();
        let rivals =
            if takes_rivals(request) { rivals::built(|name| takes(request, name)) } else { Vec::new() };
        sittings::hand_over(&sit(request, number, workloads(request, &rivals)))?;
        return Ok(Outcome::Clean);
    }
    if let Some(refusal) = refusal(request) {
        eprintln!("error: {refusal}; --list names them");
        return Ok(Outcome::Refused);
    }
    if request.list {
        table::list(&workloads(request, &rivals::all()), |name| request.leaves_out(name));
        if includes_memory(request) {
            table::print_line(&format!("{}: {}", Section::Deflate, memory::SUMMARY));
        }
        return Ok(Outcome::Clean);
    }
    interrupt::listen();
    let (rivals, absent) = match takes_rivals(request) {
        true => rivals::build(|name| takes(request, name)),
        false => Default::default(),
    };
    let start = Instant::now();
    let mut report = Report::new(request);
    report.absent = absent;
    compare(request, &rivals, &mut report)?;
    table::print(&report);
    // Of some workloads only, a bar that is about several would be told of those alone.
    if request.workloads.is_empty() {
        // Those not measured are of sections that were not asked for.
        let standings = bars::standings(&report.rows);
        report.bars = standings.measured;
        report::bars::print(&report.bars, &standings.lacking, &[]);
    }
    table::print_line(&format!("{} rows in {:.1} s", report.rows.len(), start.elapsed().as_secs_f64()));
    if let Some(path) = &request.json {
        report.write(path).map_err(|error| format!("can't write '{}': {error}", path.display()))?;
        table::print_line(&format!("report written to {}", path.display()));
    }
    Ok(match report.incomplete {
        true => Outcome::Interrupted,
        false if report.failures.is_empty() => Outcome::Clean,
        false => Outcome::WrongAnswers,
    })
}

/// What is asked for and isn't there: a part of a workload's name that none has, a contender to leave out that nobody is.
fn refusal(request: &Request) -> Option<String> {
    if request.without.is_empty() && request.workloads.is_empty() {
        return None;
    }
    let all = all_workloads(request, &rivals::all());
    let mut names: Vec<String> = all.iter().map(|workload| workload.description().name).collect();
    if request.sections.contains(&Section::Deflate) {
        names.extend(memory::names());
    }
    let is_part = |part: &String| names.iter().any(|name| name.contains(part));
    if let Some(part) = request.workloads.iter().find(|part| !is_part(part)) {
        return Some(format!("there is no workload with '{part}' in its name"));
    }
    let names: Vec<String> =
        all.iter().flat_map(|workload| workload.contenders()).map(|it| it.name.clone()).collect();
    let is_known = |without: &String| names.iter().any(|name| leaves_out(without, name));
    let unknown = request.without.iter().find(|without| !is_known(without))?;
    Some(format!("there is no contender '{unknown}' to leave out"))
}

/// Whether a codec that needs a program of its own takes part.
fn takes(request: &Request, rival: &str) -> bool {
    !request.leaves_out(rival) && !request.absent.iter().any(|absent| absent == rival)
}

/// Codecs that need a program of their own, which `--backend` does not name.
fn takes_rivals(request: &Request) -> bool {
    let is_apart = |workload: &dyn Workload| {
        let description = workload.description();
        matches!(description.section, Section::Deflate | Section::Echo) && request.includes(&description.name)
    };
    request.backends.is_empty()
        && !request.no_rivals
        && all_workloads(request, &[]).iter().any(|workload| is_apart(workload.as_ref()))
}

fn workloads(request: &Request, rivals: &[Rival]) -> Vec<Box<dyn Workload>> {
    let mut all = all_workloads(request, rivals);
    all.retain(|workload| request.includes(&workload.description().name));
    all
}

/// Those that nobody has asked for as well.
fn all_workloads(request: &Request, rivals: &[Rival]) -> Vec<Box<dyn Workload>> {
    request.sections.iter().flat_map(|section| section.workloads(request, rivals)).collect()
}

/// Measures, and puts what came of it into the report.
fn compare(request: &Request, rivals: &[Rival], report: &mut Report) -> Result<(), String> {
    let mut sittings = Vec::new();
    if request.method.sittings == 1 {
        sittings.push(sit(request, 0, workloads(request, rivals)));
    } else {
        let absent: Vec<String> = report.absent.iter().map(|absent| absent.contender.clone()).collect();
        for number in 0..request.method.sittings {
            sittings.push(sittings::sit(number, &absent)?);
            if sittings.iter().any(|sitting| sitting.incomplete) {
                break;
            }
        }
    }
    report.incomplete = sittings.iter().any(|sitting| sitting.incomplete);
    report.method.pinned_to_core = sittings.first().and_then(|sitting| sitting.pinned_to_core);
    (report.rows, report.failures) = sittings::merge(sittings);
    Ok(())
}

/// Measures everything once, in this program.
fn sit(request: &Request, number: u32, workloads: Vec<Box<dyn Workload>>) -> Sitting {
    let progress = Progress::of_sitting(workloads.len(), number, request.method.sittings);
    let mut sitting = Sitting { pinned_to_core: machine::pin(), ..Sitting::default() };
    // Before anything else has left the heap in pieces. It repeats exactly.
    let memory = if number == 0 && includes_memory(request) { memory::rows(request) } else { Vec::new() };
    for mut workload in workloads {
        sitting.incomplete |= interrupt::asked();
        if sitting.incomplete {
            break;
        }
        sit_at(workload.as_mut(), request, &progress, &mut sitting);
    }
    let memory = memory
        .into_iter()
        .filter(|row| !request.leaves_out(&row.contender) && request.includes(&row.workload));
    sitting.taken.extend(memory.map(|row| Taken { row, samples: Vec::new() }));
    sitting
}

/// Whether any of the rows on memory is to be there.
fn includes_memory(request: &Request) -> bool {
    request.sections.contains(&Section::Deflate) && memory::names().iter().any(|name| request.includes(name))
}

/// Adds a workload's samples to the sitting; none if it was interrupted in the middle, for all contenders must have had
/// as many turns.
fn sit_at(workload: &mut dyn Workload, request: &Request, progress: &Progress, sitting: &mut Sitting) {
    let description = workload.description();
    progress.begin(&description);
    let mut failures = Vec::new();
    let good = check_all(workload, request, &description, &mut failures);
    let measured = measure(workload, &good, request.method);
    if interrupt::asked() {
        sitting.incomplete = true;
        return;
    }
    progress.step();
    sitting.failures.append(&mut failures);
    let contenders = workload.contenders();
    for (&place, samples) in good.iter().zip(measured) {
        match samples {
            Ok(samples) => sitting.taken.push(taken(&description, contenders[place], samples)),
            Err(reason) => sitting.failures.push(failure(&description, &contenders[place].name, reason)),
        }
    }
}

/// The places of the contenders that take part and whose answer is right; those that are wrong become failures.
fn check_all(
    workload: &mut dyn Workload,
    request: &Request,
    description: &Description,
    failures: &mut Vec<Failure>,
) -> Vec<usize> {
    let names: Vec<String> = workload.contenders().iter().map(|contender| contender.name.clone()).collect();
    let mut good = Vec::with_capacity(names.len());
    for (place, contender) in names.into_iter().enumerate() {
        if request.leaves_out(&contender) {
            continue;
        }
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

/// Of samples a pass.
fn taken(description: &Description, contender: &Contender, passes: Vec<f64>) -> Taken {
    let samples: Vec<f64> = passes.into_iter().map(|pass| pass / description.messages as f64).collect();
    let Summary { median, low, high } = summarise(&samples);
    let row = Row {
        section: description.section,
        workload: description.name.clone(),
        contender: contender.name.clone(),
        engine: contender.engine.clone(),
        ours: contender.ours,
        unit: UNIT.to_owned(),
        median,
        low,
        high,
        samples: samples.len(),
        messages: description.messages,
        bytes: description.bytes,
        ratio: contender.ratio,
        memory: contender.memory,
        version: contender.version.clone(),
        path: contender.path.to_owned(),
    };
    Taken { row, samples }
}

/// One unit for every row, so that rows of different sections can be added up.
const UNIT: &str = "ns/message";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Job, parse_from};

    /// One answers rightly, one wrongly, and one goes away while it is timed.
    struct Three(Vec<Contender>);

    impl Workload for Three {
        fn description(&self) -> Description {
            Description { section: Section::Mask, name: "8 B".to_owned(), messages: 4, bytes: 32 }
        }

        fn contenders(&self) -> Vec<&Contender> {
            self.0.iter().collect()
        }

        fn check(&mut self, contender: usize) -> Result<(), String> {
            if contender == 1 { Err("byte 3 is wrong".to_owned()) } else { Ok(()) }
        }

        fn pass(&mut self, contender: usize) {
            assert_ne!(contender, 1, "timed although it is wrong");
        }

        fn time(&mut self, contender: usize, passes: u32) -> Result<std::time::Duration, String> {
            self.pass(contender);
            if contender == 2 {
                Err("the program is gone".to_owned())
            } else {
                Ok(std::time::Duration::from_micros(passes.into()))
            }
        }
    }

    fn three() -> Vec<Box<dyn Workload>> {
        vec![Box::new(Three(
            ["right 6", "wrong", "gone"].map(|name| Contender::plain(name, "a test")).to_vec(),
        ))]
    }

    fn request(arguments: &[&str]) -> Request {
        match parse_from([&["compare", "--section", "mask", "--rounds", "3"], arguments].concat()) {
            Job::Compare(request) => *request,
            Job::Other(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn who_is_wrong_or_gone_is_shown_with_the_reason_and_not_timed() {
        let (rows, failures) = sittings::merge(vec![sit(&request(&[]), 0, three())]);
        assert_eq!(
            rows.iter().map(|row| (&*row.contender, row.samples)).collect::<Vec<_>>(),
            [("right 6", 3)]
        );
        let failures: Vec<_> = failures.iter().map(|it| (&*it.contender, &*it.reason)).collect();
        assert_eq!(failures, [("wrong", "byte 3 is wrong"), ("gone", "the program is gone")]);
    }

    #[test]
    fn who_is_left_out_is_neither_timed_nor_asked() {
        let (rows, failures) =
            sittings::merge(vec![sit(&request(&["--without", "right", "--without=wrong"]), 0, three())]);
        assert!(rows.is_empty());
        assert_eq!(failures.len(), 1, "{failures:?}");
    }
}
