//! What a reader holds, and how it comes by it and gives it away.

use alloc::vec::Vec;

use super::FrameReader;
use crate::Frame;

/// The memory of a [`FrameReader`], on its way to another one: most connections wait most of the time, and those of a thread can do
/// with what one needs.
///
/// ```
/// use wscodec_kernel::{FrameDecoder, FrameReader, ReaderMemory};
///
/// let (mut one, mut other) =
///     (FrameReader::new(FrameDecoder::client()), FrameReader::new(FrameDecoder::client()));
/// let mut memory = ReaderMemory::default();
/// one.push(b"\x81\x02hi\x81\x02o");
/// while one.advance().is_some() {}
///
/// let held = one.memory();
/// assert!(one.swap_memory(&mut memory) && other.swap_memory(&mut memory));
/// assert_eq!((other.memory(), memory.bytes()), (held, 0));
/// assert_eq!(one.left_over(), 3); // they stay with it
/// ```
#[derive(Clone, Debug, Default)]
pub struct ReaderMemory {
    /// What was read; behind that it is zeros or what was there before.
    pub(super) buffer: Vec<u8>,
    /// The small payloads of the batch at hand.
    pub(super) arena: Vec<u8>,
    /// Its frames, with room for others behind them.
    pub(super) frames: Vec<Frame>,
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

    /// Begins with these bytes; if there is no room for them, in no more memory than they take.
    #[cold]
    fn copy(&mut self, bytes: &[u8]) {
        match self.buffer.get_mut(..bytes.len()) {
            Some(start) => start.copy_from_slice(bytes),
            None => self.buffer = Vec::from(bytes),
        }
    }
}

impl FrameReader {
    /// Exchanges the reader's memory for other memory, or for none: then it makes itself some with the next read. What is [left
    /// over](Self::left_over) is copied. The frame given last and the [room](Self::room) are gone with this. If others are still to be
    /// given, gives false and does nothing.
    #[inline]
    pub fn swap_memory(&mut self, memory: &mut ReaderMemory) -> bool {
        if self.given < self.count {
            return false;
        }
        let free = self.free();
        let left = self.filled - free;
        if left > 0 {
            memory.copy(&self.memory.buffer[free..self.filled]);
        }
        self.forget(free);
        self.filled = left;
        core::mem::swap(&mut self.memory, memory);
        true
    }

    /// Whether there is any memory to read to, beside what is left over.
    #[must_use]
    #[inline]
    pub fn has_memory(&self) -> bool {
        self.memory.buffer.capacity() > self.filled - self.free()
    }

    /// Gives the memory back but for what holds bytes that were read and not given. The frame given last and the
    /// [room](Self::room) may be gone with this.
    pub fn release(&mut self) {
        if self.given < self.count {
            return;
        }
        let free = self.free();
        self.memory.buffer = Vec::from(&self.memory.buffer[free..self.filled]);
        self.filled = self.memory.buffer.len();
        self.forget(free);
        (self.memory.arena, self.memory.frames) = (Vec::new(), Vec::new());
    }

    /// The bytes of memory that this holds.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.memory.bytes()
    }
}
