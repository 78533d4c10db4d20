//! One frame: the checks of its header that need the connection's state, and the payload that spans reads.

use wscodec_kernel::{FrameHeader, Masker, Opcode, Rsv};

use super::{Machine, take_front};
use crate::{Error, LimitError, ProtocolError, Role};

/// A frame whose payload is under way.
#[derive(Debug)]
pub(super) struct FrameUnderWay {
    pub(super) opcode: Opcode,
    pub(super) fin: bool,
    masker: Option<Masker>,
    /// Bytes of the payload still to come.
    remaining: u64,
}

impl FrameUnderWay {
    pub(super) fn new(header: &FrameHeader) -> Self {
        Self {
            opcode: header.opcode,
            fin: header.fin,
            masker: header.masking_key.map(Masker::new),
            remaining: header.payload_length,
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.remaining == 0
    }

    /// Takes what `input` holds of the payload, unmasked.
    pub(super) fn take_part<'i>(&mut self, input: &mut &'i mut [u8]) -> &'i [u8] {
        let length =
            usize::try_from(self.remaining).map_or(input.len(), |remaining| remaining.min(input.len()));
        let part = take_front(input, length);
        self.remaining -= part.len() as u64;
        if let Some(masker) = &mut self.masker {
            masker.mask(part);
        }
        part
    }
}

impl Machine {
    /// The checks that every frame has to pass.
    #[inline]
    pub(super) fn check_header(&self, header: &FrameHeader) -> Result<(), Error> {
        self.check_reserved_bits(header)?;
        self.check_mask(header)?;
        let limit = self.limits.frame;
        if header.payload_length > limit as u64 {
            return Err(LimitError::FrameTooLong { limit }.into());
        }
        Ok(())
    }

    /// RFC 6455 section 5.2; RFC 7692 section 6: RSV1 belongs on the first frame of a compressed message alone.
    #[inline]
    fn check_reserved_bits(&self, header: &FrameHeader) -> Result<(), ProtocolError> {
        if header.rsv.is_none() {
            return Ok(());
        }
        let may_be_compressed =
            self.decompressor.is_some() && matches!(header.opcode, Opcode::Text | Opcode::Binary);
        if !header.rsv.without(Rsv::RSV1).is_none() {
            Err(ProtocolError::ReservedBits)
        } else if !may_be_compressed {
            Err(ProtocolError::UnexpectedRsv1)
        } else {
            Ok(())
        }
    }

    /// RFC 6455 section 5.1: a client masks, a server does not.
    #[inline]
    fn check_mask(&self, header: &FrameHeader) -> Result<(), ProtocolError> {
        match (self.role, header.masking_key) {
            (Role::Server, None) => Err(ProtocolError::MaskMissing),
            (Role::Client, Some(_)) => Err(ProtocolError::MaskUnexpected),
            _ => Ok(()),
        }
    }
}
