//! zlib-rs where history counts, libdeflate where it doesn't.
#![forbid(unsafe_code)]

use super::{LibdeflateCompressor, LibdeflateDecompressor, ZlibRsCompressor, ZlibRsDecompressor};
use crate::{
    Capabilities, CompressError, Compressor, CompressorConfig, ConfigError, DecompressError, Decompressor,
    DecompressorConfig, FragmentEnd,
};

/// Compresses with whichever of zlib-rs and libdeflate is better for the connection and the message.
///
/// | context takeover | level | message | engine | against the other |
/// |---|---|---|---|---|
/// | yes | any | any | zlib-rs | the only one that keeps history |
/// | no | 1 | any | zlib-rs 1 | in 0.4 to 0.7 of the time; up to 1.5 times as long |
/// | no | 2 | within the window | libdeflate 1 | in 0.5 to 0.85 of the time of zlib-rs 2, and shorter |
/// | no | 0, 3 to 9 | within the window | the same level of libdeflate | shorter; at level 6 in 0.65 to 1.15 of the time |
/// | no | 0, 2 to 9 | longer than the window | zlib-rs | the only one that keeps to it |
///
/// The example `engines` measures it. Without takeover messages refer to nothing before them, so one may go through
/// either engine; and libdeflate, which only knows windows of 32 KB, keeps to any that is as long as the message. An
/// engine is made when the first message needs it.
///
/// ```
/// use wscodec_compressors::{Compressor, CompressorConfig, HybridCompressor};
///
/// let config = CompressorConfig::default();
/// assert_eq!(HybridCompressor::new(config)?.engine(), "zlib-rs");
/// assert_eq!(HybridCompressor::new(config.takeover(false))?.engine(), "libdeflate");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct HybridCompressor {
    config: CompressorConfig,
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
        Ok(Self { config, zlib_rs: None, libdeflate: None })
    }

    /// The longest message that is libdeflate's, in bytes.
    const fn most_for_libdeflate(&self) -> usize {
        match self.config {
            CompressorConfig { takeover: true, .. } | CompressorConfig { level: FASTEST, .. } => 0,
            CompressorConfig { window_bits: 15, .. } => usize::MAX,
            CompressorConfig { window_bits, .. } => 1 << window_bits,
        }
    }
}

impl Compressor for HybridCompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    /// The one or both that messages go through, by the configuration.
    fn engine(&self) -> &'static str {
        match self.most_for_libdeflate() {
            0 => "zlib-rs",
            usize::MAX => "libdeflate",
            _ => "zlib-rs and libdeflate",
        }
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        let config = self.config;
        let streams = self.zlib_rs.as_ref().is_some_and(ZlibRsCompressor::is_under_way);
        if streams || message.len() > self.most_for_libdeflate() || message.is_empty() {
            return made(&mut self.zlib_rs, || ZlibRsCompressor::new(config))
                .map_err(CompressError::Engine)?
                .compress(message, out);
        }
        // libdeflate's own level 2 is slower than its level 1 and, from 1 KB on, no better.
        let level = if config.level == 2 { 1 } else { config.level };
        let config = CompressorConfig::default().takeover(false).level(level);
        made(&mut self.libdeflate, || LibdeflateCompressor::new(config))
            .map_err(CompressError::Engine)?
            .compress(message, out)
    }

    /// Whatever comes in one piece is compressed as a whole; the rest is zlib-rs's.
    fn compress_fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        let streams = self.zlib_rs.as_ref().is_some_and(ZlibRsCompressor::is_under_way);
        if end == FragmentEnd::Message && !streams {
            return self.compress(fragment, out);
        }
        let config = self.config;
        made(&mut self.zlib_rs, || ZlibRsCompressor::new(config))
            .map_err(CompressError::Engine)?
            .compress_fragment(fragment, end, out)
    }

    fn reset(&mut self) {
        self.zlib_rs.iter_mut().for_each(Compressor::reset);
        self.libdeflate.iter_mut().for_each(Compressor::reset);
    }

    fn memory(&self) -> usize {
        // The engines' own sizes are within this one's.
        let zlib_rs = self.zlib_rs.as_ref().map_or(0, |c| c.memory() - size_of_val(c));
        let libdeflate = self.libdeflate.as_ref().map_or(0, |c| c.memory() - size_of_val(c));
        size_of::<Self>() + zlib_rs + libdeflate
    }
}

