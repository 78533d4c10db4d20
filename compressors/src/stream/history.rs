use crate::payload::MAX_WINDOW;

/// The last 32 KB of a connection's messages: what an engine has to be told again after a block with BFINAL=1, which
/// ends its stream but not the window of RFC 7692 section 7.2.3.4.
///
/// It grows with the bytes received and becomes a ring at 32 KB.
#[derive(Debug, Default)]
pub(crate) struct History {
    bytes: Vec<u8>,
    /// Where the oldest byte lies, and the next one goes; 0 until the ring is full.
    start: usize,
}

impl History {
    pub(crate) fn push(&mut self, message: &[u8]) {
        let message = last(message, MAX_WINDOW);
        let (grown, rest) = message.split_at(message.len().min(MAX_WINDOW - self.bytes.len()));
        self.bytes.extend_from_slice(grown);

        let (to_end, wrapped) = rest.split_at(rest.len().min(MAX_WINDOW - self.start));
        self.bytes[self.start..self.start + to_end.len()].copy_from_slice(to_end);
        self.bytes[..wrapped.len()].copy_from_slice(wrapped);
        self.start = (self.start + rest.len()) % MAX_WINDOW;
    }

    /// The last 32 KB, oldest first, of this and the `message` after it.
    pub(crate) fn followed_by(&self, message: &[u8]) -> Vec<u8> {
        let message = last(message, MAX_WINDOW);
        let mut all = Vec::with_capacity(self.bytes.len() + message.len());
        all.extend_from_slice(&self.bytes[self.start..]);
        all.extend_from_slice(&self.bytes[..self.start]);
        all.extend_from_slice(message);
        all.drain(..all.len().saturating_sub(MAX_WINDOW));
        all
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.start = 0;
    }

    pub(crate) fn memory(&self) -> usize {
        self.bytes.capacity()
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
        for piece in [1, 3, 217, 4096, MAX_WINDOW - 1, MAX_WINDOW, MAX_WINDOW + 1, 100_000] {
            let (mut history, mut all) = (History::default(), Vec::new());
            while all.len() < 3 * MAX_WINDOW {
                let bytes: Vec<u8> =
                    (all.len()..all.len() + piece).map(|i| (i % 251).to_le_bytes()[0]).collect();
                history.push(&bytes);
                all.extend_from_slice(&bytes);
                if piece >= 217 || all.len() % 1000 == 0 {
                    assert!(
                        history.followed_by(b"") == last(&all, MAX_WINDOW),
                        "piece {piece} at {}",
                        all.len()
                    );
                }
            }
            let followed = history.followed_by(b"next");
            assert_eq!(followed.len(), MAX_WINDOW);
            assert!(followed.ends_with(b"next"));
        }
    }
}
