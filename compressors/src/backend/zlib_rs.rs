//! zlib-rs by its own safe interface, `zlib_rs::{Deflate, Inflate}`.
#![forbid(unsafe_code)]

use core::fmt;

use zlib_rs::{Deflate, DeflateError, DeflateFlush, Inflate, InflateError, InflateFlush, Status};

use crate::payload::{TAIL, encoder_window_bits};
use crate::stream::{DeflateEngine, InflateEngine, Progress, StreamCompressor, StreamDecompressor};
use crate::{
    Capabilities, CompressError, Compressor, CompressorConfig, ConfigError, DecompressError, Decompressor,
    DecompressorConfig,
};

/// Compresses with zlib-rs: with or without context takeover, windows of 8 to 15 bits, levels 0 to 9.
///
/// An agreed window of 8 bits is encoded with 9, which never reaches further back than 8 allow.
///
/// ```
/// use wscodec_compressors::{Compressor, CompressorConfig, ZlibRsCompressor};
///
/// let mut compressor = ZlibRsCompressor::new(CompressorConfig::default())?;
/// let mut payload = Vec::new();
/// compressor.compress(b"Hello", &mut payload)?;
/// let first = payload.len();
/// compressor.compress(b"Hello", &mut payload)?;
/// assert!(payload.len() < 2 * first, "the second refers to the first");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ZlibRsCompressor {
    stream: StreamCompressor<DeflateState>,
    /// What the encoder's memory depends on.
    window_bits: u8,
}

impl ZlibRsCompressor {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities::new(true, 8..=15, 0..=9);

    /// A compressor for one direction of a connection. It allocates all that it needs here.
    ///
    /// # Errors
    /// [`ConfigError`] for a level above 9, or window bits outside 8 to 15.
    pub fn new(config: CompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        let window_bits = encoder_window_bits(config.window_bits);
        let inner = Deflate::new(i32::from(config.level), false, window_bits);
        Ok(Self { stream: StreamCompressor::new(DeflateState { inner }, config.takeover), window_bits })
    }
}

impl Compressor for ZlibRsCompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        self.stream.compress(message, out)
    }

    fn reset(&mut self) {
        self.stream.reset();
    }

    fn memory(&self) -> usize {
        size_of::<Self>() + DEFLATE_BASE_MEMORY + (4 << self.window_bits)
    }
}

/// Decompresses with zlib-rs: with or without context takeover, any window.
///
/// ```
/// use wscodec_compressors::{Decompressor, DecompressorConfig, ZlibRsDecompressor};
///
/// let mut decompressor = ZlibRsDecompressor::new(DecompressorConfig::default())?;
/// let mut message = Vec::new();
/// decompressor.decompress(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 1024, &mut message)?;
/// assert_eq!(message, b"Hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ZlibRsDecompressor {
    stream: StreamDecompressor<InflateState>,
}

impl ZlibRsDecompressor {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities::new(true, 8..=15, 0..=0);

    /// A decompressor for one direction of a connection.
    ///
    /// # Errors
    /// [`ConfigError`] for window bits outside 8 to 15.
    pub fn new(config: DecompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        // 15 bits whatever was agreed: the memory is the same, and a reset would restore them anyway.
        let inner = Inflate::new(false, 15);
        Ok(Self { stream: StreamDecompressor::new(InflateState { inner }, config.takeover) })
    }
}

impl Decompressor for ZlibRsDecompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        self.stream.decompress(payload, limit, out)
    }

    fn reset(&mut self) {
        self.stream.reset();
    }

    fn memory(&self) -> usize {
        size_of::<Self>() + INFLATE_MEMORY + self.stream.memory()
    }
}

/// No question of what runs: the crate is called by name.
const ENGINE: &str = "zlib-rs";

/// What `Deflate` allocates beside its window and its chains, in bytes. Measured at 0.6.8, and held to by a test.
const DEFLATE_BASE_MEMORY: usize = 249_600;

/// What `Inflate` allocates, in bytes, its window always one of 32 KB. Measured at 0.6.8, and held to by a test.
const INFLATE_MEMORY: usize = 48_000;

struct DeflateState {
    inner: Deflate,
}

impl DeflateEngine for DeflateState {
    fn deflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str> {
        let before = (self.inner.total_in(), self.inner.total_out());
        self.inner.compress(input, output, DeflateFlush::SyncFlush).map_err(DeflateError::as_str)?;
        Ok(progress(before, (self.inner.total_in(), self.inner.total_out()), false))
    }

    fn reset(&mut self) {
        self.inner.reset();
    }
}

impl fmt::Debug for DeflateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflate").finish_non_exhaustive()
    }
}

struct InflateState {
    inner: Inflate,
}

impl InflateState {
    fn step(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        flush: InflateFlush,
    ) -> Result<Progress, InflateError> {
        let before = (self.inner.total_in(), self.inner.total_out());
        let status = self.inner.decompress(input, output, flush)?;
        let after = (self.inner.total_in(), self.inner.total_out());
        Ok(progress(before, after, status == Status::StreamEnd))
    }
}

impl InflateEngine for InflateState {
    fn checks_distances(&self) -> bool {
        true
    }

    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str> {
        self.step(input, output, InflateFlush::NoFlush)
            .map_err(|error| self.inner.error_message().unwrap_or(error.as_str()))
    }

    /// Told to stop at a block's end, the engine stops right after the tail if and only if the tail ends a block. One
    /// byte more is on offer, which an engine within a block would take.
    fn take_tail(&mut self) -> bool {
        let [a, b, c, d] = TAIL;
        self.step(&[a, b, c, d, 0], &mut [0], InflateFlush::Block)
            .is_ok_and(|step| step.consumed == TAIL.len() && step.produced == 0 && !step.ended)
    }

    fn verify(&self, _history: &[u8], _payload: &[u8], _message: &[u8]) -> bool {
        true
    }

    fn reset(&mut self) {
        self.inner.reset(false);
    }
}

impl fmt::Debug for InflateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflate").finish_non_exhaustive()
    }
}

/// The difference of two pairs of totals, each of which fits a slice.
#[expect(clippy::cast_possible_truncation, reason = "no call moves more than a slice holds")]
fn progress(before: (u64, u64), after: (u64, u64), ended: bool) -> Progress {
    Progress { consumed: (after.0 - before.0) as usize, produced: (after.1 - before.1) as usize, ended }
}
