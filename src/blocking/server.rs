//! The server's half of the opening handshake.

use std::io::{Read, Write};
use std::time::Duration;

use super::received::Received;
use super::transport::Outgoing;
use super::{Error, HandshakeError, Settings, WebSocket, closing, transport};
use crate::Connection;
use crate::handshake::opening::{self, LINGER, Rejected};
use crate::handshake::{Accepted, HeadLimits, Refusal, Request, ServerHandshake, Upgrade};

/// A server's opening handshake in steps: for those who look at requests, or set up connections of their own.
///
/// ```
/// use wscodec::blocking::ServerOpening;
/// use wscodec::handshake::{HeadLimits, ServerHandshake};
/// use wscodec::{Connection, Limits, Message, Role};
/// # let request = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
/// #   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// # let mut output = Vec::new();
/// # struct Pipe<'a>(&'a [u8], &'a mut Vec<u8>);
/// # impl std::io::Read for Pipe<'_> {
/// #     fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> { self.0.read(buffer) }
/// # }
/// # impl std::io::Write for Pipe<'_> {
/// #     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> { self.1.write(bytes) }
/// #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
/// # }
/// # let stream = Pipe(request, &mut output);
///
/// let mut opening = ServerOpening::new(stream, HeadLimits::default());
/// let request = opening.request()?;
/// assert_eq!(request.path(), "/chat");
/// let accepted = ServerHandshake::new().accept(&request)?;
/// let connection = Connection::new(Role::Server, Limits::new()).with_read_size(64 << 10);
/// let mut socket = opening.accept(&accepted, connection);
/// socket.send(Message::Text("Hello"))?; // behind the response
/// # drop(socket);
/// # assert!(output.starts_with(b"HTTP/1.1 101 ") && output.ends_with(b"\r\n\r\n\x81\x05Hello"));
/// # Ok::<(), wscodec::blocking::Error>(())
/// ```
#[derive(Debug)]
pub struct ServerOpening<S> {
    stream: S,
    received: Received,
}

impl<S: Read + Write> WebSocket<S> {
    /// Reads a request, and accepts it or refuses it: the response is written in either case.
    ///
    /// To have the stream back where there is no socket, lend it: `&TcpStream` and `&mut stream` are streams as well.
    ///
    /// # Errors
    /// [`HandshakeError::Refused`]; [`HandshakeError::Setup`], which the client was told of as status 500; [`Error::Lost`] if
    /// the client left; and those of the transport, with [`Error::WouldBlock`] for one that times out: then it is over, and
    /// only a [`ServerOpening`] can go on.
    ///
    /// Of a refused request that goes on behind what was read, up to 256 KiB are read and dropped, for about a second or until
    /// a read times out: over TCP, the client might never see the refusal otherwise.
    pub fn accept(stream: S, handshake: &ServerHandshake, settings: &Settings) -> Result<Self, Error> {
        Self::accept_with(stream, handshake, settings, |_, upgrade| Ok(upgrade))
    }

    /// [`accept`](Self::accept) with a say of the application's: it sees the request that could be accepted.
    ///
    /// ```
    /// use wscodec::blocking::{Error, HandshakeError, Settings, WebSocket};
    /// use wscodec::handshake::{Refusal, ServerHandshake};
    /// # let request = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    /// #   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    /// # let mut stream = std::io::Cursor::new(request.to_vec());
    ///
    /// let opened = WebSocket::accept_with(&mut stream, &ServerHandshake::new(), &Settings::new(), |request, upgrade| {
    ///     match request.values("Authorization").next() {
    ///         Some(_) => Ok(upgrade),
    ///         None => Err(Refusal::unauthorized()),
    ///     }
    /// });
    /// let Err(Error::Handshake(HandshakeError::Refused(refusal))) = opened else { panic!() };
    /// assert_eq!(refusal.status(), 401);
    /// ```
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub fn accept_with(
        stream: S,
        handshake: &ServerHandshake,
        settings: &Settings,
        decide: impl FnOnce(&Request<'_>, Upgrade) -> Result<Upgrade, Refusal>,
    ) -> Result<Self, Error> {
        let mut opening = ServerOpening::new(stream, settings.head_limits);
        let answer = match opening.request() {
            Ok(request) => opening::answer(handshake, settings, &request, decide),
            Err(Error::Handshake(HandshakeError::Head(error))) => Err(error.into()),
            Err(error) => return Err(error),
        };
        match answer {
            Ok((accepted, connection)) => {
                let mut socket = opening.accept(&accepted, connection);
                socket.flush()?;
                Ok(socket)
            }
            Err(rejected) => Err(opening.reject(rejected).into()),
        }
    }
}

/// For the rest of a refused request.
const LAST_WAIT: Duration = Duration::from_secs(1);

impl<S: Read + Write> ServerOpening<S> {
    /// At the start of a connection.
    #[must_use]
    pub fn new(stream: S, limits: HeadLimits) -> Self {
        Self { stream, received: Received::new(limits) }
    }

    /// Reads until the request's head is whole, and gives it; the same again when called again.
    ///
    /// # Errors
    /// [`HandshakeError::Head`], which has the [refusal](crate::handshake::HeadError::refusal) to be sent;
    /// [`Error::Lost`] if the client left; and those of the transport, after which this can be called again.
    pub fn request(&mut self) -> Result<Request<'_>, Error> {
        while self.received.head.is_none() {
            let Received { bytes, reader, head } = &mut self.received;
            match reader.request(bytes)? {
                Some((_, length)) => *head = Some(length),
                None => self.received.fill(&mut self.stream)?,
            }
        }
        let Received { bytes, reader, .. } = &mut self.received;
        // It was whole before.
        reader.request(bytes)?.map(|(request, _)| request).ok_or(Error::Lost)
    }

    /// Opens the connection. The response is queued: it goes out with the first [`flush`](WebSocket::flush), read or message.
    pub fn accept(self, accepted: &Accepted, connection: Connection) -> WebSocket<S> {
        let Self { stream, received } = self;
        let response = Outgoing::new(accepted.to_bytes());
        let subprotocol = accepted.subprotocol().map(str::to_owned);
        WebSocket::opened(stream, connection, received.behind_head(), response)
            .agreeing(accepted.agreement(), subprotocol)
    }

    /// Writes the refusal, and gives the stream back to be shut.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn refuse(mut self, refusal: &Refusal) -> Result<S, Error> {
        Outgoing::new(refusal.to_bytes()).write(&mut self.stream)?;
        transport::flush(&mut self.stream)?;
        Ok(self.stream)
    }

    fn reject(self, rejected: Rejected) -> HandshakeError {
        let Rejected { refusal, error, has_rest } = rejected;
        let has_rest = has_rest || !self.received.behind_head().is_empty();
        // Why it was refused says more than that the client left.
        if let Ok(mut stream) = self.refuse(&refusal)
            && has_rest
        {
            closing::drain(&mut stream, LAST_WAIT, LINGER);
        }
        error
    }
}
