//! The sending side of a connection.

mod fragments;
mod lengths;

use core::fmt;

use wscodec_compressors::{CompressionWish, ConfigError};
use wscodec_kernel::MAX_HEADER_LENGTH;

pub(crate) use self::lengths::frame_length;
use self::lengths::payload_length;
use super::output::Output;
use super::pongs::Pongs;
use super::stream::Stream;
use crate::{CloseFrame, DataKind, Encoder, Error, Message, MisuseError, Role};

/// Queues messages of a [`Connection`](super::Connection) to be written: whole, in fragments, as a stream or as raw
/// frames.
///
/// What is sent goes out in the order of the calls. Control frames may come between the fragments of a message, nothing else
/// may. A call that fails queues nothing, unless it says otherwise, and changes nothing.
///
/// All calls that queue fail with [`MisuseError::Closed`] after a close frame and after the end of the connection, with
/// [`MisuseError::OutputFull`] where more than the
/// [limit](super::Connection::with_output_limit) would be queued (a message counts with its length before compression), and
/// with [`Error::Backend`] if the compressor or the system's randomness fails.
// In this order, so that what each message touches lies together: from the middle of the encoder to the start of the stream.
#[repr(C)]
pub struct Sender {
    pub(super) encoder: Encoder,
    pub(super) output: Output,
    role: Role,
    /// Nothing more is sent, whether or not there was a close frame.
    refuses: bool,
    /// Of whole messages, in bytes.
    frame_size: usize,
    pub(super) stream: Stream,
    pub(super) pongs: Pongs,
}

impl Sender {
    pub(super) fn new(encoder: Encoder, role: Role) -> Self {
        Self {
            encoder,
            output: Output::new(),
            stream: Stream::default(),
            pongs: Pongs::default(),
            role,
            frame_size: usize::MAX,
            refuses: false,
        }
    }

    /// Queues a message, in one frame unless it is longer than the [frame
    /// size](super::Connection::with_frame_size). A close frame begins the closing handshake.
    ///
    /// ```
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// connection.send(Message::Text("Hello"))?;
    /// connection.send(Message::Ping(b"!"))?;
    /// assert_eq!(connection.output(), b"\x81\x05Hello\x89\x01!");
    /// connection.advance_output(7)?;
    /// assert_eq!(connection.output(), b"\x89\x01!");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of all calls that queue; [`MisuseError::MessageUnderWay`] for data between the parts of another message,
    /// [`MisuseError::ControlTooLong`], [`MisuseError::ReservedCloseCode`].
    #[inline(always)]
    pub fn send(&mut self, message: Message<'_>) -> Result<(), Error> {
        self.send_with(message, CompressionWish::Auto)
    }

    /// [`send`](Self::send) with a wish of the application whether this message is compressed.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[inline(always)]
    pub fn send_with(&mut self, message: Message<'_>, wish: CompressionWish) -> Result<(), Error> {
        match message.data() {
            Some((kind, payload)) => self.send_data(kind, payload, wish),
            None => self.send_control(message),
        }
    }

    /// Queues messages, as [`send`](Self::send) would one after the other, and faster where small ones of one kind come in a
    /// row.
    ///
    /// # Errors
    /// As [`send`](Self::send): with [`MisuseError::OutputFull`] none of them was queued, with any other error those before
    /// the one that it is about.
    pub fn send_all(&mut self, messages: &[Message<'_>]) -> Result<(), Error> {
        self.check_open()?;
        let longest = messages.iter().map(payload_length).max().unwrap_or(0);
        if longest > self.frame_size || self.stream.is_under_way() {
            return self.send_each(messages);
        }
        let bytes = messages.iter().map(|message| frame_length(self.role, payload_length(message)));
        let bytes = bytes.fold(0, usize::saturating_add);
        // A close frame needs no room, and has the pong before it that waits.
        if (self.pongs.is_waiting() || !self.output.has_room(bytes)) && messages.iter().any(is_close) {
            return self.send_each(messages);
        }
        let Self { encoder, output, .. } = self;
        output.append(bytes, |out| encoder.encode_all(messages, out))
    }

    /// Queues a close frame: begins the closing handshake, or ends it if the peer's close frame is there. There is always room
    /// for it, and it may come between the fragments of a message, which then never ends.
    ///
    /// ```
    /// use wscodec::{CloseCode, CloseFrame, Connection, Limits, Role, State};
    ///
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// connection.close(Some(CloseFrame::new(CloseCode::NORMAL, "bye")))?;
    /// assert_eq!(connection.output(), b"\x88\x05\x03\xe8bye");
    /// assert_eq!(connection.state(), State::CloseSent);
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`MisuseError::Closed`], [`MisuseError::ReservedCloseCode`], [`MisuseError::ControlTooLong`] for a reason of over 123
    /// bytes, and [`Error::Backend`] without randomness.
    pub fn close(&mut self, frame: Option<CloseFrame<'_>>) -> Result<(), Error> {
        self.close_by(|encoder, out| encoder.encode(Message::Close(frame), out))
    }

