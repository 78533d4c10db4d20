//! Masking (RFC 6455 section 5.3).

use crate::Level;

/// Masks or unmasks a whole payload in place.
pub fn mask(payload: &mut [u8], key: [u8; 4]) {
    Level::best().mask(payload, key);
}

impl Level {
    /// [`mask`] with this instruction set.
    pub fn mask(self, payload: &mut [u8], key: [u8; 4]) {
        for (byte, index) in payload.iter_mut().zip(0..) {
            *byte ^= key[index & 3];
        }
    }
}

/// Masks a payload that arrives in pieces.
#[derive(Clone, Debug)]
pub struct Masker {
    key: [u8; 4],
}

impl Masker {
    /// At the start of a payload.
    #[must_use]
    pub fn new(key: [u8; 4]) -> Self {
        Self { key }
    }

    /// Masks or unmasks the next piece in place.
    pub fn mask(&mut self, piece: &mut [u8]) {
        mask(piece, self.key);
        #[expect(clippy::cast_possible_truncation)]
        let phase = (piece.len() & 3) as u32;
        self.key = u32::from_le_bytes(self.key).rotate_right(8 * phase).to_le_bytes();
    }
}
