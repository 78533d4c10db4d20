//! A WebSocket codec that other stacks plug in (RFC 6455, RFC 7692): bytes in, messages out, and back. No sockets, no
//! threads, no runtime: whoever has the bytes hands them over.
//!
//! | to | use |
//! |---|---|
//! | turn what was read into messages | [`Decoder`], which takes it in any pieces and borrows messages from it |
//! | turn messages into what is to be written | [`Encoder`] |
//! | do both, and have pings and the closing handshake seen to | [`Connection`] |
//! | bound what a peer can make you hold | [`Limits`] |
//! | know whose fault an error is, and what to answer | [`Error`] |
//! | compress | a [`compressors::Backend`], handed to both |
//! | open a connection | `handshake`, over plain header pairs or the `http` crate's types |
//! | agree on compression in the handshake | [`compressors::negotiation`] |
//! | have only masking, headers or UTF-8 | [`kernel`] |
//! | have all of it on a stream, handshake included | `blocking`, `tokio`, with [`guide::stack`] as the way in |
//! | send one message to many connections | [`PreparedMessage`], [`broadcast()`], `par_broadcast` |
//! | choose what to compress with | [`guide::backends`] |
//!
//! Both directions of a connection, in memory, compressed as the handshake agreed:
//!
//! ```
//! # #[cfg(feature = "zlib-rs")] {
//! use wscodec::compressors::Backend;
//! use wscodec::compressors::negotiation::ServerPolicy;
//! use wscodec::{Decoder, Encoder, Limits, Message, Role};
//!
//! let backend = Backend::from_name("zlib-rs").unwrap();
//! let policy = ServerPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities());
//! let agreement = policy.answer(["permessage-deflate; client_max_window_bits"])?.unwrap();
//!
//! let from_client = agreement.client_to_server();
//! let mut client = Encoder::new(Role::Client).with_compressor(backend, from_client)?;
//! let mut server = Decoder::new(Role::Server, Limits::new()).with_decompressor(backend, from_client)?;
//!
//! let text = "the same words, ".repeat(20);
//! let mut wire = Vec::new();
//! client.encode(Message::Text(&text), &mut wire)?;
//! assert!(wire.len() < 50);
//! server.push(&wire);
//! assert_eq!(server.next_message()?, Some(Message::Text(&text)));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//! Each adds one backend and changes nothing else: `zlib-rs` (default), `flate2`, `compact` (of our own, for small messages and
//! contexts), `libdeflate` (needs a C compiler), `hybrid` (the better of libdeflate and compact for each message, needs one too).
//!
//! The opening handshake is for those whose HTTP stack has none: `handshake` over plain header pairs, `http` on the `http`
//! crate's types, `head` out of bytes.
//!
//! Whole connections on a stream, handshake included: `blocking` on any `Read + Write`, `tokio` on any `AsyncRead + AsyncWrite`;
//! `codec` for those who frame with `tokio_util`. `bytes` has messages that share theirs, `rayon` broadcasts on all cores.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "blocking")]
pub mod blocking;
mod broadcast;
#[cfg(feature = "codec")]
pub mod codec;
mod connection;
mod decoder;
mod encoder;
mod error;
mod from;
pub mod guide;
#[cfg(feature = "handshake")]
pub mod handshake;
mod limits;
mod mask_keys;
mod message;
mod prepared;
mod raw;
mod role;
#[cfg(any(feature = "blocking", feature = "tokio"))]
mod settings;
mod spare;
#[cfg(feature = "tokio")]
pub mod tokio;

#[cfg(feature = "rayon")]
#[cfg_attr(docsrs, doc(cfg(feature = "rayon")))]
pub use broadcast::par_broadcast;
pub use broadcast::{BroadcastReport, broadcast};
pub use connection::{Connection, Event, Fragment, OwnedMessage, Pieces, Sender, State, StreamError};
#[cfg(feature = "bytes")]
#[cfg_attr(docsrs, doc(cfg(feature = "bytes")))]
pub use connection::{SharedMessage, SharedText};
pub use decoder::Decoder;
pub use encoder::Encoder;
pub use error::{BackendError, Error, LimitError, MisuseError, ProtocolError};
pub use limits::Limits;
pub use mask_keys::MaskKeys;
pub use message::{CloseFrame, DataKind, Message};
pub use prepared::{PreparedFrame, PreparedMessage};
pub use raw::{RawFrame, RawMessage};
pub use role::Role;
#[cfg(any(feature = "blocking", feature = "tokio"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "blocking", feature = "tokio"))))]
pub use settings::{Settings, SetupError};
pub use spare::release_shared;
pub use wscodec_compressors as compressors;
pub use wscodec_kernel as kernel;
pub use wscodec_kernel::CloseCode;

/// Compiles the README's example.
#[cfg(all(doctest, feature = "blocking", feature = "zlib-rs"))]
#[doc = include_str!("../README.md")]
struct Readme;
