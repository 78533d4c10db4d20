use crate::payload::{TAIL, reason};
use crate::{Capabilities, CompressError, DecompressError};

/// One direction of a connection that compresses: turns messages into permessage-deflate payloads.
///
/// A payload is what RFC 7692 section 7.2.1 puts on the wire: DEFLATE blocks, none of them final, aligned to a byte
/// by an empty stored block whose `00 00 FF FF` is cut off; the one byte `00` for an empty message. What is handed in
/// has to be sent: with context takeover, a payload that is dropped leaves the peer behind.
///
/// Without context takeover one compressor serves any number of connections in turn: no message refers to another.
///
/// ```
/// use wscodec_compressors::{Backend, Compressor, CompressorConfig};
///
/// fn payload(compressor: &mut dyn Compressor, message: &[u8]) -> Vec<u8> {
///     let mut payload = Vec::new();
///     compressor.compress(message, &mut payload).expect("a working engine");
///     payload
/// }
///
/// for backend in Backend::available() {
///     let mut compressor = backend.compressor(CompressorConfig::default().takeover(false))?;
///     assert!(payload(&mut *compressor, &[b'a'; 1000]).len() < 100);
///     assert_eq!(payload(&mut *compressor, b""), [0x00]);
/// }
/// # Ok::<(), wscodec_compressors::ConfigError>(())
/// ```
pub trait Compressor: Send {
    /// What this compressor can do.
    fn capabilities(&self) -> Capabilities;

    /// The DEFLATE engine that really runs, read from the engine itself where it can be.
    fn engine(&self) -> &'static str;

    /// Compresses a whole message and appends its payload to `out`.
    ///
    /// # Errors
    /// [`CompressError`]; `out` is then as it was. With context takeover the connection can't go on compressing, and
    /// every later call gives [`CompressError::OutOfStep`] until [`reset`](Self::reset).
    ///
    /// Between the fragments of another message, [`CompressError::Engine`] from a backend that streams; the message under way
    /// goes on as if nobody had asked.
    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError>;

    /// Compresses the next fragment of a message and appends what it comes to; the message ends with the call that is
    /// given [`FragmentEnd::Message`]. What all its calls append, one after the other, is the message's payload, and can be cut
    /// into frames anywhere.
    ///
    /// A fragment may be empty. One of a backend that streams may come to nothing, unless it ends the message: that is one byte
    /// at least. Without context takeover, nothing of an earlier message is referred to, but fragments of the same one are.
    ///
    /// Unless a backend does better, each fragment is compressed by itself, as a message that ends there.
    ///
    /// ```
    /// use wscodec_compressors::{Backend, Compressor, CompressorConfig, DecompressorConfig, FragmentEnd};
    ///
    /// for backend in Backend::available() {
    ///     let mut compressor = backend.compressor(CompressorConfig::default().takeover(false))?;
    ///     let mut payload = Vec::new();
    ///     compressor.compress_fragment(b"Hel", FragmentEnd::Frame, &mut payload)?;
    ///     compressor.compress_fragment(b"lo", FragmentEnd::Message, &mut payload)?;
    ///
    ///     let mut decompressor = backend.decompressor(DecompressorConfig::default().takeover(false))?;
    ///     let mut message = Vec::new();
    ///     decompressor.decompress(&payload, 5, &mut message)?;
    ///     assert_eq!(message, b"Hello");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`compress`](Self::compress); the message under way is then given up, whose fragments so far may be on the wire:
    /// close the connection.
    fn compress_fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        self.compress(fragment, out)?;
        if end != FragmentEnd::Message {
            out.extend_from_slice(&TAIL);
        }
        Ok(())
    }

    /// The bytes that the payload of a message of `message` bytes has at most, whatever the message, if it is compressed as a
    /// whole. Each [`FragmentEnd::Frame`] adds some to it.
    ///
    /// Unless a backend knows better, an eighth more than the message and 64 bytes: what fixed Huffman codes come to at
    /// their worst.
    ///
    /// ```
    /// use wscodec_compressors::{Backend, Compressor, CompressorConfig};
    ///
    /// for backend in Backend::available() {
    ///     let mut compressor = backend.compressor(CompressorConfig::default().takeover(false))?;
    ///     let message: Vec<u8> = (0..=255).collect();
    ///     let mut payload = Vec::with_capacity(compressor.bound(message.len()));
    ///     compressor.compress(&message, &mut payload)?;
    ///     assert!(payload.len() <= compressor.bound(message.len()));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn bound(&self, message: usize) -> usize {
        fixed_codes_bound(message)
    }

    /// Forgets the messages so far: the next one refers to none of them. A sender may do so between any two messages, the peer
    /// need not know. A message under way is given up, which is for another connection only.
    fn reset(&mut self);

    /// The bytes of memory that this context holds now, itself and its engine included: never 0.
    fn memory(&self) -> usize;
}

