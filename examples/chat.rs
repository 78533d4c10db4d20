//! A chat on tokio: `chat [PORT]`, port 0, the default, picks a free one. What one says, all get.
//!
//! Each line is prepared once, so it is compressed once, however many are there and whether or not their connections take
//! their context over. Who does not keep up misses lines, and holds nobody up.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{self, Receiver, Sender};
use wscodec::compressors::Backend;
use wscodec::handshake::ServerHandshake;
use wscodec::tokio::{Error, Settings, WebSocket};
use wscodec::{Message, PreparedMessage};

type AnyError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(serve(listener).await?)
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    let room = Arc::new(Room::new());
    for number in 1.. {
        let (stream, _) = listener.accept().await?;
        let room = Arc::clone(&room);
        tokio::spawn(async move {
            if let Err(error) = room.guest(number, stream).await {
                eprintln!("guest {number}: {error}");
            }
        });
    }
    Ok(())
}

struct Room {
    handshake: ServerHandshake,
    settings: Settings,
    lines: Sender<Arc<PreparedMessage>>,
}

/// Who is more lines behind misses the oldest.
const BACKLOG: usize = 256;

impl Room {
    fn new() -> Self {
        let settings = Settings::new().backend(Backend::available().next());
        let (lines, _) = broadcast::channel(BACKLOG);
        Self { handshake: ServerHandshake::new(), settings, lines }
    }

    async fn guest<S>(&self, number: u64, stream: S) -> Result<(), AnyError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut socket, _) = WebSocket::accept(stream, &self.handshake, &self.settings).await?;
        let mut lines = self.lines.subscribe();
        self.say(&format!("guest {number} is here"));
        let stay = self.stay(number, &mut socket, &mut lines).await;
        self.say(&format!("guest {number} has left"));
        Ok(stay?)
    }

    /// Both waits may be dropped at any time: what was read of a message is kept, and so is what was written of one.
    async fn stay<S>(
        &self,
        number: u64,
        socket: &mut WebSocket<S>,
        lines: &mut Receiver<Arc<PreparedMessage>>,
    ) -> Result<(), Error>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        loop {
            tokio::select! {
                message = socket.next_message() => match message? {
                    Some(Message::Text(line)) => self.say(&format!("guest {number}: {line}")),
                    Some(_) => {}
                    None => return Ok(()),
                },
                line = lines.recv() => {
                    match line {
                        Ok(line) => socket.feed_prepared(&line).await?,
                        Err(RecvError::Lagged(missed)) => {
                            socket.feed(Message::Text(&format!("({missed} lines missed)"))).await?;
                        }
                        Err(RecvError::Closed) => return Ok(()),
                    }
                    // One write for all that was said meanwhile.
                    if lines.is_empty() {
                        socket.flush().await?;
                    }
                }
            }
        }
    }

    fn say(&self, line: &str) {
        // Nobody may be there to hear it.
        let _ = self.lines.send(Arc::new(PreparedMessage::from(line)));
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex};
    use wscodec::compressors::negotiation::ClientPolicy;
    use wscodec::handshake::ClientHandshake;

    use super::*;

    /// A guest who agrees on compression, with takeover or without.
    async fn enter(room: &Arc<Room>, number: u64, takes_over: bool) -> WebSocket<DuplexStream> {
        let (ours, theirs) = duplex(64);
        let room = Arc::clone(room);
        tokio::spawn(async move { room.guest(number, theirs).await });
        let handshake = ClientHandshake::new("localhost", "/").unwrap();
        let Some(backend) = Backend::available().next() else {
            return WebSocket::connect(ours, &handshake, &Settings::new()).await.unwrap().0;
        };
        let policy = ClientPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities());
        let policy = ClientPolicy { server_no_context_takeover: !takes_over, ..policy };
        let settings = Settings::new().backend(backend);
        WebSocket::connect(ours, &handshake.deflate(policy), &settings).await.unwrap().0
    }

    async fn hear(guest: &mut WebSocket<DuplexStream>) -> String {
        match guest.next_message().await {
            Ok(Some(Message::Text(line))) => line.to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn all_hear_what_one_says() {
        let room = Arc::new(Room::new());
        let mut guests = Vec::new();
        for (number, takes_over) in [(1, true), (2, false), (3, true)] {
            guests.push(enter(&room, number, takes_over).await);
            for guest in &mut guests {
                assert_eq!(hear(guest).await, format!("guest {number} is here"));
            }
        }
        let long = "the same words, ".repeat(40);
        for line in [&*long, "short", &long, &long] {
            guests[1].send(Message::Text(line)).await.unwrap();
            for guest in &mut guests {
                assert_eq!(hear(guest).await, format!("guest 2: {line}"));
            }
        }
        let mut first = guests.remove(0);
        first.close(None).await.unwrap();
        while first.next_message().await.unwrap().is_some() {}
        for guest in &mut guests {
            assert_eq!(hear(guest).await, "guest 1 has left");
        }
    }
}
