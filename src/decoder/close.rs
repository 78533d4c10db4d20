use wscodec_kernel::{CloseCode, validate_text};

use crate::{CloseFrame, ProtocolError};

/// Reads the payload of a close frame (RFC 6455 section 5.5.1): nothing, or a code and a reason.
pub(crate) fn close_frame(payload: &[u8]) -> Result<Option<CloseFrame<'_>>, ProtocolError> {
    if payload.is_empty() {
        return Ok(None);
    }
    let (code, reason) = payload.split_first_chunk().ok_or(ProtocolError::TruncatedCloseCode)?;
    let code = CloseCode::new(u16::from_be_bytes(*code));
    if !code.is_allowed_on_wire() {
        return Err(ProtocolError::InvalidCloseCode(code));
    }
    let reason = validate_text(reason)?;
    Ok(Some(CloseFrame { code, reason }))
}
