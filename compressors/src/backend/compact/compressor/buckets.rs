//! Buckets of the last few places where four bytes of the same hash were: one cache line tells them all.

use std::ops::Range;

use super::codes::LONGEST_MATCH;
use super::matches::Finder;
use super::text::{Found, Text, bucket, common};

pub(super) struct Buckets<'a, const WAYS: usize> {
    text: Text<'a>,
    table: &'a mut [[u16; WAYS]],
    /// Within a match, every so many-th place is kept.
    stride: usize,
}

impl<'a, const WAYS: usize> Buckets<'a, WAYS> {
    /// The table has a power of two of buckets.
    pub(super) fn new(text: Text<'a>, table: &'a mut [u16], stride: usize) -> Self {
        Self { text, table: table.as_chunks_mut().0, stride }
    }

    #[inline(always)]
    fn longer(&mut self, at: usize, than: usize) -> Option<Found> {
        let word = self.text.word(at)?;
        let furthest = self.text.window.min(at);
        let place = self.text.place(at);
        let bucket = bucket(self.table, word);
        let places = *bucket;
        push(bucket, place);

        let mut best = Found { length: than, distance: 0 };
        if self.text.last <= furthest {
            self.compare(at, word, self.text.last, &mut best);
        }
        for known in places {
            let distance = usize::from(place.wrapping_sub(known));
            if best.length >= self.text.nice {
                break;
            }
            if distance.wrapping_sub(1) < furthest {
                self.compare(at, word, distance, &mut best);
            }
        }
        let short = self.text.insert_short(word, place);
        if best.distance > 0 {
            return Some(best);
        }
        if than == 0 { self.text.match_of_three(at, word, short?) } else { None }
    }

    /// Takes the match at this distance if it is longer, or as long and nearer.
    #[inline(always)]
    fn compare(&self, at: usize, word: u32, distance: usize, best: &mut Found) {
        if self.text.word(at - distance) != Some(word) {
            return;
        }
        let bytes = self.text.bytes;
        // Most are not, by the last byte of that alone.
        let last = best.length.saturating_sub(usize::from(distance < best.distance));
        if bytes.get(at - distance + last) != bytes.get(at + last) {
            return;
        }
        let length = common(bytes, at - distance, at, (bytes.len() - at).min(LONGEST_MATCH));
        if length > last {
            *best = Found { length, distance };
        }
    }
}

impl<'a, const WAYS: usize> Finder<'a> for Buckets<'a, WAYS> {
    #[inline(always)]
    fn text(&mut self) -> &mut Text<'a> {
        &mut self.text
    }

    #[inline(always)]
    fn longest(&mut self, at: usize) -> Option<Found> {
        self.longer(at, 0)
    }

    #[inline(always)]
    fn better(&mut self, at: usize, than: Found) -> Option<Found> {
        self.longer(at, than.length)
    }

    #[inline(always)]
    fn insert(&mut self, at: usize) {
        if let Some(word) = self.text.word(at) {
            let place = self.text.place(at);
            push(bucket(self.table, word), place);
            self.text.insert_short(word, place);
        }
    }

    #[inline(always)]
    fn insert_within(&mut self, places: Range<usize>) {
        let mut at = places.start;
        while at < places.end {
            self.insert(at);
            at += self.stride;
        }
    }
}

/// In front of the others, the oldest of which goes.
#[inline(always)]
fn push<const WAYS: usize>(bucket: &mut [u16; WAYS], place: u16) {
    let mut newer = place;
    for known in bucket {
        newer = core::mem::replace(known, newer);
    }
}
