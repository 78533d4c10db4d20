//! Whether a recommendation stands when it is measured once more, beside its nearest rivals.

use serde::Serialize;

use super::choice::Choice;
use super::choose::{self, Aim};
use super::sweep::{Effort, Measured, sweep};
use crate::input::Messages;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Confirmation {
    pub verdict: Verdict,
    /// In words.
    pub words: String,
    /// The recommended choice first, then its rivals, the nearest first.
    pub measured: Vec<Measured>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is the best again.
    Best,
    /// Another one is, within the spread of both.
    Tie,
    /// Another one is, beyond the spread.
    Beaten,
    /// It could not be measured again.
    Unknown,
}

/// Measures the first of the choices and the next three once more, all in turn, sample by sample.
pub fn confirm(aim: Aim, ranked: &[Choice], messages: &Messages, effort: Effort, keep: f64) -> Confirmation {
    let few = &ranked[..ranked.len().min(1 + RIVALS)];
    let measured = sweep(few, messages, effort.again(), true, &|| ()).measured;
    if measured.first().map(|one| &one.choice) != ranked.first() {
        let words = "it could not be measured again".to_owned();
        return Confirmation { verdict: Verdict::Unknown, words, measured };
    }
    let (verdict, words) = judge(aim, &measured, keep);
    Confirmation { verdict, words, measured }
}

/// The first against the others, by the rule that chose it.
fn judge(aim: Aim, measured: &[Measured], keep: f64) -> (Verdict, String) {
    let costs: Vec<_> = measured.iter().map(choose::cost).collect();
    let ranked = choose::ranked(aim, &costs, keep);
    let Some(&best) = ranked.first() else {
        return (Verdict::Unknown, "nothing is worth compressing".to_owned());
    };
    if best == 0 {
        return (Verdict::Best, format!("it is the best of {} again", measured.len()));
    }
    // Bytes and memory hardly vary, so where these are what it is behind in, there is no tie.
    let alike = match aim {
        Aim::Cpu => true,
        Aim::Bytes => costs[0][1] <= costs[best][1] * 1.01,
        Aim::Memory => costs[0][2] <= costs[best][2] * 1.1,
    };
    let (own, other) = (measured[0].time_spread(), measured[best].time_spread());
    let name = &measured[best].choice;
    if alike && own.0 <= other.1 && other.0 <= own.1 {
        return (Verdict::Tie, format!("it ties with {name}, within the spread of both"));
    }
    (Verdict::Beaten, format!("{name} is ahead beyond the spread"))
}

const RIVALS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::sweep::Spread;

    fn measured(time: f64, ratio: f64, memory: f64) -> Measured {
        let spread = Spread { median: time / 2.0, low: time * 0.45, high: time * 0.55, samples: 9 };
        Measured {
            choice: Choice { backend: "zlib-rs", level: 1, window_bits: 15, takeover: true },
            engines: Default::default(),
            ratio,
            compress: spread,
            inflate: spread,
            compress_in_turn: spread,
            inflate_in_turn: spread,
            memory,
            memory_alone: memory,
        }
    }

    #[test]
    fn a_difference_within_the_spread_is_a_tie() {
        let verdict = |aim, one, other| judge(aim, &[one, other], 0.8).0;
        let base = || measured(100.0, 4.0, 1_000.0);
        assert_eq!(verdict(Aim::Cpu, base(), measured(101.0, 4.0, 1.0)), Verdict::Best);
        assert_eq!(verdict(Aim::Cpu, base(), measured(95.0, 4.0, 1.0)), Verdict::Tie);
        assert_eq!(verdict(Aim::Cpu, base(), measured(50.0, 4.0, 1.0)), Verdict::Beaten);
        // That one saves too little.
        assert_eq!(verdict(Aim::Cpu, base(), measured(50.0, 1.5, 1.0)), Verdict::Best);
        assert_eq!(verdict(Aim::Bytes, base(), measured(1.0, 3.9, 1.0)), Verdict::Best);
        assert_eq!(verdict(Aim::Bytes, base(), measured(99.0, 3.99, 1.0)), Verdict::Tie);
        assert_eq!(verdict(Aim::Bytes, base(), measured(100.0, 4.2, 1.0)), Verdict::Beaten);
        assert_eq!(verdict(Aim::Memory, base(), measured(99.0, 4.0, 1_050.0)), Verdict::Tie);
        assert_eq!(verdict(Aim::Memory, base(), measured(99.0, 4.0, 800.0)), Verdict::Beaten);
    }
}
