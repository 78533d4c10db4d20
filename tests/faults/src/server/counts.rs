//! What both adapters' servers count.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use wscodec::{Error, Message, Sender};

static ACCEPTED: AtomicU64 = AtomicU64::new(0);
static ENDED: AtomicU64 = AtomicU64::new(0);
static PANICKED: AtomicU64 = AtomicU64::new(0);
static MESSAGES: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static COMPRESSED: AtomicU64 = AtomicU64::new(0);
static RELEASED: AtomicU64 = AtomicU64::new(0);
static HELD: AtomicU64 = AtomicU64::new(0);
static KEPT: AtomicU64 = AtomicU64::new(0);

pub(super) fn shown() -> String {
    let of = |count: &AtomicU64| count.load(Relaxed);
    let (ended, accepted) = (of(&ENDED), of(&ACCEPTED));
    format!(
        "open={} accepted={accepted} panicked={} messages={} bytes={} compressed={} released={} held={} kept={}",
        accepted - ended,
        of(&PANICKED),
        of(&MESSAGES),
        of(&BYTES),
        of(&COMPRESSED),
        of(&RELEASED),
        of(&HELD),
        of(&KEPT)
    )
}

/// A connection held so many bytes by its own account, and keeps so many when released.
pub(super) fn released(held: usize, kept: usize) {
    HELD.fetch_add(held as u64, Relaxed);
    KEPT.fetch_add(kept as u64, Relaxed);
    RELEASED.fetch_add(1, Relaxed);
}

/// A connection's task or thread, for as long as it is there.
pub(super) struct Counted(());

impl Counted {
    pub(super) fn new() -> Self {
        ACCEPTED.fetch_add(1, Relaxed);
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if std::thread::panicking() {
            PANICKED.fetch_add(1, Relaxed);
        }
        ENDED.fetch_add(1, Relaxed);
    }
}

/// Messages of these lengths, by the remainder, are answered in fragments.
const IN_FRAGMENTS: usize = 3;

/// Queues the echo, and counts it.
pub(super) fn echo(message: Message<'_>, sender: &mut Sender) -> Result<(), Error> {
    let (kind, payload) = match message {
        Message::Text(text) => (wscodec::DataKind::Text, text.as_bytes()),
        Message::Binary(bytes) => (wscodec::DataKind::Binary, bytes),
        _ => return Ok(()),
    };
    MESSAGES.fetch_add(1, Relaxed);
    BYTES.fetch_add(payload.len() as u64, Relaxed);
    let before = sender.compressed_messages();
    if payload.len() % IN_FRAGMENTS == 1 && payload.len() > 100 {
        let (first, rest) = payload.split_at(payload.len() / 3);
        let (second, third) = rest.split_at(rest.len() / 2);
        sender.begin_message(kind, first)?;
        sender.continue_message(second)?;
        sender.finish_message(third)?;
    } else {
        sender.send(message)?;
    }
    COMPRESSED.fetch_add(sender.compressed_messages() - before, Relaxed);
    Ok(())
}
