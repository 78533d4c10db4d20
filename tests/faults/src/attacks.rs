//! What peers do to the server. Each is many peers at once, and ends with none of them left.

mod cuts;
mod floods;
mod stalls;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Failure;
use crate::ways::Way;

/// Where the server listens, and how hard it is tried.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) plain: String,
    /// With the first backend.
    pub(crate) deflate: String,
    pub(crate) backends: Vec<(Way, String)>,
    /// How many peers do the same at a time.
    pub(crate) peers: usize,
    /// Slower peers, more of them in a row.
    pub(crate) full: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attack {
    StopReading,
    ByteByByte,
    CutByFin,
    CutByReset,
    ResetMidMessage,
    PingFlood,
    TinyFragments,
    Claims,
    Bombs,
    EndlessHeads,
}

impl Attack {
    pub(crate) const ALL: [Self; 10] = [
        Self::StopReading,
        Self::ByteByByte,
        Self::CutByFin,
        Self::CutByReset,
        Self::ResetMidMessage,
        Self::PingFlood,
        Self::TinyFragments,
        Self::Claims,
        Self::Bombs,
        Self::EndlessHeads,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::StopReading => "stop-reading",
            Self::ByteByByte => "byte-by-byte",
            Self::CutByFin => "cut-by-fin",
            Self::CutByReset => "cut-by-reset",
            Self::ResetMidMessage => "reset-mid-message",
            Self::PingFlood => "ping-flood",
            Self::TinyFragments => "tiny-fragments",
            Self::Claims => "claims",
            Self::Bombs => "bombs",
            Self::EndlessHeads => "endless-heads",
        }
    }

    /// How much the server may hold for each peer that is there, in bytes: what waits to be written and a message, as far as it
    /// has come; buffers twice over where they grow.
    pub(crate) const fn allowance(self) -> u64 {
        match self {
            Self::StopReading | Self::ResetMidMessage | Self::TinyFragments => 1 << 20,
            Self::Bombs => 16 << 20,
            _ => 256 << 10,
        }
    }

    /// Does it, and says what was seen.
    pub(crate) async fn run(self, ground: Arc<Ground>) -> Result<String, Failure> {
        match self {
            Self::StopReading => stalls::stop_reading(ground).await,
            Self::ByteByByte => cuts::byte_by_byte(ground).await,
            Self::CutByFin => cuts::by_fin(ground).await,
            Self::CutByReset => cuts::by_reset(ground).await,
            Self::ResetMidMessage => cuts::mid_message(ground).await,
            Self::PingFlood => floods::pings(ground).await,
            Self::TinyFragments => floods::fragments(ground).await,
            Self::Claims => stalls::claims(ground).await,
            Self::Bombs => floods::bombs(ground).await,
            Self::EndlessHeads => floods::heads(ground).await,
        }
    }
}

/// `count` peers, at most `at_once` at a time, and what each of them gives.
async fn each<F, T>(count: usize, at_once: usize, peer: impl Fn(usize) -> F) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<T, Failure>> + Send + 'static,
    T: Send + 'static,
{
    let places = Arc::new(Semaphore::new(at_once));
    let mut peers = JoinSet::new();
    for number in 0..count {
        let place = Arc::clone(&places).acquire_owned().await?;
        let work = peer(number);
        peers.spawn(async move {
            let _place = place;
            work.await.map_err(|error| format!("peer {number}: {error}"))
        });
    }
    let mut given = Vec::with_capacity(count);
    while let Some(ended) = peers.join_next().await {
        given.push(ended??);
    }
    Ok(given)
}
