//! Frames and messages that an extension of the user's own makes and reads.

use wscodec_kernel::{Opcode, Rsv};

use crate::DataKind;

/// A frame to be sent as it is (RFC 6455 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawFrame<'a> {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// The reserved bits.
    pub rsv: Rsv,
    /// What the frame carries.
    pub opcode: Opcode,
    /// The payload, not masked.
    pub payload: &'a [u8],
}

/// A data message that nobody has looked into: one with reserved bits, or text that was not to be validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawMessage<'a> {
    /// What its first frame said that it holds.
    pub kind: DataKind,
    /// The reserved bits of its first frame, without the RSV1 of permessage-deflate.
    pub rsv: Rsv,
    /// The payload, not masked, and decompressed if permessage-deflate compressed it.
    pub payload: &'a [u8],
}

impl<'a> RawFrame<'a> {
    /// A frame with FIN and without reserved bits.
    #[must_use]
    pub const fn new(opcode: Opcode, payload: &'a [u8]) -> Self {
        Self { fin: true, rsv: Rsv::NONE, opcode, payload }
    }
}
