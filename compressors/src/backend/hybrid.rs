//! Each message through the engine that is best for it.
#![forbid(unsafe_code)]

mod decompressor;

pub use self::decompressor::HybridDecompressor;

use super::{CompactCompressor, LibdeflateCompressor, ZlibRsCompressor};
use crate::{Capabilities, CompressError, Compressor, CompressorConfig, ConfigError, FragmentEnd};

/// Compresses with whichever of zlib-rs, libdeflate and this crate's own engine is better for the connection and the message.
///
/// | context takeover | level | message | engine | against the next best |
/// |---|---|---|---|---|
/// | any | 1 | any | compact 1 | as short as by zlib-rs 1, in 0.9 to 1.2 times the time; in 0.6 of it where contexts are cold, in 0.25 for short messages without takeover |
/// | yes | 2 and 3 | any | the same level of compact | as short as by zlib-rs within 4 %, mostly shorter; short messages in 0.15 to 0.45 of the time, those of 64 KB in 1.1 to 1.3 times as much |
/// | yes | 4 and 5 | any | the next level of compact | likewise; short messages in 0.3 to 1.05 of the time, those of 64 KB in up to 1.8 times as much |
/// | yes | 0, 6 to 9 | any | zlib-rs | at level 6, up to 4 % shorter than by compact 6 for short messages of a feed, and up to 5 % longer otherwise |
/// | no | 2 to 6 | up to 512 bytes | the same level of compact, 4 at least | in 0.1 to 0.8 of the time of libdeflate, and as short within 1 % |
/// | no | 2 | longer, within the window | libdeflate 1 | in 0.5 to 0.85 of the time of zlib-rs 2, and shorter |
/// | no | 0, 3 to 9 | longer, within the window | the same level of libdeflate | shorter; at level 6 in 0.65 to 1.15 of the time of zlib-rs |
/// | no | 2 to 5 | longer than the window | compact, level 4 at least | it keeps to the window |
/// | no | 0, 6 to 9 | longer than the window | zlib-rs | likewise |
///
/// The example `engines` measures it. Without takeover messages refer to nothing before them, so each may go through
/// another engine; and libdeflate, which only knows windows of 32 KB, keeps to any that is as long as the message. An
/// engine is made when the first message needs it.
///
/// ```
/// use wscodec_compressors::{Compressor, CompressorConfig, HybridCompressor};
///
/// let config = CompressorConfig::default();
/// assert_eq!(HybridCompressor::new(config)?.engine(), "zlib-rs");
/// assert_eq!(HybridCompressor::new(config.level(2))?.engine(), "compact");
/// assert_eq!(HybridCompressor::new(config.takeover(false))?.engine(), "compact and libdeflate");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct HybridCompressor {
    config: CompressorConfig,
    compact: Option<CompactCompressor>,
    zlib_rs: Option<ZlibRsCompressor>,
    libdeflate: Option<LibdeflateCompressor>,
}

impl HybridCompressor {
    pub(crate) const CAPABILITIES: Capabilities = ZlibRsCompressor::CAPABILITIES;

    /// A compressor for one direction of a connection.
    ///
    /// # Errors
    /// [`ConfigError`] for a level above 9, or window bits outside 8 to 15.
    pub fn new(config: CompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        Ok(Self { config, compact: None, zlib_rs: None, libdeflate: None })
    }

    /// The longest whole message that compact gets before libdeflate is asked, in bytes.
    const fn most_for_compact(&self) -> usize {
        match self.config {
            CompressorConfig { level: FASTEST, .. } => usize::MAX,
            CompressorConfig { takeover: false, level: 2..=6, .. } => MOST_FOR_COMPACT,
            _ => 0,
        }
    }

    /// The longest whole message that libdeflate gets, in bytes.
    const fn most_for_libdeflate(&self) -> usize {
        match self.config {
            CompressorConfig { takeover: true, .. } | CompressorConfig { level: FASTEST, .. } => 0,
            CompressorConfig { window_bits: 15, .. } => usize::MAX,
            CompressorConfig { window_bits, .. } => 1 << window_bits,
        }
    }

    /// Whether compact gets the rest, which is all of it with takeover, and what comes in fragments.
    const fn streams_by_compact(&self) -> bool {
        matches!(self.config.level, FASTEST..=5)
    }

    fn is_under_way(&self) -> bool {
        self.zlib_rs.as_ref().is_some_and(ZlibRsCompressor::is_under_way)
            || self.compact.as_ref().is_some_and(CompactCompressor::is_under_way)
    }

    fn compact(&mut self) -> Result<&mut dyn Compressor, CompressError> {
        let level = match self.config {
            // What short messages by themselves need begins with level 4.
            CompressorConfig { takeover: false, level: 2..4, .. } => 4,
            // These levels of zlib-rs lie between two of compact's, and 6 is zlib-rs's own.
            CompressorConfig { takeover: true, level: level @ 4..6, .. } => level + 1,
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

    /// The one for what comes in fragments.
    fn streaming(&mut self) -> Result<&mut dyn Compressor, CompressError> {
        if self.streams_by_compact() {
            return self.compact();
        }
        let config = self.config;
        let zlib_rs = made(&mut self.zlib_rs, || ZlibRsCompressor::new(config));
        Ok(zlib_rs.map_err(CompressError::Engine)?)
    }
}

impl Compressor for HybridCompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    /// Those that whole messages go through, by the configuration. What comes in several fragments is compact's at levels 1 to 5
    /// and zlib-rs's at others, whatever this says.
    fn engine(&self) -> &'static str {
        let (compact, libdeflate) = (self.most_for_compact(), self.most_for_libdeflate());
        let by_compact = compact > 0 || self.streams_by_compact();
        let by_zlib_rs = libdeflate < usize::MAX && !self.streams_by_compact();
        match (by_compact, libdeflate > compact, by_zlib_rs) {
            (true, true, true) => "compact, libdeflate and zlib-rs",
            (true, true, false) => "compact and libdeflate",
            (true, false, true) => "compact and zlib-rs",
            (true, false, false) => "compact",
            (false, true, true) => "zlib-rs and libdeflate",
            (false, true, false) => "libdeflate",
            (false, false, _) => "zlib-rs",
        }
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        let engine = match message.len() {
            0 => self.streaming()?,
            _ if self.is_under_way() => self.streaming()?,
            length if length <= self.most_for_compact() => self.compact()?,
            length if length <= self.most_for_libdeflate() => self.libdeflate()?,
            _ => self.streaming()?,
        };
        engine.compress(message, out)
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
        self.streaming()?.compress_fragment(fragment, end, out)
    }

    fn reset(&mut self) {
        self.compact.iter_mut().for_each(Compressor::reset);
        self.zlib_rs.iter_mut().for_each(Compressor::reset);
        self.libdeflate.iter_mut().for_each(Compressor::reset);
    }

    fn memory(&self) -> usize {
        // The engines' own sizes are within this one's.
        let compact = self.compact.as_ref().map_or(0, |c| c.memory() - size_of_val(c));
        let zlib_rs = self.zlib_rs.as_ref().map_or(0, |c| c.memory() - size_of_val(c));
        let libdeflate = self.libdeflate.as_ref().map_or(0, |c| c.memory() - size_of_val(c));
        size_of::<Self>() + compact + zlib_rs + libdeflate
    }
}

/// The level of fixed codes and hardly a search, for which libdeflate has no match.
const FASTEST: u8 = 1;

/// Without takeover, libdeflate takes longer to set up for a message of up to so many bytes than to compress it.
const MOST_FOR_COMPACT: usize = 512;

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
