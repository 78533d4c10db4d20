//! The opening handshake (RFC 6455 section 4) of both ends, without I/O: over plain header pairs, or the `http` crate's types
//! (feature `http`). Who has only bytes turns them into a request or a response with `HeadReader` (feature `head`).
//!
//! A server checks a request and answers it, one way or the other:
//!
//! ```
//! use wscodec::compressors::negotiation::ServerPolicy;
//! use wscodec::handshake::{Request, ServerHandshake};
//!
//! let handshake = ServerHandshake::new().deflate(ServerPolicy::default()).subprotocols(["chat"])?;
//!
//! // Whatever the HTTP stack has read.
//! let headers = [
//!     ("Host", "example.com"),
//!     ("Upgrade", "websocket"),
//!     ("Connection", "keep-alive, Upgrade"),
//!     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
//!     ("Sec-WebSocket-Version", "13"),
//!     ("Sec-WebSocket-Protocol", "superchat, chat"),
//!     ("Sec-WebSocket-Extensions", "permessage-deflate"),
//! ];
//! let wire = match handshake.accept(&Request::new("GET", "/chat", headers)) {
//!     Ok(accepted) => {
//!         assert_eq!(accepted.subprotocol(), Some("chat"));
//!         assert!(accepted.agreement().is_some()); // to be handed to the encoder and the decoder
//!         accepted.to_bytes()
//!     }
//!     Err(refusal) => refusal.to_bytes(),
//! };
//! assert!(wire.starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
//! # Ok::<(), wscodec::handshake::ConfigError>(())
//! ```
//!
//! A client makes a request and checks the response to it:
//!
//! ```
//! use wscodec::compressors::negotiation::ClientPolicy;
//! use wscodec::handshake::{ClientHandshake, Response};
//! # use wscodec::handshake::{Request, ServerHandshake};
//! # use wscodec::compressors::negotiation::ServerPolicy;
//!
//! let handshake = ClientHandshake::new("example.com", "/chat")?
//!     .deflate(ClientPolicy::default())
//!     .subprotocols(["chat"])?
//!     .header("Origin", "https://example.com")?;
//!
//! let request = handshake.request()?;
//! assert!(request.to_bytes().starts_with(b"GET /chat HTTP/1.1\r\nHost: example.com\r\n"));
//!
//! // What has come back, with its status and its header pairs.
//! # let server = ServerHandshake::new().deflate(ServerPolicy::default());
//! # let accepted = server.accept(&Request::new(request.method(), request.target(), request.headers()))?;
//! # let (status, headers) = (101, accepted.headers());
//! let opened = request.check(&Response::new(status, headers))?;
//! assert_eq!(opened.subprotocol.as_deref(), Some("chat"));
//! assert!(opened.agreement.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Bytes behind the head of either belong to the first frame.

mod client;
mod error;
#[cfg(feature = "head")]
mod head;
mod headers;
#[cfg(feature = "http")]
mod http_types;
mod incoming;
mod key;
mod list;
#[cfg(any(feature = "blocking", feature = "tokio"))]
pub(crate) mod opening;
mod refusal;
mod server;

pub use client::{ClientHandshake, ClientRequest, Opened};
pub use error::{ConfigError, ResponseError};
#[cfg(feature = "head")]
pub use head::{HeadError, HeadLimits, HeadReader};
pub use incoming::{Request, Response};
pub use key::accept_key;
#[cfg(any(feature = "blocking", feature = "tokio"))]
pub use opening::HandshakeError;
pub use refusal::{Refusal, RefusalReason};
pub use server::{Accepted, ServerHandshake, Upgrade};

// Names as they are sent; they are compared without regard to case.
const HOST: &str = "Host";
const UPGRADE: &str = "Upgrade";
const CONNECTION: &str = "Connection";
const KEY: &str = "Sec-WebSocket-Key";
const VERSION: &str = "Sec-WebSocket-Version";
const ACCEPT: &str = "Sec-WebSocket-Accept";
const PROTOCOL: &str = "Sec-WebSocket-Protocol";
const EXTENSIONS: &str = "Sec-WebSocket-Extensions";
const WEBSOCKET: &str = "websocket";
