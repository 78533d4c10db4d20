use crate::payload::MAX_WINDOW;

/// What a message may refer to.
#[cfg(feature = "libdeflate")]
pub(crate) trait Past {
    /// Its bytes.
    #[cfg(feature = "hybrid")]
    fn len(&self) -> usize;

    /// The last 32 KB of this and the `message` after it, as far as the window reaches: three pieces, oldest first, any of
    /// which may be empty.
    fn followed_by<'a>(&'a self, message: &'a [u8]) -> [&'a [u8]; 3];
}

#[cfg(feature = "libdeflate")]
impl Past for History {
    #[cfg(feature = "hybrid")]
    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn followed_by<'a>(&'a self, message: &'a [u8]) -> [&'a [u8]; 3] {
        self.followed_by(message)
    }
}

/// The last bytes of a connection's messages, up to a window of them: what an engine has to be told again after a block
/// with BFINAL=1, which ends its stream but not the window of RFC 7692 section 7.2.3.4, or once it was given back.
///
/// It grows with the bytes received and becomes a ring at the window's length.
#[derive(Debug)]
pub(crate) struct History {
    bytes: Vec<u8>,
    /// Where the oldest byte lies, and the next one goes; 0 until the ring is full.
    start: usize,
    /// The length of the ring, 32 KB at most.
    window: usize,
}

impl History {
    /// An empty one, which holds no memory yet.
    pub(crate) const fn new(window_bits: u8) -> Self {
        Self { bytes: Vec::new(), start: 0, window: 1 << window_bits }
    }

    pub(crate) fn push(&mut self, message: &[u8]) {
        let message = last(message, self.window);
        let (grown, rest) = message.split_at(message.len().min(self.window - self.bytes.len()));
        self.grow(grown);

        let (to_end, wrapped) = rest.split_at(rest.len().min(self.window - self.start));
        self.bytes[self.start..self.start + to_end.len()].copy_from_slice(to_end);
        self.bytes[..wrapped.len()].copy_from_slice(wrapped);
        self.start = (self.start + rest.len()) % self.window;
    }

    /// The last 32 KB of this and the `message` after it: three pieces, oldest first, any of which may be empty.
    pub(crate) fn followed_by<'a>(&'a self, message: &'a [u8]) -> [&'a [u8]; 3] {
        let message = last(message, MAX_WINDOW);
        let (newer, older) = self.bytes.split_at(self.start);
        let newer = last(newer, MAX_WINDOW - message.len());
        [last(older, MAX_WINDOW - message.len() - newer.len()), newer, message]
    }

    #[cfg(any(feature = "flate2", feature = "zlib-rs"))]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.start = 0;
    }

    /// Gives back what it doesn't need.
    pub(crate) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
    }

    pub(crate) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// By doubling, but never beyond the window.
    fn grow(&mut self, bytes: &[u8]) {
        let needed = self.bytes.len() + bytes.len();
        if needed > self.bytes.capacity() {
            let capacity = (self.bytes.capacity() * 2).clamp(needed, self.window);
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(bytes);
    }
}

fn last(bytes: &[u8], count: usize) -> &[u8] {
    &bytes[bytes.len().saturating_sub(count)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_window_whatever_the_pieces() {
        for (window_bits, piece) in
            [8, 9, 12, 15].into_iter().flat_map(|bits| PIECES.map(|piece| (bits, piece)))
        {
            let window = 1 << window_bits;
            let (mut history, mut all) = (History::new(window_bits), Vec::new());
            while all.len() < 3 * window {
                let bytes: Vec<u8> =
                    (all.len()..all.len() + piece).map(|i| (i % 251).to_le_bytes()[0]).collect();
                history.push(&bytes);
                all.extend_from_slice(&bytes);
                if piece >= 217 || all.len() % 1000 == 0 {
                    let kept = history.followed_by(b"").concat();
                    assert!(kept == last(&all, window), "{window}, piece {piece} at {}", all.len());
                }
            }
            for next in [0, 4, window - 1, window, MAX_WINDOW - 1, MAX_WINDOW, MAX_WINDOW + 9] {
                let next = vec![b'n'; next];
                let expected = [last(&all, window), &next].concat();
                assert!(
                    history.followed_by(&next).concat() == last(&expected, MAX_WINDOW),
                    "{window} {piece}"
                );
            }
            history.shrink();
            assert_eq!(history.memory(), window);
        }
    }

    const PIECES: [usize; 8] = [1, 3, 217, 4096, MAX_WINDOW - 1, MAX_WINDOW, MAX_WINDOW + 1, 100_000];
}
