//! Where a payload is and where it goes: the same place, or another.

use core::mem::MaybeUninit;

use super::body::BLOCK;

/// Loads from anywhere in a payload.
pub(crate) trait Source {
    fn length(&self) -> usize;

    /// `N` bytes from `place` on.
    fn load<const N: usize>(&self, place: usize) -> [u8; N];
}

/// Stores to anywhere in what becomes of it.
pub(crate) trait Buffer: Source {
    /// `N` bytes from `place` on.
    fn store<const N: usize>(&mut self, place: usize, bytes: [u8; N]);

    /// The first place that is stored to at a multiple of the block's size, at most that size from the start.
    fn aligned_place(&self) -> usize;

    /// Xors all whole blocks from `place` on.
    fn xor_blocks(&mut self, place: usize, pattern: &[u8; BLOCK]);
}

/// A payload that is masked where it lies.
pub(crate) struct InPlace<'a>(pub(crate) &'a mut [u8]);

/// A payload that is masked while it is copied.
pub(crate) struct Copying<'a> {
    from: &'a [u8],
    /// As long as `from`.
    to: &'a mut [MaybeUninit<u8>],
}

impl<'a> Copying<'a> {
    /// To the start of `to`, if it is long enough.
    #[inline(always)]
    pub(crate) fn new(from: &'a [u8], to: &'a mut [MaybeUninit<u8>]) -> Option<Self> {
        Some(Self { from, to: to.get_mut(..from.len())? })
    }
}

impl Source for [u8] {
    #[inline(always)]
    fn length(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn load<const N: usize>(&self, place: usize) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self[place..place + N]);
        bytes
    }
}

impl Source for InPlace<'_> {
    #[inline(always)]
    fn length(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn load<const N: usize>(&self, place: usize) -> [u8; N] {
        self.0.load(place)
    }
}

impl Buffer for InPlace<'_> {
    #[inline(always)]
    fn store<const N: usize>(&mut self, place: usize, bytes: [u8; N]) {
        self.0[place..place + N].copy_from_slice(&bytes);
    }

    #[inline(always)]
    fn aligned_place(&self) -> usize {
        self.0.as_ptr().align_offset(BLOCK).min(BLOCK)
    }

    #[inline(always)]
    fn xor_blocks(&mut self, place: usize, pattern: &[u8; BLOCK]) {
        for block in self.0[place..].as_chunks_mut::<BLOCK>().0 {
            for (byte, key) in block.iter_mut().zip(pattern) {
                *byte ^= key;
            }
        }
    }
}

impl Source for Copying<'_> {
    #[inline(always)]
    fn length(&self) -> usize {
        self.from.len()
    }

    #[inline(always)]
    fn load<const N: usize>(&self, place: usize) -> [u8; N] {
        self.from.load(place)
    }
}

impl Buffer for Copying<'_> {
    #[inline(always)]
    fn store<const N: usize>(&mut self, place: usize, bytes: [u8; N]) {
        write(&mut self.to[place..place + N], &bytes);
    }

    #[inline(always)]
    fn aligned_place(&self) -> usize {
        self.to.as_ptr().align_offset(BLOCK).min(BLOCK)
    }

    #[inline(always)]
    fn xor_blocks(&mut self, place: usize, pattern: &[u8; BLOCK]) {
        let from = self.from[place..].as_chunks::<BLOCK>().0;
        let to = self.to[place..].as_chunks_mut::<BLOCK>().0;
        let to_address = to.as_ptr().addr();
        let blocks = to.iter_mut().zip(from);
        if stores_get_in_the_way(from.as_ptr().addr(), to_address) {
            blocks.rev().for_each(|(to, from)| xor_block(to, from, pattern));
        } else {
            blocks.for_each(|(to, from)| xor_block(to, from, pattern));
        }
    }
}

/// Whether stores from `to` on are soon followed by loads from addresses that end alike, which CPUs take for loads of what was
/// stored until they have looked closer: that takes up to twice the time. From the last block to the first there are no such.
#[inline(always)]
const fn stores_get_in_the_way(from: usize, to: usize) -> bool {
    matches!(to.wrapping_sub(from) % PAGE, 1..NEAR)
}

/// Addresses end alike if they are the same within their pages.
const PAGE: usize = 4096;

/// Further behind, the stores are done.
const NEAR: usize = 512;

#[inline(always)]
fn xor_block(to: &mut [MaybeUninit<u8>; BLOCK], from: &[u8; BLOCK], pattern: &[u8; BLOCK]) {
    for ((to, from), key) in to.iter_mut().zip(from).zip(pattern) {
        to.write(from ^ key);
    }
}

/// Copies between slices of the same length; the compiler makes one store of a short array.
#[inline(always)]
pub(crate) fn write(to: &mut [MaybeUninit<u8>], bytes: &[u8]) {
    for (to, byte) in to.iter_mut().zip(bytes) {
        to.write(*byte);
    }
}

/// Bytes as room that is written over.
///
/// # Safety
/// Nothing but initialised bytes is written there.
#[inline(always)]
pub(crate) unsafe fn room(bytes: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: the two types differ in nothing but what may be in them, which the caller sees to.
    unsafe { &mut *(&raw mut *bytes as *mut [MaybeUninit<u8>]) }
}

/// The first `length` bytes of `out`.
///
/// # Safety
/// They were written.
#[inline(always)]
pub(crate) unsafe fn written(out: &mut [MaybeUninit<u8>], length: usize) -> &mut [u8] {
    let written = &mut out[..length];
    // SAFETY: the caller's promise, and the two types differ in nothing else.
    unsafe { &mut *(&raw mut *written as *mut [u8]) }
}
