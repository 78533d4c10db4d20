//! A whole connection without its transport.
//!
//! ```text
//!  transport --read--> room, filled --> Decoder --> events, borrowed
//!                                         | pings, closes, errors
//!                                         v
//!  transport <--write-- output, advance <- queue <-- Encoder <-- Sender <-- messages
//! ```

mod ending;
mod event;
#[cfg(any(feature = "blocking", feature = "tokio"))]
mod halves;
mod options;
mod output;
mod owned;
mod pieces;
mod pongs;
mod prepared;
mod sender;
mod stream;

use core::fmt;

use wscodec_compressors::CompressionWish;
use wscodec_kernel::CloseCode;

use self::ending::Ending;
pub use self::ending::State;
pub use self::event::{Event, Fragment};
#[cfg(feature = "tokio")]
pub(crate) use self::halves::Arrival;
#[cfg(any(feature = "blocking", feature = "tokio"))]
pub(crate) use self::halves::Receiver;
use self::options::Options;
#[cfg(feature = "blocking")]
pub(crate) use self::output::DEFAULT_LIMIT;
pub use self::owned::OwnedMessage;
#[cfg(feature = "bytes")]
pub use self::owned::{SharedMessage, SharedText};
pub use self::pieces::Pieces;
pub use self::sender::Sender;
#[cfg(feature = "blocking")]
pub(crate) use self::sender::frame_length;
pub use self::stream::StreamError;
use crate::{CloseFrame, Decoder, Encoder, Error, Limits, Message, MisuseError, Role};

/// Both directions of a connection after its opening handshake, without its transport: bytes in and events out, messages
/// in and bytes out (RFC 6455 sections 5 to 7).
///
/// It answers pings, takes its part in the closing handshake, and ends the connection with the right code when the peer
/// breaks the rules. In this order, and around again until [`should_shut`](Self::should_shut):
///
/// 1. write [`output`](Self::output), and say with [`advance_output`](Self::advance_output) how much went out;
/// 2. read into [`room`](Self::room), and say with [`filled`](Self::filled) how much came, or that the transport ended with
///    [`eof`](Self::eof);
/// 3. take events with [`next_event`](Self::next_event) until there are none.
///
/// An echo server on any stream, which stays up for whatever a client does:
///
/// ```
/// use std::io::{Read, Result, Write};
/// use wscodec::{Connection, Error, Event, Limits, Message, Role};
///
/// fn echo(stream: &mut (impl Read + Write)) -> Result<()> {
///     let mut connection = Connection::new(Role::Server, Limits::new());
///     while !connection.should_shut() {
///         match stream.read(connection.room())? {
///             0 => connection.eof(),
///             bytes => connection.filled(bytes).map_err(std::io::Error::other)?,
///         }
///         // An error ends the events; the close frame that it calls for is queued.
///         while let Ok(Some((event, sender))) = connection.next_event_and_sender() {
///             if let Event::Message(message @ (Message::Text(_) | Message::Binary(_))) = event {
///                 sender.send(message).map_err(std::io::Error::other)?;
///             }
///         }
///         stream.write_all(connection.output())?;
///         connection.clear_output();
///     }
///     Ok(())
/// }
/// # // A client that says hello, closes, and leaves.
/// # struct Pipe<'a>(&'a [u8], Vec<u8>);
/// # impl Read for Pipe<'_> {
/// #     fn read(&mut self, buffer: &mut [u8]) -> Result<usize> { self.0.read(buffer) }
/// # }
/// # impl Write for Pipe<'_> {
/// #     fn write(&mut self, bytes: &[u8]) -> Result<usize> { self.1.write(bytes) }
/// #     fn flush(&mut self) -> Result<()> { Ok(()) }
/// # }
/// # let mut pipe = Pipe(b"\x81\x85\0\0\0\0Hello\x89\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8", Vec::new());
/// # echo(&mut pipe)?;
/// # assert_eq!(pipe.1, b"\x81\x05Hello\x8a\x00\x88\x02\x03\xe8");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # The closing handshake
/// | what happens | [`state`](Self::state) then | queued by itself | [`should_shut`](Self::should_shut) |
/// |---|---|---|---|
/// | [`close`](Self::close) | `CloseSent` | the close frame | no: events still come until the peer's close frame |
/// | the peer's close frame | `Closed` | one with the same code, unless one was sent | a server at once, a client when the server has shut ([`eof`](Self::eof)) |
/// | an error of the peer's, a limit | `Failed` | one with the [error's code](Error::close_code), unless one was sent | yes |
/// | [`eof`](Self::eof) without a close frame | `Lost` | nothing | yes |
///
/// "Yes" is when what is queued has been written. How long to wait for a peer is the caller's business, and so is a read
/// or write that fails: nothing of it needs to be told here.
pub struct Connection {
    decoder: Decoder,
    sender: Sender,
    options: Options,
    ending: Ending,
    /// Whether the short way through `next_event` won't do.
    is_special: bool,
}

