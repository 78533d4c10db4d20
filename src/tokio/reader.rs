use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::halves::{Half, unite};
use super::inbound::{Inbound, Step};
use super::{Error, WebSocket, Writer};
use crate::{CloseCode, Event, Message, State};

/// The receiving half of a [`WebSocket`], from [`WebSocket::split`].
///
/// It answers pings and close frames by itself, also when the [`Writer`] is not used or gone.
///
/// ```
/// use wscodec::tokio::WebSocket;
/// use wscodec::{Connection, Limits, Message, Role};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), wscodec::tokio::Error> {
/// # let (stream, client) = tokio::io::duplex(1024);
/// # let connection = Connection::new(Role::Client, Limits::new());
/// # let mut client = WebSocket::from_connection(client, connection);
/// # client.send(Message::Text("Hello")).await?;
/// let connection = Connection::new(Role::Server, Limits::new());
/// let (mut reader, mut writer) = WebSocket::from_connection(stream, connection).split();
/// let (received, sent) = tokio::join!(reader.next_message(), writer.send(Message::Text("meanwhile")));
/// assert_eq!(received?, Some(Message::Text("Hello")));
/// sent?;
/// // One socket again.
/// let mut socket = reader.unsplit(writer).expect("its other half");
/// socket.close(None).await?;
/// # assert_eq!(client.next_message().await?, Some(Message::Text("meanwhile")));
/// # assert_eq!(client.next_message().await?, Some(Message::Close(None)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Reader<S> {
    pub(super) inbound: Inbound,
    pub(super) half: Half<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Reader<S> {
    /// The next message; see [`WebSocket::next_message`]. Cancel-safe.
    ///
    /// # Errors
    /// As [`WebSocket::next_message`].
    #[inline]
    pub async fn next_message(&mut self) -> Result<Option<Message<'_>>, Error> {
        match poll_fn(|context| self.poll_advance(context)).await {
            Step::Event => self.inbound.message().map(Some),
            _ => self.inbound.take_failure().map_or(Ok(None), Err),
        }
    }

    /// The next message, or raw message; see [`WebSocket::next_event`]. Cancel-safe.
    ///
    /// # Errors
    /// As [`WebSocket::next_message`].
    #[inline]
    pub async fn next_event(&mut self) -> Result<Option<Event<'_>>, Error> {
        match poll_fn(|context| self.poll_advance(context)).await {
            Step::Event => self.inbound.event().map(Some),
            _ => self.inbound.take_failure().map_or(Ok(None), Err),
        }
    }

    /// [`next_event`](Self::next_event) for who polls.
    ///
    /// # Errors
    /// As [`WebSocket::next_message`].
    pub fn poll_next_event(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Event<'_>>, Error>> {
        Poll::Ready(match ready!(self.poll_advance(context)) {
            Step::Event => self.inbound.event().map(Some),
            _ => self.inbound.take_failure().map_or(Ok(None), Err),
        })
    }

    /// How far the closing handshake is.
    #[must_use]
    pub fn state(&self) -> State {
        self.inbound.receiver.state(&self.half.lock_sender())
    }

    /// Why the connection closed; see [`WebSocket::close_code`].
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        self.inbound.receiver.close_code()
    }

    /// Gives back what memory it can while the connection is idle, the writer's as well; see [`WebSocket::release`].
    pub fn release(&mut self) {
        self.inbound.receiver.release(&mut self.half.lock_sender());
    }

    /// The bytes of memory that the connection holds, the writer's as well and the stream's apart.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.inbound.receiver.memory(&self.half.lock_sender())
    }

    /// Puts the halves together again.
    ///
    /// # Errors
    /// Both halves back if they are not of the same WebSocket.
    pub fn unsplit(self, writer: Writer<S>) -> Result<WebSocket<S>, Box<(Self, Writer<S>)>> {
        let Self { inbound, half } = self;
        match unite(half, writer.half) {
            Ok(own) => Ok(WebSocket { inbound, own }),
            Err((half, other)) => Err(Box::new((Self { inbound, half }, Writer { half: other }))),
        }
    }

    #[inline]
    fn poll_advance(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        self.inbound.poll_advance(&mut self.half, context, None)
    }
}
