//! The rows of the minimalist Go package, and what broke other codecs, as far as they concern an adapter: each test names its
//! row.
#![cfg(feature = "blocking")]

mod blocking_support;
mod support;

use std::io::{ErrorKind, Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use blocking_support::{Scripted, Step};
use support::bits::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT};
use support::{Owned, frames_for, header_for};
use wscodec::blocking::{Error, FrameStream, WebSocket};
use wscodec::kernel::{HeaderError, Opcode, Rsv};
use wscodec::{
    CloseCode, CloseFrame, Connection, DataKind, Error as CodecError, Event, LimitError, Limits, Message,
    MisuseError, ProtocolError, RawFrame, Role, State,
};

const NOW: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(60);

fn client(input: &[u8]) -> WebSocket<Scripted> {
    let connection = Connection::new(Role::Client, Limits::new());
    WebSocket::from_connection(Scripted::new(input), connection)
}

fn server(stream: Scripted) -> WebSocket<Scripted> {
    WebSocket::from_connection(stream, Connection::new(Role::Server, Limits::new()))
}

fn frames(role: Role, input: &[u8]) -> FrameStream<Scripted> {
    FrameStream::new(Scripted::new(input), role, &Limits::new(), Rsv::NONE)
}

fn from_server(frames: &[(u8, &[u8])]) -> Vec<u8> {
    frames_for(Role::Client, frames)
}

fn output(socket: &WebSocket<Scripted>) -> &[u8] {
    &socket.stream().output
}

