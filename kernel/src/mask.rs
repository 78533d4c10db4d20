//! Masking (RFC 6455 section 5.3): every byte of a payload is xored with a byte of the key, in turn. Masking twice
//! gives the payload back, so one function does both directions.

mod body;
mod buffer;
mod word;

use core::mem::MaybeUninit;

use crate::Level;
use crate::level::compile_per_level;

#[cfg(feature = "alloc")]
pub(crate) use body::inner_places;
pub(crate) use body::{SHORT, mask_body, mask_short};
pub(crate) use buffer::{Copying, InPlace, room, write, written};

/// Masks or unmasks a whole payload in place, with the best instruction set of this CPU.
///
/// No byte outside `payload` is read or written. Up to 128 bytes are masked right here with what every CPU of the
/// architecture has: there the call into code for a better instruction set costs more than it saves.
///
/// ```
/// let mut payload = *b"Hello";
/// wscodec_kernel::mask(&mut payload, [0x37, 0xfa, 0x21, 0x3d]);
/// assert_eq!(&payload, b"\x7f\x9f\x4d\x51\x58"); // RFC 6455 section 5.7
/// ```
#[inline]
pub fn mask(payload: &mut [u8], key: [u8; 4]) {
    if payload.len() <= SHORT {
        mask_short(InPlace(payload), key);
    } else {
        mask_with(Level::best(), payload, key);
    }
}

/// Masks or unmasks a whole payload while copying it to the start of `out`, and gives what was written there.
///
/// `out` may be uninitialised: the spare capacity of a buffer, say. No byte of it beyond the payload's length is
/// written. `None`, and nothing written, if `out` is shorter than the payload.
///
/// ```
/// use std::mem::MaybeUninit;
///
/// let mut out = [MaybeUninit::uninit(); 16];
/// let masked = wscodec_kernel::mask_into(b"Hello", [0x37, 0xfa, 0x21, 0x3d], &mut out);
/// assert_eq!(masked.unwrap(), b"\x7f\x9f\x4d\x51\x58");
/// ```
#[inline]
pub fn mask_into<'out>(
    payload: &[u8],
    key: [u8; 4],
    out: &'out mut [MaybeUninit<u8>],
) -> Option<&'out mut [u8]> {
    let room = out.get_mut(..payload.len())?;
    if payload.len() <= SHORT {
        copy_short(payload, room, key);
    } else {
        mask_into_with(Level::best_for_copies(), payload, room, key);
    }
    // SAFETY: masking stored every byte of the payload, from the first to the last; the tests see each length do so.
    Some(unsafe { written(out, payload.len()) })
}

impl Level {
    /// [`mask`](crate::mask()) with this instruction set; up to 128 bytes that is the same for all.
    #[inline]
    pub fn mask(self, payload: &mut [u8], key: [u8; 4]) {
        if payload.len() <= SHORT {
            mask_short(InPlace(payload), key);
        } else {
            mask_with(self, payload, key);
        }
    }

    /// [`mask_into`] with this instruction set.
    #[inline]
    pub fn mask_into<'out>(
        self,
        payload: &[u8],
        key: [u8; 4],
        out: &'out mut [MaybeUninit<u8>],
    ) -> Option<&'out mut [u8]> {
        let room = out.get_mut(..payload.len())?;
        mask_into_with(self, payload, room, key);
        // SAFETY: as in the function `mask_into`.
        Some(unsafe { written(out, payload.len()) })
    }
}

/// Masks or unmasks a payload that arrives in pieces of any length, keeping its place in the key.
///
/// ```
/// use wscodec_kernel::Masker;
///
/// let mut masker = Masker::new([0x37, 0xfa, 0x21, 0x3d]);
/// let (mut first, mut second) = (*b"\x7f\x9f\x4d", *b"\x51\x58");
/// masker.mask(&mut first);
/// masker.mask(&mut second);
/// assert_eq!((&first, &second), (b"Hel", b"lo"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masker {
    /// The key, rotated so that its first byte is for the next byte of the payload.
    key: [u8; 4],
}

impl Masker {
    /// At the start of a payload.
    #[must_use]
    #[inline]
    pub const fn new(key: [u8; 4]) -> Self {
        Self { key }
    }

    /// At byte `offset` of a payload.
    #[must_use]
    #[inline]
    pub const fn at(key: [u8; 4], offset: u64) -> Self {
        Self { key: rotated(key, (offset & 3) as usize) }
    }

    /// Masks or unmasks the next piece in place, with the best instruction set of this CPU.
    #[inline]
    pub fn mask(&mut self, piece: &mut [u8]) {
        mask(piece, self.key_of_next(piece.len()));
    }

    /// The key for the next `length` bytes, which count as masked from now on.
    #[inline]
    pub(crate) const fn key_of_next(&mut self, length: usize) -> [u8; 4] {
        let key = self.key;
        self.key = rotated(key, length);
        key
    }
}

/// The key as it applies `offset` bytes further on.
#[inline(always)]
pub(crate) const fn rotated(key: [u8; 4], offset: usize) -> [u8; 4] {
    #[expect(clippy::cast_possible_truncation, reason = "the two lowest bits are all that counts")]
    let phase = offset as u32 & 3;
    u32::from_le_bytes(key).rotate_right(8 * phase).to_le_bytes()
}

/// The four bytes of `payload` from `place` on, masked.
#[inline(always)]
pub(crate) fn masked_word(payload: &[u8], place: usize, key: [u8; 4]) -> [u8; 4] {
    body::masked_at(payload, place, rotated(key, place))
}

compile_per_level! {
    fn mask_with(payload: &mut [u8], key: [u8; 4]) = mask_in_place
}

compile_per_level! {
    fn mask_into_with(payload: &[u8], room: &mut [MaybeUninit<u8>], key: [u8; 4]) = copy_masked
}

/// Between slices of the same length.
#[inline(always)]
fn copy_masked(payload: &[u8], room: &mut [MaybeUninit<u8>], key: [u8; 4]) {
    if let Some(copying) = Copying::new(payload, room) {
        mask_body(copying, key);
    }
}

/// The same up to `SHORT` bytes.
#[inline(always)]
fn copy_short(payload: &[u8], room: &mut [MaybeUninit<u8>], key: [u8; 4]) {
    if let Some(copying) = Copying::new(payload, room) {
        mask_short(copying, key);
    }
}

#[inline(always)]
fn mask_in_place(payload: &mut [u8], key: [u8; 4]) {
    mask_body(InPlace(payload), key);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In loops over many payloads each instruction set masks the short ones, too.
    #[test]
    fn every_level_masks_short_payloads_as_a_byte_loop_does() {
        let key = [0x37, 0xFA, 0x21, 0x3D];
        for level in Level::supported() {
            for length in 0..=SHORT {
                for start in 0..64 {
                    let mut bytes = [0x5A; SHORT + 128];
                    mask_with(level, &mut bytes[start..start + length], key);
                    let expected = (0..bytes.len()).map(|place| match place.checked_sub(start) {
                        Some(at) if at < length => 0x5A ^ key[at % 4],
                        _ => 0x5A,
                    });
                    assert!(expected.eq(bytes), "{level}: {length} bytes at {start}");
                }
            }
        }
    }
}
