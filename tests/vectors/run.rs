//! Runs a vector in every setup that fits it and with its bytes in many pieces.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use wscodec::compressors::{Backend, DecompressorConfig};
use wscodec::{Connection, Decoder};

use super::load::{Extension, Failure, Item, Step, Vector};
use super::subject::{Outcome, Setup, Subject, feed};

/// Runs it; gives in how many ways.
pub(crate) fn check(vector: &Vector) -> usize {
    let runner = Runner { vector, bytes: vector.input(), cuts: cuts(vector), expected: Expected::of(vector) };
    let setups = setups(&vector.extension);
    assert!(!setups.is_empty() || Backend::available().next().is_none(), "{}: nobody can", vector.name);
    setups.into_iter().map(|setup| runner.run::<Decoder>(setup) + runner.run::<Connection>(setup)).sum()
}

/// Whether there is anything to run it with.
pub(crate) fn is_possible(vector: &Vector) -> bool {
    !setups(&vector.extension).is_empty()
}

/// The backends that can do what was negotiated, and none where nothing needs to be.
fn setups(extension: &Extension) -> Vec<Setup> {
    let (takeovers, window_bits) = match extension {
        Extension::None => return vec![None],
        Extension::Any => (&vec![true], 15),
        Extension::Deflate { takeovers, window_bits } => (takeovers, *window_bits),
    };
    let mut setups = if *extension == Extension::Any { vec![None] } else { Vec::new() };
    for backend in Backend::available() {
        let configs = takeovers
            .iter()
            .map(|takeover| DecompressorConfig::default().takeover(*takeover).window_bits(window_bits));
        let can = backend.decompressor_capabilities();
        setups.extend(
            configs.filter(|config| config.check(&can).is_ok()).map(|config| Some((backend, config))),
        );
    }
    setups
}

/// Where to cut in two: everywhere; longer input at and beside the beginnings of headers, payloads and runs, and at a sample
/// of places elsewhere.
fn cuts(vector: &Vector) -> Vec<usize> {
    let length = vector.input().len();
    if length <= 160 {
        return (0..=length).collect();
    }
    let (beside, sample, most) =
        if length + vector.output_length() <= 64 << 10 { (2, 16, 100) } else { (1, 5, 20) };
    let beside = vector.marks.iter().flat_map(|mark| mark.saturating_sub(beside)..=mark + beside);
    let sample = (0..sample).map(|number| number * length / sample + number);
    let mut cuts: Vec<usize> = beside.chain(sample).filter(|cut| *cut <= length).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let step = cuts.len().div_ceil(most);
    cuts.into_iter().step_by(step).collect()
}

struct Runner<'a> {
    vector: &'a Vector,
    bytes: Vec<u8>,
    cuts: Vec<usize>,
    expected: Expected,
}

impl Runner<'_> {
    fn run<S: Subject>(&self, setup: Setup) -> usize {
        self.naming(setup, "as written", || self.as_written::<S>(setup));
        self.pieces::<S>(setup, &[&self.bytes], "whole");
        self.pieces::<S>(setup, &self.bytes.chunks(1).collect::<Vec<_>>(), "byte by byte");
        for &cut in &self.cuts {
            let (first, second) = self.bytes.split_at(cut);
            self.pieces::<S>(setup, &[first, second], &format!("cut at {cut}"));
        }
        3 + self.cuts.len()
    }

    fn pieces<S: Subject>(&self, setup: Setup, pieces: &[&[u8]], what: &str) {
        self.naming(setup, what, || {
            let mut outcome = Outcome::default();
            let mut subject = S::make(self.vector.role, self.vector.limits, setup);
            feed(&mut subject, self.vector.role, pieces, &mut outcome);
            self.expected.compare(&outcome, S::ANSWERS);
        });
    }

    /// In the pieces of the vector, where each step's events must be there before the next piece.
    fn as_written<S: Subject>(&self, setup: Setup) {
        let mut outcome = Outcome::default();
        let mut subject = S::make(self.vector.role, self.vector.limits, setup);
        let (mut events, mut answers) = (0, 0);
        for step in &self.vector.steps {
            match step {
                Step::In(piece) => {
                    let seen =
                        (outcome.events.len(), if S::ANSWERS { outcome.answers.len() } else { answers });
                    if outcome.failure.is_none() {
                        assert_eq!(seen, (events, answers), "events and answers before the next piece");
                    }
                    feed(&mut subject, self.vector.role, &[piece], &mut outcome);
                }
                Step::Event(_) => events += 1,
                Step::Answer(_) => answers += 1,
                Step::Error(_) | Step::MayFail(_) => {}
            }
        }
        self.expected.compare(&outcome, S::ANSWERS);
    }

    /// Says of which vector it is when something in it panics.
    fn naming(&self, setup: Setup, what: &str, run: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
            eprintln!("in {}, {setup:?}, {what}", self.vector.name);
            resume_unwind(panic);
        }
    }
}

/// What a vector expects, and what it allows instead.
struct Expected {
    outcome: Outcome,
    instead: Option<Outcome>,
}

/// The row whose `may-fail` we make use of; otherwise we take what can be taken.
const LEFT_OPEN: &str = "deflate-beyond-window";

impl Expected {
    fn of(vector: &Vector) -> Self {
        let (mut outcome, mut instead) = (Outcome::default(), None);
        for step in &vector.steps {
            match step {
                Step::Event(event) => outcome.events.push(event.clone()),
                Step::Answer(answer) => outcome.answers.push(answer.clone()),
                Step::Error(failure) => outcome.fail(failure),
                Step::MayFail(failure) if vector.row == LEFT_OPEN => {
                    instead.insert(outcome.clone()).fail(failure);
                }
                Step::In(_) | Step::MayFail(_) => {}
            }
        }
        Self { outcome, instead }
    }

    #[track_caller]
    fn compare(&self, seen: &Outcome, with_answers: bool) {
        let fits = self.outcome.allows(seen, with_answers)
            || self.instead.as_ref().is_some_and(|instead| instead.allows(seen, with_answers));
        assert!(fits, "\nexpected {}\nseen     {}", self.outcome.shown(), seen.shown());
    }
}

impl Outcome {
    /// The close frame with the error's code is the last that is sent.
    fn fail(&mut self, failure: &Failure) {
        self.failure = Some(failure.clone());
        self.answers.push(Item::Close(Some(failure.code), Vec::new()));
    }

    fn allows(&self, seen: &Self, with_answers: bool) -> bool {
        let failure = match (&self.failure, &seen.failure) {
            (Some(expected), Some(seen)) => {
                expected.code == seen.code && seen.kinds.iter().all(|kind| expected.kinds.contains(kind))
            }
            (expected, seen) => expected == seen,
        };
        failure && self.events == seen.events && (!with_answers || self.answers == seen.answers)
    }

    /// As much of it as can be read.
    fn shown(&self) -> String {
        let all = format!("{self:02x?}");
        all.chars().take(2000).collect()
    }
}
