//! Tables that turn the next bits into a symbol, and how they are built.
#![expect(
    clippy::cast_possible_truncation,
    reason = "symbols, entries and lengths in bits are small, and bits masked"
)]

use super::lengths::{Code, Lengths};

/// What a table says of the bits that it was asked with, in the bits of a word:
///
/// | bits | of a literal | of a length or distance | of a subtable | of anything else |
/// |---|---|---|---|---|
/// | 0 to 5 | codeword's length | and its extra bits | | codeword's length |
/// | 8 to 11 | codeword's length | codeword's length | bits that it is asked with | codeword's length |
/// | 13 to 15 | | | `EXCEPTION`, `SUBTABLE` | `EXCEPTION`, `END_OF_BLOCK` or not |
/// | 16 to 30 | the literal | base | where it begins | |
/// | 31 | `LITERAL` | | | |
#[derive(Clone, Copy)]
pub(super) struct Entry(u32);

const LITERAL: u32 = 1 << 31;
const EXCEPTION: u32 = 1 << 15;
const SUBTABLE: u32 = 1 << 14;
const END_OF_BLOCK: u32 = 1 << 13;

impl Entry {
    /// For bits that are no codeword: of one bit, as the only codeword is that there may be beside them.
    pub(super) const NONE: Self = Self(EXCEPTION).of_length(1);

    const fn literal(byte: u32) -> Self {
        Self(LITERAL | byte << 16)
    }

    const fn base(base: u32, extra: u32) -> Self {
        Self(base << 16 | extra)
    }

    const fn subtable(start: usize, bits: u32) -> Self {
        Self(EXCEPTION | SUBTABLE | (start as u32) << 16 | bits << 8)
    }

    const fn of_length(self, length: u32) -> Self {
        Self(self.0 + (length << 8 | length))
    }

    #[inline(always)]
    pub(super) const fn is_literal(self) -> bool {
        self.0 & LITERAL != 0
    }

    #[inline(always)]
    pub(super) const fn is_exception(self) -> bool {
        self.0 & EXCEPTION != 0
    }

    #[inline(always)]
    pub(super) const fn is_end_of_block(self) -> bool {
        self.0 & END_OF_BLOCK != 0
    }

    const fn is_subtable(self) -> bool {
        self.0 & SUBTABLE != 0
    }

    #[inline(always)]
    pub(super) const fn byte(self) -> u8 {
        (self.0 >> 16) as u8
    }

    /// How many bits the codeword and its extra bits have.
    #[inline(always)]
    pub(super) const fn bits(self) -> u32 {
        self.0 & 0x3f
    }

    /// The base and what the extra bits among `bits`, which the codeword begins, add to it.
    #[inline(always)]
    pub(super) const fn value(self, bits: u64) -> usize {
        let extra = (bits & !(!0 << (self.0 & 0x3f))) >> (self.0 >> 8 & 0x3f);
        (self.0 >> 16) as usize + extra as usize
    }
}

/// A code's table of `1 << bits` entries and its subtables, in an array of at most `N`.
pub(super) struct Table<const N: usize> {
    entries: [Entry; N],
    bits: u32,
}

/// Of the literals and lengths: as many as the 286 symbols of a block need at most with subtables. A test counts them.
pub(super) type LiteralTable = Table<1332>;
/// Of the 30 distances, likewise.
pub(super) type DistanceTable = Table<400>;
/// Of the code lengths: none has more than 7 bits, and so there are no subtables.
pub(super) type LengthTable = Table<128>;

/// A table's bits at most; codewords that are longer take a subtable.
pub(super) const LITERAL_BITS: u32 = 10;
pub(super) const DISTANCE_BITS: u32 = 8;
const LENGTH_BITS: u32 = 7;

/// How many symbols there are to build of, at most: those of fixed codes.
pub(super) const LITERALS: usize = 288;
pub(super) const DISTANCES: usize = 32;

impl<const N: usize> Table<N> {
    #[cfg(test)]
    pub(super) const ROOM: usize = N;

    pub(super) const fn new() -> Self {
        Self { entries: [Entry::NONE; N], bits: 0 }
    }

    /// The entry for the next bits.
    #[inline(always)]
    pub(super) fn look_up(&self, bits: u64) -> Entry {
        let entry = self.entries[(bits & ((1 << self.bits) - 1)) as usize];
        if entry.is_subtable() { self.look_further(entry, bits) } else { entry }
    }

    /// The same of a table without subtables.
    #[inline(always)]
    pub(super) fn look_up_short(&self, bits: u64) -> Entry {
        self.entries[(bits & ((1 << self.bits) - 1)) as usize]
    }

