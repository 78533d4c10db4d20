//! What a match may refer to: the message so far, and the history before it.

use crate::backend::History;

/// The history of a call.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    older: &'a [u8],
    /// What follows it.
    newer: &'a [u8],
    /// The longest distance that was agreed on.
    reach: usize,
}

impl<'a> Window<'a> {
    pub(super) fn new(history: &'a History) -> Self {
        let [older, newer, _] = history.followed_by(b"");
        Self { older, newer, reach: history.window() }
    }

    /// Copies a match to `message`, which is right up to `at` and has room for it.
    #[inline(always)]
    pub(super) fn copy(
        &self,
        message: &mut [u8],
        at: usize,
        distance: usize,
        length: usize,
    ) -> Result<(), &'static str> {
        if distance > self.reach {
            return Err(TOO_FAR);
        }
        if distance > at {
            return self.copy_from_history(message, at, distance, length);
        }
        copy_within(message, at, distance, length);
        Ok(())
    }

    #[inline]
    fn copy_from_history(
        &self,
        message: &mut [u8],
        at: usize,
        distance: usize,
        length: usize,
    ) -> Result<(), &'static str> {
        let (mut at, mut left, mut back) = (at, length, distance - at);
        if back > self.newer.len() {
            let start = (self.newer.len() + self.older.len()).checked_sub(back).ok_or(TOO_FAR)?;
            let count = left.min(self.older.len() - start);
            message[at..at + count].copy_from_slice(&self.older[start..start + count]);
            (at, left, back) = (at + count, left - count, back - count);
            if left == 0 {
                return Ok(());
            }
        }
        let count = left.min(back);
        let start = self.newer.len() - back;
        message[at..at + count].copy_from_slice(&self.newer[start..start + count]);
        if left > count {
            copy_within(message, at + count, distance, left - count);
        }
        Ok(())
    }
}

const TOO_FAR: &str = "invalid distance too far back";

/// Copies a match whose distance reaches no further than the start of the message.
#[inline(always)]
fn copy_within(message: &mut [u8], at: usize, distance: usize, length: usize) {
    let from = at - distance;
    if distance >= length {
        message.copy_within(from..from + length, at);
    } else if distance == 1 {
        let byte = message[from];
        message[at..at + length].fill(byte);
    } else {
        // What is there already is a multiple of the distance long, and repeats.
        let mut done = 0;
        while done < length {
            let count = (distance + done).min(length - done);
            message.copy_within(from..from + count, at + done);
            done += count;
        }
    }
}
