//! Inflating: libdeflate for long payloads, which are worth its copies of the history.

use crate::backend::libdeflate::inflate_after;
use crate::backend::{CompactDecompressor, Past};
use crate::ratio::Ratio;
use crate::{Capabilities, ConfigError, DecompressError, Decompressor, DecompressorConfig};

/// Decompresses with whichever of libdeflate and this crate's own engine is faster for the message.
///
/// | context takeover | message | engine | against the other |
/// |---|---|---|---|
/// | any | in several fragments | compact | the only one that streams |
/// | no | whole, its payload below 320 bytes | compact | in 0.6 to 1 of the time |
/// | no | whole, its payload longer | libdeflate | in 0.7 to 0.9 of the time from 4 KB on |
/// | yes | whole, its payload short | compact | in a tenth of the time at 170 bytes with 32 KB of history |
/// | yes | whole, its payload long | libdeflate | in 0.65 to 0.9 of the time from 8 KB on |
///
/// A payload is long from 320 bytes on, and one more for each 64 bytes of history: libdeflate knows no history and has to be
/// handed it in front of each payload. What it decompresses is appended to compact's history, at the price of a copy, so
/// messages long and short may alternate. The example `engines` measures it.
///
/// The memory is the history. What [`LibdeflateDecompressor`](crate::LibdeflateDecompressor) and
/// [`CompactDecompressor`] say of their own holds here as well: engines and buffers are the thread's.
///
/// Of the codes that RFC 1951 leaves undefined, libdeflate reads some and compact reads none. So a payload that has them, which
/// no compressor writes, may be taken if it is long and found corrupt if it is short or in fragments. A distance beyond the
/// window agreed on is likewise.
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
    /// It keeps the history.
    compact: CompactDecompressor,
    /// libdeflate's.
    ratio: Ratio,
}

impl HybridDecompressor {
    pub(crate) const CAPABILITIES: Capabilities = CompactDecompressor::CAPABILITIES;

    /// A decompressor for one direction of a connection.
    ///
    /// # Errors
    /// [`ConfigError`] for window bits outside 8 to 15.
    pub fn new(config: DecompressorConfig) -> Result<Self, ConfigError> {
        Ok(Self { compact: CompactDecompressor::new(config)?, ratio: Ratio::new() })
    }

    fn is_for_libdeflate(&self, payload: usize) -> bool {
        let history = self.compact.history();
        !self.compact.is_under_way()
            && history.is_some_and(|history| payload >= least_for_libdeflate(history.len()))
    }

    /// Through libdeflate, behind the history that compact keeps.
    fn decompress_by_libdeflate(
        &mut self,
        payload: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        let start = out.len();
        let history = self.compact.history().ok_or(DecompressError::OutOfStep)?;
        let result = inflate_after(history, &mut self.ratio, payload, limit, out);
        match result {
            Ok(()) => self.compact.adopt(&out[start..]),
            Err(_) => self.compact.fail(),
        }
        result
    }
}

impl Decompressor for HybridDecompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    /// Those that whole messages go through. What comes in several fragments is always compact's.
    fn engine(&self) -> &'static str {
        "compact and libdeflate"
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        if self.is_for_libdeflate(payload.len()) {
            return self.decompress_by_libdeflate(payload, limit, out);
        }
        self.compact.decompress(payload, limit, out)
    }

    /// What comes in one piece is decompressed as a whole; the rest is compact's.
    fn decompress_fragment(
        &mut self,
        payload: &[u8],
        last: bool,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        if last && self.is_for_libdeflate(payload.len()) {
            return self.decompress_by_libdeflate(payload, limit, out);
        }
        self.compact.decompress_fragment(payload, last, limit, out)
    }

    fn reset(&mut self) {
        self.compact.reset();
    }

    fn shrink(&mut self) {
        self.compact.shrink();
    }

    fn memory(&self) -> usize {
        // The other's own size is within this one's.
        size_of::<Self>() - size_of_val(&self.compact) + self.compact.memory()
    }
}

/// The shortest payload for which libdeflate is faster, in bytes, though it has to copy so much history first: 800 with all
/// 32 KB of it, 350 with none, measured.
const fn least_for_libdeflate(history: usize) -> usize {
    320 + history / 64
}