impl Connection {
    /// A connection right after its handshake, for the endpoint that is `role`. Nothing is allocated before the first read or
    /// message.
    #[must_use]
    pub fn new(role: Role, limits: Limits) -> Self {
        Self {
            decoder: Decoder::new(role, limits),
            sender: Sender::new(Encoder::new(role), role),
            options: Options::default(),
            ending: Ending::default(),
            is_special: false,
        }
    }

    /// Where to read to: as many bytes as the [read size](Self::with_read_size). The event handed out last is gone with this.
    pub fn room(&mut self) -> &mut [u8] {
        self.decoder.room()
    }

    /// Takes note that the first `bytes` bytes of the [`room`](Self::room) were read to.
    ///
    /// # Errors
    /// [`MisuseError::MoreThanRoom`] if there was less room, or nobody asked for it since the last read; then nothing was
    /// taken.
    pub fn filled(&mut self, bytes: usize) -> Result<(), MisuseError> {
        self.decoder.leave_room(bytes)?;
        if self.ending.reads() {
            self.decoder.take_filled(bytes);
            self.ending.pending |= bytes > 0;
        }
        Ok(())
    }

    /// Copies bytes that were read elsewhere, such as those behind the request's head: the same as reading them. The event handed
    /// out last is gone with this.
    pub fn push(&mut self, bytes: &[u8]) {
        self.decoder.forget_room();
        if self.ending.reads() {
            self.decoder.push(bytes);
            self.ending.pending |= !bytes.is_empty();
        }
    }

    /// Takes note that nothing more comes: a read gave no bytes. Events of what came before are still to be taken.
    pub fn eof(&mut self) {
        self.ending.note_eof(&mut self.sender);
    }

    /// The next event, or `None` if more must be read for one, or after a close frame.
    ///
    /// A ping queues its pong, a close frame its answer, unless the [options](Self::with_automatic_pong) say otherwise.
    ///
    /// # Errors
    /// [`Error::Protocol`] and [`Error::Limit`] for what the peer sent, [`Error::Backend`] if something underneath fails. An
    /// error is final, and comes after all events before it; the close frame with its [code](Error::close_code) is then
    /// queued, and once that is written the transport should be shut.
    #[inline]
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, Error> {
        Ok(self.next_event_and_sender()?.map(|(event, _)| event))
    }

    /// [`next_event`](Self::next_event), and what answers to it can be sent with while it is borrowed.
    ///
    /// # Errors
    /// As [`next_event`](Self::next_event).
    #[inline]
    pub fn next_event_and_sender(&mut self) -> Result<Option<(Event<'_>, &mut Sender)>, Error> {
        if self.is_special {
            return self.next_special();
        }
        let Self { decoder, sender, ending, options, is_special, .. } = self;
        match decoder.next_message() {
            Ok(Some(message)) => {
                if message.is_control()
                    && let Err(error) = options.answer(message, sender, ending)
                {
                    *is_special = true;
                    return Err(ending.fail(error, sender));
                }
                Ok(Some((Event::Message(message), sender)))
            }
            Ok(None) => {
                ending.note_end_of_events(sender);
                Ok(None)
            }
            Err(error) => {
                *is_special = true;
                Err(ending.fail(error, sender))
            }
        }
    }

    /// Queues a message; see [`Sender::send`].
    ///
    /// # Errors
    /// As [`Sender::send`].
    #[inline]
    pub fn send(&mut self, message: Message<'_>) -> Result<(), Error> {
        self.sender.send_with(message, CompressionWish::Auto)
    }

