//! A read that is nothing but one small message, as all are where one is in flight at a time: without the loop over frames, and
//! without a call for an instruction set, which costs more than it saves there.

use super::plain::{BINARY, TEXT};
use super::{Frame, FrameDecoder, Message, Place};
use crate::header::LONGEST_SMALL;
use crate::mask::{is_short_ascii, mask};

/// The longest header of a small frame.
const LONGEST_HEADER: usize = 6;

impl FrameDecoder {
    /// Decodes `input` if it is one whole message without an extension, of up to 125 bytes, and no text but ASCII; unmasks it
    /// where it lies. Of anything else, `input` is as it was.
    #[inline]
    pub(crate) fn only_message(&self, input: &mut [u8]) -> Option<Frame> {
        let rules = &self.rules;
        let header = if rules.masked { LONGEST_HEADER } else { 2 };
        let [first, second, ..] = *input else { return None };
        let length = usize::from(second & 0x7F);
        let is_only = input.len() == header + length
            && length <= LONGEST_SMALL
            && matches!(first, TEXT | BINARY)
            && (second & 0x80 != 0) == rules.masked
            && rules.longest_message() >= LONGEST_SMALL as u64
            && self.piece.is_none()
            && self.message == Message::None
            && self.error.is_none();
        if !is_only {
            return None;
        }
        let key = match *input {
            [_, _, a, b, c, d, ..] if rules.masked => Some([a, b, c, d]),
            _ => None,
        };
        let payload = &mut input[header..];
        if let Some(key) = key {
            mask(payload, key);
        }
        if first == TEXT && rules.validate && !is_short_ascii(payload) {
            if let Some(key) = key {
                mask(payload, key);
            }
            return None;
        }
        Some(Frame::whole(first, Place::Input, header, length))
    }
}
