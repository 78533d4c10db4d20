//! The payload rules of RFC 7692 section 7.2, for every backend: the tail, the empty message, the window.
#![forbid(unsafe_code)]
#![cfg_attr(
    not(any(feature = "flate2", feature = "zlib-rs", feature = "libdeflate")),
    allow(dead_code, reason = "only the backends know most of the rules")
)]

/// LEN and NLEN of an empty stored block: what a sync flush ends in, the sender cuts off (section 7.2.1) and the
/// receiver puts back (section 7.2.2).
pub(crate) const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The header of an empty stored block on a byte boundary, [`TAIL`] cut off: the whole payload of an empty message
/// (section 7.2.3.6), and what has to end a payload whose last block leaves no room for the header's three bits.
pub(crate) const EMPTY_BLOCK_HEADER: u8 = 0x00;

/// An empty stored block, and a boundary on both sides of it.
#[cfg(feature = "flate2")]
pub(crate) const EMPTY_BLOCK: [u8; 5] = [EMPTY_BLOCK_HEADER, 0x00, 0x00, 0xff, 0xff];

/// An empty stored block with BFINAL=1. It makes an engine say whether it stood on a block's boundary, at the price of
/// its history.
#[cfg(any(feature = "flate2", feature = "zlib-rs"))]
const FINAL_BLOCK: [u8; 5] = [0x01, 0x00, 0x00, 0xff, 0xff];

/// [`TAIL`] and [`FINAL_BLOCK`] in one: what turns a payload into a DEFLATE stream with an end (RFC 1951).
#[cfg(any(feature = "flate2", feature = "zlib-rs"))]
pub(crate) const FINAL_TAIL: [u8; 9] = {
    let ([a, b, c, d], [e, f, g, h, i]) = (TAIL, FINAL_BLOCK);
    [a, b, c, d, e, f, g, h, i]
};

/// The furthest that DEFLATE reaches back, in bytes.
pub(crate) const MAX_WINDOW: usize = 1 << MAX_WINDOW_BITS;

/// The same as a base-2 logarithm.
pub(crate) const MAX_WINDOW_BITS: u8 = 15;

/// The window that zlib-family encoders need for an agreed one: they can't do 8 bits, and with 9 they never reach
/// further back than the 250 bytes that leave room for the longest match, which is within 8 bits as well.
#[cfg(feature = "zlib-rs")]
pub(crate) const fn encoder_window_bits(agreed: u8) -> u8 {
    if agreed < 9 { 9 } else { agreed }
}

/// Appends `pieces`, at most 65,535 bytes together, as a stored block that isn't final: to give an engine its history back.
pub(crate) fn push_stored_block(pieces: &[&[u8]], out: &mut Vec<u8>) {
    let length = pieces.iter().map(|piece| piece.len()).sum::<usize>();
    let length = u16::try_from(length).expect("a window fits a stored block");
    out.push(0x00);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}

/// How many blocks with BFINAL=1 a payload may have had after this many bytes of it, if it goes on behind the last of them:
/// each costs the receiver its window once more, up to 30 us on some engines, so what nobody sends but to harm has an end. One
/// for each KiB keeps that in proportion to what the peer had to send. What comes later doesn't count, for the frames of it
/// may not be there yet. Section 7.2.3.4 knows no bound.
pub(crate) fn most_final_blocks(payload: usize) -> usize {
    (4 + payload / 1024).min(128)
}

/// Why a payload is refused, in the words of every backend.
pub(crate) mod reason {
    use crate::DecompressError;

    #[cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs"))]
    pub(crate) const UNDER_WAY: &str = "the fragments of another message are under way";
    pub(crate) const WHOLE_ONLY: &str = "this backend decompresses whole messages only";
    pub(crate) const EMPTY: DecompressError =
        DecompressError::Corrupt("a payload has one byte at least, also that of an empty message");
    pub(crate) const TOO_SOON: DecompressError = DecompressError::Corrupt("the payload ends within a block");
    pub(crate) const TOO_MANY_FINAL: DecompressError = DecompressError::Corrupt("too many final blocks");
}
