//! A stream in memory that costs little more than the copies into it and out of it.
//!
//! ```text
//!  end --write--> | 64 KiB and some | --read--> end      and the same the other way
//!                     |         |
//!                reader waits  writer waits: whoever waits is woken by the other
//! ```
//!
//! It does what `tokio::io::duplex` does. That one has a lock, for its ends may be on different threads; here both are on one,
//! and to take a lock for every poll would take about as long as a short frame does. An end is only the numbers of its
//! directions, whose bytes belong to the thread: so it may go into a task that asks for `Send` although no other thread can do anything with it.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a pipe holds in each direction, in bytes: 64 KiB of messages, and as much as 64 of them have for headers and keys. With a
/// few bytes less, a message would lie in it cut in two whenever so many are under way.
const CAPACITY: usize = (64 << 10) + 64 * 8;

thread_local! {
    /// Two directions of each pipe, one after the other.
    // Not dropped with the thread, of which the program has but one: to ask each time whether it was would take longer than to find it.
    static DIRECTIONS: RefCell<ManuallyDrop<Vec<Direction>>> = const { RefCell::new(ManuallyDrop::new(Vec::new())) };
}

/// One end of a pipe.
pub struct Pipe {
    /// The direction that is read from, and the one that is written to.
    reads: usize,
    writes: usize,
}

/// Both ends of a pipe.
pub fn pipe() -> (Pipe, Pipe) {
    DIRECTIONS.with_borrow_mut(|directions| {
        let is_free = |pair: &[Direction]| pair.iter().all(Direction::is_free);
        let one = directions.chunks(2).position(is_free).map_or(directions.len(), |place| 2 * place);
        let (other, count) = (one + 1, directions.len().max(one + 2));
        directions.resize_with(count, Direction::default);
        directions[one..=other].iter_mut().for_each(Direction::open);
        (Pipe { reads: one, writes: other }, Pipe { reads: other, writes: one })
    })
}

/// The bytes of one direction: a ring, which begins anew whenever it is empty, so that little traffic takes little cache.
#[derive(Default)]
struct Direction {
    /// None before it is opened and after both ends are gone.
    bytes: Option<Box<[u8; CAPACITY]>>,
    start: usize,
    length: usize,
    reader: Waiter,
    writer: Waiter,
    /// Whether the writing end is shut, or gone; and whether the reading end is gone.
    ended: bool,
    abandoned: bool,
}

/// Who waits, and who waited last: mostly the same, whose waker is then there already.
#[derive(Default)]
struct Waiter {
    waits: bool,
    waker: Option<Waker>,
}

impl Waiter {
    #[inline]
    fn wait(&mut self, context: &Context<'_>) {
        self.waits = true;
        match &self.waker {
            Some(waker) if waker.will_wake(context.waker()) => {}
            _ => self.waker = Some(context.waker().clone()),
        }
    }

    #[inline]
    fn wake(&mut self) {
        if self.waits
            && let Some(waker) = &self.waker
        {
            self.waits = false;
            waker.wake_by_ref();
        }
    }
}

impl Direction {
    fn open(&mut self) {
        let bytes: Result<Box<[u8; CAPACITY]>, _> = vec![0; CAPACITY].try_into();
        *self = Self { bytes: bytes.ok(), ..Self::default() };
    }

    const fn is_free(&self) -> bool {
        self.bytes.is_none()
    }

    #[inline]
    fn poll_read(&mut self, context: &Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.length == 0 && !self.ended {
            self.reader.wait(context);
            return Poll::Pending;
        }
        let end = self.start + self.length;
        match &self.bytes {
            // Nearly always all of it lies straight, and there is room for it.
            Some(bytes) if end <= CAPACITY && self.length <= to.remaining() => {
                to.put_slice(&bytes[self.start..end]);
                (self.start, self.length) = (0, 0);
            }
            _ => self.read_some(to),
        }
        self.writer.wake();
        Poll::Ready(Ok(()))
    }

    #[inline(never)]
    fn read_some(&mut self, to: &mut ReadBuf<'_>) {
        let Some(bytes) = &self.bytes else { return };
        let taken = self.length.min(to.remaining());
        let straight = taken.min(CAPACITY - self.start);
        to.put_slice(&bytes[self.start..self.start + straight]);
        to.put_slice(&bytes[..taken - straight]);
        self.length -= taken;
        self.start = if self.length == 0 { 0 } else { (self.start + taken) % CAPACITY };
    }

