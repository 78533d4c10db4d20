//! Random payloads, of which every distance is known, against a decoder that copies byte by byte.
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod room;

use super::CompactDecompressor;
use super::lengths::Lengths;
use super::table::DistanceTable;
use crate::{DecompressError, Decompressor, DecompressorConfig};

/// Through many laps, at every window, whole and in fragments; as far back as the window reaches, and not one byte further.
#[test]
fn refers_as_far_back_as_agreed() {
    let mut random = Random(1);
    for window_bits in 8..=15 {
        for takeover in [true, false] {
            let config = DecompressorConfig::default().window_bits(window_bits).takeover(takeover);
            let mut decompressor = CompactDecompressor::new(config).unwrap();
            let (mut history, mut total) = (Vec::new(), 0);
            while total < 5 << window_bits {
                if !takeover {
                    history.clear();
                }
                let reach = 1 << window_bits;
                let longest = [20, 300, 5000][random.below(3)];
                let (payload, message) = random.payload(&history, reach, longest);
                match random.below(10) {
                    0 => decompressor.shrink(),
                    1 if takeover && history.len().min(reach) < 1 << 15 => {
                        // A copy of its own fails, and does no harm to the other.
                        let mut copy = CompactDecompressor::new(config).unwrap();
                        copy.decompress(&stored(&history), history.len(), &mut Vec::new()).unwrap();
                        let too_far = match_alone(3, history.len().min(reach) + 1);
                        let refused = copy.decompress(&too_far, 9, &mut Vec::new());
                        assert!(matches!(refused, Err(DecompressError::Corrupt(_))), "{refused:?}");
                    }
                    _ => {}
                }
                let mut out = b"before".to_vec();
                if random.below(2) == 0 {
                    let limit = message.len() + random.below(2) * 1000;
                    decompressor.decompress(&payload, limit, &mut out).unwrap();
                } else {
                    let mut rest = &payload[..];
                    while random.below(5) > 0 {
                        let (frame, behind) = rest.split_at(random.below(rest.len().min(40) + 1));
                        let left = message.len() + 6 - out.len();
                        decompressor.decompress_fragment(frame, false, left, &mut out).unwrap();
                        rest = behind;
                    }
                    let left = message.len() + 6 - out.len();
                    decompressor.decompress_fragment(rest, true, left, &mut out).unwrap();
                }
                assert!(out[6..] == message, "window {window_bits}, takeover {takeover}, after {total}");
                total += message.len();
                history.extend_from_slice(&message);
                // All that a stored block holds, and more than any window.
                history.drain(..history.len().saturating_sub(60_000));
            }
            assert!(decompressor.memory() <= (1 << window_bits) + 1024, "{}", decompressor.memory());
        }
    }
}

/// A distance of one byte more than the window, within a message that is long enough for it.
#[test]
fn no_distance_is_longer_than_the_window() {
    for window_bits in 8..15 {
        let config = DecompressorConfig::default().window_bits(window_bits);
        for (distance, is_taken) in [(1 << window_bits, true), ((1 << window_bits) + 1, false)] {
            let mut payload = stored(&[7; 40_000]);
            payload.pop();
            payload.extend(match_alone(3, distance));
            let result =
                CompactDecompressor::new(config).unwrap().decompress(&payload, 40_003, &mut Vec::new());
            assert_eq!(result.is_ok(), is_taken, "{window_bits}, {distance}: {result:?}");
        }
    }
}

