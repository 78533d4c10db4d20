//! A stream that the queue of a [`Sender`] is written to.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Error;
use crate::{Message, MisuseError, Pieces, Sender};

#[derive(Debug)]
pub(super) struct Transport<S> {
    pub(super) stream: S,
    /// Whether something was written that the stream may still hold.
    unflushed: bool,
}

impl<S> Transport<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self { stream, unflushed: false }
    }

    /// Whether something was written that was not flushed since.
    pub(super) const fn is_unflushed(&self) -> bool {
        self.unflushed
    }
}

impl<S: AsyncRead + Unpin> Transport<S> {
    /// Reads at most `room`, and gives how much it was; 0 at the end.
    #[inline]
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(room);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

impl<S: AsyncWrite + Unpin> Transport<S> {
    /// Writes all that is queued, and has the stream flush it.
    #[inline]
    pub(super) fn poll_write_out(
        &mut self,
        sender: &mut Sender,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !sender.output().is_empty() {
            let Poll::Ready(bytes) = Pin::new(&mut self.stream).poll_write(context, sender.output()) else {
                // Of a long buffer, if little is in it.
                sender.share_buffers();
                return Poll::Pending;
            };
            let bytes = bytes?;
            self.unflushed = true;
            if bytes == 0 || sender.advance_output(bytes).is_err() {
                return Poll::Ready(Err(wrong_count(bytes)));
            }
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(context))?;
            self.unflushed = false;
            sender.share_buffers();
        }
        Poll::Ready(Ok(()))
    }

    /// Queues a message; what the stream takes at once is written from where it lies.
    pub(super) fn start_vectored(
        &mut self,
        sender: &mut Sender,
        message: Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), Error> {
        if !self.stream.is_write_vectored() {
            return Ok(sender.send(message)?);
        }
        let pieces = sender.send_vectored(message)?;
        match Pin::new(&mut self.stream).poll_write_vectored(context, &pieces.slices()) {
            // What is not written is copied and queued.
            Poll::Pending => drop(pieces),
            Poll::Ready(Ok(bytes)) => self.note_written(bytes, || pieces.wrote(bytes))?,
            Poll::Ready(Err(error)) => return Err(error.into()),
        }
        Ok(())
    }

    /// Writes what is queued and a message from where it lies.
    pub(super) fn poll_write_pieces(
        &mut self,
        pieces: &mut Pieces<'_>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while pieces.length() > 0 {
            let slices = pieces.slices();
            let bytes = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, &slices))?;
            self.note_written(bytes, || pieces.advance(bytes))?;
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn note_written(
        &mut self,
        bytes: usize,
        note: impl FnOnce() -> Result<(), MisuseError>,
    ) -> io::Result<()> {
        self.unflushed = true;
        if bytes == 0 || note().is_err() { Err(wrong_count(bytes)) } else { Ok(()) }
    }
}

/// A stream takes nothing, or says that it took more than it was given, which is its author's fault.
#[cold]
fn wrong_count(bytes: usize) -> io::Error {
    if bytes == 0 { io::ErrorKind::WriteZero.into() } else { io::Error::other(MisuseError::MoreThanQueued) }
}
