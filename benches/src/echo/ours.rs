//! Ours: the WebSocket on tokio's streams.

use rival_echo::{Client, Ends, Failure, Server, Stream};
use rival_protocol::Conversation;
use wscodec::tokio::WebSocket;
use wscodec::{Connection, Limits, Message, Role};
use wscodec_compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec_kernel::Level;

/// Plain, or compressed by a backend.
#[derive(Clone, Copy, Default)]
pub struct Ours {
    pub backend: Option<Backend>,
}

pub struct End<S>(WebSocket<S>);

impl Ours {
    fn end<S: Stream>(self, role: Role, stream: S) -> Result<End<S>, Failure> {
        let mut connection = Connection::new(role, Limits::new());
        if let Some(backend) = self.backend {
            connection = connection
                .with_compressor(backend, CompressorConfig::default())?
                .with_decompressor(backend, DecompressorConfig::default())?;
        }
        Ok(End(WebSocket::from_connection(stream, connection)))
    }
}

impl<S: Stream> Ends<S> for Ours {
    type Client = End<S>;
    type Server = End<S>;

    fn open(&self, _: &Conversation, client: S, server: S) -> Result<(End<S>, End<S>), Failure> {
        Ok((self.end(Role::Client, client)?, self.end(Role::Server, server)?))
    }

    fn engine(&self) -> String {
        let compressor =
            self.backend.and_then(|backend| backend.compressor(CompressorConfig::default()).ok());
        compressor.map_or(Level::best().name(), |compressor| compressor.engine()).to_owned()
    }
}

impl<S: Stream> Client for End<S> {
    async fn converse(
        &mut self,
        messages: &'static [&'static str],
        in_flight: usize,
        mut hand_out: impl FnMut(&[u8]) + Send,
    ) -> Result<(), Failure> {
        for window in messages.chunks(in_flight) {
            // What is fed is written by the wait for a message.
            for message in window {
                self.0.feed(Message::Text(message)).await?;
            }
            for _ in window {
                match self.0.next_message().await? {
                    Some(Message::Text(echo)) => hand_out(echo.as_bytes()),
                    other => return Err(format!("an echo that is no text: {other:?}").into()),
                }
            }
        }
        Ok(())
    }
}

impl<S: Stream> Server for End<S> {
    async fn serve(mut self, _: usize) -> Result<(), Failure> {
        while let Some((message, mut responder)) = self.0.next_message_and_responder().await? {
            responder.send(message).await?;
        }
        Ok(())
    }
}
