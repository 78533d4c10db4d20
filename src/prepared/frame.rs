use core::fmt;
use std::io::IoSlice;

use wscodec_kernel::{EncodedHeader, FrameHeader, Opcode, Rsv};

use super::payload::Payload;
use crate::MisuseError;

/// A frame without its mask, as many connections may send it.
pub(crate) struct Frame {
    pub(crate) opcode: Opcode,
    /// RSV1 if the payload is compressed.
    pub(crate) rsv: Rsv,
    pub(super) payload: Payload,
}

/// A prepared message on its way to one connection, to be written from where it lies: a header of its own, and the payload
/// that it shares with all the others.
///
/// From [`Encoder::prepared_frame`](crate::Encoder::prepared_frame). All of it has to be written, and before anything that is
/// encoded later.
#[must_use = "it counts as sent"]
#[derive(Clone, Copy)]
pub struct PreparedFrame<'p> {
    header: EncodedHeader,
    frame: &'p Frame,
}

impl Frame {
    #[inline]
    pub(crate) fn payload(&self) -> &[u8] {
        self.payload.as_slice()
    }

    #[inline]
    pub(crate) const fn is_close(&self) -> bool {
        matches!(self.opcode, Opcode::Close)
    }

    /// Whether it is compressed.
    #[inline]
    pub(crate) const fn is_compressed(&self) -> bool {
        !self.rsv.is_none()
    }

    /// The frame for a connection that does not mask.
    pub(crate) fn unmasked(&self) -> Result<PreparedFrame<'_>, MisuseError> {
        let length = self.payload().len() as u64;
        let header = FrameHeader { rsv: self.rsv, ..FrameHeader::new(self.opcode, length) };
        Ok(PreparedFrame { header: header.encode().map_err(MisuseError::InvalidFrame)?, frame: self })
    }
}

impl<'p> PreparedFrame<'p> {
    /// The frame's header (RFC 6455 section 5.2), 2 to 10 bytes.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The frame's payload.
    #[must_use]
    pub fn payload(&self) -> &'p [u8] {
        self.frame.payload()
    }

    /// The frame's payload, to be kept longer than the prepared message. Nothing is copied.
    #[cfg(feature = "bytes")]
    #[cfg_attr(docsrs, doc(cfg(feature = "bytes")))]
    #[must_use]
    pub fn shared_payload(&self) -> bytes::Bytes {
        self.frame.payload.share()
    }

    /// Whether the payload is compressed, so that the header has RSV1.
    #[must_use]
    pub const fn is_compressed(&self) -> bool {
        self.frame.is_compressed()
    }

    /// Header and payload, for a vectored write.
    #[must_use]
    pub fn slices(&self) -> [IoSlice<'_>; 2] {
        [self.header(), self.payload()].map(IoSlice::new)
    }

    pub(crate) const fn encoded_header(&self) -> EncodedHeader {
        self.header
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("opcode", &self.opcode)
            .field("compressed", &self.is_compressed())
            .field("bytes", &self.payload().len())
            .finish()
    }
}

impl fmt::Debug for PreparedFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedFrame").field(self.frame).finish()
    }
}
