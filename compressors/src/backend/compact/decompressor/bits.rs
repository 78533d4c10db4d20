//! Reading DEFLATE's bits, least significant first (RFC 1951 section 3.1.1), from input that may go on later.
#![expect(clippy::cast_possible_truncation, reason = "what is wanted of the bits are the lowest")]

/// The bits that were taken from the input and not used yet: what stays from frame to frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    buffer: u64,
    count: u32,
}

impl Kept {
    pub(super) const fn is_empty(self) -> bool {
        self.count == 0
    }
}

/// A position in a payload's frame.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    /// The next bits, the next one lowest. What is above `count` is either 0 or right already.
    buffer: u64,
    /// How many of them count as taken, 63 at most; together with those used, a multiple of eight.
    count: u32,
    /// What doesn't count as taken.
    rest: &'a [u8],
    /// The input's last eight bytes, the very last highest; 0 in place of those before the first.
    end: u64,
}

impl<'a> Bits<'a> {
    pub(super) fn new(kept: Kept, input: &'a [u8]) -> Self {
        let end = match input.last_chunk() {
            Some(&end) => u64::from_le_bytes(end),
            None => input.iter().fold(0, |end, byte| end >> 8 | u64::from(*byte) << 56),
        };
        Self { buffer: kept.buffer, count: kept.count, rest: input, end }
    }

    /// What to go on with once there is more input, all of this having been taken.
    pub(super) const fn kept(&self) -> Kept {
        Kept { buffer: self.buffer, count: self.count }
    }

    /// Takes what there is, up to 56 bits or more.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if !self.refill_from_far() {
            self.refill_from_the_end();
        }
    }

    /// Takes up to 56 bits or more, if eight bytes are left.
    #[inline(always)]
    pub(super) fn refill_from_far(&mut self) -> bool {
        let Some((&word, _)) = self.rest.split_first_chunk() else { return false };
        self.buffer |= u64::from_le_bytes(word) << self.count;
        self.rest = &self.rest[(63 - self.count) as usize / 8 % 8..];
        self.count |= 56;
        true
    }

    /// Takes what there is where fewer than eight bytes are left, up to 56 bits or more.
    #[inline(always)]
    pub(super) fn refill_from_the_end(&mut self) {
        let rest = self.rest.len();
        if rest > 0 {
            let taken = rest.min((63 - self.count) as usize / 8);
            self.buffer |= self.end >> (64 - 8 * rest) << self.count;
            self.rest = &self.rest[taken..];
            self.count += 8 * taken as u32;
        }
    }

    /// The next bits, without using them; zeros where nothing more is known.
    #[inline(always)]
    pub(super) const fn peek(&self) -> u64 {
        self.buffer
    }

    /// How many bits can be used before the next refill.
    #[inline(always)]
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// Uses as many bits, which there have to be.
    #[inline(always)]
    pub(super) const fn skip(&mut self, count: u32) {
        self.buffer >>= count;
        self.count -= count;
    }

    /// The next `count` bits, 32 at most, or `None` if there aren't as many yet.
    #[inline]
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        if self.count < count {
            self.refill();
            if self.count < count {
                return None;
            }
        }
        let bits = self.buffer & ((1 << count) - 1);
        self.skip(count);
        Some(bits as u32)
    }

    /// Goes on to the next byte, unless at the start of one.
    pub(super) const fn align(&mut self) {
        self.skip(self.count % 8);
    }

    /// Moves up to `buffer.len()` bytes there, on a byte's boundary, and returns how many.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> usize {
        let mut done = 0;
        while done < buffer.len() && self.count > 0 {
            buffer[done] = self.buffer as u8;
            self.skip(8);
            done += 1;
        }
        if self.count == 0 {
            // What is above the count would be out of place behind bytes that don't go through the buffer.
            self.buffer = 0;
            let length = self.rest.len().min(buffer.len() - done);
            let (bytes, rest) = self.rest.split_at(length);
            buffer[done..done + length].copy_from_slice(bytes);
            self.rest = rest;
            done += length;
        }
        done
    }

    /// The next byte, on a byte's boundary, without using it.
    pub(super) fn next_byte(&mut self) -> Option<u8> {
        if self.count < 8 {
            self.refill();
        }
        (self.count >= 8).then_some(self.buffer as u8)
    }

    /// How many whole bytes are left.
    pub(super) const fn bytes_left(&self) -> usize {
        (self.count / 8) as usize + self.rest.len()
    }

    /// Whether every bit has been used.
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0 && self.rest.is_empty()
    }
}
