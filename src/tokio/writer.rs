use ::tokio::io::{AsyncRead, AsyncWrite};

use super::halves::Half;
use super::{Error, outbound};
use crate::{CloseFrame, Message, PreparedMessage, Sender};

/// The sending half of a [`WebSocket`](super::WebSocket), from [`WebSocket::split`](super::WebSocket::split).
///
/// All that was said of the WebSocket's own calls holds here as well.
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
/// let connection = Connection::new(Role::Server, Limits::new());
/// let (_reader, mut writer) = WebSocket::from_connection(stream, connection).split();
/// for text in ["one", "two", "three"] {
///     writer.feed(Message::Text(text)).await?; // waits while the write limit is reached
/// }
/// writer.flush().await?; // all with one write
/// writer.close(None).await?;
/// # assert_eq!(client.next_message().await?, Some(Message::Text("one")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Writer<S> {
    pub(super) half: Half<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Writer<S> {
    /// Queues a message when there is room for it, and writes all that is queued; see
    /// [`WebSocket::send`](super::WebSocket::send).
    ///
    /// # Errors
    /// As [`WebSocket::send`](super::WebSocket::send).
    pub async fn send(&mut self, message: Message<'_>) -> Result<(), Error> {
        outbound::send(&mut self.half, message).await
    }

    /// Queues a message when there is room for it; see [`WebSocket::feed`](super::WebSocket::feed). Only the writer writes
    /// it for certain: [`flush`](Self::flush) before the writer is dropped, or it may stay in the queue.
    ///
    /// # Errors
    /// As [`WebSocket::send`](super::WebSocket::send).
    pub async fn feed(&mut self, message: Message<'_>) -> Result<(), Error> {
        outbound::feed(&mut self.half, message).await
    }

    /// [`send`](Self::send) without a copy of what the stream takes at once; see
    /// [`WebSocket::send_vectored`](super::WebSocket::send_vectored).
    ///
    /// # Errors
    /// As [`WebSocket::send`](super::WebSocket::send).
    pub async fn send_vectored(&mut self, message: Message<'_>) -> Result<(), Error> {
        outbound::send_vectored(&mut self.half, message).await
    }

    /// [`send`](Self::send) for a message that goes out on many connections; see
    /// [`WebSocket::send_prepared`](super::WebSocket::send_prepared).
    ///
    /// # Errors
    /// As [`WebSocket::send_prepared`](super::WebSocket::send_prepared).
    pub async fn send_prepared(&mut self, prepared: &PreparedMessage) -> Result<(), Error> {
        outbound::send_prepared(&mut self.half, prepared).await
    }

    /// [`feed`](Self::feed) for a message that goes out on many connections.
    ///
    /// # Errors
    /// As [`WebSocket::send_prepared`](super::WebSocket::send_prepared).
    pub async fn feed_prepared(&mut self, prepared: &PreparedMessage) -> Result<(), Error> {
        outbound::feed_prepared(&mut self.half, prepared).await
    }

    /// Writes all that is queued, and has the stream flush it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub async fn flush(&mut self) -> Result<(), Error> {
        outbound::flush(&mut self.half).await
    }

    /// Sends a close frame, unless one was sent; see [`WebSocket::close`](super::WebSocket::close). The
    /// [`Reader`](super::Reader) gets the peer's.
    ///
    /// # Errors
    /// As [`WebSocket::close`](super::WebSocket::close).
    pub async fn close(&mut self, frame: Option<CloseFrame<'_>>) -> Result<(), Error> {
        outbound::close(&mut self.half, frame).await
    }

    /// Everything that can be sent, and how; [`flush`](Self::flush) writes it. The reader's answers wait while `queue` runs.
    ///
    /// ```
    /// use wscodec::tokio::WebSocket;
    /// use wscodec::{Connection, DataKind, Limits, Role};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), wscodec::tokio::Error> {
    /// # let (stream, mut peer) = tokio::io::duplex(1024);
    /// let connection = Connection::new(Role::Server, Limits::new());
    /// let (_reader, mut writer) = WebSocket::from_connection(stream, connection).split();
    /// writer.with_sender(|sender| {
    ///     sender.begin_message(DataKind::Text, b"in two ")?;
    ///     sender.finish_message(b"fragments")
    /// })?;
    /// writer.flush().await?;
    /// # let mut wire = [0; 20];
    /// # tokio::io::AsyncReadExt::read_exact(&mut peer, &mut wire).await?;
    /// # assert_eq!(&wire, b"\x01\x07in two \x80\x09fragments");
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_sender<T>(&mut self, queue: impl FnOnce(&mut Sender) -> T) -> T {
        queue(&mut self.half.lock_sender())
    }
}
