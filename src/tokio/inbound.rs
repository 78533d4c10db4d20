//! The receiving side: from what the stream gives to events, and what has to be written on the way.
//!
//! ```text
//!            none left               read
//!   Events ------------> Waiting ------------> Events
//!     | a close frame       | should be shut
//!     v                     v
//!  Delivering (answered) -> Shutting ---> Done
//!     an error: Failing (answered, shut) -^
//! ```

use std::io;
use std::task::{Context, Poll, ready};

use super::Error;
use super::link::Link;
use crate::connection::{Arrival, Receiver};
use crate::{Event, Message, State};

#[derive(Debug)]
pub(super) struct Inbound {
    pub(super) receiver: Receiver,
    phase: Phase,
    /// Whether answers were queued that are not known to be written.
    owes: bool,
    /// Whether the last read filled its room, so that there is more, and it is read before what is queued is written.
    reads_on: bool,
    /// How many bytes such reads have brought, one after the other.
    unanswered: u32,
    /// Why it failed, if it did, until that is told.
    failure: Option<Box<Error>>,
}

/// What a receiving side has come to. Small, and the error elsewhere: to hand that through would take as long as a short message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There is an event.
    Event,
    /// There is none, nor will be.
    End,
    /// Nor here: [`Inbound::take_failure`] tells why.
    Failure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There may be events in what was read.
    Events,
    /// There are none, and more must be read.
    Waiting,
    /// A close frame is handed out as soon as its answer is written: most callers leave with it.
    Delivering,
    /// The receiver's error is told as soon as the peer was.
    Failing,
    Shutting,
    Done,
}

/// As many reads may bring no event in one poll: those of a long message, or of a peer that goes on after its close frame.
const FRUITLESS_READS: usize = 16;

/// So many bytes are read before they are answered, if there are as many to be read: one write for them all, and what is read at
/// once and what is written stay in the nearest caches.
const MOST_UNANSWERED: u32 = 48 << 10;

/// As many reads are dropped in one poll.
const DROPPED_READS: usize = 16;

impl Inbound {
    pub(super) fn new(mut receiver: Receiver) -> Self {
        receiver.grow_reads_with_payloads(true);
        Self { receiver, phase: Phase::Events, owes: true, reads_on: false, unanswered: 0, failure: None }
    }

    /// The receiver as it came.
    pub(super) fn into_receiver(mut self) -> Receiver {
        self.receiver.grow_reads_with_payloads(false);
        self.receiver
    }

    /// Goes on to the next event.
    ///
    /// With more than `most_queued` bytes to be written, these come first: a peer that does not take its answers is not read
    /// from.
    #[inline(always)]
    pub(super) fn poll_advance(
        &mut self,
        link: &mut impl Link,
        context: &mut Context<'_>,
        most_queued: Option<usize>,
    ) -> Poll<Step> {
        // Most messages come here: some others came with the same read.
        if matches!(self.phase, Phase::Events)
            && most_queued.is_none_or(|most| link.sender().output().len() <= most)
        {
            let arrival = self.receiver.advance(|| link.sender());
            if self.note(arrival) {
                return Poll::Ready(Step::Event);
            }
        }
        self.poll_slowly(link, context, most_queued)
    }

