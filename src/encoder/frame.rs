//! One frame: its header, and its payload masked where the role asks for it.

use wscodec_kernel::{Opcode, OutgoingFrame, Rsv, append_frame};

use super::Encoder;
use crate::{BackendError, DataKind, Error, MisuseError, Role};

impl Encoder {
    /// Appends a whole message as it is: [`frame`](Self::frame) where most of the header is known when this is compiled.
    #[inline(always)]
    pub(super) fn plain_message(
        &mut self,
        kind: DataKind,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let frame = OutgoingFrame::new(kind.opcode(), payload);
        // Two calls, in each of which it is known whether there is a key.
        match self.masking_key()? {
            None => append_frame(&frame, out),
            masking_key => append_frame(&OutgoingFrame { masking_key, ..frame }, out),
        }
        .map_err(MisuseError::InvalidFrame)?;
        Ok(())
    }

    /// Appends a frame with `payload` as it is.
    #[inline(never)]
    pub(super) fn frame(
        &mut self,
        fin: bool,
        rsv: Rsv,
        opcode: Opcode,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let masking_key = self.masking_key()?;
        let frame = OutgoingFrame { fin, rsv, opcode, masking_key, payload };
        Ok(append_frame(&frame, out).map_err(MisuseError::InvalidFrame)?)
    }

    #[inline]
    pub(super) fn masking_key(&mut self) -> Result<Option<[u8; 4]>, BackendError> {
        match self.role {
            Role::Server => Ok(None),
            Role::Client => self.keys.next_key().map(Some),
        }
    }
}
