//! Answers to pings (RFC 6455 sections 5.5.2 and 5.5.3): all of them, as long as the peer takes them; of a flood, the
//! last.

use wscodec_kernel::MAX_CONTROL_PAYLOAD;

use super::output::Output;
use crate::{Encoder, Error, Message};

/// As many bytes of pongs may be queued and not written: some dozens.
const BUDGET: usize = 4 << 10;

/// A pong with the longest header.
const LONGEST: usize = MAX_CONTROL_PAYLOAD + 6;

// In this order, since each write asks whether one waits.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub(super) struct Pongs {
    /// Whether there is a ping to be answered when they were written, and its payload.
    waits: bool,
    payload: Vec<u8>,
    /// How many bytes are queued up to the last of them, since the connection began.
    end: u64,
    /// How many bytes of them were queued since nothing of them was.
    queued: usize,
}

impl Pongs {
    /// Answers a ping now, or when there is room for it, if no other comes before.
    pub(super) fn answer(
        &mut self,
        payload: &[u8],
        encoder: &mut Encoder,
        output: &mut Output,
    ) -> Result<(), Error> {
        if encoder.is_closed() {
            return Ok(());
        }
        if output.written() >= self.end {
            self.queued = 0;
        }
        if !self.waits && self.queued + LONGEST <= BUDGET && has_room(output) {
            return self.queue(payload, encoder, output);
        }
        self.payload.clear();
        self.payload.extend_from_slice(payload);
        self.waits = true;
        Ok(())
    }

    pub(super) const fn is_waiting(&self) -> bool {
        self.waits
    }

    /// The bytes of memory that are held beside this.
    pub(super) const fn memory(&self) -> usize {
        self.payload.capacity()
    }

    /// Gives memory back that no ping is in.
    pub(super) fn release(&mut self) {
        if !self.waits {
            self.payload = Vec::new();
        }
    }

    /// Queues the pong that waits, if it need not wait any longer.
    #[inline]
    pub(super) fn go_on(&mut self, encoder: &mut Encoder, output: &mut Output) {
        if self.waits && output.written() >= self.end && has_room(output) {
            self.queued = 0;
            self.queue_waiting(encoder, output);
        }
    }

    /// Queues the pong that waits in any case: after a close frame it can't be.
    #[inline(never)]
    pub(super) fn queue_waiting(&mut self, encoder: &mut Encoder, output: &mut Output) {
        if core::mem::take(&mut self.waits) && !encoder.is_closed() {
            let payload = core::mem::take(&mut self.payload);
            // The keys fail with their first or not at all, and a pong has been sent.
            let _ = self.queue(&payload, encoder, output);
            self.payload = payload;
        }
    }

    fn queue(&mut self, payload: &[u8], encoder: &mut Encoder, output: &mut Output) -> Result<(), Error> {
        let before = output.len();
        encoder.encode(Message::Pong(payload), output.end_of_queue())?;
        self.queued += output.len() - before;
        self.end = output.end();
        Ok(())
    }
}

fn has_room(output: &Output) -> bool {
    output.is_written() || output.has_room(LONGEST)
}
