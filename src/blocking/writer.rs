use core::fmt;
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver as Told, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wscodec_compressors::CompressionWish;

use super::Error;
use super::transport::{self, Outgoing};
use crate::{CloseFrame, DataKind, Message, MisuseError, RawFrame, Sender};

/// The writing half of a [split](super::WebSocket::split) socket. Its clones share it.
///
/// Each call queues whole frames in one go and returns when they were written, by itself or by another thread that was
/// writing already. Data messages of two threads do not mix: while one is in fragments or streamed, others are refused with
/// [`MisuseError::MessageUnderWay`], control frames are not.
///
/// ```
/// # use std::net::{TcpListener, TcpStream};
/// use wscodec::blocking::WebSocket;
/// use wscodec::{CloseCode, CloseFrame, Connection, DataKind, Limits, Message, Role};
///
/// # let listener = TcpListener::bind("127.0.0.1:0")?;
/// # let near = TcpStream::connect(listener.local_addr()?)?;
/// # let far = listener.accept()?.0;
/// # let mut peer = WebSocket::from_connection(far, Connection::new(Role::Client, Limits::new()));
/// let socket = WebSocket::from_connection(&near, Connection::new(Role::Server, Limits::new()));
/// let (_reader, mut writer) = socket.split(&near);
/// let mut second = writer.clone();
/// std::thread::scope(|scope| scope.spawn(move || second.send(Message::Text("from a thread"))).join()).unwrap()?;
/// writer.ping(b"?")?;
/// writer.send_stream(DataKind::Binary, 4096, &mut &b"from any reader"[..])?;
/// writer.close(Some(CloseFrame::new(CloseCode::NORMAL, "")))?;
/// assert!(writer.is_closed());
/// # assert_eq!(peer.read_message()?, Some(Message::Text("from a thread")));
/// # assert_eq!(peer.read_message()?, Some(Message::Binary(b"from any reader")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Writer<W> {
    shared: Arc<Shared<W>>,
    /// What is read of a source to be streamed.
    chunk: Vec<u8>,
}

/// Two locks: queueing never waits for the transport. Who needs both takes that of the transport first.
pub(super) struct Shared<W> {
    sender: Mutex<Sender>,
    transport: Mutex<Transport<W>>,
}

struct Transport<W> {
    stream: W,
    /// Lent by the queue, whose memory it takes turns with.
    outgoing: Outgoing,
    /// Whether the stream itself may hold bytes that were written to it.
    is_buffered: bool,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(stream: W, sender: Sender, outgoing: Outgoing, is_buffered: bool) -> Self {
        let transport = Mutex::new(Transport { stream, outgoing, is_buffered });
        Self { shared: Arc::new(Shared { sender: Mutex::new(sender), transport }), chunk: Vec::new() }
    }

    pub(super) fn shared(&self) -> Arc<Shared<W>> {
        Arc::clone(&self.shared)
    }

    /// Sends a message, and writes it; see [`WebSocket::send`](super::WebSocket::send). After a close frame, the
    /// [`Reader`](super::Reader) has the rest of the closing handshake.
    ///
    /// # Errors
    /// As [`WebSocket::send`](super::WebSocket::send).
    pub fn send(&mut self, message: Message<'_>) -> Result<(), Error> {
        self.send_with(message, CompressionWish::Auto)
    }

