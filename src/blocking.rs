//! A WebSocket on any blocking stream that is [`Read`](std::io::Read) and [`Write`](std::io::Write), with its handshakes.
//!
//! ```no_run
//! use std::net::TcpListener;
//! use std::time::Duration;
//! use wscodec::blocking::{Settings, WebSocket};
//! use wscodec::handshake::ServerHandshake;
//! use wscodec::{Event, Message};
//!
//! let listener = TcpListener::bind("127.0.0.1:9001")?;
//! for stream in listener.incoming() {
//!     let stream = stream?;
//!     stream.set_read_timeout(Some(Duration::from_secs(30)))?;
//!     let mut socket = WebSocket::accept(stream, &ServerHandshake::new(), &Settings::new())?;
//!     // Answers are queued, and written before the next wait for the peer.
//!     while let Some((event, sender)) = socket.read_and_sender()? {
//!         if let Event::Message(message @ (Message::Text(_) | Message::Binary(_))) = event {
//!             sender.send(message)?;
//!         }
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A message is borrowed from the socket until the next read, so it is answered by the sender that comes with it.
//! [`WebSocket::read_message`] is for who is done with a message before sending anything.
//!
//! # Opening
//! [`WebSocket::accept`] and [`WebSocket::connect`] do all of it. [`ServerOpening`] and [`ClientOpening`] do it in steps, for
//! those who look at requests, set up connections of their own, or have a stream that does not block. Who has
//! done the handshake elsewhere begins with [`WebSocket::from_connection`].
//!
//! # Timeouts, and streams that don't block
//! A read or write that times out, or would block, is [`Error::WouldBlock`]. Nothing is lost with it: the call can be made
//! again, what was queued goes out with the next one, and what has come of a message stays. How long a call waits is up
//! to the timeouts of the stream. A stream that does not block, or has no timeouts, is fine.
//!
//! # Threads
//! One thread may write while another reads: [`WebSocket::split`] takes the stream's second handle, such as a
//! [`try_clone`](std::net::TcpStream::try_clone) of a `TcpStream`, or another `&TcpStream`. The [`Writer`] can be cloned, and
//! [keeps a connection alive](Writer::keep_alive) from a thread of the caller's.
//!
//! # TLS
//! Any stream that is both `Read` and `Write` will do, such as a `rustls::StreamOwned` or a `native_tls::TlsStream`. Both
//! directions of one share its state, so that it can't be split.
//!
//! # Closing
//! [`WebSocket::close`] does the closing handshake. Shutting the transport afterwards is the caller's business, since a
//! `Write` can't be shut; and so it is after an error, which [`WebSocket::read`] has told the peer with a close frame.
//! With TCP, shut the writing side and [`drain`](WebSocket::drain), or what the peer still sends may keep the
//! last frame from it.
//!
//! # Memory
//! After the first messages nothing is allocated for what is read and written. A read that is [`Error::WouldBlock`] leaves the
//! buffers that nothing is in to the other connections of the thread, by
//! [`share_buffers`](crate::Connection::share_buffers); the buffers of a [`Writer`] stay with it.

mod client;
mod closing;
mod error;
mod frames;
mod message_writer;
mod reader;
mod reading;
mod received;
mod sending;
mod server;
mod streaming;
mod transport;
mod websocket;
mod writer;

pub use client::ClientOpening;
pub use error::Error;
pub use frames::FrameStream;
pub use message_writer::MessageWriter;
pub use reader::Reader;
pub use server::ServerOpening;
pub use websocket::WebSocket;
pub use writer::Writer;

pub use crate::handshake::HandshakeError;
pub use crate::{Settings, SetupError};
