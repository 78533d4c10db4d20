//! What was found, as text and as data.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use serde::Serialize;

use super::choose::Aim;
use super::code::Code;
use super::confirm::Confirmation;
use super::sizes::Sizes;
use super::sweep::{Measured, Spread, Sweep};
use super::threshold::Length;
use crate::input::Messages;
use crate::measure::Method;
use crate::report::json::{Failure, MethodNote, Report, Row, SCHEMA};
use crate::report::machine::Machine;
use crate::section::Section;

/// A report as the comparison writes it, so that its pages can be drawn, and what is of traffic alone.
#[derive(Debug, Serialize)]
pub struct Traffic {
    #[serde(flatten)]
    pub report: Report,
    /// The part of what can be saved that is asked for where bytes are not the aim, in percent.
    pub savings: u8,
    /// One for each series of messages.
    pub traffic: Vec<Corpus>,
}

/// What was found on a series of messages.
#[derive(Debug, Serialize)]
pub struct Corpus {
    pub name: String,
    /// What of the file could not be used; with the first series of a file.
    pub unused: Vec<String>,
    pub sizes: Sizes,
    /// How many connections took turns.
    pub connections: usize,
    pub choices: Vec<Measured>,
    /// Places in `choices`: nobody else is as good in time, bytes and memory, and better in one.
    pub front: Vec<usize>,
    /// None if nothing is worth compressing.
    pub recommendations: Vec<Recommendation>,
}

/// What to take for an aim.
#[derive(Debug, Serialize)]
pub struct Recommendation {
    pub aim: Aim,
    pub words: String,
    #[serde(flatten)]
    pub measured: Measured,
    /// From which length on compression pays, if it does.
    pub threshold: Option<usize>,
    pub lengths: Vec<Length>,
    pub code: Code,
    pub confirmation: Option<Confirmation>,
}

impl Traffic {
    /// Nothing measured yet. To be made before the thread is pinned.
    pub fn new(command: &str, method: Method, savings: u8) -> Self {
        let report = Report {
            schema: SCHEMA,
            machine: Machine::here(),
            date: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            command: command.to_owned(),
            incomplete: false,
            method: MethodNote::new(method),
            rows: Vec::new(),
            bars: Vec::new(),
            failures: Vec::new(),
            absent: Vec::new(),
        };
        Self { report, savings, traffic: Vec::new() }
    }

    /// Notes the rows of a sweep.
    pub fn take(&mut self, messages: &Messages, sweep: &Sweep) {
        self.report.incomplete |= sweep.incomplete;
        for (contender, reason) in &sweep.failures {
            let (contender, reason) = (contender.clone(), reason.clone());
            let workload = messages.name.clone();
            self.report.failures.push(Failure { section: Section::Deflate, workload, contender, reason });
        }
        for takeover in [false, true] {
            let measured = || sweep.measured.iter().filter(move |one| one.choice.takeover == takeover);
            let name = |task: &str, turns: &str| {
                let takeover = if takeover { "takeover" } else { "no takeover" };
                format!("{task} {}, {takeover}{turns}", messages.name)
            };
            let turns = format!(", {} connections", thousands(sweep.connections));
            let rows = &mut self.report.rows;
            rows.extend(measured().map(|one| row(name("compress", ""), one, one.compress, messages, 0)));
            rows.extend(measured().map(|one| row(name("inflate", ""), one, one.inflate, messages, 1)));
            rows.extend(
                measured().map(|one| row(name("compress", &turns), one, one.compress_in_turn, messages, 0)),
            );
            rows.extend(
                measured().map(|one| row(name("inflate", &turns), one, one.inflate_in_turn, messages, 1)),
            );
        }
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, serde_json::to_string_pretty(self)? + "\n")
    }
}

fn row(workload: String, one: &Measured, spread: Spread, messages: &Messages, engine: usize) -> Row {
    Row {
        section: Section::Deflate,
        workload,
        contender: one.choice.short_name(),
        engine: one.engines[engine].clone(),
        ours: true,
        unit: "ns/message".to_owned(),
        median: spread.median,
        low: spread.low,
        high: spread.high,
        samples: spread.samples,
        messages: messages.list.len(),
        bytes: messages.bytes(),
        ratio: (engine == 0).then_some(one.ratio),
        memory: Some(one.memory as usize),
        version: None,
        path: "our layer for messages; memory is a connection's, both directions, among those in turn"
            .to_owned(),
    }
}

/// Why this one, in words.
pub fn words(aim: Aim, best: &Measured, all: &[Measured], savings: u8) -> String {
    let least = all.iter().map(|one| 1.0 / one.ratio).fold(f64::INFINITY, f64::min);
    let can = percent(1.0 - least);
    let costs = format!(
        "{} to compress and inflate a message, {} % of the bytes saved, {} a connection",
        time(best.time()),
        percent(best.saved()),
        memory(best.memory),
    );
    let why = match aim {
        Aim::Cpu => format!("the fastest of those that save {savings} % of what can be saved ({can} %)"),
        Aim::Bytes => "the fastest of those within 1 % of the fewest bytes".to_owned(),
        Aim::Memory => format!(
            "the fastest of those within 10 % of the least memory, if they save {savings} % of what can be saved ({can} %)"
        ),
    };
    format!("{}: {costs}; {why}", best.choice)
}

/// What stands above everything.
pub fn head(traffic: &Traffic) -> String {
    let machine = &traffic.report.machine;
    format!("{}, {} cores, {}, {}\n", machine.cpu, machine.cores, machine.os, machine.rustc)
}

