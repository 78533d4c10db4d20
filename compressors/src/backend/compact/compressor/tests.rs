//! Whatever is written, the reference reads, and so does every other backend.

use super::CompactCompressor;
use super::bits::{BitWriter, Rest};
use super::chains::STEPS;
use super::codes::{FIXED_END, LEAST_MATCH, LONGEST_MATCH, fixed_literal, fixed_match};
use super::effort::Effort;
use super::huffman::Code;
use crate::conformance::corpus::{KINDS, Kind, message};
use crate::conformance::reference;
use crate::{Backend, Compressor, CompressorConfig, Decompressor, DecompressorConfig, FragmentEnd};

#[test]
fn series_of_messages_are_read_by_all() {
    for seed in 0..120 {
        let mut random = Random(seed + 1);
        let config = CompressorConfig::default()
            .level(random.below(10))
            .window_bits(8 + random.below::<u8>(8))
            .takeover(random.below::<u8>(4) > 0);
        let mut connection = Connection::new(config);
        for round in 0..25 {
            let kind = KINDS[random.below::<usize>(KINDS.len())];
            let most = [10, 300, 300, 3000, 20_000, 100_000][random.below::<usize>(6)];
            // Few seeds, so that messages come back.
            let message = message(kind, random.below(most), random.below(5));
            let payload = connection.compress(&message, &mut random);
            connection.is_read(&message, &payload, &format!("series {seed}, message {round}, {kind:?}"));
        }
    }
}

/// Whatever it has compressed: a context is another connection's next, which must not learn of it.
#[test]
fn one_that_forgot_is_like_a_new_one() {
    for seed in 0..60 {
        let mut random = Random(seed + 1);
        let level = random.below(10);
        let window_bits = 8 + random.below::<u8>(8);
        let config = CompressorConfig::default().level(level).window_bits(window_bits).takeover(false);
        let mut used = CompactCompressor::new(config).unwrap();
        for round in 0..60 {
            let kind = KINDS[random.below::<usize>(KINDS.len())];
            let most = [300, 3000, 3000, 20_000, 150_000][random.below::<usize>(5)];
            let message = message(kind, random.below(most), random.below(5));
            let mut payloads = [Vec::new(), Vec::new()];
            used.compress(&message, &mut payloads[0]).unwrap();
            CompactCompressor::new(config).unwrap().compress(&message, &mut payloads[1]).unwrap();
            assert!(payloads[0] == payloads[1], "{config:?}, series {seed}, message {round}, {kind:?}");
        }
    }
}

/// A random piece that comes back is referred to from as far away as the window allows, and no further.
#[test]
fn matches_reach_as_far_as_the_window() {
    for window_bits in 8..=15 {
        for (beyond, level) in [(0, 2), (1, 2), (0, 9), (1, 9)] {
            let config = CompressorConfig::default().level(level).window_bits(window_bits);
            let piece = message(Kind::Random, 40, 1);
            let between = message(Kind::Random, (1 << window_bits) - piece.len() + beyond, 2);
            let expected = if beyond == 0 { 1 << window_bits } else { 0 };

            let in_one = [&piece[..], &between, &piece].concat();
            let mut payload = Vec::new();
            CompactCompressor::new(config).unwrap().compress(&in_one, &mut payload).unwrap();
            let decoded = reference::decode(b"", &payload).unwrap();
            // No match is longer than a block, which may end within one.
            assert!(decoded.reach <= 1 << window_bits, "{config:?}: {} in one message", decoded.reach);

            let mut compressor = CompactCompressor::new(config).unwrap();
            let mut reach = 0;
            let mut history = Vec::new();
            for message in [&piece, &between, &piece] {
                payload.clear();
                compressor.compress(message, &mut payload).unwrap();
                reach = reference::decode(&history, &payload).unwrap().reach;
                history.extend_from_slice(message);
            }
            assert_eq!(reach, expected, "{config:?}: {beyond} beyond the window");
        }
    }
}

