//! How much is read at once: what the user said, or what the traffic makes of it.

/// The size of a read. Unless it is the user's, it doubles with each read that fills it, and halves when reads bring little for
/// long.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadSize {
    /// At least one.
    bytes: u32,
    /// Reads in a row that brought little.
    small: u8,
    is_fixed: bool,
    /// It has become less, and the buffer has not.
    has_shrunk: bool,
}

/// 16 KiB: a read of as much brings hundreds of small messages.
const LEAST: u32 = 16 << 10;

/// 128 KiB: what a call takes is little beside what so many bytes take.
const MOST: u32 = 128 << 10;

/// So many reads in a row that fill less than a quarter: whoever has more to read now and then keeps the room for it, and to make
/// it anew is little beside them.
const SMALL_READS: u8 = 64;

impl ReadSize {
    pub(super) const fn new() -> Self {
        Self { bytes: LEAST, small: 0, is_fixed: false, has_shrunk: false }
    }

    pub(super) fn fixed(bytes: usize) -> Self {
        let bytes = u32::try_from(bytes.max(1)).unwrap_or(u32::MAX);
        Self { bytes, is_fixed: true, ..Self::new() }
    }

    pub(super) const fn bytes(self) -> usize {
        self.bytes as usize
    }

    /// A read brought so many bytes.
    #[inline]
    pub(super) fn note(&mut self, bytes: usize) {
        // Of least size it can't become less.
        if self.bytes == LEAST && bytes < LEAST as usize {
            return;
        }
        self.adapt(bytes);
    }

    fn adapt(&mut self, bytes: usize) {
        if self.is_fixed {
            return;
        }
        let size = self.bytes();
        if bytes >= size {
            self.bytes = MOST.min(self.bytes * 2);
        }
        let is_small = self.bytes > LEAST && bytes < size / 4;
        self.small = if is_small { self.small + 1 } else { 0 };
        if self.small == SMALL_READS {
            self.bytes /= 2;
            self.small = 0;
            self.has_shrunk = true;
        }
    }

    /// As at first.
    pub(super) const fn reset(&mut self) {
        if !self.is_fixed {
            *self = Self::new();
        }
    }

    /// Whether it has become less since that was forgotten.
    #[inline]
    pub(super) const fn has_shrunk(&self) -> bool {
        self.has_shrunk
    }

    pub(super) const fn forget_shrunk(&mut self) {
        self.has_shrunk = false;
    }
}
