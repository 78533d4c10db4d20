//! What is queued by one while another is writing, and bytes that a buffering stream keeps to itself: all of it reaches the
//! transport before anybody waits for the peer.
#![cfg(feature = "blocking")]

mod blocking_support;
mod support;

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use blocking_support::{Scripted, Step};
use support::bits::{CLOSE, FIN, PING, PONG, TEXT};
use support::frames_for;
use wscodec::MisuseError::OutputFull;
use wscodec::blocking::{Error, FrameStream, ServerOpening, WebSocket, Writer};
use wscodec::handshake::{HeadLimits, ServerHandshake};
use wscodec::kernel::{Opcode, Rsv};
use wscodec::{CloseCode, CloseFrame, Connection, DataKind, Limits, Message, RawFrame, Role, State};

type Hook = Box<dyn FnOnce() + Send>;

/// A stream with a buffer of its own, which only a flush empties. Flushes do as the script says, and before that what was asked
/// for.
#[derive(Clone, Default)]
struct Buffered(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    input: VecDeque<u8>,
    buffer: Vec<u8>,
    output: Vec<u8>,
    flushes: VecDeque<ErrorKind>,
    flush_calls: usize,
    on_flush: Option<Hook>,
}

impl Buffered {
    fn with(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().expect("no panics")
    }

    fn output(&self) -> Vec<u8> {
        self.with().output.clone()
    }
}

impl Read for Buffered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.with();
        let bytes = inner.input.len().min(buffer.len());
        if bytes == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        buffer.iter_mut().zip(inner.input.drain(..bytes)).for_each(|(to, from)| *to = from);
        Ok(bytes)
    }
}

impl Write for Buffered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with().buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn write_vectored(&mut self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        slices.iter().map(|slice| self.write(slice)).sum()
    }

    fn flush(&mut self) -> io::Result<()> {
        // Not with the lock, for it writes itself.
        let hook = self.with().on_flush.take();
        if let Some(hook) = hook {
            hook();
        }
        let mut inner = self.with();
        inner.flush_calls += 1;
        if let Some(kind) = inner.flushes.pop_front() {
            return Err(kind.into());
        }
        let bytes = std::mem::take(&mut inner.buffer);
        inner.output.extend(bytes);
        Ok(())
    }
}

fn server() -> Connection {
    Connection::new(Role::Server, Limits::new())
}

fn halves(stream: &Buffered) -> (wscodec::blocking::Reader<Buffered, Buffered>, Writer<Buffered>) {
    WebSocket::from_connection(stream.clone(), server()).split(stream.clone())
}

/// While somebody flushes the stream, another queues a ping and finds the transport taken.
fn ping_meanwhile(stream: &Buffered, writer: &Writer<Buffered>) {
    let mut other = writer.clone();
    let ping = move || other.queue(|sender| sender.send(Message::Ping(b"!"))).expect("open");
    stream.with().on_flush = Some(Box::new(ping));
}

#[test]
fn a_writer_writes_what_was_queued_while_it_wrote() {
    let stream = Buffered::default();
    let (_reader, mut writer) = halves(&stream);
    ping_meanwhile(&stream, &writer);
    writer.send(Message::Text("a")).expect("open");
    assert_eq!(stream.output(), b"\x81\x01a\x89\x01!");
}

#[test]
fn a_reader_writes_what_was_queued_while_it_wrote_its_pong() {
    let stream = Buffered::default();
    stream.with().input.extend(frames_for(Role::Server, &[(FIN | PING, b"?")]));
    let (mut reader, writer) = halves(&stream);
    ping_meanwhile(&stream, &writer);
    assert!(matches!(reader.read_message(), Err(Error::WouldBlock)), "there is no more");
    assert_eq!(stream.output(), b"\x8a\x01?\x89\x01!");
}

