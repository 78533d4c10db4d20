//! Competitors that write to a stream by themselves: one in memory, whose writes never wait.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use fastwebsockets::{Frame, Payload};
use futures_sink::Sink;
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Message, Utf8Bytes};

use super::super::feed::{Drain, ready};
use super::ratchet::{self, Ratchet};
use super::{Encode, Side, Typed, typed};
use crate::input::Messages;
use crate::workload::Contender;

pub fn all(messages: &Messages, side: Side) -> Vec<(Contender, Box<dyn Encode>)> {
    let tungstenite = Contender::rival(
        "tungstenite",
        "`WebSocket::write`; owned messages (static Bytes); its own buffer of 64 KiB; keys of rand (ChaCha12)",
    );
    let fastwebsockets = Contender::rival(
        "fastwebsockets",
        "`WebSocket::write_frame`, a future a frame; borrowed, copied to be masked; written frame by frame into a buffer; keys of rand",
    );
    let tokio_websockets = Contender::rival(
        "tokio-websockets",
        "`Sink::start_send`; owned messages (static Bytes), copied to be masked; a queue, written by vectored writes into a buffer; keys of rand",
    );
    let soketto = Contender::rival(
        "soketto",
        "`Sender::send_*`, a future a message; header and payload written one by one into a buffer; keys of rand",
    );
    let web_socket = Contender::rival(
        "web-socket",
        "`WebSocket::send`, a future a message; written into a buffer; a Vec a message if masked; keys of rand",
    );
    vec![
        (tungstenite, Box::new(Tungstenite::new(messages, side)) as Box<dyn Encode>),
        (fastwebsockets, Box::new(FastWebSockets::new(messages, side))),
        (tokio_websockets, Box::new(TokioWebSockets::new(messages, side))),
        (soketto, Box::new(Soketto::new(messages, side))),
        (web_socket, Box::new(WebSocketCrate::new(messages, side))),
        (ratchet::contender(), Box::new(Ratchet::new(messages, side))),
    ]
}

/// What a stream that takes everything must not do.
pub const WAITS: &str = "it waits although its stream takes more";

struct Tungstenite {
    messages: Vec<Message>,
    socket: tungstenite::WebSocket<Drain>,
}

impl Tungstenite {
    fn new(messages: &Messages, side: Side) -> Self {
        let role = match side {
            Side::Client => Role::Client,
            Side::Server => Role::Server,
        };
        let config = WebSocketConfig::default().write_buffer_size(Drain::PIECE);
        let message = |message| match message {
            Typed::Text(text) => Message::Text(Utf8Bytes::from_static(text)),
            Typed::Binary(bytes) => Message::binary(Bytes::from_static(bytes)),
        };
        Self {
            messages: typed(messages).into_iter().map(message).collect(),
            socket: tungstenite::WebSocket::from_raw_socket(Drain::direct(), role, Some(config)),
        }
    }
}

impl Encode for Tungstenite {
    fn encode(&mut self) -> Result<(), String> {
        for message in &self.messages {
            self.socket.write(message.clone()).map_err(|error| error.to_string())?;
        }
        self.socket.flush().map_err(|error| error.to_string())
    }

    fn drain(&self) -> &Drain {
        self.socket.get_ref()
    }
}

struct FastWebSockets {
    messages: Messages,
    socket: fastwebsockets::WebSocket<Drain>,
    drain: Drain,
}

impl FastWebSockets {
    fn new(messages: &Messages, side: Side) -> Self {
        let role = match side {
            Side::Client => fastwebsockets::Role::Client,
            Side::Server => fastwebsockets::Role::Server,
        };
        let drain = Drain::buffered();
        let socket = fastwebsockets::WebSocket::after_handshake(drain.clone(), role);
        Self { messages: messages.clone(), socket, drain }
    }
}

impl Encode for FastWebSockets {
    fn encode(&mut self) -> Result<(), String> {
        for message in &self.messages.list {
            let payload = Payload::Borrowed(message);
            let frame = if self.messages.text { Frame::text(payload) } else { Frame::binary(payload) };
            ready(self.socket.write_frame(frame)).ok_or(WAITS)?.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn drain(&self) -> &Drain {
        &self.drain
    }
}

struct TokioWebSockets {
    messages: Vec<tokio_websockets::Message>,
    stream: tokio_websockets::WebSocketStream<Drain>,
}

impl TokioWebSockets {
    fn new(messages: &Messages, side: Side) -> Self {
        let drain = Drain::buffered();
        let config = tokio_websockets::Config::default().flush_threshold(Drain::PIECE);
        let stream = match side {
            Side::Client => tokio_websockets::ClientBuilder::new().config(config).take_over(drain),
            Side::Server => tokio_websockets::ServerBuilder::new().config(config).serve(drain),
        };
        let message = |message| match message {
            Typed::Text(text) => tokio_websockets::Message::text(text),
            Typed::Binary(bytes) => tokio_websockets::Message::binary(Bytes::from_static(bytes)),
        };
        Self { messages: typed(messages).into_iter().map(message).collect(), stream }
    }
}

impl Encode for TokioWebSockets {
    fn encode(&mut self) -> Result<(), String> {
        let mut context = Context::from_waker(Waker::noop());
        for message in &self.messages {
            now(Pin::new(&mut self.stream).poll_ready(&mut context))?;
            Pin::new(&mut self.stream).start_send(message.clone()).map_err(|error| error.to_string())?;
        }
        now(Pin::new(&mut self.stream).poll_flush(&mut context))
    }

    fn drain(&self) -> &Drain {
        self.stream.get_ref()
    }
}

fn now(poll: Poll<Result<(), tokio_websockets::Error>>) -> Result<(), String> {
    match poll {
        Poll::Ready(result) => result.map_err(|error| error.to_string()),
        Poll::Pending => Err(WAITS.to_owned()),
    }
}

struct Soketto {
    messages: Vec<Typed>,
    sender: soketto::Sender<Drain>,
    drain: Drain,
}

impl Soketto {
    fn new(messages: &Messages, side: Side) -> Self {
        let mode = match side {
            Side::Client => soketto::Mode::Client,
            Side::Server => soketto::Mode::Server,
        };
        let drain = Drain::buffered();
        let sender = soketto::connection::Builder::new(drain.clone(), mode).finish().0;
        Self { messages: typed(messages), sender, drain }
    }
}

impl Encode for Soketto {
    fn encode(&mut self) -> Result<(), String> {
        for message in &self.messages {
            let sent = match message {
                Typed::Text(text) => ready(self.sender.send_text(text)),
                Typed::Binary(bytes) => ready(self.sender.send_binary(bytes)),
            };
            sent.ok_or(WAITS)?.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn drain(&self) -> &Drain {
        &self.drain
    }
}

/// The crate named web-socket.
struct WebSocketCrate {
    messages: Vec<Typed>,
    socket: web_socket::WebSocket<Drain>,
}

impl WebSocketCrate {
    fn new(messages: &Messages, side: Side) -> Self {
        let drain = Drain::buffered();
        let socket = match side {
            Side::Client => web_socket::WebSocket::client(drain),
            Side::Server => web_socket::WebSocket::server(drain),
        };
        Self { messages: typed(messages), socket }
    }
}

impl Encode for WebSocketCrate {
    fn encode(&mut self) -> Result<(), String> {
        for message in &self.messages {
            let sent = match message {
                Typed::Text(text) => ready(self.socket.send(*text)),
                Typed::Binary(bytes) => ready(self.socket.send(*bytes)),
            };
            sent.ok_or(WAITS)?.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn drain(&self) -> &Drain {
        &self.socket.stream
    }
}
