use core::fmt;
use std::io::{Read, Write};

use wscodec_compressors::negotiation::Agreement;

use super::reading::{self, Source};
use super::transport::{self, Outgoing};
use super::{Error, Reader, Writer};
use crate::connection::Receiver;
use crate::{CloseCode, Connection, Event, Message, RawMessage, Sender, State};

/// A connection on a blocking stream (RFC 6455 sections 5 to 7).
///
/// It answers pings and takes its part in the closing handshake, as its [`Connection`] says. What is queued, answers as well,
/// is written by the calls that send, by [`flush`](Self::flush), and before a read waits for the peer.
///
/// ```
/// use std::net::{TcpListener, TcpStream};
/// use std::time::Duration;
/// use wscodec::blocking::{Settings, WebSocket};
/// use wscodec::handshake::{ClientHandshake, ServerHandshake};
/// use wscodec::{CloseCode, CloseFrame, Message};
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let address = listener.local_addr()?;
/// let server = std::thread::spawn(move || -> Result<(), wscodec::blocking::Error> {
///     let (stream, _) = listener.accept()?;
///     let mut socket = WebSocket::accept(stream, &ServerHandshake::new(), &Settings::new())?;
///     while let Some(message) = socket.read_message()? {
///         assert_eq!(message, Message::Text("Hello"));
///         socket.send(Message::Binary(b"and hello to you"))?;
///     }
///     Ok(())
/// });
///
/// let handshake = ClientHandshake::new(&address.to_string(), "/")?;
/// let mut socket = WebSocket::connect(TcpStream::connect(address)?, &handshake, &Settings::new())?;
/// socket.send(Message::Text("Hello"))?;
/// assert_eq!(socket.read_message()?, Some(Message::Binary(b"and hello to you")));
/// socket.close(Some(CloseFrame::new(CloseCode::NORMAL, "bye")), Duration::from_secs(5))?;
/// server.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WebSocket<S> {
    pub(super) stream: S,
    pub(super) receiver: Receiver,
    pub(super) sender: Sender,
    /// The handshake's response, before all that is queued.
    head: Outgoing,
    /// Whether the stream itself may hold bytes that were written to it.
    is_buffered: bool,
    on_control: Option<ControlHandler>,
    agreement: Option<Agreement>,
    subprotocol: Option<String>,
}

pub(super) type ControlHandler = Box<dyn FnMut(Message<'_>, &mut Sender) + Send>;

impl<S> WebSocket<S> {
    /// A socket after a handshake that was done elsewhere. Bytes that were read behind its head have to be
    /// [pushed](Connection::push) to the connection before.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut connection = Connection::new(Role::Client, Limits::new());
    /// connection.push(b"\x81\x05Hel");
    /// let mut transport = &b"lo"[..];
    /// # struct ReadOnly<'a>(&'a mut &'static [u8]);
    /// # impl std::io::Read for ReadOnly<'_> {
    /// #     fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> { self.0.read(buffer) }
    /// # }
    /// # impl std::io::Write for ReadOnly<'_> {
    /// #     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> { Ok(bytes.len()) }
    /// #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
    /// # }
    /// # let transport = ReadOnly(&mut transport);
    /// let mut socket = WebSocket::from_connection(transport, connection);
    /// assert_eq!(socket.read_message()?, Some(Message::Text("Hello")));
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    pub fn from_connection(stream: S, connection: Connection) -> Self {
        let (receiver, sender) = connection.into_halves();
        Self {
            stream,
            receiver,
            sender,
            head: Outgoing::default(),
            is_buffered: false,
            on_control: None,
            agreement: None,
            subprotocol: None,
        }
    }

    /// The same with a handler of control frames, which [`read_message`](Self::read_message) and
    /// [`read_raw`](Self::read_raw) call with each, in their order, before they go on. Answers of the connection's own are
    /// queued before that; [`with_automatic_pong`](Connection::with_automatic_pong) turns them off.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut connection = Connection::new(Role::Client, Limits::new());
    /// connection.push(b"\x8a\x01!\x81\x05Hello");
    /// let pongs = std::sync::Arc::new(std::sync::Mutex::new(Vec::<u8>::new()));
    /// let noted = pongs.clone();
    /// let stream = std::io::Cursor::new(Vec::new());
    /// let mut socket = WebSocket::from_connection(stream, connection).with_control_handler(move |message, _sender| {
    ///     if let Message::Pong(payload) = message {
    ///         noted.lock().unwrap().extend(payload);
    ///     }
    /// });
    /// assert_eq!(socket.read_message()?, Some(Message::Text("Hello")));
    /// assert_eq!(*pongs.lock().unwrap(), b"!");
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    #[must_use]
    pub fn with_control_handler(
        self,
        handler: impl FnMut(Message<'_>, &mut Sender) + Send + 'static,
    ) -> Self {
        Self { on_control: Some(Box::new(handler)), ..self }
    }

    /// What the handshake agreed on for compression; `None` without it, and for a handshake that was done elsewhere.
    #[must_use]
    pub fn agreement(&self) -> Option<Agreement> {
        self.agreement
    }

    /// The subprotocol that the handshake chose; `None` without one, and for a handshake that was done elsewhere.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// How far the closing handshake is.
    #[must_use]
    pub fn state(&self) -> State {
        self.receiver.state(&self.sender)
    }

    /// Whether the transport should be shut; see [`Connection::should_shut`].
    #[must_use]
    pub fn should_shut(&self) -> bool {
        self.receiver.should_shut(&self.sender)
    }

    /// Why the connection closed; see [`Connection::close_code`].
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        self.receiver.close_code()
    }

    /// The error that ended the connection, if one did.
    #[must_use]
    pub fn error(&self) -> Option<crate::Error> {
        self.receiver.error()
    }

    /// How many messages came compressed on the wire.
    #[must_use]
    pub fn compressed_messages_received(&self) -> u64 {
        self.receiver.compressed_messages()
    }

    /// Everything that can be queued, and how; [`flush`](Self::flush) writes it.
    pub fn sender(&mut self) -> &mut Sender {
        &mut self.sender
    }

    /// The stream. Who reads from it or writes to it breaks the connection.
    pub fn stream(&self) -> &S {
        &self.stream
    }

    /// The stream, to be set up. Who reads from it or writes to it breaks the connection.
    pub fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// The stream and the connection, with what was read and not handed out. What is queued is still to be written; a handshake's
    /// response is not in it, and has to be [flushed](Self::flush) before.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let stream = std::io::Cursor::new(Vec::<u8>::new());
    /// let mut socket = WebSocket::from_connection(stream, Connection::new(Role::Server, Limits::new()));
    /// socket.sender().send(Message::Text("Hello"))?;
    /// let (_stream, connection) = socket.into_parts();
    /// assert_eq!(connection.output(), b"\x81\x05Hello");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    pub fn into_parts(self) -> (S, Connection) {
        (self.stream, Connection::from_halves(self.receiver, self.sender))
    }

    /// Gives back what memory it can while the connection is idle; see [`Connection::release`].
    pub fn release(&mut self) {
        self.receiver.release(&mut self.sender);
    }

    /// The bytes of memory that the connection holds, without those of the stream.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.receiver.memory(&self.sender)
    }

    pub(super) fn opened(stream: S, mut connection: Connection, behind_head: &[u8], head: Outgoing) -> Self {
        connection.push(behind_head);
        Self { head, ..Self::from_connection(stream, connection) }
    }

    pub(super) fn agreeing(self, agreement: Option<Agreement>, subprotocol: Option<String>) -> Self {
        Self { agreement, subprotocol, ..self }
    }
}

