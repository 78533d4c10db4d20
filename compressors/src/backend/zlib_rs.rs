//! zlib-rs by its own safe interface, `zlib_rs::{Deflate, Inflate}`.
#![forbid(unsafe_code)]

use core::fmt;

use zlib_rs::{
    Deflate, DeflateConfig, DeflateError, DeflateFlush, Inflate, InflateError, InflateFlush, Status,
};

use crate::payload::{TAIL, encoder_window_bits};
use crate::stream::{
    DeflateEngine, Flush, InflateEngine, Progress, StreamCompressor, StreamDecompressor,
    compressor_on_a_stream, decompressor_on_a_stream,
};
use crate::{Capabilities, CompressorConfig, ConfigError, DecompressorConfig};

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
}

impl ZlibRsCompressor {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities::new(true, 8..=15, 0..=9).with_streaming(true);

    /// A compressor for one direction of a connection. It makes its engine when the first message needs it.
    ///
    /// # Errors
    /// [`ConfigError`] for a level above 9, or window bits outside 8 to 15.
    pub fn new(config: CompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        Ok(Self { stream: StreamCompressor::new(config) })
    }
}

compressor_on_a_stream!(ZlibRsCompressor, Self::CAPABILITIES, ENGINE);

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
    pub(crate) const CAPABILITIES: Capabilities = Capabilities::new(true, 8..=15, 0..=0).with_streaming(true);

    /// A decompressor for one direction of a connection.
    ///
    /// # Errors
    /// [`ConfigError`] for window bits outside 8 to 15.
    pub fn new(config: DecompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        Ok(Self { stream: StreamDecompressor::new(config) })
    }
}

decompressor_on_a_stream!(ZlibRsDecompressor, Self::CAPABILITIES, ENGINE);

/// No question of what runs: the crate is called by name.
const ENGINE: &str = "zlib-rs";

/// What zlib-rs says of an error that its fast loop came to: within the same call its slow loop finds the state bad, takes that
/// for a call too many, and writes this over the reason.
const REASON_LOST: &str = "repeated call with bad state";

/// What there is to say then.
const NO_REASON: &str = "zlib-rs finds invalid DEFLATE data";

/// What `Inflate` allocates, in bytes, its window always one of 32 KB. Measured at 0.6.8, and held to by a test.
const INFLATE_MEMORY: usize = 48_000;

struct DeflateState {
    inner: Deflate,
}

impl DeflateEngine for DeflateState {
    fn new(config: CompressorConfig) -> Self {
        let window_bits = encoder_window_bits(config.window_bits);
        let inner = Deflate::new_with_config(DeflateConfig {
            window_bits: -i32::from(window_bits),
            mem_level: mem_level(window_bits),
            ..DeflateConfig::new(config.level.into())
        });
        Self { inner }
    }

    /// Its window twice and its chains, the symbols of a block, and what is always there: a table of 128 KB and the state.
    /// Measured at 0.6.8, and held to by a test.
    fn memory(&self, config: CompressorConfig) -> usize {
        let window_bits = encoder_window_bits(config.window_bits);
        134_912 + (4 << window_bits) + (7 << (mem_level(window_bits) + 6))
    }

    fn deflate(&mut self, input: &[u8], output: &mut [u8], flush: Flush) -> Result<Progress, &'static str> {
        let flush = match flush {
            Flush::No => DeflateFlush::NoFlush,
            Flush::Sync => DeflateFlush::SyncFlush,
        };
        let before = (self.inner.total_in(), self.inner.total_out());
        self.inner.compress(input, output, flush).map_err(DeflateError::as_str)?;
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
    /// 15 bits whatever was agreed: the memory is the same, and a reset would restore them anyway.
    fn new(_takeover: bool) -> Self {
        Self { inner: Inflate::new(false, 15) }
    }

    fn memory() -> usize {
        INFLATE_MEMORY
    }

    fn checks_distances() -> bool {
        true
    }

    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str> {
        self.step(input, output, InflateFlush::NoFlush)
            .map_err(|_| self.inner.error_message().filter(|said| *said != REASON_LOST).unwrap_or(NO_REASON))
    }

    fn produced(&self) -> u64 {
        self.inner.total_out()
    }

    /// Told to stop at a block's end, the engine stops right after the tail if and only if the tail ends a block. One
    /// byte more is on offer, which an engine within a block would take.
    fn take_tail(&mut self) -> bool {
        let [a, b, c, d] = TAIL;
        self.step(&[a, b, c, d, 0], &mut [0], InflateFlush::Block)
            .is_ok_and(|step| step.consumed == TAIL.len() && step.produced == 0 && !step.ended)
    }

    /// A raw stream takes a dictionary at any time, and puts it behind its window for the price of a copy.
    fn append_history(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        self.inner.set_dictionary(bytes).map(|_| ()).map_err(InflateError::as_str)
    }

    fn verify(_history: &[u8], _payload: &[u8], _message: &[u8]) -> bool {
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

/// zlib's memLevel: how many symbols a block has at most, 64 for 0 and twice as many for each level. Of a small window few
/// messages have many, and there its default of 8 would be most of the memory.
const fn mem_level(window_bits: u8) -> i32 {
    match window_bits {
        15 => 8,
        14 => 7,
        13 => 6,
        _ => 5,
    }
}

/// The difference of two pairs of totals, each of which fits a slice.
#[expect(clippy::cast_possible_truncation, reason = "no call moves more than a slice holds")]
fn progress(before: (u64, u64), after: (u64, u64), ended: bool) -> Progress {
    Progress { consumed: (after.0 - before.0) as usize, produced: (after.1 - before.1) as usize, ended }
}
