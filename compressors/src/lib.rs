//! permessage-deflate (RFC 7692) for any WebSocket stack: DEFLATE payloads in and out, no frames and no I/O.
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod capabilities;
mod error;
pub mod negotiation;
mod traits;

pub use capabilities::Capabilities;
pub use error::{CompressError, DecompressError};
pub use traits::{Compressor, Decompressor};
