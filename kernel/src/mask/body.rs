//! The algorithm, compiled once for each instruction set; the compiler turns the words into its vectors.
//!
//! ```text
//! up to 3 bytes    first, middle and last byte
//! up to 8          two words, one from each end, which may overlap
//! up to 31, 128,   four words of 8, 32, 64 bytes, the last one at the end and none beyond it, so that they may lie
//! and 256          upon one another: no branch on the length, whose mispredictions cost more than the work
//! above            one block from each end, and aligned blocks between them
//! ```
//! All that may overlap is loaded before any of it is stored, or it would be masked twice in place. Exactly the
//! payload's bytes are stored: a store that reaches into what follows would stall the load of the next frame's header.

use super::buffer::{Buffer, Source};
use super::rotated;
use super::word::Word;

/// A cache line, and the longest vector.
pub(super) const BLOCK: usize = 64;
type Block = [u32; BLOCK / 4];

/// The longest payload that four words of 32 bytes cover.
pub(crate) const SHORT: usize = 128;

#[inline(always)]
pub(crate) fn mask_body(payload: impl Buffer, key: [u8; 4]) {
    if payload.length() <= SHORT {
        mask_short(payload, key);
    } else if payload.length() <= 4 * BLOCK {
        mask_four::<Block, BLOCK>(payload, key);
    } else {
        mask_long(payload, key);
    }
}

/// Up to `SHORT` bytes.
#[inline(always)]
pub(crate) fn mask_short(payload: impl Buffer, key: [u8; 4]) {
    match payload.length() {
        32.. => mask_four::<[u32; 8], 32>(payload, key),
        9..=31 => mask_four::<u64, 8>(payload, key),
        4..=8 => mask_ends::<[u32; 1], 4>(payload, key),
        1..=3 => mask_three(payload, key),
        0 => {}
    }
}

/// Where the others of four words of `N` bytes lie after the first.
#[inline(always)]
pub(crate) fn inner_places<const N: usize>(length: usize) -> (usize, usize, usize) {
    let last = length - N;
    // At a multiple of 4 the key is as at the start.
    (N.min(last & !3), (2 * N).min(last & !3), last)
}

/// 1 to 3 bytes.
#[inline(always)]
fn mask_three(mut payload: impl Buffer, key: [u8; 4]) {
    let (middle, last) = (payload.length() / 2, payload.length() - 1);
    let first_byte = payload.load::<1>(0)[0] ^ key[0];
    let middle_byte = payload.load::<1>(middle)[0] ^ rotated(key, middle)[0];
    let last_byte = payload.load::<1>(last)[0] ^ rotated(key, last)[0];
    payload.store(0, [first_byte]);
    payload.store(middle, [middle_byte]);
    payload.store(last, [last_byte]);
}

/// `N` to `2 * N` bytes.
#[inline(always)]
fn mask_ends<W: Word<N>, const N: usize>(mut payload: impl Buffer, key: [u8; 4]) {
    let last = payload.length() - N;
    let first_word = masked::<W, N>(&payload, 0, W::of_key(key));
    let last_word = masked(&payload, last, W::of_key(rotated(key, last)));
    payload.store(0, first_word);
    payload.store(last, last_word);
}

/// `N` to `4 * N` bytes.
#[inline(always)]
fn mask_four<W: Word<N>, const N: usize>(mut payload: impl Buffer, key: [u8; 4]) {
    let (second, third, last) = inner_places::<N>(payload.length());
    let word = W::of_key(key);
    let first_word = masked(&payload, 0, word);
    let second_word = masked(&payload, second, word);
    let third_word = masked(&payload, third, word);
    let last_word = masked(&payload, last, W::of_key(rotated(key, last)));
    payload.store(0, first_word);
    payload.store(second, second_word);
    payload.store(third, third_word);
    payload.store(last, last_word);
}

/// At least two blocks.
#[inline(always)]
fn mask_long(mut payload: impl Buffer, key: [u8; 4]) {
    let last = payload.length() - BLOCK;
    let first_block = masked(&payload, 0, Block::of_key(key));
    let last_block = masked(&payload, last, Block::of_key(rotated(key, last)));
    // Aligned stores: a store across a cache line costs two.
    let aligned = payload.aligned_place();
    payload.xor_blocks(aligned, &Block::of_key(rotated(key, aligned)).to_bytes());
    payload.store(0, first_block);
    payload.store(last, last_block);
}

/// Four bytes from `place` on, masked with a key whose first byte is for the first of them.
#[inline(always)]
pub(super) fn masked_at(payload: &[u8], place: usize, key: [u8; 4]) -> [u8; 4] {
    masked::<[u32; 1], 4>(payload, place, <[u32; 1]>::of_key(key))
}

#[inline(always)]
fn masked<W: Word<N>, const N: usize>(payload: &(impl Source + ?Sized), place: usize, key: W) -> [u8; N] {
    W::from_bytes(payload.load(place)).xor(key).to_bytes()
}
