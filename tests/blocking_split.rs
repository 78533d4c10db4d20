//! One thread reads while others write.
#![cfg(feature = "blocking")]

mod blocking_support;
mod support;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use blocking_support::Scripted;
use support::bits::{CLOSE, FIN, PING, TEXT};
use support::frames_for;
use wscodec::blocking::{Error, WebSocket, Writer};
use wscodec::{
    CloseCode, CloseFrame, Connection, DataKind, Error as CodecError, Event, Limits, Message, MisuseError,
    Role,
};

fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let near = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
    (near, listener.accept().expect("it was connected to").0)
}

/// A transport whose every write waits to be let through, and tells of it.
struct Gate {
    asked: Sender<Vec<u8>>,
    let_through: Receiver<()>,
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.asked.send(bytes.to_vec()).map_err(io::Error::other)?;
        self.let_through.recv().map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A transport that takes as many bytes as it is let, and then would block.
#[derive(Clone, Default)]
struct Slow(Arc<Mutex<(usize, Vec<u8>)>>);

impl Slow {
    fn with(&self) -> MutexGuard<'_, (usize, Vec<u8>)> {
        self.0.lock().expect("no panics")
    }

    fn let_through(&self, bytes: usize) {
        self.with().0 += bytes;
    }

    fn output(&self) -> Vec<u8> {
        self.with().1.clone()
    }
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.with();
        let taken = bytes.len().min(inner.0);
        if taken == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        inner.0 -= taken;
        inner.1.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives its bytes as they fit, and before that does something.
struct Source<'a, F>(&'a [u8], F);

impl<F: FnMut()> Read for Source<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (self.1)();
        self.0.read(buffer)
    }
}

#[track_caller]
fn is_queued(result: Result<(), Error>) {
    assert!(matches!(result, Err(Error::WouldBlock)), "{result:?}");
}

#[track_caller]
fn is_full(result: Result<(), Error>, limit: usize) {
    let full = CodecError::Misuse(MisuseError::OutputFull { limit });
    assert!(matches!(result, Err(Error::Codec(error)) if error == full), "{result:?}");
}

