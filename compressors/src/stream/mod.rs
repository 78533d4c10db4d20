//! The driver that engines with a zlib-like streaming interface share: the flush loop and the inflate loop, once.
#![forbid(unsafe_code)]

mod compressor;
mod decompressor;
mod history;

pub(crate) use compressor::StreamCompressor;
pub(crate) use decompressor::StreamDecompressor;

/// What one call of an engine did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// Bytes of input taken.
    pub(crate) consumed: usize,
    /// Bytes of output written.
    pub(crate) produced: usize,
    /// Whether a block with BFINAL=1 has ended; such a stream takes nothing more until it is reset.
    pub(crate) ended: bool,
}

/// A raw DEFLATE compressor, its history kept from call to call.
pub(crate) trait DeflateEngine: Send {
    /// Compresses with a sync flush. It is complete once all input is taken and room is left in `output`.
    fn deflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str>;

    /// Forgets the history.
    fn reset(&mut self);
}

/// A raw DEFLATE decompressor, its history kept from call to call.
pub(crate) trait InflateEngine: Send {
    /// Whether a distance that reaches before the first byte of all is an error by itself.
    fn checks_distances(&self) -> bool;

    /// Decompresses. Once all input is taken and room is left in `output`, nothing is pending.
    ///
    /// `Err` says what is wrong with the data.
    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str>;

    /// Feeds the tail, and answers whether the engine took it for an empty stored block and now stands behind it. The
    /// history stays as it is. A block with BFINAL=1 may do as well: then the next message finds the stream ended.
    fn take_tail(&mut self) -> bool;

    /// Whether `payload`, inflated on top of `history`, really gives `message`, by a check that the engine's streaming
    /// interface leaves out. Asked only where [`checks_distances`](Self::checks_distances) is false.
    fn verify(&self, history: &[u8], payload: &[u8], message: &[u8]) -> bool;

    /// Forgets the history.
    fn reset(&mut self);
}
