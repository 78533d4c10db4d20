//! Inflating small messages.
#![forbid(unsafe_code)]

mod bits;
mod codes;
mod dynamic;
mod inflation;
mod lengths;
mod ring;
mod sink;
mod table;
#[cfg(test)]
mod tests;

pub(in super::super) use self::dynamic::release_scratch;

use self::inflation::{Inflation, Stop};
use self::ring::Ring;
use self::sink::{Direct, NoRoom, Sink};
#[cfg(feature = "hybrid")]
use crate::backend::Past;
use crate::payload::{TAIL, reason};
use crate::ratio::Ratio;
use crate::stream::{Received, Rest};
use crate::{Capabilities, ConfigError, DecompressError, Decompressor, DecompressorConfig};

/// Decompresses with an inflater of this crate's own, written for small messages: with or without context takeover, any
/// window, whole messages and fragments.
///
/// A message has little to set up: one of some hundred bytes takes 0.45 to 0.9 of the time that zlib-rs takes. The history is
/// all the memory that a connection has between two messages: room for what was received, at most 512 bytes more than the
/// window agreed on. The tables of dynamic blocks, 8 KB, are the thread's, until it ends or
/// [`release_shared`](crate::release_shared) is called; only a message that has begun and not ended may have them for itself.
///
/// A distance beyond the agreed window is [`Corrupt`](DecompressError::Corrupt), within a message as well.
///
/// ```
/// use wscodec_compressors::{CompactDecompressor, Decompressor, DecompressorConfig};
///
/// let mut decompressor = CompactDecompressor::new(DecompressorConfig::default())?;
/// let mut message = Vec::new();
/// decompressor.decompress(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 1024, &mut message)?;
/// decompressor.decompress(&[0xf2, 0x00, 0x11, 0x00, 0x00], 1024, &mut message)?;
/// assert_eq!(message, b"HelloHello");
/// assert!(decompressor.memory() < 1024);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CompactDecompressor {
    takeover: bool,
    out_of_step: bool,
    /// What the messages so far ended in, and what there is of one that is under way. Without takeover it is empty between
    /// messages, and those in one piece go past it.
    ring: Ring,
    ratio: Ratio,
    message: Message,
}

/// A message and what has to be known of its payload from fragment to fragment.
#[derive(Debug, Default)]
struct Message {
    /// Whether a fragment has come and not the last.
    is_under_way: bool,
    inflation: Inflation,
    received: Received,
}

impl CompactDecompressor {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities::new(true, 8..=15, 0..=0).with_streaming(true);

    /// A decompressor for one direction of a connection.
    ///
    /// # Errors
    /// [`ConfigError`] for window bits outside 8 to 15.
    pub fn new(config: DecompressorConfig) -> Result<Self, ConfigError> {
        config.check(&Self::CAPABILITIES)?;
        Ok(Self {
            takeover: config.takeover,
            out_of_step: false,
            ring: Ring::new(config.window_bits),
            ratio: Ratio::new(),
            message: Message::default(),
        })
    }

    fn fragment(
        &mut self,
        payload: &[u8],
        last: bool,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        if self.out_of_step {
            return Err(DecompressError::OutOfStep);
        }
        let message = &mut self.message;
        if self.takeover || !last || message.is_under_way {
            let mut sink = self.ring.sink(out, limit);
            message.take(payload, &mut sink)?;
            sink.finish();
        } else {
            let mut sink = Direct::new(out, self.ratio.room(payload.len()), limit, self.ring.window());
            message.take(payload, &mut sink)?;
            sink.finish();
        }
        message.is_under_way = !last;
        if last {
            message.finish()?;
            message.clear();
            if !self.takeover {
                self.ring.clear();
            }
        }
        Ok(())
    }
}

/// For a backend that decompresses some of the messages itself.
#[cfg(feature = "hybrid")]
impl CompactDecompressor {
    /// What the messages so far ended in, unless a message failed.
    pub(in crate::backend) fn history(&self) -> Option<&impl Past> {
        (!self.out_of_step).then_some(&self.ring)
    }

    /// Whether a message has begun and not ended.
    pub(in crate::backend) const fn is_under_way(&self) -> bool {
        self.message.is_under_way
    }

    /// Takes note of a message that was decompressed elsewhere; none is under way.
    pub(in crate::backend) fn adopt(&mut self, message: &[u8]) {
        if self.takeover {
            self.ring.push(message);
        }
    }
}

impl CompactDecompressor {
    /// Takes note of a message that failed, here or elsewhere.
    pub(in crate::backend) fn fail(&mut self) {
        self.message.clear();
        self.ring.clear();
        self.out_of_step = self.takeover;
    }
}

impl Message {
    /// Goes through the next frame of the payload.
    fn take(&mut self, payload: &[u8], sink: &mut impl Sink) -> Result<(), DecompressError> {
        self.received.frame(payload.len());
        let mut bits = self.inflation.bits(payload);
        loop {
            match self.received.rest(bits.bytes_left(), bits.next_byte())? {
                Rest::Continues => {}
                Rest::Ends => {
                    bits.take(8);
                    break;
                }
                Rest::Restarts { begun: true } => self.inflation.expect_stored_length(),
                Rest::Restarts { begun: false } => {}
            }
            match self.inflation.run(&mut bits, sink)? {
                Stop::Input => break,
                Stop::Block => {}
                Stop::FinalBlock => {
                    bits.align();
                    self.received.final_block(bits.bytes_left());
                }
            }
        }
        self.inflation.keep(&bits);
        Ok(())
    }

    /// Makes sure that the payload was whole blocks, once the tail is put back.
    fn finish(&mut self) -> Result<(), DecompressError> {
        if self.received.ends_final()? || self.inflation.waits_for_tail() {
            return Ok(());
        }
        // A block that the payload leaves open may end in the tail, as long as nothing comes of it.
        let mut tail = self.inflation.bits(&TAIL);
        match self.inflation.run(&mut tail, &mut NoRoom { at: 0 }) {
            Ok(Stop::Block | Stop::FinalBlock) if tail.is_empty() => Ok(()),
            _ => Err(reason::TOO_SOON),
        }
    }

    /// For the next one.
    fn clear(&mut self) {
        self.is_under_way = false;
        self.inflation.clear();
        self.received = Received::default();
    }
}

impl Decompressor for CompactDecompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        if self.message.is_under_way {
            return Err(DecompressError::Engine(reason::UNDER_WAY));
        }
        self.decompress_fragment(payload, true, limit, out)
    }

    fn decompress_fragment(
        &mut self,
        payload: &[u8],
        last: bool,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        let start = out.len();
        let result = self.fragment(payload, last, limit, out);
        if result.is_err() {
            out.truncate(start);
            self.fail();
            return result;
        }
        self.ratio.learn(payload.len(), out.len() - start);
        Ok(())
    }

    fn reset(&mut self) {
        self.message.clear();
        self.ring.clear();
        self.out_of_step = false;
    }

    fn shrink(&mut self) {
        if !self.message.is_under_way {
            self.ring.shrink();
        }
    }

    fn memory(&self) -> usize {
        size_of::<Self>() + self.message.inflation.memory() + self.ring.memory()
    }
}

const ENGINE: &str = "compact";
