//! What a reader holds, and how it comes by it and gives it away.

use alloc::vec::Vec;

use super::FrameReader;
use crate::Frame;

/// The memory of a [`FrameReader`] that nothing is in, on its way to another one: most connections wait most of the time, and
/// those of a thread can do with what one needs.
///
/// ```
/// use wscodec_kernel::{FrameDecoder, FrameReader, ReaderMemory};
///
/// let (mut one, mut other) =
///     (FrameReader::new(FrameDecoder::client()), FrameReader::new(FrameDecoder::client()));
/// let mut memory = ReaderMemory::default();
/// one.push(b"\x81\x02hi");
/// assert!(!one.swap_memory(&mut memory)); // there is something in it
/// while one.advance().is_some() {}
///
/// let held = one.memory();
/// assert!(one.swap_memory(&mut memory) && other.swap_memory(&mut memory));
/// assert_eq!((other.memory(), memory.bytes()), (held, 0));
/// ```
#[derive(Debug, Default)]
pub struct ReaderMemory {
    buffer: Vec<u8>,
    arena: Vec<u8>,
    frames: Vec<Frame>,
}

impl ReaderMemory {
    /// None.
    pub const NONE: Self = Self { buffer: Vec::new(), arena: Vec::new(), frames: Vec::new() };

    /// How many there are of it; 0 if there is nothing to read to.
    #[must_use]
    #[inline]
    pub const fn bytes(&self) -> usize {
        match self.buffer.capacity() {
            0 => 0,
            buffer => buffer + self.arena.capacity() + self.frames.capacity() * size_of::<Frame>(),
        }
    }
}

impl FrameReader {
    /// Exchanges the memory of a reader that has given all that was read for other memory, or for none: then it makes itself some
    /// with the next read. The frame given last is gone with this. If there is something in the reader's, gives false and does
    /// nothing.
    #[inline]
    pub fn swap_memory(&mut self, memory: &mut ReaderMemory) -> bool {
        if self.given < self.count || self.filled > self.free() {
            return false;
        }
        self.forget(self.end);
        self.filled = 0;
        core::mem::swap(&mut self.buffer, &mut memory.buffer);
        core::mem::swap(&mut self.arena, &mut memory.arena);
        core::mem::swap(&mut self.frames, &mut memory.frames);
        true
    }

    /// Whether there is any memory to read to.
    #[must_use]
    #[inline]
    pub fn has_memory(&self) -> bool {
        self.buffer.capacity() > 0
    }

    /// Gives the memory back but for what holds bytes that were read and not given. The frame given last may be gone
    /// with this.
    pub fn release(&mut self) {
        if self.given < self.count {
            return;
        }
        let free = self.free();
        self.buffer = Vec::from(&self.buffer[free..self.filled]);
        self.filled = self.buffer.len();
        self.forget(free);
        (self.arena, self.frames) = (Vec::new(), Vec::new());
    }

    /// The bytes of memory that this holds.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Self>()
            + self.buffer.capacity()
            + self.arena.capacity()
            + self.frames.capacity() * size_of::<Frame>()
    }
}