    #[inline]
    fn look_further(&self, entry: Entry, bits: u64) -> Entry {
        let within = bits >> self.bits & ((1 << (entry.0 >> 8 & 0xf)) - 1);
        self.entries[(entry.0 >> 16 & 0x7fff) as usize + within as usize]
    }

    /// Makes the table of a canonical code (RFC 1951 section 3.2.2), whose symbols mean `meanings`.
    ///
    /// Codes have to be complete. With `lone`, one of a single codeword of one bit will do, and one of none.
    const fn build<const SYMBOLS: usize>(
        &mut self,
        code: Code<'_>,
        meanings: &[Entry; SYMBOLS],
        most_bits: u32,
        lone: bool,
    ) -> bool {
        let (mut counts, mut symbols) = ([0_u16; 16], [0_u16; SYMBOLS]);
        let used = code.symbols(&mut symbols, &mut counts);
        // Where the symbols of each length begin, in the order of their codewords; and how much of the codewords is left.
        let (mut starts, mut left, mut longest) = ([0_u16; 16], 1 << 15, 0);
        let mut length = 1;
        while length < 16 {
            if length < 15 {
                starts[length + 1] = starts[length] + counts[length];
            }
            left -= (counts[length] as i32) << (15 - length);
            if counts[length] > 0 {
                longest = length as u32;
            }
            length += 1;
        }
        if left < 0 {
            return false;
        }
        if left > 0 {
            if !lone || longest > 1 {
                return false;
            }
            self.bits = 1;
            self.entries[0] =
                if longest == 1 { meanings[symbols[0] as usize].of_length(1) } else { Entry::NONE };
            self.entries[1] = Entry::NONE;
            return true;
        }
        let mut sorted = [Entry::NONE; SYMBOLS];
        let mut i = 0;
        while i < used {
            let symbol = symbols[i] as usize;
            let length = code.length(symbol);
            let start = &mut starts[(length & 15) as usize];
            sorted[*start as usize] = meanings[symbol].of_length(length as u32);
            *start += 1;
            i += 1;
        }
        self.bits = if longest < most_bits { longest } else { most_bits };
        self.fill(&counts, &sorted);
        true
    }

    /// Goes through the codewords of a complete code in their order.
    const fn fill(&mut self, counts: &[u16; 16], sorted: &[Entry]) {
        let (mut word, mut length, mut next) = (0_u32, 0_u32, 0);
        // The table so far is right for as many bits as the codewords so far have.
        let mut end = 1;
        while length < self.bits {
            length += 1;
            word <<= 1;
            if next > 0 {
                let (done, rest) = self.entries.split_at_mut(end);
                rest.split_at_mut(end).0.copy_from_slice(done);
            }
            end <<= 1;
            let behind = next + counts[length as usize] as usize;
            while next < behind {
                self.entries[as_read(word, length)] = sorted[next];
                next += 1;
                word += 1;
            }
        }
        // What is left has subtables, behind one another.
        let main = end;
        let (mut prefix, mut start) = (usize::MAX, end);
        while length < 15 {
            length += 1;
            word <<= 1;
            let mut count = counts[length as usize] as usize;
            while count > 0 {
                let read = as_read(word, length);
                if read & (main - 1) != prefix {
                    prefix = read & (main - 1);
                    start = end;
                    let mut bits = length - self.bits;
                    let mut used = count;
                    while used < 1 << bits {
                        bits += 1;
                        used = (used << 1) + counts[(self.bits + bits) as usize] as usize;
                    }
                    end = start + (1 << bits);
                    self.entries[prefix] = Entry::subtable(start, bits);
                }
                let mut at = start + (read >> self.bits);
                while at < end {
                    self.entries[at] = sorted[next];
                    at += 1 << (length - self.bits);
                }
                next += 1;
                count -= 1;
                word += 1;
            }
        }
    }
}

/// A codeword as it is read: its first bit lowest.
const fn as_read(word: u32, length: u32) -> usize {
    (word.reverse_bits() >> (32 - length)) as usize
}

impl LiteralTable {
    pub(super) const fn of_literals(&mut self, code: Code<'_>) -> bool {
        self.build(code, &LITERAL_MEANINGS, LITERAL_BITS, true)
    }

    /// Of blocks with fixed codes (RFC 1951 section 3.2.6).
    const fn fixed() -> Self {
        let mut lengths = Lengths::<LITERALS>::new();
        let mut symbol = 0;
        while symbol < LITERALS {
            let length = match symbol {
                144..256 => 9,
                256..280 => 7,
                _ => 8,
            };
            lengths.set(symbol, length);
            symbol += 1;
        }
        let mut table = Self::new();
        assert!(table.of_literals(lengths.code(0, LITERALS)));
        table
    }
}