    #[inline]
    fn poll_write(&mut self, context: &Context<'_>, from: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if self.ended || self.abandoned {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.length == CAPACITY {
            self.writer.wait(context);
            return Poll::Pending;
        }
        let before = self.length;
        match (&mut self.bytes, from) {
            // Nearly always it is empty.
            (Some(bytes), [slice]) if before == 0 && slice.len() <= CAPACITY => {
                bytes[..slice.len()].copy_from_slice(slice);
                self.length = slice.len();
            }
            _ => from.iter().for_each(|slice| self.append(slice)),
        }
        self.reader.wake();
        Poll::Ready(Ok(self.length - before))
    }

    /// As much of `from` as there is room for.
    #[inline(never)]
    fn append(&mut self, from: &[u8]) {
        let Some(bytes) = &mut self.bytes else { return };
        let from = &from[..from.len().min(CAPACITY - self.length)];
        let end = (self.start + self.length) % CAPACITY;
        let (straight, around) = from.split_at(from.len().min(CAPACITY - end));
        bytes[end..end + straight.len()].copy_from_slice(straight);
        bytes[..around.len()].copy_from_slice(around);
        self.length += from.len();
    }

    fn end(&mut self) {
        self.ended = true;
        self.reader.wake();
    }
}

#[inline]
fn with<T>(
    direction: usize,
    work: impl FnOnce(&mut Direction) -> Poll<io::Result<T>>,
) -> Poll<io::Result<T>> {
    // Not `with`, which is a call of its own and finds the thread's by another.
    let done = DIRECTIONS.try_with(|directions| directions.borrow_mut().get_mut(direction).map(work));
    done.ok().flatten().unwrap_or_else(|| Poll::Ready(Err(io::Error::other("a pipe of another thread"))))
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        with(self.reads, |direction| direction.poll_read(context, to))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        with(self.writes, |direction| direction.poll_write(context, &[IoSlice::new(from)]))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        with(self.writes, |direction| direction.poll_write(context, from))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        with(self.writes, |direction| {
            direction.end();
            Poll::Ready(Ok(()))
        })
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // A waker may drop a pipe itself: those of this one go after the others are let go of.
        let freed = DIRECTIONS.with(|directions| {
            let mut directions = directions.try_borrow_mut().ok()?;
            if let Some(direction) = directions.get_mut(self.writes) {
                direction.end();
            }
            if let Some(direction) = directions.get_mut(self.reads) {
                direction.abandoned = true;
                direction.writer.wake();
            }
            let both = [self.reads, self.writes];
            let is_over = both.iter().all(|&place| directions.get(place).is_some_and(|it| it.abandoned));
            is_over.then(|| both.map(|place| std::mem::take(&mut directions[place])))
        });
        drop(freed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::turns::Turns;

    /// Of every length about what it holds, in pieces of other sizes on both sides: the same bytes come out, and both ends
    /// wait for each other.
    #[test]
    fn bytes_come_through_in_order_and_end() {
        for length in [0, 1, CAPACITY - 1, CAPACITY, CAPACITY + 1, 5 * CAPACITY + 3] {
            let sent: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
            let (mut one, mut other) = pipe();
            let bytes = sent.clone();
            let mut turns = Turns::new();
            turns.seat(async move {
                for piece in bytes.chunks(1_009) {
                    let (head, rest) = piece.split_at(piece.len() / 3);
                    let written = one.write_vectored(&[IoSlice::new(head), IoSlice::new(rest)]).await?;
                    one.write_all(&piece[written..]).await?;
                }
                Ok(())
            });
            let read = async move {
                let (mut received, mut piece) = (Vec::new(), [0; 4_001]);
                loop {
                    match other.read(&mut piece).await.expect("a read") {
                        0 => return received,
                        bytes => received.extend_from_slice(&piece[..bytes]),
                    }
                }
            };
            assert_eq!(turns.run(vec![read]).expect("to the end"), [sent], "{length}");
        }
    }

    #[test]
    fn an_end_that_is_gone_is_told() {
        let (one, mut other) = pipe();
        drop(one);
        assert_eq!(crate::ready(other.read(&mut [0; 1])).expect("the end"), 0);
        let error = crate::ready(other.write(b"!")).expect_err("nobody reads it");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
