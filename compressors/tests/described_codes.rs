//! Blocks with codes of their own, described bit by bit, rightly and wrongly: each backend takes what RFC 1951 allows, and
//! refuses the rest, by the reference that decodes bit by bit.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use wscodec_compressors::conformance::reference;
use wscodec_compressors::{Backend, DecompressError, DecompressorConfig};

/// The order in which the lengths of the code length code come (RFC 1951 section 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Codes that are complete, have too many codewords or too few, one or none; whole and cut anywhere.
#[test]
fn codes_are_taken_and_refused_as_by_the_reference() {
    let mut random = Random(5);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..6000 {
        let payload = block(&mut random);
        let cut = random.below(payload.len());
        for backend in Backend::available() {
            let whole = inflate(backend, &[&payload]);
            let expected = expected(backend, &payload, &whole);
            match (&whole, &expected) {
                (Ok(message), Some(expected)) => assert!(message == expected, "{backend}: {payload:02x?}"),
                (Err(DecompressError::Corrupt(_)), None) => {}
                _ => panic!("{backend}: {whole:?}, not {expected:?}, for {payload:02x?}"),
            }
            taken += usize::from(whole.is_ok());
            refused += usize::from(whole.is_err());
            if backend.decompressor_capabilities().streaming && backend.name() != "hybrid" {
                let pieces = inflate(backend, &[&payload[..cut], &payload[cut..]]);
                assert_eq!(pieces.ok(), whole.ok(), "{backend}, cut at {cut}: {payload:02x?}");
            }
        }
    }
    assert!(Backend::available().count() == 0 || taken > 1000 && refused > 1000, "{taken}, {refused}");
}

/// What the reference makes of it, that of the engine's own tolerance if it has one.
fn expected(backend: Backend, payload: &[u8], said: &Result<Vec<u8>, DecompressError>) -> Option<Vec<u8>> {
    let forgives = match backend.name() {
        "libdeflate" => true,
        // Which of its engines takes a payload is its own business.
        "hybrid" => said.is_ok(),
        _ => false,
    };
    let decode = if forgives { reference::decode_forgiving } else { reference::decode };
    decode(b"", payload).map(|decoded| decoded.message)
}

fn inflate(backend: Backend, frames: &[&[u8]]) -> Result<Vec<u8>, DecompressError> {
    let mut decompressor = backend.decompressor(DecompressorConfig::default().takeover(false)).unwrap();
    let mut out = Vec::new();
    let (last, others) = frames.split_last().unwrap();
    for frame in others {
        decompressor.decompress_fragment(frame, false, 100_000, &mut out)?;
    }
    if others.is_empty() {
        decompressor.decompress(last, 100_000, &mut out)?;
    } else {
        decompressor.decompress_fragment(last, true, 100_000 - out.len(), &mut out)?;
    }
    Ok(out)
}

/// A payload of one block: its description, some literals, its end.
fn block(random: &mut Random) -> Vec<u8> {
    // Wrong in one place at most, in most of them in none.
    let wrong = random.below(10);
    let literals = if wrong == 1 { 287 + random.below(2) } else { 257 + random.below(30) };
    let distances = if wrong == 2 { 31 + random.below(2) } else { 1 + random.below(30) };
    let longest = 9 + random.below(7);
    let few = [3, 30, literals - 2][random.below(3)];
    let used = 2 + random.below(few);
    let mut literal_lengths = random.complete_code(used, literals, longest);
    if wrong != 3 && literal_lengths[256] == 0 {
        let given = (0..literals).find(|&symbol| literal_lengths[symbol] > 0).unwrap();
        literal_lengths.swap(256, given);
    }
    let used = 2 + random.below(distances.max(3) - 2);
    let mut distance_lengths = match random.below(4) {
        0 => vec![0; distances],
        _ if distances == 1 => vec![1],
        1 => {
            let mut alone = vec![0; distances];
            alone[random.below(distances)] = 1;
            alone
        }
        _ => random.complete_code(used, distances, longest),
    };
    match wrong {
        4 => change(random, &mut literal_lengths),
        5 => change(random, &mut distance_lengths),
        _ => {}
    }
    // Thirteen codewords of four bits and six of five.
    let mut first: Vec<usize> = (0..19).map(|symbol| if symbol < 13 { 4 } else { 5 }).collect();
    let written = first.clone();
    if wrong == 6 {
        first[random.below(19)] = random.below(8);
    }

    let mut bits = Bits::default();
    for (value, count) in [(0, 1), (2, 2), (literals - 257, 5), (distances - 1, 5), (19 - 4, 4)] {
        bits.put(value, count);
    }
    for symbol in ORDER {
        bits.put(first[symbol], 3);
    }
    let words = codewords(&written);
    if wrong == 7 {
        bits.word(words[16]);
        bits.put(0, 2);
    }
    let lengths = [&literal_lengths[..], &distance_lengths].concat();
    let mut at = 0;
    while at < lengths.len() {
        let same = lengths[at..].iter().take_while(|length| **length == lengths[at]).count();
        let before = at > 0 && lengths[at - 1] == lengths[at];
        // Sometimes beyond the end.
        let same = if wrong == 8 && at + same == lengths.len() { same + 3 } else { same };
        let (symbol, extra, count, least) = match lengths[at] {
            0 if same >= 11 => (18, 7, same.min(138), 11),
            0 if same >= 3 => (17, 3, same.min(10), 3),
            _ if before && same >= 3 => (16, 2, same.min(6), 3),
            length => (length, 0, 1, 1),
        };
        bits.word(words[symbol]);
        bits.put(count - least, extra);
        at += count;
    }
    let words = codewords(&literal_lengths);
    for symbol in (0..256).filter(|&symbol| literal_lengths[symbol] > 0).chain([256]) {
        bits.word(words[symbol]);
    }
    // The header of the empty block.
    bits.put(0, 3);
    bits.bytes()
}

/// Makes it most likely no code any more.
fn change(random: &mut Random, lengths: &mut [usize]) {
    let at = random.below(lengths.len());
    lengths[at] = random.below(16);
}

/// Length and word of each symbol, in the order of RFC 1951 section 3.2.2; of no code, whatever comes.
fn codewords(lengths: &[usize]) -> Vec<(usize, usize)> {
    let mut words = vec![(0, 0); lengths.len()];
    let mut next = 0;
    for length in 1..16 {
        next <<= 1;
        for (word, _) in words.iter_mut().zip(lengths).filter(|(_, of)| **of == length) {
            *word = (length, next);
            next += 1;
        }
    }
    words
}

#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: usize, count: usize) {
        self.0.extend((0..count).map(|bit| value >> bit & 1 == 1));
    }

    fn word(&mut self, (length, word): (usize, usize)) {
        self.0.extend((0..length).rev().map(|bit| word >> bit & 1 == 1));
    }

    fn bytes(self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        self.0.chunks(8).map(byte).collect()
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// A codeword for `used` of `symbols`, by splitting one after the other in two.
    fn complete_code(&mut self, used: usize, symbols: usize, longest: usize) -> Vec<usize> {
        let mut words = vec![1, 1];
        while words.len() < used.min(symbols) {
            let at = self.below(words.len());
            if words[at] < longest {
                words[at] += 1;
                words.push(words[at]);
            }
        }
        let mut lengths = vec![0; symbols];
        for length in words {
            let free = self.below(symbols);
            let free = (free..symbols).chain(0..free).find(|&symbol| lengths[symbol] == 0).unwrap();
            lengths[free] = length;
        }
        lengths
    }
}