#[test]
fn a_pong_queued_while_a_writer_writes_goes_out_with_it() {
    let stream = Buffered::default();
    stream.with().input.extend(frames_for(Role::Server, &[(FIN | PING, b"?"), (FIN | TEXT, b"a")]));
    let (reader, mut writer) = halves(&stream);
    let reader = Arc::new(Mutex::new(reader));
    let read = Arc::clone(&reader);
    // The reader does not wait for the transport.
    stream.with().on_flush = Some(Box::new(move || {
        let mut reader = read.lock().expect("no panics");
        assert!(matches!(reader.read_message(), Ok(Some(Message::Text("a")))));
        assert!(matches!(reader.read_message(), Err(Error::WouldBlock)));
    }));
    writer.send(Message::Text("b")).expect("open");
    assert_eq!(stream.output(), b"\x81\x01b\x8a\x01?");
}

#[test]
fn what_a_writer_s_stream_keeps_is_flushed_when_it_can_be() {
    for kind in [ErrorKind::WouldBlock, ErrorKind::TimedOut] {
        let stream = Buffered::default();
        let (_reader, mut writer) = halves(&stream);
        stream.with().flushes.push_back(kind);
        assert!(matches!(writer.send(Message::Text("a")), Err(Error::WouldBlock)));
        assert_eq!(stream.output(), b"", "it is in the stream's buffer");
        // Nothing is queued any more, and yet there is something to be done.
        writer.flush().expect("now it can");
        assert_eq!(stream.output(), b"\x81\x01a");
        let calls = stream.with().flush_calls;
        writer.flush().expect("there is nothing to be done");
        assert_eq!(stream.with().flush_calls, calls, "a flush may be a system call");
    }
}

#[test]
fn what_a_socket_s_stream_keeps_is_flushed_when_it_can_be_by_a_writer_too() {
    for splits in [false, true] {
        let stream = Buffered::default();
        let mut socket = WebSocket::from_connection(stream.clone(), server());
        stream.with().flushes.push_back(ErrorKind::WouldBlock);
        assert!(matches!(socket.send(Message::Text("a")), Err(Error::WouldBlock)));
        if splits {
            let (_reader, mut writer) = socket.split(stream.clone());
            writer.flush().expect("now it can");
        } else {
            socket.flush().expect("now it can");
            let calls = stream.with().flush_calls;
            socket.flush().expect("there is nothing to be done");
            assert_eq!(stream.with().flush_calls, calls, "a flush may be a system call");
        }
        assert_eq!(stream.output(), b"\x81\x01a", "split: {splits}");
    }
}

#[test]
fn long_messages_written_from_where_they_lie_are_flushed() {
    let stream = Buffered::default();
    let mut socket = WebSocket::from_connection(stream.clone(), server());
    let payload = vec![7; 40_000];
    socket.send(Message::Binary(&payload)).expect("open");
    assert!(stream.with().buffer.is_empty(), "a buffering stream keeps nothing");
    assert_eq!(stream.output()[..4], [0x82, 126, 0x9C, 0x40]);
    assert_eq!(stream.output()[4..], payload);
}

#[test]
fn what_a_reader_owes_is_written_when_it_can_be() {
    let stream = Buffered::default();
    stream.with().input.extend(frames_for(Role::Server, &[(FIN | PING, b"?")]));
    stream.with().flushes.push_back(ErrorKind::WouldBlock);
    let (mut reader, _writer) = halves(&stream);
    for _ in 0..2 {
        assert!(matches!(reader.read_message(), Err(Error::WouldBlock)));
    }
    assert_eq!(stream.output(), b"\x8a\x01?");
}

#[test]
fn what_a_handler_sends_is_written_by_the_reader() {
    let stream = Buffered::default();
    stream.with().input.extend(frames_for(Role::Server, &[(FIN | PONG, b"")]));
    let socket = WebSocket::from_connection(stream.clone(), server()).with_control_handler(|_, sender| {
        sender.send(Message::Text("a pong")).expect("open");
    });
    let (mut reader, _writer) = socket.split(stream.clone());
    assert!(matches!(reader.read_message(), Err(Error::WouldBlock)));
    assert_eq!(stream.output(), b"\x81\x06a pong");
}

