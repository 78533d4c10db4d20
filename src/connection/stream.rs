//! A message from a source whose end isn't known before it is reached.

mod ahead;
mod error;

use std::io::{self, Read};

use wscodec_compressors::CompressionWish;
use wscodec_kernel::prefetch;

use super::Sender;
use crate::{DataKind, Error, MisuseError, Role, spare};

pub use error::StreamError;

/// A streamed message, if one is under way, and the memory of the last. A chunk is held back until there is more, or the end:
/// the last data frame has FIN, and no empty one trails.
// In this order, since each message asks whether there is one.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Stream {
    kind: Option<DataKind>,
    wish: CompressionWish,
    chunk: usize,
    /// The chunk held back, as far as it has come, behind room for a header: with one it becomes the output as it is. It may be
    /// longer than what it holds, and shorter than the chunk.
    held: Vec<u8>,
    /// What a reader gives after a whole chunk, in the same way. Mostly this is the output's buffer, which was written by then.
    next: Vec<u8>,
    /// How much of what is held is the chunk's.
    length: usize,
    /// Where in `held` a frame begins, if it is one already: of a whole chunk, and without FIN, which the message's end sets.
    frame: Option<usize>,
    /// How many bytes of the message are in it already. There are none unless a whole chunk is held.
    ahead: usize,
    /// Whether nothing more comes, and there was no room yet for the last frame.
    ended: bool,
}

/// For a header before each chunk, of up to 14 bytes. With 16, a chunk is as aligned as the buffer that it is in.
const ROOM: usize = 16;

/// There is room for so many bytes of a chunk when a reader is called; what room is made at once is not less than the other.
const READ: usize = 16 << 10;
const GROWTH: usize = 64 << 10;

impl Sender {
    /// Begins a message that goes out in frames of `chunk` bytes (0 is 1, and no default), and a last one of the rest. What it holds comes by
    /// [`stream`](Self::stream) or [`stream_from`](Self::stream_from), the end by
    /// [`finish_stream`](Self::finish_stream) or from the reader.
    ///
    /// Nothing is queued yet. A message of no bytes is one empty frame, one of up to a chunk is one frame. Control frames may
    /// be sent before the end, other messages not. Text is validated over all chunks.
    ///
    /// Memory is taken for as much of a chunk as there is. After the first stream with chunks of this size that are full
    /// nothing is allocated.
    ///
    /// ```
    /// use wscodec::{Connection, DataKind, Limits, Role};
    ///
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// let sender = connection.sender();
    /// sender.begin_stream(DataKind::Text, 4)?;
    /// for part in ["on", "e tw", "o"] {
    ///     sender.stream(part.as_bytes())?;
    /// }
    /// assert_eq!(sender.output(), b"\x01\x04one ");
    /// sender.finish_stream()?;
    /// assert_eq!(sender.output(), b"\x01\x04one \x80\x03two");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`MisuseError::Closed`], [`MisuseError::MessageUnderWay`] between the parts of another message, and
    /// [`MisuseError::ChunkTooLong`] if the frame of a chunk is longer than all that
    /// [may be queued](super::Connection::with_output_limit): to write before it what is queued would not help.
    pub fn begin_stream(&mut self, kind: DataKind, chunk: usize) -> Result<(), Error> {
        self.begin_stream_with(kind, chunk, CompressionWish::Auto)
    }

    /// [`begin_stream`](Self::begin_stream) with a wish of the application whether the message is compressed. Without one, the
    /// policy sees the first chunk.
    ///
    /// # Errors
    /// As [`begin_stream`](Self::begin_stream).
    pub fn begin_stream_with(
        &mut self,
        kind: DataKind,
        chunk: usize,
        wish: CompressionWish,
    ) -> Result<(), Error> {
        self.check_open()?;
        self.stream.check_idle()?;
        if self.encoder.is_message_under_way() {
            return Err(MisuseError::MessageUnderWay.into());
        }
        let (chunk, limit) = (chunk.max(1), self.output.limit());
        if self.frame_length(chunk) > limit {
            return Err(MisuseError::ChunkTooLong { limit }.into());
        }
        self.stream.kind = Some(kind);
        self.stream.chunk = chunk;
        self.stream.wish = wish;
        self.stream.empty();
        Ok(())
    }