    /// What is to be written to the transport, in this order. Its length is what is still queued.
    #[must_use]
    #[inline]
    pub fn output(&self) -> &[u8] {
        self.output.as_slice()
    }

    /// Takes note that the first `bytes` bytes of the [`output`](Self::output) were written.
    ///
    /// # Errors
    /// [`MisuseError::MoreThanQueued`] if there are fewer; then nothing changes.
    #[inline]
    pub fn advance_output(&mut self, bytes: usize) -> Result<(), MisuseError> {
        self.output.advance(bytes)?;
        self.pongs.go_on(&mut self.encoder, &mut self.output);
        Ok(())
    }

    /// Takes note that all of the [`output`](Self::output) was written.
    #[inline]
    pub fn clear_output(&mut self) {
        // There are as many.
        let _ = self.advance_output(self.output.len());
    }

    /// Moves the [`output`](Self::output) to the end of a buffer of the caller's, which then has to be written; into an empty
    /// one without a copy, by taking that one's memory for the next output.
    pub fn take_output(&mut self, out: &mut Vec<u8>) {
        self.output.take(out);
        self.pongs.go_on(&mut self.encoder, &mut self.output);
    }

    /// Leaves the output's buffer to the thread's other connections, if all of it was written; the next message takes one of
    /// them. As [`Connection::share_buffers`](super::Connection::share_buffers), for who has the sender alone. While a [streamed
    /// message](Self::begin_stream) is under way this does nothing: its chunks take turns with the output in the same buffers.
    #[inline]
    pub fn share_buffers(&mut self) {
        if !self.stream.is_under_way() || self.check_open().is_err() {
            self.output.share_buffer();
            self.stream.share_buffers();
        }
    }