    /// [`send`](Self::send) with a wish of the application whether this message is compressed.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_with(&mut self, message: Message<'_>, wish: CompressionWish) -> Result<(), Error> {
        self.queue(|sender| sender.send_with(message, wish))?;
        self.flush()
    }

    /// Sends a ping of at most 125 bytes, and writes it.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.send(Message::Ping(payload))
    }

    /// Sends a frame with any FIN and reserved bits, and writes it; see
    /// [`Sender::send_frame`](crate::Sender::send_frame).
    ///
    /// # Errors
    /// As [`send`](Self::send), with those of [`Sender::send_frame`](crate::Sender::send_frame).
    pub fn send_frame(&mut self, frame: RawFrame<'_>) -> Result<(), Error> {
        self.queue(|sender| sender.send_frame(frame))?;
        self.flush()
    }

    /// Begins the closing handshake, or answers the peer's close frame; the [`Reader`](super::Reader) has the rest.
    ///
    /// # Errors
    /// As [`send`](Self::send), with those of [`Sender::close`](crate::Sender::close).
    pub fn close(&mut self, frame: Option<CloseFrame<'_>>) -> Result<(), Error> {
        self.queue(|sender| sender.close(frame))?;
        self.flush()
    }

    /// Sends a message in frames of `chunk` bytes as they come from `reader`; see
    /// [`WebSocket::send_stream`](super::WebSocket::send_stream). Nobody is kept from sending control frames while that is
    /// read.
    ///
    /// # Errors
    /// As [`WebSocket::send_stream`](super::WebSocket::send_stream). The message under way can be gone on with by
    /// [`resume_stream`](Self::resume_stream), also of a clone: what was read of it is kept, whatever others queue.
    pub fn send_stream(&mut self, kind: DataKind, chunk: usize, reader: &mut impl Read) -> Result<(), Error> {
        self.queue(|sender| sender.begin_stream(kind, chunk))?;
        self.chunk.resize(chunk.clamp(1, LONGEST_READ), 0);
        self.resume_stream(reader)
    }

    /// Goes on with a streamed message that was cut short; if it is complete by now, writes what is left of it.
    ///
    /// # Errors
    /// As [`send_stream`](Self::send_stream).
    pub fn resume_stream(&mut self, reader: &mut impl Read) -> Result<(), Error> {
        if self.chunk.is_empty() {
            // Another writer began it. Into no room, a reader would give no bytes, as at its end.
            self.chunk.resize(SHORT_READ, 0);
        }
        loop {
            self.flush()?;
            let Some(most) = self.queue_in_turn(Sender::room_for_part)? else { return self.flush() };
            let most = most.min(self.chunk.len());
            match read_source(reader, &mut self.chunk[..most])? {
                0 => self.shared.sender().take_end()?,
                length => self.shared.sender().take_part(&self.chunk[..length])?,
            }
        }
    }

    /// Sends an empty ping whenever `interval` has passed, in the caller's thread, until the connection closes or the caller is
    /// told to `stop`, or the other end of that is dropped.
    ///
    /// A peer that is gone shows in a read that fails or times out, since its pongs are missing.
    ///
    /// ```
    /// # use std::net::{TcpListener, TcpStream};
    /// use std::sync::mpsc;
    /// use std::time::Duration;
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Event, Limits, Message, Role};
    ///
    /// # let listener = TcpListener::bind("127.0.0.1:0")?;
    /// # let near = TcpStream::connect(listener.local_addr()?)?;
    /// # let far = listener.accept()?.0;
    /// # let mut peer = WebSocket::from_connection(far, Connection::new(Role::Client, Limits::new()));
    /// let socket = WebSocket::from_connection(&near, Connection::new(Role::Server, Limits::new()));
    /// let (mut reader, writer) = socket.split(&near);
    /// std::thread::scope(|scope| {
    ///     let (stop, told) = mpsc::channel();
    ///     scope.spawn(move || writer.clone().keep_alive(Duration::from_millis(1), &told));
    ///     # assert_eq!(peer.read()?, Some(Event::Message(Message::Ping(b""))));
    ///     # peer.flush()?;
    ///     assert_eq!(reader.read()?, Some(Event::Message(Message::Pong(b""))));
    ///     drop(stop);
    ///     Ok::<_, wscodec::blocking::Error>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of the transport but for [`Error::WouldBlock`], with which it tries on.
    pub fn keep_alive(&mut self, interval: Duration, stop: &Told<()>) -> Result<(), Error> {
        while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(interval) {
            match self.queue(|sender| sender.send(Message::Ping(b""))) {
                Err(Error::Codec(crate::Error::Misuse(MisuseError::Closed))) => return Ok(()),
                // There is much to be written, and no need of a ping.
                Err(Error::Codec(crate::Error::Misuse(MisuseError::OutputFull { .. }))) | Ok(()) => {}
                Err(error) => return Err(error),
            }
            // Who is just writing writes it.
            match self.shared.flush_unless_busy() {
                Ok(()) | Err(Error::WouldBlock) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Anything else that can be queued, and how; [`flush`](Self::flush) writes it. No other thread queues or receives a
    /// control frame meanwhile.
    ///
    /// ```
    /// # use std::net::{TcpListener, TcpStream};
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// # let listener = TcpListener::bind("127.0.0.1:0")?;
    /// # let stream = TcpStream::connect(listener.local_addr()?)?;
    /// let socket = WebSocket::from_connection(&stream, Connection::new(Role::Server, Limits::new()));
    /// let (_reader, mut writer) = socket.split(&stream);
    /// writer.queue(|sender| sender.send_all(&[Message::Text("together"), Message::Text("in a row")]))?;
    /// writer.flush()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Codec`] with the error of `queue`.
    pub fn queue(
        &mut self,
        queue: impl FnOnce(&mut Sender) -> Result<(), crate::Error>,
    ) -> Result<(), Error> {
        Ok(queue(&mut self.shared.sender())?)
    }

    /// Queues what there may be room for only when that is written which others have queued.
    fn queue_in_turn<T>(
        &mut self,
        mut queue: impl FnMut(&mut Sender) -> Result<T, crate::Error>,
    ) -> Result<T, Error> {
        loop {
            let mut sender = self.shared.sender();
            match queue(&mut sender) {
                Err(crate::Error::Misuse(MisuseError::OutputFull { .. })) if !sender.is_written() => {}
                result => return Ok(result?),
            }
            drop(sender);
            self.flush()?;
        }
    }

    /// Writes what is queued.
    ///
    /// # Errors
    /// Those of the transport. What was not written stays queued.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.shared.flush()
    }

    /// How many messages were sent compressed.
    #[must_use]
    pub fn compressed_messages(&self) -> u64 {
        self.shared.sender().compressed_messages()
    }

    /// Whether a close frame was queued, so that nothing more may be.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.sender().is_closed()
    }
}

