//! libdeflate: whole messages, each by itself.

mod bits;
mod huffman;
mod nonfinal;
mod sys;

use core::fmt;

use self::sys::{CompressorHandle, DecompressorHandle, Inflated};
use crate::payload::{EMPTY_BLOCK_HEADER, FINAL_TAIL, MAX_WINDOW, push_stored_block};
use crate::{
    Capabilities, CompressError, Compressor, CompressorConfig, ConfigError, DecompressError, Decompressor,
    DecompressorConfig,
};

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
    pub(crate) const CAPABILITIES: Capabilities =
        Capabilities { takeover: false, window_bits: 15..=15, levels: 0..=12 };

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

/// Decompresses with libdeflate: no context takeover, any window.
///
/// ```
/// use wscodec_compressors::{Decompressor, DecompressorConfig, LibdeflateDecompressor};
///
/// let mut decompressor = LibdeflateDecompressor::new(DecompressorConfig::default().takeover(false))?;
/// let mut message = Vec::new();
/// decompressor.decompress(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 1024, &mut message)?;
/// assert_eq!(message, b"Hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LibdeflateDecompressor {
    engine: DecompressorHandle,
    /// The payload with its tail: libdeflate wants them in one piece.
    input: Vec<u8>,
    /// How many times as long as its payload the last message was, rounded up.
    ratio: usize,
}

impl LibdeflateDecompressor {
    pub(crate) const CAPABILITIES: Capabilities =
        Capabilities { takeover: false, window_bits: 8..=15, levels: 0..=0 };

    /// A decompressor of whole messages.
    ///
    /// # Errors
    /// [`ConfigError`] for takeover, or window bits outside 8 to 15.
    pub fn new(config: DecompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        let engine = DecompressorHandle::new().ok_or(OUT_OF_MEMORY)?;
        Ok(Self { engine, input: Vec::new(), ratio: 4 })
    }

    /// Appends the message in `payload` to `out`, stream by stream: each BFINAL=1 but the tail's own ends one.
    fn message(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        let start = out.len();
        let mut rest = payload;
        loop {
            let room = limit - (out.len() - start);
            let consumed = if out.len() == start {
                self.stream(rest, &FINAL_TAIL, limit, room, out)?
            } else {
                self.continued(rest, limit, room, out, start)?
            };
            if consumed >= rest.len() {
                // Either the payload and its last stream ended as one, or the stream that ended is the tail's.
                let whole = consumed == rest.len() || consumed == rest.len() + FINAL_TAIL.len();
                return if whole { Ok(()) } else { Err(TOO_SOON) };
            }
            rest = &rest[consumed..];
            if rest == [EMPTY_BLOCK_HEADER] {
                return Ok(());
            }
        }
    }

    /// Appends one stream, at most `room` bytes; answers how much input it took of `payload` and `tail`.
    fn stream(
        &mut self,
        payload: &[u8],
        tail: &[u8],
        limit: usize,
        room: usize,
        out: &mut Vec<u8>,
    ) -> Result<usize, DecompressError> {
        self.input.clear();
        self.input.extend_from_slice(payload);
        self.input.extend_from_slice(tail);
        let mut guess = payload.len().saturating_mul(self.ratio).saturating_add(64);
        loop {
            let most = guess.max(out.capacity() - out.len()).min(room);
            match self.engine.inflate(&self.input, most, out) {
                Inflated::Whole { consumed } => return Ok(consumed),
                Inflated::Broken => return Err(DecompressError::Corrupt("libdeflate finds invalid data")),
                Inflated::NoRoom if most < room => guess = most.saturating_mul(4),
                Inflated::NoRoom => return Err(DecompressError::TooLong { limit }),
            }
        }
    }

    /// [`stream`](Self::stream) for one that goes on after another: on the window of the message so far.
    fn continued(
        &mut self,
        rest: &[u8],
        limit: usize,
        room: usize,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<usize, DecompressError> {
        let window = &out[out.len() - (out.len() - start).min(MAX_WINDOW)..];
        let mut primed = Vec::with_capacity(window.len() + rest.len() + 5);
        push_stored_block(window, &mut primed);
        let prefix = primed.len();
        primed.extend_from_slice(rest);

        let mut echoed = Vec::new();
        let skip = window.len();
        let consumed = self.stream(&primed, &FINAL_TAIL, limit, room.saturating_add(skip), &mut echoed)?;
        out.extend_from_slice(&echoed[skip..]);
        Ok(consumed - prefix)
    }
}

impl Decompressor for LibdeflateDecompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        let start = out.len();
        let inflated = self.message(payload, limit, out);
        if inflated.is_err() {
            out.truncate(start);
        } else {
            self.ratio = ((out.len() - start) / payload.len().max(1) + 1).min(MAX_RATIO);
        }
        inflated
    }

    /// Does nothing: no message refers to another.
    fn reset(&mut self) {}

    fn memory(&self) -> usize {
        size_of::<Self>() + self.engine.memory() + self.input.capacity()
    }
}

impl fmt::Debug for LibdeflateDecompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LibdeflateDecompressor").field("memory", &self.memory()).finish_non_exhaustive()
    }
}

const ENGINE: &str = "libdeflate";
const OUT_OF_MEMORY: ConfigError = ConfigError::Engine("libdeflate gets no memory");
const TOO_SOON: DecompressError = DecompressError::Corrupt("the payload ends within a block");
const MAX_RATIO: usize = 16;
