use core::fmt;
use core::ops::Range;

use crate::{Opcode, Rsv};

/// One frame, or a piece of one that is longer than the decoder keeps whole: its header and where its payload is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Frame {
    start: u32,
    length: u32,
    /// The header's first byte.
    first: u8,
    place: Place,
    begins: bool,
    ends: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Input,
    Arena,
}

impl Frame {
    /// Whether this is the last frame of its message.
    #[must_use]
    #[inline]
    pub const fn fin(&self) -> bool {
        self.first & 0x80 != 0
    }

    /// The reserved bits.
    #[must_use]
    #[inline]
    pub const fn rsv(&self) -> Rsv {
        Rsv::from_first_byte(self.first)
    }

    /// What the frame carries.
    #[must_use]
    #[inline]
    pub const fn opcode(&self) -> Opcode {
        match Opcode::from_bits(self.first & 0x0F) {
            Some(opcode) => opcode,
            // Not to be had from a decoder, which refuses reserved opcodes.
            None => Opcode::Continuation,
        }
    }

    /// Whether the payload begins with this piece; true for whole frames.
    #[must_use]
    #[inline]
    pub const fn begins(&self) -> bool {
        self.begins
    }

    /// Whether the payload ends with this piece; true for whole frames.
    #[must_use]
    #[inline]
    pub const fn ends(&self) -> bool {
        self.ends
    }

    /// Whether this is a whole message by itself: text or binary, in one frame and one piece, without reserved bits.
    #[must_use]
    #[inline]
    pub const fn is_message(&self) -> bool {
        matches!(self.first, 0x81 | 0x82) && self.begins && self.ends
    }

    /// The payload's bytes, from the input and the arena that the decoder was given.
    ///
    /// # Panics
    /// If these are other, shorter buffers.
    #[must_use]
    #[inline]
    pub fn payload<'a>(&self, input: &'a [u8], arena: &'a [u8]) -> &'a [u8] {
        let place = match self.place {
            Place::Input => input,
            Place::Arena => arena,
        };
        &place[self.range()]
    }

    /// Whether [`range`](Self::range) is one of the arena; otherwise it is one of the input.
    #[must_use]
    #[inline]
    pub fn is_in_arena(&self) -> bool {
        self.place == Place::Arena
    }

    /// Where the payload is.
    #[must_use]
    #[inline]
    pub const fn range(&self) -> Range<usize> {
        self.start as usize..self.start as usize + self.length as usize
    }

    #[inline(always)]
    pub(super) fn whole(first: u8, place: Place, start: usize, length: usize) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the buffers are within 32 bits")]
        Self { start: start as u32, length: length as u32, first, place, begins: true, ends: true }
    }

    /// The same as a piece, which is the payload's first one, its last one, both or neither.
    pub(super) const fn cut(self, begins: bool, ends: bool) -> Self {
        Self { begins, ends, ..self }
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("fin", &self.fin())
            .field("rsv", &self.rsv())
            .field("opcode", &self.opcode())
            .field("place", &self.place)
            .field("range", &self.range())
            .field("begins", &self.begins)
            .field("ends", &self.ends)
            .finish()
    }
}