/// Each byte at every place in a run of characters, which fixed codes give eight bits each: the byte may have seven, eight or nine.
#[test]
fn literals_are_told_apart_in_runs() {
    for takeover in [false, true] {
        let config = DecompressorConfig::default().takeover(takeover);
        let mut decompressor = CompactDecompressor::new(config).unwrap();
        for (byte, before) in (0..=255).flat_map(|byte| (0..9).map(move |before| (byte, before))) {
            let mut message: Vec<u8> =
                (0..before + 30).map(|place| u8::try_from(place * 37 % 128).unwrap()).collect();
            message[before] = byte;
            let mut bits = Bits::default();
            bits.put(0b010, 3);
            message.iter().for_each(|byte| bits.literal(*byte));
            let payload = bits.finish();
            for limit in [message.len(), message.len() + 100] {
                let mut out = Vec::new();
                decompressor.decompress(&payload, limit, &mut out).unwrap();
                assert!(out == message, "{byte} behind {before}: {out:?}");
            }
            let mut own = CompactDecompressor::new(config).unwrap();
            let refused = own.decompress(&payload, message.len() - 1, &mut Vec::new());
            assert_eq!(refused, Err(DecompressError::TooLong { limit: message.len() - 1 }));
        }
    }
}

/// Byte by byte, a payload of a hundred thousand takes no more than some passes over it.
#[test]
fn a_message_in_many_frames_is_read_once() {
    let (payload, message) = Random(3).payload(b"", 1 << 15, 200_000);
    let mut decompressor = CompactDecompressor::new(DecompressorConfig::default()).unwrap();
    let mut out = Vec::new();
    for byte in &payload {
        decompressor.decompress_fragment(&[*byte], false, 1 << 20, &mut out).unwrap();
    }
    decompressor.decompress_fragment(b"", true, 0, &mut out).unwrap();
    assert!(out == message);
}

/// Every set of lengths of few symbols, and random ones of many, against codewords that are counted out one by one.
#[test]
fn tables_are_of_the_codewords() {
    let mut random = Random(2);
    let (mut complete, mut refused) = (0, 0);
    for round in 0..30_000 {
        let count = 1 + random.below(30);
        let longest = 1 + random.below(15);
        let lengths: Vec<u8> = if round % 2 == 0 {
            random.complete_code(count, longest)
        } else {
            (0..count).map(|_| u8::try_from(random.below(longest + 1)).unwrap()).collect()
        };
        let mut given = Lengths::<40>::new();
        for (symbol, &length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
            given.set(3 + symbol, length);
        }
        given.set(0, 5);
        let mut table = DistanceTable::new();
        let built = table.of_distances(given.code(3, 3 + count));

        let words = codewords(&lengths);
        let space: u32 = lengths.iter().filter(|l| **l > 0).map(|l| 1 << (15 - l)).sum();
        let alone = words.len() <= 1 && words.iter().all(|(length, ..)| *length == 1);
        assert_eq!(built, space == 1 << 15 || alone, "{lengths:?}");
        complete += usize::from(space == 1 << 15);
        refused += usize::from(!built);
        for bits in (0..1 << 15).step_by(if round % 100 == 0 { 1 } else { 977 }).filter(|_| built) {
            let entry = table.look_up(bits);
            let word = words.iter().find(|(length, word, _)| bits & ((1 << length) - 1) == *word);
            let Some((length, _, symbol)) = word else {
                assert!(entry.is_exception(), "{lengths:?} {bits:b}");
                continue;
            };
            let (base, extra) = distance(*symbol);
            assert_eq!(entry.bits(), length + extra, "{lengths:?} {bits:b}");
            let extra = (bits | 0x5555 << 15) >> length & ((1 << extra) - 1);
            assert_eq!(entry.value(bits | 0x5555 << 15), base + usize::try_from(extra).unwrap());
        }
    }
    assert!(complete > 10_000 && refused > 5000, "{complete} {refused}");
}

/// Length, bits as they are read, and symbol.
fn codewords(lengths: &[u8]) -> Vec<(u32, u64, usize)> {
    let (mut words, mut next) = (Vec::new(), 0_u64);
    for length in 1..=15_u32 {
        next <<= 1;
        for symbol in (0..lengths.len()).filter(|&symbol| u32::from(lengths[symbol]) == length) {
            let read = (0..length).fold(0, |read, bit| read | (next >> bit & 1) << (length - 1 - bit));
            words.push((length, read, symbol));
            next += 1;
        }
    }
    words
}

