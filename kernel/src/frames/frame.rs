use core::fmt;
use core::ops::Range;

use crate::{Opcode, Rsv};

/// One frame, or a piece of one that is longer than the decoder keeps whole: its header and where its payload is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    start: u32,
    length: u32,
    /// The header's first byte, and above it the flags below. In one word, which is compared at once.
    bits: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Input,
    Arena,
}

const FIRST: u32 = 0xFF;
const IN_ARENA: u32 = 1 << 8;
const BEGINS: u32 = 1 << 9;
const ENDS: u32 = 1 << 10;

/// Whole messages by themselves.
const TEXT: u32 = 0x81 | BEGINS | ENDS;
const BINARY: u32 = 0x82 | BEGINS | ENDS;

impl Frame {
    /// Whether this is the last frame of its message.
    #[must_use]
    #[inline]
    pub const fn fin(&self) -> bool {
        self.bits & 0x80 != 0
    }

    /// The reserved bits.
    #[must_use]
    #[inline]
    pub const fn rsv(&self) -> Rsv {
        Rsv::from_first_byte(self.first())
    }

    /// What the frame carries.
    #[must_use]
    #[inline]
    pub const fn opcode(&self) -> Opcode {
        match Opcode::from_bits(self.first() & 0x0F) {
            Some(opcode) => opcode,
            // Not to be had from a decoder, which refuses reserved opcodes.
            None => Opcode::Continuation,
        }
    }

    /// Whether the payload begins with this piece; true for whole frames.
    #[must_use]
    #[inline]
    pub const fn begins(&self) -> bool {
        self.bits & BEGINS != 0
    }

    /// Whether the payload ends with this piece; true for whole frames.
    #[must_use]
    #[inline]
    pub const fn ends(&self) -> bool {
        self.bits & ENDS != 0
    }

    /// Whether this is a whole message by itself: text or binary, in one frame and one piece, without reserved bits.
    #[must_use]
    #[inline]
    pub const fn is_message(&self) -> bool {
        matches!(self.bits & !IN_ARENA, TEXT | BINARY)
    }

    /// Whether this is a whole text message by itself, as [`is_message`](Self::is_message) has it.
    #[must_use]
    #[inline]
    pub const fn is_text_message(&self) -> bool {
        self.bits & !IN_ARENA == TEXT
    }

    /// The payload's bytes, from the input and the arena that the decoder was given.
    ///
    /// # Panics
    /// If these are other, shorter buffers.
    #[must_use]
    #[inline]
    pub fn payload<'a>(&self, input: &'a [u8], arena: &'a [u8]) -> &'a [u8] {
        let place = if self.is_in_arena() { arena } else { input };
        &place[self.range()]
    }

    /// Whether [`range`](Self::range) is one of the arena; otherwise it is one of the input.
    #[must_use]
    #[inline]
    pub const fn is_in_arena(&self) -> bool {
        self.bits & IN_ARENA != 0
    }

    /// Where the payload is.
    #[must_use]
    #[inline]
    pub const fn range(&self) -> Range<usize> {
        self.start as usize..self.start as usize + self.length as usize
    }

    #[inline(always)]
    pub(super) fn whole(first: u8, place: Place, start: usize, length: usize) -> Self {
        let place = match place {
            Place::Input => 0,
            Place::Arena => IN_ARENA,
        };
        #[expect(clippy::cast_possible_truncation, reason = "the buffers are within 32 bits")]
        Self { start: start as u32, length: length as u32, bits: u32::from(first) | place | BEGINS | ENDS }
    }

    /// A whole message that came in pieces of which this is the first: its payload is all of an input's first `length` bytes.
    #[cfg(feature = "alloc")]
    pub(crate) const fn joined(self, length: u32) -> Self {
        Self { start: 0, length, bits: self.bits | BEGINS | ENDS }
    }

    /// Whether this is the first piece of a message in one frame without reserved bits.
    #[cfg(feature = "alloc")]
    pub(crate) const fn begins_message(&self) -> bool {
        matches!((self.bits | ENDS) & !IN_ARENA, TEXT | BINARY) && !self.ends()
    }

    /// The same as a piece, which is the payload's first one, its last one, both or neither.
    pub(super) const fn cut(self, begins: bool, ends: bool) -> Self {
        let begins = if begins { BEGINS } else { 0 };
        let ends = if ends { ENDS } else { 0 };
        Self { bits: self.bits & !(BEGINS | ENDS) | begins | ends, ..self }
    }

    const fn first(&self) -> u8 {
        (self.bits & FIRST) as u8
    }
}

/// An empty one that no header is like: opcode 0 without FIN, neither begun nor ended.
impl Default for Frame {
    fn default() -> Self {
        Self { start: 0, length: 0, bits: 0 }
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("fin", &self.fin())
            .field("rsv", &self.rsv())
            .field("opcode", &self.opcode())
            .field("in_arena", &self.is_in_arena())
            .field("range", &self.range())
            .field("begins", &self.begins())
            .field("ends", &self.ends())
            .finish()
    }
}
