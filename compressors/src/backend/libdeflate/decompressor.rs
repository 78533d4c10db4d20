use core::fmt;

use super::sys::{DecompressorHandle, Inflated};
use super::{ENGINE, OUT_OF_MEMORY};
use crate::payload::{EMPTY_BLOCK_HEADER, MAX_WINDOW, most_final_blocks, push_stored_block, reason};
use crate::ratio::Ratio;
use crate::{Capabilities, ConfigError, DecompressError, Decompressor, DecompressorConfig};

/// Decompresses with libdeflate: no context takeover, any window.
///
/// It reads some codes that RFC 1951 leaves undefined, where the other backends find the payload corrupt: the symbols
/// 286, 287, 30 and 31, and the other bit of a code of one codeword. No compressor writes them.
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
    ratio: Ratio,
}

impl LibdeflateDecompressor {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities::new(false, 8..=15, 0..=0);

    /// A decompressor of whole messages.
    ///
    /// # Errors
    /// [`ConfigError`] for takeover, or window bits outside 8 to 15.
    pub fn new(config: DecompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        let engine = DecompressorHandle::new().ok_or(OUT_OF_MEMORY)?;
        Ok(Self { engine, input: Vec::new(), ratio: Ratio::new() })
    }

    /// Appends the message in `payload` to `out`. Each block with BFINAL=1 ends a stream as libdeflate knows it, and the
    /// next one goes on with its window.
    fn message(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        if payload.is_empty() {
            return Err(reason::EMPTY);
        }
        let start = out.len();
        let mut rest = payload;
        for _ in 0..=most_final_blocks(payload.len()) {
            let window = (out.len() - start).min(MAX_WINDOW);
            let room = limit - (out.len() - start);
            let streamed = if window == 0 {
                self.stream(rest, room, out)
            } else {
                self.next_stream(rest, room, window, out)
            };
            match streamed? {
                Stream::WithTail => return Ok(()),
                Stream::Within { consumed } => rest = &rest[consumed..],
                Stream::TooLong => return Err(DecompressError::TooLong { limit }),
            }
            if rest.is_empty() || rest == [EMPTY_BLOCK_HEADER] {
                return Ok(());
            }
        }
        Err(reason::TOO_MANY_FINAL)
    }

    /// Appends the first stream of `payload`, at most `room` bytes, to `out`.
    fn stream(&mut self, payload: &[u8], room: usize, out: &mut Vec<u8>) -> Result<Stream, DecompressError> {
        let start = out.len();
        self.join(payload, &MARKED_TAIL);
        let mut guess = self.ratio.room(payload.len());
        loop {
            // The mark is written as well before it is cut off, and is none of the message.
            let most = guess.max((out.capacity() - start).saturating_sub(MARK.len())).min(room);
            match self.engine.inflate(&self.input, most.saturating_add(MARK.len()), out) {
                Inflated::Whole { consumed } if consumed > payload.len() => {
                    let message = out[start..].strip_suffix(&MARK).ok_or(reason::TOO_SOON)?.len();
                    out.truncate(start + message);
                    return self
                        .confirm(payload, &out[start..])
                        .then_some(Stream::WithTail)
                        .ok_or(reason::TOO_SOON);
                }
                Inflated::Whole { .. } if out.len() - start > room => return Ok(Stream::TooLong),
                Inflated::Whole { consumed } => return Ok(Stream::Within { consumed }),
                Inflated::Broken => {
                    return Err(DecompressError::Corrupt("libdeflate finds invalid DEFLATE data"));
                }
                Inflated::NoRoom if most < room => guess = most.saturating_mul(4),
                Inflated::NoRoom => return Ok(Stream::TooLong),
            }
        }
    }

    /// [`stream`](Self::stream) for one that may refer to the last `window` bytes of `out`: it gets them as a stored
    /// block of its own.
    fn next_stream(
        &mut self,
        payload: &[u8],
        room: usize,
        window: usize,
        out: &mut Vec<u8>,
    ) -> Result<Stream, DecompressError> {
        let mut input = Vec::with_capacity(window + payload.len() + 5);
        push_stored_block(&out[out.len() - window..], &mut input);
        let block = input.len();
        input.extend_from_slice(payload);

        let mut echoed = Vec::new();
        let stream = self.stream(&input, room.saturating_add(window), &mut echoed)?;
        out.extend_from_slice(echoed.get(window..).unwrap_or_default());
        Ok(match stream {
            Stream::Within { consumed } => Stream::Within { consumed: consumed - block },
            other => other,
        })
    }

    /// Whether the marked tail was not taken for the last bytes of a stored block that is cut off, which then seem to
    /// belong to the message. Only a message with such an end is decompressed once more, with a tail that differs.
    fn confirm(&mut self, payload: &[u8], message: &[u8]) -> bool {
        if !message.ends_with(&MARK_LENGTH) {
            return true;
        }
        const OTHER_TAIL: [u8; 10] = [0x01, 0x00, 0xfe, 0xff, 0x5a, 0x01, 0x00, 0x00, 0xff, 0xff];
        self.join(payload, &OTHER_TAIL);
        let mut other = Vec::new();
        match self.engine.inflate(&self.input, message.len() + 1, &mut other) {
            Inflated::Whole { .. } => other.strip_suffix(&[0x5a]) == Some(message),
            Inflated::Broken | Inflated::NoRoom => false,
        }
    }

    fn join(&mut self, payload: &[u8], tail: &[u8]) {
        self.input.clear();
        self.input.extend_from_slice(payload);
        self.input.extend_from_slice(tail);
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
        if inflated.is_ok() {
            self.ratio.learn(payload.len(), out.len() - start);
        } else {
            out.truncate(start);
        }
        if self.input.capacity() > MAX_KEPT {
            self.input = Vec::new();
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

/// How a stream ended.
enum Stream {
    /// By the tail behind the payload: the message is complete.
    WithTail,
    /// By a block of the payload with BFINAL=1, after this many bytes of it.
    Within { consumed: usize },
    /// Not before the limit.
    TooLong,
}

/// What stands behind a payload instead of the tail: its empty stored block becomes one that holds [`MARK`], and a final
/// block follows. libdeflate takes the payload and all this as one and tells how much it took, not what for. A payload
/// that ends within a block takes some of it for codes, and may well come to an end with it, but not with this content.
const MARKED_TAIL: [u8; 17] = {
    let [a, b, c, d, e, f, g, h] = MARK;
    [
        MARK_LENGTH[0],
        MARK_LENGTH[1],
        MARK_LENGTH[2],
        MARK_LENGTH[3],
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        0x01,
        0x00,
        0x00,
        0xff,
        0xff,
    ]
};

/// LEN and NLEN of [`MARK`].
const MARK_LENGTH: [u8; 4] = [0x08, 0x00, 0xf7, 0xff];

/// Eight bytes that nothing else would give; as a block's header, the first is an error (BTYPE=11).
const MARK: [u8; 8] = [0xff, 0x6b, 0x1d, 0x92, 0xe4, 0x3f, 0xa8, 0x57];

/// The longest payload, in bytes, whose copy is kept as room for the next one.
const MAX_KEPT: usize = 64 * 1024;
