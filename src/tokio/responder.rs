use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::link::Own;
use super::transport::Transport;
use super::{Error, outbound};
use crate::{Message, Pieces, Sender};

/// What answers a message while it is borrowed, from
/// [`WebSocket::next_message_and_responder`](super::WebSocket::next_message_and_responder).
#[derive(Debug)]
pub struct Responder<'a, S> {
    // One reference, and not what else it takes to answer: whatever a future gives is moved, which for a small message shows.
    pub(super) own: &'a mut Own<S>,
}

/// From this many bytes on a copy costs more than a write of several pieces.
const LONG: usize = 4 << 10;

impl<S: AsyncRead + AsyncWrite + Unpin> Responder<'_, S> {
    /// Queues a message when there is room for it; it is written with the next wait for a message, or when the
    /// [write limit](super::WebSocket::with_write_limit) is reached. So all that came with one read, or a few full ones, is answered with one write.
    ///
    /// A long one that is the last of these is written at once, from where it lies, and this waits until the stream has
    /// taken it: if the stream has vectored writes, and the message is neither masked nor compressed. Dropped while it
    /// waits, what was not written is copied and queued.
    ///
    /// # Errors
    /// As [`WebSocket::send`](super::WebSocket::send).
    #[inline]
    pub fn send<'b>(&'b mut self, message: Message<'b>) -> impl Future<Output = Result<(), Error>> {
        let direct = self.own.is_last && data_length(&message) >= LONG;
        Send { own: Some(self.own), message, direct, under_way: None }
    }

    /// Everything that can be sent, and how, to be written with the next wait for a message.
    #[must_use]
    pub fn sender(&mut self) -> &mut Sender {
        &mut self.own.sender
    }
}

/// The length of a data message; none of others.
#[inline]
fn data_length(message: &Message<'_>) -> usize {
    message.data().map_or(0, |(_, payload)| payload.len())
}

struct Send<'a, S> {
    /// Until a message is under way from where it lies.
    own: Option<&'a mut Own<S>>,
    message: Message<'a>,
    /// Whether it is to go from where it lies, if it can.
    direct: bool,
    under_way: Option<(&'a mut Transport<S>, Pieces<'a>)>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Send<'_, S> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let send = self.get_mut();
        if let (Some(own), false) = (&mut send.own, send.direct) {
            return outbound::poll_feed(*own, context, &send.message);
        }
        send.poll_directly(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Send<'_, S> {
    #[inline(never)]
    fn poll_directly(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if let Some(own) = self.own.take() {
            // What does not fit yet waits for what is queued.
            if !own.transport.stream.is_write_vectored()
                || !own.sender.has_room_for(data_length(&self.message))
            {
                self.direct = false;
                let fed = outbound::poll_feed(own, context, &self.message);
                self.own = Some(own);
                return fed;
            }
            let Own { transport, sender, .. } = own;
            self.under_way = Some((transport, sender.send_vectored(self.message)?));
        }
        let Some((transport, pieces)) = &mut self.under_way else { return Poll::Ready(Ok(())) };
        ready!(transport.poll_write_pieces(pieces, context))?;
        // A pong that waited goes behind the message.
        let finished = self.under_way.take().map_or(Ok(()), |(_, pieces)| pieces.finish());
        Poll::Ready(finished.map_err(Error::from))
    }
}
