//! Writing DEFLATE's bits, least significant first (RFC 1951 section 3.1.1).

/// Up to seven bits that don't fill a byte yet: what is left over from one call to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rest {
    bits: u8,
    count: u32,
}

/// A place in a buffer to write to. It writes eight bytes at once, so what lies behind it is overwritten.
pub(super) struct BitWriter<'a> {
    out: &'a mut [u8],
    /// Whole bytes written.
    at: usize,
    /// The bits that follow, the next one to be sent lowest; seven at most between two calls.
    bits: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    /// Goes on behind `rest`, which takes the place of the first bits of `out`.
    pub(super) fn new(out: &'a mut [u8], rest: Rest) -> Self {
        Self { out, at: 0, bits: rest.bits.into(), count: rest.count }
    }

    /// Writes the low `count` bits, at most 57 of them; those above have to be zero. Eight bytes of room are needed.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        self.bits |= bits << self.count;
        self.count += count;
        if let Some(word) = self.out.get_mut(self.at..).and_then(<[u8]>::first_chunk_mut) {
            *word = self.bits.to_le_bytes();
        }
        self.at += (self.count / 8) as usize;
        self.bits >>= self.count & !7;
        self.count &= 7;
    }

    /// Fills up with zeros to the next byte.
    pub(super) fn align(&mut self) {
        self.put(0, self.count.wrapping_neg() & 7);
    }

    /// Writes whole bytes, on a byte's boundary.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out[self.at..][..bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    /// How many bits have been written.
    pub(super) const fn position(&self) -> usize {
        self.at * 8 + self.count as usize
    }

    /// Goes back to where it was when it had written no bit, for another attempt.
    pub(super) fn rewind(&mut self, rest: Rest) {
        (self.at, self.bits, self.count) = (0, rest.bits.into(), rest.count);
    }

    /// The whole bytes written, and the bits after them.
    #[expect(clippy::cast_possible_truncation, reason = "seven bits at most")]
    pub(super) const fn finish(self) -> (usize, Rest) {
        (self.at, Rest { bits: self.bits as u8, count: self.count })
    }
}
