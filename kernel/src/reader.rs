//! Frames out of a buffer of one's own, one by one, decoded many at a time.

use alloc::vec::Vec;

use crate::{Frame, FrameDecoder, FrameError};

/// A [`FrameDecoder`] with its storage: what is read goes into its [`room`](Self::room), frames come out one by one, and are decoded
/// many at a time. With the feature `alloc`.
///
/// Nothing is allocated before something is read, and [`release`](Self::release) gives it back.
///
/// ```
/// use wscodec_kernel::{FrameDecoder, FrameReader, Opcode};
///
/// let mut reader = FrameReader::new(FrameDecoder::server());
/// let read = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x82\x81\0\0\0\0!\x89\x80\x01";
/// reader.room(1024)[..read.len()].copy_from_slice(read);
/// reader.filled(read.len());
///
/// assert_eq!(reader.advance().map(|frame| frame.opcode()), Some(Opcode::Text));
/// assert_eq!((reader.text(), reader.payload()), (Some("Hello"), &b"Hello"[..]));
/// assert_eq!(reader.advance().map(|frame| frame.opcode()), Some(Opcode::Binary));
/// assert_eq!((reader.text(), reader.payload()), (None, &b"!"[..]));
/// assert_eq!((reader.advance(), reader.error()), (None, None)); // the third is not all there
/// ```
#[derive(Clone, Debug)]
pub struct FrameReader {
    decoder: FrameDecoder,
    /// What was read; behind `filled` it is zeros or what was there before.
    buffer: Vec<u8>,
    filled: usize,
    /// Where the input of the batch at hand begins in the buffer, and where that of the next one will.
    start: usize,
    end: usize,
    /// The small payloads of the batch.
    arena: Vec<u8>,
    /// The frames of the batch, and how many of them were given.
    frames: Vec<Frame>,
    given: usize,
    /// Whether nothing more is wanted.
    stopped: bool,
}

/// Frames decoded at a time: enough to forget what a call costs, and few enough for 8 KiB of small payloads.
const BATCH: usize = 64;

/// Room in the arena for a batch of small payloads, and for the vectors that are stored beyond the last.
const ARENA: usize = BATCH * 125 + 128;

impl FrameReader {
    /// A reader at the start of a connection.
    #[must_use]
    pub fn new(decoder: FrameDecoder) -> Self {
        Self {
            decoder,
            buffer: Vec::new(),
            filled: 0,
            start: 0,
            end: 0,
            arena: Vec::new(),
            frames: Vec::new(),
            given: 0,
            stopped: false,
        }
    }

    /// Where to read to: at least `at_least` bytes, behind what was read before. The frame given last may be gone with this, unless
    /// others are still to be given.
    pub fn room(&mut self, at_least: usize) -> &mut [u8] {
        let left = self.filled - self.end;
        // Not while frames are still to be given of it; and not for more than what it frees, or a backlog would be moved again
        // and again.
        if self.given == self.frames.len() && self.end > 0 && left <= self.end {
            self.buffer.copy_within(self.end..self.filled, 0);
            self.frames.clear();
            (self.start, self.end, self.filled, self.given) = (0, 0, left, 0);
        }
        let needed = self.filled.saturating_add(at_least);
        if self.buffer.len() < needed {
            self.buffer.resize(needed, 0);
        }
        &mut self.buffer[self.filled..]
    }

    /// Takes note that the first `bytes` bytes of the [`room`](Self::room) were read to.
    ///
    /// # Panics
    /// If there was less room.
    pub fn filled(&mut self, bytes: usize) {
        assert!(bytes <= self.buffer.len() - self.filled, "more bytes than there was room for");
        if !self.stopped {
            self.filled += bytes;
        }
    }

    /// Goes on to the next frame, or piece of a frame; `None` if there must be read more for it, or after an
    /// [`error`](Self::error).
    // Not a `Result`: in one with a `FrameError`, the compiler takes a frame to pieces and stores it byte by byte.
    #[inline]
    pub fn advance(&mut self) -> Option<Frame> {
        if self.given == self.frames.len() && !self.decode() {
            return None;
        }
        let frame = *self.frames.get(self.given)?;
        self.given += 1;
        Some(frame)
    }

    /// What is wrong with the stream right after the frames given; to be asked when [`advance`](Self::advance) gives
    /// none. It is final.
    #[must_use]
    pub fn error(&self) -> Option<FrameError> {
        if self.given == self.frames.len() && !self.stopped { self.decoder.error() } else { None }
    }

    /// The frame given last; if there is none, one like no header, with an empty payload.
    // Looked up again: to keep a copy would be to store it, only to wait for it.
    #[must_use]
    #[inline]
    pub fn current(&self) -> Frame {
        let last = self.given.checked_sub(1);
        last.and_then(|last| self.frames.get(last)).copied().unwrap_or_default()
    }

    /// The payload of the frame given last; empty if there is none.
    #[must_use]
    #[inline]
    pub fn payload(&self) -> &[u8] {
        let frame = self.current();
        let (place, start) = if frame.is_in_arena() { (&self.arena, 0) } else { (&self.buffer, self.start) };
        let range = frame.range();
        &place[start + range.start..start + range.end]
    }

    /// The payload of the frame given last, if that is a whole text message which was validated.
    #[must_use]
    #[inline]
    pub fn text(&self) -> Option<&str> {
        if !self.current().is_text_message() || !self.decoder.validates_messages() {
            return None;
        }
        // SAFETY: the decoder found this very payload valid, or would not have given a whole text message without reserved
        // bits. `current` is a frame of the batch that `buffer` and `arena` hold: what was decoded of them is written to
        // again only when that batch is forgotten.
        Some(unsafe { core::str::from_utf8_unchecked(self.payload()) })
    }

    /// Bytes still to come of the payload that the piece given last belongs to; 0 if it ends with it.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> u64 {
        // A piece that does not end its payload is the last of its batch.
        if self.given == 0 || self.current().ends() { 0 } else { self.decoder.remaining() }
    }

    /// Gives nothing after the frame given last, whatever was read or will be: for who wants nothing more of the stream, after
    /// a close frame say.
    pub fn stop(&mut self) {
        self.stopped = true;
        self.frames.truncate(self.given);
        self.end = self.filled;
    }

    /// Gives the memory back but for what holds bytes that were read and not given. The frame given last may be gone
    /// with this.
    pub fn release(&mut self) {
        if self.given < self.frames.len() {
            return;
        }
        let rest = &self.buffer[self.end..self.filled];
        self.buffer = Vec::from(rest);
        self.filled = self.buffer.len();
        (self.start, self.end, self.given) = (0, 0, 0);
        (self.arena, self.frames) = (Vec::new(), Vec::new());
    }

    /// The bytes of memory that this holds.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Self>()
            + self.buffer.capacity()
            + self.arena.capacity()
            + self.frames.capacity() * size_of::<Frame>()
    }

    /// Decodes the next batch; false if there is none.
    #[inline(never)]
    fn decode(&mut self) -> bool {
        self.given = 0;
        self.start = self.end;
        let input = &mut self.buffer[self.start..self.filled];
        if input.is_empty() {
            self.frames.clear();
            return false;
        }
        // After a full batch there is nothing to initialise.
        self.frames.resize(BATCH, Frame::default());
        if self.arena.is_empty() && self.decoder.wants_masked() {
            self.arena.resize(ARENA, 0);
        }
        let batch = self.decoder.decode(input, &mut self.arena, &mut self.frames);
        self.frames.truncate(batch.frames);
        self.end = self.start + batch.consumed;
        batch.frames > 0
    }
}
