//! No WebSocket at all: what the runtime and the streams take, which is in everybody's time.

use rival_echo::{Client, Ends, Failure, Server, Stream};
use rival_protocol::Conversation;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub struct Bytes {
    /// Of each.
    pub message: usize,
}

pub struct End<S> {
    stream: S,
    buffer: Vec<u8>,
}

impl<S: Stream> Ends<S> for Bytes {
    type Client = End<S>;
    type Server = End<S>;

    fn open(&self, how: &Conversation, client: S, server: S) -> Result<(End<S>, End<S>), Failure> {
        let end = |stream| End { stream, buffer: vec![0; self.message * how.in_flight as usize] };
        Ok((end(client), end(server)))
    }

    fn engine(&self) -> String {
        "no WebSocket".to_owned()
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
            let each = self.buffer.len() / in_flight;
            for (place, message) in self.buffer.chunks_mut(each).zip(window) {
                place.copy_from_slice(message.as_bytes());
            }
            self.stream.write_all(&self.buffer).await?;
            self.stream.read_exact(&mut self.buffer).await?;
            self.buffer.chunks(each).for_each(&mut hand_out);
        }
        Ok(())
    }
}

impl<S: Stream> Server for End<S> {
    async fn serve(mut self, _: usize) -> Result<(), Failure> {
        loop {
            self.stream.read_exact(&mut self.buffer).await?;
            self.stream.write_all(&self.buffer).await?;
        }
    }
}
