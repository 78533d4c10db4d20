//! Compressed frames (RFC 7692 section 6.1).

use wscodec_compressors::{CompressError, CompressionWish, Encoding, FragmentEnd, MessageCompressor};
use wscodec_kernel::{FrameHeader, MAX_HEADER_LENGTH, Opcode, Rsv, mask};

use super::Encoder;
use crate::{DataKind, Error, MisuseError};

impl Encoder {
    /// Whether the compressor is to see this message, or one that begins with this fragment. If not, it is sent as it is, without a copy
    /// in between.
    #[inline]
    pub(crate) fn compresses(&self, message: &[u8], wish: CompressionWish) -> bool {
        self.compressor.as_ref().is_some_and(|compressor| compressor.compresses(message, wish))
    }

    /// Appends a message that the compressor is to see, which may say in the end that it is better sent as it is.
    pub(super) fn compressed_message(
        &mut self,
        kind: DataKind,
        message: &[u8],
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.frame_of(true, kind.opcode(), out, |compressor, out| compressor.compress(message, wish, out))
    }

    /// Appends a fragment of a message whose first one the compressor was to see.
    pub(super) fn compressed_fragment(
        &mut self,
        opcode: Opcode,
        fragment: &[u8],
        last: bool,
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let end = if last { FragmentEnd::Message } else { FragmentEnd::Frame };
        self.frame_of(last, opcode, out, |compressor, out| compressor.fragment(fragment, end, wish, out))
    }

    /// To be called when the peer's history ends with a message that this compressor has not seen.
    #[inline]
    pub(super) fn forget_history(&mut self) {
        self.compressor.iter_mut().for_each(MessageCompressor::forget);
    }

    /// Appends a frame with the payload that `write` appends.
    ///
    /// The header's length depends on what that gives, so room is left for the longest, and the payload moves
    /// down to the one it gets.
    fn frame_of(
        &mut self,
        fin: bool,
        opcode: Opcode,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut MessageCompressor, &mut Vec<u8>) -> Result<Encoding, CompressError>,
    ) -> Result<(), Error> {
        let masking_key = self.masking_key()?;
        let compressor = self.compressor.as_mut().ok_or(CompressError::Engine("there is none"))?;
        let start = out.len();
        let room = start + MAX_HEADER_LENGTH;
        let appended = Appended { start, out };
        let out = &mut *appended.out;
        out.resize(room, 0);
        let encoding = write(compressor, out)?;

        let first = opcode != Opcode::Continuation;
        let marked = encoding.rsv1() && first;
        let rsv = if marked { Rsv::RSV1 } else { Rsv::NONE };
        let payload_length = (out.len() - room) as u64;
        let header = FrameHeader { fin, rsv, opcode, masking_key, payload_length }
            .encode()
            .map_err(MisuseError::InvalidFrame)?;
        let payload = start + header.len();
        out[start..payload].copy_from_slice(&header);
        out.copy_within(room.., payload);
        out.truncate(out.len() - (room - payload));
        if let Some(key) = masking_key {
            mask(&mut out[payload..], key);
        }
        self.compressed += u64::from(marked);
        appended.keep();
        Ok(())
    }
}

/// What was appended since `start`, which goes unless it is kept: also if a compressor of the user's own panics, for the buffer may be
/// one that another thread writes.
struct Appended<'a> {
    start: usize,
    out: &'a mut Vec<u8>,
}

impl Appended<'_> {
    fn keep(mut self) {
        self.start = self.out.len();
    }
}

impl Drop for Appended<'_> {
    fn drop(&mut self) {
        self.out.truncate(self.start);
    }
}
