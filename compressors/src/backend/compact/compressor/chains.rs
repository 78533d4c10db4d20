//! Chains of all places in a window where four bytes of the same hash were.
//!
//! ```text
//!  heads   | the last place of each hash |
//!  chains  | of each place in the window, the one before it with the same hash |
//! ```

use std::ops::Range;

use super::codes::{LEAST_MATCH, LONGEST_MATCH};
use super::matches::Finder;
use super::text::{Found, Text, bucket, common};

pub(super) struct Chains<'a> {
    text: Text<'a>,
    heads: &'a mut [u16],
    chains: &'a mut [u16],
    /// The steps of a search.
    depth: usize,
    /// Within a long match, every so many-th place is kept.
    stride: usize,
}

impl<'a> Chains<'a> {
    /// Of both tables there is a power of two, and of the chains as many as bytes in the window.
    pub(super) const fn new(
        text: Text<'a>,
        heads: &'a mut [u16],
        chains: &'a mut [u16],
        depth: usize,
        stride: usize,
    ) -> Self {
        Self { text, heads, chains, depth, stride }
    }

    /// Puts a place at the head of its chain, in front of that which is returned.
    #[inline(always)]
    fn enter(&mut self, word: u32, place: u16) -> u16 {
        let known = core::mem::replace(bucket(self.heads, word), place);
        let mask = self.chains.len() - 1;
        self.chains[usize::from(place) & mask] = known;
        known
    }

    /// The longest match at this place that is longer than that, and than three bytes; and where three were last.
    #[inline(always)]
    fn longer(&mut self, at: usize, than: usize, depth: usize) -> (Option<Found>, Option<u16>) {
        let Some(word) = self.text.word(at) else { return (None, None) };
        let place = self.text.place(at);
        let known = self.enter(word, place);
        let short = self.text.insert_short(word, place);

        let bytes = self.text.bytes;
        let most = (bytes.len() - at).min(LONGEST_MATCH);
        let mut best = Found { length: than.max(LEAST_MATCH), distance: 0 };
        if self.text.last <= self.text.window.min(at) && self.text.word(at - self.text.last) == Some(word) {
            let length = common(bytes, at - self.text.last, at, most);
            if length > best.length {
                best = Found { length, distance: self.text.last };
            }
        }
        if best.length < self.text.nice.min(most) {
            self.follow(known, at, word, most, depth, &mut best);
        }
        ((best.distance > 0).then_some(best), short)
    }

    /// Looks for a longer one, so many steps back.
    #[inline(always)]
    fn follow(&self, mut known: u16, at: usize, word: u32, most: usize, depth: usize, best: &mut Found) {
        let bytes = self.text.bytes;
        let place = self.text.place(at);
        let furthest = self.text.window.min(at);
        let mut nearer = 0;
        // What a longer one has in common beyond the first word: that which ends with the next byte.
        let mut end = self.text.word(at + best.length - 3);
        for _ in 0..depth {
            #[cfg(test)]
            STEPS.set(STEPS.get() + 1);
            let distance = usize::from(place.wrapping_sub(known));
            // A chain whose end was written over goes on anywhere, but never further and further for long.
            if distance <= nearer || distance > furthest {
                return;
            }
            nearer = distance;
            let from = at - distance;
            if self.text.word(from + best.length - 3) == end && self.text.word(from) == Some(word) {
                let length = common(bytes, from, at, most);
                if length > best.length {
                    *best = Found { length, distance };
                    if length >= self.text.nice.min(most) {
                        return;
                    }
                    end = self.text.word(at + length - 3);
                }
            }
            known = self.chains[usize::from(known) & (self.chains.len() - 1)];
        }
    }
}

impl<'a> Finder<'a> for Chains<'a> {
    #[inline(always)]
    fn text(&mut self) -> &mut Text<'a> {
        &mut self.text
    }

    #[inline(always)]
    fn longest(&mut self, at: usize) -> Option<Found> {
        let (found, short) = self.longer(at, 0, self.depth);
        found.or_else(|| self.text.match_of_three(at, self.text.word(at)?, short?))
    }

    /// A byte more is worth four bits, and so are two to the fourth power of distance. The literal between takes some.
    #[inline(always)]
    fn better(&mut self, at: usize, than: Found) -> Option<Found> {
        let depth = self.depth / if than.length < GOOD { 2 } else { 4 };
        let found = self.longer(at, than.length - 1, depth).0?;
        let gain = 4 * found.length + than.distance.ilog2() as usize;
        (gain > 4 * than.length + found.distance.ilog2() as usize + 2).then_some(found)
    }

    #[inline(always)]
    fn insert(&mut self, at: usize) {
        if let Some(word) = self.text.word(at) {
            self.enter(word, self.text.place(at));
        }
    }

    #[inline(always)]
    fn insert_within(&mut self, places: Range<usize>) {
        let stride = if places.len() < LONG_MATCH { 1 } else { self.stride };
        let mut at = places.start;
        while at < places.end {
            self.insert(at);
            at += stride;
        }
    }
}

/// In matches below this length, no place is left out.
const LONG_MATCH: usize = 32;

/// From this length on, half of the search for a better match is enough.
const GOOD: usize = 8;

#[cfg(test)]
thread_local! {
    /// Looks at earlier places.
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
