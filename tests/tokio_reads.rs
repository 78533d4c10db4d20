//! How much the adapter for tokio reads at once, and when it answers: each call of the stream against the rule in words.
#![cfg(feature = "tokio")]

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wscodec::tokio::{Error, WebSocket};
use wscodec::{Connection, Limits, Message, Role};

/// The size of a read, unless a payload is longer.
const ROOM: usize = (16 << 10) + 14;
/// So much is read at the most before it is answered, and what the last read brings.
const UNANSWERED: usize = 48 << 10;

/// An empty message of a client, which fits into a read without a rest, and a server's echo of it.
const ASKED: [u8; 6] = [0x82, 0x80, 0, 0, 0, 0];
const ANSWERED: [u8; 2] = [0x82, 0];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Read(usize),
    Wait,
    Write(usize),
}

#[derive(Debug, Default)]
struct Wire {
    incoming: VecDeque<u8>,
    ends: bool,
    calls: Vec<Call>,
    /// The longest room for a read.
    room: usize,
}

#[derive(Clone, Debug, Default)]
struct Noted(Arc<Mutex<Wire>>);

impl AsyncRead for Noted {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut wire = self.0.lock().expect("no panics");
        wire.room = wire.room.max(to.remaining());
        if wire.incoming.is_empty() && !wire.ends {
            wire.calls.push(Call::Wait);
            return Poll::Pending;
        }
        let bytes = to.remaining().min(wire.incoming.len());
        to.put_slice(&wire.incoming.drain(..bytes).collect::<Vec<u8>>());
        wire.calls.push(Call::Read(bytes));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Noted {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().expect("no panics").calls.push(Call::Write(bytes.len()));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write(context, &slices.iter().flat_map(|slice| slice.iter().copied()).collect::<Vec<u8>>())
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What an echo server does on a stream until it waits or comes to an end.
fn echo(incoming: Vec<u8>, ends: bool, connection: Connection) -> Wire {
    let noted = Noted(Arc::new(Mutex::new(Wire { incoming: incoming.into(), ends, ..Wire::default() })));
    let mut socket = WebSocket::from_connection(noted.clone(), connection);
    let serve = async {
        while let Some((message, mut responder)) = socket.next_message_and_responder().await? {
            responder.send(message).await?;
        }
        Ok::<_, Error>(())
    };
    let mut serve = pin!(serve);
    // Who wants to let others get on is polled again.
    for _ in 0..100 {
        if serve.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            break;
        }
    }
    let mut wire = noted.0.lock().expect("no panics");
    std::mem::take(&mut *wire)
}

fn server() -> Connection {
    Connection::new(Role::Server, Limits::new())
}

/// The calls for so many bytes of short messages, before the first wait.
fn rule(mut left: usize, room: usize) -> Vec<Call> {
    let (mut calls, mut unanswered) = (Vec::new(), 0);
    while left > 0 {
        let read = left.min(room);
        left -= read;
        unanswered += read;
        calls.push(Call::Read(read));
        let reads_on = read == room && unanswered < UNANSWERED;
        if reads_on && left == 0 {
            calls.push(Call::Wait);
        }
        if !reads_on || left == 0 {
            calls.push(Call::Write(unanswered / ASKED.len() * ANSWERED.len()));
            unanswered = 0;
        }
    }
    calls
}

#[test]
fn a_read_that_leaves_more_behind_is_answered_with_the_next_ones() {
    assert_eq!(ROOM % ASKED.len(), 0);
    let some = [6, ROOM - 6, ROOM, ROOM + 6, 2 * ROOM, 3 * ROOM, 3 * ROOM + 6, 4 * ROOM, 20 * ROOM - 6];
    for total in some {
        let wire = echo(ASKED.repeat(total / ASKED.len()), false, server());
        let calls: Vec<Call> = wire.calls.clone();
        let wanted = rule(total, ROOM);
        assert_eq!(calls[..wanted.len()], wanted, "{total}");
        assert!(calls[wanted.len()..].iter().all(|call| *call == Call::Wait), "{total}: {calls:?}");
        assert_eq!(wire.room, ROOM);
    }
}

#[test]
fn a_read_size_of_the_user_s_is_kept_to_in_the_same_way() {
    for room in [6, 600, 60_000] {
        let connection = server().with_read_size(room);
        let wire = echo(ASKED.repeat(30_000), false, connection);
        let wanted = rule(180_000, room);
        assert_eq!(wire.calls[..wanted.len()], wanted, "{room}");
        assert_eq!(wire.room, room);
    }
}

#[test]
fn all_is_answered_at_the_end_of_the_stream() {
    for total in [6, ROOM, 2 * ROOM, 3 * ROOM, 3 * ROOM + 6] {
        let wire = echo(ASKED.repeat(total / ASKED.len()), true, server());
        let written = wire.calls.iter().map(|call| if let Call::Write(bytes) = call { *bytes } else { 0 });
        assert_eq!(written.sum::<usize>(), total / ASKED.len() * ANSWERED.len(), "{total}: {:?}", wire.calls);
    }
}

#[test]
fn long_messages_under_way_at_once_go_out_with_the_last_from_where_it_lies() {
    let message = [&[0x82, 0xfe, 0x40, 0, 0, 0, 0, 0][..], &[7; 16 << 10]].concat();
    let wire = echo(message.repeat(4), false, server());
    let writes: Vec<Call> = wire.calls.into_iter().filter(|call| matches!(call, Call::Write(_))).collect();
    let answer = 4 + (16 << 10);
    assert_eq!(writes, [Call::Write(3 * answer), Call::Write(answer)]);
}

#[test]
fn the_room_grows_with_payloads_that_need_more_and_not_with_many() {
    let room_for = |payload: u32, messages: usize| {
        let [_, a, b, c] = payload.to_be_bytes();
        let header = [0x82, 0xff, 0, 0, 0, 0, 0, a, b, c, 0, 0, 0, 0];
        let message = [&header[..], &vec![7; payload as usize]].concat();
        echo(message.repeat(messages), false, server()).room
    };
    assert_eq!(room_for(16 << 10, 40), ROOM);
    assert_eq!(room_for(100_000, 1), 4 * ROOM, "after 16 KiB there are 83 to come, after 48 there are 51");
    assert_eq!(room_for(1 << 20, 1), 8 * ROOM);
    assert_eq!(room_for(4 << 20, 2), 8 * ROOM);
    // What a socket is taken apart to reads as before.
    let (_, mut connection) = WebSocket::from_connection(Noted::default(), server()).into_parts();
    for times in [1, 2, 4, 8, 8] {
        let room = connection.room();
        assert_eq!(room.len(), times * ROOM);
        room.chunks_exact_mut(6).for_each(|frame| frame.copy_from_slice(&ASKED));
        let bytes = room.len() / 6 * 6;
        assert_eq!(bytes, room.len());
        connection.filled(bytes).expect("there was room");
        while connection.next_event().expect("well formed").is_some() {}
    }
    assert!(matches!(connection.send(Message::Text("on")), Ok(())));
}