    /// Begins the closing handshake, or answers the peer's close frame; see [`Sender::close`]. Without a `frame` the close frame is
    /// empty, and the peer reads 1005 of it, not 1000.
    ///
    /// ```
    /// use wscodec::{CloseCode, CloseFrame, Connection, Limits, Role};
    ///
    /// let normal = CloseFrame::new(CloseCode::NORMAL, "");
    /// for (frame, sent) in [(Some(normal), &b"\x88\x02\x03\xe8"[..]), (None, b"\x88\x00")] {
    ///     let mut connection = Connection::new(Role::Server, Limits::new());
    ///     connection.close(frame)?;
    ///     assert_eq!(connection.output(), sent);
    /// }
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Sender::close`].
    pub fn close(&mut self, frame: Option<CloseFrame<'_>>) -> Result<(), Error> {
        self.sender.close(frame)
    }

    /// Everything that can be sent, and how.
    #[inline]
    pub fn sender(&mut self) -> &mut Sender {
        &mut self.sender
    }

    /// What is to be written to the transport, in this order.
    #[must_use]
    #[inline]
    pub fn output(&self) -> &[u8] {
        self.sender.output()
    }

    /// Takes note that the first `bytes` bytes of the [`output`](Self::output) were written.
    ///
    /// # Errors
    /// [`MisuseError::MoreThanQueued`] if there are fewer; then nothing changes.
    #[inline]
    pub fn advance_output(&mut self, bytes: usize) -> Result<(), MisuseError> {
        self.sender.advance_output(bytes)
    }

    /// Takes note that all of the [`output`](Self::output) was written.
    #[inline]
    pub fn clear_output(&mut self) {
        self.sender.clear_output();
    }

    /// How far the closing handshake is.
    #[must_use]
    pub fn state(&self) -> State {
        self.ending.state(self.sender.is_closed())
    }

    /// Whether the transport should be shut: what was to be written was written, and nothing that may still come is of
    /// interest. A client waits for the server to shut first (RFC 6455 section 7.1.1), as long as the caller likes.
    #[must_use]
    #[inline]
    pub fn should_shut(&self) -> bool {
        self.ending.should_shut(&self.sender)
    }

    /// Why the connection closed (RFC 6455 section 7.1.5): the code of the peer's close frame, [`CloseCode::NO_STATUS`] if that
    /// had none, [`CloseCode::ABNORMAL`] if there will be none; `None` as long as that is open.
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        self.ending.close_code()
    }

    /// The error that ended the connection, if one did.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        self.ending.error
    }

    /// How many messages have been handed out that were compressed on the wire.
    #[must_use]
    pub fn compressed_messages_received(&self) -> u64 {
        self.decoder.compressed_messages()
    }

    /// Gives back what memory it can while the connection is idle, and stays in step. The event handed out last is gone with
    /// this. A [read size](Self::with_read_size) that has grown is as at first.
    pub fn release(&mut self) {
        self.decoder.release();
        self.sender.release();
    }

    /// Leaves the buffers that nothing is in to the thread's other connections, and takes some of them for the next read and the
    /// next message: for whoever waits with many connections, each time that the transport has nothing more to be read. See
    /// [`Decoder::share_buffers`]. The event handed out last is gone with this.
    ///
    /// ```
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// connection.push(b"\x81\x82\0\0\0\0hi");
    /// while let Some((_, sender)) = connection.next_event_and_sender()? {
    ///     sender.send(Message::Text(&"hello ".repeat(1_000)))?;
    /// }
    /// connection.clear_output(); // when it is written
    /// let before = connection.memory();
    /// connection.share_buffers();
    /// assert!(connection.memory() < 2_048 && before > 6_000);
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    #[inline]
    pub fn share_buffers(&mut self) {
        self.decoder.share_buffers();
        self.sender.share_buffers();
    }

    /// The bytes of memory that this connection holds.
    #[must_use]
    pub fn memory(&self) -> usize {
        let parts = size_of_val(&self.decoder) + size_of_val(&self.sender);
        size_of::<Self>() - parts + self.decoder.memory() + self.sender.memory()
    }

    /// Events that may be raw, and errors that stay.
    #[inline(never)]
    fn next_special(&mut self) -> Result<Option<(Event<'_>, &mut Sender)>, Error> {
        let Self { decoder, sender, ending, options, .. } = self;
        if let Some(error) = ending.error {
            return Err(error);
        }
        match decoder.next_event() {
            Ok(Some(event)) => {
                if let Event::Message(message) = event
                    && let Err(error) = options.answer(message, sender, ending)
                {
                    return Err(ending.fail(error, sender));
                }
                Ok(Some((event, sender)))
            }
            Ok(None) => {
                ending.note_end_of_events(sender);
                Ok(None)
            }
            Err(error) => Err(ending.fail(error, sender)),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("state", &self.state())
            .field("decoder", &self.decoder)
            .field("sender", &self.sender)
            .field("options", &self.options)
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}
