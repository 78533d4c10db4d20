//! permessage-deflate (RFC 7692) for any WebSocket stack: DEFLATE payloads in and out, no frames and no I/O.
//!
//! A [`Compressor`] turns whole messages into the payloads that section 7.2.1 of the RFC puts on the wire, a
//! [`Decompressor`] turns them back. The backends are values: each cargo feature adds its two types and changes
//! nothing else, so several can live side by side in one program, and [`Backend`] picks one by name at run time.
//!
//! | feature | types | takeover | window bits it encodes | levels |
//! |---|---|---|---|---|
//! | `flate2` | `Flate2Compressor`, `Flate2Decompressor` | yes | 15 | 0 to 9 |
//! | `zlib-rs` | `ZlibRsCompressor`, `ZlibRsDecompressor` | yes | 8 to 15 | 0 to 9 |
//! | `libdeflate` | `LibdeflateCompressor`, `LibdeflateDecompressor` | no | 15 | 0 to 12 |
//! | `hybrid` | `HybridCompressor`, `HybridDecompressor`: the better of the two above | yes | 8 to 15 | 0 to 9 |
//!
//! Which messages are worth it, a [`CompressionPolicy`] decides before the compressor sees them.
//!
//! A backend of another engine, written elsewhere, is the two traits for two types; the module `conformance`, behind
//! the feature of that name, tests that it keeps what they promise.
//!
//! ```
//! use wscodec_compressors::{Backend, CompressorConfig, DecompressorConfig};
//!
//! for backend in Backend::available() {
//!     let mut compressor = backend.compressor(CompressorConfig::default().takeover(false))?;
//!     let mut decompressor = backend.decompressor(DecompressorConfig::default().takeover(false))?;
//!
//!     let (mut payload, mut message) = (Vec::new(), Vec::new());
//!     compressor.compress(b"Hello", &mut payload)?;
//!     decompressor.decompress(&payload, 1024, &mut message)?;
//!     assert_eq!(message, b"Hello");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod backend;
mod capabilities;
mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
pub mod message;
pub mod negotiation;
mod payload;
mod policy;
#[cfg(any(feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
mod ratio;
#[cfg(any(feature = "flate2", feature = "zlib-rs"))]
mod stream;
mod traits;

pub use backend::Backend;
#[cfg(feature = "flate2")]
pub use backend::{Flate2Compressor, Flate2Decompressor};
#[cfg(feature = "hybrid")]
pub use backend::{HybridCompressor, HybridDecompressor};
#[cfg(feature = "libdeflate")]
pub use backend::{LibdeflateCompressor, LibdeflateDecompressor};
#[cfg(feature = "zlib-rs")]
pub use backend::{ZlibRsCompressor, ZlibRsDecompressor};
pub use capabilities::Capabilities;
pub use config::{CompressorConfig, ConfigError, DecompressorConfig};
pub use error::{CompressError, DecompressError};
pub use message::{Encoding, InflateLimits, MessageCompressor, MessageDecompressor, release_shared};
pub use policy::{CompressionPolicy, CompressionWish};
pub use traits::{Compressor, Decompressor, FragmentEnd};
