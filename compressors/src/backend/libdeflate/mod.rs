//! libdeflate: whole messages, each by itself.

mod bits;
mod decompressor;
mod huffman;
mod inflation;
mod measure;
mod nonfinal;
mod sys;

pub use self::decompressor::LibdeflateDecompressor;
#[cfg(feature = "hybrid")]
pub(super) use self::inflation::inflate_after;
pub(super) use self::inflation::release_scratch;

use core::fmt;

use self::sys::CompressorHandle;
use crate::payload::EMPTY_BLOCK_HEADER;
use crate::{Capabilities, CompressError, Compressor, CompressorConfig, ConfigError};

/// Compresses with libdeflate: no context takeover, a window of 15 bits only, levels 0 to 12.
///
/// libdeflate ends what it writes in a block with BFINAL=1. Its bit is cleared and an empty stored block put after it,
/// so that what is sent has the form of RFC 7692 section 7.2.1. One of these serves any number of connections.
///
/// ```
/// use wscodec_compressors::{Compressor, CompressorConfig, ConfigError, LibdeflateCompressor};
///
/// let config = CompressorConfig::default();
/// assert_eq!(LibdeflateCompressor::new(config).unwrap_err(), ConfigError::Takeover);
///
/// let mut compressor = LibdeflateCompressor::new(config.takeover(false))?;
/// let mut payload = Vec::new();
/// compressor.compress(b"Hello", &mut payload)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LibdeflateCompressor {
    engine: CompressorHandle,
}

impl LibdeflateCompressor {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities::new(false, 15..=15, 0..=12);

    /// A compressor of whole messages.
    ///
    /// # Errors
    /// [`ConfigError`] for takeover, a level above 12, or window bits other than 15.
    pub fn new(config: CompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        let engine = CompressorHandle::new(config.level).ok_or(OUT_OF_MEMORY)?;
        Ok(Self { engine })
    }
}

impl Compressor for LibdeflateCompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        if message.is_empty() {
            out.push(EMPTY_BLOCK_HEADER);
            return Ok(());
        }
        let start = out.len();
        if !self.engine.compress(message, out) {
            return Err(CompressError::Engine("libdeflate writes more than its bound"));
        }
        if nonfinal::make_nonfinal(out, start).is_none() {
            out.truncate(start);
            return Err(CompressError::Engine("libdeflate writes blocks that can't be read"));
        }
        Ok(())
    }

    /// A few bytes more than the message for each 5,000 of it.
    fn bound(&self, message: usize) -> usize {
        // Longer ones don't exist, and libdeflate's sum would wrap around.
        if message > usize::MAX / 2 { usize::MAX } else { self.engine.bound(message) + 1 }
    }

    /// Does nothing: no message refers to another.
    fn reset(&mut self) {}

    fn memory(&self) -> usize {
        size_of::<Self>() + self.engine.memory()
    }
}

impl fmt::Debug for LibdeflateCompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LibdeflateCompressor").field("memory", &self.memory()).finish_non_exhaustive()
    }
}

const ENGINE: &str = "libdeflate";
const OUT_OF_MEMORY: ConfigError = ConfigError::Engine("libdeflate gets no memory");
