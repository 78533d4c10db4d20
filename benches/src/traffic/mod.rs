//! `compare traffic`: which backend, level, window and takeover for the user's own messages.
//!
//! ```text
//! source      files to messages: lines, lengths, captures
//! sizes       how long they are
//! choice      what there is to choose among
//! sweep       what each costs, with one connection and with many in turn
//! choose      the front, and a choice for each aim
//! threshold   from which length on compression pays
//! code        the choice as code
//! confirm     the choice once more, against its nearest rivals
//! report      all of it as text and as JSON
//! ```

mod choice;
mod choose;
mod code;
mod confirm;
mod report;
mod sizes;
mod source;
mod sweep;
mod threshold;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use clap::builder::PossibleValuesParser;

use choice::Choice;
use choose::Aim;
use report::{Corpus, Recommendation, Traffic};
use sizes::Sizes;
use source::Format;
use sweep::{Effort, Measured};

use crate::input::Messages;
use crate::interrupt;
use crate::progress::Progress;
use crate::report::machine;
use crate::run::Outcome;

/// What is asked.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Messages: a text file with one a line; `.bin` or `.lengths`, each behind its length, 32 bits, big-endian; a capture
    /// of plain TCP, pcap or pcapng
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How messages lie in the files, if their names and beginnings don't tell
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Measure this backend only; may be given several times
    #[arg(long = "backend", value_name = "NAME", value_parser = PossibleValuesParser::new(backends()))]
    backends: Vec<String>,
    /// Fewer levels, windows and samples: a look
    #[arg(long)]
    quick: bool,
    /// Recommend for least CPU and least memory only what saves this part of what can be saved, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 80, value_parser = clap::value_parser!(u8).range(0..=100))]
    savings: u8,
    /// Measure each recommendation once more, against its three nearest rivals
    #[arg(long)]
    confirm: bool,
    /// Connections that take turns; fewer if messages are long
    #[arg(long, value_name = "NUMBER", default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    connections: u32,
    /// Write the figures to FILE as JSON, too; `report` draws it
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Samples of each choice, instead of the usual number: for tests of this program
    #[arg(long, hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
}

/// Reads, measures and reports.
///
/// # Errors
/// In words: a file can't be read or has no messages, or the report can't be written.
pub fn run(arguments: &Arguments, command: &str) -> Result<Outcome, String> {
    let start = Instant::now();
    let sources = arguments
        .files
        .iter()
        .map(|path| source::read(path, arguments.format))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(path) = &arguments.json {
        crate::cli::check_writable(path)?;
    }
    crate::deflate::check_engines()?;
    interrupt::listen();
    let effort = arguments.effort();
    let mut traffic = Traffic::new(command, effort.method, arguments.savings);
    traffic.report.method.pinned_to_core = machine::pin();
    print!("{}", report::head(&traffic));
    let choices = Choice::all(&arguments.backends, arguments.quick);
    let series: usize = sources.iter().map(|source| source.messages.len()).sum();
    let progress = Progress::new(series * choices.len());
    for source in &sources {
        for (place, messages) in source.messages.iter().enumerate() {
            if interrupt::asked() {
                break;
            }
            progress.say(&messages.name);
            let mut corpus = one(messages, &choices, effort, arguments, &progress, &mut traffic);
            // Once a file.
            corpus.unused = if place == 0 { source.unused.clone() } else { Vec::new() };
            progress.aside(|| print!("{}", report::text(&corpus)));
            traffic.traffic.push(corpus);
        }
    }
    drop(progress);
    traffic.report.incomplete |= interrupt::asked();
    print!("{}", report::tail(&traffic, start.elapsed()));
    if let Some(path) = &arguments.json {
        traffic.write(path).map_err(|error| format!("can't write '{}': {error}", path.display()))?;
        println!("report written to {}", path.display());
    }
    Ok(match traffic.report.incomplete {
        true => Outcome::Interrupted,
        false if traffic.report.failures.is_empty() => Outcome::Clean,
        false => Outcome::WrongAnswers,
    })
}

fn one(
    messages: &Messages,
    choices: &[Choice],
    effort: Effort,
    arguments: &Arguments,
    progress: &Progress,
    traffic: &mut Traffic,
) -> Corpus {
    let sizes = Sizes::of(messages);
    let sweep = sweep::sweep(choices, messages, effort, false, &|| progress.step());
    traffic.take(messages, &sweep);
    let keep = f64::from(arguments.savings) / 100.0;
    let costs: Vec<_> = sweep.measured.iter().map(choose::cost).collect();
    let recommendations = Aim::ALL.into_iter().filter_map(|aim| {
        let ranked = choose::ranked(aim, &costs, keep);
        let ranked: Vec<&Measured> = ranked.iter().map(|&place| &sweep.measured[place]).collect();
        let best = *ranked.first()?;
        let lengths =
            threshold::lengths(&best.choice, &messages.clone().middle(effort.bytes)).unwrap_or_default();
        let threshold = threshold::threshold(&lengths);
        let confirmation = (arguments.confirm && !interrupt::asked()).then(|| {
            let ranked: Vec<Choice> = ranked.iter().map(|measured| measured.choice.clone()).collect();
            confirm::confirm(aim, &ranked, messages, effort, keep)
        });
        Some(Recommendation {
            aim,
            words: report::words(aim, best, &sweep.measured, arguments.savings),
            measured: best.clone(),
            code: code::code(&best.choice, threshold.unwrap_or(usize::from(u16::MAX))),
            threshold,
            lengths,
            confirmation,
        })
    });
    let recommendations = recommendations.collect();
    Corpus {
        name: messages.name.clone(),
        unused: Vec::new(),
        sizes,
        connections: sweep.connections,
        front: choose::front(&costs),
        choices: sweep.measured,
        recommendations,
    }
}

impl Arguments {
    fn effort(&self) -> Effort {
        let mut effort = if self.quick { Effort::QUICK } else { Effort::FULL };
        effort.connections = self.connections as usize;
        if let Some(rounds) = self.rounds {
            (effort.method.least_rounds, effort.method.most_rounds) = (rounds as usize, rounds as usize);
        }
        effort
    }
}

/// The names of the backends of ours.
fn backends() -> Vec<&'static str> {
    wscodec_compressors::Backend::available().map(wscodec_compressors::Backend::name).collect()
}
