use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::inbound::Step;
use super::{Error, WebSocket};

/// A wait for the next event.
// No `async fn`: what that hands out goes through memory once more, for it is not inlined.
pub(super) struct Next<'a, S, F> {
    /// Until it is over.
    socket: Option<&'a mut WebSocket<S>>,
    most_queued: Option<usize>,
    give: F,
}

impl<'a, S, F> Next<'a, S, F> {
    /// Waits for an event, of which `give` makes what is given.
    #[inline(always)]
    pub(super) fn new<T>(socket: &'a mut WebSocket<S>, most_queued: Option<usize>, give: F) -> Self
    where
        F: Fn(&'a mut WebSocket<S>) -> Result<T, Error>,
    {
        Self { socket: Some(socket), most_queued, give }
    }
}

impl<'a, S, F, T> Future for Next<'a, S, F>
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Fn(&'a mut WebSocket<S>) -> Result<T, Error> + Unpin,
{
    type Output = Result<Option<T>, Error>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { socket: place, most_queued, give } = self.get_mut();
        // Over is over.
        let Some(socket) = place else { return Poll::Ready(Ok(None)) };
        let WebSocket { inbound, own, .. } = &mut **socket;
        let step = ready!(inbound.poll_advance(own, context, *most_queued));
        let Some(socket) = place.take() else { return Poll::Ready(Ok(None)) };
        Poll::Ready(match step {
            Step::Event => match give(socket) {
                Ok(given) => Ok(Some(given)),
                Err(error) => Err(error),
            },
            Step::End => Ok(None),
            Step::Failure => socket.inbound.take_failure().map_or(Ok(None), Err),
        })
    }
}
