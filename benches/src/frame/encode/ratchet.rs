//! ratchet, whose connections write to a stream that may be sent to another thread: one in memory, whose writes never wait.

use std::hint::black_box;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::BytesMut;
use ratchet_core::{NoExt, PayloadType, Role, WebSocket, WebSocketConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::feed::{Drain, ready};
use super::streams::WAITS;
use super::{Encode, Side};
use crate::input::Messages;
use crate::workload::Contender;

pub fn contender() -> Contender {
    Contender::rival(
        "ratchet_core",
        "`WebSocket::write`, a future a message; a BytesMut a message, header and payload written one by one into a buffer; keys of a SmallRng, which can be predicted",
    )
}

pub struct Ratchet {
    messages: Messages,
    socket: WebSocket<Gather, NoExt>,
    kept: Arc<Kept>,
    drain: Drain,
}

/// As a buffered `Drain`.
struct Gather {
    buffer: Vec<u8>,
    kept: Arc<Kept>,
}

/// What was written while that is wanted.
#[derive(Default)]
struct Kept {
    is_wanted: AtomicBool,
    bytes: Mutex<Vec<u8>>,
}

impl Ratchet {
    pub fn new(messages: &Messages, side: Side) -> Self {
        let role = match side {
            Side::Client => Role::Client,
            Side::Server => Role::Server,
        };
        let kept = Arc::<Kept>::default();
        let gather = Gather { buffer: Vec::with_capacity(2 * Drain::PIECE), kept: Arc::clone(&kept) };
        let config = WebSocketConfig::default();
        let socket = WebSocket::from_upgraded(config, gather, None, BytesMut::new(), role);
        Self { messages: messages.clone(), socket, kept, drain: Drain::direct() }
    }
}

impl Encode for Ratchet {
    fn encode(&mut self) -> Result<(), String> {
        let keeps = self.drain.is_keeping();
        self.kept.is_wanted.store(keeps, Ordering::Relaxed);
        let kind = || if self.messages.text { PayloadType::Text } else { PayloadType::Binary };
        for message in &self.messages.list {
            let written = ready(self.socket.write(message, kind())).ok_or(WAITS)?;
            written.map_err(|error| error.to_string())?;
        }
        if keeps {
            self.drain.put(&std::mem::take(&mut *self.kept.bytes()));
        }
        Ok(())
    }

    fn drain(&self) -> &Drain {
        &self.drain
    }
}

impl Kept {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gather {
    fn hand_on(&mut self) {
        black_box(&self.buffer);
        if self.kept.is_wanted.load(Ordering::Relaxed) {
            self.kept.bytes().extend_from_slice(&self.buffer);
        }
        self.buffer.clear();
    }
}

impl AsyncWrite for Gather {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= Drain::PIECE {
            self.hand_on();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    /// Called after each frame, so it must not hand on while that is timed.
    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.kept.is_wanted.load(Ordering::Relaxed) {
            self.hand_on();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Nothing comes.
impl AsyncRead for Gather {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
