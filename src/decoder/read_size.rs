//! How much is read at once: what the user said, or what the traffic makes of it.

use wscodec_kernel::{FrameReader, MAX_HEADER_LENGTH};

/// The size of a read. Unless it is the user's, it doubles with reads that fill it, and halves when reads need less for long.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadSize {
    /// At least one.
    bytes: u32,
    /// Reads in a row that needed less.
    small: u8,
    growth: Growth,
    /// The last read, if it was not asked yet how much is still to come of its payload.
    last: Option<Fill>,
    /// It has become less, and the buffer has not.
    has_shrunk: bool,
}

/// When it becomes more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Growth {
    Never,
    /// With each read that fills it.
    WithReads,
    /// With those that fill it and leave more than as much again to come of a payload.
    #[cfg_attr(
        not(feature = "tokio"),
        allow(dead_code, reason = "only that adapter reads on before it answers")
    )]
    WithPayloads,
}

/// 16 KiB and a header: a read of as much brings hundreds of small messages, and stays in the nearest cache.
const LEAST: u32 = (16 << 10) + 14;
const _: () = assert!(LEAST as usize == (16 << 10) + MAX_HEADER_LENGTH);

/// What a call takes is little beside what so many bytes take.
const MOST: u32 = 8 * LEAST;

/// So many reads in a row that needed less: that filled under a quarter, or, where it grows with payloads, left no more to come of
/// one than half as much. Whoever has more to read now and then keeps the room for it, and to make it anew is little beside them.
const SMALL_READS: u8 = 64;

/// What of the room a read filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fill {
    Full,
    Part,
}

impl ReadSize {
    pub(super) const fn new() -> Self {
        Self { bytes: LEAST, small: 0, growth: Growth::WithReads, last: None, has_shrunk: false }
    }

    pub(super) fn fixed(bytes: usize) -> Self {
        let bytes = u32::try_from(bytes.max(1)).unwrap_or(u32::MAX);
        Self { bytes, growth: Growth::Never, ..Self::new() }
    }

    /// From now on it grows with long payloads alone, or again with all reads, unless it is the user's.
    #[cfg(feature = "tokio")]
    pub(super) const fn grow_with_payloads(&mut self, alone: bool) {
        if !matches!(self.growth, Growth::Never) {
            self.growth = if alone { Growth::WithPayloads } else { Growth::WithReads };
        }
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
        let size = self.bytes();
        match self.growth {
            Growth::Never => {}
            Growth::WithReads if bytes >= size => self.double(),
            Growth::WithReads => self.count(bytes < size / 4),
            Growth::WithPayloads if bytes >= size => self.last = Some(Fill::Full),
            Growth::WithPayloads => self.last = Some(Fill::Part),
        }
    }

    /// Whether the reader is to be [asked](Self::ask) before the next read.
    #[inline]
    pub(super) const fn has_question(&self) -> bool {
        self.last.is_some() || self.has_shrunk
    }

    /// What was read is decoded.
    #[cold]
    pub(super) fn ask(&mut self, reader: &mut FrameReader) {
        if let Some(fill) = self.last.take() {
            let (to_come, bytes) = (reader.to_come(), u64::from(self.bytes));
            match fill {
                Fill::Full if to_come > bytes => self.double(),
                _ => self.count(to_come <= bytes / 2),
            }
        }
        // Between messages, or a long one would be moved.
        if self.has_shrunk && reader.left_over() == 0 {
            self.has_shrunk = false;
            reader.release();
        }
    }

    /// As at first.
    pub(super) const fn reset(&mut self) {
        if !matches!(self.growth, Growth::Never) {
            *self = Self { growth: self.growth, ..Self::new() };
        }
    }

    fn double(&mut self) {
        self.bytes = MOST.min(self.bytes * 2);
        self.small = 0;
    }

    /// One more read that needed all of it, or did not.
    fn count(&mut self, is_small: bool) {
        self.small = if is_small && self.bytes > LEAST { self.small + 1 } else { 0 };
        if self.small == SMALL_READS {
            self.bytes /= 2;
            self.small = 0;
            self.has_shrunk = true;
        }
    }
}
