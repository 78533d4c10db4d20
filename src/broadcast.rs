//! One message to many connections.

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
/// where an output is longer than ever before.
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
    let mut report = BroadcastReport::default();
    for (index, mut connection) in connections.into_iter().enumerate() {
        report.note(index, connection.as_mut().send_prepared(prepared));
    }
    report
}

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