    /// Takes more of the message, in a part of any length.
    ///
    /// # Errors
    /// Those of all calls that queue, with nothing taken, and [`MisuseError::NoMessageUnderWay`]. With
    /// [`MisuseError::InvalidUtf8`], and if the compressor fails, the chunks before may be queued, and the message can't be
    /// ended: the connection has to be closed.
    pub fn stream(&mut self, part: &[u8]) -> Result<(), Error> {
        let (kind, chunk) = self.check_stream()?;
        self.catch_up(kind)?;
        let total = self.stream.length.saturating_add(part.len());
        // A division takes as long as copying some hundred bytes.
        let frames = if total <= chunk {
            1
        } else if total - chunk <= chunk {
            2
        } else {
            total.div_ceil(chunk)
        };
        if !self.output.has_room(total.saturating_add(frames.saturating_mul(14))) {
            self.check_room_to_the_byte(total)?;
        }
        let mut rest = part;
        while self.stream.length.saturating_add(rest.len()) > chunk {
            if self.stream.length == 0 {
                let (whole, others) = rest.split_at(chunk);
                self.encoder.part(kind, whole, false, self.stream.wish, self.output.end_of_queue())?;
                rest = others;
            } else {
                if self.stream.length < chunk {
                    rest = self.stream.hold(rest);
                }
                self.queue_held(kind, false)?;
            }
        }
        // What is not masked is copied faster without a frame around it.
        let is_masked = self.role() == Role::Client;
        if is_masked
            && self.stream.length == 0
            && rest.len() == chunk
            && self.encoder.sends_parts_as_they_are()
        {
            return self.hold_frame(kind, rest);
        }
        self.stream.hold(rest);
        Ok(())
    }

    /// Reads more of the message, and queues at most one frame. Gives false at the reader's end, with which the message is
    /// complete; before, write what is queued and call again.
    ///
    /// ```
    /// use wscodec::{Connection, DataKind, Limits, Role};
    ///
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// let (mut file, mut transport) = (&b"from a file"[..], Vec::new());
    /// connection.sender().begin_stream(DataKind::Binary, 6)?;
    /// while connection.sender().stream_from(&mut file)? {
    ///     transport.extend_from_slice(connection.output());
    ///     connection.clear_output();
    /// }
    /// transport.extend_from_slice(connection.output());
    /// assert_eq!(transport, b"\x02\x06from a\x80\x05 file");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`StreamError::Read`] from the reader, but for interruptions, where it tries again; what was read stays, and so does
    /// the message under way. [`StreamError::Send`] as [`stream`](Self::stream); when the queue is full nothing is read.
    pub fn stream_from(&mut self, reader: &mut impl Read) -> Result<bool, StreamError> {
        let (kind, chunk) = self.check_stream()?;
        if self.stream.ahead > 0 {
            self.catch_up(kind)?;
            return Ok(true);
        }
        self.output.check_room(self.frame_length(chunk)).map_err(Error::from)?;
        let Self { output, stream: Stream { held, next, length, .. }, .. } = self;
        let whole = ROOM.saturating_add(chunk);
        if *length == 0 && held.len() < whole {
            output.exchange_if_written(held, whole);
        }
        while *length < chunk {
            match read(reader, room(held, ROOM + *length, whole))? {
                0 => {
                    self.end_stream(kind)?;
                    return Ok(false);
                }
                bytes => *length += bytes,
            }
        }
        // Also where there is room already: of two buffers that take turns more is in the nearest cache than of three.
        output.exchange_if_written(next, whole);
        let ahead = read(reader, room(next, ROOM, whole))?;
        if ahead == 0 {
            self.end_stream(kind)?;
            return Ok(false);
        }
        self.queue_held(kind, false)?;
        let Stream { held, next, length, .. } = &mut self.stream;
        core::mem::swap(held, next);
        *length = ahead;
        Ok(true)
    }

