//! The driver that engines with a zlib-like streaming interface share: the flush loop and the inflate loop, once.
#![forbid(unsafe_code)]

mod compressor;
#[cfg(any(feature = "flate2", feature = "zlib-rs"))]
mod decompressor;
mod received;

pub(crate) use compressor::StreamCompressor;
#[cfg(any(feature = "flate2", feature = "zlib-rs"))]
pub(crate) use decompressor::StreamDecompressor;
#[cfg(feature = "compact")]
pub(crate) use received::{Received, Rest};

use crate::CompressorConfig;
#[cfg(any(feature = "flate2", feature = "zlib-rs"))]
use crate::payload::push_stored_block;

/// What one call of an engine did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// Bytes of input taken.
    pub(crate) consumed: usize,
    /// Bytes of output written.
    pub(crate) produced: usize,
    #[cfg_attr(
        not(any(feature = "flate2", feature = "zlib-rs")),
        expect(dead_code, reason = "only decompressors are asked")
    )]
    /// Whether a block with BFINAL=1 has ended; such a stream takes nothing more until it is reset.
    pub(crate) ended: bool,
}

/// Whether an engine may keep output back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flush {
    /// As much as it likes, for longer matches and fuller blocks.
    No,
    /// None: all blocks end here, and an empty stored one follows up to a byte's boundary.
    Sync,
}

/// A raw DEFLATE compressor, its history kept from call to call.
pub(crate) trait DeflateEngine: Send {
    /// One without history, for a configuration that was checked.
    fn new(config: CompressorConfig) -> Self;

    /// The bytes that it has allocated, being of this configuration.
    fn memory(&self, config: CompressorConfig) -> usize;

    /// Compresses. The call is complete once all input is taken and room is left in `output`; but one after a call that left
    /// none may only hand out what was ready, and has to be made again for the flush.
    fn deflate(&mut self, input: &[u8], output: &mut [u8], flush: Flush) -> Result<Progress, &'static str>;

    /// Forgets the history.
    fn reset(&mut self);
}

/// A raw DEFLATE decompressor, its history kept from call to call.
#[cfg(any(feature = "flate2", feature = "zlib-rs"))]
pub(crate) trait InflateEngine: Send {
    /// One without history.
    fn new(takeover: bool) -> Self;

    /// The bytes that one allocates.
    fn memory() -> usize;

    /// Whether a distance that reaches before the first byte of all is an error by itself.
    fn checks_distances() -> bool;

    /// Decompresses. Once all input is taken and room is left in `output`, nothing is pending.
    ///
    /// `Err` says what is wrong with the data.
    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str>;

    /// How many bytes it has decompressed since it was made or reset, also in a call that failed behind them.
    fn produced(&self) -> u64;

    /// Feeds the tail, and answers whether the engine took it for an empty stored block and now stands behind it. The
    /// history stays as it is. A block with BFINAL=1 may do as well: then the next message finds the stream ended.
    fn take_tail(&mut self) -> bool;

    /// Puts at most 32 KB behind the history, as if a block had held them. Only between blocks, on a byte's boundary.
    ///
    /// Unless an engine has a way of its own, a stored block does hold them.
    fn append_history(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        let mut block = Vec::with_capacity(bytes.len() + 5);
        push_stored_block(&[bytes], &mut block);
        let mut echo = vec![0; bytes.len() + 1];
        let (mut input, mut produced) = (&block[..], 0);
        while !input.is_empty() {
            let step = self.inflate(input, &mut echo[produced..])?;
            if step.consumed == 0 && step.produced == 0 {
                return Err("does not take its history back");
            }
            (input, produced) = (&input[step.consumed..], produced + step.produced);
        }
        Ok(())
    }

    /// Whether `payload`, inflated on top of `history`, really gives `message`, by a check that the engine's streaming
    /// interface leaves out. Asked only where [`checks_distances`](Self::checks_distances) is false.
    fn verify(history: &[u8], payload: &[u8], message: &[u8]) -> bool;

    /// Forgets the history.
    fn reset(&mut self);
}

/// A backend's compressor, out of a type with a `stream` that does all of it, of what it can do, and of the name of its engine.
macro_rules! compressor_on_a_stream {
    ($type:ty, $capabilities:expr, $engine:expr) => {
        impl $crate::Compressor for $type {
            fn capabilities(&self) -> $crate::Capabilities {
                $capabilities
            }

            fn engine(&self) -> &'static str {
                $engine
            }

            fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), $crate::CompressError> {
                self.stream.compress(message, out)
            }

            fn compress_fragment(
                &mut self,
                fragment: &[u8],
                end: $crate::FragmentEnd,
                out: &mut Vec<u8>,
            ) -> Result<(), $crate::CompressError> {
                self.stream.compress_fragment(fragment, end, out)
            }

            fn reset(&mut self) {
                self.stream.reset();
            }

            fn memory(&self) -> usize {
                size_of::<Self>() + self.stream.memory()
            }
        }
    };
}
pub(crate) use compressor_on_a_stream;

/// A backend's decompressor, likewise.
#[cfg(any(feature = "flate2", feature = "zlib-rs"))]
macro_rules! decompressor_on_a_stream {
    ($type:ty, $capabilities:expr, $engine:expr) => {
        impl $crate::Decompressor for $type {
            fn capabilities(&self) -> $crate::Capabilities {
                $capabilities
            }

            fn engine(&self) -> &'static str {
                $engine
            }

            fn decompress(
                &mut self,
                payload: &[u8],
                limit: usize,
                out: &mut Vec<u8>,
            ) -> Result<(), $crate::DecompressError> {
                self.stream.decompress(payload, limit, out)
            }

            fn decompress_fragment(
                &mut self,
                payload: &[u8],
                last: bool,
                limit: usize,
                out: &mut Vec<u8>,
            ) -> Result<(), $crate::DecompressError> {
                self.stream.decompress_fragment(payload, last, limit, out)
            }

            fn reset(&mut self) {
                self.stream.reset();
            }

            fn shrink(&mut self) {
                self.stream.shrink();
            }

            fn memory(&self) -> usize {
                size_of::<Self>() + self.stream.memory()
            }
        }
    };
}
#[cfg(any(feature = "flate2", feature = "zlib-rs"))]
pub(crate) use decompressor_on_a_stream;
