//! A stream in memory that costs little more than the copies into it and out of it.
//!
//! ```text
//!  end --write--> | 64 KiB and some | --read--> end      and the same the other way
//!                     |         |
//!                reader waits  writer waits: whoever waits is woken by the other
//! ```
//!
//! It does what `tokio::io::duplex` does. That one has a lock, for its ends may be on different threads; here both are on one,
//! and to take a lock for every poll would take about as long as a short frame does. An end is only the number of its pipe, whose
//! bytes belong to the thread: so it may go into a task that asks for `Send` although no other thread can do anything with it.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a pipe holds in each direction, in bytes: 64 KiB of messages, and as much as 64 of them have for headers and keys. With a
/// few bytes less, a message would lie in it cut in two whenever so many are under way.
const CAPACITY: usize = (64 << 10) + 64 * 8;

thread_local! {
    /// By number, two directions each; none where both ends are gone.
    static PIPES: RefCell<Vec<Option<[Direction; 2]>>> = const { RefCell::new(Vec::new()) };
}

/// One end of a pipe.
pub struct Pipe {
    number: usize,
    /// The direction that is read from; the other one is written to.
    reads: usize,
}

/// Both ends of a pipe.
pub fn pipe() -> (Pipe, Pipe) {
    PIPES.with_borrow_mut(|pipes| {
        let number = pipes.iter().position(Option::is_none).unwrap_or(pipes.len());
        if number == pipes.len() {
            pipes.push(None);
        }
        pipes[number] = Some([Direction::new(), Direction::new()]);
        (Pipe { number, reads: 0 }, Pipe { number, reads: 1 })
    })
}

/// The bytes of one direction: a ring, which begins anew whenever it is empty, so that little traffic takes little cache.
struct Direction {
    bytes: Box<[u8]>,
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
    fn wait(&mut self, context: &Context<'_>) {
        self.waits = true;
        match &mut self.waker {
            Some(waker) => waker.clone_from(context.waker()),
            None => self.waker = Some(context.waker().clone()),
        }
    }

    fn wake(&mut self) {
        if std::mem::replace(&mut self.waits, false)
            && let Some(waker) = &self.waker
        {
            waker.wake_by_ref();
        }
    }
}

impl Direction {
    fn new() -> Self {
        Self {
            bytes: vec![0; CAPACITY].into(),
            start: 0,
            length: 0,
            reader: Waiter::default(),
            writer: Waiter::default(),
            ended: false,
            abandoned: false,
        }
    }

    fn poll_read(&mut self, context: &Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.length == 0 && !self.ended {
            self.reader.wait(context);
            return Poll::Pending;
        }
        let taken = self.length.min(to.remaining());
        let straight = taken.min(CAPACITY - self.start);
        to.put_slice(&self.bytes[self.start..self.start + straight]);
        to.put_slice(&self.bytes[..taken - straight]);
        self.length -= taken;
        self.start = if self.length == 0 { 0 } else { (self.start + taken) % CAPACITY };
        self.writer.wake();
        Poll::Ready(Ok(()))
    }

    fn poll_write(&mut self, context: &Context<'_>, from: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if self.ended || self.abandoned {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.length == CAPACITY {
            self.writer.wait(context);
            return Poll::Pending;
        }
        let before = self.length;
        for slice in from {
            self.append(slice);
        }
        self.reader.wake();
        Poll::Ready(Ok(self.length - before))
    }

    /// As much of `bytes` as there is room for.
    fn append(&mut self, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(CAPACITY - self.length)];
        let end = (self.start + self.length) % CAPACITY;
        let (straight, around) = bytes.split_at(bytes.len().min(CAPACITY - end));
        self.bytes[end..end + straight.len()].copy_from_slice(straight);
        self.bytes[..around.len()].copy_from_slice(around);
        self.length += bytes.len();
    }

    fn end(&mut self) {
        self.ended = true;
        self.reader.wake();
    }
}

impl Pipe {
    fn with<T>(
        &self,
        direction: usize,
        work: impl FnOnce(&mut Direction) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        PIPES.with_borrow_mut(|pipes| match pipes.get_mut(self.number) {
            Some(Some(directions)) => work(&mut directions[direction]),
            _ => Poll::Ready(Err(io::Error::other("a pipe of another thread"))),
        })
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.with(self.reads, |direction| direction.poll_read(context, to))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        self.with(1 - self.reads, |direction| direction.poll_write(context, &[IoSlice::new(from)]))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.with(1 - self.reads, |direction| direction.poll_write(context, from))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(1 - self.reads, |direction| {
            direction.end();
            Poll::Ready(Ok(()))
        })
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // At the end of the thread they are gone already, and a waker may drop a pipe itself.
        let freed = PIPES.try_with(|pipes| {
            let mut pipes = pipes.try_borrow_mut().ok()?;
            let place = pipes.get_mut(self.number)?;
            let directions = place.as_mut()?;
            directions[1 - self.reads].end();
            directions[self.reads].abandoned = true;
            directions[self.reads].writer.wake();
            if directions.iter().all(|direction| direction.abandoned) { place.take() } else { None }
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
