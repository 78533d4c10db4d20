//! The messages to measure on: generated ones that look like real traffic, or the user's own.

mod binary;
mod corpus;
mod multilingual;
mod text;
mod words;

use std::ops::RangeInclusive;

use fastrand::Rng;

pub use corpus::read as read_corpus;

/// A series of messages, as one peer would send them to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Messages {
    /// What they are, for the names of workloads.
    pub name: String,
    /// Whether they are text, and so UTF-8.
    pub text: bool,
    /// At least one. They live as long as the program, so that contenders can own them without counting or copying.
    pub list: Vec<&'static [u8]>,
}

/// How much input a run has.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// About how many bytes of messages there are of each kind; one message at least.
    pub bytes: usize,
}

impl Size {
    /// Enough that no branch predictor learns it by heart, and little enough to stay in a second-level cache.
    pub const FULL: Self = Self { bytes: 768 << 10 };
    /// For a look.
    pub const QUICK: Self = Self { bytes: 384 << 10 };
}

impl Messages {
    /// The bytes of all messages.
    pub fn bytes(&self) -> usize {
        self.list.iter().map(|message| message.len()).sum()
    }

    /// Neighbours around the middle, as many as fit into so many bytes; one at least.
    ///
    /// The middle, since streams begin with snapshots that are unlike the rest; neighbours, since context takeover
    /// lives on them.
    pub fn middle(mut self, bytes: usize) -> Self {
        let (mut start, mut end) = (self.list.len() / 2, self.list.len() / 2 + 1);
        let mut total = self.list[start].len();
        let mut fits = |place: usize| {
            let fits = self.list.get(place).is_some_and(|message| total + message.len() <= bytes);
            total += if fits { self.list[place].len() } else { 0 };
            fits
        };
        loop {
            let before = start > 0 && fits(start - 1);
            start -= usize::from(before);
            let after = fits(end);
            end += usize::from(after);
            if !before && !after {
                self.list.truncate(end);
                self.list.drain(..start);
                return self;
            }
        }
    }

    /// The length of the longest in bytes.
    pub fn longest(&self) -> usize {
        self.list.iter().map(|message| message.len()).max().unwrap_or_default()
    }

    /// The mean length in bytes.
    pub fn mean(&self) -> usize {
        self.bytes() / self.list.len()
    }
}

/// Every kind of message that is generated. The same on every machine and in every run.
pub fn generate(size: Size) -> Vec<Messages> {
    vec![
        series("ticker", true, size, text::ticker),
        series("order book", true, size, text::order_book),
        series("multilingual chat", true, size, multilingual::chat),
        series("state 64 KB", true, size, text::state),
        series("protobuf", false, size, binary::protobuf),
        series("random", false, size, binary::random),
    ]
}

/// So many frames of mixed lengths that no branch predictor learns the sequence by heart.
pub const MANY: usize = 51_200;

/// Text of given lengths to decode: what a codec's fixed cost shows on.
pub fn texts_to_decode(size: Size) -> Vec<Messages> {
    // Half the bytes, since they are short: there are many of them all the same.
    let short = Size { bytes: size.bytes / 2 };
    vec![
        series("text 32 B", true, short, |rng, _| text::words(rng, 32)),
        pooled("text 0-125 B mixed", 0..=125, MANY),
        series("multilingual 32 B", true, short, |rng, _| multilingual::exactly(rng, 32)),
        series("text 1 KiB", true, size, |rng, _| text::words(rng, 1 << 10)),
        series("text 16 KiB", true, size, |rng, _| text::words(rng, 16 << 10)),
    ]
}

/// Text of given lengths to encode.
pub fn texts_to_encode(size: Size) -> Vec<Messages> {
    vec![
        pooled("text 16 B", 16..=16, 4096),
        pooled("text 125 B", 125..=125, 4096),
        pooled("text 1-125 B mixed", 1..=125, MANY),
        series("text 1 KiB", true, size, |rng, _| text::words(rng, 1 << 10)),
        series("text 16 KiB", true, size, |rng, _| text::words(rng, 16 << 10)),
    ]
}

