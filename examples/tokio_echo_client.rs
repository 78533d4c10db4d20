//! Sends each line of its input to an echo server, and prints what comes back: `tokio_echo_client HOST:PORT [PATH] < input`.
//!
//! It sends and receives on tasks of their own, so the input may be as long as it likes.

use std::io::{self, BufRead};

use tokio::net::TcpStream;
use wscodec::compressors::Backend;
use wscodec::handshake::ClientHandshake;
use wscodec::tokio::{Settings, WebSocket};
use wscodec::{CloseCode, CloseFrame, Message};

type AnyError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args().skip(1);
    let Some(host) = arguments.next() else {
        return Err("usage: tokio_echo_client HOST:PORT [PATH] < input".into());
    };
    let path = arguments.next().unwrap_or_else(|| "/".to_owned());
    // Read before, since to wait for standard input takes a thread.
    let lines: Vec<String> = io::stdin().lock().lines().collect::<Result<_, _>>()?;
    talk(&host, &path, lines, |line| println!("{line}")).await
}

async fn talk(
    host: &str,
    path: &str,
    lines: Vec<String>,
    mut print: impl FnMut(&str),
) -> Result<(), AnyError> {
    let stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    let (handshake, settings) = ways(host, path)?;
    let (socket, _) = WebSocket::connect(stream, &handshake, &settings).await?;
    let expected = lines.len();
    let (mut reader, mut writer) = socket.split();
    let sending = tokio::spawn(async move {
        for line in &lines {
            writer.feed(Message::Text(line)).await?;
        }
        writer.flush().await.map(|()| writer)
    });
    let mut received = 0;
    while received < expected {
        match reader.next_message().await? {
            Some(Message::Text(line)) => {
                print(line);
                received += 1;
            }
            Some(_) => {}
            None => return Err("the server left before it had answered".into()),
        }
    }
    let mut writer = sending.await??;
    writer.close(Some(CloseFrame::new(CloseCode::NORMAL, ""))).await?;
    while reader.next_message().await?.is_some() {}
    Ok(())
}

/// Offers what the first backend can do that is compiled in, if one is.
fn ways(host: &str, path: &str) -> Result<(ClientHandshake, Settings), AnyError> {
    let settings = Settings::new().backend(Backend::available().next());
    Ok((ClientHandshake::new(host, path)?, settings))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use wscodec::handshake::ServerHandshake;

    use super::*;

    #[tokio::test]
    async fn every_line_comes_back() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (mut socket, _) =
                WebSocket::accept(stream, &ServerHandshake::new(), &Settings::new()).await.unwrap();
            while let Some((message, sender)) = socket.next_message_and_sender().await.unwrap() {
                if !message.is_control() {
                    sender.send(message).unwrap();
                }
            }
            assert_eq!(socket.close_code(), Some(CloseCode::NORMAL));
        });
        // More than sockets hold.
        let lines: Vec<_> = (0..100_u32).map(|number| number.to_string().repeat(50_000)).collect();
        let mut printed = Vec::new();
        talk(&address, "/", lines.clone(), |line| printed.push(line.to_owned())).await.unwrap();
        assert!(printed == lines);
        server.await.unwrap();
    }
}
