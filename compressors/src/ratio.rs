//! How long a message will be, by the one before it.
#![forbid(unsafe_code)]

/// How many times as long as its payload the last message was, rounded up: messages of a connection are alike.
#[derive(Debug)]
pub(crate) struct Ratio(usize);

impl Ratio {
    pub(crate) const fn new() -> Self {
        Self(4)
    }

    /// The room to try first, in bytes. It may be far off for a short payload, where that costs little; for a long one
    /// it is at most four times as long, so that memory follows the bytes received.
    pub(crate) fn room(&self, payload: usize) -> usize {
        payload.saturating_mul(self.0).min(LITTLE.max(payload.saturating_mul(4))).saturating_add(MIN_ROOM)
    }

    pub(crate) fn learn(&mut self, payload: usize, message: usize) {
        self.0 = (message / payload.max(1) + 1).min(64);
    }
}

/// The least room to inflate into, in bytes.
pub(crate) const MIN_ROOM: usize = 64;

const LITTLE: usize = 16 * 1024;
