//! The two halves of a WebSocket, on tasks of their own.
//!
//! ```text
//!  Reader: decoder, events --.               .-- Writer
//!                             Sender   stream          one lock each, held for a call and never across an await;
//!                                                      who wants both takes the sender's first
//! ```
//!
//! Both halves may wait for the stream at the same time, also for the same direction of it. It knows one waker a direction,
//! so that is always the same one, which wakes both.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::Error;
use super::link::{Link, Own};
use super::transport::Transport;
use crate::{Message, Sender};

/// A half's way to what it shares with the other.
pub(super) struct Half<S> {
    shared: Arc<Shared<S>>,
    side: Side,
    write_limit: usize,
}

#[derive(Clone, Copy, Debug)]
enum Side {
    Reader,
    Writer,
}

struct Shared<S> {
    sender: Mutex<Sender>,
    transport: Mutex<Transport<S>>,
    waiting: Arc<Waiting>,
    /// Wakes whoever is in `waiting`.
    waker: Waker,
}

/// Who waits for the stream, by side.
#[derive(Default)]
struct Waiting([Mutex<Option<Waker>>; 2]);

pub(super) fn split<S>(own: Own<S>) -> (Half<S>, Half<S>) {
    let write_limit = own.write_limit;
    let waiting = Arc::new(Waiting::default());
    let shared = Arc::new(Shared {
        sender: Mutex::new(own.sender),
        transport: Mutex::new(own.transport),
        waker: Waker::from(Arc::clone(&waiting)),
        waiting,
    });
    let half = |shared, side| Half { shared, side, write_limit };
    (half(Arc::clone(&shared), Side::Reader), half(shared, Side::Writer))
}

/// Puts two halves of the same WebSocket together.
pub(super) fn unite<S>(reader: Half<S>, writer: Half<S>) -> Result<Own<S>, (Half<S>, Half<S>)> {
    if !Arc::ptr_eq(&reader.shared, &writer.shared) {
        return Err((reader, writer));
    }
    let (side, writer_side, write_limit) = (reader.side, writer.side, writer.write_limit);
    drop(writer);
    match Arc::try_unwrap(reader.shared) {
        Ok(Shared { sender, transport, .. }) => Ok(Own {
            sender: sender.into_inner().unwrap_or_else(PoisonError::into_inner),
            transport: transport.into_inner().unwrap_or_else(PoisonError::into_inner),
            write_limit,
            is_last: false,
        }),
        // There are never more than two.
        Err(shared) => {
            let half = |shared, side| Half { shared, side, write_limit };
            Err((half(Arc::clone(&shared), side), half(shared, writer_side)))
        }
    }
}

impl<S> Half<S> {
    fn transport(&self) -> MutexGuard<'_, Transport<S>> {
        lock(&self.shared.transport)
    }

    pub(super) fn lock_sender(&self) -> MutexGuard<'_, Sender> {
        lock(&self.shared.sender)
    }

    /// Has this half woken as well when the stream goes on; gives what to poll it with.
    fn wait(&self, context: &Context<'_>) -> Context<'_> {
        let mut slot = lock(&self.shared.waiting.0[self.side as usize]);
        match &mut *slot {
            Some(waker) => waker.clone_from(context.waker()),
            None => *slot = Some(context.waker().clone()),
        }
        Context::from_waker(&self.shared.waker)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link for Half<S> {
    type Sender<'a>
        = MutexGuard<'a, Sender>
    where
        S: 'a;

    /// The writer writes what is its own.
    fn may_have_to_write(&self) -> bool {
        false
    }

    fn write_limit(&self) -> usize {
        self.write_limit
    }

    fn sender(&mut self) -> MutexGuard<'_, Sender> {
        self.lock_sender()
    }

    fn poll_read(&mut self, context: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        self.transport().poll_read(&mut self.wait(context), room)
    }

    fn poll_write_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut sender = self.lock_sender();
        self.transport().poll_write_out(&mut sender, &mut self.wait(context))
    }

    fn start_vectored(&mut self, message: Message<'_>, context: &mut Context<'_>) -> Result<(), Error> {
        let mut sender = self.lock_sender();
        self.transport().start_vectored(&mut sender, message, &mut self.wait(context))
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.transport().poll_shutdown(&mut self.wait(context))
    }
}

impl Waiting {
    fn wake_all(&self) {
        for slot in &self.0 {
            let waker = lock(slot).take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}

/// What a half shares is in order after every call, so a panic of the stream's in one leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: fmt::Debug> fmt::Debug for Half<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Half")
            .field("sender", &self.shared.sender)
            .field("transport", &self.shared.transport)
            .field("side", &self.side)
            .finish()
    }
}
