//! flate2, with the engine that Cargo's feature unification gives it in this build.
#![forbid(unsafe_code)]

mod deflate;
mod engine;
mod inflate;

use self::deflate::DeflateState;
use self::engine::{Engine, checks_distances};
use self::inflate::InflateState;
use crate::stream::{StreamCompressor, StreamDecompressor, compressor_on_a_stream, decompressor_on_a_stream};
use crate::{Capabilities, CompressorConfig, ConfigError, DecompressorConfig};

/// Compresses with flate2: with or without context takeover, a window of 15 bits only, levels 0 to 9.
///
/// The engine below is miniz_oxide, unless anything else in the build turns on one of flate2's features `zlib-rs`,
/// `zlib`, `zlib-ng` or `cloudflare_zlib`: [`engine`](crate::Compressor::engine) says which one it came to be. Smaller windows
/// are left out because flate2 offers them with some engines only.
///
/// ```
/// use wscodec_compressors::{Compressor, CompressorConfig, Flate2Compressor};
///
/// let mut compressor = Flate2Compressor::new(CompressorConfig::default())?;
/// assert!(["miniz_oxide", "zlib-rs", "zlib", "zlib-ng"].contains(&compressor.engine()));
/// let mut payload = Vec::new();
/// compressor.compress(b"Hello", &mut payload)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Flate2Compressor {
    stream: StreamCompressor<DeflateState>,
}

impl Flate2Compressor {
    pub(crate) const CAPABILITIES: Capabilities =
        Capabilities::new(true, 15..=15, 0..=9).with_streaming(true);

    /// A compressor for one direction of a connection. It makes its engine when the first message needs it.
    ///
    /// # Errors
    /// [`ConfigError`] for a level above 9, or window bits other than 15.
    pub fn new(config: CompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        Ok(Self { stream: StreamCompressor::new(config) })
    }
}

compressor_on_a_stream!(Flate2Compressor, Self::CAPABILITIES, Engine::running().name());

/// Decompresses with flate2: with or without context takeover, any window.
///
/// On miniz_oxide, a message that has zeros among the first 32 KB of its context is decompressed a second time, to know
/// that they are none that miniz_oxide makes up for a distance that reaches before the first byte. That takes all of the
/// message, so whether this decompressor streams is up to the engine: not on miniz_oxide, on the others it does.
///
/// ```
/// use wscodec_compressors::{Decompressor, DecompressorConfig, Flate2Decompressor};
///
/// let mut decompressor = Flate2Decompressor::new(DecompressorConfig::default())?;
/// let mut message = Vec::new();
/// decompressor.decompress(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 1024, &mut message)?;
/// assert_eq!(message, b"Hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Flate2Decompressor {
    stream: StreamDecompressor<InflateState>,
}

impl Flate2Decompressor {
    /// What it can do on the engine of this build.
    pub(crate) fn can() -> Capabilities {
        Capabilities::new(true, 8..=15, 0..=0).with_streaming(checks_distances())
    }

    /// A decompressor for one direction of a connection.
    ///
    /// # Errors
    /// [`ConfigError`] for window bits outside 8 to 15.
    pub fn new(config: DecompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::can())?;
        Ok(Self { stream: StreamDecompressor::new(config) })
    }
}

decompressor_on_a_stream!(Flate2Decompressor, Self::can(), Engine::running().name());
