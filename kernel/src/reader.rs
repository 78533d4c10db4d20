//! Frames out of a buffer of one's own, one by one, decoded many at a time.

mod memory;

use crate::{Frame, FrameDecoder, FrameError};

use memory::Batch;
pub use memory::ReaderMemory;

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
    memory: ReaderMemory,
    /// How many bytes of the buffer were read.
    filled: usize,
    /// Where the input of the batch at hand begins in the buffer, and where that of the next one will.
    start: usize,
    end: usize,
    /// How many frames there are in the batch, and how many were given.
    count: usize,
    given: usize,
    /// Where what is still to be decoded or given begins: at the end of the batch, or with the payload that is being joined.
    kept: usize,
    /// Of a message in one frame that comes in pieces, which are validated as they come and lie one behind the other: the first. It
    /// is kept until all of it is there.
    joining: Option<Frame>,
    /// The longest that is, in bytes.
    joined: u32,
    /// The longest frame kept whole, and whether one of a few KiB is, since its rest is there to be read.
    whole: usize,
    waits: bool,
    /// How many bytes of room were asked for and not read to.
    asked: usize,
    /// Whether there is nothing to decode before something is read.
    drained: bool,
    /// Whether nothing more is wanted.
    stopped: bool,
}

/// What a [`FrameReader`] gives of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// A whole text message that was validated.
    Text(&'a str),
    /// Any other payload.
    Bytes(&'a [u8]),
}

/// Frames decoded at a time: enough to forget what a call costs, and few enough for 8 KiB of small payloads.
const BATCH: usize = 64;

/// Frames up to here, which a read of as many bytes or more cut short, are decoded with the rest that the next read brings.
const SHORT_FRAME: usize = 4 << 10;

/// Room in the arena for a batch of small payloads, and for the vectors that are stored beyond the last.
const ARENA: usize = BATCH * 125 + 128;

impl FrameReader {
    /// A reader at the start of a connection.
    #[must_use]
    pub fn new(decoder: FrameDecoder) -> Self {
        Self {
            whole: decoder.whole_frames(),
            decoder,
            memory: ReaderMemory::NONE,
            filled: 0,
            start: 0,
            end: 0,
            count: 0,
            given: 0,
            kept: 0,
            joining: None,
            joined: 0,
            waits: false,
            asked: 0,
            drained: false,
            stopped: false,
        }
    }

    /// The same, and a message in one frame without reserved bits is given whole, although it comes in pieces, if it has at most
    /// so many bytes (and under 4 GiB): it stays in the buffer until its end, which grows with what is read. Its text
    /// is validated as it comes, if whole messages are. To be called before the first read.
    ///
    /// After a read that filled a [`room`](Self::room) of 4 KiB or more, there is more to be read: then a frame of up to 4 KiB
    /// that it cut short waits for the next read, which is faster, and so does the error of wrong text in it.
    ///
    /// ```
    /// use wscodec_kernel::{FrameDecoder, FrameReader};
    ///
    /// let decoder = FrameDecoder::client().with_whole_frames(0);
    /// let mut reader = FrameReader::new(decoder).with_joined_messages(1 << 20);
    /// for read in [&b"\x81\x05Hel"[..], b"lo"] {
    ///     assert_eq!(reader.advance(), None);
    ///     reader.room(read.len())[..read.len()].copy_from_slice(read);
    ///     reader.filled(read.len());
    /// }
    /// assert_eq!(reader.advance().map(|frame| frame.is_message()), Some(true));
    /// assert_eq!(reader.text(), Some("Hello"));
    /// ```
    #[must_use]
    pub fn with_joined_messages(mut self, up_to: usize) -> Self {
        self.joined = u32::try_from(up_to).unwrap_or(u32::MAX);
        self.decoder.validate_pieces();
        self
    }

    /// Where to read to: `bytes` bytes, behind what was read before. The frame given last may be gone with this, unless
    /// others are still to be given.
    #[inline]
    pub fn room(&mut self, bytes: usize) -> &mut [u8] {
        if self.filled > 0 {
            self.drop_given();
        }
        let needed = self.filled.saturating_add(bytes);
        if self.memory.buffer.len() < needed {
            self.grow(needed);
        }
        self.asked = bytes;
        &mut self.memory.buffer[self.filled..needed]
    }

    /// Takes note that the first `bytes` bytes of the [`room`](Self::room) were read to.
    ///
    /// # Panics
    /// If there was less room, or nobody asked for it since the last read.
    #[inline]
    pub fn filled(&mut self, bytes: usize) {
        let room = core::mem::take(&mut self.asked);
        assert!(bytes <= room, "more bytes than there was room for");
        if !self.stopped {
            self.filled += bytes;
        }
        self.drained = false;
        self.waits = bytes == room && bytes >= SHORT_FRAME && self.joined > 0;
    }

    /// Copies bytes that were read elsewhere: the same as reading them, of which nobody knows whether there is more.
    pub fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.filled(bytes.len());
        self.waits = false;
    }

    /// Goes on to the next frame, or piece of a frame; `None` if there must be read more for it, or after an
    /// [`error`](Self::error).
    // Not a `Result`: in one with a `FrameError`, the compiler takes a frame to pieces and stores it byte by byte.
    #[inline]
    pub fn advance(&mut self) -> Option<Frame> {
        if self.given == self.count && !self.decodes() {
            return None;
        }
        let frame = self.next()?;
        self.given += 1;
        Some(frame)
    }

    /// Whether the next frame was decoded with the one before, and is a whole message by itself, as
    /// [`Frame::is_message`] has it: then [`message`](Self::message) gives it in a few instructions. Where this is false,
    /// [`advance`](Self::advance) goes on.
    #[must_use]
    #[inline]
    pub fn has_message(&self) -> bool {
        self.next().is_some_and(|frame| frame.is_message())
    }

    /// Goes on to the next frame if it is a whole message by itself, as [`has_message`](Self::has_message) has it, after what was
    /// read is decoded if all frames before were given; tells whether it was. [`payload_again`](Self::payload_again) then gives the
    /// message.
    ///
    /// ```
    /// use wscodec_kernel::{FrameDecoder, FrameReader, Payload};
    ///
    /// let mut reader = FrameReader::new(FrameDecoder::client());
    /// reader.push(b"\x81\x03one\x89");
    /// assert!(!reader.has_message() && reader.advance_to_message());
    /// assert_eq!(reader.payload_again(), Payload::Text("one"));
    /// assert!(!reader.advance_to_message() && reader.is_drained());
    /// ```
    #[inline]
    pub fn advance_to_message(&mut self) -> bool {
        let is_one = (self.given < self.count || self.decodes()) && self.has_message();
        self.given += usize::from(is_one);
        is_one
    }

    /// Whether nothing comes before more is read, and nothing is known to be wrong. It may be false where that is so:
    /// [`advance`](Self::advance) tells.
    #[must_use]
    #[inline]
    pub fn is_drained(&self) -> bool {
        self.drained && self.given == self.count && !self.stopped && !self.decoder.has_error()
    }

    /// Goes on to the next frame, whatever it is, if it was decoded with the one before; gives its payload, and the same as
    /// text if it is a whole text message that was validated.
    ///
    /// ```
    /// use wscodec_kernel::{FrameDecoder, FrameReader, Payload};
    ///
    /// let mut reader = FrameReader::new(FrameDecoder::client());
    /// reader.room(9).copy_from_slice(b"\x81\x03one\x82\x021 ");
    /// reader.filled(9);
    /// assert_eq!(reader.message(), None);
    /// assert!(reader.advance().is_some() && reader.has_message());
    /// assert_eq!(reader.message(), Some(Payload::Bytes(b"1 ")));
    /// assert!(!reader.has_message());
    /// ```
    #[inline]
    pub fn message(&mut self) -> Option<Payload<'_>> {
        let frame = self.next()?;
        self.given += 1;
        Some(self.payload_of(frame))
    }

    /// The frame given last, as [`message`](Self::message) gives it.
    #[must_use]
    #[inline]
    pub fn payload_again(&self) -> Payload<'_> {
        self.payload_of(self.current())
    }

    /// What is wrong with the stream right after the frames given; to be asked when [`advance`](Self::advance) gives
    /// none. It is final.
    #[must_use]
    pub fn error(&self) -> Option<FrameError> {
        if self.given == self.count && !self.stopped { self.decoder.error() } else { None }
    }

    /// The frame given last; if there is none, one like no header, with an empty payload.
    // Looked up again: to keep a copy would be to store it, only to wait for it.
    #[must_use]
    #[inline]
    pub fn current(&self) -> Frame {
        let last = self.given.checked_sub(1);
        last.and_then(|last| self.frame(last)).unwrap_or_default()
    }

    /// The payload of the frame given last; empty if there is none.
    #[must_use]
    #[inline]
    pub fn payload(&self) -> &[u8] {
        self.bytes_of(self.current())
    }

    /// The payload of the frame given last, if that is a whole text message which was validated.
    #[must_use]
    #[inline]
    pub fn text(&self) -> Option<&str> {
        match self.payload_again() {
            Payload::Text(text) => Some(text),
            Payload::Bytes(_) => None,
        }
    }

    /// Bytes still to come of the payload that the piece given last belongs to; 0 if it ends with it.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> u64 {
        // A piece that does not end its payload is the last of its batch.
        if self.given == 0 || self.current().ends() { 0 } else { self.decoder.remaining() }
    }

    /// Bytes still to come of the payload that what was decoded ends in, whether or not its pieces are given; 0 if it ends with a
    /// frame, in a header, or in a payload that is short enough to be [kept whole](FrameDecoder::with_whole_frames).
    ///
    /// ```
    /// use wscodec_kernel::{FrameDecoder, FrameReader};
    ///
    /// let decoder = FrameDecoder::client().with_whole_frames(0);
    /// let mut reader = FrameReader::new(decoder).with_joined_messages(125);
    /// reader.push(b"\x81\x05Hel");
    /// assert_eq!((reader.advance(), reader.remaining()), (None, 0)); // it is given when it is whole
    /// assert_eq!(reader.to_come(), 2);
    /// ```
    #[must_use]
    #[inline]
    pub fn to_come(&self) -> u64 {
        self.decoder.remaining()
    }

    /// Bytes that were read and are in no frame yet, since it is not all there: a header that is cut short, a control frame, or one
    /// that is kept whole. At the end of the transport it ended inside a frame if there are any.
    ///
    /// ```
    /// use wscodec_kernel::{FrameDecoder, FrameReader};
    ///
    /// let mut reader = FrameReader::new(FrameDecoder::client());
    /// reader.push(b"\x81\x00\x89");
    /// assert!(reader.advance().is_some() && reader.advance().is_none());
    /// assert_eq!(reader.left_over(), 1);
    /// ```
    #[must_use]
    #[inline]
    pub fn left_over(&self) -> usize {
        if self.stopped { 0 } else { self.filled - self.kept }
    }

    /// Gives nothing after the frame given last, whatever was read or will be: for who wants nothing more of the stream, after
    /// a close frame say.
    pub fn stop(&mut self) {
        self.stopped = true;
        self.joining = None;
        self.count = self.given;
        self.end = self.filled;
        self.kept = self.filled;
    }

    /// The frame to be given next, if it is decoded.
    #[inline]
    fn next(&self) -> Option<Frame> {
        if self.given < self.count { self.frame(self.given) } else { None }
    }

    /// A frame of the batch at hand.
    #[inline]
    fn frame(&self, place: usize) -> Option<Frame> {
        self.memory.batch.as_ref()?.frames.get(place).copied()
    }

    /// Moves what is kept to the front, if all else was given.
    #[inline]
    fn drop_given(&mut self) {
        let left = self.filled - self.kept;
        // Not while frames are still to be given of it; and not for more than what it frees, or a backlog would be moved again
        // and again.
        if self.given == self.count && self.kept > 0 && left <= self.kept {
            if left > 0 {
                self.memory.buffer.copy_within(self.kept..self.filled, 0);
            }
            self.forget(left);
        }
    }

    #[inline(never)]
    fn grow(&mut self, length: usize) {
        self.memory.buffer.resize(length, 0);
    }

    /// Forgets the batch, now that the buffer holds nothing but the `left` bytes that are kept.
    #[inline]
    fn forget(&mut self, left: usize) {
        (self.count, self.given, self.asked) = (0, 0, 0);
        self.end -= self.kept;
        self.start = self.end;
        self.kept = 0;
        self.filled = left;
    }

    #[inline]
    fn bytes_of(&self, frame: Frame) -> &[u8] {
        let place = match &self.memory.batch {
            Some(batch) if frame.is_in_arena() => &batch.arena[..],
            _ => &self.memory.buffer[self.start..],
        };
        &place[frame.range()]
    }

    /// The payload of a frame of the batch at hand, or of none.
    #[inline]
    fn payload_of(&self, frame: Frame) -> Payload<'_> {
        let bytes = self.bytes_of(frame);
        if !frame.is_text_message() || !self.decoder.validates_messages() {
            return Payload::Bytes(bytes);
        }
        // SAFETY: the decoder found this very payload valid, or would not have given a whole text message without reserved bits; one
        // that came in pieces it validated as they came. `frame` is of the batch that `buffer` and `arena` hold, and they are
        // written to only when that batch is forgotten.
        Payload::Text(unsafe { core::str::from_utf8_unchecked(bytes) })
    }

    /// Decodes the next batch; false if there is none, as every other time where one message is in flight.
    #[inline]
    fn decodes(&mut self) -> bool {
        !self.drained && self.decode()
    }

    #[inline(never)]
    fn decode(&mut self) -> bool {
        (self.count, self.given) = (0, 0);
        self.start = self.end;
        let input = &mut self.memory.buffer[self.start..self.filled];
        if input.is_empty() {
            return false;
        }
        // With one message in flight at a time, all reads are such.
        if self.joining.is_none()
            && let Some(frame) = self.decoder.only_message(input)
        {
            self.memory.batch.get_or_insert_default().frames[0] = frame;
            self.count = 1;
            self.end = self.filled;
            self.kept = self.filled;
            self.drained = true;
            return true;
        }
        self.decode_many()
    }

    #[inline(never)]
    fn decode_many(&mut self) -> bool {
        let mut batch = self.memory.batch.take().unwrap_or_default();
        let Batch { frames, arena } = &mut *batch;
        if arena.is_empty() && self.decoder.wants_masked() {
            arena.resize(ARENA, 0);
        }
        self.decoder.keep_whole(if self.waits { self.whole.max(SHORT_FRAME) } else { self.whole });
        // A message under way is a batch of its own: where it begins, the others of this read don't.
        let most = if self.joining.is_some() { 1 } else { BATCH };
        let input = &mut self.memory.buffer[self.start..self.filled];
        let decoded = self.decoder.decode(input, arena, &mut frames[..most]);
        self.count = decoded.frames;
        self.end = self.start + decoded.consumed;
        self.drained = decoded.frames < most;
        if self.joining.is_none() {
            self.kept = self.end;
        }
        if let Some(last) = decoded.frames.checked_sub(1) {
            match self.joining {
                Some(first) => self.go_on_joining(first, &mut frames[0]),
                None => self.begin_joining(last, frames[last]),
            }
        }
        self.memory.batch = Some(batch);
        self.count > 0
    }

    /// Keeps the last piece back if it is one that begins a message.
    #[inline]
    fn begin_joining(&mut self, last: usize, first: Frame) {
        if !first.begins_message() {
            return;
        }
        let length = (first.range().len() as u64).saturating_add(self.decoder.remaining());
        if length <= u64::from(self.joined) {
            self.joining = Some(first);
            self.kept = self.start + first.range().start;
            self.count = last;
        }
    }

    /// Makes one frame of all pieces once the last is there, which it is if the one of this batch is.
    fn go_on_joining(&mut self, first: Frame, frame: &mut Frame) {
        self.count = 0;
        if frame.ends() {
            self.start = self.kept;
            self.joining = None;
            // All of it lies from there to here, and is at most as long as was asked for.
            let length = u32::try_from(self.end - self.start).unwrap_or(u32::MAX);
            *frame = first.joined(length);
            self.count = 1;
            self.kept = self.end;
        }
    }
}
