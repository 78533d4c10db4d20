//! What is queued to be written.

use wscodec_kernel::prefetch;

use crate::{Error, MisuseError, spare};

#[derive(Debug)]
pub(super) struct Output {
    /// Once all of them were written they stay until something is appended: a stream then takes the buffer as one of bytes, which
    /// it need not fill before it reads over them.
    bytes: Vec<u8>,
    /// How many of them were written.
    start: usize,
    /// How many bytes may be here: the limit, but for what is lent.
    room: usize,
    /// How many bytes of the queue were written since the connection began.
    written: u64,
    limit: usize,
    /// How many bytes are queued elsewhere, before these: with who writes them.
    lent: usize,
}

/// A message of the default limit, and what else may be queued with it.
pub(crate) const DEFAULT_LIMIT: usize = (64 << 20) + (1 << 10);

/// So many bytes are asked for at the most: some lines.
const FIRST: usize = 256;

impl Output {
    pub(super) const fn new() -> Self {
        Self { bytes: Vec::new(), start: 0, room: DEFAULT_LIMIT, written: 0, limit: DEFAULT_LIMIT, lent: 0 }
    }

    pub(super) const fn set_limit(&mut self, bytes: usize) {
        self.limit = bytes;
        self.room = bytes.saturating_sub(self.lent);
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    pub(super) const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// How many bytes of the queue were written since the connection began, and below, how many it has had in all.
    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    pub(super) const fn end(&self) -> u64 {
        self.written + self.lent as u64 + self.len() as u64
    }

    /// Whether all that was ever queued was written.
    pub(super) const fn is_written(&self) -> bool {
        self.lent == 0 && self.len() == 0
    }

    pub(super) const fn has_room(&self, bytes: usize) -> bool {
        bytes <= self.room.saturating_sub(self.len())
    }

    #[inline]
    pub(super) const fn check_room(&self, bytes: usize) -> Result<(), MisuseError> {
        if self.has_room(bytes) { Ok(()) } else { Err(MisuseError::OutputFull { limit: self.limit }) }
    }

    /// The buffer to append to.
    #[inline]
    pub(super) fn end_of_queue(&mut self) -> &mut Vec<u8> {
        if self.start == self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
            spare::lend_buffer(&mut self.bytes);
        } else if self.start >= self.len() {
            // What is left is moved to the front once that is no more than what was written: a byte is moved once for one written.
            self.drop_written();
        }
        &mut self.bytes
    }

    /// Asks for the memory that so many `bytes` will be appended to. What lies behind the first of it comes in the order of the
    /// addresses, which the CPU sees for itself.
    #[inline]
    pub(super) fn prefetch(&mut self, bytes: usize) {
        let room = self.end_of_queue().spare_capacity_mut();
        prefetch(&room[..bytes.min(room.len()).min(FIRST)]);
    }

    #[inline]
    pub(super) fn advance(&mut self, bytes: usize) -> Result<(), MisuseError> {
        if bytes > self.len() {
            return Err(MisuseError::MoreThanQueued);
        }
        self.start += bytes;
        self.written += bytes as u64;
        Ok(())
    }

    /// Keeps the first so many `bytes` of what is queued.
    pub(super) fn truncate(&mut self, bytes: usize) {
        self.bytes.truncate(self.start + bytes);
    }

    /// Appends `buffer` from `start` on, into an empty queue without a copy: the two change places. What is in `buffer` then
    /// doesn't matter.
    #[inline]
    pub(super) fn append_buffer(&mut self, buffer: &mut Vec<u8>, start: usize) {
        if self.len() == 0 {
            core::mem::swap(&mut self.bytes, buffer);
            self.start = start;
        } else {
            self.end_of_queue().extend_from_slice(&buffer[start..]);
        }
    }

    /// Exchanges the buffer, if it is as long as `bytes` and nothing in it is to be written any more. What is in either then doesn't
    /// matter.
    #[inline]
    pub(super) fn exchange_if_written(&mut self, buffer: &mut Vec<u8>, bytes: usize) {
        if self.len() == 0 && self.bytes.len() >= bytes {
            core::mem::swap(&mut self.bytes, buffer);
            self.start = self.bytes.len();
        }
    }

    /// Moves all of it to the end of `out`.
    pub(super) fn take(&mut self, out: &mut Vec<u8>) {
        self.written += self.len() as u64;
        self.move_to(out);
    }

    /// The same, but it stays queued until it is [known to be written](Self::keep_lent).
    #[cfg(feature = "blocking")]
    pub(super) fn lend(&mut self, out: &mut Vec<u8>) {
        self.lent += self.len();
        self.move_to(out);
        self.set_limit(self.limit);
    }

    /// Takes note that of what is lent all but the last so many `bytes` was written.
    #[cfg(feature = "blocking")]
    pub(super) fn keep_lent(&mut self, bytes: usize) {
        let written = self.lent.saturating_sub(bytes);
        self.lent -= written;
        self.written += written as u64;
        self.set_limit(self.limit);
    }

    /// Leaves the buffer to others, if hardly anything is in it.
    #[inline]
    pub(super) fn share_buffer(&mut self) {
        if self.bytes.capacity() >= spare::LEAST {
            if self.start > 0 && spare::is_unused(self.len(), self.bytes.capacity()) {
                self.drop_written();
            }
            spare::leave_buffer(&mut self.bytes);
        }
    }

    /// Gives memory back that nothing is in.
    pub(super) fn release(&mut self) {
        if self.len() == 0 {
            self.bytes = Vec::new();
            self.start = 0;
        }
    }

    /// Runs `encode` on the end of the queue, if there is room for so many `bytes`.
    #[inline]
    pub(super) fn append(
        &mut self,
        bytes: usize,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.check_room(bytes)?;
        encode(self.end_of_queue())
    }

    #[inline]
    fn drop_written(&mut self) {
        let left = self.len();
        if left > 0 {
            self.bytes.copy_within(self.start.., 0);
        }
        self.bytes.truncate(left);
        self.start = 0;
    }

    fn move_to(&mut self, out: &mut Vec<u8>) {
        if out.is_empty() && self.start == 0 {
            core::mem::swap(&mut self.bytes, out);
        } else {
            out.extend_from_slice(&self.bytes[self.start..]);
        }
        self.bytes.clear();
        self.start = 0;
    }
}
