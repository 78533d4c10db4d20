use core::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

use super::reading::{self, Source};
use super::websocket::ControlHandler;
use super::writer::Shared;
use super::{Error, transport};
use crate::connection::Receiver;
use crate::{CloseCode, Event, Message, RawMessage, State};

/// The reading half of a [split](super::WebSocket::split) socket.
///
/// It writes as well, if it owes the peer something: a pong, the answer to a close frame, the close frame for an error. If a
/// [`Writer`](super::Writer) is just writing, that one writes it, so that this does not wait for it.
///
/// A peer that does not read keeps a write of this waiting, and so its reads. Where two ends may wait for each other,
/// [leave writing](Self::leaving_writes) to a thread of its own.
///
/// ```
/// # use std::net::{TcpListener, TcpStream};
/// use wscodec::blocking::WebSocket;
/// use wscodec::{Connection, Limits, Message, Role};
///
/// # let listener = TcpListener::bind("127.0.0.1:0")?;
/// # let near = TcpStream::connect(listener.local_addr()?)?;
/// # let far = listener.accept()?.0;
/// # let mut peer = WebSocket::from_connection(far, Connection::new(Role::Client, Limits::new()));
/// # peer.send(Message::Text("Hello"))?;
/// # peer.send(Message::Close(None))?;
/// let socket = WebSocket::from_connection(&near, Connection::new(Role::Server, Limits::new()));
/// let (mut reader, mut writer) = socket.split(&near);
/// std::thread::scope(|scope| {
///     scope.spawn(move || writer.send(Message::Text("whenever I like")));
///     while let Some(message) = reader.read_message()? {
///         println!("{message:?}");
///     }
///     assert_eq!(reader.close_code(), Some(wscodec::CloseCode::NO_STATUS));
///     Ok::<_, wscodec::blocking::Error>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reader<S, W> {
    stream: S,
    receiver: Receiver,
    on_control: Option<ControlHandler>,
    shared: Arc<Shared<W>>,
    /// Whether what it queued may not have been written.
    owes: bool,
    leaves_writes: bool,
}

impl<S: Read, W: Write> Reader<S, W> {
    pub(super) fn new(
        stream: S,
        receiver: Receiver,
        on_control: Option<ControlHandler>,
        shared: Arc<Shared<W>>,
    ) -> Self {
        Self { stream, receiver, on_control, shared, owes: false, leaves_writes: false }
    }

    /// The same, and what it owes the peer is only queued: the next call of a [`Writer`](super::Writer) writes it. So this never
    /// waits for a peer that does not read. There must be a thread that writes often enough, with
    /// [`keep_alive`](super::Writer::keep_alive) say; of a flood of pings, the last is answered.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Event, Limits, Message, Role};
    ///
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// connection.push(b"\x89\x81\0\0\0\0!\x88\x80\0\0\0\0");
    /// let mut wire = Cursor::new(Vec::new());
    /// let socket = WebSocket::from_connection(Cursor::new(Vec::new()), connection);
    /// let (reader, mut writer) = socket.split(&mut wire);
    /// let mut reader = reader.leaving_writes();
    /// assert_eq!(reader.read()?, Some(Event::Message(Message::Ping(b"!"))));
    /// assert_eq!(reader.read()?, Some(Event::Message(Message::Close(None))));
    /// assert_eq!(reader.read()?, None);
    /// writer.flush()?;
    /// drop((reader, writer));
    /// assert_eq!(wire.into_inner(), b"\x8a\x01!\x88\x00");
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    #[must_use]
    pub fn leaving_writes(self) -> Self {
        Self { leaves_writes: true, ..self }
    }

    /// The next event; see [`WebSocket::read`](super::WebSocket::read).
    ///
    /// # Errors
    /// As [`WebSocket::read`](super::WebSocket::read).
    pub fn read(&mut self) -> Result<Option<Event<'_>>, Error> {
        if reading::next(self)? { Ok(Some(self.receiver.event()?)) } else { Ok(None) }
    }

    /// The next data message; see [`WebSocket::read_message`](super::WebSocket::read_message). The handler of control frames must
    /// not use a [`Writer`](super::Writer), but the sender that it is given.
    ///
    /// # Errors
    /// As [`WebSocket::read`](super::WebSocket::read).
    pub fn read_message(&mut self) -> Result<Option<Message<'_>>, Error> {
        if self.next_data()? { Ok(Some(self.receiver.event()?.into_message())) } else { Ok(None) }
    }

    /// The next data message with its reserved bits; see [`WebSocket::read_raw`](super::WebSocket::read_raw).
    ///
    /// # Errors
    /// As [`WebSocket::read`](super::WebSocket::read).
    pub fn read_raw(&mut self) -> Result<Option<RawMessage<'_>>, Error> {
        if self.next_data()? { Ok(reading::raw(&self.receiver.event()?)) } else { Ok(None) }
    }

    /// How far the closing handshake is.
    #[must_use]
    pub fn state(&self) -> State {
        self.receiver.state(&self.shared.sender())
    }

    /// Why the connection closed; see [`Connection::close_code`](crate::Connection::close_code).
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        self.receiver.close_code()
    }

    /// How many messages came compressed on the wire.
    #[must_use]
    pub fn compressed_messages_received(&self) -> u64 {
        self.receiver.compressed_messages()
    }

    /// The stream that is read from.
    pub fn stream(&self) -> &S {
        &self.stream
    }

    fn next_data(&mut self) -> Result<bool, Error> {
        while reading::next(self)? {
            match self.receiver.event()? {
                Event::Message(message) if message.is_control() => {
                    if let Some(handler) = &mut self.on_control {
                        handler(message, &mut self.shared.sender());
                        self.owes = true;
                    }
                }
                _ => return Ok(true),
            }
        }
        Ok(false)
    }
}

impl<S: Read, W: Write> Source for Reader<S, W> {
    fn advance(&mut self) -> Result<bool, crate::Error> {
        let Self { receiver, shared, owes, .. } = self;
        receiver.find_event(|| {
            *owes = true;
            shared.sender()
        })
    }

    fn state(&self) -> State {
        Reader::state(self)
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.owes && !self.leaves_writes {
            self.shared.flush_unless_busy()?;
            self.owes = false;
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<(), Error> {
        let read = transport::read(&mut self.stream, self.receiver.room());
        if let Err(Error::WouldBlock) = read {
            self.receiver.share_buffers();
        }
        match read? {
            0 => self.receiver.eof(&mut self.shared.sender()),
            bytes => self.receiver.filled(bytes),
        }
        Ok(())
    }
}

impl<S: fmt::Debug, W> fmt::Debug for Reader<S, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("stream", &self.stream)
            .field("receiver", &self.receiver)
            .finish_non_exhaustive()
    }
}