#[test]
fn go_keep_alive_from_another_thread_beside_writers_and_a_reader() {
    const MESSAGES: usize = 300;
    let (near, far) = tcp();
    let client = WebSocket::from_connection(&near, Connection::new(Role::Client, Limits::new()));
    let server = WebSocket::from_connection(&far, Connection::new(Role::Server, Limits::new()));
    let (mut reader, mut writer) = client.split(&near);
    let (mut echoed, mut answers) = server.split(&far);
    thread::scope(|scope| {
        scope.spawn(move || {
            while let Some(message) = echoed.read_message().expect("well formed") {
                answers.send(message).expect("open");
            }
        });
        let (stop, told) = mpsc::channel();
        let mut alive = writer.clone();
        let pings = scope.spawn(move || alive.keep_alive(Duration::from_micros(50), &told));
        // Two threads whose messages must not mix, each whole.
        let mut other = writer.clone();
        let texts = scope.spawn(move || {
            let text = "text".repeat(500);
            (0..MESSAGES).for_each(|_| other.send(Message::Text(&text)).expect("open"));
        });
        let binaries = scope.spawn(move || {
            (0..MESSAGES).for_each(|number| {
                writer.send(Message::Binary(&vec![7; number * 10])).expect("open");
            });
            writer
        });
        let (mut seen_texts, mut seen_binaries) = (0, 0);
        while seen_texts + seen_binaries < 2 * MESSAGES {
            match reader.read_message().expect("well formed").expect("open") {
                Message::Text(text) => {
                    assert_eq!(text, "text".repeat(500));
                    seen_texts += 1;
                }
                Message::Binary(bytes) => {
                    assert_eq!(bytes, vec![7; seen_binaries * 10], "in their order");
                    seen_binaries += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        texts.join().expect("no panic");
        let mut writer = binaries.join().expect("no panic");
        drop(stop);
        pings.join().expect("no panic").expect("no error");
        writer.close(Some(CloseFrame::new(CloseCode::NORMAL, ""))).expect("open");
        assert_eq!(reader.read_message().expect("a clean end"), None);
        assert_eq!(reader.close_code(), Some(CloseCode::NORMAL));
    });
}

#[test]
fn go_keep_alive_ends_with_the_connection() {
    let (near, _far) = tcp();
    let socket = WebSocket::from_connection(&near, Connection::new(Role::Client, Limits::new()));
    let (_reader, mut writer) = socket.split(&near);
    writer.close(None).expect("open");
    let (_stop, told) = mpsc::channel();
    writer.keep_alive(Duration::from_millis(1), &told).expect("it is closed");
}

#[test]
fn a_reader_does_not_wait_for_a_writer_which_writes_its_pong() {
    let pings = frames_for(Role::Server, &[(FIN | PING, b"1"), (FIN | CLOSE, b"")]);
    let (asked, writes) = mpsc::channel();
    let (open, let_through) = mpsc::channel();
    let gate = Gate { asked, let_through };
    let connection = Connection::new(Role::Server, Limits::new());
    let (mut reader, mut writer) = WebSocket::from_connection(Scripted::new(&pings), connection).split(gate);
    thread::scope(|scope| {
        scope.spawn(move || writer.send(Message::Text("slow")).expect("open"));
        assert_eq!(writes.recv().expect("a write"), b"\x81\x04slow");
        // The writer is in the middle of it.
        assert_eq!(reader.read_message().expect("a clean end"), None);
        open.send(()).expect("it waits");
        assert_eq!(writes.recv().expect("a write"), b"\x8a\x011\x88\x00");
        open.send(()).expect("it waits");
    });
    drop(open);
}

#[test]
fn a_reader_that_leaves_writes_never_writes_and_what_it_owes_goes_out_with_the_writer() {
    let input = [(FIN | PING, &b"!"[..]), (FIN | TEXT, b"read"), (FIN | PING, b"?"), (FIN | CLOSE, b"")];
    let input = frames_for(Role::Server, &input);
    let (asked, writes) = mpsc::channel();
    let (open, let_through) = mpsc::channel();
    let gate = Gate { asked, let_through };
    let connection = Connection::new(Role::Server, Limits::new());
    let (reader, mut writer) = WebSocket::from_connection(Scripted::new(&input), connection).split(gate);
    let mut reader = reader.leaving_writes();
    // A write would wait for ever.
    assert_eq!(reader.read_message().expect("well formed"), Some(Message::Text("read")));
    assert_eq!(reader.read_message().expect("well formed"), None);
    assert!(writes.try_recv().is_err());
    open.send(()).expect("the gate is there");
    writer.flush().expect("let through");
    assert_eq!(writes.try_recv().expect("one write"), b"\x8a\x01!\x8a\x01?\x88\x00");
}

#[test]
fn data_of_others_is_refused_inside_a_streamed_message_and_pings_are_not() {
    let connection = Connection::new(Role::Server, Limits::new());
    let socket = WebSocket::from_connection(Scripted::default(), connection);
    let mut output = Vec::new();
    let (_reader, mut writer) = socket.split(&mut output);
    let mut other = writer.clone();
    let mut refused = 0;
    let mut source = Source(b"xxxxxxx", || {
        other.ping(b"").expect("control frames are free");
        let result = other.send(Message::Text("no"));
        let under_way = CodecError::Misuse(MisuseError::MessageUnderWay);
        assert!(matches!(result, Err(Error::Codec(error)) if error == under_way), "{result:?}");
        refused += 1;
    });
    writer.send_stream(DataKind::Binary, 3, &mut source).expect("sent");
    assert_eq!(refused, 4);
    drop((_reader, writer, other));
    assert_eq!(output, b"\x89\0\x89\0\x02\x03xxx\x89\0\0\x03xxx\x89\0\x80\x01x");
}

#[test]
fn any_writer_goes_on_with_a_stream_that_another_began() {
    let socket =
        WebSocket::from_connection(Scripted::default(), Connection::new(Role::Server, Limits::new()));
    let mut wire = Vec::new();
    let (_reader, mut writer) = socket.split(&mut wire);
    writer.queue(|sender| sender.begin_stream(DataKind::Binary, 4)).expect("none is under way");
    writer.clone().resume_stream(&mut &b"Hello"[..]).expect("it is under way");
    drop((_reader, writer));
    assert_eq!(wire, b"\x02\x04Hell\x80\x01o");
}

#[test]
fn what_is_being_written_is_queued_to_the_byte() {
    let stream = Slow::default();
    let connection = Connection::new(Role::Server, Limits::new()).with_output_limit(1_000);
    let socket = WebSocket::from_connection(Scripted::default(), connection);
    let (_reader, mut writer) = socket.split(stream.clone());
    let payload = [7; 1_000];
    // With a header of four bytes, and one of two.
    let (most, little) = (Message::Binary(&payload[..896]), Message::Binary(&payload[..98]));
    is_queued(writer.send(most));
    is_full(writer.send(most), 1_000);
    is_queued(writer.send(little));
    is_full(writer.send(Message::Text("")), 1_000);
    for (written, header) in [(300, 4), (100, 2)] {
        stream.let_through(written);
        is_queued(writer.flush());
        is_full(writer.send(Message::Binary(&payload[..=written - header])), 1_000);
        is_queued(writer.send(Message::Binary(&payload[..written - header])));
        is_full(writer.ping(b""), 1_000);
    }
    stream.let_through(usize::MAX);
    writer.flush().expect("let through");
    assert_eq!(stream.output().len(), 1_400);
    writer.send(Message::Binary(&payload[..996])).expect("the limit is whole again");
    is_full(writer.send(Message::Binary(&payload[..997])), 1_000);
}

#[test]
fn pongs_that_are_being_written_have_the_one_budget() {
    let pings = frames_for(Role::Server, &[(FIN | PING, &[7; 125][..]); 2_000]);
    for limit in [1_000, usize::MAX] {
        let stream = Slow::default();
        let connection = Connection::new(Role::Server, Limits::new()).with_output_limit(limit);
        let socket = WebSocket::from_connection(Scripted::new(&pings).staying_open(), connection);
        let (mut reader, mut writer) = socket.split(stream.clone());
        is_queued(reader.read_message().map(drop));
        // All that are queued, and not the one that waits for them.
        let queued = limit.min(4 << 10) / 127;
        stream.let_through(queued * 127 - 1);
        is_queued(writer.flush());
        assert!(stream.output().len() > 127);
        stream.let_through(usize::MAX);
        writer.flush().expect("let through");
        assert_eq!(stream.output().len(), (queued + 1) * 127, "a limit of {limit} bytes");
    }
}

/// What a peer makes of what was written, but for pings.
fn messages(wire: &[u8]) -> Vec<Vec<u8>> {
    let mut peer = Connection::new(Role::Client, Limits::new());
    peer.push(wire);
    let mut messages = Vec::new();
    while let Some(event) = peer.next_event().expect("well formed") {
        match event {
            Event::Message(Message::Ping(_)) => {}
            Event::Message(Message::Binary(bytes)) => messages.push(bytes.to_vec()),
            other => panic!("{other:?} was not sent"),
        }
    }
    messages
}

fn writer_with_limit<W: Write>(stream: W, limit: usize) -> Writer<W> {
    let connection = Connection::new(Role::Server, Limits::new()).with_output_limit(limit);
    WebSocket::from_connection(Scripted::default(), connection).split(stream).1
}

/// Queues pings until there is no room for another.
fn fill(writer: &mut Writer<Slow>) {
    while writer.queue(|sender| sender.send(Message::Ping(b""))).is_ok() {}
}

#[test]
fn a_stream_s_chunks_that_fit_the_limit_are_never_too_much_by_themselves() {
    let payload: Vec<u8> = (0..200).collect();
    for chunk in 1..=98 {
        let (mut wire, mut source) = (Vec::new(), &payload[..]);
        writer_with_limit(&mut wire, 100).send_stream(DataKind::Binary, chunk, &mut source).expect("it fits");
        assert_eq!(messages(&wire), [&payload[..]], "{chunk} a chunk");
    }
}

#[test]
fn what_was_read_of_a_source_is_sent_though_others_fill_the_queue_meanwhile() {
    let payload: Vec<u8> = (0..200).collect();
    for chunk in [1, 33, 60, 98, 100] {
        let stream = Slow::default();
        stream.let_through(usize::MAX);
        let mut writer = writer_with_limit(stream.clone(), 102);
        let mut other = writer.clone();
        let mut source = Source(&payload[..], || fill(&mut other));
        writer.send_stream(DataKind::Binary, chunk, &mut source).expect("it waits for its turn");
        assert_eq!(messages(&stream.output()), [&payload[..]], "{chunk} a chunk");
    }
}

#[test]
fn what_was_read_of_a_source_is_sent_whoever_goes_on_when_the_transport_can() {
    let payload: Vec<u8> = (0..200).collect();
    for chunk in [1, 33, 60, 98, 100] {
        for step in [1, 50, 1_000] {
            let stream = Slow::default();
            let mut writer = writer_with_limit(stream.clone(), 102);
            let mut others = [writer.clone(), writer.clone()];
            let mut filling = writer.clone();
            let mut source = Source(&payload[..], || fill(&mut filling));
            let mut result = writer.send_stream(DataKind::Binary, chunk, &mut source);
            let mut turns = 0;
            while result.is_err() {
                is_queued(result);
                stream.let_through(step);
                result = others[turns % 2].resume_stream(&mut source);
                turns += 1;
            }
            assert_eq!(messages(&stream.output()), [&payload[..]], "{chunk} a chunk, {step} a write");
        }
    }
}

#[test]
fn what_was_read_of_a_source_and_is_not_queued_ends_or_goes_with_its_message() {
    let payload: Vec<u8> = (0..200).collect();
    for ends in [false, true] {
        let stream = Slow::default();
        let mut writer = writer_with_limit(stream.clone(), 100);
        let mut other = writer.clone();
        let mut calls = 0;
        // Of the two chunks that it has when it blocks none is queued, for want of room.
        let mut source = Source(&payload[..], || {
            calls += 1;
            if calls == 2 {
                fill(&mut other);
            }
        });
        is_queued(writer.send_stream(DataKind::Binary, 60, &mut source));
        let read = payload.len() - source.0.len();
        assert_eq!(read, 120);
        is_queued(writer.flush());
        stream.let_through(usize::MAX);
        writer.flush().expect("let through");
        if ends {
            writer.queue(wscodec::Sender::finish_stream).expect_err("there is room for one at a time");
            writer.flush().expect("let through");
            writer.queue(wscodec::Sender::finish_stream).expect("now there is");
        } else {
            writer.queue(|sender| Ok(sender.cancel_stream()?)).expect("nothing was queued");
        }
        writer.flush().expect("let through");
        writer.send_stream(DataKind::Binary, 60, &mut &b"another"[..]).expect("let through");
        let expected: &[&[u8]] = if ends { &[&payload[..120], b"another"] } else { &[b"another"] };
        assert_eq!(messages(&stream.output()), expected);
    }
}
