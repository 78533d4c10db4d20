//! Text in one pass: unmasked and validated while its bytes are in registers. A text that is not valid costs a
//! second pass, by `core`, which finds where.

use crate::level::compile_per_level;
use crate::mask::{mask_body, rotated};
use crate::simd::Vector;
use crate::utf8::Lookup;
use crate::{Level, Utf8Error};

/// Unmasks a text message that is whole, in place, and validates it in the same pass.
///
/// For text that arrives in pieces there is [`Utf8Validator::push_masked`](crate::Utf8Validator::push_masked).
///
/// ```
/// let mut text = *b"\x7f\x9f\x4d\x51\x58";
/// wscodec_kernel::unmask_text(&mut text, [0x37, 0xfa, 0x21, 0x3d])?;
/// assert_eq!(&text, b"Hello");
/// # Ok::<(), wscodec_kernel::Utf8Error>(())
/// ```
///
/// # Errors
/// [`Utf8Error`] if the text is not UTF-8 (RFC 6455 section 8.1); it is unmasked all the same.
#[inline]
pub fn unmask_text(text: &mut [u8], key: [u8; 4]) -> Result<(), Utf8Error> {
    Level::best().unmask_text(text, key)
}

/// Validates a text message that is whole and not masked.
///
/// ```
/// assert!(wscodec_kernel::validate_text("häßlich".as_bytes()).is_ok());
/// assert_eq!(wscodec_kernel::validate_text(b"ab\xFF").unwrap_err().offset(), 2);
/// ```
///
/// # Errors
/// [`Utf8Error`] if the text is not UTF-8.
#[inline]
pub fn validate_text(text: &[u8]) -> Result<(), Utf8Error> {
    Level::best().validate_text(text)
}

impl Level {
    /// [`unmask_text`] with this instruction set.
    ///
    /// # Errors
    /// As [`unmask_text`].
    #[inline]
    pub fn unmask_text(self, text: &mut [u8], key: [u8; 4]) -> Result<(), Utf8Error> {
        if unmask_and_look(self, text, key, Ending::Whole) { Ok(()) } else { Err(Utf8Error::find(text)) }
    }

    /// [`validate_text`] with this instruction set.
    ///
    /// # Errors
    /// As [`validate_text`].
    #[inline]
    pub fn validate_text(self, text: &[u8]) -> Result<(), Utf8Error> {
        if look(self, text, Ending::Whole) { Ok(()) } else { Err(Utf8Error::find(text)) }
    }
}

/// Where the bytes given leave the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// At its end.
    Whole,
    /// Somewhere, perhaps inside a codepoint. Then a last byte that is never right may go unseen: the vectors see it
    /// together with the next one.
    Open,
}

compile_per_level! {
    /// Whether the bytes are text.
    pub(crate) fn look(text: &[u8], ending: Ending) -> bool = look_body, else look_plain
}

compile_per_level! {
    /// Unmasks the bytes, and tells whether they are text.
    pub(crate) fn unmask_and_look(text: &mut [u8], key: [u8; 4], ending: Ending) -> bool
        = unmask_and_look_body, else unmask_and_look_plain
}

#[inline(always)]
pub(crate) fn look_body<V: Vector>(text: &[u8], ending: Ending) -> bool {
    let mut lookup = Lookup::new();
    let mut blocks = text.chunks_exact(V::LANES);
    for block in &mut blocks {
        lookup.push(V::load(block));
    }
    let rest = blocks.remainder();
    lookup.finish(V::load_partial(rest), rest.len(), ending)
}

#[inline(always)]
pub(crate) fn unmask_and_look_body<V: Vector>(text: &mut [u8], key: [u8; 4], ending: Ending) -> bool {
    let mut lookup = Lookup::new();
    let keys = V::key(key);
    // Loaded before the last whole block is stored, which it overlaps.
    let last = text.len().checked_sub(V::LANES);
    let ending_block = last.map(|last| V::load(&text[last..]).xor(V::key(rotated(key, last))));
    let mut blocks = text.chunks_exact_mut(V::LANES);
    for block in &mut blocks {
        let bytes = V::load(block).xor(keys);
        bytes.store(block);
        lookup.push(bytes);
    }
    let rest = blocks.into_remainder();
    let bytes = V::load_partial(rest).xor(keys).keep(rest.len());
    match (last, ending_block) {
        (Some(last), Some(block)) => block.store(&mut text[last..]),
        _ => bytes.store_partial(rest),
    }
    let length = text.len() % V::LANES;
    lookup.finish(bytes, length, ending)
}

/// `core` tests whole words for ASCII.
#[inline(always)]
pub(crate) fn look_plain(text: &[u8], ending: Ending) -> bool {
    match core::str::from_utf8(text) {
        Ok(_) => true,
        Err(error) => ending == Ending::Open && error.error_len().is_none(),
    }
}

#[inline(always)]
pub(crate) fn unmask_and_look_plain(text: &mut [u8], key: [u8; 4], ending: Ending) -> bool {
    mask_body(text, key);
    look_plain(text, ending)
}
