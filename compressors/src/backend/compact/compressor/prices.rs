//! What symbols cost in bits, as far as is known.
#![expect(clippy::cast_possible_truncation, reason = "prices are below 2^8 eighths of a bit")]

use super::codes::{
    DISTANCES, END_OF_BLOCK, LENGTHS, LITERALS, distance_symbol, fixed_length, length_symbol,
};
use super::tokens::Counts;

/// The length of each symbol's codeword, or what it would be, in eighths of a bit; with the extra bits.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    literals: [u8; 256],
    lengths: [u8; LENGTHS],
    distances: [u8; DISTANCES],
}

impl Prices {
    /// Those of the fixed codes.
    pub(super) const FIXED: Self = {
        let mut prices = Self { literals: [0; 256], lengths: [0; LENGTHS], distances: [5 * BIT; DISTANCES] };
        let mut symbol = 0;
        while symbol < LITERALS {
            let price = fixed_length(symbol) as u8 * BIT;
            if symbol < END_OF_BLOCK {
                prices.literals[symbol] = price;
            } else if symbol > END_OF_BLOCK {
                prices.lengths[symbol - END_OF_BLOCK - 1] = price;
            }
            symbol += 1;
        }
        prices
    };

    /// Those of codes that are best for symbols that occur so often.
    pub(super) fn by_counts(counts: &Counts) -> Self {
        // One that doesn't occur is taken for half of one that does.
        let of = |counts: &[u16]| {
            let all: u32 = counts.iter().map(|&count| u32::from(count)).sum();
            let all = eighths(2 * all + 1);
            move |count: u16| (all - eighths(2 * u32::from(count) + 1)) as u8
        };
        Self::new(&counts.literals, &counts.distances, of(&counts.literals), of(&counts.distances))
    }

    /// Those of codes with codewords of such lengths; what has none would have a long one.
    pub(super) fn by_words(literals: &[(u16, u8); LITERALS], distances: &[(u16, u8); DISTANCES]) -> Self {
        let price = |(_, length)| if length == 0 { NEW } else { length * BIT };
        Self::new(literals, distances, price, price)
    }

    fn new<T: Copy>(
        literals: &[T; LITERALS],
        distances: &[T; DISTANCES],
        literal: impl Fn(T) -> u8,
        distance: impl Fn(T) -> u8,
    ) -> Self {
        Self {
            literals: core::array::from_fn(|symbol| literal(literals[symbol])),
            lengths: core::array::from_fn(|slot| literal(literals[END_OF_BLOCK + 1 + slot])),
            distances: distances.map(distance),
        }
    }

    /// Whether a match takes fewer bits than its bytes. A long one does.
    #[inline(always)]
    pub(super) fn pays(&self, bytes: &[u8], distance: usize) -> bool {
        if bytes.len() >= ALWAYS_PAYS {
            return true;
        }
        let (slot, (_, length_extra)) = length_symbol(bytes.len());
        let (symbol, (_, distance_extra)) = distance_symbol(distance);
        let price = u32::from(self.lengths[slot])
            + u32::from(self.distances[symbol])
            + (length_extra + distance_extra) * u32::from(BIT);
        price < bytes.iter().map(|&byte| u32::from(self.literals[usize::from(byte)])).sum()
    }
}

/// The logarithm to base 2 in eighths, by straight lines between the powers of two.
const fn eighths(number: u32) -> u32 {
    let whole = number.ilog2();
    whole * 8 + ((number << (31 - whole)) >> 28 & 7)
}

const BIT: u8 = 8;

/// What a literal is taken for that had no codeword.
const NEW: u8 = 13 * BIT;

/// From this length on, a match is not weighed.
const ALWAYS_PAYS: usize = 10;
