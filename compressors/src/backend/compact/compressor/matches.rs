//! Finding matches: a table of the last places where four bytes of the same hash were.
//!
//! ```text
//! at each byte: try the distance of the match before, then the places that the table knows, newest first
//!     the longest wins; among equals the nearest
//!     lazily: one byte further on, is there a longer one? then this byte is a literal
//! ```
//!
//! Places are counted in 16 bits from the first byte of all and wrap around. An old one may thus stand for a younger one; but
//! every match is compared byte by byte, so that costs a look and no more. What was there before a text that is compressed
//! by itself must not even be found that way: its places go before they would wrap around.
#![expect(clippy::cast_possible_truncation, reason = "places wrap around at 2^16")]

use super::codes::{LEAST_MATCH, LONGEST_MATCH};
use super::effort::Effort;

/// What takes the literals and matches of a text.
pub(super) trait Sink {
    fn literal(&mut self, byte: u8);

    fn copy(&mut self, length: usize, distance: usize);
}

/// The text so far, as much as the window holds, and the places in it.
#[derive(Debug)]
pub(super) struct Matches {
    effort: Effort,
    window: usize,
    pub(super) text: Vec<u8>,
    /// The place of the first byte of the text, which is at least 1.
    base: u64,
    /// The last place before what was compressed since the last [`clear`](Self::clear), which no match may refer to; 0 if the
    /// table knows none.
    forgotten: u16,
    /// The first byte that the table doesn't know.
    unknown: usize,
    /// The distance of the last match.
    last: usize,
    table: Vec<u16>,
    /// The last place of each hash of three bytes; empty if it isn't asked for.
    short: Vec<u16>,
}

impl Matches {
    /// `window` is a power of two, or 0 for a text in which no match is looked for.
    pub(super) fn new(effort: Effort, window: usize) -> Self {
        let places = if window > 0 { (window >> effort.sparse).max(effort.ways * 32) } else { 0 };
        Self {
            effort,
            window,
            text: Vec::new(),
            base: 1,
            forgotten: 0,
            unknown: 0,
            last: 1,
            table: vec![0; places],
            short: vec![0; if effort.short { SHORT_PLACES } else { 0 }],
        }
    }

    /// Forgets the text, and is then like a new one.
    pub(super) fn clear(&mut self) {
        self.forget(self.text.len());
        self.last = 1;
        match u16::try_from(self.base - 1) {
            Ok(last) => self.forgotten = last,
            Err(_) => {
                self.table.fill(0);
                self.short.fill(0);
                (self.base, self.forgotten) = (1, 0);
            }
        }
    }

    /// Appends to the text, whose memory grows by doubling up to `limit`.
    pub(super) fn append(&mut self, bytes: &[u8], limit: usize) {
        let needed = self.text.len() + bytes.len();
        if self.forgotten > 0 && self.base + needed as u64 > PLACES {
            self.drop_forgotten();
        }
        if needed > self.text.capacity() {
            let capacity = (self.text.capacity() * 2).clamp(needed, limit);
            self.text.reserve_exact(capacity - self.text.len());
        }
        self.text.extend_from_slice(bytes);
    }

    /// Counts the places from the last `clear` on, as a new one does.
    fn drop_forgotten(&mut self) {
        let forgotten = core::mem::take(&mut self.forgotten);
        for table in [&mut self.table, &mut self.short] {
            table.iter_mut().for_each(|place| *place = place.saturating_sub(forgotten));
        }
        self.base -= u64::from(forgotten);
    }

    /// Forgets what no match from `next` on can reach.
    pub(super) fn slide(&mut self, next: usize) {
        self.forget(next.saturating_sub(self.window));
    }

    fn forget(&mut self, count: usize) {
        self.text.drain(..count);
        self.base += count as u64;
        self.unknown = self.unknown.saturating_sub(count);
    }

    pub(super) const fn effort(&self) -> &Effort {
        &self.effort
    }

    pub(super) fn memory(&self) -> usize {
        self.text.capacity() + (self.table.capacity() + self.short.capacity()) * 2
    }

    /// Hands the text from there on to the sink.
    pub(super) fn parse(&mut self, from: usize, sink: &mut impl Sink) {
        match self.effort.ways {
            1 => self.parse_by::<1>(from, sink),
            2 => self.parse_by::<2>(from, sink),
            4 => self.parse_by::<4>(from, sink),
            8 => self.parse_by::<8>(from, sink),
            _ => self.parse_by::<16>(from, sink),
        }
    }

    fn parse_by<const WAYS: usize>(&mut self, from: usize, sink: &mut impl Sink) {
        let mut search = Search::<WAYS> {
            text: &self.text,
            window: self.window,
            base: self.base as u16,
            nice: self.effort.nice,
            table: self.table.as_chunks_mut().0,
            short: self.short.as_chunks_mut().0,
            last: self.last,
        };
        // Those that had too few bytes behind them when the text ended there.
        for at in self.unknown..from {
            search.insert(at);
        }
        let end = search.text.len();
        let (mut at, mut misses) = (from, 0);
        while at + 4 <= end {
            let Some(mut found) = search.longest(at, 0) else {
                // What has no matches for long, is left out more and more.
                let skip = (1 + (misses >> 6)).min(end - at);
                misses += 1;
                for &byte in &search.text[at..at + skip] {
                    sink.literal(byte);
                }
                at += skip;
                continue;
            };
            misses = 0;
            let mut inserted = 1;
            while found.length < self.effort.lazy && at + 5 <= end {
                inserted = 2;
                let Some(next) = search.longest(at + 1, found.length) else { break };
                sink.literal(search.text[at]);
                (found, inserted) = (next, 1);
                at += 1;
            }
            sink.copy(found.length, found.distance);
            search.last = found.distance;
            let behind = at + found.length;
            let mut within = at + inserted;
            while within < behind {
                search.insert(within);
                within += self.effort.stride;
            }
            at = behind;
        }
        for &byte in &search.text[at.min(end)..] {
            sink.literal(byte);
        }
        self.last = search.last;
        self.unknown = end.saturating_sub(3).max(from);
    }
}

