//! The opening handshake over a stream.

use std::io;

use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Error, Settings, WebSocket};
use crate::Role;
use crate::handshake::opening::{self, LINGER};
use crate::handshake::{
    Accepted, ClientHandshake, HeadReader, Opened, Refusal, Request, ServerHandshake, Upgrade,
};

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Reads a request from `stream`, checks it, and writes the answer: the server's half of the opening handshake (RFC 6455
    /// section 4.2). What the client sent behind its request is kept.
    ///
    /// A refusal is written before it is told of, and the stream shut down; of a request that goes on behind what was read, up
    /// to 256 KiB are then read and dropped, since over TCP the client might never see the refusal otherwise. How long a client
    /// may take is the caller's business, who may drop the future at any time, and the stream with it.
    ///
    /// # Errors
    /// [`HandshakeError`](super::HandshakeError): [`Refused`](super::HandshakeError::Refused) for what the client asked for,
    /// [`Setup`](super::HandshakeError::Setup) for settings that don't go with the handshake; [`Error::Io`].
    pub async fn accept(
        stream: S,
        handshake: &ServerHandshake,
        settings: &Settings,
    ) -> Result<(Self, Accepted), Error> {
        Self::accept_with(stream, handshake, settings, |_, upgrade| Ok(upgrade)).await
    }

    /// [`accept`](Self::accept), and the application has its say after all checks: it may look at the request, choose a
    /// subprotocol, add headers, or refuse.
    ///
    /// ```
    /// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// use wscodec::handshake::{Refusal, ServerHandshake};
    /// use wscodec::tokio::{Error, HandshakeError, Settings, WebSocket};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (mut client, stream) = tokio::io::duplex(1024);
    /// # client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\
    /// #     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").await?;
    /// let (handshake, settings) = (ServerHandshake::new(), Settings::new());
    /// let opened = WebSocket::accept_with(stream, &handshake, &settings, |request, upgrade| {
    ///     match request.values("Authorization").next() {
    ///         Some(_) => Ok(upgrade),
    ///         None => Err(Refusal::unauthorized()),
    ///     }
    /// });
    /// let Err(Error::Handshake(HandshakeError::Refused(refusal))) = opened.await else { panic!() };
    /// assert_eq!(refusal.status(), 401);
    /// # let mut answer = String::new();
    /// # client.read_to_string(&mut answer).await?;
    /// # assert!(answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub async fn accept_with(
        mut stream: S,
        handshake: &ServerHandshake,
        settings: &Settings,
        decide: impl FnOnce(&Request<'_>, Upgrade) -> Result<Upgrade, Refusal>,
    ) -> Result<(Self, Accepted), Error> {
        let mut reader = HeadReader::new(settings.head_limits);
        let mut received = Vec::new();
        let (answer, head) = loop {
            read_more(&mut stream, &mut received).await?;
            match reader.request(&received) {
                Ok(None) => {}
                Ok(Some((request, head))) => {
                    break (opening::answer(handshake, settings, &request, decide), head);
                }
                Err(error) => break (Err(error.into()), received.len()),
            }
        };
        let behind_head = &received[head..];
        let (accepted, mut connection) = match answer {
            Ok(opened) => opened,
            Err(rejected) => {
                let has_rest = rejected.has_rest || !behind_head.is_empty();
                refuse(&mut stream, &rejected.refusal, has_rest).await;
                return Err(rejected.error.into());
            }
        };
        stream.write_all(&accepted.to_bytes()).await?;
        stream.flush().await?;
        connection.push(behind_head);
        Ok((Self::from_connection(stream, connection), accepted))
    }

    /// Writes a request to `stream`, reads the response, and checks it: the client's half of the opening handshake (RFC 6455
    /// section 4.1). What the server sent behind its response is kept.
    ///
    /// # Errors
    /// [`HandshakeError`](super::HandshakeError): [`Response`](super::HandshakeError::Response) and [`Head`](super::HandshakeError::Head) for what the server
    /// answered, [`Setup`](super::HandshakeError::Setup) for settings that don't go with the handshake; [`Error::Codec`] without
    /// randomness, [`Error::Io`]. The stream is then dropped.
    pub async fn connect(
        mut stream: S,
        handshake: &ClientHandshake,
        settings: &Settings,
    ) -> Result<(Self, Opened), Error> {
        let request = handshake.or_deflate_with(settings.backend).request()?;
        stream.write_all(&request.to_bytes()).await?;
        stream.flush().await?;
        let mut reader = HeadReader::new(settings.head_limits);
        let mut received = Vec::new();
        loop {
            read_more(&mut stream, &mut received).await?;
            let Some((response, head)) = reader.response(&received)? else { continue };
            let opened = opening::check(&request, &response, &received[..head])?;
            let mut connection = settings.connection(Role::Client, opened.agreement.as_ref())?;
            connection.push(&received[head..]);
            return Ok((Self::from_connection(stream, connection), opened));
        }
    }
}

/// The longest read of a head: most come whole in one.
const READ: usize = 2 << 10;

/// Appends one read.
async fn read_more(stream: &mut (impl AsyncRead + Unpin), received: &mut Vec<u8>) -> io::Result<()> {
    received.reserve(READ);
    match stream.read_buf(received).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// Writes the refusal, as far as the client takes it, and drops what it still sends.
async fn refuse(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), refusal: &Refusal, has_rest: bool) {
    // Why it was refused says more than that the client left.
    let _ = async {
        stream.write_all(&refusal.to_bytes()).await?;
        stream.flush().await?;
        stream.shutdown().await?;
        let (mut dropped, mut left) = ([0; READ], if has_rest { LINGER } else { 0 });
        while left > 0 {
            match stream.read(&mut dropped).await? {
                0 => break,
                bytes => left = left.saturating_sub(bytes),
            }
        }
        io::Result::Ok(())
    }
    .await;
}