    /// Why there is nothing to come; told once.
    #[cold]
    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take().map(|error| *error)
    }

    /// The event that was gone on to.
    #[inline]
    pub(super) fn event(&self) -> Result<Event<'_>, Error> {
        Ok(self.receiver.event()?)
    }

    /// The same as a message.
    #[inline(always)]
    pub(super) fn message(&self) -> Result<Message<'_>, Error> {
        match self.receiver.message() {
            Ok(message) => Ok(message),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the message gone on to is the last that is there, as far as is known.
    #[inline]
    pub(super) fn is_last(&self) -> bool {
        !self.reads_on && !self.receiver.has_more()
    }

    pub(super) fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Writes what was queued by others before.
    pub(super) fn owe(&mut self) {
        self.owes = true;
    }

    /// Reads to the end of the stream, and makes nothing of it. Messages that were read before are gone as well.
    pub(super) fn poll_drop_all(
        &mut self,
        link: &mut impl Link,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.phase = Phase::Done;
        for _ in 0..DROPPED_READS {
            match self.poll_drop(link, context) {
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(end) => return Poll::Ready(end.map(|_| ())),
                Poll::Pending => return self.wait(),
            }
        }
        // Others want to get on too.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    #[inline(never)]
    fn poll_slowly(
        &mut self,
        link: &mut impl Link,
        context: &mut Context<'_>,
        most_queued: Option<usize>,
    ) -> Poll<Step> {
        for _ in 0..FRUITLESS_READS {
            if self.phase == Phase::Waiting
                && let Err(error) = ready!(self.poll_more(link, context, most_queued))
            {
                return self.lose(error);
            }
            if self.phase == Phase::Events {
                if let Some(most) = most_queued {
                    match poll_below(link, context, most) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => return self.lose(error),
                        Poll::Pending => return self.wait(),
                    }
                }
                let arrival = self.receiver.advance(|| link.sender());
                if self.note(arrival) {
                    return Poll::Ready(Step::Event);
                }
            }
            if !matches!(self.phase, Phase::Waiting | Phase::Events) {
                return self.poll_end(link, context);
            }
        }
        // Others want to get on too.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Goes through what follows the last event before a close frame, an error or the end of the stream.
    #[inline(never)]
    fn poll_end(&mut self, link: &mut impl Link, context: &mut Context<'_>) -> Poll<Step> {
        if self.phase == Phase::Delivering {
            // A peer that sent its close frame may well be gone, which is no news.
            let written = ready!(link.poll_write_out(context));
            self.phase = if written.is_ok() { Phase::Waiting } else { Phase::Shutting };
            return Poll::Ready(Step::Event);
        }
        if self.phase == Phase::Failing {
            ready!(self.poll_fail(link, context));
            self.phase = Phase::Done;
            if let Some(error) = self.receiver.error() {
                return self.fail(error.into());
            }
        }
        if self.phase == Phase::Shutting {
            // That it can't be shut again is no news either.
            let _ = ready!(link.poll_shutdown(context));
            self.phase = Phase::Done;
        }
        Poll::Ready(Step::End)
    }

    /// Goes to the phase that follows; gives whether there is an event to be handed out.
    #[inline]
    fn note(&mut self, arrival: Arrival) -> bool {
        self.phase = match arrival {
            Arrival::Data => return true,
            Arrival::Control => {
                self.owes = true;
                return true;
            }
            Arrival::Close => Phase::Delivering,
            Arrival::Nothing => Phase::Waiting,
            Arrival::Failure => Phase::Failing,
        };
        false
    }

    /// The transport failed. After the peer's close frame nothing is lost.
    #[cold]
    fn lose(&mut self, error: io::Error) -> Poll<Step> {
        self.phase = Phase::Done;
        if self.receiver.is_closed() { Poll::Ready(Step::End) } else { self.fail(error.into()) }
    }

    #[cold]
    fn fail(&mut self, error: Error) -> Poll<Step> {
        self.phase = Phase::Done;
        self.failure = Some(Box::new(error));
        Poll::Ready(Step::Failure)
    }

    /// Reads, after what is to be written before the wait.
    #[inline]
    fn poll_more(
        &mut self,
        link: &mut impl Link,
        context: &mut Context<'_>,
        most_queued: Option<usize>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.reads_on && !may_read_on(link, most_queued) {
                self.reads_on = false;
            }
            if !self.reads_on
                && let Some(end) = self.poll_answers(link, context, most_queued)
            {
                return end;
            }
            if !self.receiver.reads()
                && let Some(ended) = self.poll_ending(link, context)
            {
                return ended;
            }
            match self.poll_read(link, context) {
                // There was no more after all.
                Poll::Pending if self.reads_on => self.reads_on = false,
                Poll::Pending => return self.wait(),
                Poll::Ready(Err(error)) if self.reads_on => {
                    // It may be the peer's direction alone: what came before is answered, as if it had been read last.
                    _ = link.poll_write_out(context);
                    return Poll::Ready(Err(error));
                }
                read => return read,
            }
        }
    }

    /// Writes what is queued. What there is to do instead of reading, if anything.
    #[inline]
    fn poll_answers(
        &mut self,
        link: &mut impl Link,
        context: &mut Context<'_>,
        most_queued: Option<usize>,
    ) -> Option<Poll<io::Result<()>>> {
        if self.owes_any(link) {
            match link.poll_write_out(context) {
                Poll::Ready(Ok(())) => self.owes = false,
                Poll::Ready(Err(error)) => return Some(self.poll_reason(link, context, error)),
                // Not to read would be to wait for a peer that may wait for this end.
                Poll::Pending if most_queued.is_none_or(|most| link.sender().output().len() <= most) => {}
                Poll::Pending => return Some(self.wait()),
            }
        }
        None
    }

    #[inline]
    fn poll_read(&mut self, link: &mut impl Link, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let room = self.receiver.room();
        let size = room.len();
        match ready!(link.poll_read(context, room))? {
            0 => self.receiver.eof(&mut link.sender()),
            bytes => {
                self.receiver.filled(bytes);
                self.reads_on = bytes == size && self.leaves_more(bytes);
                self.phase = Phase::Events;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// After a read that filled its room: whether the next one comes before what is queued is written.
    #[cold]
    fn leaves_more(&mut self, bytes: usize) -> bool {
        let before = if self.reads_on { self.unanswered } else { 0 };
        self.unanswered = before.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.unanswered < MOST_UNANSWERED
    }

    /// What was to be written can't be. What has come may say why.
    #[cold]
    #[inline(never)]
    fn poll_reason(
        &mut self,
        link: &mut impl Link,
        context: &mut Context<'_>,
        error: io::Error,
    ) -> Poll<io::Result<()>> {
        if !self.receiver.reads()
            && let Some(ended) = self.poll_ending(link, context)
        {
            return ended;
        }
        match link.poll_read(context, self.receiver.room()) {
            Poll::Ready(Ok(bytes @ 1..)) => {
                self.receiver.filled(bytes);
                self.phase = Phase::Events;
                Poll::Ready(Ok(()))
            }
            _ => Poll::Ready(Err(error)),
        }
    }

    /// Nothing that comes is of interest. What there is to do instead of reading it, if anything.
    #[cold]
    #[inline(never)]
    fn poll_ending(
        &mut self,
        link: &mut impl Link,
        context: &mut Context<'_>,
    ) -> Option<Poll<io::Result<()>>> {
        let is_at_eof = self.receiver.is_at_eof();
        if self.receiver.should_shut(&link.sender()) {
            if is_at_eof && link.poll_write_out(context).is_pending() {
                // A peer that shut its own direction alone may still read; that another is gone is no news.
                return Some(Poll::Pending);
            }
            self.phase = Phase::Shutting;
        } else if is_at_eof {
            // The caller owes a close frame, or what is queued can't be written now.
            match link.poll_write_out(context) {
                Poll::Ready(Ok(())) => {}
                unwritten => return Some(unwritten),
            }
            let owes_close = self.receiver.state(&link.sender()) == State::CloseReceived;
            self.phase = if owes_close { Phase::Done } else { Phase::Shutting };
        } else {
            return None;
        }
        Some(Poll::Ready(Ok(())))
    }

    /// Reads, and makes nothing of it; gives how much it was.
    #[inline(never)]
    fn poll_drop(&mut self, link: &mut impl Link, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        link.poll_read(context, self.receiver.room())
    }

    /// With no event handed out, and the buffers that nothing is in left to others.
    #[inline]
    fn wait<T>(&mut self) -> Poll<T> {
        self.receiver.share_buffers();
        Poll::Pending
    }

    #[inline]
    fn owes_any(&self, link: &impl Link) -> bool {
        link.may_have_to_write() || self.owes
    }

    /// Tells the peer of the error, whatever it sends meanwhile, and shuts the transport.
    fn poll_fail(&mut self, link: &mut impl Link, context: &mut Context<'_>) -> Poll<()> {
        if link.poll_write_out(context).is_pending() {
            for _ in 0..DROPPED_READS {
                let Poll::Ready(Ok(1..)) = self.poll_drop(link, context) else { return self.wait() };
            }
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        link.poll_shutdown(context).map(|_| ())
    }
}

/// Whether there is room for the answers to more than was answered: most of it, or answers that fit read by read would not.
#[inline]
fn may_read_on(link: &mut impl Link, most_queued: Option<usize>) -> bool {
    let sender = link.sender();
    let queued = sender.output().len();
    queued <= sender.output_limit() / 16 && most_queued.is_none_or(|most| queued <= most)
}

/// Writes until no more than `most` bytes are queued.
#[inline]
pub(super) fn poll_below(
    link: &mut impl Link,
    context: &mut Context<'_>,
    most: usize,
) -> Poll<io::Result<()>> {
    if link.sender().output().len() <= most {
        return Poll::Ready(Ok(()));
    }
    match link.poll_write_out(context) {
        Poll::Pending if link.sender().output().len() <= most => Poll::Ready(Ok(())),
        other => other,
    }
}
