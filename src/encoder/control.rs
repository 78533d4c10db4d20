//! Control frames (RFC 6455 section 5.5).

use wscodec_kernel::{MAX_CONTROL_PAYLOAD, Opcode, Rsv};

use super::Encoder;
use crate::{CloseFrame, Error, MisuseError};

impl Encoder {
    pub(super) fn control(
        &mut self,
        rsv: Rsv,
        opcode: Opcode,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if payload.len() > MAX_CONTROL_PAYLOAD {
            return Err(MisuseError::ControlTooLong.into());
        }
        self.frame(true, rsv, opcode, payload, out)
    }
}

/// The payload of a close frame and its length in bytes (section 5.5.1).
pub(crate) fn close_payload(
    frame: Option<CloseFrame<'_>>,
) -> Result<([u8; MAX_CONTROL_PAYLOAD], usize), MisuseError> {
    let mut payload = [0; MAX_CONTROL_PAYLOAD];
    let Some(CloseFrame { code, reason }) = frame else {
        return Ok((payload, 0));
    };
    if !code.is_allowed_on_wire() {
        return Err(MisuseError::ReservedCloseCode(code));
    }
    let length = 2 + reason.len();
    let (code_bytes, reason_bytes) = payload.split_at_mut(2);
    code_bytes.copy_from_slice(&code.get().to_be_bytes());
    reason_bytes
        .get_mut(..reason.len())
        .ok_or(MisuseError::ControlTooLong)?
        .copy_from_slice(reason.as_bytes());
    Ok((payload, length))
}
