use super::ENGINE;
use super::inflation::inflate_after;
use crate::backend::History;
use crate::ratio::Ratio;
use crate::{Capabilities, ConfigError, DecompressError, Decompressor, DecompressorConfig};

/// Decompresses with libdeflate: whole messages, with or without context takeover, any window.
///
/// It reads some codes that RFC 1951 leaves undefined, where the other backends find the payload corrupt: the symbols
/// 286, 287, 30 and 31, and the other bit of a code of one codeword. No compressor writes them.
///
/// libdeflate knows no history, so with takeover it is handed in front of each payload, which costs as much as two copies of
/// it: too much for short messages of a long history. The history is all the memory that one of these takes. The engine and
/// its buffers, 12 KB and up to 1 MiB, are the thread's and serve all of its connections, until it ends or
/// [`release_shared`](crate::release_shared) is called.
///
/// ```
/// use wscodec_compressors::{Decompressor, DecompressorConfig, LibdeflateDecompressor};
///
/// let mut decompressor = LibdeflateDecompressor::new(DecompressorConfig::default())?;
/// let mut message = Vec::new();
/// decompressor.decompress(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 1024, &mut message)?;
/// decompressor.decompress(&[0xf2, 0x00, 0x11, 0x00, 0x00], 1024, &mut message)?;
/// assert_eq!(message, b"HelloHello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LibdeflateDecompressor {
    takeover: bool,
    /// What the messages so far ended in; stays empty without takeover.
    history: History,
    out_of_step: bool,
    ratio: Ratio,
}

impl LibdeflateDecompressor {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities::new(true, 8..=15, 0..=0);

    /// A decompressor of whole messages.
    ///
    /// # Errors
    /// [`ConfigError`] for window bits outside 8 to 15.
    pub fn new(config: DecompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        Ok(Self {
            takeover: config.takeover,
            history: History::new(config.window_bits),
            out_of_step: false,
            ratio: Ratio::new(),
        })
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
        if self.out_of_step {
            return Err(DecompressError::OutOfStep);
        }
        let start = out.len();
        let result = inflate_after(&self.history, &mut self.ratio, payload, limit, out);
        if result.is_err() {
            self.history.clear();
            self.out_of_step = self.takeover;
        } else if self.takeover {
            self.history.push(&out[start..]);
        }
        result
    }

    fn reset(&mut self) {
        self.history.clear();
        self.out_of_step = false;
    }

    fn shrink(&mut self) {
        self.history.shrink();
    }

    fn memory(&self) -> usize {
        size_of::<Self>() + self.history.memory()
    }
}
