//! The crate named web-socket.

use rival_echo::{Ends, Failure, Stream};
use rival_protocol::Conversation;
use tokio::io::BufStream;
use web_socket::{DataType, Event, MessageType, WebSocket};

use super::counted::{BUFFER, Counted, NO_TEXT, Socket, buffered};

#[derive(Clone, Copy)]
pub struct WebSocketCrate;

type End<S> = Counted<WebSocket<BufStream<S>>>;

impl<S: Stream> Ends<S> for WebSocketCrate {
    type Client = End<S>;
    type Server = End<S>;

    /// It reads each field by itself, so there is a buffer to read from. It writes a frame at once: one message needs none.
    fn open(&self, how: &Conversation, client: S, server: S) -> Result<(End<S>, End<S>), Failure> {
        let written = if how.in_flight == 1 { 0 } else { BUFFER };
        let client = WebSocket::client(buffered(client, written));
        let server = WebSocket::server(buffered(server, written));
        Ok((Counted::new(client), Counted::new(server)))
    }

    fn engine(&self) -> String {
        "web-socket".to_owned()
    }
}

impl<S: Stream> Socket for WebSocket<BufStream<S>> {
    type Message = Box<[u8]>;

    async fn send(&mut self, text: &str) -> Result<(), Failure> {
        Ok(WebSocket::send(self, text).await?)
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        // So it is called there.
        Ok(self.flash().await?)
    }

    async fn receive(&mut self, message: &mut Box<[u8]>) -> Result<(), Failure> {
        match self.recv().await? {
            Event::Data { ty: DataType::Complete(MessageType::Text), data } => {
                *message = data;
                Ok(())
            }
            _ => Err(NO_TEXT.into()),
        }
    }
}
