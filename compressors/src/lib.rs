//! permessage-deflate (RFC 7692) for any WebSocket stack: DEFLATE payloads in and out, no frames and no I/O.
//!
//! A [`Compressor`] turns whole messages into the payloads that section 7.2.1 of the RFC puts on the wire, a
//! [`Decompressor`] turns them back. The backends are values: each cargo feature adds its two types and changes
//! nothing else, so several can live side by side in one program, and [`Backend`] picks one by name at run time. None is there
//! by default: `cargo add wscodec-compressors --features zlib-rs`.
//!
//! | feature | types | takeover | window bits it encodes | levels |
//! |---|---|---|---|---|
//! | `flate2` | `Flate2Compressor`, `Flate2Decompressor` | yes | 15 | 0 to 9 |
//! | `zlib-rs` | `ZlibRsCompressor`, `ZlibRsDecompressor` | yes | 8 to 15 | 0 to 9 |
//! | `libdeflate` | `LibdeflateCompressor`, `LibdeflateDecompressor` | received only | 15 | 0 to 12 |
//! | `compact` | `CompactCompressor`, `CompactDecompressor`: for small messages, in small contexts | yes | 8 to 15 | 0 to 9 |
//! | `hybrid` | `HybridCompressor`, `HybridDecompressor`: the better of libdeflate and compact | yes | 8 to 15 | 0 to 9 |
//!
//! # For a WebSocket stack
//!
//! A stack talks to the module [`message`](mod@message): a [`MessageCompressor`] and a [`MessageDecompressor`] for each
//! connection take payloads and RSV1, decide by a [`CompressionPolicy`] which messages are worth it, keep to
//! [`InflateLimits`], and let the connections of a thread share what they can.
//!
//! # Memory of a connection
//!
//! In KiB, rounded up, at level 6, for windows of 9 / 12 / 15 bits; – where the backend can't do it:
//!
//! | backend | direction | with takeover | released | without takeover | shared by its thread |
//! |---|---|---|---|---|---|
//! | `flate2` | compress | – / – / 312 | – / – / 1 | 1 / 1 / 1 | 312 / 312 / 312 |
//! | `flate2` | decompress | 75 / 75 / 75 | 33 / 33 / 33 | 1 / 1 / 1 | 82 / 82 / 82 |
//! | `zlib-rs` | compress | 148 / 162 / 372 | 1 / 1 / 1 | 1 / 1 / 1 | 148 / 162 / 372 |
//! | `zlib-rs` | decompress | 48 / 51 / 79 | 1 / 5 / 33 | 1 / 1 / 1 | 79 / 79 / 79 |
//! | `libdeflate` | compress | – / – / – | – / – / – | 1 / 1 / 1 | 653 / 653 / 653 |
//! | `libdeflate` | decompress | 1 / 5 / 33 | 1 / 5 / 33 | 1 / 1 / 1 | 247 / 247 / 247 |
//! | `compact` | compress | 11 / 25 / 149 | 1 / 1 / 1 | 1 / 1 / 1 | 27 / 41 / 204 |
//! | `compact` | decompress | 1 / 5 / 33 | 1 / 5 / 33 | 1 / 1 / 1 | 41 / 41 / 41 |
//! | `hybrid` | compress | 11 / 25 / 149 | 1 / 1 / 1 | 1 / 1 / 1 | 27 / 41 / 825 |
//! | `hybrid` | decompress | 2 / 5 / 33 | 2 / 5 / 33 | 1 / 1 / 1 | 287 / 287 / 287 |
//!
//! The columns are what a connection holds between two messages with context takeover; after
//! [`release`](MessageCompressor::release), when it is idle; between two messages without takeover; and what its thread keeps
//! for all the connections without takeover that agreed on the same.
//!
//! All of it is after many messages of 500 bytes and some of 40 KB, whole and in fragments. Shorter ones alone cost a thread
//! less: hybrid then compresses with 102, as compact does, and decompresses with 13, as libdeflate does. Longer ones cost it more where
//! libdeflate decompresses: up to 1 MiB of its buffers stay, and 64 KiB for frames, which it gets gathered.
//!
//! Within a message in fragments, a connection without takeover has a context for itself. Where connections agreed on different
//! windows, or several are within such messages at once, a thread has more than one: up to eight for each direction stay when
//! nobody uses them. flate2's are those on miniz_oxide. A test measures the table.
//!
//! # The backends by themselves
//!
//! A backend of another engine, written elsewhere, is the two traits for two types; the module `conformance`, behind
//! the feature of that name, which belongs among the dev-dependencies, tests that it keeps what they promise.
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
#[cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
mod ratio;
#[cfg(any(feature = "flate2", feature = "zlib-rs", feature = "compact"))]
mod stream;
mod traits;

pub use backend::Backend;
#[cfg(feature = "compact")]
pub use backend::{CompactCompressor, CompactDecompressor};
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
