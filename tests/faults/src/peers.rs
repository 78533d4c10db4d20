//! Connections to the server, by the library and by hand.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use wscodec::Message;
use wscodec::tokio::WebSocket;

use crate::Failure;
use crate::ways::Way;

/// How long anything may take that has to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// `future`, or an error that says what did not happen.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> Result<T, Failure> {
    Ok(timeout(PATIENCE, future).await.map_err(|_| format!("{what}: nothing for {PATIENCE:?}"))?)
}

/// Opens a connection, and tells whether its messages may be compressed, and by whom with takeover.
pub(crate) async fn open(address: &str, way: Way) -> Result<(WebSocket<TcpStream>, Option<String>), Failure> {
    within("opening", async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (handshake, settings) = (way.client_handshake(address)?, way.settings());
        let (socket, opened) = WebSocket::connect(stream, &handshake, &settings).await?;
        Ok((socket, opened.agreement.map(|agreement| agreement.to_string())))
    })
    .await?
}

/// Sends `message` and waits for its echo.
pub(crate) async fn echo(socket: &mut WebSocket<TcpStream>, message: Message<'_>) -> Result<(), Failure> {
    within("an echo", async {
        socket.send(message).await?;
        loop {
            match socket.next_message().await? {
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                Some(answer) if answer == message => return Ok(()),
                Some(_) => return Err("what came back is not what was sent".into()),
                None => return Err("the server left".into()),
            }
        }
    })
    .await?
}

/// A request by hand, to one that may offer compression with the context taken over.
pub(crate) fn request(deflate: bool) -> Vec<u8> {
    let extension = if deflate { "Sec-WebSocket-Extensions: permessage-deflate\r\n" } else { "" };
    format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extension}\r\n"
    )
    .into_bytes()
}

/// A stream to the server, with little room for what is on its way.
pub(crate) async fn stream(address: &str) -> Result<TcpStream, Failure> {
    let address: SocketAddr = address.parse()?;
    let socket = TcpSocket::new_v4()?;
    socket.set_send_buffer_size(64 << 10)?;
    socket.set_recv_buffer_size(64 << 10)?;
    let stream = within("connecting", socket.connect(address)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The same, its handshake done by hand.
pub(crate) async fn raw(address: &str, deflate: bool) -> Result<TcpStream, Failure> {
    let mut stream = stream(address).await?;
    within("a handshake", async {
        stream.write_all(&request(deflate)).await?;
        read_head(&mut stream).await.map(drop)
    })
    .await??;
    Ok(stream)
}

/// Reads the head of the answer, and nothing behind it.
pub(crate) async fn read_head(stream: &mut TcpStream) -> Result<Vec<u8>, Failure> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}

/// Everything up to the end of the stream.
pub(crate) async fn rest(stream: &mut TcpStream) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    within("the end of a stream", stream.read_to_end(&mut bytes)).await??;
    Ok(bytes)
}

/// Leaves without a word.
pub(crate) fn reset(stream: TcpStream) -> Result<(), Failure> {
    stream.set_zero_linger()?;
    drop(stream);
    Ok(())
}