/// One direction of a connection that decompresses: turns permessage-deflate payloads into messages.
///
/// A payload has to be whole DEFLATE blocks once the `00 00 FF FF` of RFC 7692 section 7.2.2 is put behind it. Blocks
/// with BFINAL=1 are taken anywhere and any number of times a sender has a reason for (4, and 1 for each KiB of the
/// payload so far, up to 128), and the window goes on through them (section 7.2.3.4). A payload of no bytes at all is
/// refused.
///
/// Without context takeover one decompressor serves any number of connections in turn: nothing of a message is left.
///
/// ```
/// use wscodec_compressors::{Backend, DecompressError, DecompressorConfig};
///
/// for backend in Backend::available() {
///     let mut decompressor = backend.decompressor(DecompressorConfig::default().takeover(false))?;
///     let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
///     let mut message = Vec::new();
///     assert_eq!(decompressor.decompress(&hello, 5, &mut message), Ok(()));
///     assert_eq!(message, b"Hello");
///
///     let error = decompressor.decompress(&hello, 4, &mut message).unwrap_err();
///     assert_eq!((error, error.close_code()), (DecompressError::TooLong { limit: 4 }, 1009));
///     assert!(decompressor.decompress(&hello[..3], 5, &mut message).is_err());
///     assert_eq!(message, b"Hello");
/// }
/// # Ok::<(), wscodec_compressors::ConfigError>(())
/// ```
pub trait Decompressor: Send {
    /// What this decompressor can do.
    fn capabilities(&self) -> Capabilities;

    /// The DEFLATE engine that really runs, read from the engine itself where it can be.
    fn engine(&self) -> &'static str;

    /// Decompresses the payload of a whole message and appends the message to `out`, at most `limit` bytes.
    ///
    /// The memory taken follows the payload's length and the bytes that come out of it, a few times as many at most.
    ///
    /// # Errors
    /// [`DecompressError`], which knows its close code. `out` then holds what it held before and no more. With context
    /// takeover every later call gives [`DecompressError::OutOfStep`] until [`reset`](Self::reset); without, the next
    /// message starts afresh.
    ///
    /// Between the fragments of another message, [`DecompressError::Engine`] from a backend that streams; the message under
    /// way goes on as if nobody had asked.
    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError>;