/// A series of messages.
pub fn text(corpus: &Corpus) -> String {
    let mut text = format!("\n{}\n{}\n", corpus.name, "=".repeat(corpus.name.chars().count()));
    for unused in &corpus.unused {
        let _ = writeln!(text, "not used: {unused}");
    }
    sizes(&corpus.sizes, &mut text);
    choices(corpus, &mut text);
    if corpus.recommendations.is_empty() && !corpus.choices.is_empty() {
        text += "\nRecommendation: no compression. Nothing saves a twentieth of the bytes.\n";
    }
    for recommendation in &corpus.recommendations {
        recommend(recommendation, &mut text);
    }
    text
}

/// What stands below everything.
pub fn tail(traffic: &Traffic, elapsed: Duration) -> String {
    let mut text = String::from("\n");
    for failure in &traffic.report.failures {
        let _ = writeln!(
            text,
            "answered wrongly: {}: {}: {}",
            failure.workload, failure.contender, failure.reason
        );
    }
    if traffic.report.incomplete {
        text += "Interrupted: this is what was measured until then.\n";
    }
    let choices: usize = traffic.traffic.iter().map(|corpus| corpus.choices.len()).sum();
    let _ = writeln!(text, "{choices} choices measured in {:.1} s", elapsed.as_secs_f64());
    text
}

fn sizes(sizes: &Sizes, text: &mut String) {
    let _ = writeln!(
        text,
        "{} messages, {} bytes; from {} to {} bytes, mean {:.0}",
        thousands(sizes.messages),
        thousands(sizes.bytes),
        sizes.least,
        sizes.most,
        sizes.mean
    );
    let percentiles = sizes.percentiles.iter().map(|one| format!("{} % up to {} B", one.percent, one.length));
    let _ = writeln!(text, "{}", percentiles.collect::<Vec<_>>().join(", "));
    let most = sizes.histogram.iter().map(|bin| bin.messages).max().unwrap_or(1);
    for bin in &sizes.histogram {
        let bar = "#".repeat((bin.messages * 40).div_ceil(most));
        let _ = writeln!(text, "  {:>9} to {:<9} B {:>8}  {bar}", bin.from, bin.to, bin.messages);
    }
}

fn choices(corpus: &Corpus, text: &mut String) {
    let _ = writeln!(
        text,
        "\nTime of a message, of one connection and of {} in turn; memory of a connection, both directions, of those.\n\
         The front is marked with *: nobody is as good in time in turn, bytes and memory, and better in one.\n",
        thousands(corpus.connections)
    );
    let _ = writeln!(
        text,
        "  {:<44} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "ratio", "compress", "inflate", "in turn", "in turn", "memory"
    );
    let mut order: Vec<usize> = (0..corpus.choices.len()).collect();
    order.sort_by(|&a, &b| corpus.choices[a].time().total_cmp(&corpus.choices[b].time()));
    for place in order {
        let one = &corpus.choices[place];
        let mark = if corpus.front.contains(&place) { '*' } else { ' ' };
        let _ = writeln!(
            text,
            "{mark} {:<44} {:>6.2} {:>9} {:>9} {:>9} {:>9} {:>9}",
            one.choice,
            one.ratio,
            time(one.compress.median),
            time(one.inflate.median),
            time(one.compress_in_turn.median),
            time(one.inflate_in_turn.median),
            memory(one.memory)
        );
    }
}

fn recommend(recommendation: &Recommendation, text: &mut String) {
    let _ = writeln!(text, "\nFor the {}\n  {}", recommendation.aim.words(), recommendation.words);
    let lengths = recommendation.lengths.iter().map(|length| {
        format!(
            "{}-{} B saves {} % in {}",
            length.from,
            length.to,
            percent(length.saved),
            time(length.compress)
        )
    });
    let _ = writeln!(text, "  By length: {}", lengths.collect::<Vec<_>>().join("; "));
    let _ = match recommendation.threshold {
        Some(threshold) if recommendation.lengths.first().is_some_and(|length| length.from > threshold) => {
            writeln!(
                text,
                "  Threshold {threshold}, the default: all lengths that there are save a tenth of their bytes"
            )
        }
        Some(threshold) => {
            writeln!(text, "  Threshold {threshold}: from there on, all lengths save a tenth of their bytes")
        }
        None => writeln!(
            text,
            "  The longest messages don't save a tenth of their bytes: a threshold keeps them plain"
        ),
    };
    if let Some(confirmation) = &recommendation.confirmation {
        let _ = writeln!(text, "  Measured once more against its nearest rivals: {}", confirmation.words);
        for one in &confirmation.measured {
            let (low, high) = one.time_spread();
            let _ = writeln!(
                text,
                "    {:<44} {:>6.2} {:>9} ({} to {}) {:>9}",
                one.choice,
                one.ratio,
                time(one.time()),
                time(low),
                time(high),
                memory(one.memory)
            );
        }
    }
    for line in recommendation.code.cargo.lines().chain([""]).chain(recommendation.code.rust.lines()) {
        let _ = writeln!(text, "{}", if line.is_empty() { String::new() } else { format!("    {line}") });
    }
}

fn percent(part: f64) -> String {
    format!("{:.0}", part * 100.0)
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1_000.0 => format!("{nanoseconds:.0} ns"),
        ..1_000_000.0 => format!("{:.2} µs", nanoseconds / 1e3),
        _ => format!("{:.2} ms", nanoseconds / 1e6),
    }
}

fn memory(bytes: f64) -> String {
    format!("{:.1} KiB", bytes / 1_024.0)
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
