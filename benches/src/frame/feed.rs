//! Streams in memory, for contenders that want one: a feed of what the peer sent, and a drain for what is sent.

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::ReadBuf;

use super::wire::{self, Wire};

/// The reading side of a connection; a clone is a handle to the same one. What is written is dropped.
#[derive(Clone)]
pub struct Feed {
    wire: Wire,
    position: Rc<Cell<usize>>,
}

impl Feed {
    pub fn new(wire: Wire) -> Self {
        Self { wire, position: Rc::new(Cell::new(0)) }
    }

    /// Begins again: a pass must find the same bytes as the one before.
    pub fn rewind(&self) {
        self.position.set(0);
    }

    /// As a socket: what there is, as far as the buffer and a read reach.
    fn fill(&self, buffer: &mut [u8]) -> usize {
        let rest = &self.wire.bytes[self.position.get()..];
        let length = buffer.len().min(self.wire.read).min(rest.len());
        wire::copy(&rest[..length], &mut buffer[..length]);
        self.position.set(self.position.get() + length);
        length
    }
}

/// The writing side of a connection; a clone is a handle to the same one. Reading gives nothing.
#[derive(Clone, Default)]
pub struct Drain(Rc<RefCell<DrainState>>);

#[derive(Default)]
struct DrainState {
    /// What was written, while that is wanted.
    kept: Option<Vec<u8>>,
    /// What small writes are gathered in, of contenders that write each frame by itself.
    buffer: Option<Vec<u8>>,
}

impl Drain {
    /// What is written is handed on in pieces of this many bytes at least.
    pub const PIECE: usize = 64 << 10;

    /// A drain that takes every write as it comes.
    pub fn direct() -> Self {
        Self::default()
    }

    /// A drain that gathers writes, as one must who would not make a system call for each.
    pub fn buffered() -> Self {
        let drain = Self::default();
        drain.0.borrow_mut().buffer = Some(Vec::with_capacity(2 * Self::PIECE));
        drain
    }

    /// Keeps what is written from now on.
    pub fn keep(&self) {
        self.0.borrow_mut().kept = Some(Vec::new());
    }

    /// Whether what is written is kept.
    pub fn is_keeping(&self) -> bool {
        self.0.borrow().kept.is_some()
    }

    /// What was kept; from now on nothing is.
    pub fn kept(&self) -> Vec<u8> {
        let mut state = self.0.borrow_mut();
        state.flush();
        state.kept.take().unwrap_or_default()
    }

    /// Takes bytes.
    pub fn put(&self, bytes: &[u8]) {
        self.0.borrow_mut().put(bytes);
    }
}

impl DrainState {
    fn put(&mut self, bytes: &[u8]) {
        match &mut self.buffer {
            Some(buffer) => {
                buffer.extend_from_slice(bytes);
                if buffer.len() >= Drain::PIECE {
                    self.flush();
                }
            }
            None => hand_on(bytes, &mut self.kept),
        }
    }

    fn flush(&mut self) {
        if let Some(buffer) = &mut self.buffer {
            hand_on(buffer, &mut self.kept);
            buffer.clear();
        }
    }
}

fn hand_on(bytes: &[u8], kept: &mut Option<Vec<u8>>) {
    black_box(bytes);
    if let Some(kept) = kept {
        kept.extend_from_slice(bytes);
    }
}

/// The value of a future that never has to wait, since everything it reads from and writes to is in memory.
pub fn ready<F: Future>(future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

impl Read for Feed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.fill(buffer))
    }
}

impl Write for Feed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Drain {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

impl Write for Drain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes);
        Ok(bytes.len())
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        pieces.iter().for_each(|piece| self.put(piece));
        Ok(pieces.iter().map(|piece| piece.len()).sum())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The asynchronous traits of both worlds, all of which answer at once.
macro_rules! asynchronous {
    ($stream:ident) => {
        impl tokio::io::AsyncRead for $stream {
            fn poll_read(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                buffer: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                let length = self.read(buffer.initialize_unfilled())?;
                buffer.advance(length);
                Poll::Ready(Ok(()))
            }
        }

        impl tokio::io::AsyncWrite for $stream {
            fn poll_write(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Poll::Ready(self.write(bytes))
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                pieces: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                Poll::Ready(self.write_vectored(pieces))
            }

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }
        }

        impl futures_io::AsyncRead for $stream {
            fn poll_read(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                Poll::Ready(self.read(buffer))
            }
        }

        impl futures_io::AsyncWrite for $stream {
            fn poll_write(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Poll::Ready(self.write(bytes))
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }
        }
    };
}

asynchronous!(Feed);
asynchronous!(Drain);