#[track_caller]
fn codec<T: std::fmt::Debug>(result: Result<T, Error>) -> CodecError {
    match result {
        Err(Error::Codec(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn go_read_header_reads_no_payload_and_refuses_what_no_frame_may_be() {
    let mut stream =
        frames(Role::Client, &from_server(&[(BINARY, &[1; 70_000]), (FIN | CONTINUATION, b"end")]));
    let header = stream.read_header().expect("a header").expect("a frame");
    assert_eq!((header.fin, header.opcode, header.payload_length), (false, Opcode::Binary, 70_000));
    let mut two = [0; 2];
    assert_eq!(stream.read_payload(&mut two).expect("there is some"), 2);
    // The rest is passed over.
    let header = stream.read_header().expect("a header").expect("a frame");
    assert_eq!((header.fin, header.opcode, header.payload_length), (true, Opcode::Continuation, 3));
    assert_eq!(stream.read_payload(&mut [0; 10]).expect("all"), 3);
    assert_eq!(stream.read_payload(&mut [0; 10]).expect("its end"), 0);
    assert_eq!(stream.read_header().expect("the end"), None);

    for (bytes, error) in [
        (&[0x89, 126, 0, 126][..], ProtocolError::Header(HeaderError::ControlTooLong(Opcode::Ping))),
        (&[0x09, 0], ProtocolError::Header(HeaderError::FragmentedControl(Opcode::Ping))),
        (&[0x83, 0], ProtocolError::Header(HeaderError::ReservedOpcode(3))),
        (&[0xC2, 0], ProtocolError::UnexpectedRsv1),
        (&[0x82, 0x80, 1, 2, 3, 4], ProtocolError::MaskUnexpected),
        (&[0x80, 0], ProtocolError::UnexpectedContinuation),
        (&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], ProtocolError::Header(HeaderError::LengthTooLarge)),
    ] {
        let mut stream = frames(Role::Client, bytes);
        assert_eq!(codec(stream.read_header()), error.into(), "{bytes:x?}");
        assert_eq!(codec(stream.read_header()), error.into(), "final: {bytes:x?}");
    }
    assert!(matches!(frames(Role::Client, &[0x82, 5, 1]).read_frame(&mut [0; 10]), Err(Error::Lost)));
}

#[test]
fn go_read_frame_into_a_slice_that_is_too_small_loses_nothing() {
    let mut stream = frames(Role::Client, &from_server(&[(FIN | TEXT, b"Hello"), (FIN | TEXT, b"!")]));
    for _ in 0..3 {
        let result = stream.read_frame(&mut [0; 4]);
        assert!(matches!(result, Err(Error::BufferTooSmall { needed: 5 })), "{result:?}");
    }
    let mut buffer = [0; 5];
    let (_, length) = stream.read_frame(&mut buffer).expect("it fits").expect("a frame");
    assert_eq!(&buffer[..length], b"Hello");
    let (_, length) = stream.read_frame(&mut buffer).expect("it fits").expect("a frame");
    assert_eq!(&buffer[..length], b"!");
    assert_eq!(stream.read_frame(&mut buffer).expect("the end"), None);
}

#[test]
fn go_read_frame_of_2_to_the_62nd_reserves_nothing() {
    let bytes = header_for(Role::Client, Opcode::Binary, 1 << 62);
    let none = Limits::new().with_frame(usize::MAX);
    let mut stream = FrameStream::new(Scripted::new(&bytes), Role::Client, &none, Rsv::NONE);
    let result = stream.read_frame(&mut [0; 100]);
    assert!(matches!(result, Err(Error::BufferTooSmall { needed }) if needed == 1 << 62), "{result:?}");
    let mut stream = frames(Role::Client, &bytes);
    assert_eq!(codec(stream.read_header()), LimitError::FrameTooLong { limit: 16 << 20 }.into());
}

#[test]
fn go_read_message_reassembles_with_control_frames_between_fragments() {
    let bytes = from_server(&[
        (TEXT, b"He"),
        (FIN | PING, b"1"),
        (CONTINUATION, b"ll"),
        (FIN | PONG, b"2"),
        (FIN | CONTINUATION, b"o"),
        (FIN | CLOSE, b"\x03\xe8"),
    ]);
    let mut socket = client(&bytes);
    assert_eq!(socket.read_message().expect("a message"), Some(Message::Text("Hello")));
    assert_eq!(socket.read_message().expect("the close frame"), None);
    assert_eq!(socket.read_message().expect("still"), None);
    assert_eq!((socket.state(), socket.close_code()), (State::Closed, Some(CloseCode::NORMAL)));
}

#[test]
fn go_read_message_with_reserved_bits_is_an_error_of_which_the_peer_is_told() {
    let mut socket =
        server(Scripted::new(&frames_for(Role::Server, &[(FIN | TEXT, b"ok"), (0x20 | FIN | TEXT, b"no")])));
    assert_eq!(socket.read_message().expect("a message"), Some(Message::Text("ok")));
    assert_eq!(codec(socket.read_message()), ProtocolError::ReservedBits.into());
    assert_eq!(output(&socket), b"\x88\x02\x03\xea");
    assert!(socket.should_shut());
    assert_eq!(codec(socket.read_message()), ProtocolError::ReservedBits.into(), "it is final");
    assert_eq!(output(&socket), b"\x88\x02\x03\xea", "and said once");
}

#[test]
fn go_read_message_ext_gives_the_bits_of_the_first_frame_and_refuses_those_of_others() {
    let connection =
        || Connection::new(Role::Client, Limits::new()).with_reserved_bits(Rsv::RSV2 | Rsv::RSV3);
    let bytes = from_server(&[(0x10 | TEXT, b"\xff"), (FIN | CONTINUATION, b"!"), (FIN | BINARY, b"2")]);
    let mut socket = WebSocket::from_connection(Scripted::new(&bytes), connection());
    let raw = socket.read_raw().expect("a message").expect("not the end");
    assert_eq!((raw.kind, raw.rsv, raw.payload), (DataKind::Text, Rsv::RSV3, &b"\xff!"[..]));
    let raw = socket.read_raw().expect("a message").expect("not the end");
    assert_eq!((raw.kind, raw.rsv, raw.payload), (DataKind::Binary, Rsv::NONE, &b"2"[..]));
    let bytes = from_server(&[(TEXT, b"a"), (0x20 | FIN | CONTINUATION, b"b")]);
    let mut socket = WebSocket::from_connection(Scripted::new(&bytes), connection());
    assert_eq!(codec(socket.read_raw()), ProtocolError::ReservedBits.into());
}

#[test]
fn go_read_message_ext_of_a_connection_with_fragments_gives_each_by_itself() {
    let bytes =
        from_server(&[(TEXT, b"one"), (FIN | PING, b""), (FIN | CONTINUATION, b"two"), (FIN | CLOSE, b"")]);
    let connection = || Connection::new(Role::Client, Limits::new()).with_fragments();
    let mut socket = WebSocket::from_connection(Scripted::new(&bytes), connection());
    for payload in [&b"one"[..], b"two"] {
        let raw = socket.read_raw().expect("a part").expect("not the end");
        assert_eq!((raw.kind, raw.rsv, raw.payload), (DataKind::Text, Rsv::NONE, payload));
    }
    assert_eq!(socket.read_raw().expect("the end"), None);
    let mut socket = WebSocket::from_connection(Scripted::new(&bytes), connection());
    assert_eq!(socket.read_message().expect("a part"), Some(Message::Binary(b"one")));
}

#[test]
fn go_write_frame_has_any_fin_and_bits_and_is_one_write() {
    let mut socket = server(Scripted::default());
    let first = RawFrame { fin: false, rsv: Rsv::RSV2, ..RawFrame::new(Opcode::Binary, &[7; 60_000]) };
    socket.send_frame(first).expect("sent");
    assert_eq!(socket.stream().write_calls, 1);
    assert_eq!(output(&socket)[..4], [0x22, 126, 0xEA, 0x60]);
    socket.send_frame(RawFrame::new(Opcode::Continuation, b"")).expect("sent");
    assert_eq!(output(&socket)[60_004..], [0x80, 0]);

    let mut stream = frames(Role::Client, b"");
    stream.write_frame(RawFrame::new(Opcode::Text, b"masked")).expect("sent");
    let stream = stream.into_inner();
    assert_eq!((stream.write_calls, &stream.output[..2]), (1, &[0x81, 0x86][..]), "a client masks");
}

#[test]
fn go_write_message_is_one_frame_and_one_write() {
    for length in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
        for role in [Role::Server, Role::Client] {
            let mut socket =
                WebSocket::from_connection(Scripted::default(), Connection::new(role, Limits::new()));
            let payload = vec![1; length];
            socket
                .send_with(Message::Binary(&payload), wscodec::compressors::CompressionWish::Auto)
                .expect("sent");
            assert_eq!(socket.stream().write_calls, 1, "{role:?} {length}");
            socket.send(Message::Binary(&payload)).expect("sent");
            let peer = if role == Role::Server { Role::Client } else { Role::Server };
            let output = socket.into_parts().0.output;
            let mut peer =
                WebSocket::from_connection(Scripted::new(&output), Connection::new(peer, Limits::new()));
            for _ in 0..2 {
                assert_eq!(peer.read_message().expect("a message"), Some(Message::Binary(&payload)));
            }
        }
    }
}

/// Gives the pieces, each as an error or as bytes.
struct Pieces(Vec<Result<&'static [u8], ErrorKind>>);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let piece = self.0.remove(0)?;
        let length = piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&piece[..length]);
        if length < piece.len() {
            self.0.insert(0, Ok(&piece[length..]));
        }
        Ok(length)
    }
}

