//! Peers that behave, on a thread of their own, and how long they wait for their echoes.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::time::sleep;
use wscodec::Message;

use crate::ways::Way;
use crate::{Failure, peers};

pub(crate) struct Healthy {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    failed: Mutex<Option<String>>,
    waits: Mutex<Vec<Duration>>,
}

pub(crate) const COUNT: u64 = 8;

impl Healthy {
    /// Half of them compressed, if `ways` has a second one.
    pub(crate) fn start(ways: &[(Way, String)]) -> Self {
        let shared = Arc::new(Shared::default());
        let (theirs, ways) = (Arc::clone(&shared), ways.to_vec());
        let thread = thread::spawn(move || {
            let failed = theirs.run(&ways).err();
            *lock(&theirs.failed) = failed.map(|error| error.to_string());
        });
        Self { shared, thread: Some(thread) }
    }

    /// How long the echoes took since the last call.
    pub(crate) fn waits(&self) -> Result<Waits, Failure> {
        if let Some(error) = &*lock(&self.shared.failed) {
            return Err(format!("a healthy peer: {error}").into());
        }
        Ok(Waits::of(std::mem::take(&mut lock(&self.shared.waits))))
    }
}

impl Drop for Healthy {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            // Its error was told, or is nobody's business any more.
            _ = thread.join();
        }
    }
}

impl Shared {
    fn run(self: &Arc<Self>, ways: &[(Way, String)]) -> Result<(), Failure> {
        Builder::new_current_thread().enable_all().build()?.block_on(async {
            let mut peers = tokio::task::JoinSet::new();
            for ((way, address), number) in ways.iter().cycle().zip(0..COUNT) {
                let (shared, way, address) = (Arc::clone(self), *way, address.clone());
                peers.spawn(async move { shared.peer(way, &address, number).await });
            }
            while let Some(ended) = peers.join_next().await {
                ended??;
            }
            Ok(())
        })
    }

    async fn peer(&self, way: Way, address: &str, number: u64) -> Result<(), Failure> {
        let (mut socket, _) = peers::open(address, way).await?;
        let mut length = 64;
        while !self.stop.load(Relaxed) {
            let text = format!("{number} {length} ").repeat(length / 8);
            let started = Instant::now();
            peers::echo(&mut socket, Message::Text(&text)).await?;
            lock(&self.waits).push(started.elapsed());
            length = if length > 4000 { 64 } else { length + 333 };
            sleep(Duration::from_millis(5 + number)).await;
        }
        peers::within("closing", async {
            socket.close(None).await?;
            while socket.next_message().await?.is_some() {}
            Ok(())
        })
        .await?
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long something took, many times.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waits {
    pub(crate) count: usize,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
    pub(crate) longest: Duration,
}

impl Waits {
    pub(crate) fn of(mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        let at = |percent: usize| waits.get(waits.len() * percent / 100).copied().unwrap_or_default();
        Self {
            count: waits.len(),
            median: at(50),
            p99: at(99),
            longest: waits.last().copied().unwrap_or_default(),
        }
    }

    /// Whether they were served meanwhile: an echo in a second is far more than any takes, and far less than waiting for
    /// somebody else to go.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.count < 20 {
            return Err(format!("only {} echoes for healthy peers", self.count).into());
        }
        if self.p99 > Duration::from_secs(1) {
            return Err(format!("healthy peers wait {:?}", self.p99).into());
        }
        Ok(())
    }
}
