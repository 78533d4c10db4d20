//! How long messages are.

use serde::Serialize;

use crate::input::Messages;

/// The lengths of a series of messages, in bytes.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Sizes {
    pub messages: usize,
    pub bytes: usize,
    pub least: usize,
    pub most: usize,
    pub mean: f64,
    pub percentiles: Vec<Percentile>,
    /// One for each power of two that has messages.
    pub histogram: Vec<Bin>,
}

/// So many percent of the messages are of this length or shorter.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Percentile {
    pub percent: u8,
    pub length: usize,
}

/// Messages of a length from `from` to `to`, both included.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Bin {
    pub from: usize,
    pub to: usize,
    pub messages: usize,
    pub bytes: usize,
}

impl Sizes {
    /// Of at least one message.
    pub fn of(messages: &Messages) -> Self {
        let mut lengths: Vec<usize> = messages.list.iter().map(|message| message.len()).collect();
        lengths.sort_unstable();
        let percentile = |percent: u8| {
            let place = (lengths.len() * usize::from(percent)).div_ceil(100).max(1) - 1;
            Percentile { percent, length: lengths[place] }
        };
        let histogram = lengths.chunk_by(|a, b| bin(*a) == bin(*b)).map(|chunk| {
            let (from, to) = bin(chunk[0]);
            Bin { from, to, messages: chunk.len(), bytes: chunk.iter().sum() }
        });
        Self {
            messages: lengths.len(),
            bytes: messages.bytes(),
            least: lengths[0],
            most: lengths[lengths.len() - 1],
            mean: messages.bytes() as f64 / lengths.len() as f64,
            percentiles: PERCENTILES.map(percentile).to_vec(),
            histogram: histogram.collect(),
        }
    }
}

/// From a power of two to the next.
pub fn bin(length: usize) -> (usize, usize) {
    let from = if length == 0 { 0 } else { 1 << length.ilog2() };
    (from, if length == 0 { 0 } else { from - 1 + from })
}

const PERCENTILES: [u8; 6] = [10, 25, 50, 75, 90, 99];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_and_bins_are_those_of_the_definition() {
        let mut rng = fastrand::Rng::with_seed(2);
        for _ in 0..50 {
            let list: Vec<&'static [u8]> =
                (0..rng.usize(1..200)).map(|_| &*vec![0; rng.usize(0..300)].leak()).collect();
            let messages = Messages { name: String::new(), text: true, list };
            let sizes = Sizes::of(&messages);
            let count = |holds: &dyn Fn(usize) -> bool| {
                messages.list.iter().filter(|message| holds(message.len())).count()
            };
            for Percentile { percent, length } in &sizes.percentiles {
                let needed = usize::from(*percent) * sizes.messages;
                assert!(count(&|one| one <= *length) * 100 >= needed);
                assert!(count(&|one| one < *length) * 100 < needed);
            }
            for bin in &sizes.histogram {
                assert_eq!(bin.messages, count(&|one| (bin.from..=bin.to).contains(&one)));
            }
            assert_eq!(sizes.histogram.iter().map(|bin| bin.messages).sum::<usize>(), sizes.messages);
            assert_eq!(sizes.histogram.iter().map(|bin| bin.bytes).sum::<usize>(), sizes.bytes);
        }
    }
}
