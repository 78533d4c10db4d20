//! DEFLATE for small messages.
#![forbid(unsafe_code)]

mod bits;
mod block;
mod codes;
mod dynamic;
mod effort;
mod engine;
mod huffman;
mod matches;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may panic")]
mod tests;
mod tokens;

pub(super) use self::tokens::release as release_scratch;

use self::engine::CompactState;
use crate::stream::StreamCompressor;
use crate::{Capabilities, CompressError, Compressor, CompressorConfig, ConfigError, FragmentEnd};

/// Compresses small messages fast and in small contexts: with or without context takeover, windows of 8 to 15 bits, levels 0
/// to 9.
///
/// ```
/// use wscodec_compressors::{CompactCompressor, Compressor, CompressorConfig};
///
/// let mut compressor = CompactCompressor::new(CompressorConfig::default())?;
/// let mut payload = Vec::new();
/// compressor.compress(b"Hello", &mut payload)?;
/// assert_eq!(payload, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CompactCompressor {
    stream: StreamCompressor<CompactState>,
}

impl CompactCompressor {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities::new(true, 8..=15, 0..=9).with_streaming(true);

    /// A compressor for one direction of a connection. It makes its engine when the first message needs it.
    ///
    /// # Errors
    /// [`ConfigError`] for a level above 9, or window bits outside 8 to 15.
    pub fn new(config: CompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        Ok(Self { stream: StreamCompressor::new(config) })
    }

    /// Whether a message has begun and not ended.
    #[cfg(feature = "hybrid")]
    pub(in crate::backend) const fn is_under_way(&self) -> bool {
        self.stream.is_under_way()
    }
}

impl Compressor for CompactCompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn engine(&self) -> &'static str {
        "compact"
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        self.stream.compress(message, out)
    }

    fn compress_fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        self.stream.compress_fragment(fragment, end, out)
    }

    fn reset(&mut self) {
        self.stream.reset();
    }

    fn memory(&self) -> usize {
        size_of::<Self>() + self.stream.memory()
    }
}