/// RFC 1951 section 3.2.5.
fn distance(symbol: usize) -> (usize, u32) {
    let extra = u32::try_from(symbol / 2).unwrap().saturating_sub(1);
    ((0..symbol).map(|symbol| 1 << (symbol / 2).saturating_sub(1)).sum::<usize>() + 1, extra)
}

fn stored(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap();
    let mut block = vec![0];
    block.extend(length.to_le_bytes());
    block.extend((!length).to_le_bytes());
    block.extend_from_slice(message);
    block.push(0);
    block
}

fn match_alone(length: usize, distance: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0b010, 3);
    bits.matched(length, distance);
    bits.finish()
}

/// A block with fixed codes, written bit by bit.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: usize, count: u32) {
        self.0.extend((0..count).map(|bit| value >> bit & 1 == 1));
    }

    fn word(&mut self, word: usize, count: u32) {
        self.0.extend((0..count).rev().map(|bit| word >> bit & 1 == 1));
    }

    fn literal(&mut self, byte: u8) {
        match usize::from(byte) {
            byte @ ..144 => self.word(0x30 + byte, 8),
            byte => self.word(0x190 + byte - 144, 9),
        }
    }

    fn matched(&mut self, length: usize, distance_: usize) {
        // The lengths' symbols: 3 to 10 without extra bits, then groups of four, and 258 by itself.
        let (symbol, value, extra) = match length {
            3..=10 => (length - 3, 0, 0),
            258 => (28, 0, 0),
            _ => {
                let extra = (length - 3).ilog2() - 2;
                (4 * extra as usize + ((length - 3) >> extra), (length - 3) & ((1 << extra) - 1), extra)
            }
        };
        if symbol < 23 {
            self.word(symbol + 1, 7);
        } else {
            self.word(0xc0 + symbol - 23, 8);
        }
        self.put(value, extra);
        let symbol = (0..30).rfind(|&symbol| distance(symbol).0 <= distance_).unwrap();
        let (base, extra) = distance(symbol);
        self.word(symbol, 5);
        self.put(distance_ - base, extra);
    }

    /// With the end of the block and the empty one behind it.
    fn finish(mut self) -> Vec<u8> {
        self.put(0, 7 + 3);
        self.0
            .chunks(8)
            .map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit)))
            .collect()
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// A payload and its message, whose matches may refer to the last `reach` bytes of the history and of itself.
    fn payload(&mut self, history: &[u8], reach: usize, longest: usize) -> (Vec<u8>, Vec<u8>) {
        let mut all = history.to_vec();
        let mut bits = Bits::default();
        bits.put(0b010, 3);
        let length = self.below(longest + 1);
        while all.len() < history.len() + length {
            let reach = reach.min(all.len());
            if reach == 0 || self.below(3) == 0 {
                let byte = u8::try_from(self.below(256)).unwrap();
                bits.literal(byte);
                all.push(byte);
                continue;
            }
            let distance = match self.below(4) {
                0 => reach - self.below(reach.min(3)),
                1 => 1 + self.below(reach.min(70)),
                _ => 1 + self.below(reach),
            };
            let length = 3 + [self.below(256), self.below(40), self.below(8)][self.below(3)];
            bits.matched(length, distance);
            for _ in 0..length {
                all.push(all[all.len() - distance]);
            }
        }
        (bits.finish(), all.split_off(history.len()))
    }

    /// Codewords that are split in two until there are `count` of them, or all are the longest.
    fn complete_code(&mut self, count: usize, longest: usize) -> Vec<u8> {
        let mut lengths = vec![0_u8];
        while lengths.len() < count {
            let at = self.below(lengths.len());
            if usize::from(lengths[at]) == longest {
                break;
            }
            lengths[at] += 1;
            lengths.insert(self.below(lengths.len() + 1), lengths[at]);
        }
        while lengths.len() < count {
            lengths.insert(self.below(lengths.len() + 1), 0);
        }
        lengths
    }
}
