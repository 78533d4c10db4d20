//! The opening handshake over a stream.

use std::io;

use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{OpenError, Settings, WebSocket};
use crate::Role;
use crate::handshake::{
    Accepted, ClientHandshake, HeadReader, Opened, Refusal, Request, ServerHandshake, Upgrade,
};

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Reads a request from `stream`, checks it, and writes the answer: the server's half of the opening handshake (RFC 6455
    /// section 4.2). What the client sent behind its request is kept.
    ///
    /// A refusal is written before it is told of, and the stream shut down. How long a client may take is the caller's business,
    /// who may drop the future at any time, and the stream with it.
    ///
    /// # Errors
    /// [`OpenError`]: [`Refused`](OpenError::Refused) for what the client asked for,
    /// [`NoBackend`](OpenError::NoBackend) and [`Compression`](OpenError::Compression) for settings that don't go with the
    /// handshake, [`Io`](OpenError::Io).
    pub async fn accept(
        stream: S,
        handshake: &ServerHandshake,
        settings: &Settings,
    ) -> Result<(Self, Accepted), OpenError> {
        Self::accept_with(stream, handshake, settings, |_, upgrade| Ok(upgrade)).await
    }

    /// [`accept`](Self::accept), and the application has its say after all checks: it may look at the request, choose a
    /// subprotocol, add headers, or refuse.
    ///
    /// ```
    /// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// use wscodec::handshake::{Refusal, ServerHandshake};
    /// use wscodec::tokio::{OpenError, Settings, WebSocket};
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
    /// assert!(matches!(opened.await, Err(OpenError::Refused(refusal)) if refusal.status() == 401));
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
    ) -> Result<(Self, Accepted), OpenError> {
        let mut reader = HeadReader::new(settings.head_limits);
        let mut received = Vec::new();
        let (accepted, head) = loop {
            read_more(&mut stream, &mut received).await?;
            let answer = match reader.request(&received) {
                Ok(None) => continue,
                Ok(Some((request, head))) => handshake
                    .check(&request)
                    .and_then(|upgrade| decide(&request, upgrade))
                    .and_then(Upgrade::accept)
                    .map(|accepted| (accepted, head)),
                Err(error) => Err(error.refusal()),
            };
            match answer {
                Ok(accepted) => break accepted,
                Err(refusal) => return Err(refuse(&mut stream, refusal).await),
            }
        };
        let mut connection = match settings.connection(Role::Server, accepted.agreement().as_ref()) {
            Ok(connection) => connection,
            Err(error) => {
                if let Ok(refusal) = Refusal::new(500) {
                    refuse(&mut stream, refusal).await;
                }
                return Err(error);
            }
        };
        stream.write_all(&accepted.to_bytes()).await?;
        stream.flush().await?;
        connection.push(&received[head..]);
        Ok((Self::from_connection(stream, connection), accepted))
    }

    /// Writes a request to `stream`, reads the response, and checks it: the client's half of the opening handshake (RFC 6455
    /// section 4.1). What the server sent behind its response is kept.
    ///
    /// # Errors
    /// [`OpenError`]: [`Response`](OpenError::Response) and [`Head`](OpenError::Head) for what the server answered,
    /// [`NoBackend`](OpenError::NoBackend) and [`Compression`](OpenError::Compression) for settings that don't go with the
    /// handshake, [`Backend`](OpenError::Backend) without randomness, [`Io`](OpenError::Io). The stream is then dropped.
    pub async fn connect(
        mut stream: S,
        handshake: &ClientHandshake,
        settings: &Settings,
    ) -> Result<(Self, Opened), OpenError> {
        let request = handshake.request()?;
        stream.write_all(&request.to_bytes()).await?;
        stream.flush().await?;
        let mut reader = HeadReader::new(settings.head_limits);
        let mut received = Vec::new();
        loop {
            read_more(&mut stream, &mut received).await?;
            let Some((response, head)) = reader.response(&received).map_err(OpenError::Head)? else {
                continue;
            };
            let checked = request.check(&response);
            drop(response);
            let opened = match checked {
                Ok(opened) => opened,
                Err(error) => {
                    received.truncate(head);
                    return Err(OpenError::Response { error, head: received });
                }
            };
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

/// Writes the refusal, as far as the client takes it, and gives the error to be told of.
async fn refuse(stream: &mut (impl AsyncWrite + Unpin), refusal: Refusal) -> OpenError {
    // Why it was refused says more than that the client left.
    let _ = async {
        stream.write_all(&refusal.to_bytes()).await?;
        stream.flush().await?;
        stream.shutdown().await
    }
    .await;
    OpenError::Refused(refusal)
}
