//! As much of DEFLATE's Huffman coding (RFC 1951 section 3.2) as it takes to find where a block ends.
#![forbid(unsafe_code)]

use super::bits::Bits;

/// The symbol that ends a block.
const END_OF_BLOCK: usize = 256;
const MAX_LITERAL_SYMBOLS: usize = 288;
const MAX_SYMBOLS: usize = MAX_LITERAL_SYMBOLS + 32;
const MAX_LENGTH: usize = 15;

/// The codeword lengths of a block's two codes, 0 for a symbol that does not occur.
pub(super) struct Lengths {
    lengths: [u8; MAX_SYMBOLS],
    literals: usize,
    distances: usize,
}

impl Lengths {
    /// Those of a block with fixed codes (section 3.2.6).
    pub(super) fn fixed() -> Self {
        let mut lengths = [8; MAX_SYMBOLS];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        lengths[MAX_LITERAL_SYMBOLS..].fill(5);
        Self { lengths, literals: MAX_LITERAL_SYMBOLS, distances: 30 }
    }

    /// Reads those of a block with dynamic codes from its header (section 3.2.7).
    pub(super) fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let literals = usize::from(bits.take(5)) + 257;
        let distances = usize::from(bits.take(5)) + 1;
        let precode = Precode::read(bits)?;

        let mut lengths = [0; MAX_SYMBOLS];
        let mut filled = 0;
        while filled < literals + distances {
            let symbol = precode.next(bits)?;
            let (length, count) = match symbol {
                16 => (*lengths.get(filled.checked_sub(1)?)?, 3 + bits.take(2)),
                17 => (0, 3 + bits.take(3)),
                18 => (0, 11 + bits.take(7)),
                length => (length, 1),
            };
            let end = filled + usize::from(count);
            lengths.get_mut(filled..end)?.fill(length);
            filled = end;
        }
        if filled > literals + distances || literals > MAX_LITERAL_SYMBOLS || bits.overran() {
            return None;
        }
        Some(Self { lengths, literals, distances })
    }

    /// The codeword that ends the block, in the order of section 3.2.2: its last bit on the wire is its lowest.
    pub(super) fn end_of_block(&self) -> u32 {
        let literals = self.literals();
        let length = literals[END_OF_BLOCK];
        let before = literals[..END_OF_BLOCK].iter().filter(|&&other| other == length).count();
        #[expect(clippy::cast_possible_truncation, reason = "at most 256")]
        let before = before as u32;
        first_codewords(literals)[usize::from(length)] + before
    }

    /// The tables to walk through the block.
    pub(super) fn walker(&self) -> Option<Walker> {
        let distances = &self.lengths[self.literals..self.literals + self.distances];
        Some(Walker {
            literals: Table::new(self.literals(), literal_kind)?,
            distances: Table::new(distances, distance_kind)?,
        })
    }

    fn literals(&self) -> &[u8] {
        &self.lengths[..self.literals]
    }
}

/// Goes through the symbols of a block without saying what they are.
pub(super) struct Walker {
    literals: Table,
    distances: Table,
}

impl Walker {
    /// From the first symbol to behind the one that ends the block; `None` if it has no end.
    pub(super) fn walk(&self, bits: &mut Bits<'_>) -> Option<()> {
        loop {
            // At most 20 bits of a length and 28 of a distance: one look is enough for both.
            let word = bits.peek();
            let literal = self.literals.look_up(word);
            let skip = usize::from(literal & SKIP);
            match literal & !SKIP {
                LITERAL => bits.skip(skip),
                MATCH => {
                    let distance = self.distances.look_up(word >> skip);
                    if distance & !SKIP != DISTANCE {
                        return None;
                    }
                    bits.skip(skip + usize::from(distance & SKIP));
                }
                END => {
                    bits.skip(skip);
                    return (!bits.overran()).then_some(());
                }
                _ => return None,
            }
            if bits.overran() {
                return None;
            }
        }
    }
}

