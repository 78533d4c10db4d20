//! `Stream` and `Sink`, for whoever joins a WebSocket to others of their kind.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncRead, AsyncWrite};
use futures_core::Stream;
use futures_core::stream::FusedStream;
use futures_sink::Sink;

use super::inbound::{Inbound, Step};
use super::link::Link;
use super::{Error, Reader, WebSocket, Writer, outbound};
use crate::SharedMessage;

/// Messages with bytes of their own, which costs a copy and an allocation each; [`WebSocket::next_message`] spares both. Ends
/// with the connection, and after an error.
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for WebSocket<S> {
    type Item = Result<SharedMessage, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { inbound, own, .. } = self.get_mut();
        poll_next(inbound, own, context)
    }
}

/// As that of [`WebSocket`].
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for Reader<S> {
    type Item = Result<SharedMessage, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { inbound, half } = self.get_mut();
        poll_next(inbound, half, context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> FusedStream for WebSocket<S> {
    fn is_terminated(&self) -> bool {
        self.inbound.is_done()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> FusedStream for Reader<S> {
    fn is_terminated(&self) -> bool {
        self.inbound.is_done()
    }
}

/// Ready while less than the [write limit](WebSocket::with_write_limit) is queued, and then takes any message that the
/// connection's [output limit](crate::Connection::with_output_limit) has room for by itself. What is sent without having been
/// ready must fit with all that is queued. To close sends a close frame without a
/// code, unless one was sent, and does not wait for the peer's: the stream ends with that.
impl<S: AsyncRead + AsyncWrite + Unpin> Sink<SharedMessage> for WebSocket<S> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        outbound::poll_ready(&mut self.get_mut().own, context)
    }

    fn start_send(self: Pin<&mut Self>, message: SharedMessage) -> Result<(), Error> {
        start_send(&mut self.get_mut().own, &message)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().own.poll_write_out(context).map_err(Error::from)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let own = &mut self.get_mut().own;
        outbound::start_close(own, None)?;
        own.poll_write_out(context).map_err(Error::from)
    }
}

/// As that of [`WebSocket`].
impl<S: AsyncRead + AsyncWrite + Unpin> Sink<SharedMessage> for Writer<S> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        outbound::poll_ready(&mut self.get_mut().half, context)
    }

    fn start_send(self: Pin<&mut Self>, message: SharedMessage) -> Result<(), Error> {
        start_send(&mut self.get_mut().half, &message)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().half.poll_write_out(context).map_err(Error::from)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let half = &mut self.get_mut().half;
        outbound::start_close(half, None)?;
        half.poll_write_out(context).map_err(Error::from)
    }
}

/// Who has not asked whether there is room gets no more than any other call.
fn start_send(link: &mut impl Link, message: &SharedMessage) -> Result<(), Error> {
    let (message, limit) = (message.as_message(), link.write_limit());
    let mut sender = link.sender();
    let is_ready = sender.output().len() < limit;
    Ok(if is_ready { sender.send_as_if_first(message) } else { sender.send(message) }?)
}

fn poll_next(
    inbound: &mut Inbound,
    link: &mut impl Link,
    context: &mut Context<'_>,
) -> Poll<Option<Result<SharedMessage, Error>>> {
    Poll::Ready(match ready!(inbound.poll_advance(link, context, None)) {
        Step::Event => Some(inbound.message().map(SharedMessage::from)),
        _ => inbound.take_failure().map(Err),
    })
}
