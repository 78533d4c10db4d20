//! The lengths of the codewords that a block describes.
#![expect(
    clippy::cast_possible_truncation,
    reason = "symbols and lengths in bits are small, and bits masked"
)]

/// The lengths of the codewords of one code or two, the second behind the first.
pub(super) struct Lengths<const N: usize> {
    lengths: [u8; N],
    /// Which of them are not 0, a bit for each.
    used: [u64; 8],
}

impl<const N: usize> Lengths<N> {
    /// All 0.
    pub(super) const fn new() -> Self {
        Self { lengths: [0; N], used: [0; 8] }
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.lengths.fill(0);
        self.used.fill(0);
    }

    #[inline(always)]
    pub(super) const fn set(&mut self, symbol: usize, length: u8) {
        self.lengths[symbol] = length;
        self.used[symbol / 64 % 8] |= ((length > 0) as u64) << (symbol % 64);
    }

    /// Of this symbol and those behind it, up to eight.
    #[inline(always)]
    pub(super) fn set_some(&mut self, symbol: usize, length: u8) {
        self.lengths[symbol..symbol + 8].fill(length);
    }

    /// Finds the lengths that are not 0, all of them having been [set by the eight](Self::set_some).
    pub(super) fn find_used(&mut self) {
        let (words, _) = self.lengths.as_chunks::<8>();
        for (used, words) in self.used.iter_mut().zip(words.chunks(8)) {
            *used = 0;
            for word in words.iter().rev() {
                // No length has its highest bit set.
                let nonzero = (u64::from_le_bytes(*word) + 0x7f7f_7f7f_7f7f_7f7f) & 0x8080_8080_8080_8080;
                *used = *used << 8 | (nonzero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            }
        }
    }

    #[inline]
    pub(super) const fn first(&self) -> u8 {
        self.lengths[0]
    }

    #[inline]
    pub(super) const fn has(&self, symbol: usize) -> bool {
        self.used[symbol / 64] >> (symbol % 64) & 1 == 1
    }

    /// The code of the symbols from `start` to `end`.
    #[inline]
    pub(super) const fn code(&self, start: usize, end: usize) -> Code<'_> {
        Code { lengths: &self.lengths, used: &self.used, start, end }
    }
}

/// The lengths of a code's codewords.
#[derive(Clone, Copy)]
pub(super) struct Code<'a> {
    lengths: &'a [u8],
    used: &'a [u64; 8],
    start: usize,
    end: usize,
}

impl Code<'_> {
    /// Lists the symbols that have codewords, and counts them, altogether and by length.
    #[inline]
    pub(super) const fn symbols(self, symbols: &mut [u16], counts: &mut [u16; 16]) -> usize {
        let (mut at, mut used) = (self.start / 64, 0);
        let mut bits = self.used[at] & !0 << (self.start % 64);
        loop {
            while bits != 0 {
                let symbol = at * 64 + bits.trailing_zeros() as usize;
                if symbol >= self.end {
                    return used;
                }
                bits &= bits - 1;
                symbols[used] = (symbol - self.start) as u16;
                counts[(self.lengths[symbol] & 15) as usize] += 1;
                used += 1;
            }
            at += 1;
            if at * 64 >= self.end {
                return used;
            }
            bits = self.used[at];
        }
    }

    #[inline]
    pub(super) const fn length(self, symbol: usize) -> u8 {
        self.lengths[self.start + symbol]
    }
}
