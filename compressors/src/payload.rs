//! The payload rules of RFC 7692 section 7.2, for every backend: the tail, the empty message, the window.
#![forbid(unsafe_code)]

/// LEN and NLEN of an empty stored block: what a sync flush ends in, the sender cuts off (section 7.2.1) and the
/// receiver puts back (section 7.2.2).
pub(crate) const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The header of an empty stored block on a byte boundary, [`TAIL`] cut off: the whole payload of an empty message
/// (section 7.2.3.6), and what has to end a payload whose last block leaves no room for the header's three bits.
pub(crate) const EMPTY_BLOCK_HEADER: u8 = 0x00;

/// An empty stored block, and a boundary on both sides of it.
#[cfg(feature = "flate2")]
pub(crate) const EMPTY_BLOCK: [u8; 5] = [EMPTY_BLOCK_HEADER, 0x00, 0x00, 0xff, 0xff];

/// The same with BFINAL set. It makes an engine say whether it stood on a block's boundary, at the price of its state.
pub(crate) const FINAL_BLOCK: [u8; 5] = [0x01, 0x00, 0x00, 0xff, 0xff];

/// [`TAIL`] and [`FINAL_BLOCK`] in one: what turns a payload into a DEFLATE stream with an end (RFC 1951).
pub(crate) const FINAL_TAIL: [u8; 9] = concat(TAIL, FINAL_BLOCK);

/// The furthest that DEFLATE reaches back, in bytes.
pub(crate) const MAX_WINDOW: usize = 1 << 15;

/// The window that zlib-family encoders need for an agreed one: they can't do 8 bits, and with 9 they never reach
/// further back than the 250 bytes that leave room for the longest match, which is within 8 bits as well.
#[cfg(feature = "zlib-rs")]
pub(crate) const fn encoder_window_bits(agreed: u8) -> u8 {
    if agreed < 9 { 9 } else { agreed }
}

/// Appends `bytes`, at most 65,535 of them, as a stored block that isn't final: to give an engine its history back.
pub(crate) fn push_stored_block(bytes: &[u8], out: &mut Vec<u8>) {
    let length = u16::try_from(bytes.len()).expect("a window fits a stored block");
    out.push(0x00);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(bytes);
}

const fn concat(tail: [u8; 4], last: [u8; 5]) -> [u8; 9] {
    [tail[0], tail[1], tail[2], tail[3], last[0], last[1], last[2], last[3], last[4]]
}
