//! Control frames (RFC 6455 section 5.5): at most 125 bytes, whole, also between the fragments of a message.

use wscodec_kernel::Opcode;

use super::close::close_frame;
use crate::{Message, ProtocolError};

/// The message of a control frame.
pub(super) fn message(opcode: Opcode, payload: &[u8]) -> Result<Message<'_>, ProtocolError> {
    match opcode {
        Opcode::Ping => Ok(Message::Ping(payload)),
        Opcode::Pong => Ok(Message::Pong(payload)),
        _ => Ok(Message::Close(close_frame(payload)?)),
    }
}