/// Of a source; longer chunks are put together of several reads.
const LONGEST_READ: usize = 64 << 10;

/// What a writer takes at once that did not begin the stream.
const SHORT_READ: usize = 4 << 10;

fn read_source(reader: &mut impl Read, room: &mut [u8]) -> Result<usize, Error> {
    transport::read(reader, room).map_err(|error| match error {
        Error::Io(error) => Error::Source(error),
        _ => Error::Source(io::ErrorKind::WouldBlock.into()),
    })
}

impl<W> Shared<W> {
    pub(super) fn sender(&self) -> MutexGuard<'_, Sender> {
        // A compressor of the user's own that panics leaves an encoder that knows of it.
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write> Shared<W> {
    /// Writes what is queued, after others have written what they write.
    fn flush(&self) -> Result<(), Error> {
        loop {
            self.transport.lock().unwrap_or_else(PoisonError::into_inner).write(self)?;
            if self.is_empty() {
                return Ok(());
            }
        }
    }

    /// The same, unless somebody else is at it: who is looks again after leaving the transport to others.
    pub(super) fn flush_unless_busy(&self) -> Result<(), Error> {
        loop {
            match self.transport.try_lock() {
                Ok(mut transport) => transport.write(self)?,
                Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner().write(self)?,
                Err(std::sync::TryLockError::WouldBlock) => return Ok(()),
            }
            if self.is_empty() {
                return Ok(());
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.sender().output().is_empty()
    }
}

impl<W: Write> Transport<W> {
    fn write(&mut self, shared: &Shared<W>) -> Result<(), Error> {
        let Self { stream, outgoing, is_buffered } = self;
        loop {
            // Noted first: a write that fails may have been the second.
            *is_buffered |= !outgoing.is_empty();
            let written = outgoing.write_once(stream);
            let mut sender = shared.sender();
            sender.keep_lent(outgoing.left());
            written?;
            if outgoing.is_empty() {
                if sender.output().is_empty() {
                    break;
                }
                sender.lend_output(&mut outgoing.bytes);
            }
        }
        if *is_buffered {
            transport::flush(stream)?;
            *is_buffered = false;
        }
        Ok(())
    }
}

impl<W> Clone for Writer<W> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), chunk: Vec::new() }
    }
}

impl<W> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("sender", &*self.shared.sender()).finish_non_exhaustive()
    }
}
