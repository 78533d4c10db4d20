//! A read that is nothing but one small message, as all are where one is in flight at a time: without the loop over frames, and
//! without a call for an instruction set, which costs more than it saves there.

use super::plain::{BINARY, TEXT};
use super::{Frame, FrameDecoder, Message, Place};
use crate::header::LONGEST_SMALL;
use crate::mask::{inner_places, mask};

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

/// Whether up to 125 bytes are ASCII. It loads the words that masking has stored: what was stored a moment ago a CPU gives whole as
/// it was stored, or waits.
#[inline(always)]
fn is_short_ascii(payload: &[u8]) -> bool {
    match payload.len() {
        32.. => are_four_ascii::<32>(payload),
        9..=31 => are_four_ascii::<8>(payload),
        _ => payload.is_ascii(),
    }
}

/// `N` to `4 * N` bytes, without a branch on their number.
#[inline(always)]
fn are_four_ascii<const N: usize>(payload: &[u8]) -> bool {
    let (second, third, last) = inner_places::<N>(payload.len());
    let all = word::<N>(payload, 0)
        | word::<N>(payload, second)
        | word::<N>(payload, third)
        | word::<N>(payload, last);
    all & 0x8080_8080_8080_8080 == 0
}

/// The bits that any 8 of the `N` bytes from `place` on have.
#[inline(always)]
fn word<const N: usize>(payload: &[u8], place: usize) -> u64 {
    let (words, _) = payload[place..place + N].as_chunks();
    words.iter().fold(0, |all, word| all | u64::from_ne_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_payloads_are_ascii_unless_one_byte_is_not() {
        for length in 0..=LONGEST_SMALL {
            let mut payload = [0x7F; LONGEST_SMALL];
            assert!(is_short_ascii(&payload[..length]), "{length}");
            for place in 0..LONGEST_SMALL {
                payload[place] = 0x80;
                assert_eq!(is_short_ascii(&payload[..length]), place >= length, "{place} of {length}");
                payload[place] = 0;
            }
        }
    }
}
