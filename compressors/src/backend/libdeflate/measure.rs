//! How much a payload holds by itself, whatever what stands behind it would be read as.
//!
//! ```text
//! for each block:
//!     stored: as many bytes as are there of those that it claims
//!     codes:  1 for a literal, its length for a match; a symbol that is cut off, nothing
//! ```
//! It goes bit by bit, with no table to be made for a block: only what fails anyway comes here, and it may well be made of
//! nothing but the headers of blocks.
#![forbid(unsafe_code)]

use super::bits::Bits;
use super::huffman::{END_OF_BLOCK, Lengths, MAX_LENGTH, count, distance_extra, length_extra};
use super::nonfinal::{DYNAMIC, FIXED, STORED};

/// Whether the first stream in `payload`, up to a block with BFINAL=1, holds more than `most` bytes; also said of what is
/// broken before that is known.
pub(super) fn holds_more(payload: &[u8], most: usize) -> bool {
    let mut stream = Stream { bits: Bits::at(payload, 0), bytes: payload.len(), held: 0, most };
    stream.walk().is_none() || stream.held > most
}

struct Stream<'a> {
    bits: Bits<'a>,
    /// The length of the payload.
    bytes: usize,
    held: usize,
    most: usize,
}

impl Stream<'_> {
    /// To the end of the stream or of the payload, or until enough is known; `None` for what is broken.
    fn walk(&mut self) -> Option<()> {
        loop {
            let is_final = self.bits.take(1) == 1;
            match self.bits.take(2) {
                STORED => self.stored(),
                FIXED => self.codes(&Lengths::fixed())?,
                DYNAMIC => match Lengths::read(&mut self.bits) {
                    Some(lengths) => self.codes(&lengths)?,
                    None if self.bits.overran() => {}
                    None => return None,
                },
                _ if self.bits.overran() => {}
                _ => return None,
            }
            if is_final || self.held > self.most || self.bits.overran() {
                return Some(());
            }
        }
    }

    fn stored(&mut self) {
        self.bits.align();
        let length = usize::from(self.bits.take(16));
        self.bits.skip(16);
        self.held += length.min(self.bytes.saturating_sub(self.bits.position() / 8));
        self.bits.skip(length * 8);
    }

    fn codes(&mut self, lengths: &Lengths) -> Option<()> {
        let (literals, distances) = (Code::new(lengths.literals()), Code::new(lengths.distances()));
        while self.held <= self.most {
            let symbol = literals.next(&mut self.bits);
            let held = match symbol {
                Some(0..END_OF_BLOCK) => 1,
                Some(END_OF_BLOCK) => return Some(()),
                Some(symbol) => {
                    let length = self.length(symbol);
                    match distances.next(&mut self.bits) {
                        Some(distance) => self.bits.skip(usize::from(distance_extra(distance))),
                        None if self.bits.overran() => {}
                        None => return None,
                    }
                    length
                }
                None if self.bits.overran() => 0,
                None => return None,
            };
            if self.bits.overran() {
                return Some(());
            }
            self.held += held;
        }
        Some(())
    }

    /// What a length symbol stands for, with its extra bits (RFC 1951 section 3.2.5).
    fn length(&mut self, symbol: usize) -> usize {
        let extra = usize::from(length_extra(symbol));
        match symbol {
            257..265 => symbol - 254,
            265..285 => 3 + ((4 + (symbol - 265) % 4) << extra) + usize::from(self.bits.take(extra)),
            _ => 258,
        }
    }
}

/// A code as its symbols, the shorter codewords first (section 3.2.2).
struct Code {
    counts: [u16; MAX_LENGTH + 1],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[u8]) -> Self {
        let mut symbols: Vec<_> = (0..lengths.len()).filter(|&symbol| lengths[symbol] > 0).collect();
        symbols.sort_by_key(|&symbol| lengths[symbol]);
        Self { counts: count(lengths), symbols }
    }

    /// `None` for no codeword; it may be one that is cut off, and then the bits are overrun.
    fn next(&self, bits: &mut Bits<'_>) -> Option<usize> {
        let (mut codeword, mut first, mut shorter) = (0, 0, 0);
        for &count in &self.counts[1..] {
            codeword = codeword << 1 | usize::from(bits.take(1));
            let count = usize::from(count);
            if codeword < first + count {
                return self.symbols.get(shorter + codeword - first).copied();
            }
            shorter += count;
            first = (first + count) << 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::LibdeflateCompressor;
    use super::*;
    use crate::{Compressor, CompressorConfig};

    fn compressed(message: &[u8], level: u8) -> Vec<u8> {
        let config = CompressorConfig::default().takeover(false).level(level);
        let mut payload = Vec::new();
        LibdeflateCompressor::new(config).unwrap().compress(message, &mut payload).unwrap();
        payload
    }

    fn held(payload: &[u8]) -> usize {
        let mut stream =
            Stream { bits: Bits::at(payload, 0), bytes: payload.len(), held: 0, most: usize::MAX };
        stream.walk().expect("a payload of our own");
        stream.held
    }

    #[test]
    fn a_whole_payload_holds_its_message() {
        let mut state = 1_u32;
        for length in (0..400).chain([3000, 70_000, 200_000]) {
            let noise = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            };
            let noise: Vec<_> = (0..length).map(noise).collect();
            let words: Vec<_> = noise.iter().map(|byte| b"abcdefgh, "[usize::from(byte % 10)]).collect();
            for (message, level) in
                [(&noise, 0), (&noise, 1), (&words, 1), (&words, 12), (&vec![0; length], 6)]
            {
                let payload = compressed(message, level);
                assert_eq!(held(&payload), length);
                assert!(!holds_more(&payload, length));
                assert!(length == 0 || holds_more(&payload, length - 1));
            }
        }
    }

    #[test]
    fn a_payload_cut_short_holds_no_more_than_before() {
        let message: Vec<_> = (0..3000_u32).flat_map(|i| (i * i % 1000).to_string().into_bytes()).collect();
        for level in [0, 1, 12] {
            let payload = compressed(&message, level);
            let mut before = 0;
            for cut in 0..payload.len() {
                let now = held(&payload[..cut]);
                assert!((before..=message.len()).contains(&now), "{before} then {now} at {cut}");
                before = now;
            }
        }
    }

    #[test]
    fn any_bytes_end() {
        let mut state = 1_u64;
        for _ in 0..100_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            _ = holds_more(&state.to_le_bytes().repeat(3), 1000);
        }
    }
}
