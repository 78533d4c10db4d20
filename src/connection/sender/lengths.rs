//! What messages and frames count with for the limit of what is queued.

use wscodec_compressors::CompressionWish;
use wscodec_kernel::{FrameHeader, MAX_HEADER_LENGTH, Opcode};

use super::Sender;
use crate::{Message, Role};

impl Sender {
    /// Whether a message goes out in one frame.
    pub(in crate::connection) fn fits_a_frame(&self, message: &Message<'_>) -> bool {
        payload_length(message) <= self.frame_size
    }

    pub(in crate::connection) const fn frame_length(&self, payload: usize) -> usize {
        frame_length(self.role, payload)
    }

    /// What a message counts with for the limit, in the frames that it goes out in.
    pub(super) fn queued_length(&self, message: &Message<'_>, wish: CompressionWish) -> usize {
        match message.data() {
            Some((_, payload)) => self.queued_data_length(payload, wish),
            None => frame_length(self.role, payload_length(message)),
        }
    }

    #[inline]
    pub(super) fn queued_data_length(&self, payload: &[u8], wish: CompressionWish) -> usize {
        let length = payload.len();
        let Some(first) = payload.get(..self.frame_size) else { return frame_length(self.role, length) };
        // The last frame has what is left, or is as long as the others.
        let others = length.saturating_sub(1) / self.frame_size;
        if others > 0 && self.encoder.compresses(first, wish) {
            // What does not compress gets longer in each frame, by some bytes that most headers leave free.
            return length.saturating_add((others + 1).saturating_mul(MAX_HEADER_LENGTH));
        }
        let last = length - others * self.frame_size;
        others
            .saturating_mul(frame_length(self.role, self.frame_size))
            .saturating_add(frame_length(self.role, last))
    }
}

#[inline]
pub(super) const fn payload_length(message: &Message<'_>) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(None) => 0,
        Message::Close(Some(frame)) => 2 + frame.reason.len(),
    }
}

/// The bytes of a frame with its header.
#[inline]
pub(crate) const fn frame_length(role: Role, payload: usize) -> usize {
    let key = match role {
        Role::Server => None,
        Role::Client => Some([0; 4]),
    };
    let header = FrameHeader { masking_key: key, ..FrameHeader::new(Opcode::Binary, payload as u64) };
    payload.saturating_add(header.encoded_length())
}
