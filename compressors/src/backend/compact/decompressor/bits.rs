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
pub(super) struct Bits<'a> {
    /// The next bits, the next one lowest. What is above `count` is either 0 or right already.
    buffer: u64,
    /// How many of them count as taken, 63 at most; together with those used, a multiple of eight.
    count: u32,
    input: &'a [u8],
    /// The first byte of the input that doesn't count as taken.
    position: usize,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(kept: Kept, input: &'a [u8]) -> Self {
        Self { buffer: kept.buffer, count: kept.count, input, position: 0 }
    }

    /// What to go on with once there is more input, all of this having been taken.
    pub(super) const fn kept(&self) -> Kept {
        Kept { buffer: self.buffer, count: self.count }
    }

    /// Takes what there is, up to 56 bits or more.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        match self.input.get(self.position..).and_then(<[u8]>::first_chunk) {
            Some(&word) => {
                self.buffer |= u64::from_le_bytes(word) << self.count;
                self.position += ((63 - self.count) / 8) as usize;
                self.count |= 56;
            }
            None => self.refill_from_the_end(),
        }
    }

    /// The same where fewer than eight bytes are left.
    #[inline]
    fn refill_from_the_end(&mut self) {
        let rest = self.input.len() - self.position;
        if rest == 0 {
            return;
        }
        let word = match self.input.last_chunk() {
            Some(&last) => u64::from_le_bytes(last) >> (64 - 8 * rest),
            None => {
                self.input[self.position..].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
            }
        };
        let taken = rest.min(((63 - self.count) / 8) as usize);
        self.buffer |= word << self.count;
        self.position += taken;
        self.count += 8 * taken as u32;
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
            let rest = &self.input[self.position..];
            let length = rest.len().min(buffer.len() - done);
            buffer[done..done + length].copy_from_slice(&rest[..length]);
            self.position += length;
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
        (self.count / 8) as usize + self.input.len() - self.position
    }

    /// Whether every bit has been used.
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0 && self.position == self.input.len()
    }
}
