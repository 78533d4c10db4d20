//! Asking for memory before it is needed.

/// Asks for the cache lines of a value, so that they are there when it is read or written; a slice's and a `str`'s are those of its
/// elements. A hint, and nothing else: nothing is read, and where the CPU has no such instruction that we know of nothing is
/// done.
///
/// For who goes through many values that lie far apart: to ask for one some values ahead lets the memory work meanwhile. A line
/// that is there already costs an instruction all the same.
///
/// ```
/// use wscodec_kernel::prefetch;
///
/// let far_apart: Vec<Box<[u64; 8]>> = (0..100).map(|n| Box::new([n; 8])).collect();
/// let mut sum = 0;
/// for (place, value) in far_apart.iter().enumerate() {
///     far_apart.get(place + 4).into_iter().for_each(|ahead| prefetch(&**ahead));
///     sum += value.iter().sum::<u64>();
/// }
/// assert_eq!(sum, 8 * 99 * 50);
/// ```
#[inline(always)]
pub fn prefetch<T: ?Sized>(value: &T) {
    let (start, bytes) = (core::ptr::from_ref(value).cast::<u8>(), size_of_val(value));
    if bytes == 0 {
        return;
    }
    // The lines of every place a line's length apart, and that of the last byte.
    for place in (0..bytes - 1).step_by(LINE) {
        line(start.wrapping_add(place));
    }
    line(start.wrapping_add(bytes - 1));
}

/// A line's length in bytes, or a part of it.
const LINE: usize = 64;

#[inline(always)]
fn line(place: *const u8) {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse", not(miri)))]
    // SAFETY: the instruction reads nothing, and raises no fault for any address.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

        _mm_prefetch::<_MM_HINT_T0>(place.cast());
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: the instruction reads nothing, and raises no fault for any address.
    unsafe {
        core::arch::asm!("prfm pldl1keep, [{place}]", place = in(reg) place, options(nostack, preserves_flags, readonly));
    }
    #[cfg(any(miri, not(any(all(target_arch = "x86_64", target_feature = "sse"), target_arch = "aarch64"))))]
    let _ = place;
}
