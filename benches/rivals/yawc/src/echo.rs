use std::error::Error;

use futures_util::StreamExt;
use futures_util::stream::Map;
use rival_echo::{Bare, Ends, Failure, SinkEnd, Stream};
use rival_protocol::{Conversation, Conversing};
use yawc::{CompressionLevel, Frame, OpCode, Options, Role, WebSocket};

use crate::LIMIT;

pub fn converse(
    how: Conversation,
    texts: &'static [&'static str],
) -> Result<Box<dyn Conversing>, Box<dyn Error>> {
    rival_echo::open(Compressed, &how, texts)
}

struct Compressed;

type End<S> = SinkEnd<Map<WebSocket<S>, fn(Frame) -> Bare<Frame>>, Frame>;

fn end<S: Stream>(role: Role, stream: S) -> Result<End<S>, Failure> {
    // Buffers as its own benchmark of echoes has them.
    let options = Options::default()
        .with_utf8()
        .with_limits(LIMIT, LIMIT)
        .with_read_buffer_capacity(128 << 10)
        .with_backpressure_boundary(64 << 10)
        .with_compression_level(CompressionLevel::new(6))
        .with_compression_threshold(0);
    let socket = WebSocket::from_stream_with_extensions(stream, role, Some("permessage-deflate"), options)?;
    let socket = socket.map(Bare as fn(Frame) -> Bare<Frame>);
    Ok(SinkEnd::new(socket, Frame::text, |frame| {
        (frame.opcode() == OpCode::Text).then(|| &frame.payload()[..])
    }))
}

impl<S: Stream> Ends<S> for Compressed {
    type Client = End<S>;
    type Server = End<S>;

    fn open(&self, _: &Conversation, client: S, server: S) -> Result<(End<S>, End<S>), Failure> {
        Ok((end(Role::Client, client)?, end(Role::Server, server)?))
    }

    fn engine(&self) -> String {
        crate::engine()
    }
}
