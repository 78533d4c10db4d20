//! The symbols of lengths and distances (RFC 1951 section 3.2.5), and the fixed Huffman codes (section 3.2.6).
#![expect(clippy::cast_possible_truncation, reason = "lengths, distances and codewords fit 16 bits")]

/// Literals and lengths: 256 literals, the end of the block, 29 lengths.
pub(super) const LITERALS: usize = 286;
pub(super) const LENGTHS: usize = 29;
pub(super) const DISTANCES: usize = 30;
pub(super) const END_OF_BLOCK: usize = 256;

pub(super) const LEAST_MATCH: usize = 3;
pub(super) const LONGEST_MATCH: usize = 258;

/// A codeword or several, ready to be written: the bits, and their number.
pub(super) type Word = (u32, u32);

/// The symbol of a match's length without [`END_OF_BLOCK`] and what is before it, and the extra bits.
#[inline(always)]
pub(super) const fn length_symbol(length: usize) -> (usize, Word) {
    let [slot, extra, count] = LENGTH_SLOTS[length & 511];
    (slot as usize, (extra as u32, count as u32))
}

/// The symbol of a match's distance, and the extra bits.
#[inline(always)]
pub(super) const fn distance_symbol(distance: usize) -> (usize, Word) {
    let value = distance as u32 - 1;
    if value < 4 {
        return (value as usize, (0, 0));
    }
    let extra = value.ilog2() - 1;
    let symbol = 2 * extra + (value >> extra);
    (symbol as usize, (value & ((1 << extra) - 1), extra))
}

/// The fixed codeword of a literal.
#[inline(always)]
pub(super) const fn fixed_literal(literal: u8) -> Word {
    (FIXED_LITERALS[literal as usize] as u32, 8 + (literal > 143) as u32)
}

/// The fixed codewords of a match, extra bits included.
#[inline(always)]
pub(super) const fn fixed_match(length: usize, distance: usize) -> Word {
    let (word, count) = FIXED_LENGTHS[length & 511];
    let (symbol, (extra, extra_count)) = distance_symbol(distance);
    let distance = FIXED_DISTANCES[symbol & 31] as u32 | extra << 5;
    (word as u32 | distance << count, count as u32 + 5 + extra_count)
}

/// The length of a fixed codeword of the literals and lengths.
pub(super) const fn fixed_length(symbol: usize) -> u32 {
    match symbol {
        0..144 | 280.. => 8,
        144..256 => 9,
        _ => 7,
    }
}

/// The bits of the fixed codeword of the end of a block, all zero.
pub(super) const FIXED_END: Word = (0, 7);

/// A codeword with its first bit lowest, as it is sent.
pub(super) const fn reversed(code: u32, count: u32) -> u32 {
    code.reverse_bits() >> (32 - count)
}

/// Of each length: its symbol from the first of them on, the extra bits and their number. Lengths there are none of have
/// entries, so that no look needs a check.
static LENGTH_SLOTS: [[u8; 3]; 512] = {
    let mut slots = [[0; 3]; 512];
    let mut length = LEAST_MATCH;
    while length <= LONGEST_MATCH {
        let value = length as u32 - 3;
        slots[length] = if length == LONGEST_MATCH {
            [28, 0, 0]
        } else if value < 8 {
            [value as u8, 0, 0]
        } else {
            let extra = value.ilog2() - 2;
            [(4 * extra + (value >> extra)) as u8, (value & ((1 << extra) - 1)) as u8, extra as u8]
        };
        length += 1;
    }
    slots
};

static FIXED_LITERALS: [u16; 256] = {
    let mut words = [0; 256];
    let mut literal = 0;
    while literal < 256 {
        words[literal] = if literal < 144 {
            reversed(0x30 + literal as u32, 8) as u16
        } else {
            reversed(0x190 + literal as u32 - 144, 9) as u16
        };
        literal += 1;
    }
    words
};

/// With the extra bits, and the number of all bits.
static FIXED_LENGTHS: [(u16, u8); 512] = {
    let mut words = [(0, 0); 512];
    let mut length = LEAST_MATCH;
    while length <= LONGEST_MATCH {
        let [slot, extra, extra_count] = LENGTH_SLOTS[length];
        let symbol = slot as u32 + END_OF_BLOCK as u32 + 1;
        let count = fixed_length(symbol as usize);
        let code = if count == 7 { symbol - 256 } else { 0xc0 + symbol - 280 };
        let word = reversed(code, count) | (extra as u32) << count;
        words[length] = (word as u16, count as u8 + extra_count);
        length += 1;
    }
    words
};

static FIXED_DISTANCES: [u8; 32] = {
    let mut words = [0; 32];
    let mut symbol = 0;
    while symbol < 32 {
        words[symbol] = reversed(symbol as u32, 5) as u8;
        symbol += 1;
    }
    words
};
