//! Reading DEFLATE's bits, least significant first (RFC 1951 section 3.1.1).
#![forbid(unsafe_code)]

/// A position in a DEFLATE stream. Past the end it reads zeros; [`Bits::overran`] tells.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// Counted in bits from the first byte.
    position: usize,
}

impl<'a> Bits<'a> {
    pub(super) const fn at(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position }
    }

    pub(super) const fn position(&self) -> usize {
        self.position
    }

    /// The next 57 bits or more, without going on.
    pub(super) fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.position / 8..).unwrap_or_default();
        let word = match rest.first_chunk() {
            Some(&word) => word,
            None => {
                let mut word = [0; 8];
                word[..rest.len()].copy_from_slice(rest);
                word
            }
        };
        u64::from_le_bytes(word) >> (self.position % 8)
    }

    pub(super) const fn skip(&mut self, count: usize) {
        self.position += count;
    }

    /// The next `count` bits, at most 16 of them.
    #[expect(clippy::cast_possible_truncation, reason = "masked to 16 bits")]
    pub(super) fn take(&mut self, count: usize) -> u16 {
        let bits = self.peek() & ((1 << count) - 1);
        self.skip(count);
        bits as u16
    }

    /// Goes on to the next byte, unless at the start of one.
    pub(super) const fn align(&mut self) {
        self.position = self.position.next_multiple_of(8);
    }

    pub(super) const fn overran(&self) -> bool {
        self.position > self.bytes.len() * 8
    }
}
