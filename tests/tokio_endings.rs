//! Endings of the tokio adapter at their edges: a transport that fails once the peer has said goodbye, answers that are not
//! written yet, and parts of messages that are empty.
#![cfg(feature = "tokio")]

mod support;
mod tokio_support;

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use support::bits::{BINARY, CLOSE, CONTINUATION, FIN, PING, TEXT};
use support::{KEY, Owned, frames_for};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_support::{Scripted, block_on, once};
use wscodec::tokio::{Error, WebSocket};
use wscodec::{CloseCode, CloseFrame, Connection, DataKind, Event, Limits, Message, Role, State};

/// Gives its bytes, and then fails: a peer that resets the connection.
struct Reset {
    inner: Scripted,
    then: ErrorKind,
}

impl AsyncRead for Reset {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.inner.wire.lock().expect("no panics").incoming.is_empty() {
            return Poll::Ready(Err(self.then.into()));
        }
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl AsyncWrite for Reset {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

fn connection(role: Role) -> Connection {
    Connection::new(role, Limits::new()).with_mask_keys(|| KEY)
}

fn reset(role: Role, frames: &[(u8, &[u8])]) -> Reset {
    Reset { inner: Scripted::new(&frames_for(role, frames), &[]), then: ErrorKind::ConnectionReset }
}

#[test]
fn a_server_that_resets_the_connection_after_its_close_frame_closed_cleanly() {
    let frames: [(u8, &[u8]); 2] = [(FIN | TEXT, b"a"), (FIN | CLOSE, b"\x03\xe8")];
    for limit in [1, 1 << 20] {
        let stream = reset(Role::Client, &frames);
        let mut socket = WebSocket::from_connection(stream, connection(Role::Client)).with_write_limit(limit);
        assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Text("a")))));
        assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Close(Some(_))))));
        // A client waits for the server to shut the transport: that it does so harshly is no news.
        for _ in 0..2 {
            assert!(matches!(block_on(socket.next_message_and_sender()), Ok(None)));
        }
        assert_eq!((socket.state(), socket.close_code()), (State::Closed, Some(CloseCode::NORMAL)));
    }
    let stream = reset(Role::Client, &frames);
    let (mut reader, _writer) = WebSocket::from_connection(stream, connection(Role::Client)).split();
    assert!(matches!(block_on(reader.next_message()), Ok(Some(Message::Text("a")))));
    assert!(matches!(block_on(reader.next_message()), Ok(Some(Message::Close(Some(_))))));
    assert!(matches!(block_on(reader.next_message()), Ok(None)), "halves are told the same");
}

#[test]
fn a_peer_that_resets_the_connection_without_a_close_frame_is_an_error_once() {
    for role in [Role::Server, Role::Client] {
        let stream = reset(role, &[(FIN | TEXT, b"a"), (TEXT, b"cut")]);
        let mut socket = WebSocket::from_connection(stream, connection(role));
        assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Text("a")))));
        let lost = block_on(socket.next_message()).map(|_| ());
        assert!(
            matches!(&lost, Err(Error::Io(error)) if error.kind() == ErrorKind::ConnectionReset),
            "{lost:?}"
        );
        assert!(matches!(block_on(socket.next_message()), Ok(None)));
    }
}

#[test]
fn a_close_frame_that_waits_to_be_written_keeps_the_transport_open() {
    let stream = Scripted::new(&frames_for(Role::Server, &[(FIN | CLOSE, b"\x03\xe8")]), &[]);
    let wire = stream.wire.clone();
    wire.lock().unwrap().stays_open = true;
    let connection = connection(Role::Server).with_automatic_close(false);
    let mut socket = WebSocket::from_connection(stream, connection);
    assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Close(Some(_))))));
    wire.lock().unwrap().jammed = true;
    socket.sender().close(Some(CloseFrame::new(CloseCode::NORMAL, ""))).expect("open");
    assert_eq!(socket.state(), State::Closed);
    for _ in 0..3 {
        assert!(once(socket.next_message()).is_pending(), "the answer is not written");
        assert_eq!(wire.lock().unwrap().shut, 0);
    }
    wire.lock().unwrap().jammed = false;
    assert!(matches!(block_on(socket.next_message()), Ok(None)));
    let wire = wire.lock().unwrap();
    assert_eq!((&wire.outgoing[..], wire.shut), (&b"\x88\x02\x03\xe8"[..], 1));
}

#[test]
fn parts_without_a_byte_are_no_events_but_for_the_end() {
    let frames: [(u8, &[u8]); 8] = [
        (BINARY, b""),
        (CONTINUATION, b""),
        (CONTINUATION, b"a"),
        (FIN | PING, b""),
        (CONTINUATION, b""),
        (FIN | CONTINUATION, b""),
        (FIN | TEXT, b""),
        (FIN | CLOSE, b""),
    ];
    let stream = Scripted::new(&frames_for(Role::Server, &frames), &[Some(1)]);
    let mut socket = WebSocket::from_connection(stream, connection(Role::Server).with_fragments());
    let (mut parts, mut others) = (Vec::new(), Vec::new());
    while let Some(event) = block_on(socket.next_event()).expect("well formed") {
        match event {
            Event::Fragment(part) => {
                parts.push((part.kind, part.payload.to_vec(), part.is_first, part.is_last));
            }
            Event::Message(message) => others.push(Owned::from(message)),
            other => panic!("{other:?} was not asked for"),
        }
    }
    let expected = [
        (DataKind::Binary, b"a".to_vec(), true, false),
        (DataKind::Binary, vec![], false, true),
        (DataKind::Text, vec![], true, true),
    ];
    assert_eq!(parts, expected);
    assert_eq!(others, [Owned::Ping(vec![]), Owned::Close(None)]);
}

#[test]
fn a_peer_that_is_gone_after_its_close_frame_has_the_transport_shut() {
    let stream = Scripted::new(&frames_for(Role::Server, &[(FIN | CLOSE, b"\x03\xe8")]), &[]);
    let wire = stream.wire.clone();
    {
        let mut wire = wire.lock().unwrap();
        (wire.stays_open, wire.broken) = (true, Some(ErrorKind::BrokenPipe));
    }
    let mut socket = WebSocket::from_connection(stream, connection(Role::Server));
    assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Close(Some(_))))));
    assert!(matches!(block_on(socket.next_message()), Ok(None)));
    assert_eq!(wire.lock().unwrap().shut, 1);
}

#[test]
fn a_message_is_taken_as_soon_as_less_than_the_limit_is_queued() {
    // A hundred bytes are written, and then nothing more.
    let stream = Scripted::new(b"", &[None, Some(100), None, None]);
    let mut socket = WebSocket::from_connection(stream, connection(Role::Server)).with_write_limit(100);
    assert!(once(socket.feed(Message::Binary(&[7; 120]))).is_ready());
    assert!(once(socket.feed(Message::Binary(b"next"))).is_ready(), "22 bytes are left");
    assert_eq!(socket.sender().output().len(), 22 + 6);
}