#[test]
fn go_stream_message_has_fin_on_the_last_data_frame_and_none_trails() {
    let cases: [(&[u8], &[u8]); 5] = [
        (b"", b"\x82\x00"),
        (b"abc", b"\x82\x03abc"),
        (b"abcd", b"\x82\x04abcd"),
        (b"abcde", b"\x02\x04abcd\x80\x01e"),
        (b"abcdefgh", b"\x02\x04abcd\x80\x04efgh"),
    ];
    for (payload, wire) in cases {
        let mut socket = server(Scripted::default());
        socket.send_stream(DataKind::Binary, 4, &mut &payload[..]).expect("sent");
        assert_eq!(output(&socket), wire);
        let mut socket = server(Scripted::default());
        let mut writer = socket.message_writer(DataKind::Binary, 4).expect("begun");
        payload.chunks(3).for_each(|part| writer.write_all(part).expect("sent"));
        writer.finish().expect("sent");
        assert_eq!(output(&socket), wire, "by a writer");
    }
}

#[test]
fn go_stream_message_whose_reader_fails_can_be_gone_on_with() {
    let mut pieces =
        Pieces(vec![Ok(b"abc"), Err(ErrorKind::Interrupted), Err(ErrorKind::BrokenPipe), Ok(b"defg")]);
    let mut socket = server(Scripted::default());
    let result = socket.send_stream(DataKind::Binary, 4, &mut pieces);
    assert!(
        matches!(&result, Err(Error::Source(error)) if error.kind() == ErrorKind::BrokenPipe),
        "{result:?}"
    );
    assert_eq!(codec(socket.send(Message::Text("no"))), MisuseError::MessageUnderWay.into());
    socket.ping(b"?").expect("control frames are free");
    socket.resume_stream(&mut pieces).expect("it goes on");
    assert_eq!(output(&socket), b"\x89\x01?\x02\x04abcd\x80\x03efg");
    socket.send(Message::Text("yes")).expect("the message is over");
}

