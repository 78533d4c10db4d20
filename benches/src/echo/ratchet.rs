//! ratchet, which flushes each message by itself.

use bytes::BytesMut;
use ratchet_core::{Message, NoExt, Role, WebSocket, WebSocketConfig};
use rival_echo::{Ends, Failure, Stream};
use rival_protocol::Conversation;
use tokio::io::BufStream;

use super::counted::{BUFFER, Counted, NO_TEXT, Socket, buffered};

#[derive(Clone, Copy)]
pub struct Ratchet;

/// It reads and writes header and payload one by one: with buffers that is one write a message.
type Connection<S> = WebSocket<BufStream<S>, NoExt>;

fn end<S: Stream>(stream: S, role: Role) -> Counted<Connection<S>> {
    let stream = buffered(stream, BUFFER);
    let config = WebSocketConfig::default();
    Counted::new(WebSocket::from_upgraded(config, stream, None, BytesMut::new(), role))
}

impl<S: Stream> Ends<S> for Ratchet {
    type Client = Counted<Connection<S>>;
    type Server = Counted<Connection<S>>;

    fn open(&self, _: &Conversation, client: S, server: S) -> Result<(Self::Client, Self::Server), Failure> {
        Ok((end(client, Role::Client), end(server, Role::Server)))
    }

    fn engine(&self) -> String {
        "ratchet_core".to_owned()
    }
}

impl<S: Stream> Socket for Connection<S> {
    type Message = BytesMut;

    async fn send(&mut self, text: &str) -> Result<(), Failure> {
        Ok(self.write_text(text).await?)
    }

    /// Every write has done it.
    async fn flush(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn receive(&mut self, message: &mut BytesMut) -> Result<(), Failure> {
        message.clear();
        match self.read(message).await? {
            Message::Text => Ok(()),
            _ => Err(NO_TEXT.into()),
        }
    }
}
