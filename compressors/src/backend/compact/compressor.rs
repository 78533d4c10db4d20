//! DEFLATE for small messages.
#![forbid(unsafe_code)]

mod bits;
mod block;
mod buckets;
mod chains;
mod codes;
mod dynamic;
mod effort;
mod engine;
mod huffman;
mod matches;
mod prices;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may panic")]
mod tests;
mod text;
mod tokens;

pub(super) use self::tokens::release as release_scratch;

use self::engine::CompactState;
use crate::stream::{StreamCompressor, compressor_on_a_stream};
use crate::{Capabilities, CompressorConfig, ConfigError};

/// Compresses with an engine of this crate's own, written for small messages: with or without context takeover, windows of 8 to
/// 15 bits, levels 0 to 9.
///
/// | level | what it does |
/// |---|---|
/// | 0 | stores |
/// | 1 | fixed codes, one place looked at for a match: the fastest |
/// | 2, 3 | likewise for messages up to 1,024 and 512 bytes, longer ones get codes of their own; the ones for feeds with context takeover |
/// | 4 | two places, and codes of their own for any message that gains by them |
/// | 5 to 9 | chains of all places in the window, followed 12 to 1,024 steps, in messages up to 512 bytes further; from 6 on, matches of longer messages are weighed with the codes that they got |
///
/// With context takeover, level 6 gets the ratio of zlib-rs at level 6 (up to 14 % more), in 0.35 to 1.05 of its time; levels 7 to
/// 9 that of theirs, but for 2 % at worst, in 0.5 to 2 times their times. Of short messages, level 2 gets at least 0.8 of the ratio of C's zlib at level 6,
/// in 0.1 to 0.17 of its time. Without takeover, level 4 is within 1 % of that ratio for messages of 64 to 400 bytes, in 0.1 to 0.55
/// of the time. Measured on feeds of two exchanges and generated JSON. A window of 8 bits is one of 8 bits.
///
/// The time is bounded for any message: a step is a look at one earlier place, and each byte takes as many as its level follows at
/// most.
///
/// The memory is the history, up to one and a half windows that grow with what is sent, and tables: at 15 bits 16 KB at
/// levels 1 to 3, 33 KB at 4, and 100 KB above; of smaller windows in proportion, but for 4 KB. What has to be known of a long message
/// beside that is the thread's, until it ends or [`release_shared`](crate::release_shared) is called.
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

compressor_on_a_stream!(CompactCompressor, Self::CAPABILITIES, "compact");
