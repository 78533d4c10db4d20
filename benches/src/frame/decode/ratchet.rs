//! ratchet, whose connections read from a stream that may be sent to another thread: one in memory, whose reads never wait.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::BytesMut;
use ratchet_core::{Message, NoExt, Role, WebSocket, WebSocketConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::feed::ready;
use super::super::wire::{self, Wire};
use super::Decode;
use super::streams::WAITS;
use crate::workload::Contender;

pub fn contender() -> Contender {
    Contender::rival(
        "ratchet_core",
        "`WebSocket::read`, a future a message; header and payload read one by one, then copied to a BytesMut of ours; UTF-8 validated by us with std",
    )
}

pub struct Ratchet {
    position: Arc<AtomicUsize>,
    messages: usize,
    socket: WebSocket<Feed, NoExt>,
    message: BytesMut,
}

/// As `feed::Feed`.
struct Feed {
    bytes: Arc<[u8]>,
    read: usize,
    position: Arc<AtomicUsize>,
}

impl Ratchet {
    pub fn new(wire: &Wire) -> Self {
        let position = Arc::new(AtomicUsize::new(0));
        let feed = Feed { bytes: (*wire.bytes).into(), read: wire.read, position: Arc::clone(&position) };
        let config = WebSocketConfig { max_message_size: usize::MAX };
        let socket = WebSocket::from_upgraded(config, feed, None, BytesMut::new(), Role::Server);
        Self { position, messages: wire.messages, socket, message: BytesMut::new() }
    }
}

impl Decode for Ratchet {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        self.position.store(0, Ordering::Relaxed);
        for _ in 0..self.messages {
            self.message.clear();
            let read = ready(self.socket.read(&mut self.message)).ok_or(WAITS)?;
            let text = match read.map_err(|error| error.to_string())? {
                Message::Text => true,
                Message::Binary => false,
                other => return Err(format!("{other:?}")),
            };
            if text {
                std::str::from_utf8(&self.message).map_err(|error| error.to_string())?;
            }
            visit(text, &self.message);
        }
        Ok(())
    }
}

impl AsyncRead for Feed {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let position = self.position.load(Ordering::Relaxed);
        let rest = &self.bytes[position..];
        let length = buffer.remaining().min(self.read).min(rest.len());
        wire::copy(&rest[..length], buffer.initialize_unfilled_to(length));
        buffer.advance(length);
        self.position.store(position + length, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

/// What is written is dropped.
impl AsyncWrite for Feed {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
