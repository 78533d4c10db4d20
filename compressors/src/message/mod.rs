//! Between a backend and a WebSocket stack: what is sent compressed, within which limits it is received, and how long the
//! contexts live.
//!
//! A stack gives each connection a [`MessageCompressor`] and a [`MessageDecompressor`] once permessage-deflate is agreed,
//! and has no more to do than to carry payloads and RSV1 of a message's first frame (RFC 7692 section 7.2):
//!
//! ```
//! use wscodec_compressors::message::{InflateLimits, MessageCompressor, MessageDecompressor};
//! use wscodec_compressors::{Backend, CompressionWish, CompressorConfig, DecompressorConfig};
//!
//! struct Deflate {
//!     compressor: MessageCompressor,
//!     decompressor: MessageDecompressor,
//! }
//!
//! impl Deflate {
//!     fn new(backend: Backend) -> Result<Self, wscodec_compressors::ConfigError> {
//!         // What was negotiated for each direction; nothing is allocated before there are messages.
//!         let (ours, theirs) = (CompressorConfig::default(), DecompressorConfig::default());
//!         Ok(Self {
//!             compressor: MessageCompressor::new(backend, ours.takeover(false))?,
//!             decompressor: MessageDecompressor::new(
//!                 backend,
//!                 theirs.takeover(false),
//!                 InflateLimits::default().message(1 << 20),
//!             )?,
//!         })
//!     }
//!
//!     /// Message in, payload and RSV1 out.
//!     fn send(&mut self, message: &[u8]) -> Result<(Vec<u8>, bool), Box<dyn std::error::Error>> {
//!         let mut payload = Vec::new();
//!         let encoding = self.compressor.message(message, CompressionWish::Auto, &mut payload)?;
//!         Ok((payload, encoding.rsv1()))
//!     }
//!
//!     /// Payload and RSV1 in, message out.
//!     fn receive(&mut self, payload: Vec<u8>, rsv1: bool) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//!         if !rsv1 {
//!             return Ok(payload);
//!         }
//!         let mut message = Vec::new();
//!         self.decompressor.message(&payload, &mut message)?;
//!         Ok(message)
//!     }
//! }
//!
//! for backend in Backend::available() {
//!     let (mut alice, mut bob) = (Deflate::new(backend)?, Deflate::new(backend)?);
//!     for message in [b"no gain".to_vec(), b"some gain ".repeat(50)] {
//!         let (payload, rsv1) = alice.send(&message)?;
//!         assert_eq!((rsv1, payload.len() < message.len()), (message.len() > 100, message.len() > 100));
//!         assert_eq!(bob.receive(payload, rsv1)?, message);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Fragments
//!
//! A message may be handed in piece by piece, and be received frame by frame. Who takes the output away after each frame
//! keeps the sender's boundaries as far as there are any; who doesn't has the message joined:
//!
//! ```
//! use wscodec_compressors::message::{InflateLimits, MessageCompressor, MessageDecompressor};
//! use wscodec_compressors::{
//!     Backend, CompressionWish, CompressorConfig, DecompressorConfig, FragmentEnd,
//! };
//!
//! let (wish, limits) = (CompressionWish::Compress, InflateLimits::default());
//! for backend in Backend::available() {
//!     let mut compressor = MessageCompressor::new(backend, CompressorConfig::default().takeover(false))?;
//!     let mut decompressor =
//!         MessageDecompressor::new(backend, DecompressorConfig::default().takeover(false), limits)?;
//!
//!     let (mut first, mut last) = (Vec::new(), Vec::new());
//!     let rsv1 = compressor.fragment(b"first half, ", FragmentEnd::Frame, wish, &mut first)?.rsv1();
//!     compressor.fragment(b"second half", FragmentEnd::Message, wish, &mut last)?;
//!     assert!(rsv1, "on the first frame; never on the others, whatever the answer there");
//!
//!     // Joined: the output stays where it is.
//!     let mut message = Vec::new();
//!     decompressor.fragment(&first, false, &mut message)?;
//!     decompressor.fragment(&last, true, &mut message)?;
//!     assert_eq!(message, b"first half, second half");
//!
//!     // Boundaries kept: each frame's output by itself. A backend that streams gives what the frame held; the others
//!     // give nothing before the last.
//!     let (mut one, mut two) = (Vec::new(), Vec::new());
//!     decompressor.fragment(&first, false, &mut one)?;
//!     decompressor.fragment(&last, true, &mut two)?;
//!     if backend.decompressor_capabilities().streaming {
//!         assert_eq!(one, b"first half, ");
//!     }
//!     assert_eq!([one, two].concat(), message);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Contexts
//!
//! An engine's context, tens to hundreds of kilobytes, is made when the first message needs it. With context takeover it is
//! the connection's own, until [`release`](MessageCompressor::release). Without, a message needs one only while it is worked
//! on, and the connections of a thread share them: a connection then holds less than a kilobyte between its messages. A message
//! in fragments holds on to its context from the first to the last. At most eight contexts for each direction wait on a
//! thread for their next message; they are freed when the thread ends, or by [`release_shared`].
#![forbid(unsafe_code)]

mod compressor;
mod contexts;
mod decompressor;
mod gathered;
mod limits;

pub use compressor::{Encoding, MessageCompressor};
pub use contexts::release_shared;
pub use decompressor::MessageDecompressor;
pub use limits::InflateLimits;

/// What is said of an engine that took away from an output that is not its own.
const SHORTENED: &str = "the engine shortened the output";
