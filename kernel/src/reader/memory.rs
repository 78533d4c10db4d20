//! What a reader holds, and how it comes by it and gives it away.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{BATCH, FrameReader};
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
    /// Apart, so that little is to be moved where memory goes from one reader to another with each message.
    pub(super) batch: Option<Box<Batch>>,
}

/// What is decoded at a time.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// The frames, with room for others behind them.
    pub(super) frames: [Frame; BATCH],
    /// The small payloads.
    pub(super) arena: Vec<u8>,
}

impl Default for Batch {
    fn default() -> Self {
        Self { frames: [Frame::default(); BATCH], arena: Vec::new() }
    }
}

impl ReaderMemory {
    /// None.
    pub const NONE: Self = Self { buffer: Vec::new(), batch: None };

    /// How many bytes there are of it; 0 if there is nothing to read to.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> usize {
        match self.buffer.capacity() {
            0 => 0,
            buffer => {
                buffer + self.batch.as_ref().map_or(0, |batch| size_of::<Batch>() + batch.arena.capacity())
            }
        }
    }

    /// How many bytes can be read to it.
    #[must_use]
    #[inline]
    pub const fn capacity(&self) -> usize {
        self.buffer.capacity()
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
        // Between two reads, when whoever waits does this, there is nothing to be kept or forgotten.
        if self.filled > 0 && !self.keep_beside(memory) {
            return false;
        }
        self.asked = 0;
        core::mem::swap(&mut self.memory, memory);
        true
    }

    /// Copies what is left over to other memory, which is to take the place of this; false if frames are still to be given.
    #[inline(never)]
    fn keep_beside(&mut self, memory: &mut ReaderMemory) -> bool {
        if self.given < self.count {
            return false;
        }
        let left = self.filled - self.kept;
        if left > 0 {
            memory.copy(&self.memory.buffer[self.kept..self.filled]);
        }
        self.forget(left);
        true
    }

    /// How many bytes can be read to its memory, with those that are left over.
    #[must_use]
    #[inline]
    pub const fn capacity(&self) -> usize {
        self.memory.capacity()
    }

    /// Whether there is any memory to read to, beside what is left over.
    #[must_use]
    #[inline]
    pub const fn has_memory(&self) -> bool {
        self.capacity() > self.filled - self.kept
    }

    /// Gives the memory back but for what holds bytes that were read and not given. The frame given last and the
    /// [room](Self::room) may be gone with this.
    pub fn release(&mut self) {
        if self.given < self.count {
            return;
        }
        self.memory.buffer = Vec::from(&self.memory.buffer[self.kept..self.filled]);
        self.forget(self.memory.buffer.len());
        self.memory.batch = None;
    }

    /// The bytes of memory that this holds.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.memory.bytes()
    }
}
