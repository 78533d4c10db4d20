use std::error::Error;

use bytes::Bytes;
use rival_echo::{Ends, Failure, SinkEnd, Stream};
use rival_protocol::{Conversation, Conversing};
use sockudo_ws::deflate::DeflateConfig;
use sockudo_ws::{CompressedWebSocketStream, Config, Message};

pub fn converse(
    how: Conversation,
    texts: &'static [&'static str],
) -> Result<Box<dyn Conversing>, Box<dyn Error>> {
    rival_echo::open(Compressed, &how, texts)
}

struct Compressed;

type End<S> = SinkEnd<CompressedWebSocketStream<S>, Message>;

fn end<S: Stream>(socket: CompressedWebSocketStream<S>) -> End<S> {
    SinkEnd::new(
        socket,
        |text| Message::Text(Bytes::from_static(text.as_bytes())),
        |message| match message {
            Message::Text(text) => Some(text),
            _ => None,
        },
    )
}

impl<S: Stream> Ends<S> for Compressed {
    type Client = End<S>;
    type Server = End<S>;

    fn open(&self, _: &Conversation, client: S, server: S) -> Result<(End<S>, End<S>), Failure> {
        // Level 6 and takeover by default. No timers, which nobody else has.
        let deflate = || DeflateConfig { compression_threshold: 0, ..DeflateConfig::default() };
        let config = || Config::builder().auto_ping(false).idle_timeout(0).build();
        Ok((
            end(CompressedWebSocketStream::client(client, config(), deflate())),
            end(CompressedWebSocketStream::server(server, config(), deflate())),
        ))
    }

    fn engine(&self) -> String {
        super::below_flate2()
    }
}
