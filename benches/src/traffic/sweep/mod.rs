//! What each choice costs, on the user's messages.

mod alone;
pub mod layers;
mod turns;

use std::time::Duration;

use serde::Serialize;

use super::choice::Choice;
use crate::input::Messages;
use crate::interrupt;
use crate::measure::Method;
use crate::stats::Summary;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    pub method: Method,
    /// Bytes of messages, out of the middle of the corpus.
    pub bytes: usize,
    /// Connections that take turns, unless messages are long.
    pub connections: usize,
    /// Messages of each that are timed.
    pub turns: usize,
}

impl Effort {
    pub const FULL: Self = Self {
        method: Method {
            sample: Duration::from_micros(300),
            budget: Duration::from_millis(4_000),
            least_rounds: 7,
            most_rounds: 31,
            sittings: 1,
        },
        bytes: 160 << 10,
        connections: 1_024,
        turns: 2,
    };
    pub const QUICK: Self = Self {
        method: Method {
            sample: Duration::from_micros(150),
            budget: Duration::from_millis(700),
            least_rounds: 5,
            most_rounds: 15,
            sittings: 1,
        },
        bytes: 80 << 10,
        connections: 1_024,
        turns: 1,
    };
    /// For few choices: twice the turns, and the rounds.
    pub const fn again(mut self) -> Self {
        self.method.least_rounds *= 2;
        self.method.most_rounds *= 2;
        self.turns *= 2;
        self
    }
}

/// A choice and what it costs.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    #[serde(flatten)]
    pub choice: Choice,
    /// What really ran, to compress and to inflate.
    pub engines: [String; 2],
    /// Bytes of messages over bytes of payloads.
    pub ratio: f64,
    /// Nanoseconds to compress a message, and to inflate it, of one connection.
    pub compress: Spread,
    pub inflate: Spread,
    /// The same with many connections in turn.
    pub compress_in_turn: Spread,
    pub inflate_in_turn: Spread,
    /// Bytes of memory of a connection, both directions, where there are many; what a thread shares is in it in parts.
    pub memory: f64,
    /// The same of a single one.
    pub memory_alone: f64,
}

/// Median, 10th and 90th percentile.
#[derive(Clone, Copy, Debug, Serialize, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
    pub samples: usize,
}

impl Measured {
    /// Nanoseconds of processor time for a message at both of its ends, many connections in turn.
    pub fn time(&self) -> f64 {
        self.compress_in_turn.median + self.inflate_in_turn.median
    }

    /// From the 10th to the 90th percentile of that.
    pub fn time_spread(&self) -> (f64, f64) {
        let (compress, inflate) = (self.compress_in_turn, self.inflate_in_turn);
        (compress.low + inflate.low, compress.high + inflate.high)
    }

    /// The part of the bytes that is saved.
    pub fn saved(&self) -> f64 {
        1.0 - 1.0 / self.ratio
    }
}

impl Spread {
    pub fn of(samples: &[f64]) -> Self {
        let Summary { median, low, high } = crate::stats::summarise(samples);
        Self { median, low, high, samples: samples.len() }
    }
}

/// What came of a sweep.
#[derive(Debug, Default)]
pub struct Sweep {
    pub measured: Vec<Measured>,
    /// Who answered wrongly, and how.
    pub failures: Vec<(String, String)>,
    /// How many connections took turns.
    pub connections: usize,
    /// Whether Ctrl-C ended it: those measured until then are whole.
    pub incomplete: bool,
}

/// Measures all choices: one connection of each, all in turn, sample by sample; then many connections of each by itself,
/// for the contexts of all would not fit into the memory; or of several at once if they are `few`.
pub fn sweep(
    choices: &[Choice],
    messages: &Messages,
    effort: Effort,
    few: bool,
    progress: &dyn Fn(),
) -> Sweep {
    let sample = messages.clone().middle(effort.bytes);
    let (alone, failures) = alone::measure(choices, &sample, effort.method);
    let connections = turns::connections(&sample, effort);
    let mut sweep = Sweep { failures, connections, ..Sweep::default() };
    for group in alone.chunks(if few { alone.len().max(1) } else { 1 }) {
        let choices: Vec<&Choice> = group.iter().map(|alone| &alone.choice).collect();
        let in_turn = turns::measure(&choices, &sample, connections, effort.turns);
        sweep.incomplete |= interrupt::asked();
        if sweep.incomplete {
            break;
        }
        for (alone, in_turn) in group.iter().zip(in_turn) {
            match in_turn {
                Ok(turns) => sweep.measured.push(turns.with(alone)),
                Err(reason) => sweep.failures.push((alone.choice.to_string(), reason)),
            }
        }
        progress();
    }
    sweep
}
