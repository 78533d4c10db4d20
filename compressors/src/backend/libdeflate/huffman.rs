//! As much of DEFLATE's Huffman coding (RFC 1951 section 3.2) as it takes to find where a block ends.
#![forbid(unsafe_code)]

use core::ops::Range;
use std::sync::OnceLock;

use super::bits::Bits;

/// The symbol that ends a block.
pub(super) const END_OF_BLOCK: usize = 256;
const MAX_LITERAL_SYMBOLS: usize = 288;
const MAX_SYMBOLS: usize = MAX_LITERAL_SYMBOLS + 32;
pub(super) const MAX_LENGTH: usize = 15;

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
        let header = Header::read(bits)?;
        let end = header.literals + header.distances;
        let mut lengths = [0; MAX_SYMBOLS];
        header.runs(bits, end, |run, length| lengths[run.start..run.end.min(end)].fill(length))?;
        Some(Self { lengths, literals: header.literals, distances: header.distances })
    }

    /// The tables to walk through the block.
    pub(super) fn walker(&self) -> Option<Walker> {
        Some(Walker {
            literals: Table::new(self.literals(), literal_kind)?,
            distances: Table::new(self.distances(), distance_kind)?,
        })
    }

    /// By literal or length symbol.
    pub(super) fn literals(&self) -> &[u8] {
        &self.lengths[..self.literals]
    }

    /// By distance symbol.
    pub(super) fn distances(&self) -> &[u8] {
        &self.lengths[self.literals..self.literals + self.distances]
    }
}

/// The codeword that ends a block with dynamic codes, from the block's header; its last bit on the wire is its lowest.
///
/// It depends on nothing but how many symbols have a codeword of which length (section 3.2.2), so the lengths are
/// counted as they come and not kept.
pub(super) fn end_of_block(bits: &mut Bits<'_>) -> Option<u32> {
    let header = Header::read(bits)?;
    let (mut all, mut before, mut end_length) = ([0_u16; 16], [0_u16; 16], 0);
    header.runs(bits, header.literals, |run, length| {
        #[expect(clippy::cast_possible_truncation, reason = "at most 138")]
        let counted = |from: usize, to: usize| to.saturating_sub(from) as u16;
        let length = usize::from(length & 15);
        all[length] += counted(run.start, run.end.min(header.literals));
        before[length] += counted(run.start, run.end.min(END_OF_BLOCK));
        if run.contains(&END_OF_BLOCK) {
            end_length = length;
        }
    })?;
    (end_length > 0).then(|| first_codewords(all)[end_length] + u32::from(before[end_length]))
}

/// The start of a dynamic block's header: how many lengths follow, and the code that they are in.
struct Header {
    literals: usize,
    distances: usize,
    precode: Precode,
}

impl Header {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let literals = usize::from(bits.take(5)) + 257;
        let distances = usize::from(bits.take(5)) + 1;
        let precode = Precode::read(bits)?;
        (literals <= MAX_LITERAL_SYMBOLS).then_some(Self { literals, distances, precode })
    }

    /// Tells `each` run of symbols with the length that they share, as long as one starts before `end`; the last may go
    /// past it.
    fn runs(&self, bits: &mut Bits<'_>, end: usize, mut each: impl FnMut(Range<usize>, u8)) -> Option<()> {
        let (mut filled, mut last) = (0, 0);
        while filled < end {
            // Four symbols of 14 bits at most for one look.
            let mut word = bits.peek();
            for _ in 0..4 {
                let Run { skip, length_bits, count, extra, length } = self.precode.look_up(word);
                if skip == 0 {
                    return None;
                }
                let more = (word >> length_bits) & ((1 << extra) - 1);
                #[expect(clippy::cast_possible_truncation, reason = "7 bits")]
                let count = usize::from(count) + more as usize;
                last = if length == REPEAT { last } else { length };
                each(filled..filled + count, last);
                filled += count;
                word >>= skip;
                bits.skip(usize::from(skip));
                if filled >= end {
                    break;
                }
            }
        }
        (!bits.overran()).then_some(())
    }
}

/// Goes through the symbols of a block without saying what they are.
pub(super) struct Walker {
    literals: Table,
    distances: Table,
}

impl Walker {
    /// That of blocks with fixed codes, made once.
    pub(super) fn fixed() -> Option<&'static Self> {
        static FIXED: OnceLock<Option<Walker>> = OnceLock::new();
        FIXED.get_or_init(|| Lengths::fixed().walker()).as_ref()
    }

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
        _ => (MATCH, length_extra(symbol)),
    }
}

/// The same of a distance symbol.
fn distance_kind(symbol: usize) -> (u16, u16) {
    (DISTANCE, distance_extra(symbol))
}

