//! Both directions of a connection as a stack has them.

use wscodec_compressors::{
    Backend, CompressionPolicy, CompressionWish, DecompressorConfig, Encoding, InflateLimits,
    MessageCompressor, MessageDecompressor,
};

use crate::traffic::choice::Choice;

/// A compressor, and a decompressor for what it writes.
pub struct Pair {
    pub compressor: MessageCompressor,
    pub decompressor: MessageDecompressor,
}

impl Pair {
    pub fn new(choice: &Choice) -> Result<Self, String> {
        let backend = choice.backend().ok_or("there is no such backend")?;
        let compressor =
            MessageCompressor::new(backend, choice.compressor()).map_err(|error| error.to_string())?;
        let decompressor = decompressor(backend, choice.decompressor())?;
        // Of every length, for what it costs to be known; what looks random and what comes out longer is sent as it is.
        let compressor = compressor.with_policy(CompressionPolicy::default().threshold(1));
        Ok(Self { compressor, decompressor })
    }
}

/// Of another engine, as the judge of what the choice's compressor wrote.
pub fn judge(choice: &Choice) -> Result<MessageDecompressor, String> {
    let backend = if choice.backend == Backend::ZlibRs.name() { Backend::Flate2 } else { Backend::ZlibRs };
    decompressor(backend, DecompressorConfig::default().takeover(choice.takeover))
}

/// Appends the payload of a message.
pub fn compress(
    layer: &mut MessageCompressor,
    message: &[u8],
    out: &mut Vec<u8>,
) -> Result<Encoding, String> {
    layer.message(message, CompressionWish::Auto, out).map_err(|error| error.to_string())
}

/// Appends the message of a payload.
pub fn inflate(
    layer: &mut MessageDecompressor,
    encoding: Encoding,
    payload: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), String> {
    match encoding {
        Encoding::Deflate => layer.message(payload, out).map_err(|error| error.to_string()),
        _ => Ok(()),
    }
}

fn decompressor(backend: Backend, config: DecompressorConfig) -> Result<MessageDecompressor, String> {
    // The messages are known, and as long and as compressible as they are.
    let limits = InflateLimits::default().message(usize::MAX / 4).wire(usize::MAX / 4).ratio(None);
    MessageDecompressor::new(backend, config, limits).map_err(|error| error.to_string())
}
