//! The order of a message's frames (RFC 6455 section 5.4), and its limits.

use wscodec_kernel::{FrameHeader, Opcode};

use super::Machine;
use crate::{DataKind, Error, LimitError, Limits, ProtocolError};

/// A data message from its first header to its last byte.
#[derive(Debug)]
pub(super) struct MessageUnderWay {
    pub(super) kind: DataKind,
    pub(super) compressed: bool,
    /// The payload lengths that the headers so far claim, together.
    wire_length: u64,
    /// The frames so far, empty ones counted.
    fragments: usize,
}

impl Machine {
    /// The message that the frame begins or goes on with, if it may be in this place and stays within the limits. It is
    /// the caller's to put back while more of it is to come.
    #[inline]
    pub(super) fn admit_data_frame(&mut self, header: &FrameHeader) -> Result<MessageUnderWay, Error> {
        let mut message = match (self.message.take(), kind(header.opcode)) {
            (None, Some(kind)) => {
                MessageUnderWay { kind, compressed: !header.rsv.is_none(), wire_length: 0, fragments: 0 }
            }
            (Some(message), None) => message,
            (None, None) => return Err(ProtocolError::UnexpectedContinuation.into()),
            (Some(_), Some(_)) => return Err(ProtocolError::ExpectedContinuation.into()),
        };
        message.add_frame(header.payload_length, &self.limits)?;
        Ok(message)
    }
}

impl MessageUnderWay {
    /// Compressed text is validated when it is inflated.
    pub(super) fn is_validated_as_it_comes(&self) -> bool {
        self.kind == DataKind::Text && !self.compressed
    }

    #[inline]
    fn add_frame(&mut self, payload_length: u64, limits: &Limits) -> Result<(), LimitError> {
        self.fragments += 1;
        if self.fragments > limits.fragments {
            return Err(LimitError::TooManyFragments { limit: limits.fragments });
        }
        self.wire_length = self.wire_length.saturating_add(payload_length);
        let limit = if self.compressed { limits.compressed_message() } else { limits.message };
        if self.wire_length > limit as u64 {
            return Err(LimitError::MessageTooLong { limit: limits.message });
        }
        Ok(())
    }
}

#[inline]
fn kind(opcode: Opcode) -> Option<DataKind> {
    match opcode {
        Opcode::Text => Some(DataKind::Text),
        Opcode::Binary => Some(DataKind::Binary),
        _ => None,
    }
}
