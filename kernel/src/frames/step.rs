//! One frame, or one piece of a frame, by all the rules: whatever the plain loop leaves over.

use super::{Frame, FrameDecoder, FrameError, Message, Piece, Place};
use crate::{HeaderDecode, Masker, Opcode};

impl FrameDecoder {
    /// Decodes what is at `at`; gives it and its length in the input, or `None` if more input is needed.
    pub(super) fn step(&mut self, input: &mut [u8], at: usize) -> Result<Option<(Frame, usize)>, FrameError> {
        if let Some(piece) = self.piece {
            return self.take_piece(piece, input, at, at);
        }
        let available = input.len() - at;
        let (header, header_length) = match self.rules.header(&input[at..]).map_err(FrameError::Header)? {
            HeaderDecode::Incomplete { .. } => return Ok(None),
            HeaderDecode::Complete { header, length } => (header, length),
        };
        self.rules.check(&header, self.message)?;
        let is_whole = header.payload_length <= (available - header_length) as u64;
        if !is_whole && self.rules.keeps_whole(&header) {
            return Ok(None);
        }
        let message = self.rules.message_of(&header, self.message);
        let is_single = header.fin && header.opcode != Opcode::Continuation;
        if !header.opcode.is_control() {
            self.message = message;
        }
        let piece = Piece {
            first: input[at],
            masker: header.masking_key.map(Masker::new),
            remaining: header.payload_length,
            is_text: message == Message::Text && self.rules.validates(is_single, is_whole),
        };
        self.take_piece(piece, input, at, at + header_length)
    }

    /// Takes what there is of a payload from `start` on; the bytes from `at` to it are the header.
    fn take_piece(
        &mut self,
        mut piece: Piece,
        input: &mut [u8],
        at: usize,
        start: usize,
    ) -> Result<Option<(Frame, usize)>, FrameError> {
        let begins = start > at;
        let available = input.len() - start;
        let length = usize::try_from(piece.remaining).map_or(available, |remaining| remaining.min(available));
        if length == 0 && !begins {
            return Ok(None);
        }
        piece.remaining -= length as u64;
        let ends = piece.remaining == 0;
        self.unmask(&mut piece, &mut input[start..start + length])?;
        let whole = Frame::whole(piece.first, Place::Input, start, length);
        if ends && whole.fin() && !whole.opcode().is_control() {
            if piece.is_text {
                self.validator.finish().map_err(FrameError::InvalidUtf8)?;
            }
            self.message = Message::None;
        }
        self.piece = (!ends).then_some(piece);
        Ok(Some((whole.cut(begins, ends), start + length - at)))
    }

    fn unmask(&mut self, piece: &mut Piece, payload: &mut [u8]) -> Result<(), FrameError> {
        let validated = match (&mut piece.masker, piece.is_text) {
            (Some(masker), true) => self.validator.push_masked_with(self.level, payload, masker),
            (None, true) => self.validator.push_with(self.level, payload),
            (Some(masker), false) => {
                self.level.mask(payload, masker.key_of_next(payload.len()));
                Ok(())
            }
            (None, false) => Ok(()),
        };
        validated.map_err(FrameError::InvalidUtf8)
    }
}
