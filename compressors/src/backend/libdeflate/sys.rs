//! The calls into C: the only unsafe code of this crate.
#![allow(unsafe_code)]

use core::ffi::{c_int, c_void};
use core::ptr::NonNull;
use std::alloc::{Layout, alloc, dealloc};

use libdeflate_sys::{
    libdeflate_alloc_compressor_ex, libdeflate_alloc_decompressor_ex, libdeflate_compressor,
    libdeflate_decompressor, libdeflate_deflate_compress, libdeflate_deflate_compress_bound,
    libdeflate_deflate_decompress_ex, libdeflate_free_compressor, libdeflate_free_decompressor,
    libdeflate_options, libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE,
    libdeflate_result_LIBDEFLATE_SUCCESS,
};

/// A `libdeflate_compressor`, owned.
pub(super) struct CompressorHandle {
    /// Valid until dropped.
    raw: NonNull<libdeflate_compressor>,
    memory: usize,
}

// SAFETY: libdeflate keeps no thread-local state; a compressor may be used from any thread, one at a time.
unsafe impl Send for CompressorHandle {}

impl CompressorHandle {
    /// `None` if there is no memory, or no such level.
    pub(super) fn new(level: u8) -> Option<Self> {
        let (raw, memory) = counted(|| {
            // SAFETY: the options outlive the call, and their functions are malloc and free to each other.
            unsafe { libdeflate_alloc_compressor_ex(c_int::from(level), &OPTIONS) }
        });
        Some(Self { raw: NonNull::new(raw)?, memory })
    }

    /// The bytes allocated for it.
    pub(super) const fn memory(&self) -> usize {
        self.memory
    }

    /// The longest stream that a message of `message` bytes comes to. Only for one that fits memory: C's sum wraps.
    pub(super) fn bound(&self, message: usize) -> usize {
        // SAFETY: `raw` is valid, and only read from.
        unsafe { libdeflate_deflate_compress_bound(self.raw.as_ptr(), message) }
    }

    /// Appends `message` as a DEFLATE stream to `out`; false, and nothing appended, if it did not fit the bound.
    pub(super) fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> bool {
        // One more for the byte that may follow to make the stream non-final.
        out.reserve(self.bound(message.len()) + 1);
        let spare = out.spare_capacity_mut();
        // SAFETY: `raw` is valid and borrowed mutably, the input is readable and the spare capacity writable for the
        // lengths given, and the two don't overlap.
        let written = unsafe {
            libdeflate_deflate_compress(
                self.raw.as_ptr(),
                message.as_ptr().cast(),
                message.len(),
                spare.as_mut_ptr().cast(),
                spare.len(),
            )
        };
        // SAFETY: libdeflate initialised that many bytes of the spare capacity, and never reports more than it has.
        unsafe { out.set_len(out.len() + written) };
        written != 0
    }
}

impl Drop for CompressorHandle {
    fn drop(&mut self) {
        // SAFETY: `raw` is valid, and nobody uses it after this.
        unsafe { libdeflate_free_compressor(self.raw.as_ptr()) };
    }
}

/// A `libdeflate_decompressor`, owned.
pub(super) struct DecompressorHandle {
    /// Valid until dropped.
    raw: NonNull<libdeflate_decompressor>,
}

// SAFETY: as for the compressor.
unsafe impl Send for DecompressorHandle {}

/// How a call to inflate ended.
pub(super) enum Inflated {
    /// The stream is complete and has taken this much input.
    Whole { consumed: usize },
    /// It is no DEFLATE stream, or has no end.
    Broken,
    /// It is longer than the room given.
    NoRoom,
}

impl DecompressorHandle {
    /// `None` if there is no memory.
    pub(super) fn new() -> Option<Self> {
        // SAFETY: the options outlive the call, and their functions are malloc and free to each other.
        let raw = unsafe { libdeflate_alloc_decompressor_ex(&OPTIONS) };
        Some(Self { raw: NonNull::new(raw)? })
    }

    /// Appends the first DEFLATE stream in `input` to `out` if it is at most `room` bytes long.
    pub(super) fn inflate(&mut self, input: &[u8], room: usize, out: &mut Vec<u8>) -> Inflated {
        out.reserve(room);
        let (mut consumed, mut produced) = (0, 0);
        // SAFETY: `raw` is valid and borrowed mutably, the input is readable for its length, `room` bytes of spare
        // capacity are writable, the two don't overlap, and the counts are written to locals.
        let result = unsafe {
            libdeflate_deflate_decompress_ex(
                self.raw.as_ptr(),
                input.as_ptr().cast(),
                input.len(),
                out.spare_capacity_mut().as_mut_ptr().cast(),
                room,
                &mut consumed,
                &mut produced,
            )
        };
        if result == libdeflate_result_LIBDEFLATE_SUCCESS {
            // SAFETY: libdeflate initialised that many bytes of the spare capacity, at most `room`.
            unsafe { out.set_len(out.len() + produced) };
            Inflated::Whole { consumed }
        } else if result == libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE {
            Inflated::NoRoom
        } else {
            Inflated::Broken
        }
    }
}

impl Drop for DecompressorHandle {
    fn drop(&mut self) {
        // SAFETY: `raw` is valid, and nobody uses it after this.
        unsafe { libdeflate_free_decompressor(self.raw.as_ptr()) };
    }
}

/// Memory from Rust's global allocator, so that a program that counts its memory counts this too.
static OPTIONS: libdeflate_options = libdeflate_options {
    sizeof_options: size_of::<libdeflate_options>(),
    malloc_func: Some(allocate),
    free_func: Some(free),
};

/// In front of each allocation, to know its size when it is freed; as long as the strictest alignment of C.
const HEADER: usize = 16;

std::thread_local! {
    /// The bytes that [`allocate`] has handed out on this thread, ever; only differences of it mean anything.
    static ALLOCATED: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
}

/// Runs `create`, and counts what it allocates.
fn counted<T>(create: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATED.get();
    let created = create();
    (created, ALLOCATED.get().wrapping_sub(before))
}

/// `malloc`.
unsafe extern "C" fn allocate(size: usize) -> *mut c_void {
    let Some(layout) = size.checked_add(HEADER).and_then(|size| Layout::from_size_align(size, HEADER).ok())
    else {
        return core::ptr::null_mut();
    };
    // SAFETY: the layout is not empty.
    let start = unsafe { alloc(layout) };
    if start.is_null() {
        return core::ptr::null_mut();
    }
    ALLOCATED.set(ALLOCATED.get().wrapping_add(layout.size()));
    // SAFETY: the allocation begins with HEADER bytes that are aligned for a usize, and is longer than they are.
    unsafe {
        start.cast::<usize>().write(layout.size());
        start.add(HEADER).cast()
    }
}

/// `free`, of what [`allocate`] returned.
unsafe extern "C" fn free(memory: *mut c_void) {
    if memory.is_null() {
        return;
    }
    // SAFETY: libdeflate hands back what `allocate` gave it, HEADER bytes into an allocation that begins with its size.
    unsafe {
        let start = memory.cast::<u8>().sub(HEADER);
        let size = start.cast::<usize>().read();
        dealloc(start, Layout::from_size_align_unchecked(size, HEADER));
    }
}
