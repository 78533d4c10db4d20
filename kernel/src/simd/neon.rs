//! The vectors of NEON, which every aarch64 target with `std` has.

use core::arch::aarch64::*;
use core::mem::MaybeUninit;

use super::{Vector, partial_word};

/// 16 bytes.
#[derive(Clone, Copy)]
pub(crate) struct Neon(uint8x16_t);

/// Runs intrinsics that touch no memory.
macro_rules! compute {
    ($computation:expr) => {{
        // Some of these intrinsics are safe functions where NEON is part of the target, depending on the compiler.
        #[allow(unused_unsafe)]
        // SAFETY: the intrinsics only ask for NEON, and this module is compiled where the target has it.
        let result = unsafe { $computation };
        result
    }};
}

impl Vector for Neon {
    const LANES: usize = 16;

    #[inline(always)]
    fn zero() -> Self {
        Self::splat(0)
    }

    #[inline(always)]
    fn splat(byte: u8) -> Self {
        Self(compute!(vdupq_n_u8(byte)))
    }

    #[inline(always)]
    fn key(key: [u8; 4]) -> Self {
        Self(compute!(vreinterpretq_u8_u32(vdupq_n_u32(u32::from_ne_bytes(key)))))
    }

    #[inline(always)]
    fn table(bytes: &[u8; 16]) -> Self {
        Self::load(bytes)
    }

    #[inline(always)]
    fn load(bytes: &[u8]) -> Self {
        let bytes = &bytes[..16];
        // SAFETY: `bytes` is as long as the vector, and the load asks for no alignment.
        Self(unsafe { vld1q_u8(bytes.as_ptr()) })
    }

    #[inline(always)]
    fn load_partial(bytes: &[u8]) -> Self {
        Self::load(&partial_word(bytes).to_le_bytes())
    }

    #[inline(always)]
    fn ending_in(bytes: [u8; 4]) -> Self {
        let word = compute!(vsetq_lane_u32::<3>(u32::from_ne_bytes(bytes), vdupq_n_u32(0)));
        Self(compute!(vreinterpretq_u8_u32(word)))
    }

    #[inline(always)]
    fn store(self, bytes: &mut [u8]) {
        let bytes = &mut bytes[..16];
        // SAFETY: `bytes` is as long as the vector, and the store asks for no alignment.
        unsafe { vst1q_u8(bytes.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn write(self, bytes: &mut [MaybeUninit<u8>]) {
        let bytes = &mut bytes[..16];
        // SAFETY: `bytes` is as long as the vector, and the store asks for no alignment.
        unsafe { vst1q_u8(bytes.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn keep(self, length: usize) -> Self {
        const LANE: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let length = u8::try_from(length).unwrap_or(16);
        Self(compute!(vandq_u8(self.0, vcltq_u8(Self::load(&LANE).0, vdupq_n_u8(length)))))
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(compute!(veorq_u8(self.0, other.0)))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(compute!(vandq_u8(self.0, other.0)))
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(compute!(vorrq_u8(self.0, other.0)))
    }

    #[inline(always)]
    fn saturating_sub(self, other: Self) -> Self {
        Self(compute!(vqsubq_u8(self.0, other.0)))
    }

    #[inline(always)]
    fn high_nibbles(self) -> Self {
        Self(compute!(vshrq_n_u8::<4>(self.0)))
    }

    #[inline(always)]
    fn look_up(self, table: Self) -> Self {
        Self(compute!(vqtbl1q_u8(table.0, self.0)))
    }

    #[inline(always)]
    fn back1(self, before: Self) -> Self {
        Self(compute!(vextq_u8::<15>(before.0, self.0)))
    }

    #[inline(always)]
    fn back2(self, before: Self) -> Self {
        Self(compute!(vextq_u8::<14>(before.0, self.0)))
    }

    #[inline(always)]
    fn back3(self, before: Self) -> Self {
        Self(compute!(vextq_u8::<13>(before.0, self.0)))
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        compute!(vmaxvq_u8(self.0)) == 0
    }

    #[inline(always)]
    fn is_ascii(self) -> bool {
        compute!(vmaxvq_u8(self.0)) < 0x80
    }
}
