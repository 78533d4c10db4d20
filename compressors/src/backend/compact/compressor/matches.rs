//! Finding matches: the text as far back as the window reaches, and how it becomes literals and matches.
//!
//! ```text
//! at each byte: try the distance of the match before, then the places where these bytes were, newest first
//!     the longest wins; if it takes more bits than its bytes, the first of them is a literal
//!     lazily: one byte further on, is there a better one? then this byte is a literal
//! ```
//!
//! Places are counted in 16 bits from the first byte of all and wrap around. An old one may thus stand for a younger one; but
//! every match is compared byte by byte, so that costs a look and no more. What was there before a text that is compressed
//! by itself must not even be found that way: its places go before they would wrap around.
#![expect(clippy::cast_possible_truncation, reason = "places wrap around at 2^16")]

use std::ops::Range;

use super::buckets::Buckets;
use super::chains::Chains;
use super::effort::{Effort, Search};
use super::text::{Found, Text};

/// What takes the literals and matches of a text.
pub(super) trait Sink {
    fn literal(&mut self, byte: u8);

    fn copy(&mut self, length: usize, distance: usize);
}

/// A sink that has an idea of what things cost.
pub(super) trait Weigh: Sink {
    /// Whether a match from this far back takes fewer bits than the bytes that it stands for.
    fn pays(&self, bytes: &[u8], distance: usize) -> bool;
}

/// The places of a text, and matches there.
pub(super) trait Finder<'a> {
    fn text(&mut self) -> &mut Text<'a>;

    /// The longest match at this place, which becomes known.
    fn longest(&mut self, at: usize) -> Option<Found>;

    /// A match at this place, which becomes known, for which one at the place before is dropped.
    fn better(&mut self, at: usize, than: Found) -> Option<Found>;

    /// Makes a place known.
    fn insert(&mut self, at: usize);

    /// Makes places within a match known.
    fn insert_within(&mut self, places: Range<usize>);
}

/// The text so far, as much as the window holds, and the places in it.
#[derive(Debug)]
pub(super) struct Matches {
    effort: Effort,
    window: usize,
    pub(super) text: Vec<u8>,
    /// The place of the first byte of the text, which is at least 1.
    base: u64,
    /// The last place before what was compressed since the last [`clear`](Self::clear), which no match may refer to; 0 if no
    /// table knows any.
    forgotten: u16,
    /// The first byte that the tables don't know.
    unknown: usize,
    /// The distance of the last match.
    last: usize,
    /// The last places of each hash, bucket by bucket; or the last one.
    heads: Vec<u16>,
    /// The place before each place with the same hash, at the place's number modulo the window; empty without chains.
    chains: Vec<u16>,
    /// The last place of each hash of three bytes; empty if it isn't asked for.
    short: Vec<u16>,
}

impl Matches {
    /// `window` is a power of two, or 0 for a text in which no match is looked for.
    pub(super) fn new(effort: Effort, window: usize) -> Self {
        let (heads, chains) = match effort.search {
            _ if window == 0 => (0, 0),
            Search::Buckets { ways, sparse } => ((window >> sparse).max(ways * 32), 0),
            Search::Chains { .. } => (window / 2, window),
        };
        Self {
            effort,
            window,
            text: Vec::new(),
            base: 1,
            forgotten: 0,
            unknown: 0,
            last: 1,
            heads: vec![0; heads],
            chains: vec![0; chains],
            short: vec![0; effort.short],
        }
    }

    /// Forgets the text, and is then like a new one.
    pub(super) fn clear(&mut self) {
        self.forget(self.text.len());
        self.last = 1;
        match u16::try_from(self.base - 1) {
            Ok(last) => self.forgotten = last,
            Err(_) => {
                self.tables().into_iter().for_each(|table| table.fill(0));
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
        for table in self.tables() {
            table.iter_mut().for_each(|place| *place = place.saturating_sub(forgotten));
        }
        if !self.chains.is_empty() {
            let moved = usize::from(forgotten) % self.chains.len();
            self.chains.rotate_left(moved);
        }
        self.base -= u64::from(forgotten);
    }

    const fn tables(&mut self) -> [&mut Vec<u16>; 3] {
        [&mut self.heads, &mut self.chains, &mut self.short]
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
        let places = self.heads.capacity() + self.chains.capacity() + self.short.capacity();
        self.text.capacity() + places * size_of::<u16>()
    }

    /// Hands the text from there on to the sink.
    pub(super) fn parse(&mut self, from: usize, sink: &mut impl Weigh) {
        let text = Text {
            bytes: &self.text,
            window: self.window,
            base: self.base as u16,
            nice: self.effort.nice,
            last: self.last,
            short: self.short.as_chunks_mut().0,
        };
        let (effort, unknown, heads) = (&self.effort, self.unknown, &mut self.heads);
        let stride = effort.stride;
        self.last = match effort.search {
            Search::Buckets { ways: 1, .. } => {
                parse(Buckets::<1>::new(text, heads, stride), effort, unknown, from, sink)
            }
            Search::Buckets { .. } => {
                parse(Buckets::<2>::new(text, heads, stride), effort, unknown, from, sink)
            }
            Search::Chains { depth, depth_in_short } => {
                let is_short = self.text.len() - from <= SHORT_TEXT;
                let (depth, stride) = if is_short { (depth_in_short, 1) } else { (depth, stride) };
                parse(Chains::new(text, heads, &mut self.chains, depth, stride), effort, unknown, from, sink)
            }
        };
        self.unknown = self.text.len().saturating_sub(3).max(from);
    }
}

/// Does so with a finder; returns the distance of the last match.
fn parse<'a>(
    mut finder: impl Finder<'a>,
    effort: &Effort,
    unknown: usize,
    from: usize,
    sink: &mut impl Weigh,
) -> usize {
    // Those that had too few bytes behind them when the text ended there.
    for at in unknown..from {
        finder.insert(at);
    }
    let bytes = finder.text().bytes;
    let end = bytes.len();
    let (mut at, mut misses) = (from, 0);
    while at + 4 <= end {
        let Some(mut found) = finder.longest(at) else {
            // What has no matches for long, is left out more and more.
            let skip = (1 + (misses >> 6)).min(end - at);
            misses += 1;
            for &byte in &bytes[at..at + skip] {
                sink.literal(byte);
            }
            at += skip;
            continue;
        };
        misses = 0;
        if !sink.pays(&bytes[at..at + found.length], found.distance) {
            sink.literal(bytes[at]);
            at += 1;
            continue;
        }
        let mut known = 1;
        while found.length < effort.lazy && at + 5 <= end {
            known = 2;
            let Some(next) = finder.better(at + 1, found) else { break };
            sink.literal(bytes[at]);
            (found, known) = (next, 1);
            at += 1;
        }
        sink.copy(found.length, found.distance);
        finder.text().last = found.distance;
        finder.insert_within(at + known..at + found.length);
        at += found.length;
    }
    for &byte in &bytes[at.min(end)..] {
        sink.literal(byte);
    }
    finder.text().last
}

/// How many places there are to tell from each other.
const PLACES: u64 = 1 << 16;

/// In texts up to this length there is time to look for matches further back, and no place is left out.
const SHORT_TEXT: usize = 512;