    /// Queues the rest of the message as its last frame.
    ///
    /// # Errors
    /// Those of all calls that queue, and [`MisuseError::NoMessageUnderWay`]. [`MisuseError::InvalidUtf8`] also if the text ends
    /// inside a character. The message is then still under way.
    pub fn finish_stream(&mut self) -> Result<(), Error> {
        let (kind, _) = self.check_stream()?;
        self.catch_up(kind)?;
        self.output.check_room(self.frame_length(self.stream.length))?;
        self.end_stream(kind)
    }

    /// Gives up a message of which nothing was queued yet, with the chunk held back.
    ///
    /// # Errors
    /// [`MisuseError::NoMessageUnderWay`]; [`MisuseError::MessageUnderWay`] if a part of it was queued: then only its end, or
    /// that of the connection, can follow.
    pub fn cancel_stream(&mut self) -> Result<(), MisuseError> {
        self.stream.kind.ok_or(MisuseError::NoMessageUnderWay)?;
        if self.encoder.is_message_under_way() {
            if !self.holds_first_frame() {
                return Err(MisuseError::MessageUnderWay);
            }
            self.encoder.forget_parts();
        }
        self.stream.kind = None;
        self.stream.empty();
        Ok(())
    }

    fn check_stream(&self) -> Result<(DataKind, usize), Error> {
        self.check_open()?;
        let kind = self.stream.kind.ok_or(MisuseError::NoMessageUnderWay)?;
        Ok((kind, self.stream.chunk))
    }

    /// Whether there is room for what is queued of a message once `total` bytes of it are here: whole frames if it is more than
    /// one, and else that one, for which there has to be room when it ends.
    #[cold]
    fn check_room_to_the_byte(&self, total: usize) -> Result<(), MisuseError> {
        let chunk = self.stream.chunk;
        let bytes = match total.saturating_sub(1) / chunk {
            0 => self.frame_length(total),
            frames => frames.saturating_mul(self.frame_length(chunk)),
        };
        self.output.check_room(bytes)
    }

    fn end_stream(&mut self, kind: DataKind) -> Result<(), Error> {
        self.queue_held(kind, true)?;
        self.stream.kind = None;
        Ok(())
    }

    /// Holds a whole chunk, which is masked as it is copied.
    fn hold_frame(&mut self, kind: DataKind, chunk: &[u8]) -> Result<(), Error> {
        let header = self.frame_length(chunk.len()) - chunk.len();
        let Self { encoder, stream: Stream { held, length, frame, wish, .. }, .. } = self;
        let start = ROOM - header;
        spare::lend_buffer(held);
        held.resize(start, 0);
        encoder.part(kind, chunk, false, *wish, held)?;
        (*length, *frame) = (chunk.len(), Some(start));
        Ok(())
    }

    /// Whether the encoder has seen nothing of the message but the frame that is held.
    fn holds_first_frame(&self) -> bool {
        // Others are continuations, whose opcode is 0.
        self.stream.frame.is_some_and(|start| self.stream.held[start] & 0x0F != 0)
    }

    fn queue_held(&mut self, kind: DataKind, last: bool) -> Result<(), Error> {
        let Self { encoder, output, stream: Stream { held, length, frame, wish, .. }, .. } = self;
        if let Some(start) = *frame {
            if last {
                encoder.end_parts()?;
                held[start] |= 0x80;
            }
            output.append_buffer(held, start);
            (*length, *frame) = (0, None);
            return Ok(());
        }
        // In the steady state it is as long as this already. Of an empty message there is not even the room.
        held.resize(ROOM + *length, 0);
        if let Some(header) = encoder.part_in_place(kind, &mut held[ROOM..], last)? {
            let start = put_before(&header, &mut held[..ROOM]);
            output.append_buffer(held, start);
        } else {
            encoder.part(kind, &held[ROOM..], last, *wish, output.end_of_queue())?;
        }
        *length = 0;
        Ok(())
    }
}

