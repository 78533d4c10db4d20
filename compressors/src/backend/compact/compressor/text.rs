//! What all ways of finding matches share: the text, its places, and matches of three bytes.
#![expect(clippy::cast_possible_truncation, reason = "places wrap around at 2^16")]

use super::codes::LEAST_MATCH;

/// A match.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) length: usize,
    pub(super) distance: usize,
}

/// The text that is looked into while it is parsed.
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) window: usize,
    /// The place of the first byte.
    pub(super) base: u16,
    /// A match of this length is taken without another look.
    pub(super) nice: usize,
    /// The distance of the last match.
    pub(super) last: usize,
    /// The last place of each hash of three bytes, a power of two of them or none.
    pub(super) short: &'a mut [[u16; 1]],
}

impl Text<'_> {
    #[inline(always)]
    pub(super) const fn place(&self, at: usize) -> u16 {
        self.base.wrapping_add(at as u16)
    }

    /// The four bytes there, if there are as many.
    #[inline(always)]
    pub(super) fn word(&self, at: usize) -> Option<u32> {
        self.bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// A match of three bytes, if it takes fewer bits than they do.
    #[inline(always)]
    pub(super) fn match_of_three(&self, at: usize, word: u32, known: u16) -> Option<Found> {
        let distance = usize::from(self.place(at).wrapping_sub(known));
        let furthest = self.window.min(at).min(self.short.len() * 4);
        let other = self.word(at.checked_sub(distance)?)?;
        let is_one = (1..=furthest).contains(&distance) && (word ^ other) & 0x00ff_ffff == 0;
        is_one.then_some(Found { length: LEAST_MATCH, distance })
    }

    /// Puts a place into the table of three bytes, in the place of that which is returned.
    #[inline(always)]
    pub(super) fn insert_short(&mut self, word: u32, place: u16) -> Option<u16> {
        if self.short.is_empty() {
            return None;
        }
        // The fourth byte is shifted out.
        let [known] = bucket(self.short, word << 8);
        Some(core::mem::replace(known, place))
    }
}

/// The one of a word's hash, of a power of two of them.
#[inline(always)]
pub(super) fn bucket<T>(table: &mut [T], word: u32) -> &mut T {
    let hash = (word.wrapping_mul(0x9e37_79b1) >> 15) as usize;
    let mask = table.len() - 1;
    &mut table[hash & mask]
}

/// How many bytes are the same at two places, `most` at most.
#[inline(always)]
pub(super) fn common(text: &[u8], earlier: usize, later: usize, most: usize) -> usize {
    let (earlier, later) = (&text[earlier..][..most], &text[later..][..most]);
    for (i, (word, other)) in earlier.as_chunks().0.iter().zip(later.as_chunks().0).enumerate() {
        if let Some(same) = same_bytes(word, other) {
            return i * WORD + same;
        }
    }
    // What is left is the end of the last word there is room for, the rest of which is the same.
    match (earlier.last_chunk(), later.last_chunk()) {
        (Some(word), Some(other)) => same_bytes(word, other).map_or(most, |same| most - WORD + same),
        _ => earlier.iter().zip(later).take_while(|(byte, other)| byte == other).count(),
    }
}

/// How many bytes are the same at the start of two words that are not.
#[inline(always)]
fn same_bytes(word: &[u8; WORD], other: &[u8; WORD]) -> Option<usize> {
    let difference = u128::from_le_bytes(*word) ^ u128::from_le_bytes(*other);
    (difference != 0).then_some((difference.trailing_zeros() / 8) as usize)
}

/// How many bytes are compared at once.
const WORD: usize = 16;
