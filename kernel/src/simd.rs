//! What the vector code needs of an instruction set, so that each algorithm is written once.

use core::mem::MaybeUninit;

#[cfg(all(target_arch = "aarch64", target_feature = "neon", not(wscodec_force_scalar)))]
mod neon;
#[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
mod x86;

#[cfg(all(target_arch = "aarch64", target_feature = "neon", not(wscodec_force_scalar)))]
pub(crate) use neon::Neon;
#[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
pub(crate) use x86::{Xmm, Ymm, Zmm};

/// A vector of bytes.
///
/// Values are made in the bodies of [`compile_per_level`](crate::level::compile_per_level) alone: there the instruction
/// set is known to be had. Each method is `#[inline(always)]`, or it would be a call, compiled for the baseline.
pub(crate) trait Vector: Copy {
    /// Bytes in a vector: 16, 32 or 64.
    const LANES: usize;

    /// Whether [`Vector::load_partial`] costs no more than [`Vector::load`] and has no branch on the length.
    const LOADS_PARTS_AT_ONCE: bool = false;

    /// All zero.
    fn zero() -> Self;

    /// One byte, in every lane.
    fn splat(byte: u8) -> Self;

    /// A masking key in wire order, again and again.
    fn key(key: [u8; 4]) -> Self;

    /// 16 bytes, again and again.
    fn table(bytes: &[u8; 16]) -> Self;

    /// Zeros, and these bytes in the last lanes.
    fn ending_in(bytes: [u8; 4]) -> Self;

    /// The first `LANES` bytes of a slice that is at least that long.
    fn load(bytes: &[u8]) -> Self;

    /// A slice of at most `LANES` bytes, and zeros.
    fn load_partial(bytes: &[u8]) -> Self;

    /// Overwrites the first `LANES` bytes of a slice that is at least that long.
    fn store(self, bytes: &mut [u8]);

    /// The same, of bytes that may be uninitialised.
    fn write(self, bytes: &mut [MaybeUninit<u8>]);

    /// The first `length` lanes, and zeros; all of them from `LANES` on.
    fn keep(self, length: usize) -> Self;

    fn xor(self, other: Self) -> Self;

    fn and(self, other: Self) -> Self;

    fn or(self, other: Self) -> Self;

    /// Each byte less that of `other`, but not below 0.
    fn saturating_sub(self, other: Self) -> Self;

    /// The upper four bits of each byte.
    fn high_nibbles(self) -> Self;

    /// The entry of a [`Vector::table`] for each byte, which must be below 16.
    fn look_up(self, table: Self) -> Self;

    /// Each lane takes the byte 1 place earlier in the stream that `before` and `self` are of.
    fn back1(self, before: Self) -> Self;

    /// 2 places earlier.
    fn back2(self, before: Self) -> Self;

    /// 3 places earlier.
    fn back3(self, before: Self) -> Self;

    /// Whether no bit is set.
    fn is_zero(self) -> bool;

    /// Whether no byte has its top bit set.
    fn is_ascii(self) -> bool;

    /// Whether none of the first `length` bytes has its top bit set.
    #[inline(always)]
    fn is_ascii_before(self, length: usize) -> bool {
        self.keep(length).is_ascii()
    }
}

/// Up to 16 bytes and zeros, without a copy through memory: two words from the ends, shifted together.
#[inline(always)]
fn partial_word(bytes: &[u8]) -> u128 {
    let length = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        join(u64::from_le_bytes(*first).into(), u64::from_le_bytes(*last).into(), 8, length)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        join(u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into(), 4, length)
    } else if let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) {
        let middle = u128::from(bytes[length / 2]) << (8 * (length / 2));
        u128::from(first) | middle | u128::from(last) << (8 * (length - 1))
    } else {
        0
    }
}

/// `length` bytes of which `first` and `last` are the `size` at either end; where they overlap they are the same.
#[inline(always)]
fn join(first: u128, last: u128, size: usize, length: usize) -> u128 {
    first | last << (8 * (length - size))
}