impl Stream {
    pub(super) const fn is_under_way(&self) -> bool {
        self.kind.is_some()
    }

    #[inline]
    pub(super) const fn check_idle(&self) -> Result<(), MisuseError> {
        if self.is_under_way() { Err(MisuseError::MessageUnderWay) } else { Ok(()) }
    }

    /// Asks for what [`check_idle`](Self::check_idle) looks at.
    #[inline]
    pub(super) fn prefetch_state(&self) {
        prefetch(&self.kind);
    }

    /// With no message under way.
    #[inline]
    pub(super) fn share_buffers(&mut self) {
        // Most connections never stream.
        if self.held.capacity() > 0 || self.next.capacity() > 0 {
            for buffer in [&mut self.held, &mut self.next] {
                buffer.clear();
                spare::leave_buffer(buffer);
            }
        }
    }

    pub(super) fn release(&mut self) {
        self.next.truncate(if self.ahead == 0 { 0 } else { ROOM + self.ahead });
        self.next.shrink_to_fit();
        if self.frame.is_none() {
            self.held.truncate(if self.length == 0 { 0 } else { ROOM + self.length });
        }
        self.held.shrink_to_fit();
    }

    pub(super) const fn memory(&self) -> usize {
        self.held.capacity() + self.next.capacity()
    }

    /// Forgets what is held, and keeps its memory.
    const fn empty(&mut self) {
        self.length = 0;
        self.frame = None;
        self.ahead = 0;
        self.ended = false;
    }

    /// Takes as much as fits into the chunk; gives the rest.
    fn hold<'a>(&mut self, part: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = part.split_at(part.len().min(self.chunk - self.length));
        spare::lend_buffer(&mut self.held);
        self.held.resize(ROOM + self.length, 0);
        self.held.extend_from_slice(taken);
        self.length += taken.len();
        rest
    }
}

/// Writes a header to the end of the room for it; gives its place. What is copied byte for byte need not wait for the stores that
/// made it, as a vector loaded from them would, and those behind the chunk's: the compiler is told the common lengths.
#[inline]
fn put_before(header: &[u8], room: &mut [u8]) -> usize {
    let start = room.len() - header.len();
    match (&mut room[start..], header) {
        ([a, b], &[first, second]) => (*a, *b) = (first, second),
        ([a, b, c, d], &[first, second, third, fourth]) => {
            (*a, *b, *c, *d) = (first, second, third, fourth);
        }
        (room, header) => room.copy_from_slice(header),
    }
    start
}

/// Where in a buffer of up to `end` bytes is to be read to next. It grows with what it has, since a source may be shorter than its
/// chunk by far.
#[inline]
fn room(buffer: &mut Vec<u8>, start: usize, end: usize) -> &mut [u8] {
    if buffer.len() < end.min(start.saturating_add(READ)) {
        grow(buffer, end.min(start.saturating_add(start.max(GROWTH))));
    }
    let end = end.min(buffer.len());
    &mut buffer[start..end]
}

#[cold]
fn grow(buffer: &mut Vec<u8>, bytes: usize) {
    spare::lend_buffer(buffer);
    // By itself it would make more of it, up to twice as much as a chunk is.
    buffer.reserve_exact(bytes - buffer.len());
    buffer.resize(bytes, 0);
}

fn read(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize, StreamError> {
    loop {
        match reader.read(buffer) {
            // A reader that claims more than there was room for is not to be trusted with an index.
            Ok(bytes) => return Ok(bytes.min(buffer.len())),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(StreamError::Read(error)),
        }
    }
}