/// ASCII and multilingual text of one length each.
pub fn texts_by_length(size: Size) -> Vec<Messages> {
    // Less than elsewhere, since it all must stay in a second-level cache, unmasked in place.
    let size = Size { bytes: size.bytes / 3 };
    let ascii = |(name, length): (&str, usize)| {
        series(&format!("ASCII {name}"), true, size, |rng, _| text::words(rng, length))
    };
    let multilingual = |(name, length): (&str, usize)| {
        series(&format!("multilingual {name}"), true, size, |rng, _| multilingual::exactly(rng, length))
    };
    let short = [("16 B", 16), ("32 B", 32), ("64 B", 64), ("125 B", 125), ("1 KiB", 1 << 10)];
    let short_and = |long: &[(&'static str, usize)]| short.into_iter().chain(long.to_vec());
    short_and(&[("4 KiB", 4 << 10), ("16 KiB", 16 << 10)])
        .map(ascii)
        .chain(short_and(&[("16 KiB", 16 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20)]).map(multilingual))
        .collect()
}

/// Texts of one length, ASCII.
pub fn texts_of(length: usize, count: usize) -> &'static [&'static str] {
    let mut rng = Rng::with_seed(SEED);
    let text = |_| &*String::from_utf8_lossy(&text::words(&mut rng, length)).into_owned().leak();
    (0..count).map(text).collect::<Vec<&'static str>>().leak()
}

/// A text that is JSON, but for its end.
pub fn json_of(length: usize) -> &'static str {
    let mut rng = Rng::with_seed(SEED);
    let mut bytes = text::state(&mut rng, 1);
    bytes.truncate(length);
    String::from_utf8_lossy(&bytes).into_owned().leak()
}

/// Bytes that nobody can compress.
pub fn bytes_of(length: usize) -> &'static [u8] {
    let mut rng = Rng::with_seed(SEED);
    (0..length).map(|_| rng.u8(..)).collect::<Vec<u8>>().leak()
}

/// A text, ASCII or multilingual, out of which any part may be taken, cut between characters.
pub fn long_text(is_ascii: bool, length: usize) -> String {
    let mut rng = Rng::with_seed(SEED);
    let mut text = String::new();
    while text.len() < length {
        let part = if is_ascii { text::words(&mut rng, 64) } else { multilingual::exactly(&mut rng, 64) };
        text += &String::from_utf8_lossy(&part);
    }
    text
}

/// Parts of one short text, wherever they begin: as if the sender had just written them, and found in the cache however
/// many there are.
fn pooled(name: &str, lengths: RangeInclusive<usize>, count: usize) -> Messages {
    let mut rng = Rng::with_seed(SEED);
    let pool: &'static [u8] = text::words(&mut rng, POOL).leak();
    let part = |_| {
        let start = rng.usize(..POOL - lengths.end());
        &pool[start..][..rng.usize(lengths.clone())]
    };
    Messages { name: name.to_owned(), text: true, list: (0..count).map(part).collect() }
}

/// Half of a first-level cache.
const POOL: usize = 16 << 10;

/// Calls a generator until there are enough bytes.
fn series(
    name: &str,
    text: bool,
    size: Size,
    mut message: impl FnMut(&mut Rng, usize) -> Vec<u8>,
) -> Messages {
    // Seeded by name, so that a new kind leaves the others as they are.
    let seed = name.bytes().fold(SEED, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut rng = Rng::with_seed(seed);
    let mut list = Vec::new();
    let mut bytes = 0;
    while bytes < size.bytes {
        let next = message(&mut rng, list.len());
        bytes += next.len();
        list.push(&*next.leak());
    }
    Messages { name: name.to_owned(), text, list }
}

const SEED: u64 = 20_250_101;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_messages_every_time() {
        assert_eq!(generate(Size::QUICK), generate(Size::QUICK));
    }

    #[test]
    fn messages_look_like_what_they_are_called() {
        for messages in generate(Size::QUICK) {
            let mean = messages.mean();
            let expected = match messages.name.as_str() {
                "ticker" => 180..260,
                "order book" => 3_000..4_800,
                "multilingual chat" => 200..500,
                "state 64 KB" => 60_000..70_000,
                "protobuf" => 60..400,
                _ => 100..2_000,
            };
            assert!(expected.contains(&mean), "{}: {mean} bytes", messages.name);
            for message in &messages.list {
                assert!(!message.is_empty());
                assert!(!messages.text || std::str::from_utf8(message).is_ok(), "{}", messages.name);
            }
            let mut lengths: Vec<usize> = messages.list.iter().map(|message| message.len()).collect();
            lengths.sort_unstable();
            lengths.dedup();
            assert!(lengths.len() > 1, "{}: all of one length", messages.name);
        }
    }

    #[test]
    fn series_that_fit_are_taken_whole_and_others_around_the_middle() {
        let messages = |list: &[&'static str]| {
            let list = list.iter().map(|message| message.as_bytes()).collect();
            Messages { name: String::new(), text: true, list }
        };
        let all = messages(&["large snapshot", "aa", "bb", "cc", "dd"]);
        assert_eq!(all.clone().middle(100), all);
        assert_eq!(all.clone().middle(6), messages(&["aa", "bb", "cc"]));
        assert_eq!(all.clone().middle(8), messages(&["aa", "bb", "cc", "dd"]));
        assert_eq!(all.middle(0), messages(&["bb"]));
    }
}
