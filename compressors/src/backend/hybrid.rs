//! Each message through the engine that is best for it.
#![forbid(unsafe_code)]

mod decompressor;

pub use self::decompressor::HybridDecompressor;

use super::{CompactCompressor, LibdeflateCompressor};
use crate::{Capabilities, CompressError, Compressor, CompressorConfig, ConfigError, FragmentEnd};

/// Compresses with whichever of libdeflate and this crate's own engine is better for the connection and the message.
///
/// | context takeover | level | message | engine | against the next best |
/// |---|---|---|---|---|
/// | any | 1 | any | compact 1 | as short as by zlib-rs 1, in 0.9 to 1.2 times the time; in 0.6 of it where contexts are cold, in 0.25 for short messages without takeover |
/// | yes | 2 and 3 | any | the same level of compact | as short as by zlib-rs within 4 %, mostly shorter; short messages in 0.15 to 0.45 of the time, those of 64 KB in 1.1 to 1.3 times as much |
/// | yes | 4 and 5 | any | compact 5 | up to 15 % shorter than by zlib-rs, 2 % longer at worst; short messages in 0.3 to 0.8 of the time, longer ones in 0.9 to 1.3 times as much |
/// | yes | 0, 6 to 9 | any | the same level of compact | at level 6 up to 14 % shorter than by zlib-rs, in 0.35 to 1.05 of the time, with 0.4 of the memory; at 7 to 9 within 2 % of its lengths or shorter, in 0.5 to 2 times the time |
/// | no | 2 to 6 | up to 512 bytes | the same level of compact, 4 at least | in 0.1 to 0.85 of the time of libdeflate, and as short within 1 % |
/// | no | 2 | longer, within the window | libdeflate 1 | in 0.5 to 0.85 of the time of zlib-rs 2, and shorter |
/// | no | 0, 3 to 9 | longer, within the window | the same level of libdeflate | at level 6 in 0.5 to 0.75 of the time of compact from 2 KB on, and as short within 2 % |
/// | no | any | longer than the window, or in fragments | the same level of compact, 4 for 2 and 3 | it keeps to the window, and streams |
///
/// The example `engines` measures it. Without takeover messages refer to nothing before them, so each may go through
/// another engine; and libdeflate, which only knows windows of 32 KB, keeps to any that is as long as the message. An
/// engine is made when the first message needs it.
///
/// ```
/// use wscodec_compressors::{Compressor, CompressorConfig, HybridCompressor};
///
/// let config = CompressorConfig::default();
/// assert_eq!(HybridCompressor::new(config)?.engine(), "compact");
/// assert_eq!(HybridCompressor::new(config.takeover(false))?.engine(), "compact and libdeflate");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct HybridCompressor {
    config: CompressorConfig,
    compact: Option<CompactCompressor>,
    libdeflate: Option<LibdeflateCompressor>,
}

impl HybridCompressor {
    pub(crate) const CAPABILITIES: Capabilities = CompactCompressor::CAPABILITIES;

    /// A compressor for one direction of a connection.
    ///
    /// # Errors
    /// [`ConfigError`] for a level above 9, or window bits outside 8 to 15.
    pub fn new(config: CompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        Ok(Self { config, compact: None, libdeflate: None })
    }

    /// Whether libdeflate is better for a whole message of so many bytes.
    const fn is_for_libdeflate(&self, length: usize) -> bool {
        let least = match self.config.level {
            FASTEST => return false,
            2..=6 => LEAST_FOR_LIBDEFLATE,
            // Nothing to compress needs no engine.
            _ => 1,
        };
        // It knows a window of 15 bits alone.
        let fits = self.config.window_bits == 15 || length <= 1 << self.config.window_bits;
        !self.config.takeover && length >= least && fits
    }

    fn is_under_way(&self) -> bool {
        self.compact.as_ref().is_some_and(CompactCompressor::is_under_way)
    }

    fn compact(&mut self) -> Result<&mut dyn Compressor, CompressError> {
        let level = match self.config {
            // What short messages by themselves need begins with level 4.
            CompressorConfig { takeover: false, level: 2..4, .. } => 4,
            // That of zlib-rs lies between two of compact's.
            CompressorConfig { takeover: true, level: 4, .. } => 5,
            CompressorConfig { level, .. } => level,
        };
        let config = self.config.level(level);
        let compact = made(&mut self.compact, || CompactCompressor::new(config));
        Ok(compact.map_err(CompressError::Engine)?)
    }

    fn libdeflate(&mut self) -> Result<&mut dyn Compressor, CompressError> {
        // libdeflate's own level 2 is slower than its level 1 and, from 1 KB on, no better.
        let level = if self.config.level == 2 { 1 } else { self.config.level };
        let config = CompressorConfig::default().takeover(false).level(level);
        let libdeflate = made(&mut self.libdeflate, || LibdeflateCompressor::new(config));
        Ok(libdeflate.map_err(CompressError::Engine)?)
    }
}

impl Compressor for HybridCompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    /// Those that messages go through, by the configuration.
    fn engine(&self) -> &'static str {
        let is_for_libdeflate = self.is_for_libdeflate(LEAST_FOR_LIBDEFLATE) || self.is_for_libdeflate(1);
        if is_for_libdeflate { "compact and libdeflate" } else { "compact" }
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        if self.is_for_libdeflate(message.len()) && !self.is_under_way() {
            self.libdeflate()?.compress(message, out)
        } else {
            self.compact()?.compress(message, out)
        }
    }

    /// Whatever comes in one piece is compressed as a whole.
    fn compress_fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        if end == FragmentEnd::Message && !self.is_under_way() {
            return self.compress(fragment, out);
        }
        self.compact()?.compress_fragment(fragment, end, out)
    }

    fn reset(&mut self) {
        self.compact.iter_mut().for_each(Compressor::reset);
        self.libdeflate.iter_mut().for_each(Compressor::reset);
    }

    fn memory(&self) -> usize {
        // The engines' own sizes are within this one's.
        let compact = self.compact.as_ref().map_or(0, |c| c.memory() - size_of_val(c));
        let libdeflate = self.libdeflate.as_ref().map_or(0, |c| c.memory() - size_of_val(c));
        size_of::<Self>() + compact + libdeflate
    }
}

/// The level of fixed codes and hardly a search, for which libdeflate has no match.
const FASTEST: u8 = 1;

/// For shorter messages libdeflate takes longer to set up than to compress them.
const LEAST_FOR_LIBDEFLATE: usize = 513;

/// The engine, made if it isn't there; it is of a configuration that was checked, so only memory can lack.
fn made<T>(
    engine: &mut Option<T>,
    new: impl FnOnce() -> Result<T, ConfigError>,
) -> Result<&mut T, &'static str> {
    match engine {
        Some(engine) => Ok(engine),
        None => Ok(engine.insert(new().map_err(|_| "the engine can't be made")?)),
    }
}