/// Whatever is made to be slow: each byte is looked up once at most, and each look ends after the level's steps.
#[test]
fn no_message_takes_more_than_the_steps_of_its_level() {
    let mut random = Random(1);
    let length = 100_000;
    // Words of one hash, so that all of them are in one chain.
    let alike: Vec<u32> =
        (0_u32..).filter(|word| word.wrapping_mul(0x9e37_79b1) >> 15 & 0x3fff == 77).take(4000).collect();
    let of_one_hash: Vec<u8> =
        (0..length / 4).flat_map(|_| alike[random.below::<usize>(alike.len())].to_le_bytes()).collect();
    let mut of = |byte: fn(&mut Random, usize) -> u8| -> Vec<u8> {
        (0..length).map(|place| byte(&mut random, place)).collect()
    };
    let hostile = [
        ("one byte", vec![0; length]),
        ("a period", of(|_, place| b"abcdefg"[place % 7])),
        ("two letters", of(|random, _| random.below(2))),
        ("few ends of runs", of(|random, _| (random.below::<u8>(100) == 0).into())),
        ("one hash", of_one_hash),
        ("three of four", of(|random, place| if place % 4 == 3 { random.below(255) } else { 1 })),
    ];
    for level in 5..=9 {
        let mut most = 0;
        for (name, message) in &hostile {
            for length in [400, length] {
                STEPS.set(0);
                let mut compressor =
                    CompactCompressor::new(CompressorConfig::default().level(level)).unwrap();
                let mut payload = Vec::new();
                compressor.compress(&message[..length], &mut payload).unwrap();
                let steps = STEPS.get();
                assert!(steps <= length * Effort::most_steps(level), "{name}, level {level}: {steps} steps");
                most = most.max(steps / length);
                let decoded = reference::decode(b"", &payload).unwrap();
                assert!(decoded.message == message[..length], "{name}, level {level}");
            }
        }
        // They are hostile indeed: without the limit there would be more.
        assert!(most >= Effort::most_steps(level) / 32, "level {level}: {most} steps a byte");
    }
}

/// No more than the headers of stored blocks, each but the last of half a window or 4 KB at least, and the tail.
#[test]
fn what_is_random_gets_hardly_longer() {
    for level in 0..=9 {
        for (window_bits, length) in [(8, 65_537), (12, 65_537), (15, 65_537), (15, 1 << 20)] {
            let config = CompressorConfig::default().level(level).window_bits(window_bits);
            let message = message(Kind::Random, length, 1);
            let mut payload = Vec::new();
            CompactCompressor::new(config).unwrap().compress(&message, &mut payload).unwrap();
            let blocks = length / (1 << window_bits >> 1).max(4096) + 1;
            assert!(payload.len() <= length + 5 * blocks + 2, "{config:?}: {} of {length}", payload.len());
        }
    }
}

#[test]
fn sixteen_megabytes_are_read_again() {
    let length = 16 << 20;
    let piece = message(Kind::Json, 300_000, 1);
    let message: Vec<u8> = piece.iter().copied().cycle().take(length).collect();
    for level in [3, 6] {
        let mut payload = Vec::new();
        let config = CompressorConfig::default().level(level);
        CompactCompressor::new(config).unwrap().compress(&message, &mut payload).unwrap();
        let decoded = reference::decode(b"", &payload).unwrap();
        assert!(decoded.message == message && decoded.reach <= 1 << 15, "level {level}");
    }
}

#[test]
fn each_length_and_distance_has_its_fixed_codewords() {
    let history = message(Kind::Random, 1 << 15, 1);
    for length in LEAST_MATCH..=LONGEST_MATCH {
        let distances = (0..15).flat_map(|power| [1 << power, (1 << power) + 1, (1 << power) + length]);
        for distance in distances.chain([1 << 15]).filter(|distance| *distance <= 1 << 15) {
            let mut out = [0; 64];
            let mut writer = BitWriter::new(&mut out, Rest::default());
            let words =
                [(0b010, 3), fixed_literal(b'a'), fixed_match(length, distance), fixed_literal(b'\xff')];
            for (bits, count) in words.into_iter().chain([FIXED_END, (0, 3)]) {
                writer.put(bits.into(), count);
            }
            writer.align();
            let end = writer.finish().0;
            let decoded = reference::decode(&history, &out[..end]).unwrap();
            assert_eq!((decoded.message.len(), decoded.reach), (length + 2, distance));
            assert_eq!(decoded.message.last(), Some(&255));
        }
    }
}