#[test]
fn go_handlers_are_called_in_order_and_pings_answered() {
    let bytes = frames_for(
        Role::Server,
        &[(FIN | PING, b"1"), (FIN | PONG, b"2"), (FIN | PING, b"3"), (FIN | TEXT, b"4"), (FIN | CLOSE, b"")],
    );
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let mut socket = server(Scripted::new(&bytes)).with_control_handler(move |message, sender| {
        noted.lock().unwrap().push(Owned::from(message));
        if let Message::Pong(_) = message {
            sender.send(Message::Text("a pong")).unwrap();
        }
    });
    assert_eq!(socket.read_message().expect("a message"), Some(Message::Text("4")));
    assert_eq!(socket.read_message().expect("the end"), None);
    let ping = |payload: &[u8]| Owned::Ping(payload.to_vec());
    assert_eq!(
        *seen.lock().unwrap(),
        [ping(b"1"), Owned::Pong(b"2".to_vec()), ping(b"3"), Owned::Close(None)]
    );
    assert_eq!(
        output(&socket),
        b"\x8a\x011\x81\x06a pong\x8a\x013\x88\x00",
        "the close frame is echoed, too"
    );
}

#[test]
fn go_close_with_code_sends_the_frame_and_waits_for_the_peers() {
    let goodbye = Some(CloseFrame::new(CloseCode::GOING_AWAY, "bye"));
    let input = frames_for(Role::Server, &[(FIN | TEXT, b"late"), (FIN | CLOSE, b"\x03\xe9")]);
    let mut socket = server(Scripted::new(&input));
    socket.close(goodbye, LONG).expect("a clean end");
    assert_eq!(output(&socket), b"\x88\x05\x03\xe9bye");
    assert_eq!((socket.state(), socket.should_shut()), (State::Closed, true));
    socket.close(goodbye, LONG).expect("it is closed");
    assert_eq!(output(&socket), b"\x88\x05\x03\xe9bye", "once");
    assert_eq!(codec(socket.send(Message::Text("no"))), MisuseError::Closed.into());

    // A client waits for the server to shut, if that has patience.
    let closes = from_server(&[(FIN | CLOSE, b"")]);
    let mut socket = client(&closes);
    socket.close(goodbye, LONG).expect("a clean end");
    assert!(socket.should_shut());
    let mut socket = WebSocket::from_connection(
        Scripted::new(&closes).staying_open(),
        Connection::new(Role::Client, Limits::new()),
    );
    socket.close(goodbye, LONG).expect("a server that does not shut is no error");
    assert!(!socket.should_shut());
}

