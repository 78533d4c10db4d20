//! Streams in memory for the tests of the tokio adapter, which do what a script says.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Nobody who polls this more often gets on.
const MOST_POLLS: usize = 1_000_000;

/// What a stream does next: so many bytes at the most, or nothing yet.
pub(crate) type Step = Option<usize>;

/// What one end sees of a transport: bytes to be read, then the end, and what was written.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) incoming: VecDeque<u8>,
    /// Whether reads wait at the end of `incoming`, and don't end.
    pub(crate) stays_open: bool,
    pub(crate) outgoing: Vec<u8>,
    /// How often it was flushed since it was written to, and shut.
    pub(crate) flushed: bool,
    pub(crate) shut: usize,
    /// Writes fail with this from now on.
    pub(crate) broken: Option<io::ErrorKind>,
    /// Writes wait.
    pub(crate) jammed: bool,
}

/// A stream that goes through a script, again and again. Who waits for it is polled again anyway.
#[derive(Debug)]
pub(crate) struct Scripted {
    pub(crate) wire: Arc<Mutex<Wire>>,
    script: Vec<Step>,
    /// Where in it reads are, and writes.
    at: [usize; 2],
    vectored: bool,
}

impl Scripted {
    pub(crate) fn new(incoming: &[u8], script: &[Step]) -> Self {
        let wire = Wire { incoming: incoming.iter().copied().collect(), flushed: true, ..Wire::default() };
        Self { wire: Arc::new(Mutex::new(wire)), script: script.to_vec(), at: [0; 2], vectored: true }
    }

    pub(crate) fn without_vectored_writes(self) -> Self {
        Self { vectored: false, ..self }
    }

    fn step(&mut self, direction: usize) -> Step {
        self.at[direction] += 1;
        let step = self.script.get(self.at[direction] % self.script.len().max(1));
        step.copied().unwrap_or(Some(usize::MAX))
    }
}

impl AsyncRead for Scripted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(most) = self.step(0) else { return Poll::Pending };
        let mut wire = self.wire.lock().expect("no panics");
        if wire.incoming.is_empty() && wire.stays_open {
            return Poll::Pending;
        }
        let bytes = most.min(buffer.remaining()).min(wire.incoming.len());
        let part: Vec<u8> = wire.incoming.drain(..bytes).collect();
        buffer.put_slice(&part);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Scripted {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Some(most) = self.step(1) else { return Poll::Pending };
        let mut wire = self.wire.lock().expect("no panics");
        assert_eq!(wire.shut, 0, "nothing is written to what is shut");
        if let Some(kind) = wire.broken {
            return Poll::Ready(Err(kind.into()));
        }
        if wire.jammed {
            return Poll::Pending;
        }
        let bytes = &bytes[..most.min(bytes.len())];
        wire.outgoing.extend(bytes);
        wire.flushed = false;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        assert!(self.vectored);
        let all: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        self.as_mut().poll_write(context, &all)
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.step(1).is_none() {
            return Poll::Pending;
        }
        self.wire.lock().expect("no panics").flushed = true;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.step(1).is_none() {
            return Poll::Pending;
        }
        self.wire.lock().expect("no panics").shut += 1;
        Poll::Ready(Ok(()))
    }
}

/// Polls what it is given until it is ready.
pub(crate) fn until_ready<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..MOST_POLLS {
        if let Poll::Ready(value) = poll(&mut context) {
            return value;
        }
    }
    panic!("it does not come to an end")
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    until_ready(|context| future.as_mut().poll(context))
}

/// Polls a future once and drops it.
pub(crate) fn once<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}
