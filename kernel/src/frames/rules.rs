//! What a header must obey beyond being well-formed.

use super::{FrameError, Message};
use crate::{FrameHeader, HeaderDecode, HeaderError, Opcode, Rsv};

#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Whether the peer has to mask.
    pub(super) masked: bool,
    pub(super) allowed: Rsv,
    /// The longest payload of any frame, and of one that begins a message without reserved bits.
    pub(super) limit: u64,
    pub(super) message_limit: u64,
    /// The longest data frame that is kept whole, header included.
    pub(super) whole: usize,
    /// Whether lengths have to be in as few bytes as they need.
    pub(super) minimal: bool,
    /// Whether text is validated: messages in one frame that is there as a whole, those in one frame that comes in pieces, and
    /// those in fragments as well.
    pub(super) validate: bool,
    pub(super) validate_pieces: bool,
    pub(super) validate_parts: bool,
}

impl Rules {
    pub(super) const fn new(masked: bool) -> Self {
        Self {
            masked,
            allowed: Rsv::NONE,
            limit: u64::MAX,
            message_limit: u64::MAX,
            whole: 4096,
            minimal: true,
            validate: true,
            validate_pieces: false,
            validate_parts: true,
        }
    }

    /// The header that `bytes` begin with, by its own rules.
    pub(super) fn header(&self, bytes: &[u8]) -> Result<HeaderDecode, HeaderError> {
        if self.minimal { FrameHeader::decode(bytes) } else { FrameHeader::decode_leniently(bytes) }
    }

    /// Whether `header` may come while `message` is under way.
    pub(super) fn check(&self, header: &FrameHeader, message: Message) -> Result<(), FrameError> {
        let first_of_message = matches!(header.opcode, Opcode::Text | Opcode::Binary);
        let allowed = if first_of_message { self.allowed } else { Rsv::NONE };
        let forbidden = header.rsv.without(allowed);
        match (header.opcode, message) {
            _ if !forbidden.is_none() => Err(FrameError::ReservedBits(forbidden)),
            _ if self.masked && header.masking_key.is_none() => Err(FrameError::MaskMissing),
            _ if !self.masked && header.masking_key.is_some() => Err(FrameError::MaskUnexpected),
            (Opcode::Continuation, Message::None) => Err(FrameError::UnexpectedContinuation),
            (Opcode::Text | Opcode::Binary, Message::Text | Message::Opaque) => {
                Err(FrameError::ExpectedContinuation)
            }
            _ if header.payload_length > self.limit => Err(FrameError::TooLong { limit: self.limit }),
            _ if first_of_message && header.rsv.is_none() && header.payload_length > self.message_limit => {
                Err(FrameError::MessageTooLong { limit: self.message_limit })
            }
            _ => Ok(()),
        }
    }

    /// The longest payload of a message in one frame without reserved bits.
    #[inline(always)]
    pub(super) fn longest_message(&self) -> u64 {
        self.limit.min(self.message_limit)
    }

    /// The kind of message that a frame which passed [`check`](Self::check) belongs to.
    pub(super) fn message_of(&self, header: &FrameHeader, message: Message) -> Message {
        match header.opcode {
            Opcode::Continuation => message,
            Opcode::Text if self.validate && header.rsv.is_none() => Message::Text,
            _ => Message::Opaque,
        }
    }

    /// Whether a frame that is cut short is left in the input until the rest has come.
    pub(super) fn keeps_whole(&self, header: &FrameHeader) -> bool {
        header.opcode.is_control()
            || header.payload_length.saturating_add(header.encoded_length() as u64) <= self.whole as u64
    }

    /// Whether text is validated that is `single`, a message in one frame, which may be there as a `whole`; or a part of one.
    pub(super) const fn validates(&self, single: bool, whole: bool) -> bool {
        self.validate && (self.validate_parts || single && (whole || self.validate_pieces))
    }
}
