//! From a DEFLATE stream with an end to a permessage-deflate payload.
#![forbid(unsafe_code)]

use super::bits::Bits;
use super::huffman::{Lengths, Walker, end_of_block};
use crate::payload::EMPTY_BLOCK_HEADER;

/// Clears BFINAL of the last block of the stream `out[start..]` and puts the header of an empty stored block after it.
///
/// ```text
///  ... last block ... end of block | k bits of padding, all 0 | 00 00 FF FF, cut off and put back by the receiver
///                                   ^ k >= 3: BFINAL=0, BTYPE=00 stand here already, and padding to the byte's end
///                                     k <  3: they need a byte of their own, the rest of this one is padding to it
/// ```
///
/// The header of a single block, and of the last of several, is enough to know `k`: the zeros that the stream ends in are
/// the padding and those of the codeword before it. Only a codeword of nothing but zeros has to be found by walking.
///
/// `None` if it is no such stream, with `out` as it was.
pub(super) fn make_nonfinal(out: &mut Vec<u8>, start: usize) -> Option<()> {
    let stream = &out[start..];
    let last = last_block(stream)?;
    let padding = padding(stream, last)?;
    out[start + last / 8] &= !(1 << (last % 8));
    if padding < 3 {
        out.push(EMPTY_BLOCK_HEADER);
    }
    Some(())
}

/// Where the header of the block with BFINAL=1 begins, in bits.
fn last_block(stream: &[u8]) -> Option<usize> {
    let mut bits = Bits::at(stream, 0);
    loop {
        let start = bits.position();
        if bits.peek() & 1 == 1 {
            return (start < stream.len() * 8).then_some(start);
        }
        walk_block(&mut bits)?;
    }
}

/// How many bits lie between the end of the block at bit `last` and the end of the stream.
fn padding(stream: &[u8], last: usize) -> Option<usize> {
    let mut bits = Bits::at(stream, last + 1);
    match bits.take(2) {
        STORED => return Some(0),
        // The codeword is seven zeros.
        FIXED => Walker::fixed()?.walk(&mut bits)?,
        DYNAMIC => {
            let codeword = end_of_block(&mut bits)?;
            if codeword != 0 {
                return trailing_zeros(stream).checked_sub(codeword.trailing_zeros() as usize);
            }
            bits = Bits::at(stream, last + 3);
            Lengths::read(&mut bits)?.walker()?.walk(&mut bits)?;
        }
        _ => return None,
    }
    Some(stream.len() * 8 - bits.position())
}

/// From the start of a block to behind it.
fn walk_block(bits: &mut Bits<'_>) -> Option<()> {
    bits.skip(1);
    match bits.take(2) {
        STORED => {
            bits.align();
            let length = usize::from(bits.take(16));
            bits.skip(16 + length * 8);
        }
        FIXED => Walker::fixed()?.walk(bits)?,
        DYNAMIC => Lengths::read(bits)?.walker()?.walk(bits)?,
        _ => return None,
    }
    (!bits.overran()).then_some(())
}

/// The zero bits that the stream ends in, the last of them the highest of the last byte.
fn trailing_zeros(stream: &[u8]) -> usize {
    let mut zeros = 0;
    for byte in stream.iter().rev() {
        zeros += byte.leading_zeros() as usize;
        if *byte != 0 {
            break;
        }
    }
    zeros
}

/// BTYPE (RFC 1951 section 3.2.3).
pub(super) const STORED: u16 = 0b00;
pub(super) const FIXED: u16 = 0b01;
pub(super) const DYNAMIC: u16 = 0b10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_block_of_each_type() {
        // "Hello" with fixed codes and two bits of padding; stored; and one letter with fixed codes and four bits.
        for (stream, payload) in [
            (
                &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
                &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
            ),
            (&[0x01, 0x01, 0x00, 0xfe, 0xff, b'a'], &[0x00, 0x01, 0x00, 0xfe, 0xff, b'a', 0x00]),
            (&[0x4b, 0x04, 0x00], &[0x4a, 0x04, 0x00]),
        ] {
            let mut out = [b"before", stream].concat();
            make_nonfinal(&mut out, 6).unwrap();
            assert_eq!(&out[6..], payload);
        }
    }

    #[test]
    fn bytes_that_are_no_stream_are_left_alone() {
        let mut state = 1_u64;
        for round in 0..200_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut bytes = state.to_le_bytes().repeat(1 + round % 30);
            for (i, byte) in bytes.iter_mut().enumerate() {
                *byte = byte.wrapping_mul(i.to_le_bytes()[0] | 1);
            }
            let before = bytes.clone();
            if make_nonfinal(&mut bytes, 0).is_none() {
                assert_eq!(bytes, before);
            }
        }
        assert!(make_nonfinal(&mut Vec::new(), 0).is_none());
    }
}