#[test]
fn keep_alive_goes_on_where_there_is_no_room_and_where_a_write_blocks() {
    let stream = Buffered::default();
    stream.with().flushes.extend([ErrorKind::WouldBlock; 3]);
    for (limit, pings) in [(1, false), (100, true)] {
        let connection = server().with_output_limit(limit);
        let (_reader, mut writer) =
            WebSocket::from_connection(stream.clone(), connection).split(stream.clone());
        let (stop, told) = mpsc::channel();
        thread::scope(|scope| {
            let alive = scope.spawn(move || writer.keep_alive(Duration::from_millis(1), &told));
            if pings {
                while stream.output().len() < 10 && !alive.is_finished() {
                    thread::yield_now();
                }
            } else {
                thread::sleep(Duration::from_millis(30));
            }
            drop(stop);
            alive.join().expect("no panic").expect("it goes on until it is told to stop");
        });
        assert_eq!(!stream.output().is_empty(), pings, "a limit of {limit} bytes");
    }
}

#[test]
fn a_message_writer_takes_nothing_while_the_transport_would_block() {
    let stream = Scripted::default().writing([Step::WouldBlock; 3]);
    let mut socket = WebSocket::from_connection(stream, server());
    let mut writer = socket.message_writer(DataKind::Binary, 3).expect("open");
    assert_eq!(writer.write(b"abcdef").expect("nothing was queued before"), 6);
    for _ in 0..2 {
        let refused = writer.write(b"not now").expect_err("it blocks");
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    }
    assert_eq!(writer.write(b"g").expect("it goes on"), 1);
    writer.finish().expect("under way");
    assert_eq!(socket.stream().output, b"\x02\x03abc\0\x03def\x80\x01g");
}

#[test]
fn a_message_writer_s_end_has_room_when_what_is_queued_can_be_written() {
    let stream = Scripted::default().writing([Step::WouldBlock]);
    let mut socket = WebSocket::from_connection(stream, server().with_output_limit(100));
    let mut writer = socket.message_writer(DataKind::Binary, 60).expect("open");
    assert_eq!(writer.write(&[7; 110]).expect("there is room for a chunk"), 110);
    writer.finish().expect("the chunk can be written by now");
    assert_eq!(socket.stream().output.len(), 62 + 52);
}

#[test]
fn a_long_message_waits_for_the_response_of_the_handshake() {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let mut opening = ServerOpening::new(Scripted::new(request), HeadLimits::default());
    let accepted = ServerHandshake::new().accept(&opening.request().expect("whole")).expect("good");
    let mut socket = opening.accept(&accepted, server());
    socket.send(Message::Binary(&[7; 20_000])).expect("open");
    let output = &socket.stream().output;
    assert!(output.starts_with(&accepted.to_bytes()));
    assert_eq!(output.len(), accepted.to_bytes().len() + 4 + 20_000);
}

#[test]
fn the_response_of_the_handshake_takes_no_room_in_the_queue_of_halves() {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let mut opening = ServerOpening::new(Scripted::new(request), HeadLimits::default());
    let accepted = ServerHandshake::new().accept(&opening.request().expect("whole")).expect("good");
    let socket = opening.accept(&accepted, server().with_output_limit(10));
    let blocked = Scripted::default().writing([Step::Up(50), Step::WouldBlock, Step::WouldBlock]);
    let (_reader, mut writer) = socket.split(blocked);
    assert!(matches!(writer.flush(), Err(Error::WouldBlock)));
    assert!(matches!(writer.send(Message::Text("12345678")), Err(Error::WouldBlock)), "it is queued");
    writer.flush().expect("it can be written");
}

#[test]
fn to_close_answers_a_close_frame_that_was_left_to_the_caller() {
    let close = frames_for(Role::Server, &[(FIN | CLOSE, b"\x03\xe9")]);
    let connection = server().with_automatic_close(false);
    let mut socket = WebSocket::from_connection(Scripted::new(&close), connection);
    assert!(socket.read().expect("well formed").is_some());
    assert_eq!(socket.state(), State::CloseReceived);
    socket.close(Some(CloseFrame::new(CloseCode::NORMAL, "")), Duration::ZERO).expect("it came before");
    assert_eq!((socket.state(), &socket.stream().output[..]), (State::Closed, &b"\x88\x02\x03\xe8"[..]));
}