/// How many extra bits follow a length symbol (section 3.2.5).
#[expect(clippy::cast_possible_truncation, reason = "at most 5")]
pub(super) const fn length_extra(symbol: usize) -> u16 {
    match symbol {
        265..=284 => ((symbol - 261) / 4) as u16,
        _ => 0,
    }
}

/// The same of a distance symbol; of those that mean nothing, as libdeflate reads them.
pub(super) const fn distance_extra(symbol: usize) -> u16 {
    match symbol {
        0..2 => 0,
        #[expect(clippy::cast_possible_truncation, reason = "at most 13")]
        2..30 => (symbol / 2 - 1) as u16,
        _ => 13,
    }
}

/// A code as one table, indexed by as many bits as the longest codeword has.
struct Table {
    entries: Vec<u16>,
}

impl Table {
    /// `None` if the lengths make no code.
    fn new(lengths: &[u8], kind: fn(usize) -> (u16, u16)) -> Option<Self> {
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut next = first_codewords(count(lengths));
        let mut entries = vec![0; 1 << longest];
        for (symbol, &length) in lengths.iter().enumerate().filter(|&(_, &length)| length > 0) {
            let (kind, extra) = kind(symbol);
            for place in places(&mut entries, &mut next, length)? {
                *place = kind | (u16::from(length) + extra);
            }
        }
        Some(Self { entries })
    }

    fn look_up(&self, word: u64) -> u16 {
        #[expect(clippy::cast_possible_truncation, reason = "masked to the table's length")]
        self.entries[word as usize & (self.entries.len() - 1)]
    }
}

/// The code of the code lengths, by the next 7 bits.
struct Precode {
    runs: [Run; 128],
}

/// What a symbol of the precode stands for.
#[derive(Clone, Copy)]
struct Run {
    /// The bits of its codeword and of what follows; 0 if there is no such codeword.
    skip: u8,
    /// The bits of its codeword.
    length_bits: u8,
    /// How many symbols have the length, at least.
    count: u8,
    /// The bits that say how many more.
    extra: u8,
    /// The length, or [`REPEAT`].
    length: u8,
}

/// The length of the symbol before.
const REPEAT: u8 = 16;

impl Precode {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let explicit = usize::from(bits.take(4)) + 4;
        // All of them, 57 bits at most, with one look.
        let mut word = bits.peek();
        bits.skip(explicit * 3);
        let mut lengths = [0; 19];
        for &symbol in ORDER.get(..explicit)? {
            lengths[usize::from(symbol)] = (word & 7) as u8;
            word >>= 3;
        }

        let mut next = first_codewords(count(&lengths));
        let mut runs = [Run { skip: 0, length_bits: 0, count: 0, extra: 0, length: 0 }; 128];
        for (symbol, &bits) in (0_u8..).zip(&lengths).filter(|&(_, &bits)| bits > 0) {
            let (length, count, extra) = match symbol {
                16 => (REPEAT, 3, 2),
                17 => (0, 3, 3),
                18 => (0, 11, 7),
                length => (length, 1, 0),
            };
            let run = Run { skip: bits + extra, length_bits: bits, count, extra, length };
            for place in places(&mut runs, &mut next, bits)? {
                *place = run;
            }
        }
        Some(Self { runs })
    }

    fn look_up(&self, word: u64) -> Run {
        self.runs[(word & 127) as usize]
    }
}

/// The entries of a table for the next codeword of `length` bits: the first bit on the wire is the codeword's highest, and
/// the lowest of the index.
fn places<'a, T>(
    table: &'a mut [T],
    next: &mut [u32; MAX_LENGTH + 1],
    length: u8,
) -> Option<impl Iterator<Item = &'a mut T>> {
    let codeword = next[usize::from(length)];
    next[usize::from(length)] += 1;
    let first = (codeword.reverse_bits() >> (32 - u32::from(length))) as usize;
    Some(table.get_mut(first..)?.iter_mut().step_by(1 << length))
}

/// How many symbols have a codeword of which length.
pub(super) fn count(lengths: &[u8]) -> [u16; MAX_LENGTH + 1] {
    let mut count = [0; MAX_LENGTH + 1];
    for &length in lengths {
        count[usize::from(length)] += 1;
    }
    count
}

/// The first codeword of each length (section 3.2.2).
fn first_codewords(count: [u16; MAX_LENGTH + 1]) -> [u32; MAX_LENGTH + 1] {
    let mut first = [0; MAX_LENGTH + 1];
    for length in 2..=MAX_LENGTH {
        first[length] = (first[length - 1] + u32::from(count[length - 1])) << 1;
    }
    first
}