impl<S: Read + Write> WebSocket<S> {
    /// The next event, borrowed from where it was read to; `None` after the close frame of the peer. What is queued is written
    /// before this waits for the peer.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Event, Limits, Message, Role};
    ///
    /// let mut connection = Connection::new(Role::Client, Limits::new());
    /// connection.push(b"\x89\x01!\x88\x00");
    /// let mut socket = WebSocket::from_connection(std::io::Cursor::new(Vec::new()), connection);
    /// assert_eq!(socket.read()?, Some(Event::Message(Message::Ping(b"!"))));
    /// assert_eq!(socket.read()?, Some(Event::Message(Message::Close(None))));
    /// assert_eq!(socket.read()?, None);
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WouldBlock`]; [`Error::Codec`] for what the peer did wrong, which is final, and of which the peer was told;
    /// [`Error::Lost`] if the transport ended without a close frame; [`Error::Io`].
    pub fn read(&mut self) -> Result<Option<Event<'_>>, Error> {
        Ok(self.read_and_sender()?.map(|(event, _)| event))
    }

    /// [`read`](Self::read), and what answers to it can be queued with while it is borrowed.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Event, Limits, Message, Role};
    ///
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// connection.push(b"\x81\x83\0\0\0\0one\x81\x83\0\0\0\0two\x88\x80\0\0\0\0");
    /// let mut wire = std::io::Cursor::new(Vec::new());
    /// let mut socket = WebSocket::from_connection(&mut wire, connection);
    /// while let Some((event, sender)) = socket.read_and_sender()? {
    ///     if let Event::Message(message @ Message::Text(_)) = event {
    ///         sender.send(message)?;
    ///     }
    /// }
    /// assert_eq!(wire.into_inner(), b"\x81\x03one\x81\x03two\x88\x00");
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_and_sender(&mut self) -> Result<Option<(Event<'_>, &mut Sender)>, Error> {
        if !reading::next(self)? {
            return Ok(None);
        }
        Ok(Some((self.receiver.event()?, &mut self.sender)))
    }

    /// The next data message, borrowed; `None` after the close frame of the peer. Control frames go to the
    /// [handler](Self::with_control_handler), if there is one. A message that is [raw](Event::Raw) comes as binary. Of a
    /// connection [with fragments](Connection::with_fragments), each comes by itself: [`read`](Self::read) tells which is the last.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_message(&mut self) -> Result<Option<Message<'_>>, Error> {
        if self.next_data()? { Ok(Some(self.receiver.event()?.into_message())) } else { Ok(None) }
    }

    /// The next data message with its reserved bits, for extensions of the user's own; see
    /// [`Connection::with_reserved_bits`]. Otherwise as [`read_message`](Self::read_message).
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::kernel::Rsv;
    /// use wscodec::{Connection, DataKind, Limits, Role};
    ///
    /// let mut connection = Connection::new(Role::Client, Limits::new()).with_reserved_bits(Rsv::RSV2);
    /// connection.push(b"\xa1\x01!\x82\x00");
    /// let mut socket = WebSocket::from_connection(std::io::Cursor::new(Vec::new()), connection);
    /// let raw = socket.read_raw()?.expect("a message");
    /// assert_eq!((raw.kind, raw.rsv, raw.payload), (DataKind::Text, Rsv::RSV2, &b"!"[..]));
    /// assert_eq!(socket.read_raw()?.map(|raw| raw.rsv), Some(Rsv::NONE));
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_raw(&mut self) -> Result<Option<RawMessage<'_>>, Error> {
        if self.next_data()? { Ok(reading::raw(&self.receiver.event()?)) } else { Ok(None) }
    }

    /// Writes what is queued.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut wire = std::io::Cursor::new(Vec::new());
    /// let mut socket = WebSocket::from_connection(&mut wire, Connection::new(Role::Server, Limits::new()));
    /// socket.sender().send(Message::Text("queued"))?;
    /// socket.flush()?;
    /// assert_eq!(wire.into_inner(), b"\x81\x06queued");
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the transport. What was not written stays queued.
    pub fn flush(&mut self) -> Result<(), Error> {
        if self.head.write(&mut self.stream)? {
            self.is_buffered = true;
        }
        while let output @ [_, ..] = self.sender.output() {
            let written = transport::write(&mut self.stream, output)?;
            self.sender.advance_output(written)?;
            self.is_buffered = true;
        }
        if self.is_buffered {
            transport::flush(&mut self.stream)?;
            self.is_buffered = false;
        }
        Ok(())
    }

    /// Takes the socket apart, so that one thread can write while another reads. `writer` is the stream's other handle:
    ///
    /// ```
    /// # use std::net::{TcpListener, TcpStream};
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// # let listener = TcpListener::bind("127.0.0.1:0")?;
    /// # let address = listener.local_addr()?;
    /// # let (near, far) = (TcpStream::connect(address)?, listener.accept()?.0);
    /// # let client = Connection::new(Role::Client, Limits::new());
    /// let socket = WebSocket::from_connection(near, client);
    /// let writing = socket.stream().try_clone()?;
    /// let (mut reader, mut writer) = socket.split(writing);
    /// // Or by reference, for as long as the stream lives.
    /// let server = WebSocket::from_connection(&far, Connection::new(Role::Server, Limits::new()));
    /// let (mut server, mut answers) = server.split(&far);
    ///
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| writer.send(Message::Text("Hello")));
    ///     assert_eq!(server.read_message()?, Some(Message::Text("Hello")));
    ///     answers.send(Message::Text("Hello?"))?;
    ///     assert_eq!(reader.read_message()?, Some(Message::Text("Hello?")));
    ///     Ok::<_, wscodec::blocking::Error>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn split<W: Write>(self, writer: W) -> (Reader<S, W>, Writer<W>) {
        let Self { stream, receiver, sender, head, is_buffered, on_control, .. } = self;
        let writer = Writer::new(writer, sender, head, is_buffered);
        (Reader::new(stream, receiver, on_control, writer.shared()), writer)
    }

    /// Goes on to the next data message; false after the last.
    fn next_data(&mut self) -> Result<bool, Error> {
        while reading::next(self)? {
            match self.receiver.event()? {
                Event::Message(message) if message.is_control() => {
                    if let Some(handler) = &mut self.on_control {
                        handler(message, &mut self.sender);
                    }
                }
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    pub(super) fn has_written_head(&self) -> bool {
        self.head.is_empty()
    }

    pub(super) fn note_write(&mut self) {
        self.is_buffered = true;
    }
}

impl<S: Read + Write> Source for WebSocket<S> {
    #[inline]
    fn advance(&mut self) -> Result<bool, crate::Error> {
        let Self { receiver, sender, .. } = self;
        receiver.find_event(|| sender)
    }

    fn state(&self) -> State {
        self.receiver.state(&self.sender)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.flush()
    }

    fn fill(&mut self) -> Result<(), Error> {
        let read = transport::read(&mut self.stream, self.receiver.room());
        if let Err(Error::WouldBlock) = read {
            self.receiver.share_buffers();
            self.sender.share_buffers();
        }
        match read? {
            0 => self.receiver.eof(&mut self.sender),
            bytes => self.receiver.filled(bytes),
        }
        Ok(())
    }
}

impl<S: fmt::Debug> fmt::Debug for WebSocket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("stream", &self.stream)
            .field("receiver", &self.receiver)
            .field("sender", &self.sender)
            .field("agreement", &self.agreement)
            .field("subprotocol", &self.subprotocol)
            .finish_non_exhaustive()
    }
}
