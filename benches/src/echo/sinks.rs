//! Competitors whose WebSockets are a stream of messages and a sink.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::Map;
use rival_echo::{Bare, Ends, Failure, SinkEnd, Stream};
use rival_protocol::Conversation;
use tokio_tungstenite::WebSocketStream as TungsteniteStream;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, Utf8Bytes};
use wscodec_kernel::Level;

/// No message is longer.
const LIMIT: usize = 16 << 20;

/// tokio-tungstenite.
#[derive(Clone, Copy)]
pub struct Tungstenite {
    /// In bytes. It fills its read buffer with zeros now and again: a small one is better as long as it suffices.
    pub read_size: usize,
}

impl Tungstenite {
    fn end<S: Stream>(
        &self,
        role: tungstenite::protocol::Role,
        stream: S,
    ) -> SinkEnd<TungsteniteStream<S>, Message> {
        let config = WebSocketConfig::default().read_buffer_size(self.read_size);
        // Nothing has to be waited for: neither handshake nor leftovers.
        let socket = rival_echo::ready(TungsteniteStream::from_raw_socket(stream, role, Some(config)));
        SinkEnd::new(
            socket,
            |text| Message::Text(Utf8Bytes::from_static(text)),
            |message| match message {
                Message::Text(text) => Some(text.as_bytes()),
                _ => None,
            },
        )
    }
}

impl<S: Stream> Ends<S> for Tungstenite {
    type Client = SinkEnd<TungsteniteStream<S>, Message>;
    type Server = Self::Client;

    fn open(&self, _: &Conversation, client: S, server: S) -> Result<(Self::Client, Self::Server), Failure> {
        use tungstenite::protocol::Role;
        Ok((self.end(Role::Client, client), self.end(Role::Server, server)))
    }

    fn engine(&self) -> String {
        "tungstenite".to_owned()
    }
}

/// tokio-websockets.
#[derive(Clone, Copy)]
pub struct TokioWebSockets;

type TokioEnd<S> = SinkEnd<tokio_websockets::WebSocketStream<S>, tokio_websockets::Message>;

impl TokioWebSockets {
    fn end<S: Stream>(socket: tokio_websockets::WebSocketStream<S>) -> TokioEnd<S> {
        SinkEnd::new(socket, tokio_websockets::Message::text, |message| message.as_text().map(str::as_bytes))
    }
}

impl<S: Stream> Ends<S> for TokioWebSockets {
    type Client = TokioEnd<S>;
    type Server = TokioEnd<S>;

    fn open(&self, _: &Conversation, client: S, server: S) -> Result<(TokioEnd<S>, TokioEnd<S>), Failure> {
        let client = tokio_websockets::ClientBuilder::new().take_over(client);
        let server = tokio_websockets::ServerBuilder::new().serve(server);
        Ok((Self::end(client), Self::end(server)))
    }

    fn engine(&self) -> String {
        "tokio-websockets".to_owned()
    }
}

/// yawc.
#[derive(Clone, Copy)]
pub struct Yawc;

type YawcEnd<S> = SinkEnd<Map<yawc::WebSocket<S>, fn(yawc::Frame) -> Bare<yawc::Frame>>, yawc::Frame>;

impl Yawc {
    fn end<S: Stream>(role: yawc::Role, stream: S) -> Result<YawcEnd<S>, Failure> {
        // As its own benchmark of echoes has it.
        let options = yawc::Options::default()
            .with_utf8()
            .with_limits(LIMIT, LIMIT)
            .with_read_buffer_capacity(128 << 10)
            .with_backpressure_boundary(64 << 10);
        let socket = yawc::WebSocket::from_stream(stream, role, options)?;
        let socket = socket.map(Bare as fn(yawc::Frame) -> Bare<yawc::Frame>);
        Ok(SinkEnd::new(socket, yawc::Frame::text, |frame| {
            (frame.opcode() == yawc::OpCode::Text).then(|| &frame.payload()[..])
        }))
    }
}

impl<S: Stream> Ends<S> for Yawc {
    type Client = YawcEnd<S>;
    type Server = YawcEnd<S>;

    fn open(&self, _: &Conversation, client: S, server: S) -> Result<(YawcEnd<S>, YawcEnd<S>), Failure> {
        Ok((Self::end(yawc::Role::Client, client)?, Self::end(yawc::Role::Server, server)?))
    }

    fn engine(&self) -> String {
        "yawc".to_owned()
    }
}

/// sockudo-ws.
#[derive(Clone, Copy)]
pub struct Sockudo;

type SockudoEnd<S> = SinkEnd<sockudo_ws::WebSocketStream<S>, sockudo_ws::Message>;

impl Sockudo {
    fn end<S: Stream>(socket: sockudo_ws::WebSocketStream<S>) -> SockudoEnd<S> {
        let text = |text: &'static str| sockudo_ws::Message::Text(Bytes::from_static(text.as_bytes()));
        SinkEnd::new(socket, text, |message| match message {
            sockudo_ws::Message::Text(text) => Some(text),
            _ => None,
        })
    }
}

impl<S: Stream> Ends<S> for Sockudo {
    type Client = SockudoEnd<S>;
    type Server = SockudoEnd<S>;

    fn open(
        &self,
        _: &Conversation,
        client: S,
        server: S,
    ) -> Result<(SockudoEnd<S>, SockudoEnd<S>), Failure> {
        // Without timers of its own, which nobody else has.
        let config = || sockudo_ws::Config::builder().auto_ping(false).idle_timeout(0).build();
        let client = sockudo_ws::WebSocketStream::client(client, config());
        let server = sockudo_ws::WebSocketStream::server(server, config());
        Ok((Self::end(client), Self::end(server)))
    }

    fn engine(&self) -> String {
        format!("sockudo-ws ({})", Level::best().name())
    }
}
