//! One frame: its header, and its payload masked where the role asks for it.

use wscodec_kernel::{Opcode, OutgoingFrame, Rsv, append_frame};

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

    #[inline]
    pub(super) fn masking_key(&mut self) -> Result<Option<[u8; 4]>, BackendError> {
        match self.role {
            Role::Server => Ok(None),
            Role::Client => self.keys.next_key().map(Some),
        }
    }
}
