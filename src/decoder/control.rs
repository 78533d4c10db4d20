//! Control frames (RFC 6455 section 5.5): at most 125 bytes, whole, also between the fragments of a message.

use wscodec_kernel::{MAX_CONTROL_PAYLOAD, Opcode};

use super::close::close_frame;
use crate::{Message, ProtocolError};

/// A control frame whose payload spans reads.
#[derive(Debug)]
pub(super) struct KeptControl {
    opcode: Opcode,
    payload: [u8; MAX_CONTROL_PAYLOAD],
    length: usize,
}

impl KeptControl {
    pub(super) fn start(&mut self, opcode: Opcode) {
        self.opcode = opcode;
        self.length = 0;
    }

    /// Takes the next part of the payload; the header was refused if all of it is over 125 bytes.
    pub(super) fn push(&mut self, part: &[u8]) {
        let free = &mut self.payload[self.length..];
        let taken = part.len().min(free.len());
        free[..taken].copy_from_slice(&part[..taken]);
        self.length += taken;
    }

    pub(super) fn message(&self) -> Result<Message<'_>, ProtocolError> {
        message(self.opcode, &self.payload[..self.length])
    }
}

impl Default for KeptControl {
    fn default() -> Self {
        Self { opcode: Opcode::Ping, payload: [0; MAX_CONTROL_PAYLOAD], length: 0 }
    }
}

/// The message of a control frame.
pub(super) fn message(opcode: Opcode, payload: &[u8]) -> Result<Message<'_>, ProtocolError> {
    match opcode {
        Opcode::Ping => Ok(Message::Ping(payload)),
        Opcode::Pong => Ok(Message::Pong(payload)),
        _ => Ok(Message::Close(close_frame(payload)?)),
    }
}
