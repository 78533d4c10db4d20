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
use wscodec::{Connection, Limits, Role};

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

/// What comes after the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Then {
    #[default]
    Nothing,
    End,
    Error,
}

#[derive(Debug, Default)]
struct Wire {
    incoming: VecDeque<u8>,
    then: Then,
    came: usize,
    /// How many bytes come at once at the most, after a MiB; 0 if that is left to the room.
    at_once: usize,
    /// Nothing can be written.
    is_jammed: bool,
    calls: Vec<Call>,
    /// The longest room for a read, the shortest after a MiB, and the last.
    room: usize,
    least_room: Option<usize>,
    last_room: usize,
}

#[derive(Clone, Debug, Default)]
struct Noted(Arc<Mutex<Wire>>);

impl AsyncRead for Noted {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut wire = self.0.lock().expect("no panics");
        wire.last_room = to.remaining();
        wire.room = wire.room.max(wire.last_room);
        if wire.came >= 1 << 20 {
            wire.least_room = wire.least_room.into_iter().chain([wire.last_room]).min();
        }
        match wire.then {
            Then::Nothing if wire.incoming.is_empty() => {
                wire.calls.push(Call::Wait);
                return Poll::Pending;
            }
            Then::Error if wire.incoming.is_empty() => {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            _ => {}
        }
        let at_once = if wire.at_once == 0 || wire.came < 1 << 20 { usize::MAX } else { wire.at_once };
        let bytes = to.remaining().min(wire.incoming.len()).min(at_once);
        wire.came += bytes;
        to.put_slice(&wire.incoming.drain(..bytes).collect::<Vec<u8>>());
        wire.calls.push(Call::Read(bytes));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Noted {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut wire = self.0.lock().expect("no panics");
        if wire.is_jammed {
            return Poll::Pending;
        }
        wire.calls.push(Call::Write(bytes.len()));
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

impl Wire {
    fn of(incoming: Vec<u8>, then: Then) -> Self {
        Self { incoming: incoming.into(), then, ..Self::default() }
    }

    fn written(&self) -> usize {
        self.calls.iter().map(|call| if let Call::Write(bytes) = call { *bytes } else { 0 }).sum()
    }
}

/// What an echo server does on a stream until it waits or comes to an end.
fn echo(wire: Wire, connection: Connection) -> Wire {
    let noted = Noted(Arc::new(Mutex::new(wire)));
    let socket = WebSocket::from_connection(noted.clone(), connection);
    serve(noted, socket).0
}

/// And how it ended, if it did.
fn serve(noted: Noted, mut socket: WebSocket<Noted>) -> (Wire, Option<Result<(), Error>>) {
    let mut ended = None;
    let serve = async {
        while let Some((message, mut responder)) = socket.next_message_and_responder().await? {
            responder.send(message).await?;
        }
        Ok::<_, Error>(())
    };
    let mut serve = pin!(serve);
    // Who wants to let others get on is polled again.
    for _ in 0..1_000 {
        if let Poll::Ready(result) = serve.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            ended = Some(result);
            break;
        }
    }
    let mut wire = noted.0.lock().expect("no panics");
    (std::mem::take(&mut *wire), ended)
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
        let wire = echo(Wire::of(ASKED.repeat(total / ASKED.len()), Then::Nothing), server());
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
        let wire = echo(Wire::of(ASKED.repeat(30_000), Then::Nothing), connection);
        let wanted = rule(180_000, room);
        assert_eq!(wire.calls[..wanted.len()], wanted, "{room}");
        assert!(wire.calls[wanted.len()..].iter().all(|call| *call == Call::Wait), "{room}");
        assert_eq!(wire.room, room);
    }
}

#[test]
fn all_is_answered_whatever_the_stream_ends_with() {
    for total in [6, ROOM, 2 * ROOM, 3 * ROOM, 3 * ROOM + 6] {
        for then in [Then::End, Then::Error] {
            let noted = Noted(Arc::new(Mutex::new(Wire::of(ASKED.repeat(total / ASKED.len()), then))));
            let socket = WebSocket::from_connection(noted.clone(), server());
            let (wire, ended) = serve(noted, socket);
            assert_eq!(
                wire.written(),
                total / ASKED.len() * ANSWERED.len(),
                "{total}, {then:?}: {:?}",
                wire.calls
            );
            assert!(matches!(
                (then, ended),
                (Then::End, Some(Ok(()))) | (Then::Error, Some(Err(Error::Io(_))))
            ));
        }
        let closed = [&ASKED.repeat(total / ASKED.len())[..], &[0x88, 0x80, 0, 0, 0, 0]].concat();
        let wire = echo(Wire::of(closed, Then::Nothing), server());
        assert_eq!(wire.written(), (total / ASKED.len() + 1) * ANSWERED.len(), "{total}, and a close frame");
    }
}

#[test]
fn who_takes_no_answers_is_not_read_from() {
    let noted = Noted(Arc::new(Mutex::new(Wire {
        is_jammed: true,
        ..Wire::of(ASKED.repeat(100_000), Then::Nothing)
    })));
    let socket = WebSocket::from_connection(noted.clone(), server()).with_write_limit(1);
    let (wire, ended) = serve(noted, socket);
    assert!(ended.is_none());
    assert_eq!(wire.calls, [Call::Read(ROOM)], "one answer is queued, and one more than the limit");
}

/// As many bytes of output as the answers to a read take: it fits whatever is read.
#[test]
fn a_small_limit_of_output_is_no_less_than_it_was_for_one_read() {
    let noted = Noted(Arc::new(Mutex::new(Wire::of(long(1_000).repeat(100), Then::Nothing))));
    let connection = server().with_read_size(4_096).with_output_limit(8_192);
    let mut socket = WebSocket::from_connection(noted.clone(), connection);
    let twice = async {
        while let Some((message, sender)) = socket.next_message_and_sender().await? {
            sender.send(message)?;
        }
        Ok::<_, Error>(())
    };
    let waits = pin!(twice).poll(&mut Context::from_waker(Waker::noop())).is_pending();
    assert!(waits, "no error");
    assert_eq!(noted.0.lock().expect("no panics").written(), 100 * 1_004);
}

#[test]
fn long_messages_under_way_at_once_go_out_with_the_last_from_where_it_lies() {
    let wire = echo(Wire::of(long(16 << 10).repeat(4), Then::Nothing), server());
    let writes: Vec<Call> = wire.calls.into_iter().filter(|call| matches!(call, Call::Write(_))).collect();
    let answer = 4 + (16 << 10);
    assert_eq!(writes, [Call::Write(3 * answer), Call::Write(answer)]);
}

/// A frame of a client, of 126 bytes and more.
fn long(payload: u32) -> Vec<u8> {
    let [a, b, c, d] = payload.to_be_bytes();
    let length = if payload < 1 << 16 { vec![0xfe, c, d] } else { vec![0xff, 0, 0, 0, 0, a, b, c, d] };
    [&[0x82], &length[..], &[0; 4], &vec![7; payload as usize]].concat()
}

#[test]
fn the_room_grows_with_payloads_that_need_more_and_not_with_many() {
    let room_for = |payload: u32, messages: usize| {
        let wire = echo(Wire::of(long(payload).repeat(messages), Then::Nothing), server());
        assert!(wire.written() > payload as usize * messages, "all of them come back");
        wire.room
    };
    assert_eq!(room_for(16 << 10, 40), ROOM);
    assert_eq!(room_for(20_000, 1), ROOM, "a rest is no reason");
    assert_eq!(room_for(100_000, 1), 4 * ROOM, "after 16 KiB there are 83 to come, after 48 there are 51");
    assert_eq!(room_for(1 << 20, 1), 8 * ROOM);
    assert_eq!(room_for(4 << 20, 2), 8 * ROOM);
}

#[test]
fn the_room_is_small_again_once_payloads_are_however_many_there_are() {
    let after = |rest: Vec<u8>, at_once: usize| {
        let wire = Wire::of([long(1 << 20), rest].concat(), Then::Nothing);
        let wire = echo(Wire { at_once, ..wire }, server());
        assert_eq!((wire.room, wire.incoming.len()), (8 * ROOM, 0));
        assert_eq!(wire.least_room, Some(wire.last_room), "it goes down alone");
        wire.last_room
    };
    assert_eq!(after(Vec::new(), 0), 8 * ROOM);
    // 64 reads that fill the room, then 64 of half as much, and so on; then the same where they fill three eighths of it.
    assert_eq!(after(ASKED.repeat(64 * 15 * ROOM / ASKED.len()), 0), ROOM);
    assert_eq!(after(ASKED.repeat(64 * 9 * ROOM / ASKED.len()), 3 * ROOM), ROOM);
    // As long as there are long ones it stays, however little of them comes at once.
    assert_eq!(after(long(1 << 20).repeat(20), 0), 8 * ROOM);
    assert_eq!(after(long(1 << 20).repeat(20), 66_000), 8 * ROOM);
    assert_eq!(after(long(1 << 20).repeat(2), 1_500), 8 * ROOM);
}

#[test]
fn what_a_socket_is_taken_apart_to_reads_as_before() {
    let (_, mut connection) = WebSocket::from_connection(Noted::default(), server()).into_parts();
    for times in [1, 2, 4, 8, 8] {
        let room = connection.room();
        assert_eq!(room.len(), times * ROOM);
        room.chunks_exact_mut(ASKED.len()).for_each(|frame| frame.copy_from_slice(&ASKED));
        connection.filled(times * ROOM).expect("there was room");
        while connection.next_event().expect("well formed").is_some() {}
    }
}
