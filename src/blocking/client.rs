//! The client's half of the opening handshake.

use std::io::{Read, Write};

use super::received::Received;
use super::transport::Outgoing;
use super::{Error, Settings, WebSocket, transport};
use crate::handshake::{ClientHandshake, ClientRequest, HeadLimits, Opened, Response, opening};
use crate::{Connection, Role};

/// A client's opening handshake in steps: for those who look at responses, or set up connections of their own.
///
/// ```no_run
/// use std::net::TcpStream;
/// use wscodec::blocking::ClientOpening;
/// use wscodec::handshake::{ClientHandshake, HeadLimits};
/// use wscodec::{Connection, Limits, Role};
///
/// let stream = TcpStream::connect("example.com:80")?;
/// let request = ClientHandshake::new("example.com", "/chat")?.request()?;
/// let mut opening = ClientOpening::new(stream, request, HeadLimits::default());
/// let response = opening.response()?;
/// println!("status {}", response.status());
/// let opened = opening.check()?;
/// let socket = opening.open(opened, Connection::new(Role::Client, Limits::new()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ClientOpening<S> {
    stream: S,
    request: ClientRequest,
    outgoing: Outgoing,
    /// Whether the stream itself holds bytes that were written to it.
    is_buffered: bool,
    received: Received,
}

impl<S: Read + Write> WebSocket<S> {
    /// Writes the request, reads the response, and opens the connection by it.
    ///
    /// ```no_run
    /// use std::net::TcpStream;
    /// use wscodec::blocking::{Settings, WebSocket};
    /// use wscodec::handshake::ClientHandshake;
    /// use wscodec::Message;
    ///
    /// let stream = TcpStream::connect("example.com:80")?;
    /// let handshake = ClientHandshake::new("example.com", "/chat")?;
    /// let mut socket = WebSocket::connect(stream, &handshake, &Settings::new())?;
    /// socket.send(Message::Text("Hello"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`HandshakeError`](super::HandshakeError) for a response that can't be used, or agrees on what the settings can't do;
    /// [`Error::Lost`] if the server left; and those of the transport, with [`Error::WouldBlock`] for one that times
    /// out: then it is over, and only a [`ClientOpening`] can go on.
    pub fn connect(stream: S, handshake: &ClientHandshake, settings: &Settings) -> Result<Self, Error> {
        let request = handshake.or_deflate_with(settings.backend).request()?;
        let mut opening = ClientOpening::new(stream, request, settings.head_limits);
        let opened = opening.check()?;
        let connection = settings.connection(Role::Client, opened.agreement.as_ref())?;
        Ok(opening.open(opened, connection))
    }
}

impl<S: Read + Write> ClientOpening<S> {
    /// At the start of a connection. Nothing is written yet.
    #[must_use]
    pub fn new(stream: S, request: ClientRequest, limits: HeadLimits) -> Self {
        let outgoing = Outgoing::new(request.to_bytes());
        Self { stream, request, outgoing, is_buffered: true, received: Received::new(limits) }
    }

    /// Writes the request and reads until the response's head is whole, and gives it; the same again when called again.
    ///
    /// # Errors
    /// [`HandshakeError::Head`](super::HandshakeError::Head), [`Error::Lost`] if the server left, and those of the transport,
    /// after which this can be called again.
    pub fn response(&mut self) -> Result<Response<'_>, Error> {
        self.outgoing.write(&mut self.stream)?;
        if self.is_buffered {
            transport::flush(&mut self.stream)?;
            self.is_buffered = false;
        }
        while self.received.head.is_none() {
            let Received { bytes, reader, head } = &mut self.received;
            match reader.response(bytes)? {
                Some((_, length)) => *head = Some(length),
                None => self.received.fill(&mut self.stream)?,
            }
        }
        let Received { bytes, reader, .. } = &mut self.received;
        // It was whole before.
        reader.response(bytes)?.map(|(response, _)| response).ok_or(Error::Lost)
    }

    /// [`response`](Self::response), and checks it.
    ///
    /// # Errors
    /// As [`response`](Self::response), and [`HandshakeError::Response`](super::HandshakeError::Response).
    pub fn check(&mut self) -> Result<Opened, Error> {
        self.response()?;
        let Received { bytes, reader, .. } = &mut self.received;
        // It is whole.
        let (response, length) = reader.response(bytes)?.ok_or(Error::Lost)?;
        Ok(opening::check(&self.request, &response, &bytes[..length])?)
    }

    /// Opens the connection, as it was [checked](Self::check).
    pub fn open(self, opened: Opened, connection: Connection) -> WebSocket<S> {
        let Self { stream, received, .. } = self;
        WebSocket::opened(stream, connection, received.behind_head(), Outgoing::default())
            .agreeing(opened.agreement, opened.subprotocol)
    }

    /// Gives the stream back.
    pub fn into_stream(self) -> S {
        self.stream
    }
}
