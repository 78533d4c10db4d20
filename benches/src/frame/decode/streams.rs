//! Competitors that read from a stream by themselves: one in memory, whose reads never wait.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use tungstenite::Message;
use tungstenite::protocol::{Role, WebSocketConfig};

use super::super::feed::{Feed, ready};
use super::super::wire::Wire;
use super::ratchet::{self, Ratchet};
use super::{Decode, Decoding};
use crate::workload::Contender;

pub fn all(wire: &Wire) -> Vec<(Contender, Box<dyn Decoding>)> {
    let tungstenite = Contender::rival(
        "tungstenite",
        "`WebSocket::read`, a buffer as large as a read; UTF-8 validated; messages share it (Bytes)",
    );
    let fastwebsockets = Contender::rival(
        "fastwebsockets",
        "`WebSocket::read_frame`, a future a frame; its own 8 KiB buffer; UTF-8 validated; frames share it (BytesMut)",
    );
    let tokio_websockets = Contender::rival(
        "tokio-websockets",
        "`WebSocketStream::poll_next`; its own 8 KiB buffer; UTF-8 validated; messages share it",
    );
    let soketto = Contender::rival(
        "soketto",
        "`Receiver::receive_data`, a future a message; header and payload read one by one; UTF-8 validated by us with std",
    );
    let web_socket = Contender::rival(
        "web-socket",
        "`WebSocket::recv`, a future a message; each field read by itself; UTF-8 validated by us with std; a Box a message",
    );
    vec![
        (tungstenite, Box::new(Tungstenite::new(wire)) as Box<dyn Decoding>),
        (fastwebsockets, Box::new(FastWebSockets::new(wire))),
        (tokio_websockets, Box::new(TokioWebSockets::new(wire))),
        (soketto, Box::new(Soketto::new(wire))),
        (web_socket, Box::new(WebSocketCrate::new(wire))),
        (ratchet::contender(), Box::new(Ratchet::new(wire))),
    ]
}

/// What a stream with nothing to wait for must not do.
pub const WAITS: &str = "it waits although its stream has more";

struct Tungstenite {
    feed: Feed,
    messages: usize,
    socket: tungstenite::WebSocket<Feed>,
}

impl Tungstenite {
    fn new(wire: &Wire) -> Self {
        let feed = Feed::new(wire.clone());
        let config = WebSocketConfig::default().read_buffer_size(wire.read);
        let socket = tungstenite::WebSocket::from_raw_socket(feed.clone(), Role::Server, Some(config));
        Self { feed, messages: wire.messages, socket }
    }
}

impl Decode for Tungstenite {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        self.feed.rewind();
        for _ in 0..self.messages {
            match self.socket.read().map_err(|error| error.to_string())? {
                Message::Text(text) => visit(true, text.as_bytes()),
                Message::Binary(payload) => visit(false, &payload),
                other => return Err(format!("{other:?}")),
            }
        }
        Ok(())
    }
}

struct FastWebSockets {
    feed: Feed,
    messages: usize,
    socket: fastwebsockets::WebSocket<Feed>,
}

impl FastWebSockets {
    fn new(wire: &Wire) -> Self {
        let feed = Feed::new(wire.clone());
        let socket = fastwebsockets::WebSocket::after_handshake(feed.clone(), fastwebsockets::Role::Server);
        Self { feed, messages: wire.messages, socket }
    }
}

impl Decode for FastWebSockets {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        self.feed.rewind();
        for _ in 0..self.messages {
            let frame = ready(self.socket.read_frame()).ok_or(WAITS)?.map_err(|error| error.to_string())?;
            visit(frame.opcode == fastwebsockets::OpCode::Text, &frame.payload);
        }
        Ok(())
    }
}

struct TokioWebSockets {
    feed: Feed,
    messages: usize,
    stream: tokio_websockets::WebSocketStream<Feed>,
}

impl TokioWebSockets {
    fn new(wire: &Wire) -> Self {
        let feed = Feed::new(wire.clone());
        let stream = tokio_websockets::ServerBuilder::new().serve(feed.clone());
        Self { feed, messages: wire.messages, stream }
    }
}

impl Decode for TokioWebSockets {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        self.feed.rewind();
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..self.messages {
            let Poll::Ready(Some(message)) = Pin::new(&mut self.stream).poll_next(&mut context) else {
                return Err(WAITS.to_owned());
            };
            let message = message.map_err(|error| error.to_string())?;
            visit(message.is_text(), message.as_payload());
        }
        Ok(())
    }
}

struct Soketto {
    feed: Feed,
    messages: usize,
    receiver: soketto::Receiver<Feed>,
    message: Vec<u8>,
}

impl Soketto {
    fn new(wire: &Wire) -> Self {
        let feed = Feed::new(wire.clone());
        let builder = soketto::connection::Builder::new(feed.clone(), soketto::Mode::Server);
        Self { feed, messages: wire.messages, receiver: builder.finish().1, message: Vec::new() }
    }
}

impl Decode for Soketto {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        self.feed.rewind();
        for _ in 0..self.messages {
            self.message.clear();
            let received = ready(self.receiver.receive_data(&mut self.message)).ok_or(WAITS)?;
            let text = received.map_err(|error| error.to_string())?.is_text();
            if text {
                std::str::from_utf8(&self.message).map_err(|error| error.to_string())?;
            }
            visit(text, &self.message);
        }
        Ok(())
    }
}

/// The crate named web-socket.
struct WebSocketCrate {
    messages: usize,
    socket: web_socket::WebSocket<Feed>,
}

impl WebSocketCrate {
    fn new(wire: &Wire) -> Self {
        let socket = web_socket::WebSocket::server(Feed::new(wire.clone()));
        Self { messages: wire.messages, socket }
    }
}

impl Decode for WebSocketCrate {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        self.socket.stream.rewind();
        for _ in 0..self.messages {
            let event = ready(self.socket.recv()).ok_or(WAITS)?.map_err(|error| error.to_string())?;
            let web_socket::Event::Data { ty: web_socket::DataType::Complete(kind), data } = event else {
                return Err(format!("{event:?}"));
            };
            if kind.is_text() {
                std::str::from_utf8(&data).map_err(|error| error.to_string())?;
            }
            visit(kind.is_text(), &data);
        }
        Ok(())
    }
}
