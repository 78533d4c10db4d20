//! Where inflated bytes go, and what matches refer to.

use crate::DecompressError;
use crate::ratio::MIN_ROOM;

/// Takes what comes out of a payload.
pub(super) trait Sink {
    /// Whether literals mostly come several at a time, as in messages that can't refer to others.
    const RUNS: bool;

    /// What there is, and the room behind it.
    fn view(&mut self) -> View<'_>;

    /// Makes more room, for the longest match at least.
    ///
    /// # Errors
    /// [`DecompressError::TooLong`] if all the room was used that there may be.
    fn make_room(&mut self) -> Result<(), DecompressError>;
}

/// Bytes that have come, and room for more.
pub(super) struct View<'a> {
    pub(super) bytes: &'a mut [u8],
    /// Where the next byte goes. What is before it has come.
    pub(super) at: &'a mut usize,
    /// Where the room ends; there may be more bytes, to write on without harm.
    pub(super) end: usize,
    /// Up to where there are older bytes, beginning `SLACK` bytes behind `at` at the latest; 0 if there are none.
    pub(super) lap: usize,
    /// The longest distance that was agreed on.
    pub(super) window: usize,
}

/// How much is copied at once.
const CHUNK: usize = 32;

/// How much may be written behind the end of a match.
pub(super) const SLACK: usize = CHUNK;

/// Nothing but a message without history, straight to where it has to go.
pub(super) struct Direct<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    at: usize,
    limit: usize,
    window: usize,
}

impl<'a> Direct<'a> {
    /// With room for so many bytes to begin with.
    pub(super) fn new(out: &'a mut Vec<u8>, room: usize, limit: usize, window: usize) -> Self {
        let start = out.len();
        out.resize(start + room.min(limit), 0);
        Self { out, start, at: 0, limit, window }
    }

    /// Leaves what has come, and no room behind it.
    pub(super) fn finish(self) {
        self.out.truncate(self.start + self.at);
    }
}

impl Sink for Direct<'_> {
    const RUNS: bool = true;

    #[inline]
    fn view(&mut self) -> View<'_> {
        let bytes = &mut self.out[self.start..];
        View { end: bytes.len(), bytes, at: &mut self.at, lap: 0, window: self.window }
    }

    fn make_room(&mut self) -> Result<(), DecompressError> {
        let room = self.out.len() - self.start;
        if room >= self.limit {
            return Err(DecompressError::TooLong { limit: self.limit });
        }
        // Twice as long, but what is new not beyond the limit.
        let more = room.max(MIN_ROOM).min(self.limit - room);
        if self.out.capacity() - self.out.len() < more {
            self.out.reserve_exact(more.max(self.start));
        }
        self.out.resize(self.out.len() + more, 0);
        Ok(())
    }
}

/// No room at all.
pub(super) struct NoRoom {
    pub(super) at: usize,
}

impl Sink for NoRoom {
    const RUNS: bool = true;

    fn view(&mut self) -> View<'_> {
        View { bytes: &mut [], at: &mut self.at, end: 0, lap: 0, window: 0 }
    }

    fn make_room(&mut self) -> Result<(), DecompressError> {
        Err(DecompressError::TooLong { limit: 0 })
    }
}

impl View<'_> {
    /// Copies a match, for which there is room.
    #[inline(always)]
    pub(super) fn copy(&mut self, at: usize, distance: usize, length: usize) -> Result<(), &'static str> {
        if distance > self.window {
            return Err(TOO_FAR);
        }
        let mut from = at.wrapping_sub(distance);
        if distance > at {
            from = from.wrapping_add(self.lap);
            if distance - at > self.lap {
                return Err(TOO_FAR);
            }
            if from + length > self.lap {
                copy_over_the_lap(self.bytes, at, from, self.lap, length);
                return Ok(());
            }
        }
        // Most are short, and a few bytes more cost less than to be exact.
        if length <= CHUNK && length <= distance && at + CHUNK <= self.bytes.len() {
            self.bytes.copy_within(from..from + CHUNK, at);
        } else {
            copy_long(self.bytes, at, from, distance, length);
        }
        Ok(())
    }
}

#[inline(never)]
fn copy_long(bytes: &mut [u8], at: usize, from: usize, distance: usize, length: usize) {
    if length <= distance {
        bytes.copy_within(from..from + length, at);
    } else if distance == 1 {
        let byte = bytes[from];
        bytes[at..at + length].fill(byte);
    } else {
        // What is there already is a multiple of the distance long, and repeats.
        let mut done = 0;
        while done < length {
            let count = (distance + done).min(length - done);
            bytes.copy_within(from..from + count, at + done);
            done += count;
        }
    }
}

/// The same of a match that begins in the lap before and ends in this one.
#[cold]
fn copy_over_the_lap(bytes: &mut [u8], at: usize, mut from: usize, lap: usize, length: usize) {
    for to in at..at + length {
        if from == lap {
            from = 0;
        }
        bytes[to] = bytes[from];
        from += 1;
    }
}

const TOO_FAR: &str = "invalid distance too far back";
