use crate::{Capabilities, CompressError, DecompressError};

/// One direction of a connection that compresses: turns messages into permessage-deflate payloads.
///
/// A payload is what RFC 7692 section 7.2.1 puts on the wire: DEFLATE blocks, none of them final, aligned to a byte
/// by an empty stored block whose `00 00 FF FF` is cut off; the one byte `00` for an empty message.
pub trait Compressor: Send {
    /// What this compressor can do.
    fn capabilities(&self) -> Capabilities;

    /// The DEFLATE engine that really runs, read from the engine itself where it can be.
    fn engine(&self) -> &'static str;

    /// Compresses a whole message and appends its payload to `out`.
    ///
    /// # Errors
    /// [`CompressError`]; `out` is then as it was, and with context takeover the connection can't go on compressing.
    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError>;

    /// Forgets the messages so far: the next one refers to none of them.
    fn reset(&mut self);

    /// The bytes of memory that this context holds now.
    fn memory(&self) -> usize;
}

/// One direction of a connection that decompresses: turns permessage-deflate payloads into messages.
pub trait Decompressor: Send {
    /// What this decompressor can do.
    fn capabilities(&self) -> Capabilities;

    /// The DEFLATE engine that really runs, read from the engine itself where it can be.
    fn engine(&self) -> &'static str;

    /// Decompresses the payload of a whole message and appends the message to `out`, at most `limit` bytes.
    ///
    /// # Errors
    /// [`DecompressError`], which knows its close code. `out` then holds what it held before and no more.
    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError>;

    /// Forgets the messages so far.
    fn reset(&mut self);

    /// The bytes of memory that this context holds now.
    fn memory(&self) -> usize;
}
