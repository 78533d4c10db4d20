//! One message to many connections.

use core::array::from_fn;
use core::mem::needs_drop;

use crate::{Error, PreparedMessage, Sender};

/// What became of a broadcast.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "who did not get it, and why"]
pub struct BroadcastReport {
    sent: usize,
    failures: Vec<(usize, Error)>,
}

/// Queues a message on each of many connections, as [`Sender::send_prepared`] does. One that can't take it does not keep the others
/// from it.
///
/// A connection is a [`Connection`](crate::Connection), its [`Sender`], or a type of the caller's that lends its sender by
/// `AsMut`. For each that agreed on the same compression it is a header and a copy; nothing is allocated but for failures, and
/// where an output is longer than ever before. What lies in another core's cache or in memory takes longer to come than all of that,
/// so the connections' memory is asked for some connections ahead: up to 8 are taken from the iterator before the first of them
/// is sent to. A type with something to drop, such as a lock's guard, is held alone: the next is taken when it is gone.
///
/// ```
/// use wscodec::{Connection, Error, Limits, MisuseError, PreparedMessage, Role, broadcast};
///
/// let mut connections: Vec<_> = (0..3).map(|_| Connection::new(Role::Server, Limits::new())).collect();
/// connections[1].close(None)?;
///
/// let report = broadcast(&PreparedMessage::from("news"), &mut connections);
/// assert_eq!(report.sent(), 2);
/// assert_eq!(report.failures(), [(1, Error::Misuse(MisuseError::Closed))]);
/// assert_eq!(connections[2].output(), b"\x81\x04news");
/// # Ok::<(), Error>(())
/// ```
///
/// A slow consumer, whose output is full, fails with [`MisuseError::OutputFull`](crate::MisuseError::OutputFull); what to do with it
/// is the caller's choice. Whoever sees to its connections in tasks of their own shares the message, in an `Arc`, and lets each
/// task send it.
pub fn broadcast<C: AsMut<Sender>>(
    prepared: &PreparedMessage,
    connections: impl IntoIterator<Item = C>,
) -> BroadcastReport {
    if needs_drop::<C>() { one_by_one(prepared, connections) } else { looking_ahead(prepared, connections) }
}

fn one_by_one<C: AsMut<Sender>>(
    prepared: &PreparedMessage,
    connections: impl IntoIterator<Item = C>,
) -> BroadcastReport {
    let mut report = BroadcastReport::default();
    for (index, mut connection) in connections.into_iter().enumerate() {
        report.note(index, connection.as_mut().send_prepared(prepared));
    }
    report
}

/// Each connection is asked for while others are sent to: its state when it comes into the ring, and half around it, when that is
/// there and tells where its output is, the output.
fn looking_ahead<C: AsMut<Sender>>(
    prepared: &PreparedMessage,
    connections: impl IntoIterator<Item = C>,
) -> BroadcastReport {
    let mut report = BroadcastReport::default();
    let mut connections = connections.into_iter().fuse();
    let mut ring: [Option<C>; AHEAD] = from_fn(|_| next_of(&mut connections));
    for index in 0.. {
        let Some(mut connection) = ring[index % AHEAD].take() else { break };
        ring[index % AHEAD] = next_of(&mut connections);
        if let Some(soon) = &mut ring[(index + AHEAD / 2) % AHEAD] {
            soon.as_mut().prefetch_output(prepared);
        }
        report.note(index, connection.as_mut().send_prepared(prepared));
    }
    report
}

/// The next connection, with its state asked for.
#[inline]
fn next_of<C: AsMut<Sender>>(connections: &mut impl Iterator<Item = C>) -> Option<C> {
    let mut connection = connections.next()?;
    connection.as_mut().prefetch_state();
    Some(connection)
}

/// So many connections are taken before the first of them is sent to: enough for the memory to answer meanwhile, and few enough for
/// what it answered not to be pushed out of the nearest cache.
const AHEAD: usize = 8;

/// [`broadcast`] on the threads of the pool that it is called in. Behind the feature `rayon`.
///
/// ```
/// use wscodec::{Connection, Limits, PreparedMessage, Role, par_broadcast};
///
/// let mut connections: Vec<_> = (0..1000).map(|_| Connection::new(Role::Server, Limits::new())).collect();
/// assert_eq!(par_broadcast(&PreparedMessage::from("news"), &mut connections).sent(), 1000);
/// ```
#[cfg(feature = "rayon")]
#[cfg_attr(docsrs, doc(cfg(feature = "rayon")))]
pub fn par_broadcast<C, I>(prepared: &PreparedMessage, connections: I) -> BroadcastReport
where
    C: AsMut<Sender> + Send,
    I: rayon::iter::IntoParallelIterator<Item = C, Iter: rayon::iter::IndexedParallelIterator>,
{
    use rayon::iter::{IndexedParallelIterator, ParallelIterator};

    connections
        .into_par_iter()
        .enumerate()
        .with_min_len(SHARE)
        .fold(BroadcastReport::default, |mut report, (index, mut connection)| {
            report.note(index, connection.as_mut().send_prepared(prepared));
            report
        })
        .reduce(BroadcastReport::default, BroadcastReport::and)
}

/// So many connections are worth being taken over by another thread.
#[cfg(feature = "rayon")]
const SHARE: usize = 64;

impl BroadcastReport {
    /// How many connections it was queued on.
    #[must_use]
    pub const fn sent(&self) -> usize {
        self.sent
    }

    /// Which connections, counted from 0, it was not queued on, and why; in their order.
    #[must_use]
    pub fn failures(&self) -> &[(usize, Error)] {
        &self.failures
    }

    #[inline]
    fn note(&mut self, index: usize, result: Result<(), Error>) {
        match result {
            Ok(()) => self.sent += 1,
            Err(error) => self.failures.push((index, error)),
        }
    }

    /// Both, of which the other is about later connections.
    #[cfg(feature = "rayon")]
    fn and(mut self, mut other: Self) -> Self {
        self.sent += other.sent;
        if self.failures.is_empty() {
            core::mem::swap(&mut self.failures, &mut other.failures);
        }
        self.failures.append(&mut other.failures);
        self
    }
}
