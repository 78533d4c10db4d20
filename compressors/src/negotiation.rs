//! The negotiation of permessage-deflate (RFC 7692 sections 5 and 7.1) through `Sec-WebSocket-Extensions` (RFC 6455
//! section 9.1): header values in, header values out, no HTTP crate.
//!
//! A server answers the offers of a request by what its backends can do:
//!
//! ```
//! use wscodec_compressors::negotiation::ServerPolicy;
//!
//! let policy = ServerPolicy { server_no_context_takeover: true, ..ServerPolicy::default() };
//! let agreement = policy.answer(["permessage-deflate; client_max_window_bits"])?.expect("an offer it can honour");
//! assert_eq!(agreement.to_string(), "permessage-deflate; server_no_context_takeover");
//! assert!(!agreement.server_to_client().takeover);
//! # Ok::<(), wscodec_compressors::negotiation::MalformedHeader>(())
//! ```
//!
//! A client offers, and checks what comes back:
//!
//! ```
//! use wscodec_compressors::negotiation::ClientPolicy;
//!
//! let policy = ClientPolicy::default();
//! assert_eq!(policy.header(), "permessage-deflate; client_max_window_bits");
//! let agreement = policy.accept(["permessage-deflate; client_max_window_bits=10"])?.expect("it was agreed");
//! assert_eq!(agreement.client_to_server().window_bits, 10);
//! assert!(policy.accept(["permessage-deflate; client_max_window_bits=7"]).is_err());
//! # Ok::<(), wscodec_compressors::negotiation::AnswerError>(())
//! ```
//!
//! Neither promises what its backends can't do ([`Abilities`]), nor tells a peer with a known quirk ([`Peer`]) what it chokes
//! on. Whatever is agreed on, each end makes its compressor and decompressor from the two [`Direction`]s of its
//! [`Agreement`].

mod abilities;
mod client;
mod header;
mod parameters;
mod peer;
mod server;

pub use abilities::Abilities;
pub use client::{AnswerError, ClientPolicy};
pub use header::{Extension, MalformedHeader, Parameter, parse_extensions};
pub use parameters::{Agreement, Direction, Offer};
pub use peer::Peer;
pub use server::ServerPolicy;

/// The extension's name in the header (RFC 7692 section 7).
pub const PERMESSAGE_DEFLATE: &str = "permessage-deflate";

/// The smallest LZ77 window that can be agreed on, as a base-2 logarithm of bytes (section 7.1.2).
pub const MIN_WINDOW_BITS: u8 = 8;

/// The largest LZ77 window, which is meant where none is agreed on (section 7.1.2).
pub const MAX_WINDOW_BITS: u8 = 15;
