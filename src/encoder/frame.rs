//! One frame: its header, and its payload masked where the role asks for it.

use wscodec_kernel::{FrameHeader, MAX_HEADER_LENGTH, Opcode, OutgoingFrame, Rsv, append_frame, mask};

use super::Encoder;
use crate::{BackendError, Error, Role};

impl Encoder {
    /// Appends a frame with `payload` as it is.
    #[inline]
    pub(super) fn frame(
        &mut self,
        fin: bool,
        rsv: Rsv,
        opcode: Opcode,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let masking_key = self.masking_key()?;
        append_frame(&OutgoingFrame { fin, rsv, opcode, masking_key, payload }, out)?;
        Ok(())
    }

    /// Appends a message compressed, as one frame with RSV1 (RFC 7692 section 6.1).
    ///
    /// The header's length depends on what compressing gives, so room is left for the longest, and the payload moves
    /// down to the one it gets.
    pub(super) fn compressed_frame(
        &mut self,
        opcode: Opcode,
        message: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let masking_key = self.masking_key()?;
        let start = out.len();
        let room = start + MAX_HEADER_LENGTH;
        out.resize(room, 0);
        self.compress(message, out).inspect_err(|_| out.truncate(start))?;
        let payload_length = (out.len() - room) as u64;
        let header = FrameHeader { fin: true, rsv: Rsv::RSV1, opcode, masking_key, payload_length };
        let encoded = header.encode()?;
        let payload = start + encoded.len();
        out[start..payload].copy_from_slice(&encoded);
        out.copy_within(room.., payload);
        out.truncate(out.len() - (room - payload));
        if let Some(key) = masking_key {
            mask(&mut out[payload..], key);
        }
        Ok(())
    }

    /// A failure leaves a compressor behind that has seen what the peer never will: it starts afresh, which a sender
    /// always may.
    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let Some(compressor) = &mut self.compressor else {
            return Ok(());
        };
        Ok(compressor.compress(message, out).inspect_err(|_| compressor.reset())?)
    }

    #[inline]
    fn masking_key(&mut self) -> Result<Option<[u8; 4]>, BackendError> {
        match self.role {
            Role::Server => Ok(None),
            Role::Client => self.keys.next_key().map(Some),
        }
    }
}
