//! fastwebsockets, which sends each frame by itself.

use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use rival_echo::{Client, Ends, Failure, Server, Stream};
use rival_protocol::Conversation;
use tokio::io::BufWriter;

#[derive(Clone, Copy)]
pub struct FastWebSockets;

/// With several messages in flight it writes into a buffer of tokio's, which it is made for: it has `flush` for such streams.
/// Since its reads can't be given up half-way, the server does not find out that there is nothing more to answer; it is told how
/// many there are.
pub enum End<S> {
    Direct(WebSocket<S>),
    Buffered(WebSocket<BufWriter<S>>),
}

/// What holds all that is in flight.
const BUFFER: usize = 128 << 10;

impl<S: Stream> End<S> {
    fn new(stream: S, role: Role, how: &Conversation) -> Self {
        match how.in_flight {
            1 => Self::Direct(WebSocket::after_handshake(stream, role)),
            _ => Self::Buffered(WebSocket::after_handshake(BufWriter::with_capacity(BUFFER, stream), role)),
        }
    }
}

impl<S: Stream> Ends<S> for FastWebSockets {
    type Client = End<S>;
    type Server = End<S>;

    fn open(&self, how: &Conversation, client: S, server: S) -> Result<(End<S>, End<S>), Failure> {
        Ok((End::new(client, Role::Client, how), End::new(server, Role::Server, how)))
    }

    fn engine(&self) -> String {
        "fastwebsockets".to_owned()
    }
}

impl<S: Stream> Client for End<S> {
    async fn converse(
        &mut self,
        messages: &'static [&'static str],
        in_flight: usize,
        hand_out: impl FnMut(&[u8]) + Send,
    ) -> Result<(), Failure> {
        match self {
            Self::Direct(socket) => converse(socket, messages, in_flight, hand_out).await,
            Self::Buffered(socket) => converse(socket, messages, in_flight, hand_out).await,
        }
    }
}

impl<S: Stream> Server for End<S> {
    async fn serve(self, in_flight: usize) -> Result<(), Failure> {
        match self {
            Self::Direct(socket) => serve(socket, in_flight).await,
            Self::Buffered(socket) => serve(socket, in_flight).await,
        }
    }
}

async fn converse<S: Stream>(
    socket: &mut WebSocket<S>,
    messages: &'static [&'static str],
    in_flight: usize,
    mut hand_out: impl FnMut(&[u8]) + Send,
) -> Result<(), Failure> {
    for window in messages.chunks(in_flight) {
        for message in window {
            socket.write_frame(Frame::text(Payload::Borrowed(message.as_bytes()))).await?;
        }
        if in_flight > 1 {
            socket.flush().await?;
        }
        for _ in window {
            let frame = socket.read_frame().await?;
            if frame.opcode != OpCode::Text {
                return Err("an echo that is no text".into());
            }
            hand_out(&frame.payload);
        }
    }
    Ok(())
}

async fn serve<S: Stream>(mut socket: WebSocket<S>, in_flight: usize) -> Result<(), Failure> {
    loop {
        for _ in 0..in_flight {
            let frame = socket.read_frame().await?;
            socket.write_frame(Frame::new(true, frame.opcode, None, frame.payload)).await?;
        }
        if in_flight > 1 {
            socket.flush().await?;
        }
    }
}
