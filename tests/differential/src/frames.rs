//! A naive look at the frames of a conversation: all that is wrong with the first one that is, for the allow-list to make
//! sure that a difference is what it seems.

use wscodec::Role;

use crate::conversation::{Conversation, FRAME_LIMIT, MESSAGE_LIMIT};
use crate::endpoints::Class;

#[derive(Debug, Default)]
pub struct Fault {
    pub classes: Vec<Class>,
    /// The conversation ends before the frame does.
    pub cut_short: bool,
    /// Not even the header is all there.
    pub header_cut_short: bool,
    pub not_minimal: bool,
}

/// That of the first frame which is wrong, or not all there.
pub fn first_fault(conversation: &Conversation) -> Fault {
    let (mut rest, mut message) = (&conversation.bytes[..], None);
    loop {
        let Some(frame) = Frame::of(rest) else {
            return Fault { cut_short: true, header_cut_short: true, ..Fault::default() };
        };
        let mut classes = Vec::new();
        if frame.breaks_the_header_s_rules(conversation, message.is_some()) {
            classes.push(Class::Protocol);
        }
        if frame.opcode() < 8 {
            let is_text = match &message {
                Some(Message { is_text, .. }) if frame.opcode() == 0 => *is_text,
                _ => frame.opcode() == 1 && frame.first & 0x40 == 0,
            };
            let mut all = message.take().filter(|_| frame.opcode() == 0).unwrap_or_default();
            all.is_text = is_text;
            all.length = all.length.saturating_add(frame.length);
            all.bytes.extend_from_slice(&frame.payload);
            let ends = frame.first & 0x80 != 0;
            if all.length > MESSAGE_LIMIT as u64 {
                classes.push(Class::Size);
            }
            if is_text && is_wrong(&all.bytes, ends && !frame.cut_short) {
                classes.push(Class::Data);
            }
            message = (!ends).then_some(all);
        }
        if frame.opcode() == 8 {
            match &frame.payload[..] {
                [] => {}
                [_] => classes.push(Class::Protocol),
                [high, low, reason @ ..] => {
                    let code = u16::from_be_bytes([*high, *low]);
                    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                        classes.push(Class::Protocol);
                    }
                    if is_wrong(reason, true) {
                        classes.push(Class::Data);
                    }
                }
            }
        }
        if frame.length > FRAME_LIMIT as u64 {
            classes.push(Class::Size);
        }
        if !classes.is_empty() || frame.cut_short || frame.opcode() == 8 {
            let Frame { cut_short, header_cut_short, not_minimal, .. } = frame;
            return Fault { classes, cut_short, header_cut_short, not_minimal };
        }
        rest = &rest[frame.size..];
    }
}

#[derive(Default)]
struct Message {
    is_text: bool,
    length: u64,
    bytes: Vec<u8>,
}

struct Frame {
    first: u8,
    masked: bool,
    length: u64,
    not_minimal: bool,
    /// As much of it as is there, unmasked.
    payload: Vec<u8>,
    cut_short: bool,
    header_cut_short: bool,
    /// Bytes of all of it that is there.
    size: usize,
}

impl Frame {
    /// `None` if not even the length is there.
    fn of(bytes: &[u8]) -> Option<Self> {
        let &[first, second, ref rest @ ..] = bytes else { return None };
        let code = second & 0x7F;
        let width = match code {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let (extended, rest) = rest.split_at_checked(width)?;
        let length = match width {
            0 => u64::from(code),
            _ => extended.iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
        };
        let masked = second & 0x80 != 0;
        let header_cut_short = masked && rest.len() < 4;
        let (key, rest) = rest.split_at_checked(if masked { 4 } else { 0 }).unwrap_or((&[0; 4], &[]));
        let there = usize::try_from(length).map_or(rest.len(), |length| length.min(rest.len()));
        let keys = if masked { key } else { &[0; 4] };
        Some(Self {
            first,
            masked,
            length,
            not_minimal: width == 2 && length < 126 || width == 8 && length < 65_536,
            payload: rest[..there].iter().zip(keys.iter().cycle()).map(|(byte, key)| byte ^ key).collect(),
            cut_short: header_cut_short || (there as u64) < length,
            header_cut_short,
            size: 2 + width + key.len() + there,
        })
    }

    fn opcode(&self) -> u8 {
        self.first & 0x0F
    }

    fn breaks_the_header_s_rules(&self, conversation: &Conversation, in_message: bool) -> bool {
        let may_be_compressed = conversation.deflate.is_some() && matches!(self.opcode(), 1 | 2);
        let reserved = if may_be_compressed { 0x30 } else { 0x70 };
        let is_fine_in_its_place = match self.opcode() {
            0 => in_message,
            1 | 2 => !in_message,
            8..=10 => self.first & 0x80 != 0 && self.length <= 125,
            _ => false,
        };
        let is_minimal = !self.not_minimal && self.length >> 63 == 0;
        !is_fine_in_its_place
            || !is_minimal
            || self.first & reserved != 0
            || self.masked != (conversation.role == Role::Server)
    }
}

/// Whether no text begins like this, or, if that is all of it, is this.
fn is_wrong(bytes: &[u8], complete: bool) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| complete || error.error_len().is_some())
}
