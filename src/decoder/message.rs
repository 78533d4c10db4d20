//! A message in several frames, or in frames that came in pieces, and its limits.

use crate::{DataKind, LimitError, Limits};

/// A data message from its first header to its last byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageUnderWay {
    pub(super) kind: DataKind,
    pub(super) compressed: bool,
    /// The payload lengths that the headers so far claim, together.
    wire_length: u64,
    /// The frames so far, empty ones counted.
    fragments: usize,
    /// Whether a part of it was handed out.
    handed_out: bool,
}

impl MessageUnderWay {
    pub(super) const fn new(kind: DataKind, compressed: bool) -> Self {
        Self { kind, compressed, wire_length: 0, fragments: 0, handed_out: false }
    }

    /// Whether the frame under way is the first.
    pub(super) const fn is_single(&self) -> bool {
        self.fragments == 1
    }

    /// Takes note that a part is handed out; tells whether that is the first.
    pub(super) const fn hand_out(&mut self) -> bool {
        !core::mem::replace(&mut self.handed_out, true)
    }

    pub(super) fn add_frame(&mut self, payload_length: u64, limits: &Limits) -> Result<(), LimitError> {
        self.fragments += 1;
        if self.fragments > limits.fragments.max(1) {
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