/// No longer than allowed, complete, and as short as the textbook's where that stays within what is allowed.
#[test]
fn codes_are_complete_and_shortest() {
    let mut random = Random(1);
    for round in 0..3000 {
        let used = 1 + random.below::<usize>(19);
        let mut counts = [0_u16; 19];
        for place in 0..used {
            // Now and then like the Fibonacci numbers, which make the deepest trees.
            let depth = random.below::<u32>(12);
            counts[(place * 7 + round) % 19] = random.below::<u16>(1 << depth);
        }
        for most in [7, 15] {
            let code = Code::of(&counts, most);
            let kraft: u32 =
                code.lengths.iter().filter(|length| **length > 0).map(|length| 1 << (15 - length)).sum();
            assert_eq!(kraft, 1 << 15, "{counts:?} of {most} bits");
            assert!(code.lengths.iter().all(|length| *length <= most), "{counts:?} of {most} bits");
            assert!(counts.iter().zip(&code.lengths).all(|(count, length)| *count == 0 || *length > 0));
            let textbook = huffman_bits(&counts);
            assert!(code.bits(&counts) >= textbook);
            if most == 15 && counts.iter().filter(|count| **count > 0).count() > 1 {
                assert_eq!(code.bits(&counts), textbook, "{counts:?}");
            }
        }
    }
}

/// Each time two trees are joined, every symbol in them gets a bit longer.
fn huffman_bits(counts: &[u16]) -> u32 {
    let mut trees: Vec<u32> =
        counts.iter().filter(|count| **count > 0).map(|count| (*count).into()).collect();
    let mut bits = 0;
    while trees.len() > 1 {
        trees.sort_unstable_by(|a, b| b.cmp(a));
        let joined = trees.pop().unwrap() + trees.pop().unwrap();
        bits += joined;
        trees.push(joined);
    }
    bits
}

/// A compressor, what its peers have received, and one peer of each backend.
struct Connection {
    config: CompressorConfig,
    compressor: CompactCompressor,
    history: Vec<u8>,
    peers: Vec<(Backend, Box<dyn Decompressor>)>,
}

impl Connection {
    fn new(config: CompressorConfig) -> Self {
        let received =
            DecompressorConfig::default().window_bits(config.window_bits).takeover(config.takeover);
        let peers =
            Backend::available().map(|backend| (backend, backend.decompressor(received).unwrap())).collect();
        Self { config, compressor: CompactCompressor::new(config).unwrap(), history: Vec::new(), peers }
    }

    /// Whole, or in fragments cut and ended at random.
    fn compress(&mut self, message: &[u8], random: &mut Random) -> Vec<u8> {
        let mut payload = b"before".to_vec();
        let mut rest = message;
        while random.below::<u8>(3) > 0 {
            let (fragment, left) = rest.split_at(random.below(rest.len() + 1));
            let end = [FragmentEnd::Open, FragmentEnd::Frame][random.below::<usize>(2)];
            self.compressor.compress_fragment(fragment, end, &mut payload).unwrap();
            rest = left;
        }
        if rest.len() == message.len() && self.compressor.compress(rest, &mut payload).is_ok() {
            assert!(payload.len() <= 6 + self.compressor.bound(message.len()), "{:?}", self.config);
        } else {
            self.compressor.compress_fragment(rest, FragmentEnd::Message, &mut payload).unwrap();
        }
        assert_eq!(payload.drain(..6).as_slice(), b"before");
        payload
    }

    fn is_read(&mut self, message: &[u8], payload: &[u8], what: &str) {
        let config = self.config;
        let decoded = reference::decode(&self.history, payload);
        let decoded = decoded.unwrap_or_else(|| panic!("{what}, {config:?}: no whole blocks"));
        assert!(decoded.message == message, "{what}, {config:?}: another message");
        assert!(!decoded.is_final && decoded.reach <= 1 << config.window_bits, "{what}, {config:?}");
        for (backend, peer) in &mut self.peers {
            let mut out = Vec::new();
            let result = peer.decompress(payload, message.len(), &mut out);
            assert!(result.is_ok() && out == message, "{what}, {config:?}: {result:?} by {backend}");
        }
        if config.takeover {
            self.history.extend_from_slice(message);
            self.history.drain(..self.history.len().saturating_sub(1 << 15));
        }
    }
}

/// Pseudo-random numbers (xorshift64*).
struct Random(u64);

impl Random {
    fn below<T: TryInto<u64> + TryFrom<u64>>(&mut self, bound: T) -> T {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16;
        let bound = bound.try_into().unwrap_or(1);
        T::try_from(number % bound).unwrap_or_else(|_| unreachable!("it is below a bound of that type"))
    }
}
