use std::future::{Future, poll_fn};
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::inbound::{Inbound, Step};
use super::link::Own;
use super::next::Next;
use super::transport::Transport;
use super::{Error, Reader, Responder, Writer, halves, outbound};
use crate::{CloseCode, CloseFrame, Connection, Event, Message, PreparedMessage, Sender, State};

/// A WebSocket on a stream, after its opening handshake.
///
/// Whoever waits for a message drives all of it: what is queued is written, pings and close frames are answered, and at the
/// end the stream is shut down. See the [module](super) for which call to use, and what they have in common.
#[derive(Debug)]
pub struct WebSocket<S> {
    pub(super) inbound: Inbound,
    pub(super) own: Own<S>,
}

/// 64 KiB: some reads of the peer's, and what sockets hold by themselves.
const DEFAULT_WRITE_LIMIT: usize = 64 << 10;

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// A WebSocket on a stream whose handshake is done, as an HTTP stack does it. What the stack has read beyond the head is to
    /// be [pushed](Connection::push) to the connection before.
    ///
    /// ```
    /// use wscodec::handshake::{Request, ServerHandshake};
    /// use wscodec::tokio::{Settings, WebSocket};
    /// use wscodec::{Message, Role};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let headers = [("Host", "a"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
    /// #     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13")];
    /// # let request = Request::new("GET", "/", headers);
    /// # let (upgraded, _client) = tokio::io::duplex(1024);
    /// let accepted = ServerHandshake::new().accept(&request)?;
    /// // The stack answers with the accepted headers, and hands over the stream.
    /// let connection = Settings::new().connection(Role::Server, accepted.agreement().as_ref())?;
    /// let mut socket = WebSocket::from_connection(upgraded, connection);
    /// socket.send(Message::Text("welcome")).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn from_connection(stream: S, connection: Connection) -> Self {
        let (receiver, sender) = connection.into_halves();
        Self {
            inbound: Inbound::new(receiver),
            own: Own {
                transport: Transport::new(stream),
                sender,
                write_limit: DEFAULT_WRITE_LIMIT,
                is_last: false,
            },
        }
    }

    /// The same with another amount from which on there is no room for more, in bytes that are queued; 64 KiB by default, and
    /// at least one.
    #[must_use]
    pub fn with_write_limit(mut self, bytes: usize) -> Self {
        self.own.write_limit = bytes.max(1);
        self
    }

    /// The next message, control frames as well, borrowed from where it was read to; `None` at the end of the connection,
    /// when the stream was shut down. [`state`](Self::state) then tells whether that was a clean end.
    ///
    /// While the message is borrowed, nothing is sent by the socket: who answers takes
    /// [`next_message_and_sender`](Self::next_message_and_sender).
    ///
    /// What is queued is written before a wait, also a message of the caller's: so to [`feed`](Self::feed) and then wait for
    /// a message flushes once.
    ///
    /// A close frame comes when its answer was written, and an error when the peer was told of it with a close frame and the
    /// stream was shut down, as far as it takes that. Either may take as long as the peer likes.
    ///
    /// # Errors
    /// [`Error::Codec`] for what the peer sent, after all messages before it, and [`Error::Io`]. An error is told once; then
    /// comes the end.
    #[inline]
    pub fn next_message(&mut self) -> impl Future<Output = Result<Option<Message<'_>>, Error>> {
        Next::new(self, None, |socket: &mut Self| socket.inbound.message())
    }

    /// The next message, and what answers to it can be sent with while it is borrowed. For whoever answers: all that came with
    /// one read, or a few full ones, is answered with one write, and while more than the [write limit](Self::with_write_limit) is
    /// queued, no further message is given.
    ///
    /// ```
    /// use wscodec::tokio::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), wscodec::tokio::Error> {
    /// # let (stream, _client) = tokio::io::duplex(1024);
    /// # let mut connection = Connection::new(Role::Server, Limits::new());
    /// # connection.push(b"\x81\x83\0\0\0\0one\x81\x83\0\0\0\0two\x88\x80\0\0\0\0");
    /// let mut socket = WebSocket::from_connection(stream, connection);
    /// while let Some((message, sender)) = socket.next_message_and_sender().await? {
    ///     if let Message::Text(_) = message {
    ///         sender.send(message)?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`next_message`](Self::next_message).
    #[inline]
    pub fn next_message_and_sender(
        &mut self,
    ) -> impl Future<Output = Result<Option<(Message<'_>, &mut Sender)>, Error>> {
        let most = self.own.write_limit;
        Next::new(self, Some(most), |Self { inbound, own, .. }: &mut Self| {
            Ok((inbound.message()?, &mut own.sender))
        })
    }

    /// The next message, and what answers it while it is borrowed: as
    /// [`next_message_and_sender`](Self::next_message_and_sender), and a long answer may be written from where it lies, so
    /// that to send back what was received is not to copy it.
    ///
    /// ```
    /// use wscodec::tokio::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), wscodec::tokio::Error> {
    /// # let (stream, _client) = tokio::io::duplex(1024);
    /// # let mut connection = Connection::new(Role::Server, Limits::new());
    /// # connection.push(b"\x81\x83\0\0\0\0one\x81\x83\0\0\0\0two\x88\x80\0\0\0\0");
    /// let mut socket = WebSocket::from_connection(stream, connection);
    /// while let Some((message, mut responder)) = socket.next_message_and_responder().await? {
    ///     if let Message::Text(_) = message {
    ///         responder.send(message).await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`next_message`](Self::next_message).
    #[inline]
    pub fn next_message_and_responder(
        &mut self,
    ) -> impl Future<Output = Result<Option<(Message<'_>, Responder<'_, S>)>, Error>> {
        let most = self.own.write_limit;
        Next::new(self, Some(most), |Self { inbound, own }: &mut Self| {
            own.is_last = inbound.is_last();
            Ok((inbound.message()?, Responder { own }))
        })
    }

    /// [`next_message`](Self::next_message) for connections whose messages may be [raw](Event::Raw) or come in
    /// [parts](Event::Fragment), which are binary there.
    ///
    /// ```
    /// use wscodec::tokio::WebSocket;
    /// use wscodec::{Connection, Event, Limits, Role};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), wscodec::tokio::Error> {
    /// # let (stream, client) = tokio::io::duplex(1024);
    /// # let mut connection = Connection::new(Role::Client, Limits::new()).with_fragments();
    /// # connection.push(b"\x02\x03one\x80\x03two\x88\x00");
    /// # drop(client);
    /// let mut socket = WebSocket::from_connection(stream, connection); // with_fragments
    /// let mut length = 0;
    /// while let Some(event) = socket.next_event().await? {
    ///     if let Event::Fragment(part) = event {
    ///         length += part.payload.len(); // of a message of any length, without holding it
    ///     }
    /// }
    /// assert_eq!(length, 6);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`next_message`](Self::next_message).
    #[inline]
    pub fn next_event(&mut self) -> impl Future<Output = Result<Option<Event<'_>>, Error>> {
        Next::new(self, None, |socket: &mut Self| socket.inbound.event())
    }

    /// [`next_event`](Self::next_event) for who polls.
    ///
    /// # Errors
    /// As [`next_message`](Self::next_message).
    #[inline]
    pub fn poll_next_event(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Event<'_>>, Error>> {
        Poll::Ready(match ready!(self.inbound.poll_advance(&mut self.own, context, None)) {
            Step::Event => self.inbound.event().map(Some),
            _ => self.inbound.take_failure().map_or(Ok(None), Err),
        })
    }

    /// Queues a message when there is room for it, and writes all that is queued.
    ///
    /// For many messages in a row [`feed`](Self::feed) is faster, and one [`flush`](Self::flush).
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
    /// let mut socket = WebSocket::from_connection(stream, connection).with_write_limit(1 << 20);
    /// socket.send(Message::Text("at once")).await?;
    /// for number in 0..3 {
    ///     socket.feed(Message::Text(&number.to_string())).await?;
    /// }
    /// socket.flush().await?;
    /// # assert_eq!(client.next_message().await?, Some(Message::Text("at once")));
    /// # assert_eq!(client.next_message().await?, Some(Message::Text("0")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Codec`] as [`Sender::send`], with nothing queued, and [`Error::Io`].
    pub async fn send(&mut self, message: Message<'_>) -> Result<(), Error> {
        outbound::send(&mut self.own, message).await
    }

    /// Queues a message when there is room for it. It is written with the next [`flush`](Self::flush), the next wait for a
    /// message, or when the [write limit](Self::with_write_limit) is reached.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[inline]
    pub fn feed(&mut self, message: Message<'_>) -> impl Future<Output = Result<(), Error>> {
        outbound::Feed { link: &mut self.own, message }
    }

    /// [`send`](Self::send), and as much of the message as the stream takes at once is written from where it lies, if the
    /// stream has vectored writes and the message is neither masked nor compressed. Worth it for long messages of a
    /// server.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_vectored(&mut self, message: Message<'_>) -> Result<(), Error> {
        outbound::send_vectored(&mut self.own, message).await
    }

    /// [`send`](Self::send) for a message that goes out on many connections, and was prepared once for all of them.
    ///
    /// ```
    /// use wscodec::tokio::WebSocket;
    /// use wscodec::{Connection, Limits, Message, PreparedMessage, Role};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), wscodec::tokio::Error> {
    /// # let (stream, client) = tokio::io::duplex(1024);
    /// # let connection = Connection::new(Role::Client, Limits::new());
    /// # let mut client = WebSocket::from_connection(client, connection);
    /// # let mut socket = WebSocket::from_connection(stream, Connection::new(Role::Server, Limits::new()));
    /// let news = PreparedMessage::from("news"); // in an `Arc`, if other tasks send it as well
    /// socket.send_prepared(&news).await?;
    /// # assert_eq!(client.next_message().await?, Some(Message::Text("news")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Codec`] as [`Sender::send_prepared`], with nothing queued, and [`Error::Io`].
    pub async fn send_prepared(&mut self, prepared: &PreparedMessage) -> Result<(), Error> {
        outbound::send_prepared(&mut self.own, prepared).await
    }

    /// [`feed`](Self::feed) for a message that goes out on many connections.
    ///
    /// # Errors
    /// As [`send_prepared`](Self::send_prepared).
    pub async fn feed_prepared(&mut self, prepared: &PreparedMessage) -> Result<(), Error> {
        outbound::feed_prepared(&mut self.own, prepared).await
    }

    /// Writes all that is queued, and has the stream flush it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub async fn flush(&mut self) -> Result<(), Error> {
        outbound::flush(&mut self.own).await
    }

    /// Sends a close frame, unless one was sent, and does not wait for the peer's: go on with
    /// [`next_message`](Self::next_message) until there is none, for as long as there is time for that (RFC 6455
    /// section 7.1.2). It does wait until what is queued is written, and reads nothing meanwhile: against a peer that does
    /// the same with nothing in between to hold it, [`split`](Self::split), or give it a timeout. Without a `frame` the close frame is
    /// empty: a code of 1000 has to be said.
    ///
    /// # Errors
    /// As [`Sender::close`], and [`Error::Io`].
    pub async fn close(&mut self, frame: Option<CloseFrame<'_>>) -> Result<(), Error> {
        outbound::close(&mut self.own, frame).await
    }

    /// Reads and drops what the peer still sends, to the end of the stream. After an error, over TCP: to drop a stream with bytes
    /// that were not read resets the connection, and a peer that is still sending may then never see the close frame that says
    /// why. It takes as long as the peer likes, so give it a timeout.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use wscodec::tokio::WebSocket;
    /// # use wscodec::{Connection, Limits, Role};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (stream, client) = tokio::io::duplex(1024);
    /// # let mut connection = Connection::new(Role::Server, Limits::new());
    /// # connection.push(b"\x81\x02hi");
    /// # let mut socket = WebSocket::from_connection(stream, connection);
    /// # drop(client);
    /// while let Some(message) = socket.next_message().await.transpose() {
    ///     if let Err(error) = message {
    ///         eprintln!("{error}");
    ///         tokio::time::timeout(Duration::from_secs(1), socket.linger()).await??;
    ///         break;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the stream.
    pub async fn linger(&mut self) -> std::io::Result<()> {
        let Self { inbound, own, .. } = self;
        poll_fn(|context| inbound.poll_drop_all(own, context)).await
    }

    /// Everything that can be sent, and how. It is only queued, up to the connection's [output
    /// limit](Connection::with_output_limit), and written as by [`feed`](Self::feed).
    #[must_use]
    pub fn sender(&mut self) -> &mut Sender {
        &mut self.own.sender
    }

    /// How far the closing handshake is. [`State::Closed`] at the end tells that it was a clean one.
    #[must_use]
    pub fn state(&self) -> State {
        self.inbound.receiver.state(&self.own.sender)
    }

    /// Why the connection closed: the code of the peer's close frame, [`CloseCode::NO_STATUS`] if that had none,
    /// [`CloseCode::ABNORMAL`] if there will be none; `None` as long as that is open.
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        self.inbound.receiver.close_code()
    }

    /// What the peer did that ended the connection, if it did.
    #[must_use]
    pub fn error(&self) -> Option<crate::Error> {
        self.inbound.receiver.error()
    }

    /// Two halves, one to receive and one to send, for tasks of their own. No lock is held while either waits.
    ///
    /// ```
    /// use wscodec::tokio::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (stream, client) = tokio::io::duplex(1024);
    /// let connection = Connection::new(Role::Server, Limits::new());
    /// let (mut reader, mut writer) = WebSocket::from_connection(stream, connection).split();
    /// let ticks = tokio::spawn(async move {
    ///     for _ in 0..3 {
    ///         writer.send(Message::Text("tick")).await?;
    ///     }
    ///     writer.close(None).await
    /// });
    /// # let connection = Connection::new(Role::Client, Limits::new());
    /// # let mut client = WebSocket::from_connection(client, connection);
    /// # while client.next_message().await?.is_some_and(|message| !matches!(message, Message::Close(_))) {}
    /// while let Some(message) = reader.next_message().await? {
    ///     println!("{message:?}");
    /// }
    /// ticks.await??;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn split(self) -> (Reader<S>, Writer<S>) {
        let Self { mut inbound, own } = self;
        inbound.owe();
        let (reader, writer) = halves::split(own);
        (Reader { inbound, half: reader }, Writer { half: writer })
    }

    /// The stream.
    #[must_use]
    pub fn stream(&self) -> &S {
        &self.own.transport.stream
    }

    /// The stream, and the connection with what was read and what is queued.
    #[must_use]
    pub fn into_parts(self) -> (S, Connection) {
        let Self { inbound, own, .. } = self;
        (own.transport.stream, Connection::from_halves(inbound.into_receiver(), own.sender))
    }

    /// Gives back what memory it can while the connection is idle; see [`Connection::release`].
    pub fn release(&mut self) {
        self.inbound.receiver.release(&mut self.own.sender);
    }

    /// The bytes of memory that this connection holds, the stream's apart.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.inbound.receiver.memory(&self.own.sender)
    }
}

/// For a [broadcast](crate::broadcast), which queues: whoever waits for a message of this peer's, or flushes, writes it.
impl<S> AsMut<Sender> for WebSocket<S> {
    fn as_mut(&mut self) -> &mut Sender {
        &mut self.own.sender
    }
}
