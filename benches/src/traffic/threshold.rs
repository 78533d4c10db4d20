//! From which length on compression pays, for this traffic.

use serde::Serialize;
use wscodec_compressors::release_shared;

use super::choice::Choice;
use super::sizes::bin;
use super::sweep::layers::{self, Pair};
use crate::clock::Moment;
use crate::input::Messages;

/// Messages of a length from `from` to `to`, compressed by one choice among all the others.
#[derive(Clone, Debug, Serialize)]
pub struct Length {
    pub from: usize,
    pub to: usize,
    pub messages: usize,
    /// The part of their bytes that is saved.
    pub saved: f64,
    /// Nanoseconds to compress one, one connection.
    pub compress: f64,
}

/// What a choice saves, by length; one for each power of two that has messages.
///
/// # Errors
/// In words: the choice can't be made, or fails.
pub fn lengths(choice: &Choice, messages: &Messages) -> Result<Vec<Length>, String> {
    release_shared();
    let mut pair = Pair::new(choice)?;
    let mut payload = Vec::with_capacity(messages.longest() + 64);
    let mut all: Vec<(usize, usize, f64)> = vec![(0, 0, f64::INFINITY); messages.list.len()];
    for _ in 0..PASSES {
        pair.compressor.forget();
        for (message, (length, written, time)) in messages.list.iter().zip(&mut all) {
            payload.clear();
            let start = Moment::now();
            layers::compress(&mut pair.compressor, message, &mut payload)?;
            *time = time.min(start.elapsed().as_secs_f64() * 1e9);
            (*length, *written) = (message.len(), payload.len());
        }
    }
    all.sort_by_key(|(length, ..)| *length);
    Ok(all.chunk_by(|a, b| bin(a.0) == bin(b.0)).map(by_length).collect())
}

fn by_length(messages: &[(usize, usize, f64)]) -> Length {
    let (from, to) = bin(messages[0].0);
    let bytes: usize = messages.iter().map(|(length, ..)| length).sum();
    let written: usize = messages.iter().map(|(_, written, _)| written).sum();
    let time: f64 = messages.iter().map(|(.., time)| time).sum();
    Length {
        from,
        to,
        messages: messages.len(),
        saved: 1.0 - written as f64 / bytes.max(1) as f64,
        compress: time / messages.len() as f64,
    }
}

/// The threshold to set: the least length from which on all lengths save a tenth. If all do, the default or less: of
/// shorter messages than there were, nothing is known.
pub fn threshold(lengths: &[Length]) -> Option<usize> {
    let paying = lengths.iter().rev().take_while(|length| length.saved >= PAYS).last()?;
    let all_pay = std::ptr::eq(paying, &raw const lengths[0]);
    Some(if all_pay { paying.from.min(DEFAULT) } else { paying.from }.max(1))
}

/// The part of the bytes that is worth the time: below a tenth, a message that fits into a packet still does.
const PAYS: f64 = 0.1;
/// That of the library.
const DEFAULT: usize = 64;
/// Of which the fastest counts, message by message.
const PASSES: usize = 3;

#[cfg(test)]
mod tests {
    use wscodec_compressors::CompressionPolicy;

    use super::*;

    fn length(from: usize, saved: f64) -> Length {
        Length { from, to: 2 * from - 1, messages: 1, saved, compress: 1.0 }
    }

    #[test]
    fn the_threshold_is_where_lengths_begin_to_pay() {
        assert_eq!(DEFAULT, CompressionPolicy::default().threshold);
        let of = |saved: &[f64]| {
            let lengths: Vec<Length> =
                saved.iter().enumerate().map(|(power, &saved)| length(16 << power, saved)).collect();
            threshold(&lengths)
        };
        assert_eq!(of(&[0.0, 0.05, 0.3, 0.5]), Some(64));
        assert_eq!(of(&[0.0, 0.3, 0.05, 0.5]), Some(128));
        assert_eq!(of(&[0.3, 0.3, 0.3, 0.5]), Some(16));
        assert_eq!(of(&[0.3, 0.3, 0.3, 0.0]), None);
        assert_eq!(threshold(&[length(128, 0.5)]), Some(64));
        assert_eq!(threshold(&[]), None);
    }

    #[test]
    fn random_bytes_do_not_pay_and_repeated_ones_do() {
        let mut rng = fastrand::Rng::with_seed(8);
        let random: &'static [u8] = (0..3_000).map(|_| rng.u8(..)).collect::<Vec<_>>().leak();
        let list = vec![&[b'a'; 500][..], random, &[b'b'; 600]];
        let messages = Messages { name: String::new(), text: false, list };
        for choice in Choice::all(&[], true) {
            let lengths = lengths(&choice, &messages).unwrap();
            let saved: Vec<bool> = lengths.iter().map(|length| length.saved > 0.5).collect();
            assert_eq!(saved, [true, true, false], "{choice}");
            assert_eq!(lengths.iter().map(|length| length.messages).collect::<Vec<_>>(), [1, 1, 1]);
        }
    }
}
