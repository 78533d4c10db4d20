//! One connection: time to compress and to inflate, ratio, memory.

use std::hint::black_box;

use wscodec_compressors::{Encoding, release_shared};

use super::Spread;
use super::layers::{self, Pair};
use crate::deflate::heap;
use crate::input::Messages;
use crate::measure::{Method, measure as timed};
use crate::section::Section;
use crate::traffic::choice::Choice;
use crate::workload::{Contender, Description, Workload};

/// A choice and what a single connection costs.
#[derive(Clone, Debug)]
pub struct Alone {
    pub choice: Choice,
    pub engines: [String; 2],
    pub ratio: f64,
    pub compress: Spread,
    pub inflate: Spread,
    pub memory: f64,
}

/// A choice and why it was not measured.
pub type Failure = (String, String);

/// Measures all choices, but for those that answer wrongly.
pub fn measure(choices: &[Choice], messages: &Messages, method: Method) -> (Vec<Alone>, Vec<Failure>) {
    let (mut good, mut failures) = (Vec::new(), Vec::new());
    for choice in choices {
        match Runner::new(choice, messages) {
            Ok(runner) => good.push(runner),
            Err(reason) => failures.push((choice.to_string(), reason)),
        }
    }
    let places: Vec<usize> = (0..good.len()).collect();
    let mut both = Both { messages, runners: good, inflates: false, out: Vec::new() };
    let compress = timed(&mut both, &places, method);
    both.inflates = true;
    let inflate = timed(&mut both, &places, method);
    let per_message = |samples: Vec<f64>| -> Vec<f64> {
        samples.into_iter().map(|pass| pass / messages.list.len() as f64).collect()
    };
    let mut alone = Vec::new();
    for ((runner, compress), inflate) in both.runners.into_iter().zip(compress).zip(inflate) {
        match (compress, inflate) {
            (Ok(compress), Ok(inflate)) if !compress.is_empty() && !inflate.is_empty() => alone.push(Alone {
                engines: [
                    runner.pair.compressor.engine().to_owned(),
                    runner.pair.decompressor.engine().to_owned(),
                ],
                choice: runner.choice,
                ratio: runner.ratio,
                compress: Spread::of(&per_message(compress)),
                inflate: Spread::of(&per_message(inflate)),
                memory: runner.memory,
            }),
            // Interrupted.
            (Ok(_), Ok(_)) => {}
            (Err(reason), _) | (_, Err(reason)) => failures.push((runner.choice.to_string(), reason)),
        }
    }
    (alone, failures)
}

struct Runner {
    choice: Choice,
    pair: Pair,
    payloads: Vec<(Encoding, Vec<u8>)>,
    ratio: f64,
    memory: f64,
}

impl Runner {
    /// Compresses all messages once, and checks them with another engine as well as with the choice's own.
    fn new(choice: &Choice, messages: &Messages) -> Result<Self, String> {
        // What a thread shares is this connection's alone.
        release_shared();
        let mut judge = layers::judge(choice)?;
        let before = heap::held();
        let mut pair = Pair::new(choice)?;
        let mut out = Vec::with_capacity(messages.longest());
        let mut payloads = Vec::with_capacity(messages.list.len());
        for message in &messages.list {
            out.clear();
            let encoding = layers::compress(&mut pair.compressor, message, &mut out)?;
            payloads.push((encoding, out.clone()));
        }
        for (place, ((encoding, payload), message)) in payloads.iter().zip(&messages.list).enumerate() {
            out.clear();
            layers::inflate(&mut pair.decompressor, *encoding, payload, &mut out)?;
            if *encoding == Encoding::Deflate && out != *message {
                return Err(format!("it inflates message {place} to other bytes"));
            }
        }
        let written: usize = payloads.iter().map(|(_, payload)| payload.len()).sum();
        let own = out.capacity() + payloads.iter().map(|(_, payload)| payload.capacity()).sum::<usize>();
        let listed = payloads.capacity() * size_of::<(Encoding, Vec<u8>)>();
        let layers = pair.compressor.memory() + pair.decompressor.memory();
        let memory = heap::held().zip(before).map_or(layers, |(now, before)| {
            (now.saturating_sub(before + own + listed) + size_of::<Pair>()).max(layers)
        });
        for (place, ((encoding, payload), message)) in payloads.iter().zip(&messages.list).enumerate() {
            out.clear();
            layers::inflate(&mut judge, *encoding, payload, &mut out)?;
            if *encoding == Encoding::Deflate && out != *message {
                return Err(format!("another engine inflates message {place} to other bytes"));
            }
        }
        let ratio = messages.bytes() as f64 / written.max(1) as f64;
        Ok(Self { choice: choice.clone(), pair, payloads, ratio, memory: memory as f64 })
    }
}

/// All choices at one of the two tasks.
struct Both<'a> {
    messages: &'a Messages,
    runners: Vec<Runner>,
    inflates: bool,
    out: Vec<u8>,
}

impl Workload for Both<'_> {
    fn description(&self) -> Description {
        Description {
            section: Section::Deflate,
            name: self.messages.name.clone(),
            messages: self.messages.list.len(),
            bytes: self.messages.bytes(),
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        Vec::new()
    }

    /// They were checked when they were made.
    fn check(&mut self, _: usize) -> Result<(), String> {
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        let runner = &mut self.runners[contender];
        if self.inflates {
            // Payloads that begin a stream refer to nothing before them.
            for (encoding, payload) in &runner.payloads {
                self.out.clear();
                let _ = black_box(layers::inflate(
                    &mut runner.pair.decompressor,
                    *encoding,
                    payload,
                    &mut self.out,
                ));
            }
            return;
        }
        // Or the first messages would find themselves in the window.
        runner.pair.compressor.forget();
        for message in &self.messages.list {
            self.out.clear();
            let _ = black_box(layers::compress(&mut runner.pair.compressor, message, &mut self.out));
        }
    }
}