#[test]
fn frames_for_a_peer_that_does_not_read_are_queued_to_the_byte() {
    for (role, header) in [(Role::Server, 2), (Role::Client, 6)] {
        let stream = Scripted::default().writing([Step::WouldBlock; 5]);
        let frames = FrameStream::new(stream, role, &Limits::new(), Rsv::NONE);
        let mut frames = frames.with_output_limit(100);
        let payload = [7; 100];
        let frame = |length| RawFrame::new(Opcode::Binary, &payload[..length]);
        let full =
            |result| matches!(result, Err(Error::Codec(error)) if error == OutputFull { limit: 100 }.into());
        assert!(full(frames.write_frame(frame(101 - header))), "it never fits");
        assert!(matches!(frames.write_frame(frame(60 - header)), Err(Error::WouldBlock)));
        assert!(full(frames.write_frame(frame(41 - header))));
        assert!(matches!(frames.write_frame(frame(40 - header)), Err(Error::WouldBlock)));
        assert!(full(frames.write_frame(frame(0))));
        assert!(matches!(frames.flush(), Err(Error::WouldBlock)));
        // What there is no room for is tried once those before it may be written.
        frames.write_frame(frame(100 - header)).expect("the transport can by now");
        assert_eq!(frames.into_inner().output.len(), 200);
    }
}

#[test]
fn frames_for_a_peer_that_does_not_read_are_bounded_by_default() {
    let blocked = std::iter::repeat_n(Step::WouldBlock, 10_000);
    let stream = Scripted::default().writing(blocked);
    let mut frames = FrameStream::new(stream, Role::Server, &Limits::new(), Rsv::NONE);
    let frame = RawFrame::new(Opcode::Binary, &[7; 1 << 20]);
    let queued = (0..100).take_while(|_| matches!(frames.write_frame(frame), Err(Error::WouldBlock))).count();
    assert_eq!(queued, 64, "with their headers, in 64 MiB and 1 KiB");
}

#[test]
fn to_close_without_patience_takes_what_is_there() {
    let close = frames_for(Role::Server, &[(FIN | CLOSE, b"")]);
    let mut socket = WebSocket::from_connection(Scripted::new(&close), server());
    let _ = socket.close(None, Duration::ZERO);
    assert_eq!(socket.state(), State::Closed);
}

#[test]
fn a_message_writer_may_write_nothing_in_the_middle() {
    let mut socket = WebSocket::from_connection(Scripted::default(), server());
    let mut writer = socket.message_writer(DataKind::Binary, 3).expect("open");
    for part in [&b""[..], b"ab", b"", b"", b"cde", b""] {
        writer.write_all(part).expect("open");
        assert_eq!(writer.write(b"").expect("open"), 0);
    }
    writer.finish().expect("under way");
    assert_eq!(socket.stream().output, b"\x02\x03abc\x80\x02de", "no frame is empty");
}

#[test]
fn what_is_closed_and_not_written_is_not_to_be_shut() {
    let close = frames_for(Role::Server, &[(FIN | CLOSE, b"\x03\xe8")]);
    for closes_first in [false, true] {
        let stream = Scripted::new(&close).writing([Step::WouldBlock; 3]);
        let mut socket = WebSocket::from_connection(stream, server());
        if closes_first {
            socket.sender().close(Some(CloseFrame::new(CloseCode::NORMAL, ""))).expect("open");
        }
        let mut queued_and_closed = 0;
        loop {
            let result = socket.read().map(|event| event.is_some());
            let is_written = socket.sender().output().is_empty();
            if socket.state() == State::Closed {
                assert_eq!(socket.should_shut(), is_written);
                queued_and_closed += u32::from(!is_written);
            }
            match result {
                Ok(true) | Err(Error::WouldBlock) => {}
                Ok(false) => break,
                Err(error) => panic!("{error:?}"),
            }
        }
        assert!(queued_and_closed > 1 && socket.should_shut());
        assert_eq!(socket.stream().output, b"\x88\x02\x03\xe8");
    }
}