/// The bits of an entry that say how many bits the symbol takes with its extra bits. The others say its kind.
const SKIP: u16 = 0x1f;
const LITERAL: u16 = 0x20;
const MATCH: u16 = 0x40;
const END: u16 = 0x60;
const DISTANCE: u16 = 0x80;

/// The kind of a literal or length symbol, and its number of extra bits.
fn literal_kind(symbol: usize) -> (u16, u16) {
    match symbol {
        0..END_OF_BLOCK => (LITERAL, 0),
        END_OF_BLOCK => (END, 0),
        #[expect(clippy::cast_possible_truncation, reason = "at most 5")]
        265..=284 => (MATCH, ((symbol - 261) / 4) as u16),
        _ => (MATCH, 0),
    }
}

/// The same of a distance symbol.
fn distance_kind(symbol: usize) -> (u16, u16) {
    #[expect(clippy::cast_possible_truncation, reason = "at most 14")]
    (DISTANCE, (symbol / 2).saturating_sub(1) as u16)
}

/// A code as one table, indexed by as many bits as the longest codeword has.
struct Table {
    entries: Vec<u16>,
}

impl Table {
    /// `None` if the lengths make no code.
    fn new(lengths: &[u8], kind: fn(usize) -> (u16, u16)) -> Option<Self> {
        let longest = usize::from(lengths.iter().copied().max().unwrap_or(0));
        let mut next = first_codewords(lengths);
        let mut entries = vec![0; 1 << longest];
        for (symbol, &length) in lengths.iter().enumerate().filter(|&(_, &length)| length > 0) {
            let codeword = next[usize::from(length)];
            next[usize::from(length)] += 1;
            let (kind, extra) = kind(symbol);
            // The first bit on the wire is the codeword's highest, and the lowest of the index.
            let first = (codeword.reverse_bits() >> (32 - u32::from(length))) as usize;
            for entry in entries.get_mut(first..)?.iter_mut().step_by(1 << length) {
                *entry = kind | (u16::from(length) + extra);
            }
        }
        Some(Self { entries })
    }

    fn look_up(&self, word: u64) -> u16 {
        #[expect(clippy::cast_possible_truncation, reason = "masked to the table's length")]
        self.entries[word as usize & (self.entries.len() - 1)]
    }
}

/// The code of the code lengths.
struct Precode {
    /// Indexed by the next 7 bits: the symbol above, the length of its codeword in the low three bits.
    entries: [u8; 128],
}

impl Precode {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let count = usize::from(bits.take(4)) + 4;
        let mut lengths = [0; 19];
        for &symbol in ORDER.get(..count)? {
            #[expect(clippy::cast_possible_truncation, reason = "3 bits")]
            (lengths[symbol] = bits.take(3) as u8);
        }

        let mut next = first_codewords(&lengths);
        let mut entries = [0; 128];
        for (symbol, &length) in (0_u8..).zip(&lengths).filter(|&(_, &length)| length > 0) {
            let codeword = next[usize::from(length)];
            next[usize::from(length)] += 1;
            let first = (codeword.reverse_bits() >> (32 - u32::from(length))) as usize;
            for entry in entries.get_mut(first..)?.iter_mut().step_by(1 << length) {
                *entry = symbol << 3 | length;
            }
        }
        Some(Self { entries })
    }

    fn next(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let entry = self.entries[(bits.peek() & 127) as usize];
        bits.skip(usize::from(entry & 7));
        (entry & 7 != 0 && !bits.overran()).then_some(entry >> 3)
    }
}

/// The first codeword of each length (section 3.2.2).
fn first_codewords(lengths: &[u8]) -> [u32; MAX_LENGTH + 1] {
    let mut count = [0_u32; MAX_LENGTH + 1];
    for &length in lengths {
        count[usize::from(length)] += 1;
    }
    count[0] = 0;
    let mut first = [0; MAX_LENGTH + 1];
    for length in 1..=MAX_LENGTH {
        first[length] = (first[length - 1] + count[length - 1]) << 1;
    }
    first
}
