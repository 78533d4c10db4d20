//! Parts of a streamed message that are read while others may fill the queue: they are held as well, behind the chunk held back,
//! so that nothing is lost whoever goes on with it.

use super::Stream;
#[cfg(feature = "blocking")]
use crate::MisuseError;
use crate::connection::Sender;
use crate::{DataKind, Error};

#[cfg(feature = "blocking")]
impl Sender {
    /// How many bytes [`take_part`](Self::take_part) takes, whatever is queued until then; `None` if no message is under way any
    /// more.
    ///
    /// # Errors
    /// As [`stream`](Self::stream), while there is no room for what was taken before: then no more should be read.
    pub(crate) fn room_for_part(&mut self) -> Result<Option<usize>, Error> {
        if self.stream.is_under_way() && self.stream.ended {
            self.finish_stream()?;
        }
        if !self.stream.is_under_way() {
            return Ok(None);
        }
        let (kind, _) = self.check_stream()?;
        self.catch_up(kind)?;
        Ok(Some(self.stream.spare()))
    }

    /// Takes a part as [`stream`](Self::stream) does, and holds it where the queue is full.
    pub(crate) fn take_part(&mut self, part: &[u8]) -> Result<(), Error> {
        match self.stream(part) {
            Err(Error::Misuse(MisuseError::OutputFull { .. })) if part.len() <= self.stream.spare() => {
                self.stream.hold_ahead(part);
                Ok(())
            }
            result => result,
        }
    }

    /// Takes the end as [`finish_stream`](Self::finish_stream) does, and takes note of it where the queue is full.
    pub(crate) fn take_end(&mut self) -> Result<(), Error> {
        match self.finish_stream() {
            Err(Error::Misuse(MisuseError::OutputFull { .. })) => {
                self.stream.ended = true;
                Ok(())
            }
            result => result,
        }
    }
}

impl Sender {
    /// Queues the chunk held back, if what comes after it is there.
    #[inline]
    pub(super) fn catch_up(&mut self, kind: DataKind) -> Result<(), Error> {
        if self.stream.ahead > 0 { self.queue_before_ahead(kind) } else { Ok(()) }
    }

    #[cold]
    fn queue_before_ahead(&mut self, kind: DataKind) -> Result<(), Error> {
        self.output.check_room(self.frame_length(self.stream.length))?;
        self.queue_held(kind, false)?;
        let Stream { held, next, length, ahead, .. } = &mut self.stream;
        core::mem::swap(held, next);
        (*length, *ahead) = (*ahead, 0);
        Ok(())
    }
}

#[cfg(feature = "blocking")]
impl Stream {
    /// How many bytes there is room for without a queue.
    const fn spare(&self) -> usize {
        if self.ahead > 0 { 0 } else { self.chunk.saturating_add(self.chunk - self.length) }
    }

    /// Fills the chunk, and holds what is left of the part behind it.
    fn hold_ahead(&mut self, part: &[u8]) {
        let rest = self.hold(part);
        self.next.resize(super::ROOM, 0);
        self.next.extend_from_slice(rest);
        self.ahead = rest.len();
    }
}
