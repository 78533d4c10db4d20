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
    /// it is at most eight times as long, so that memory follows the bytes received.
    pub(crate) fn room(&self, payload: usize) -> usize {
        payload.saturating_mul(self.0).min(LITTLE.max(payload.saturating_mul(8))).saturating_add(MIN_ROOM)
    }

    pub(crate) fn learn(&mut self, payload: usize, message: usize) {
        self.0 = (message / payload.max(1) + 1).min(64);
    }
}

/// The least room to inflate into, in bytes: zlib's kin go slow over the last 260 of it, where a match might not fit.
pub(crate) const MIN_ROOM: usize = 320;

const LITTLE: usize = 16 * 1024;
