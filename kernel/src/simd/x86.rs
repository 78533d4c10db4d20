//! The vectors of SSE4.1, AVX2 and AVX-512.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use super::{Vector, partial_word};

/// 16 bytes: SSSE3 and SSE4.1.
#[derive(Clone, Copy)]
pub(crate) struct Xmm(__m128i);

/// 32 bytes: AVX2.
#[derive(Clone, Copy)]
pub(crate) struct Ymm(__m256i);

/// 64 bytes: AVX-512 with BW and VBMI.
#[derive(Clone, Copy)]
pub(crate) struct Zmm(__m512i);

/// Runs intrinsics that touch no memory.
macro_rules! compute {
    ($computation:expr) => {
        // SAFETY: the intrinsics only ask for their instruction set, and `Vector` promises that its methods are called
        // where that is known to be had.
        unsafe { $computation }
    };
}

/// The methods that differ by the names of their intrinsics alone.
macro_rules! same_in_all {
    ($lanes:literal, $load:ident, $store:ident, $zero:ident, $splat:ident, $key:ident, $xor:ident, $and:ident,
     $or:ident, $subtract:ident, $shift:ident, $shuffle:ident) => {
        const LANES: usize = $lanes;

        #[inline(always)]
        fn zero() -> Self {
            Self(compute!($zero()))
        }

        #[inline(always)]
        fn splat(byte: u8) -> Self {
            Self(compute!($splat(byte.cast_signed())))
        }

        #[inline(always)]
        fn key(key: [u8; 4]) -> Self {
            Self(compute!($key(i32::from_le_bytes(key))))
        }

        #[inline(always)]
        fn load(bytes: &[u8]) -> Self {
            let bytes = &bytes[..$lanes];
            // SAFETY: `bytes` is as long as the vector, and the load asks for no alignment.
            Self(unsafe { $load(bytes.as_ptr().cast()) })
        }

        #[inline(always)]
        fn store(self, bytes: &mut [u8]) {
            let bytes = &mut bytes[..$lanes];
            // SAFETY: `bytes` is as long as the vector, and the store asks for no alignment.
            unsafe { $store(bytes.as_mut_ptr().cast(), self.0) }
        }

        #[inline(always)]
        fn write(self, bytes: &mut [MaybeUninit<u8>]) {
            let bytes = &mut bytes[..$lanes];
            // SAFETY: `bytes` is as long as the vector, and the store asks for no alignment.
            unsafe { $store(bytes.as_mut_ptr().cast(), self.0) }
        }

        #[inline(always)]
        fn xor(self, other: Self) -> Self {
            Self(compute!($xor(self.0, other.0)))
        }

        #[inline(always)]
        fn and(self, other: Self) -> Self {
            Self(compute!($and(self.0, other.0)))
        }

        #[inline(always)]
        fn or(self, other: Self) -> Self {
            Self(compute!($or(self.0, other.0)))
        }

        #[inline(always)]
        fn saturating_sub(self, other: Self) -> Self {
            Self(compute!($subtract(self.0, other.0)))
        }

        #[inline(always)]
        fn high_nibbles(self) -> Self {
            Self(compute!($shift::<4>(self.0))).and(Self::splat(0x0F))
        }

        #[inline(always)]
        fn look_up(self, table: Self) -> Self {
            Self(compute!($shuffle(table.0, self.0)))
        }
    };
}

/// A row of as many ones as the longest vector without a mask register has lanes, and of as many zeros.
static ONES_THEN_ZEROS: [u8; 64] = {
    let mut row = [0; 64];
    let mut lane = 0;
    while lane < 32 {
        row[lane] = 0xFF;
        lane += 1;
    }
    row
};

/// The numbers of 16 lanes, and 16 numbers that no lane has, for which a shuffle gives 0.
static LANES_THEN_NONE: [u8; 32] = {
    let mut row = [0xFF; 32];
    let mut lane = 0;
    while lane < 16 {
        row[lane as usize] = lane;
        lane += 1;
    }
    row
};

macro_rules! keep_by_and {
    () => {
        #[inline(always)]
        fn keep(self, length: usize) -> Self {
            self.and(Self::load(&ONES_THEN_ZEROS[32 - length.min(Self::LANES)..]))
        }
    };
}

impl Vector for Xmm {
    same_in_all!(
        16,
        _mm_loadu_si128,
        _mm_storeu_si128,
        _mm_setzero_si128,
        _mm_set1_epi8,
        _mm_set1_epi32,
        _mm_xor_si128,
        _mm_and_si128,
        _mm_or_si128,
        _mm_subs_epu8,
        _mm_srli_epi16,
        _mm_shuffle_epi8
    );
    keep_by_and!();

    #[inline(always)]
    fn table(bytes: &[u8; 16]) -> Self {
        Self::load(bytes)
    }

    #[inline(always)]
    fn ending_in(bytes: [u8; 4]) -> Self {
        Self(compute!(_mm_insert_epi32::<3>(_mm_setzero_si128(), i32::from_le_bytes(bytes))))
    }

    #[inline(always)]
    fn load_partial(bytes: &[u8]) -> Self {
        Self::load(&partial_word(bytes).to_le_bytes())
    }

    #[inline(always)]
    fn back1(self, before: Self) -> Self {
        Self(compute!(_mm_alignr_epi8::<15>(self.0, before.0)))
    }

    #[inline(always)]
    fn back2(self, before: Self) -> Self {
        Self(compute!(_mm_alignr_epi8::<14>(self.0, before.0)))
    }

    #[inline(always)]
    fn back3(self, before: Self) -> Self {
        Self(compute!(_mm_alignr_epi8::<13>(self.0, before.0)))
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        compute!(_mm_testz_si128(self.0, self.0)) == 1
    }