/// A match; none if its length is 0.
#[derive(Clone, Copy)]
struct Found {
    length: usize,
    distance: usize,
}

/// What is looked into while a text is parsed.
struct Search<'a, const WAYS: usize> {
    text: &'a [u8],
    window: usize,
    base: u16,
    nice: usize,
    table: &'a mut [[u16; WAYS]],
    short: &'a mut [[u16; 1]],
    last: usize,
}

impl<const WAYS: usize> Search<'_, WAYS> {
    /// The longest match at this place, if it is longer than that; and puts the place into the table.
    #[inline(always)]
    fn longest(&mut self, at: usize, longer_than: usize) -> Option<Found> {
        let word = self.word(at)?;
        let furthest = self.window.min(at);
        let place = self.base.wrapping_add(at as u16);
        let bucket = bucket(self.table, word);
        let places = *bucket;
        push(bucket, place);

        let mut best = Found { length: longer_than, distance: 0 };
        if self.last <= furthest {
            self.compare(at, word, self.last, &mut best);
        }
        for known in places {
            let distance = usize::from(place.wrapping_sub(known));
            if best.length >= self.nice {
                break;
            }
            if distance.wrapping_sub(1) < furthest {
                self.compare(at, word, distance, &mut best);
            }
        }
        let short = self.insert_short(word, place);
        if best.distance > 0 {
            return Some(best);
        }
        if longer_than == 0 { self.match_of_three(at, word, place.wrapping_sub(short?).into()) } else { None }
    }

    /// A match of three bytes, if it takes fewer bits than they do.
    #[inline(always)]
    fn match_of_three(&self, at: usize, word: u32, distance: usize) -> Option<Found> {
        let furthest = self.window.min(at).min(FURTHEST_SHORT);
        let other = self.word(at.checked_sub(distance)?)?;
        let is_one = (1..=furthest).contains(&distance) && (word ^ other) & 0x00ff_ffff == 0;
        is_one.then_some(Found { length: LEAST_MATCH, distance })
    }

    /// Puts a place into the table of three bytes, in the place of that which is returned.
    #[inline(always)]
    fn insert_short(&mut self, word: u32, place: u16) -> Option<u16> {
        if self.short.is_empty() {
            return None;
        }
        // The fourth byte is shifted out.
        let [known] = bucket(self.short, word << 8);
        Some(core::mem::replace(known, place))
    }

    /// Takes the match at this distance if it is longer, or as long and nearer.
    #[inline(always)]
    fn compare(&self, at: usize, word: u32, distance: usize, best: &mut Found) {
        if self.word(at - distance) != Some(word) {
            return;
        }
        // Most are not, by the last byte of that alone.
        let last = best.length.saturating_sub(usize::from(distance < best.distance));
        if self.text.get(at - distance + last) != self.text.get(at + last) {
            return;
        }
        let most = (self.text.len() - at).min(LONGEST_MATCH);
        let length = common(self.text, at - distance, at, most);
        if length > last {
            *best = Found { length, distance };
        }
    }

    #[inline(always)]
    fn insert(&mut self, at: usize) {
        if let Some(word) = self.word(at) {
            let place = self.base.wrapping_add(at as u16);
            push(bucket(self.table, word), place);
            self.insert_short(word, place);
        }
    }

    #[inline(always)]
    fn word(&self, at: usize) -> Option<u32> {
        word(self.text, at)
    }
}

#[inline(always)]
fn word(text: &[u8], at: usize) -> Option<u32> {
    text.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

#[inline(always)]
fn bucket<const WAYS: usize>(table: &mut [[u16; WAYS]], word: u32) -> &mut [u16; WAYS] {
    let hash = (word.wrapping_mul(0x9e37_79b1) >> 15) as usize;
    // There is a power of two of them.
    let mask = table.len() - 1;
    &mut table[hash & mask]
}

/// In front of the others, the oldest of which goes.
#[inline(always)]
fn push<const WAYS: usize>(bucket: &mut [u16; WAYS], place: u16) {
    let mut newer = place;
    for known in bucket {
        newer = core::mem::replace(known, newer);
    }
}

/// How many bytes are the same at two places, `most` at most.
#[inline(always)]
fn common(text: &[u8], earlier: usize, later: usize, most: usize) -> usize {
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

/// How many places there are to tell from each other.
const PLACES: u64 = 1 << 16;

/// How many places of three bytes are known, a power of two.
const SHORT_PLACES: usize = 512;

/// Further away, three bytes take hardly more bits by themselves.
const FURTHEST_SHORT: usize = 512;

/// How many bytes are compared at once.
const WORD: usize = 16;