/// Decompresses with zlib-rs where context takeover was agreed on, with libdeflate where it wasn't.
///
/// libdeflate takes 0.65 to 0.85 of zlib-rs's time for messages from 4 KB on and for those with fixed codes, up to 1.2
/// times as long for others of some hundred bytes, and a quarter of the memory. The example `engines` measures it. What
/// [`LibdeflateDecompressor`] reads of codes that RFC 1951 leaves undefined, this reads as well.
///
/// ```
/// use wscodec_compressors::{Decompressor, DecompressorConfig, HybridDecompressor};
///
/// let mut decompressor = HybridDecompressor::new(DecompressorConfig::default())?;
/// let mut message = Vec::new();
/// decompressor.decompress(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 1024, &mut message)?;
/// assert_eq!(message, b"Hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct HybridDecompressor {
    config: DecompressorConfig,
    zlib_rs: Option<ZlibRsDecompressor>,
    libdeflate: Option<LibdeflateDecompressor>,
}

impl HybridDecompressor {
    pub(crate) const CAPABILITIES: Capabilities = ZlibRsDecompressor::CAPABILITIES;

    /// A decompressor for one direction of a connection.
    ///
    /// # Errors
    /// [`ConfigError`] for window bits outside 8 to 15.
    pub fn new(config: DecompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        Ok(Self { config, zlib_rs: None, libdeflate: None })
    }

    /// Whether a fragment of a message has come and not its last.
    fn streams(&self) -> bool {
        self.zlib_rs.as_ref().is_some_and(ZlibRsDecompressor::is_under_way)
    }
}

impl Decompressor for HybridDecompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn engine(&self) -> &'static str {
        if self.config.takeover { "zlib-rs" } else { "libdeflate" }
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        let config = self.config;
        if config.takeover || self.streams() {
            return made(&mut self.zlib_rs, || ZlibRsDecompressor::new(config))
                .map_err(DecompressError::Engine)?
                .decompress(payload, limit, out);
        }
        made(&mut self.libdeflate, || LibdeflateDecompressor::new(config))
            .map_err(DecompressError::Engine)?
            .decompress(payload, limit, out)
    }

    /// What comes in one piece is decompressed as a whole; the rest is zlib-rs's.
    fn decompress_fragment(
        &mut self,
        payload: &[u8],
        last: bool,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        if last && !self.streams() {
            return self.decompress(payload, limit, out);
        }
        let config = self.config;
        made(&mut self.zlib_rs, || ZlibRsDecompressor::new(config))
            .map_err(DecompressError::Engine)?
            .decompress_fragment(payload, last, limit, out)
    }

    fn reset(&mut self) {
        self.zlib_rs.iter_mut().for_each(Decompressor::reset);
        self.libdeflate.iter_mut().for_each(Decompressor::reset);
    }

    fn shrink(&mut self) {
        self.zlib_rs.iter_mut().for_each(Decompressor::shrink);
        self.libdeflate.iter_mut().for_each(Decompressor::shrink);
    }

    fn memory(&self) -> usize {
        let zlib_rs = self.zlib_rs.as_ref().map_or(0, |d| d.memory() - size_of_val(d));
        let libdeflate = self.libdeflate.as_ref().map_or(0, |d| d.memory() - size_of_val(d));
        size_of::<Self>() + zlib_rs + libdeflate
    }
}

/// The level of zlib-rs that libdeflate has no match for: fixed codes, and hardly a search.
const FASTEST: u8 = 1;

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
