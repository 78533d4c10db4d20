//! The history of a connection, into which the next messages are inflated.

use super::sink::{SLACK, Sink, View};
use crate::DecompressError;
#[cfg(feature = "hybrid")]
use crate::{backend::Past, payload::MAX_WINDOW};

/// The last bytes of a connection's messages, a window of them at least, and room for what comes next.
///
/// It grows with the bytes received. Once it is as long as it may get, it is gone through in laps: `a` is what came in this
/// one, `b` what is left of the one before.
///
/// ```text
/// 0        at           lap      bytes.len()
/// | aaaaaaa | . | bbbbbb | ...... |
/// ```
#[derive(Debug)]
pub(super) struct Ring {
    bytes: Vec<u8>,
    /// Where the next byte goes.
    at: usize,
    /// Where the lap before this one ended, which is beyond the window; 0 in the first.
    lap: usize,
    window: usize,
}

/// How much longer than the window it gets, in bytes: no match is cut in two at the end of a lap.
const LONGER: usize = 512;

impl Ring {
    /// An empty one, which holds no memory yet.
    pub(super) const fn new(window_bits: u8) -> Self {
        Self { bytes: Vec::new(), at: 0, lap: 0, window: 1 << window_bits }
    }

    pub(super) fn clear(&mut self) {
        (self.at, self.lap) = (0, 0);
    }

    pub(super) const fn window(&self) -> usize {
        self.window
    }

    /// Gives back what it doesn't need.
    pub(super) fn shrink(&mut self) {
        if self.lap == 0 {
            self.bytes.truncate(self.at);
            self.bytes.shrink_to_fit();
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// What comes next, from here on.
    pub(super) fn sink<'a>(&'a mut self, out: &'a mut Vec<u8>, limit: usize) -> RingSink<'a> {
        RingSink { from: self.at, ring: self, start: out.len(), out, left: limit, limit }
    }

    /// Takes note of a message that was inflated elsewhere.
    #[cfg(feature = "hybrid")]
    pub(super) fn push(&mut self, message: &[u8]) {
        let mut rest = last(message, self.window);
        while !rest.is_empty() {
            let room = self.end().saturating_sub(self.at);
            if room == 0 {
                self.make_room();
                continue;
            }
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.bytes[self.at..self.at + now.len()].copy_from_slice(now);
            self.at += now.len();
            rest = later;
        }
    }

    /// How far what comes next may get before there has to be more room.
    fn end(&self) -> usize {
        self.bytes.len().saturating_sub(SLACK)
    }

    /// Makes the ring longer or begins a lap.
    fn make_room(&mut self) {
        let longest = self.window + LONGER;
        if self.bytes.len() < longest {
            let length = (self.bytes.len() * 2).max(self.at + LONGER).min(longest);
            self.bytes.reserve_exact(length - self.bytes.len());
            self.bytes.resize(length, 0);
        } else {
            (self.at, self.lap) = (0, self.at);
        }
    }
}

#[cfg(feature = "hybrid")]
impl Past for Ring {
    fn len(&self) -> usize {
        if self.lap > 0 { self.window } else { self.at.min(self.window) }
    }

    fn followed_by<'a>(&'a self, message: &'a [u8]) -> [&'a [u8]; 3] {
        let message = last(message, MAX_WINDOW);
        let left = self.window.min(MAX_WINDOW - message.len());
        let newer = last(&self.bytes[..self.at], left);
        [last(&self.bytes[..self.lap], left - newer.len()), newer, message]
    }
}

#[cfg(feature = "hybrid")]
fn last(bytes: &[u8], count: usize) -> &[u8] {
    &bytes[bytes.len().saturating_sub(count)..]
}

/// A ring and where to what goes into it is copied.
pub(super) struct RingSink<'a> {
    ring: &'a mut Ring,
    /// What came since then is not in `out` yet.
    from: usize,
    out: &'a mut Vec<u8>,
    /// How long that was.
    start: usize,
    /// How much more may go there.
    left: usize,
    limit: usize,
}

impl RingSink<'_> {
    /// Copies the rest.
    pub(super) fn finish(mut self) {
        self.flush();
    }

    fn flush(&mut self) {
        let new = &self.ring.bytes[self.from..self.ring.at];
        if self.out.capacity() - self.out.len() < new.len() {
            // Twice as long, but what is new not beyond the limit.
            self.out.reserve_exact(self.out.len().min(self.left.max(self.start)).max(new.len()));
        }
        self.out.extend_from_slice(new);
        self.left -= new.len();
        self.from = self.ring.at;
    }
}

impl Sink for RingSink<'_> {
    const RUNS: bool = false;

    #[inline]
    fn view(&mut self) -> View<'_> {
        let end = self.ring.end().min(self.from.saturating_add(self.left));
        let Ring { bytes, at, lap, window } = &mut *self.ring;
        View { bytes, at, end, lap: *lap, window: *window }
    }

    fn make_room(&mut self) -> Result<(), DecompressError> {
        if self.from.saturating_add(self.left) < self.ring.end() {
            return Err(DecompressError::TooLong { limit: self.limit });
        }
        self.flush();
        self.ring.make_room();
        self.from = self.ring.at;
        Ok(())
    }
}
