//! Tables that turn the next bits into a symbol, and how they are built.
#![expect(
    clippy::cast_possible_truncation,
    reason = "symbols, entries and lengths in bits are small, and bits masked"
)]

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

    /// The symbol, of a table made with `CODE_LENGTHS`.
    #[inline(always)]
    pub(super) const fn symbol(self) -> u8 {
        self.byte()
    }

    /// How many bits the codeword and its extra bits have.
    #[inline(always)]
    pub(super) const fn bits(self) -> u32 {
        self.0 & 0x3f
    }

    /// The base and what the extra bits among `bits`, which the codeword begins, add to it.
    #[inline(always)]
    pub(super) const fn value(self, bits: u64) -> usize {
        let extra = (bits & ((1 << (self.0 & 0x3f)) - 1)) >> (self.0 >> 8 & 0xf);
        (self.0 >> 16) as usize + extra as usize
    }
}

/// A code's table of `1 << bits` entries and its subtables, in an array of at most `N`.
pub(super) struct Table<const N: usize> {
    entries: [Entry; N],
    bits: u32,
}

/// Of the literals and lengths: as many as 288 symbols need at most with subtables.
pub(super) type LiteralTable = Table<1334>;
/// Of the distances, likewise.
pub(super) type DistanceTable = Table<402>;
/// Of the code lengths: none has more than 7 bits, and so there are no subtables.
pub(super) type LengthTable = Table<128>;

/// A table's bits at most; codewords that are longer take a subtable.
const LITERAL_BITS: u32 = 10;
const DISTANCE_BITS: u32 = 8;
const LENGTH_BITS: u32 = 7;

/// How many symbols there are to build of, at most: those of fixed codes.
pub(super) const LITERALS: usize = 288;
pub(super) const DISTANCES: usize = 32;

impl<const N: usize> Table<N> {
    pub(super) const fn new() -> Self {
        Self { entries: [Entry::NONE; N], bits: 0 }
    }

    /// The entry for the next bits.
    #[inline(always)]
    pub(super) fn look_up(&self, bits: u64) -> Entry {
        let entry = self.entries[(bits & ((1 << self.bits) - 1)) as usize];
        if entry.is_subtable() { self.look_further(entry, bits) } else { entry }
    }

    #[inline]
    fn look_further(&self, entry: Entry, bits: u64) -> Entry {
        let within = bits >> self.bits & ((1 << (entry.0 >> 8 & 0xf)) - 1);
        self.entries[(entry.0 >> 16 & 0x7fff) as usize + within as usize]
    }

    /// Makes the table of a canonical code (RFC 1951 section 3.2.2), whose symbols mean `meanings`.
    ///
    /// Codes have to be complete. With `lone`, one of a single codeword of one bit will do, and one of none.
    const fn build(&mut self, lengths: &[u8], meanings: &[Entry], most_bits: u32, lone: bool) -> bool {
        let mut counts = [0_u16; 16];
        let mut i = 0;
        while i < lengths.len() {
            counts[(lengths[i] & 15) as usize] += 1;
            i += 1;
        }
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
        let mut symbols = [0_u16; LITERALS];
        i = 0;
        while i < lengths.len() {
            let length = (lengths[i] & 15) as usize;
            if length > 0 {
                symbols[starts[length] as usize] = i as u16;
                starts[length] += 1;
            }
            i += 1;
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
        self.bits = if longest < most_bits { longest } else { most_bits };
        self.fill(&counts, &symbols, meanings);
        true
    }

    /// Goes through the codewords of a complete code in their order, as they are read: their first bit lowest.
    const fn fill(&mut self, counts: &[u16; 16], symbols: &[u16; LITERALS], meanings: &[Entry]) {
        let (mut word, mut length, mut next) = (0_usize, 0_u32, 0);
        // The table so far is right for as many bits as the codewords so far have.
        let mut end = 1;
        while length < self.bits {
            length += 1;
            let mut i = 0;
            while i < end {
                self.entries[end + i] = self.entries[i];
                i += 1;
            }
            end <<= 1;
            let mut count = counts[length as usize];
            while count > 0 {
                self.entries[word] = meanings[symbols[next] as usize].of_length(length);
                next += 1;
                count -= 1;
                word = successor(word, end);
            }
        }
        // What is left has subtables, behind one another.
        let main = end;
        let (mut prefix, mut start) = (usize::MAX, end);
        while length < 15 {
            length += 1;
            let mut count = counts[length as usize];
            while count > 0 {
                if word & (main - 1) != prefix {
                    prefix = word & (main - 1);
                    start = end;
                    let mut bits = length - self.bits;
                    let mut used = count as usize;
                    while used < 1 << bits {
                        bits += 1;
                        used = (used << 1) + counts[(self.bits + bits) as usize] as usize;
                    }
                    end = start + (1 << bits);
                    self.entries[prefix] = Entry::subtable(start, bits);
                }
                let entry = meanings[symbols[next] as usize].of_length(length);
                let mut at = start + (word >> self.bits);
                while at < end {
                    self.entries[at] = entry;
                    at += 1 << (length - self.bits);
                }
                next += 1;
                count -= 1;
                word = successor(word, 1 << length);
            }
        }
    }
}

/// The next codeword of the same length, or what the next longer ones begin with; `end` is behind the last one.
const fn successor(word: usize, end: usize) -> usize {
    let free = word ^ (end - 1);
    if free == 0 {
        return 0;
    }
    let bit = 1 << free.ilog2();
    word & (bit - 1) | bit
}

impl LiteralTable {
    pub(super) const fn of_literals(&mut self, lengths: &[u8]) -> bool {
        self.build(lengths, &LITERAL_MEANINGS, LITERAL_BITS, true)
    }

    /// Of blocks with fixed codes (RFC 1951 section 3.2.6).
    const fn fixed() -> Self {
        let mut lengths = [8; LITERALS];
        let mut i = 144;
        while i < 280 {
            lengths[i] = if i < 256 { 9 } else { 7 };
            i += 1;
        }
        let mut table = Self::new();
        assert!(table.of_literals(&lengths));
        table
    }
}

impl DistanceTable {
    pub(super) const fn of_distances(&mut self, lengths: &[u8]) -> bool {
        self.build(lengths, &DISTANCE_MEANINGS, DISTANCE_BITS, true)
    }

    const fn fixed() -> Self {
        let mut table = Self::new();
        assert!(table.of_distances(&[5; DISTANCES]));
        table
    }
}

impl LengthTable {
    pub(super) const fn of_lengths(&mut self, lengths: &[u8]) -> bool {
        self.build(lengths, &LENGTH_MEANINGS, LENGTH_BITS, false)
    }
}

pub(super) static FIXED_LITERALS: LiteralTable = LiteralTable::fixed();
pub(super) static FIXED_DISTANCES: DistanceTable = DistanceTable::fixed();

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
    while symbol < 19 {
        meanings[symbol] = Entry::literal(symbol as u32);
        symbol += 1;
    }
    meanings
};