#[test]
fn go_close_with_a_reserved_code_is_refused() {
    let mut socket = server(Scripted::default());
    for code in [1004, 1005, 1006, 1015] {
        let code = CloseCode::new(code);
        let result = socket.close(Some(CloseFrame::new(code, "")), NOW);
        assert_eq!(codec(result), MisuseError::ReservedCloseCode(code).into());
    }
    assert_eq!((output(&socket), socket.state()), (&b""[..], State::Open));
}

#[test]
fn go_close_of_a_peer_that_never_answers_ends_in_time_and_can_go_on() {
    let flood = frames_for(Role::Server, &[(FIN | TEXT, &b"more"[..]); 10_000]);
    let mut socket = server(Scripted::new(&flood).staying_open());
    assert!(matches!(socket.close(None, NOW), Err(Error::WouldBlock)), "the patience is over");
    assert!(matches!(socket.close(None, LONG), Err(Error::WouldBlock)), "the read times out");
    assert_eq!((output(&socket), socket.state()), (&b"\x88\x00"[..], State::CloseSent));
    socket.stream_mut().input.extend(frames_for(Role::Server, &[(FIN | CLOSE, b"")]));
    socket.close(None, LONG).expect("now it has answered");
    let mut lost = server(Scripted::default());
    assert!(matches!(lost.close(None, LONG), Err(Error::Lost)));
}

#[test]
fn go_close_of_a_peer_whose_message_never_ends_ends_in_time() {
    /// A byte a read, of a message that takes days.
    struct Dripping(std::io::Cursor<Vec<u8>>);
    impl Read for Dripping {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            std::thread::sleep(Duration::from_millis(1));
            let length = buffer.len().min(1);
            let read = Read::read(&mut self.0, &mut buffer[..length])?;
            assert!(read > 0, "the patience was over long before");
            Ok(read)
        }
    }
    impl Write for Dripping {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let message = frames_for(Role::Server, &[(FIN | TEXT, &[b'.'; 10_000])]);
    for patience in [NOW, Duration::from_millis(5)] {
        let stream = Dripping(std::io::Cursor::new(message.clone()));
        let connection = Connection::new(Role::Server, Limits::new());
        let mut socket = WebSocket::from_connection(stream, connection);
        assert!(matches!(socket.close(None, patience), Err(Error::WouldBlock)));
        assert_eq!(socket.state(), State::CloseSent);
    }
}

#[test]
fn go_read_header_tells_an_end_between_frames_from_one_inside() {
    let long = &[7; 300][..];
    for frame in [(FIN | TEXT, &b"Hello"[..]), (FIN | PING, b"!"), (FIN | BINARY, long), (FIN | CLOSE, b"")] {
        for role in [Role::Server, Role::Client] {
            let bytes = frames_for(role, &[frame]);
            for length in 0..=bytes.len() {
                let mut frames = frames(role, &bytes[..length]);
                let mut read = || -> Result<usize, Error> {
                    let mut count = 0;
                    while frames.read_header()?.is_some() {
                        count += 1;
                    }
                    Ok(count)
                };
                match read() {
                    Ok(count) => assert!(
                        count == usize::from(length > 0) && [0, bytes.len()].contains(&length),
                        "{frame:?} {length}"
                    ),
                    Err(error) => {
                        assert!(matches!(error, Error::Lost), "{error:?}");
                        assert!((1..bytes.len()).contains(&length), "{frame:?} {length}");
                    }
                }
            }
        }
    }
}

#[test]
fn go_errors_by_name() {
    let small = Limits::new().with_message(4);
    let mut socket = WebSocket::from_connection(
        Scripted::new(&from_server(&[(FIN | TEXT, b"four"), (FIN | TEXT, b"five!")])),
        Connection::new(Role::Client, small),
    );
    assert_eq!(socket.read_message().expect("just within"), Some(Message::Text("four")));
    let error = socket.read_message().expect_err("too long");
    assert_eq!(error.close_code(), Some(CloseCode::TOO_BIG));
    assert_eq!(codec::<()>(Err(error)), LimitError::MessageTooLong { limit: 4 }.into());

    let unexpected = codec(client(&[0x80, 0]).read_message());
    assert_eq!(unexpected, ProtocolError::UnexpectedContinuation.into());
    let expected = codec(client(&[0x01, 0, 0x81, 0]).read_message());
    assert_eq!(expected, ProtocolError::ExpectedContinuation.into());
    let mut socket = server(Scripted::default());
    assert_eq!(codec(socket.ping(&[0; 126])), MisuseError::ControlTooLong.into());
    assert_eq!(output(&socket), b"");
}