    /// Whether a close frame was queued, so that nothing more may be.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.encoder.is_closed()
    }

    /// How many messages have been sent compressed.
    #[must_use]
    pub fn compressed_messages(&self) -> u64 {
        self.encoder.compressed_messages()
    }

    pub(super) const fn role(&self) -> Role {
        self.role
    }

    /// [`send`](Self::send) with as much room as if nothing were queued, for who has seen that this is little.
    #[cfg(feature = "tokio")]
    pub(crate) fn send_as_if_first(&mut self, message: Message<'_>) -> Result<(), Error> {
        if self.queued_length(&message, CompressionWish::Auto) > self.output.limit() {
            // It has no room in any case, or something else is wrong with it.
            return self.send(message);
        }
        self.send_unbounded(message)
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn output_limit(&self) -> usize {
        self.output.limit()
    }

    pub(super) const fn set_output_limit(&mut self, bytes: usize) {
        self.output.set_limit(bytes);
    }

    pub(super) const fn set_frame_size(&mut self, bytes: usize) {
        self.frame_size = bytes;
    }

    pub(super) fn map_encoder(self, change: impl FnOnce(Encoder) -> Encoder) -> Self {
        Self { encoder: change(self.encoder), ..self }
    }

    pub(super) fn try_encoder(
        self,
        change: impl FnOnce(Encoder) -> Result<Encoder, ConfigError>,
    ) -> Result<Self, ConfigError> {
        Ok(Self { encoder: change(self.encoder)?, ..self })
    }

    pub(super) fn answer_ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.pongs.answer(payload, &mut self.encoder, &mut self.output)
    }

    /// Sends nothing more.
    pub(super) const fn refuse(&mut self) {
        self.refuses = true;
    }

    pub(super) fn release(&mut self) {
        self.encoder.release();
        self.output.release();
        self.stream.release();
        self.pongs.release();
    }

    pub(super) fn memory(&self) -> usize {
        size_of::<Self>() - size_of_val(&self.encoder)
            + self.encoder.memory()
            + self.output.capacity()
            + self.stream.memory()
            + self.pongs.memory()
    }

    #[inline]
    pub(super) fn check_open(&self) -> Result<(), MisuseError> {
        if self.refuses || self.encoder.is_closed() { Err(MisuseError::Closed) } else { Ok(()) }
    }

    /// Queues the close frame that `encode` appends, and before it the pong that waits; nothing if that fails.
    pub(super) fn close_by(
        &mut self,
        encode: impl FnOnce(&mut Encoder, &mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.check_open()?;
        let (pongs, queued) = (self.pongs.clone(), self.output.len());
        // The ping before it is still owed its pong.
        self.pongs.queue_waiting(&mut self.encoder, &mut self.output);
        encode(&mut self.encoder, self.output.end_of_queue()).inspect_err(|_| {
            self.output.truncate(queued);
            self.pongs = pongs;
        })
    }

    /// Sends messages one after the other, if there is room for all that come before a close frame.
    fn send_each(&mut self, messages: &[Message<'_>]) -> Result<(), Error> {
        let before_close = messages.iter().take_while(|message| !is_close(message));
        let bytes = before_close.map(|message| self.queued_length(message, CompressionWish::Auto));
        self.output.check_room(bytes.fold(0, usize::saturating_add))?;
        // Each by itself has room then, though a fragment that can't be compressed gets longer.
        messages.iter().try_for_each(|message| self.send_unbounded(*message))
    }

    /// [`send`](Self::send) for who has seen to it that there is room.
    fn send_unbounded(&mut self, message: Message<'_>) -> Result<(), Error> {
        if let Some((kind, payload)) = message.data() {
            self.check_data()?;
            return self.queue_data(kind, payload, CompressionWish::Auto);
        }
        if let Message::Close(frame) = message {
            return self.close(frame);
        }
        self.check_open()?;
        self.encoder.encode(message, self.output.end_of_queue())
    }

    /// [`send_with`](Self::send_with) for a data message.
    #[inline(never)]
    pub(crate) fn send_data(
        &mut self,
        kind: DataKind,
        payload: &[u8],
        wish: CompressionWish,
    ) -> Result<(), Error> {
        self.check_data()?;
        // Nearly always there is room for the longest header as well.
        let is_short = payload.len() <= self.frame_size;
        if !(is_short && self.output.has_room(payload.len().saturating_add(MAX_HEADER_LENGTH))) {
            self.output.check_room(self.queued_data_length(payload, wish))?;
        }
        self.queue_data(kind, payload, wish)
    }

    /// Whether a message of data may begin.
    #[inline]
    fn check_data(&self) -> Result<(), MisuseError> {
        self.check_open()?;
        self.stream.check_idle()
    }

    #[inline(always)]
    fn queue_data(&mut self, kind: DataKind, payload: &[u8], wish: CompressionWish) -> Result<(), Error> {
        let Self { encoder, output, frame_size, .. } = self;
        let out = output.end_of_queue();
        if payload.len() <= *frame_size {
            encoder.data(kind, payload, wish, out)
        } else {
            encoder.data_in_frames(kind, payload, *frame_size, wish, out)
        }
    }

    fn send_control(&mut self, message: Message<'_>) -> Result<(), Error> {
        if let Message::Close(frame) = message {
            return self.close(frame);
        }
        self.check_open()?;
        let Self { encoder, output, .. } = self;
        output.append(frame_length(self.role, payload_length(&message)), |out| encoder.encode(message, out))
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("role", &self.role)
            .field("encoder", &self.encoder)
            .field("queued", &self.output.len())
            .field("stream", &self.stream)
            .field("frame_size", &self.frame_size)
            .finish_non_exhaustive()
    }
}

const fn is_close(message: &Message<'_>) -> bool {
    matches!(message, Message::Close(_))
}