impl DistanceTable {
    pub(super) const fn of_distances(&mut self, code: Code<'_>) -> bool {
        self.build(code, &DISTANCE_MEANINGS, DISTANCE_BITS, true)
    }

    const fn fixed() -> Self {
        let mut lengths = Lengths::<DISTANCES>::new();
        let mut symbol = 0;
        while symbol < DISTANCES {
            lengths.set(symbol, 5);
            symbol += 1;
        }
        let mut table = Self::new();
        assert!(table.of_distances(lengths.code(0, DISTANCES)));
        table
    }
}

impl LengthTable {
    pub(super) const fn of_lengths(&mut self, code: Code<'_>) -> bool {
        self.build(code, &LENGTH_MEANINGS, LENGTH_BITS, false)
    }
}

pub(super) static FIXED_LITERALS: [Entry; 512] = first(&LiteralTable::fixed());
pub(super) static FIXED_DISTANCES: [Entry; 32] = first(&DistanceTable::fixed());

/// The entries of a table without subtables.
const fn first<const N: usize, const M: usize>(table: &Table<N>) -> [Entry; M] {
    assert!(1 << table.bits == M);
    let mut entries = [Entry::NONE; M];
    let mut i = 0;
    while i < M {
        entries[i] = table.entries[i];
        i += 1;
    }
    entries
}

static LITERAL_MEANINGS: [Entry; LITERALS] = {
    let mut meanings = [Entry(EXCEPTION); LITERALS];
    let mut byte = 0;
    while byte < 256 {
        meanings[byte] = Entry::literal(byte as u32);
        byte += 1;
    }
    meanings[256] = Entry(EXCEPTION | END_OF_BLOCK);
    // Lengths of 3 to 257 in groups of four symbols, each with one more extra bit; and 258 by itself.
    let (mut base, mut symbol) = (3, 257);
    while symbol < 285 {
        let extra = if symbol < 265 { 0 } else { (symbol - 261) / 4 };
        meanings[symbol] = Entry::base(base, extra as u32);
        base += 1 << extra;
        symbol += 1;
    }
    meanings[285] = Entry::base(258, 0);
    meanings
};

static DISTANCE_MEANINGS: [Entry; DISTANCES] = {
    let mut meanings = [Entry(EXCEPTION); DISTANCES];
    let (mut base, mut symbol) = (1, 0);
    while symbol < 30 {
        let extra = if symbol < 4 { 0 } else { symbol / 2 - 1 };
        meanings[symbol] = Entry::base(base, extra as u32);
        base += 1 << extra;
        symbol += 1;
    }
    meanings
};

static LENGTH_MEANINGS: [Entry; 19] = {
    let mut meanings = [Entry(0); 19];
    let mut symbol = 0;
    while symbol < 16 {
        meanings[symbol] = LengthRun::meaning(symbol as u32, 1, 0);
        symbol += 1;
    }
    meanings[16] = Entry(LengthRun::SAME | LengthRun::meaning(0, 3, 2).0);
    meanings[17] = LengthRun::meaning(0, 3, 3);
    meanings[18] = LengthRun::meaning(0, 11, 7);
    meanings
};

/// A length that symbols next to each other have (RFC 1951 section 3.2.7), as the code length table says it:
///
/// | bits of an entry | |
/// |---|---|
/// | 0 to 5, 8 to 11 | as of a length |
/// | 16 to 22 | a mask for the extra bits |
/// | 23 | `SAME` |
/// | 24 to 27 | how many there are at least |
/// | 28 to 31 | the length |
pub(super) struct LengthRun {
    pub(super) count: usize,
    pub(super) length: u8,
}

impl LengthRun {
    /// The length of the symbol before.
    const SAME: u32 = 1 << 23;
    /// The most bits that one takes, extra ones included.
    pub(super) const MOST_BITS: u32 = 14;

    const fn meaning(length: u32, least: u32, extra: u32) -> Entry {
        Entry(length << 28 | least << 24 | ((1 << extra) - 1) << 16 | extra)
    }

    /// The one that `bits` begin with, by their entry, after a symbol of length `last`.
    #[inline(always)]
    pub(super) const fn of(entry: Entry, bits: u64, last: u8) -> Self {
        let Entry(entry) = entry;
        let extra = (bits >> (entry >> 8 & 0xf)) as u32 & entry >> 16 & 0x7f;
        let length = if entry & Self::SAME != 0 { last } else { (entry >> 28) as u8 };
        Self { count: ((entry >> 24 & 0xf) + extra) as usize, length }
    }
}
