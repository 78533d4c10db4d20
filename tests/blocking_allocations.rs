//! A counting allocator: in steady state nothing is allocated for what is read and written, compressed as well, whole or
//! split.
#![cfg(feature = "blocking")]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;

use wscodec::blocking::{FrameStream, Reader, WebSocket, Writer};
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec::kernel::{Opcode, Rsv};
use wscodec::{Connection, DataKind, Event, Limits, Message, RawFrame, Role};

/// One end of a pipe in memory; reads of an empty one would block.
#[derive(Clone, Default)]
struct Pipe {
    from: Rc<RefCell<VecDeque<u8>>>,
    to: Rc<RefCell<VecDeque<u8>>>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut from = self.from.borrow_mut();
        if from.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        from.read(buffer)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn pipes() -> [Pipe; 2] {
    let one = Pipe::default();
    let other = Pipe { from: Rc::clone(&one.to), to: Rc::clone(&one.from) };
    [one, other]
}

fn connection(role: Role, compression: Option<Backend>) -> Connection {
    let connection = Connection::new(role, Limits::new());
    let Some(backend) = compression else { return connection };
    connection
        .with_compressor(backend, CompressorConfig::default().takeover(false))
        .and_then(|with| with.with_decompressor(backend, DecompressorConfig::default().takeover(false)))
        .expect("every backend can")
}

fn sockets(compression: Option<Backend>) -> [WebSocket<Pipe>; 2] {
    let [one, other] = pipes();
    [
        WebSocket::from_connection(one, connection(Role::Server, compression)),
        WebSocket::from_connection(other, connection(Role::Client, compression)),
    ]
}

/// How many data messages come, each of which is answered with the same.
fn echo(socket: &mut WebSocket<Pipe>) -> usize {
    let mut messages = 0;
    while let Ok(Some((event, sender))) = socket.read_and_sender() {
        if let Event::Message(message @ (Message::Text(_) | Message::Binary(_))) = event {
            sender.send(message).expect("room");
            messages += 1;
        }
    }
    messages
}

fn send(socket: &mut WebSocket<Pipe>, text: &str) -> usize {
    socket.send(Message::Text(text)).expect("sent");
    socket.send(Message::Binary(&[3; 40_000])).expect("sent");
    socket.ping(b"?").expect("sent");
    socket.send_frame(RawFrame::new(Opcode::Binary, text.as_bytes())).expect("sent");
    socket.send_stream(DataKind::Text, 1_000, &mut text.as_bytes()).expect("sent");
    let mut writer = socket.message_writer(DataKind::Text, 1_000).expect("begun");
    writer.write_all(text.as_bytes()).expect("sent");
    writer.finish().expect("sent");
    5
}

#[test]
fn a_socket_allocates_nothing_for_what_it_reads_and_writes() {
    let text = "größer und größer 你好 ".repeat(100);
    for compression in [None].into_iter().chain(Backend::available().map(Some)) {
        let [mut server, mut client] = sockets(compression);
        let mut round = || {
            let sent = send(&mut client, &text);
            assert_eq!(echo(&mut server), sent);
            let mut back = 0;
            while let Ok(Some(_)) = client.read_message() {
                back += 1;
            }
            assert_eq!(back, sent);
            let sent = send(&mut server, &text);
            let mut there = 0;
            while let Ok(Some(_)) = client.read_message() {
                there += 1;
            }
            assert_eq!(there, sent);
            assert_eq!(echo(&mut server), 0);
        };
        (0..100).for_each(|_| round());
        let made = allocation_counter::measure(|| (0..50).for_each(|_| round()));
        assert_eq!(made.count_total, 0, "{compression:?}: {} bytes", made.bytes_total);
    }
}

#[test]
fn a_socket_that_waits_leaves_its_buffers_to_others() {
    let text = "größer und größer 你好 ".repeat(100);
    for compression in [None].into_iter().chain(Backend::available().map(Some)) {
        let [mut server, mut client] = sockets(compression);
        let sent = send(&mut client, &text);
        assert_eq!(echo(&mut server), sent);
        while let Ok(Some(_)) = client.read_message() {}
        for held in [server.memory(), client.memory()] {
            // Two chunks of a stream of under 1 KiB stay with it.
            assert!(held < 4 << 10, "{compression:?}: {held} bytes");
        }
    }
}

fn split(role: Role, pipe: &Pipe, compression: Option<Backend>) -> (Reader<Pipe, Pipe>, Writer<Pipe>) {
    WebSocket::from_connection(pipe.clone(), connection(role, compression)).split(pipe.clone())
}

#[test]
fn halves_allocate_nothing_for_what_they_read_and_write() {
    let text = "größer und größer 你好 ".repeat(100);
    for compression in [None].into_iter().chain(Backend::available().map(Some)) {
        let [one, other] = pipes();
        let (mut server, mut answers) = split(Role::Server, &one, compression);
        let (mut client, mut writer) = split(Role::Client, &other, compression);
        let mut round = || {
            writer.send(Message::Text(&text)).expect("sent");
            writer.ping(b"?").expect("sent");
            writer.send_stream(DataKind::Text, 1_000, &mut text.as_bytes()).expect("sent");
            let mut there = 0;
            while let Ok(Some(message)) = server.read_message() {
                answers.send(message).expect("sent");
                there += 1;
            }
            let mut back = 0;
            while let Ok(Some(_)) = client.read_message() {
                back += 1;
            }
            assert_eq!((there, back), (2, 2));
        };
        (0..100).for_each(|_| round());
        let made = allocation_counter::measure(|| (0..50).for_each(|_| round()));
        assert_eq!(made.count_total, 0, "{compression:?}: {} bytes", made.bytes_total);
    }
}

#[test]
fn frames_allocate_nothing() {
    let [one, other] = pipes();
    let mut server = FrameStream::new(one, Role::Server, &Limits::new(), Rsv::RSV2);
    let mut client = FrameStream::new(other, Role::Client, &Limits::new(), Rsv::RSV2);
    let mut buffer = vec![0; 40_000];
    let payload = vec![5; 40_000];
    let mut round = || {
        for length in [0, 5, 126, 4_096, 40_000] {
            let frame = RawFrame { rsv: Rsv::RSV2, ..RawFrame::new(Opcode::Binary, &payload[..length]) };
            client.write_frame(frame).expect("sent");
            let (header, read) = server.read_frame(&mut buffer).expect("there").expect("a frame");
            assert_eq!((header.rsv, read), (Rsv::RSV2, length));
        }
    };
    (0..20).for_each(|_| round());
    let made = allocation_counter::measure(|| (0..50).for_each(|_| round()));
    assert_eq!(made.count_total, 0, "{} bytes", made.bytes_total);
}

#[test]
fn a_backlog_of_frames_that_never_empties_holds_no_more_than_it_is() {
    /// Takes a frame's length, and then nothing until it is asked again.
    struct Behind(Rc<RefCell<usize>>);
    impl Read for Behind {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Ok(0)
        }
    }
    impl Write for Behind {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut room = self.0.borrow_mut();
            let written = bytes.len().min(*room);
            *room -= written;
            if written == 0 { Err(ErrorKind::WouldBlock.into()) } else { Ok(written) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let room = Rc::new(RefCell::new(0));
    let mut frames = FrameStream::new(Behind(Rc::clone(&room)), Role::Server, &Limits::new(), Rsv::NONE);
    let frame = RawFrame::new(Opcode::Binary, &[5; 1_000]);
    assert!(frames.write_frame(frame).is_err());
    let made = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            *room.borrow_mut() = 1_004;
            assert!(frames.write_frame(frame).is_err(), "one is always left");
        }
    });
    assert!(made.bytes_max < 10_000, "{} bytes", made.bytes_max);
}