    #[inline(always)]
    fn is_ascii(self) -> bool {
        compute!(_mm_movemask_epi8(self.0)) == 0
    }
}

impl Ymm {
    /// The upper half of `before` and the lower half of `self`.
    #[inline(always)]
    fn half_back(self, before: Self) -> __m256i {
        compute!(_mm256_permute2x128_si256::<0x21>(before.0, self.0))
    }
}

impl Vector for Ymm {
    same_in_all!(
        32,
        _mm256_loadu_si256,
        _mm256_storeu_si256,
        _mm256_setzero_si256,
        _mm256_set1_epi8,
        _mm256_set1_epi32,
        _mm256_xor_si256,
        _mm256_and_si256,
        _mm256_or_si256,
        _mm256_subs_epu8,
        _mm256_srli_epi16,
        _mm256_shuffle_epi8
    );
    keep_by_and!();

    #[inline(always)]
    fn ending_in(bytes: [u8; 4]) -> Self {
        Self(compute!(_mm256_insert_epi32::<7>(_mm256_setzero_si256(), i32::from_le_bytes(bytes))))
    }

    #[inline(always)]
    fn load_partial(bytes: &[u8]) -> Self {
        if bytes.len() < 16 {
            return Self(compute!(_mm256_zextsi128_si256(Xmm::load_partial(bytes).0)));
        }
        // The last 16 bytes, shifted down over those that the lower half has already.
        let last = Xmm::load(&bytes[bytes.len() - 16..]);
        let shift = Xmm::load(&LANES_THEN_NONE[32 - bytes.len()..]);
        let upper = shift.look_up(last);
        Self(compute!(_mm256_set_m128i(upper.0, Xmm::load(bytes).0)))
    }

    #[inline(always)]
    fn table(bytes: &[u8; 16]) -> Self {
        Self(compute!(_mm256_broadcastsi128_si256(Xmm::load(bytes).0)))
    }

    #[inline(always)]
    fn back1(self, before: Self) -> Self {
        Self(compute!(_mm256_alignr_epi8::<15>(self.0, self.half_back(before))))
    }

    #[inline(always)]
    fn back2(self, before: Self) -> Self {
        Self(compute!(_mm256_alignr_epi8::<14>(self.0, self.half_back(before))))
    }

    #[inline(always)]
    fn back3(self, before: Self) -> Self {
        Self(compute!(_mm256_alignr_epi8::<13>(self.0, self.half_back(before))))
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        compute!(_mm256_testz_si256(self.0, self.0)) == 1
    }

    #[inline(always)]
    fn is_ascii(self) -> bool {
        compute!(_mm256_movemask_epi8(self.0)) == 0
    }
}

impl Zmm {
    /// The last quarter of `before` and the first three of `self`.
    #[inline(always)]
    fn quarter_back(self, before: Self) -> __m512i {
        compute!(_mm512_alignr_epi32::<12>(self.0, before.0))
    }

    /// A bit for each of the first `length` lanes.
    #[inline(always)]
    fn first(length: usize) -> __mmask64 {
        compute!(_bzhi_u64(u64::MAX, u32::try_from(length).unwrap_or(64).min(64)))
    }
}

impl Vector for Zmm {
    same_in_all!(
        64,
        _mm512_loadu_si512,
        _mm512_storeu_si512,
        _mm512_setzero_si512,
        _mm512_set1_epi8,
        _mm512_set1_epi32,
        _mm512_xor_si512,
        _mm512_and_si512,
        _mm512_or_si512,
        _mm512_subs_epu8,
        _mm512_srli_epi16,
        _mm512_shuffle_epi8
    );

    const LOADS_PARTS_AT_ONCE: bool = true;

    #[inline(always)]
    fn load_partial(bytes: &[u8]) -> Self {
        debug_assert!(bytes.len() <= Self::LANES);
        // SAFETY: only the lanes of the mask are read, and those are the bytes of the slice.
        Self(unsafe { _mm512_maskz_loadu_epi8(Self::first(bytes.len()), bytes.as_ptr().cast()) })
    }

    #[inline(always)]
    fn ending_in(bytes: [u8; 4]) -> Self {
        Self(compute!(_mm512_maskz_set1_epi32(0x8000, i32::from_le_bytes(bytes))))
    }

    #[inline(always)]
    fn keep(self, length: usize) -> Self {
        Self(compute!(_mm512_maskz_mov_epi8(Self::first(length), self.0)))
    }

    #[inline(always)]
    fn table(bytes: &[u8; 16]) -> Self {
        Self(compute!(_mm512_broadcast_i32x4(Xmm::load(bytes).0)))
    }

    #[inline(always)]
    fn back1(self, before: Self) -> Self {
        Self(compute!(_mm512_alignr_epi8::<15>(self.0, self.quarter_back(before))))
    }

    #[inline(always)]
    fn back2(self, before: Self) -> Self {
        Self(compute!(_mm512_alignr_epi8::<14>(self.0, self.quarter_back(before))))
    }

    #[inline(always)]
    fn back3(self, before: Self) -> Self {
        Self(compute!(_mm512_alignr_epi8::<13>(self.0, self.quarter_back(before))))
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        compute!(_mm512_test_epi8_mask(self.0, self.0)) == 0
    }

    #[inline(always)]
    fn is_ascii(self) -> bool {
        compute!(_mm512_movepi8_mask(self.0)) == 0
    }

    #[inline(always)]
    fn is_ascii_before(self, length: usize) -> bool {
        compute!(_mm512_movepi8_mask(self.0)) & Self::first(length) == 0
    }
}
