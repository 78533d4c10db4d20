//! An echo server on tokio, one task a connection: `tokio_echo_server [PORT]`, port 0, the default, picks a free one.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use wscodec::compressors::Backend;
use wscodec::handshake::ServerHandshake;
use wscodec::tokio::{Settings, WebSocket};

/// What every connection is opened with.
struct Server {
    handshake: ServerHandshake,
    settings: Settings,
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(serve(listener).await?)
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    let server = Arc::new(Server::new());
    loop {
        let (stream, peer) = listener.accept().await?;
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            match server.connection(stream).await {
                Ok(messages) => println!("{peer}: {messages} messages"),
                Err(error) => eprintln!("{peer}: {error}"),
            }
        });
    }
}

impl Server {
    /// Compresses with the first backend that is compiled in, if one is.
    fn new() -> Self {
        let settings = Settings::new().backend(Backend::available().next());
        Self { handshake: ServerHandshake::new(), settings }
    }

    async fn connection(&self, stream: TcpStream) -> Result<usize, AnyError> {
        stream.set_nodelay(true)?;
        let opening = WebSocket::accept(stream, &self.handshake, &self.settings);
        let (mut socket, _) = timeout(Duration::from_secs(5), opening).await??;
        let echoed = echo(&mut socket).await;
        if echoed.is_err() {
            // A peer that is still sending is to hear why it is cut off.
            let _ = timeout(Duration::from_secs(1), socket.linger()).await;
        }
        echoed
    }
}

/// Echoes to the end, and gives how many messages it was.
async fn echo(socket: &mut WebSocket<TcpStream>) -> Result<usize, AnyError> {
    let mut messages = 0;
    // Nobody who says nothing for a minute is kept.
    while let Some((message, sender)) =
        timeout(Duration::from_secs(60), socket.next_message_and_sender()).await??
    {
        if !message.is_control() {
            sender.send(message)?;
            messages += 1;
        }
    }
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use wscodec::Message;
    use wscodec::handshake::ClientHandshake;

    use super::*;

    #[tokio::test]
    async fn what_is_sent_comes_back() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener));
        let stream = TcpStream::connect(address).await.unwrap();
        let handshake = ClientHandshake::new("localhost", "/").unwrap();
        let (mut client, _) = WebSocket::connect(stream, &handshake, &Settings::new()).await.unwrap();
        for number in 0..1000 {
            client.feed(Message::Text(&number.to_string())).await.unwrap();
        }
        for number in 0..1000 {
            let echo = client.next_message().await.unwrap();
            assert_eq!(echo, Some(Message::Text(&number.to_string())));
        }
        client.close(None).await.unwrap();
        assert_eq!(client.next_message().await.unwrap(), Some(Message::Close(None)));
        assert_eq!(client.next_message().await.unwrap(), None);
    }

    #[tokio::test]
    async fn who_breaks_the_rules_hears_of_it_however_much_he_sends() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener));
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = ClientHandshake::new("localhost", "/").unwrap().request().unwrap();
        stream.write_all(&request.to_bytes()).await.unwrap();
        stream.write_all(&b"not masked ".repeat(200_000)).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.ends_with(b"\r\n\r\n\x88\x02\x03\xea"));
    }
}
