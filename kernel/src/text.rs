//! Text in one pass: unmasked and validated while its bytes are in registers. A text that is not valid costs a
//! second pass, by `core`, which finds where.

use crate::level::compile_per_level;
use crate::mask::{InPlace, mask_body, mask_short, masked_word, rotated};
use crate::simd::Vector;
use crate::utf8::Lookup;
use crate::{Level, Utf8Error};

/// Unmasks a text message that is whole, in place, and validates it in the same pass.
///
/// For text that arrives in pieces there is [`Utf8Validator::push_masked`](crate::Utf8Validator::push_masked).
///
/// ```
/// let mut text = *b"\x7f\x9f\x4d\x51\x58";
/// assert_eq!(wscodec_kernel::unmask_text(&mut text, [0x37, 0xfa, 0x21, 0x3d])?, "Hello");
/// # Ok::<(), wscodec_kernel::Utf8Error>(())
/// ```
///
/// # Errors
/// [`Utf8Error`] if the text is not UTF-8 (RFC 6455 section 8.1); it is unmasked all the same.
#[inline]
pub fn unmask_text(text: &mut [u8], key: [u8; 4]) -> Result<&str, Utf8Error> {
    Level::best().unmask_text(text, key)
}

/// Validates a text message that is whole and not masked.
///
/// ```
/// assert_eq!(wscodec_kernel::validate_text(b"h\xC3\xA4sslich")?, "hässlich");
/// assert_eq!(wscodec_kernel::validate_text(b"ab\xFF").unwrap_err().offset(), 2);
/// # Ok::<(), wscodec_kernel::Utf8Error>(())
/// ```
///
/// # Errors
/// [`Utf8Error`] if the text is not UTF-8.
#[inline]
pub fn validate_text(text: &[u8]) -> Result<&str, Utf8Error> {
    Level::best().validate_text(text)
}

impl Level {
    /// [`unmask_text`] with this instruction set.
    ///
    /// # Errors
    /// As [`unmask_text`].
    #[inline]
    pub fn unmask_text(self, text: &mut [u8], key: [u8; 4]) -> Result<&str, Utf8Error> {
        let is_valid = unmask_and_look(self, text, key, Ending::Whole);
        text_if(is_valid, text)
    }

    /// [`validate_text`] with this instruction set.
    ///
    /// # Errors
    /// As [`validate_text`].
    #[inline]
    pub fn validate_text(self, text: &[u8]) -> Result<&str, Utf8Error> {
        text_if(look(self, text, Ending::Whole), text)
    }
}

/// What the vectors have judged: text, or where it goes wrong.
#[inline]
fn text_if(is_valid: bool, text: &[u8]) -> Result<&str, Utf8Error> {
    if is_valid {
        // SAFETY: the whole of it was just found to be UTF-8.
        Ok(unsafe { core::str::from_utf8_unchecked(text) })
    } else {
        Err(Utf8Error::find(text))
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
    let mut groups = text.chunks_exact(4 * V::LANES);
    for group in &mut groups {
        // One by one: a closure given to `map` is not inlined into code for an instruction set.
        let block = |place: usize| V::load(&group[place * V::LANES..]);
        lookup.push_four([block(0), block(1), block(2), block(3)]);
    }
    let mut blocks = groups.remainder().chunks_exact(V::LANES);
    for block in &mut blocks {
        lookup.push(V::load(block));
    }
    let rest = blocks.remainder();
    lookup.finish(V::load_partial(rest), rest.len(), ending)
}

/// As in masking, exactly the bytes of the text are stored, and what overlaps is loaded before it is stored.
#[inline(always)]
pub(crate) fn unmask_and_look_body<V: Vector>(text: &mut [u8], key: [u8; 4], ending: Ending) -> bool {
    if text.len() < V::LANES {
        let bytes = V::load_partial(text).xor(V::key(key)).keep(text.len());
        mask_short(InPlace(text), key);
        return Lookup::new().finish(bytes, text.len(), ending);
    }
    let last = text.len() - V::LANES;
    let last_block = V::load(&text[last..]).xor(V::key(rotated(key, last)));
    let valid = if text.len() < 5 * V::LANES {
        unmask_blocks::<V>(text, key, Lookup::new(), ending)
    } else {
        unmask_aligned_blocks::<V>(text, key, ending)
    };
    last_block.store(&mut text[last..]);
    valid
}

/// Unmasks all whole blocks, and looks at the rest as well.
#[inline(always)]
fn unmask_blocks<V: Vector>(text: &mut [u8], key: [u8; 4], mut lookup: Lookup<V>, ending: Ending) -> bool {
    let keys = V::key(key);
    let unmask = |block: &mut [u8]| {
        let bytes = V::load(block).xor(keys);
        bytes.store(block);
        bytes
    };
    let mut groups = text.chunks_exact_mut(4 * V::LANES);
    for group in &mut groups {
        let (first, rest) = group.split_at_mut(V::LANES);
        let (second, rest) = rest.split_at_mut(V::LANES);
        let (third, fourth) = rest.split_at_mut(V::LANES);
        lookup.push_four([unmask(first), unmask(second), unmask(third), unmask(fourth)]);
    }
    let mut blocks = groups.into_remainder().chunks_exact_mut(V::LANES);
    for block in &mut blocks {
        lookup.push(unmask(block));
    }
    let rest = blocks.into_remainder();
    lookup.finish(V::load_partial(rest).xor(keys).keep(rest.len()), rest.len(), ending)
}

/// The same with aligned stores, which cost half as much as those across two cache lines: after the first block come
/// aligned ones, the first of which overlaps it.
#[inline(always)]
fn unmask_aligned_blocks<V: Vector>(text: &mut [u8], key: [u8; 4], ending: Ending) -> bool {
    let first_block = V::load(text).xor(V::key(key));
    let mut lookup = Lookup::new();
    lookup.push(first_block);
    // The four bytes before the start are needed to judge those after it.
    let start = match text.as_ptr().align_offset(V::LANES) {
        aligned @ 4.. if aligned < V::LANES => aligned,
        _ => V::LANES,
    };
    lookup.step_back(masked_word(text, start - 4, key));
    let valid = unmask_blocks(&mut text[start..], rotated(key, start), lookup, ending);
    first_block.store(text);
    valid
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
    mask_body(InPlace(text), key);
    look_plain(text, ending)
}
