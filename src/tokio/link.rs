//! What the two sides of a WebSocket work on: a stream and a [`Sender`], of its own or shared with the other half.

use std::io;
use std::ops::DerefMut;
use std::task::{Context, Poll};

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::Error;
use super::transport::Transport;
use crate::{Message, Sender};

pub(super) trait Link {
    type Sender<'a>: DerefMut<Target = Sender>
    where
        Self: 'a;

    /// Whether the receiving side has something to write that others have queued, since nobody else might.
    fn may_have_to_write(&self) -> bool;

    /// From how many queued bytes on there is no room for more.
    fn write_limit(&self) -> usize;

    fn sender(&mut self) -> Self::Sender<'_>;

    fn poll_read(&mut self, context: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>>;

    /// Writes all that is queued, and has the stream flush it.
    fn poll_write_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Queues a message; what the stream takes at once is written from where it lies.
    fn start_vectored(&mut self, message: Message<'_>, context: &mut Context<'_>) -> Result<(), Error>;

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// A stream and a sender that nobody else has.
#[derive(Debug)]
pub(super) struct Own<S> {
    pub(super) transport: Transport<S>,
    pub(super) sender: Sender,
    /// In bytes.
    pub(super) write_limit: usize,
    /// Whether no other message is there behind the one that a [`Responder`](super::Responder) was last given for, as far as is known.
    pub(super) is_last: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link for Own<S> {
    type Sender<'a>
        = &'a mut Sender
    where
        S: 'a;

    #[inline]
    fn may_have_to_write(&self) -> bool {
        !self.sender.output().is_empty() || self.transport.is_unflushed()
    }

    #[inline]
    fn write_limit(&self) -> usize {
        self.write_limit
    }

    #[inline]
    fn sender(&mut self) -> &mut Sender {
        &mut self.sender
    }

    fn poll_read(&mut self, context: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        self.transport.poll_read(context, room)
    }

    fn poll_write_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.transport.poll_write_out(&mut self.sender, context)
    }

    fn start_vectored(&mut self, message: Message<'_>, context: &mut Context<'_>) -> Result<(), Error> {
        self.transport.start_vectored(&mut self.sender, message, context)
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.transport.poll_shutdown(context)
    }
}