#[test]
fn framing_a_write_of_zero_bytes_must_not_loop() {
    struct Full;
    impl Read for Full {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Ok(0)
        }
    }
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Ok(0)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for length in [5, 100_000] {
        let mut socket = WebSocket::from_connection(Full, Connection::new(Role::Server, Limits::new()));
        let result = socket.send(Message::Binary(&vec![0; length]));
        assert!(
            matches!(&result, Err(Error::Io(error)) if error.kind() == ErrorKind::WriteZero),
            "{result:?}"
        );
    }
}

/// A stream that lies about how much it did.
struct Liar;

impl Read for Liar {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        Ok(buffer.len() + 1)
    }
}

impl Write for Liar {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len() + 1)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn misuse_a_stream_that_claims_too_much_is_an_error() {
    let is_invalid = |result: Result<(), Error>| match result {
        Err(Error::Io(error)) => assert_eq!(error.kind(), ErrorKind::InvalidData),
        other => panic!("{other:?}"),
    };
    let mut socket = WebSocket::from_connection(Liar, Connection::new(Role::Server, Limits::new()));
    is_invalid(socket.read().map(|_| ()));
    is_invalid(socket.send(Message::Text("Hello")));
    is_invalid(socket.send(Message::Binary(&[0; 100_000])));
    let mut stream = FrameStream::new(Liar, Role::Server, &Limits::new(), Rsv::NONE);
    is_invalid(stream.read_header().map(|_| ()));
}

#[test]
fn state_a_pong_between_fragments_and_reads_that_time_out_drop_nothing() {
    let bytes = from_server(&[
        (TEXT, b"gr\xc3"),
        (FIN | PONG, b"!"),
        (CONTINUATION, b"\xb6"),
        (FIN | CONTINUATION, b"n"),
    ]);
    for at in 0..bytes.len() {
        let steps = [Step::Up(at.max(1)), Step::TimedOut, Step::Interrupted, Step::WouldBlock];
        let connection = Connection::new(Role::Client, Limits::new());
        let mut socket = WebSocket::from_connection(Scripted::new(&bytes).reading(steps), connection);
        let mut blocked = 0;
        while let Err(error) =
            socket.read_message().map(|message| assert_eq!(message, Some(Message::Text("grön"))))
        {
            assert!(matches!(error, Error::WouldBlock), "{error:?}");
            blocked += 1;
        }
        assert_eq!(blocked, 2, "cut at {at}");
    }
}

#[test]
fn state_what_is_queued_for_a_peer_that_does_not_read_is_bounded() {
    let pings = frames_for(Role::Server, &[(FIN | PING, &[7; 125][..]); 2_000]);
    let blocked = std::iter::repeat_n(Step::WouldBlock, 100_000);
    let stream = Scripted::new(&pings).writing(blocked).staying_open();
    let connection = Connection::new(Role::Server, Limits::new()).with_output_limit(10_000);
    let mut socket = WebSocket::from_connection(stream, connection);
    let mut events = 0;
    while let Ok(Some(event)) = socket.read() {
        assert!(matches!(event, Event::Message(Message::Ping(_))));
        events += 1;
    }
    assert_eq!(events, 2_000, "a peer that does not read is read all the same");
    assert!(socket.sender().output().len() <= 10_000 + 278);
    let mut refused = None;
    for _ in 0..20 {
        refused = socket.send(Message::Binary(&[0; 1_000])).err();
    }
    let refused = codec::<()>(Err(refused.expect("it is full")));
    assert_eq!(refused, MisuseError::OutputFull { limit: 10_000 }.into());
}
