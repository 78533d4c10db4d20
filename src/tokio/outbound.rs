//! The sending side: what goes before a message is queued, and after.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use wscodec_compressors::CompressionWish;

use super::Error;
use super::inbound::poll_below;
use super::link::Link;
use crate::{CloseFrame, Error as CodecError, Message, MisuseError, PreparedMessage, Sender};

/// Ready as soon as less bytes are queued than the write limit.
#[inline]
pub(super) fn poll_ready(link: &mut impl Link, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
    let limit = link.write_limit();
    poll_below(link, context, limit.saturating_sub(1)).map_err(Error::from)
}

/// Queues a message when there is room for it.
pub(super) struct Feed<'a, 'm, L> {
    pub(super) link: &'a mut L,
    pub(super) message: Message<'m>,
}

impl<L: Link> Future for Feed<'_, '_, L> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { link, message } = self.get_mut();
        poll_feed(*link, context, message)
    }
}

pub(super) async fn feed(link: &mut impl Link, message: Message<'_>) -> Result<(), Error> {
    Feed { link, message }.await
}

pub(super) async fn send(link: &mut impl Link, message: Message<'_>) -> Result<(), Error> {
    feed(link, message).await?;
    flush(link).await
}

pub(super) async fn feed_prepared(link: &mut impl Link, prepared: &PreparedMessage) -> Result<(), Error> {
    poll_fn(|context| poll_queue(link, context, |sender| sender.send_prepared(prepared))).await
}

pub(super) async fn send_prepared(link: &mut impl Link, prepared: &PreparedMessage) -> Result<(), Error> {
    feed_prepared(link, prepared).await?;
    flush(link).await
}

pub(super) async fn send_vectored(link: &mut impl Link, message: Message<'_>) -> Result<(), Error> {
    poll_fn(|context| {
        ready!(poll_ready(link, context))?;
        match link.start_vectored(message, context) {
            // It may fit when the others are out.
            Err(Error::Codec(CodecError::Misuse(MisuseError::OutputFull { .. }))) => {
                poll_feed(link, context, &message)
            }
            result => Poll::Ready(result),
        }
    })
    .await?;
    flush(link).await
}

pub(super) async fn flush(link: &mut impl Link) -> Result<(), Error> {
    poll_fn(|context| link.poll_write_out(context)).await.map_err(Error::from)
}

pub(super) async fn close(link: &mut impl Link, frame: Option<CloseFrame<'_>>) -> Result<(), Error> {
    start_close(link, frame)?;
    flush(link).await
}

/// Queues a close frame, unless there was one.
pub(super) fn start_close(link: &mut impl Link, frame: Option<CloseFrame<'_>>) -> Result<(), Error> {
    match link.sender().close(frame) {
        Err(CodecError::Misuse(MisuseError::Closed)) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[inline]
pub(super) fn poll_feed(
    link: &mut impl Link,
    context: &mut Context<'_>,
    message: &Message<'_>,
) -> Poll<Result<(), Error>> {
    let limit = link.write_limit();
    // Nearly always there is room. An error is found once more.
    {
        let mut sender = link.sender();
        // By its parts, or it would be copied first.
        if sender.output().len() < limit
            && let Some((kind, payload)) = message.data()
            && sender.send_data(kind, payload, CompressionWish::Auto).is_ok()
        {
            return Poll::Ready(Ok(()));
        }
    }
    poll_feed_slowly(link, context, message)
}

#[inline(never)]
fn poll_feed_slowly(
    link: &mut impl Link,
    context: &mut Context<'_>,
    message: &Message<'_>,
) -> Poll<Result<(), Error>> {
    poll_queue(link, context, |sender| sender.send(*message))
}

/// Has `queue` queue something when there is room for it.
fn poll_queue(
    link: &mut impl Link,
    context: &mut Context<'_>,
    queue: impl Fn(&mut Sender) -> Result<(), CodecError>,
) -> Poll<Result<(), Error>> {
    ready!(poll_ready(link, context))?;
    loop {
        let queued = {
            let mut sender = link.sender();
            match queue(&mut sender) {
                // It fits when the others are out.
                Err(CodecError::Misuse(MisuseError::OutputFull { .. })) if !sender.output().is_empty() => {
                    sender.output().len()
                }
                result => return Poll::Ready(result.map_err(Error::from)),
            }
        };
        ready!(poll_below(link, context, queued / 2))?;
    }
}