    /// Decompresses the payload of the next frame of a message and appends what can be had of the message now, at most
    /// `limit` bytes in this call. The message ends with the call that has `last`.
    ///
    /// A sender may cut a payload anywhere, so a frame may be empty, a call may give nothing, and a later one more than its own
    /// frame holds. What ends in the `00 00 FF FF` of a flush comes out to the last byte. `out` may be emptied between calls.
    /// Only for backends whose [`Capabilities::streaming`] says so; a `MessageDecompressor` gathers the frames for the others.
    ///
    /// ```
    /// use wscodec_compressors::{Backend, DecompressorConfig};
    ///
    /// for backend in Backend::available().filter(|backend| backend.decompressor_capabilities().streaming) {
    ///     let mut decompressor = backend.decompressor(DecompressorConfig::default())?;
    ///     let (first, last) = ([0xf2, 0x48, 0xcd], [0xc9, 0xc9, 0x07, 0x00]);
    ///     let mut out = Vec::new();
    ///     decompressor.decompress_fragment(&first, false, 1024, &mut out)?;
    ///     decompressor.decompress_fragment(&last, true, 1024 - out.len(), &mut out)?;
    ///     assert_eq!(out, b"Hello");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`decompress`](Self::decompress): `out` then holds what it held before this call, and the message is given up.
    /// [`DecompressError::Engine`] from a backend that only knows whole messages.
    fn decompress_fragment(
        &mut self,
        payload: &[u8],
        last: bool,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        let _ = (payload, last, limit, out);
        Err(DecompressError::Engine(reason::WHOLE_ONLY))
    }

    /// Forgets the messages so far, and one that is under way, for another connection.
    fn reset(&mut self);

    /// Gives back what memory it can while the connection is idle, between two messages; nothing within one. It stays in step:
    /// the next call costs the time to set up what was given back. Does nothing unless a backend does better.
    ///
    /// What is left with context takeover is the history, as much of it as the window holds that was agreed on. A message that
    /// reaches further back is then found corrupt.
    ///
    /// ```
    /// use wscodec_compressors::{Backend, DecompressorConfig};
    ///
    /// for backend in Backend::available().filter(|backend| backend.decompressor_capabilities().takeover) {
    ///     let mut decompressor = backend.decompressor(DecompressorConfig::default())?;
    ///     let mut out = Vec::new();
    ///     decompressor.decompress(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 1024, &mut out)?;
    ///     decompressor.shrink();
    ///     // The same again, by reference.
    ///     decompressor.decompress(&[0xf2, 0x00, 0x11, 0x00, 0x00], 1024, &mut out)?;
    ///     assert_eq!(out, b"HelloHello");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn shrink(&mut self) {}

    /// The bytes of memory that this context holds now, itself and its engine included: never 0.
    fn memory(&self) -> usize;
}

/// What comes after a fragment that is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FragmentEnd {
    /// More of the same frame: a backend may hold output back, and so find longer matches and fill its blocks.
    Open,
    /// The end of a frame: the peer can decompress all of the message so far.
    Frame,
    /// The end of the message.
    Message,
}

impl<C: Compressor + ?Sized> Compressor for Box<C> {
    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    fn engine(&self) -> &'static str {
        (**self).engine()
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        (**self).compress(message, out)
    }

    fn compress_fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        (**self).compress_fragment(fragment, end, out)
    }

    fn bound(&self, message: usize) -> usize {
        (**self).bound(message)
    }

    fn reset(&mut self) {
        (**self).reset();
    }

    fn memory(&self) -> usize {
        (**self).memory()
    }
}

impl<D: Decompressor + ?Sized> Decompressor for Box<D> {
    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    fn engine(&self) -> &'static str {
        (**self).engine()
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        (**self).decompress(payload, limit, out)
    }

    fn decompress_fragment(
        &mut self,
        payload: &[u8],
        last: bool,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        (**self).decompress_fragment(payload, last, limit, out)
    }

    fn reset(&mut self) {
        (**self).reset();
    }

    fn shrink(&mut self) {
        (**self).shrink();
    }

    fn memory(&self) -> usize {
        (**self).memory()
    }
}

/// An upper bound for a payload: no engine writes more than nine bits for a byte, which is the longest of the fixed
/// Huffman codes, and the headers of its blocks. The engines' own bounds leave the flush out, and level 1 of zlib-rs and
/// zlib-ng comes close to this one.
pub(crate) const fn fixed_codes_bound(message: usize) -> usize {
    message.saturating_add(message / 8).saturating_add(64)
}
