//! Tasks that take turns on the thread of whoever runs them, for streams in memory, where nothing else has to be waited for.
//!
//! A task whose waker was called since its last turn gets one: first all clients in their order, then all servers, and around
//! again, as a runtime's queue would have it. But a turn costs a few instructions and not as much as a short frame: what is
//! measured is the WebSockets.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::Failure;

/// Servers, and clients as they come.
#[derive(Default)]
pub(crate) struct Turns {
    servers: Vec<Task<Result<(), Failure>>>,
}

struct Task<T> {
    /// None when it is done.
    future: Option<Pin<Box<dyn Future<Output = T>>>>,
    woken: Arc<Woken>,
    waker: Waker,
}

/// Whether a task wants a turn.
struct Woken(AtomicBool);

impl Turns {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a server, which gets turns whenever there are clients.
    pub(crate) fn seat(&mut self, server: impl Future<Output = Result<(), Failure>> + 'static) {
        self.servers.push(Task::new(server));
    }

    /// Gives turns until all these clients are done; what they make of it.
    ///
    /// # Errors
    /// A server failed, or nobody is woken any more.
    pub(crate) fn run<T>(
        &mut self,
        clients: Vec<impl Future<Output = T> + 'static>,
    ) -> Result<Vec<T>, Failure> {
        let mut clients: Vec<Task<T>> = clients.into_iter().map(Task::new).collect();
        let mut outputs: Vec<Option<T>> = clients.iter().map(|_| None).collect();
        let mut left = clients.len();
        while left > 0 {
            let mut idle = true;
            for (client, output) in clients.iter_mut().zip(&mut outputs) {
                if client.wants_turn() {
                    idle = false;
                    if let Poll::Ready(value) = client.turn() {
                        *output = Some(value);
                        left -= 1;
                    }
                }
            }
            for server in &mut self.servers {
                if server.wants_turn() {
                    idle = false;
                    if let Poll::Ready(result) = server.turn() {
                        result?;
                    }
                }
            }
            if idle {
                return Err("a conversation stands still".into());
            }
        }
        Ok(outputs.into_iter().flatten().collect())
    }
}

impl<T> Task<T> {
    fn new(future: impl Future<Output = T> + 'static) -> Self {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Self { future: Some(Box::pin(future)), waker: Waker::from(Arc::clone(&woken)), woken }
    }

    /// Whether it was woken since its last turn, which begins now.
    // No `swap`: on one thread nobody comes between.
    fn wants_turn(&self) -> bool {
        let woken = self.woken.0.load(Ordering::Relaxed);
        if woken {
            self.woken.0.store(false, Ordering::Relaxed);
        }
        woken && self.future.is_some()
    }

    fn turn(&mut self) -> Poll<T> {
        let Some(future) = &mut self.future else { return Poll::Pending };
        let polled = future.as_mut().poll(&mut Context::from_waker(&self.waker));
        if polled.is_ready() {
            self.future = None;
        }
        polled
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};

    use super::*;

    #[test]
    fn who_is_never_woken_is_told_of() {
        let mut turns = Turns::new();
        turns.seat(pending());
        assert!(turns.run(vec![pending::<()>()]).is_err());
    }

    #[test]
    fn who_wakes_himself_goes_on() {
        let mut polls = 0;
        let count = poll_fn(move |context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls < 5 { Poll::Pending } else { Poll::Ready(polls) }
        });
        assert_eq!(Turns::new().run(vec![count]).expect("to the end"), [5]);
    }

    #[test]
    fn a_server_that_fails_is_told_of() {
        let mut turns = Turns::new();
        turns.seat(async { Err("it failed".into()) });
        assert!(turns.run(vec![pending::<()>()]).is_err());
    }
}
