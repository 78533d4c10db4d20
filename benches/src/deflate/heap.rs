//! The bytes that this program has allocated and not freed, whoever allocated them: Rust or C.
//!
//! Asked of the C library, since a counting allocator would be in everybody's time, and would not see C's calls.
#![cfg_attr(all(target_os = "linux", target_env = "gnu"), allow(unsafe_code))]

/// `None` where the C library does not tell: only glibc does.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn held() -> Option<usize> {
    // SAFETY: mallinfo2 takes nothing, and returns numbers.
    let info = unsafe { libc::mallinfo2() };
    // In arenas, and mapped by themselves.
    Some(info.uordblks + info.hblkhd)
}

/// `None` where the C library does not tell: only glibc does.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn held() -> Option<usize> {
    None
}
