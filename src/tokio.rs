//! A WebSocket on any `AsyncRead + AsyncWrite` of tokio: messages in and out, and all that the protocol asks for in between.
//!
//! It needs no runtime of tokio's, no timer and no task of its own: whoever polls it drives it. Timeouts are the caller's, around
//! any call. TLS is whatever stream the caller brings.
//!
//! | to | use |
//! |---|---|
//! | open a connection on a stream | [`WebSocket::accept`], [`WebSocket::connect`] |
//! | go on with a stream that an HTTP stack has upgraded | [`Settings::connection`] and [`WebSocket::from_connection`] |
//! | receive without a copy | [`WebSocket::next_message`] |
//! | answer what is received, many messages with one write | [`WebSocket::next_message_and_sender`] |
//! | send back long ones, without a copy | [`WebSocket::next_message_and_responder`] |
//! | send | [`WebSocket::send`], [`WebSocket::feed`] and [`WebSocket::flush`], [`WebSocket::send_vectored`] |
//! | send one message to many | [`WebSocket::send_prepared`], [`WebSocket::feed_prepared`] |
//! | send in fragments, as a stream, raw | [`WebSocket::sender`], and [`WebSocket::flush`] |
//! | receive and send on different tasks | [`WebSocket::split`] |
//! | notice a peer that is gone | a [`Writer`] that sends pings, [below](#keeping-alive) |
//! | join it to other streams and sinks | its `Stream` and `Sink` of [`SharedMessage`](crate::SharedMessage) |
//!
//! Both ends of a connection:
//!
//! ```
//! use wscodec::handshake::{ClientHandshake, ServerHandshake};
//! use wscodec::tokio::{Settings, WebSocket};
//! use wscodec::{CloseCode, CloseFrame, Message};
//!
//! async fn server(stream: tokio::io::DuplexStream) -> Result<(), Box<dyn std::error::Error>> {
//!     let (mut socket, _) = WebSocket::accept(stream, &ServerHandshake::new(), &Settings::new()).await?;
//!     // What is there to be read is answered with few writes.
//!     while let Some((message, sender)) = socket.next_message_and_sender().await? {
//!         if !message.is_control() {
//!             sender.send(message)?;
//!         }
//!     }
//!     Ok(())
//! }
//!
//! async fn client(stream: tokio::io::DuplexStream) -> Result<(), Box<dyn std::error::Error>> {
//!     let handshake = ClientHandshake::new("example.com", "/echo")?;
//!     let (mut socket, _) = WebSocket::connect(stream, &handshake, &Settings::new()).await?;
//!     socket.send(Message::Text("Hello")).await?;
//!     assert_eq!(socket.next_message().await?, Some(Message::Text("Hello")));
//!     socket.close(Some(CloseFrame::new(CloseCode::NORMAL, "bye"))).await?;
//!     while socket.next_message().await?.is_some() {}
//!     assert_eq!(socket.close_code(), Some(CloseCode::NORMAL));
//!     Ok(())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (ours, theirs) = tokio::io::duplex(64);
//! let (served, asked) = tokio::join!(server(ours), client(theirs));
//! served.and(asked)
//! # }
//! ```
//!
//! # Cancelling
//! Every future here may be dropped at any time, in a `select!` say, and nothing that was received is lost: what was read is
//! kept, and a message is handed out by the very poll that ends the wait. One dropped while it sends has queued its message
//! either not at all or whole, and whatever is queued goes out with the next flush or wait for a message.
//!
//! # Memory
//! A socket that waits for a message, or with the next one for its peer to read, leaves the buffers that nothing is in to the
//! others of its thread, by [`share_buffers`](crate::Connection::share_buffers): between messages it holds about 1 KiB itself,
//! and the contexts of context takeover if that was agreed on.
//!
//! # Reads and writes
//! A read is of 16 KiB and a header, or as much as [`with_read_size`](crate::Connection::with_read_size) says; by itself it becomes
//! more only for payloads that are longer, up to eight times as much. One that fills its room left more behind: that is read before
//! what was queued meanwhile is written, so that many messages take one write and stay in the nearest caches. It goes on until 48 KiB
//! were read, more is queued than the write limit or a sixteenth of the
//! [output limit](crate::Connection::with_output_limit), or nothing is there: no wait begins before the stream was given all
//! that is queued.
//!
//! # Back-pressure
//! [`send`](WebSocket::send), [`feed`](WebSocket::feed), the same two for prepared messages, and the `Sink` wait while the
//! [write limit](WebSocket::with_write_limit), 64 KiB, or more is queued; so no more than that and a message is, and
//! the answers to control frames, of which there are never more than some 4 KiB. In the same way
//! [`next_message_and_sender`](WebSocket::next_message_and_sender) waits with the next message for a peer that does not take
//! its answers. Nothing else keeps a connection from being read.
//!
//! # Keeping alive
//! There is no timer in here, so the caller's has the [`Writer`] send the pings. A peer that is there answers each of them, so one that
//! is gone shows in a wait that takes longer than they do. Who sends messages as well does both in the writer's task, by a
//! `select!`.
//!
//! ```
//! use std::time::Duration;
//! use tokio::io::{AsyncRead, AsyncWrite};
//! use tokio::time::{interval, timeout};
//! use wscodec::tokio::{Error, WebSocket, Writer};
//! use wscodec::{Connection, Limits, Message, Role};
//!
//! const INTERVAL: Duration = Duration::from_millis(1);
//! const PATIENCE: Duration = Duration::from_secs(10);
//!
//! /// Ends with the connection: after a close frame there are no pings.
//! async fn keep_alive(mut writer: Writer<impl AsyncRead + AsyncWrite + Unpin>) -> Result<(), Error> {
//!     let mut ticks = interval(INTERVAL);
//!     loop {
//!         ticks.tick().await;
//!         writer.send(Message::Ping(b"")).await?;
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (stream, client) = tokio::io::duplex(64);
//! # let mut client = WebSocket::from_connection(client, Connection::new(Role::Client, Limits::new()));
//! # tokio::spawn(async move {
//! #     for _ in 0..3 {
//! #         client.next_message().await?;
//! #     }
//! #     client.close(None).await?;
//! #     while client.next_message().await?.is_some() {}
//! #     Ok::<(), Error>(())
//! # });
//! let socket = WebSocket::from_connection(stream, Connection::new(Role::Server, Limits::new()));
//! let (mut reader, writer) = socket.split();
//! let pings = tokio::spawn(keep_alive(writer));
//! # let mut pongs = 0;
//! while let Some(message) = timeout(PATIENCE, reader.next_message()).await?? {
//!     println!("{message:?}");
//! #   pongs += u32::from(message == Message::Pong(b""));
//! }
//! pings.abort();
//! # assert!(pongs > 0);
//! # Ok(())
//! # }
//! ```

mod error;
mod halves;
mod inbound;
mod link;
mod next;
mod opening;
mod outbound;
mod reader;
mod responder;
mod traits;
mod transport;
mod websocket;
mod writer;

pub use self::error::Error;
pub use self::reader::Reader;
pub use self::responder::Responder;
pub use self::websocket::WebSocket;
pub use self::writer::Writer;
pub use crate::handshake::HandshakeError;
pub use crate::{Settings, SetupError};
