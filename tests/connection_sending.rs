//! What a connection queues: bounds, pongs, frames of a size, streams, vectored pieces, raw frames; and every misuse with its
//! error, and nothing changed.

mod support;

use std::io::{self, Read};

use support::{Owned, decode_pieces, plain};
use wscodec::kernel::{HeaderError, Opcode, Rsv};
use wscodec::{
    CloseCode, CloseFrame, Connection, DataKind, Error, Limits, Message, MisuseError, PreparedMessage,
    RawFrame, Role, Sender, State, StreamError,
};

fn server() -> Connection {
    Connection::new(Role::Server, Limits::new())
}

/// Frames by the naive way: the first with the opcode, the last with FIN.
fn frames(opcode: u8, payload: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = payload;
    loop {
        let (frame, others) = rest.split_at(size.min(rest.len()));
        let fin = if others.is_empty() { 0x80 } else { 0 };
        let opcode = if rest.len() == payload.len() { opcode } else { 0 };
        out.extend([fin | opcode, u8::try_from(frame.len()).expect("small")]);
        out.extend(frame);
        rest = others;
        if rest.is_empty() {
            return out;
        }
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, impl Into<Error>>, error: MisuseError) {
    let refused: Error = result.expect_err("a misuse").into();
    assert_eq!(refused, Error::Misuse(error));
}

#[test]
fn frames_of_every_size() {
    let text = "größer 你好 😀";
    for size in 1..text.len() + 2 {
        let mut connection = server().with_frame_size(size);
        connection.send(Message::Text(text)).expect("open");
        connection.send(Message::Binary(text.as_bytes())).expect("open");
        let expected = [frames(1, text.as_bytes(), size), frames(2, text.as_bytes(), size)].concat();
        assert_eq!(connection.output(), expected, "in frames of {size}");
        connection.clear_output();
        connection.sender().send_all(&[Message::Text(text), Message::Ping(&[7; 20])]).expect("open");
        let expected = [frames(1, text.as_bytes(), size), frames(9, &[7; 20], 125)].concat();
        assert_eq!(connection.output(), expected, "control frames are whole");
    }
    let mut connection = server().with_frame_size(0);
    connection.send(Message::Binary(b"ab")).expect("open");
    assert_eq!(connection.output(), b"\x02\x01a\x80\x01b");
}

/// Gives `step` bytes at a time, and is interrupted and blocks in between.
struct Slow<'a> {
    bytes: &'a [u8],
    step: usize,
    calls: usize,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        match self.calls % 3 {
            1 => Err(io::ErrorKind::Interrupted.into()),
            2 => Err(io::ErrorKind::WouldBlock.into()),
            _ => {
                let bytes = self.step.min(buffer.len());
                self.bytes.read(&mut buffer[..bytes])
            }
        }
    }
}

#[test]
fn streams_have_fin_on_their_last_data_frame_whatever_comes_how() {
    let payload = "größer und größer 你好".as_bytes();
    for length in 0..payload.len() {
        let payload = &payload[..length];
        for chunk in [1, 2, 3, 7, length.max(1), length + 1] {
            let expected = frames(2, payload, chunk);
            for step in [1, 2, chunk, chunk + 1, 50] {
                let mut connection = server();
                let sender = connection.sender();
                sender.begin_stream(DataKind::Binary, chunk).expect("open");
                payload.chunks(step).for_each(|part| sender.stream(part).expect("open"));
                sender.finish_stream().expect("under way");
                assert_eq!(sender.output(), expected, "{length} bytes, {chunk} a chunk, {step} a part");

                let mut reader = Slow { bytes: payload, step, calls: 0 };
                let mut out = Vec::new();
                sender.clear_output();
                sender.begin_stream(DataKind::Binary, chunk).expect("open");
                loop {
                    let frames = out.len();
                    match sender.stream_from(&mut reader) {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(StreamError::Read(error)) => {
                            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                            assert!(sender.output().is_empty());
                        }
                        Err(error) => panic!("{error}"),
                    }
                    sender.take_output(&mut out);
                    assert!(out.len() - frames <= chunk + 2, "at most one frame a call");
                }
                sender.take_output(&mut out);
                assert_eq!(out, expected, "{length} bytes, {chunk} a chunk, {step} a read");
            }
        }
    }
}

#[test]
fn long_chunks_of_a_reader_are_whole_whatever_it_gives() {
    let payload: Vec<u8> = (0..=250).cycle().take(400_000).collect();
    for chunk in [16 << 10, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 100_000, 200_000] {
        for step in [5_000, 16 << 10, 70_000, usize::MAX] {
            let mut connection = server();
            let sender = connection.sender();
            // The second time there is memory for it.
            for _ in 0..2 {
                let mut reader = Slow { bytes: &payload, step, calls: 0 };
                let mut chunks = payload.chunks(chunk);
                sender.begin_stream(DataKind::Binary, chunk).expect("open");
                while !matches!(sender.stream_from(&mut reader), Ok(false)) {
                    if let frame @ [_, ..] = sender.output() {
                        let expected = chunks.next().expect("not the last");
                        assert!(frame.ends_with(expected) && frame.len() <= expected.len() + 10);
                    }
                    sender.clear_output();
                }
                assert!(sender.output().ends_with(chunks.next().expect("the last")), "{chunk}, {step}");
                assert!(chunks.next().is_none());
                sender.clear_output();
            }
        }
    }
}

#[test]
fn streams_of_text_are_validated_over_their_chunks() {
    for chunk in 1..5 {
        let mut connection = server();
        let sender = connection.sender();
        sender.begin_stream(DataKind::Text, chunk).expect("open");
        sender.stream("é€😀".as_bytes()).expect("text");
        sender.finish_stream().expect("text");
        assert_eq!(sender.output(), frames(1, "é€😀".as_bytes(), chunk));

        sender.begin_stream(DataKind::Text, chunk).expect("open");
        refused(
            sender.stream(b"abcd\xffabcd").and_then(|()| sender.finish_stream()),
            MisuseError::InvalidUtf8,
        );
        sender.close(None).expect("it can be closed");

        let mut connection = server();
        let sender = connection.sender();
        sender.begin_stream(DataKind::Text, 10).expect("open");
        sender.stream(b"caf\xc3").expect("may go on");
        refused(sender.finish_stream(), MisuseError::InvalidUtf8);
        assert_eq!(sender.output(), b"");
        sender.stream(b"\xa9").expect("still under way");
        sender.finish_stream().expect("text");
        assert_eq!(
            sender.output(),
            "\u{81}\u{5}café".chars().take(2).map(|c| c as u8).chain("café".bytes()).collect::<Vec<_>>()
        );
    }
}

#[test]
fn control_frames_come_between_the_chunks_of_a_stream_and_data_does_not() {
    let mut connection = server();
    let sender = connection.sender();
    sender.begin_stream(DataKind::Binary, 1).expect("open");
    sender.stream(b"ab").expect("open");
    sender.send(Message::Ping(b"?")).expect("control");
    let under_way = MisuseError::MessageUnderWay;
    refused(sender.send(Message::Text("no")), under_way);
    refused(sender.send_all(&[Message::Text("no")]), under_way);
    refused(sender.begin_message(DataKind::Text, b"no"), under_way);
    refused(sender.continue_message(b"no"), under_way);
    refused(sender.finish_message(b"no"), under_way);
    refused(sender.begin_stream(DataKind::Text, 1), under_way);
    refused(sender.send_frame(RawFrame::new(Opcode::Continuation, b"no")), under_way);
    refused(sender.send_vectored(Message::Text("no")).map(|_| ()), under_way);
    refused(sender.cancel_stream(), under_way);
    sender.finish_stream().expect("under way");
    assert_eq!(sender.output(), b"\x02\x01a\x89\x01?\x80\x01b");

    sender.clear_output();
    sender.begin_stream(DataKind::Binary, 10).expect("open");
    sender.stream(b"given up").expect("open");
    sender.cancel_stream().expect("nothing was queued of it");
    sender.send(Message::Binary(b"!")).expect("open again");
    assert_eq!(sender.output(), b"\x82\x01!");
}

#[test]
fn whatever_a_vectored_write_took_the_rest_is_queued() {
    let expected =
        [frames(1, b"queued", 125), frames(2, b"from where it lies", 125), frames(9, b"", 1)].concat();
    for written in 0..expected.len() - 1 {
        let mut connection = server();
        connection.send(Message::Text("queued")).expect("open");
        let mut transport = Vec::new();
        let pieces = connection.send_vectored(Message::Binary(b"from where it lies")).expect("open");
        pieces.slices().iter().for_each(|slice| transport.extend_from_slice(slice));
        assert_eq!((transport.len(), pieces.length()), (expected.len() - 2, expected.len() - 2));
        transport.truncate(written);
        pieces.wrote(written).expect("as many");
        connection.send(Message::Ping(b"")).expect("open");
        transport.extend_from_slice(connection.output());
        assert_eq!(transport, expected, "{written} bytes written");
    }
    let mut connection = server();
    drop(connection.send_vectored(Message::Binary(b"dropped")).expect("open"));
    assert_eq!(connection.output(), frames(2, b"dropped", 125));
    let pieces = connection.send_vectored(Message::Binary(b"more")).expect("open");
    refused(pieces.wrote(100), MisuseError::MoreThanQueued);
    assert_eq!(connection.output(), [frames(2, b"dropped", 125), frames(2, b"more", 125)].concat());

    // Where it has to be masked there is a copy anyway.
    let mut client = Connection::new(Role::Client, Limits::new()).with_mask_keys(|| [0; 4]);
    let pieces = client.send_vectored(Message::Binary(b"a")).expect("open");
    assert_eq!(pieces.slices().map(|slice| slice.len()), [7, 0, 0]);
    drop(pieces);
    refused(client.send_vectored(Message::Ping(&[0; 126])).map(|_| ()), MisuseError::ControlTooLong);
}

#[test]
fn the_queue_has_a_limit_to_the_byte() {
    for role in [Role::Server, Role::Client] {
        let header = if role == Role::Server { 2 } else { 6 };
        let full = MisuseError::OutputFull { limit: 100 };
        let make = || Connection::new(role, Limits::new()).with_output_limit(100);
        let longest = vec![0; 100 - header];
        let mut connection = make();
        connection.send(Message::Binary(&longest)).expect("as many as may be");
        assert_eq!(connection.output().len(), 100);
        let before = connection.output().to_vec();
        let sender = connection.sender();
        refused(sender.send(Message::Text("")), full);
        refused(sender.send(Message::Ping(b"")), full);
        refused(sender.send_all(&[Message::Text("")]), full);
        refused(sender.begin_message(DataKind::Text, b""), full);
        refused(sender.send_frame(RawFrame::new(Opcode::Text, b"")), full);
        refused(sender.send_vectored(Message::Text("")).map(|_| ()), full);
        sender.begin_stream(DataKind::Text, 1).expect("nothing is queued yet");
        refused(sender.stream(b"a"), full);
        let result = sender.stream_from(&mut io::repeat(b'a'));
        assert!(matches!(result, Err(StreamError::Send(Error::Misuse(error))) if error == full));
        refused(sender.finish_stream(), full);
        sender.cancel_stream().expect("nothing was queued");
        assert_eq!(connection.output(), before);
        connection.advance_output(header).expect("as many");
        connection.send(Message::Text("")).expect("there is room again");
        connection.close(None).expect("always room");
        assert_eq!(connection.output().len(), 100 + header);

        refused(make().send(Message::Binary(&[&longest[..], &[0]].concat())), full);
        let halves = [Message::Binary(&longest[..50]), Message::Binary(&longest[..50])];
        let mut connection = make();
        refused(connection.sender().send_all(&halves), full);
        assert_eq!(connection.output(), b"");
    }
}

#[test]
fn a_message_in_frames_has_room_to_the_byte() {
    let payload = [7; 260];
    for role in [Role::Server, Role::Client] {
        for (frame_size, length) in (1..=260).flat_map(|size| [size, 200, 260].map(|length| (size, length))) {
            let with_limit = |limit| {
                Connection::new(role, Limits::new()).with_frame_size(frame_size).with_output_limit(limit)
            };
            let message = Message::Binary(&payload[..length]);
            let mut free = with_limit(usize::MAX);
            free.send(message).expect("room");
            let needed = free.output().len();
            let mut exact = with_limit(needed);
            exact.send(message).expect("just as much room");
            let mut exact = with_limit(needed + 2 * needed);
            exact.sender().send_all(&[message; 3]).expect("just as much room");
            let full = MisuseError::OutputFull { limit: needed - 1 };
            refused(with_limit(needed - 1).send(message), full);
            refused(with_limit(needed - 1).sender().send_all(&[message]), full);
        }
    }
}

#[test]
fn a_chunk_that_no_queue_can_hold_is_refused_before_its_stream_begins() {
    for (role, header) in [(Role::Server, 2), (Role::Client, 6)] {
        let mut connection = Connection::new(role, Limits::new()).with_output_limit(100);
        let sender = connection.sender();
        let longest = 100 - header;
        for chunk in [longest + 1, 1 << 20, usize::MAX] {
            refused(sender.begin_stream(DataKind::Text, chunk), MisuseError::ChunkTooLong { limit: 100 });
        }
        sender.send(Message::Ping(b"?")).expect("none is under way");
        sender.clear_output();

        // What is queued can be written: that is no fault of the chunk's.
        sender.begin_stream(DataKind::Binary, longest).expect("it fits");
        sender.send(Message::Ping(b"?")).expect("room");
        let mut source = io::repeat(b'a').take(2 * longest as u64);
        let result = sender.stream_from(&mut source);
        let full = MisuseError::OutputFull { limit: 100 };
        assert!(
            matches!(result, Err(StreamError::Send(Error::Misuse(error))) if error == full),
            "{result:?}"
        );
        sender.clear_output();
        assert!(sender.stream_from(&mut source).expect("it was written"));
        assert_eq!(sender.output().len(), 100);
        sender.clear_output();
        assert!(!sender.stream_from(&mut source).expect("it was written"));
        assert_eq!(sender.output().len(), 100);
    }
}

#[test]
fn a_stream_has_room_for_the_frames_that_it_queues_to_the_byte() {
    for (role, header) in [(Role::Server, 2), (Role::Client, 6)] {
        let mut connection = Connection::new(role, Limits::new()).with_output_limit(100);
        let sender = connection.sender();
        let full = MisuseError::OutputFull { limit: 100 };
        for chunk in [50 - header, 100 - header] {
            let (part, frames) = (vec![7; chunk], 100 / (chunk + header));
            sender.begin_stream(DataKind::Binary, chunk).expect("it fits");
            refused(sender.stream(&part.repeat(frames + 2)), full);
            sender.stream(&part.repeat(frames + 1)).expect("the last is held");
            assert_eq!(sender.output().len(), 100);
            refused(sender.stream(b"!"), full);
            refused(sender.finish_stream(), full);
            sender.clear_output();
            sender.stream(b"!").expect("there is room again");
            sender.clear_output();
            sender.finish_stream().expect("there is room again");
            sender.clear_output();
        }
    }
}

#[test]
fn an_error_s_close_frame_has_room_in_a_full_queue() {
    let mut connection = server().with_output_limit(3);
    connection.send(Message::Text("a")).expect("room");
    connection.push(b"\x83\x80\0\0\0\0");
    assert!(connection.next_event().is_err());
    assert_eq!(connection.output(), b"\x81\x01a\x88\x02\x03\xea");
}

#[test]
fn pings_are_answered_and_of_a_flood_the_last() {
    let ping = |number: u32| {
        let mut bytes = vec![0x89, 0x80 | 125, 0, 0, 0, 0];
        bytes.extend([0; 121]);
        bytes.extend(number.to_be_bytes());
        bytes
    };
    let pongs = |bytes: &[u8]| -> Vec<u32> {
        let (messages, error) = decode_pieces(&mut plain(Role::Client), [bytes]);
        assert_eq!(error, None);
        let number = |message| match message {
            Owned::Pong(payload) => u32::from_be_bytes(payload[121..].try_into().expect("four bytes")),
            other => panic!("{other:?} was not asked for"),
        };
        messages.into_iter().map(number).collect()
    };
    let mut connection = server();
    for number in 0..10_000 {
        connection.push(&ping(number));
        assert!(matches!(connection.next_event(), Ok(Some(wscodec::Event::Message(Message::Ping(_))))));
        assert!(connection.output().len() <= 4 << 10, "the queue has a bound");
    }
    let first = pongs(connection.output());
    assert!(first.len() > 10 && first.iter().copied().eq(0..u32::try_from(first.len()).expect("few")));
    // While some of them are queued, the last waits.
    connection.advance_output(10).expect("as many");
    let before = connection.output().len();
    connection.advance_output(before - 1).expect("as many");
    assert_eq!(connection.output().len(), 1);
    connection.advance_output(1).expect("as many");
    assert_eq!(pongs(connection.output()), [9_999]);
    connection.clear_output();
    assert_eq!(connection.output(), b"");
    connection.push(&ping(1));
    assert!(connection.next_event().expect("well formed").is_some());
    assert_eq!(pongs(connection.output()), [1]);

    let mut connection = server().with_automatic_pong(false);
    connection.push(b"\x89\x81\0\0\0\0?");
    assert!(connection.next_event().expect("well formed").is_some());
    assert_eq!(connection.output(), b"");
}

type Call = fn(&mut Sender) -> Result<(), Error>;

/// All calls that queue a close frame, each of them an empty one.
const CLOSINGS: [Call; 6] = [
    |sender| sender.close(None),
    |sender| sender.send(Message::Close(None)),
    |sender| sender.send_all(&[Message::Close(None)]),
    |sender| sender.send_frame(RawFrame::new(Opcode::Close, b"")),
    |sender| sender.send_vectored(Message::Close(None)).map(drop),
    |sender| sender.send_prepared(&PreparedMessage::new(Message::Close(None))?),
];

/// A connection with a full queue, and a ping that waits for its answer.
fn full_and_owing_a_pong() -> Connection {
    let mut connection = server().with_output_limit(10);
    connection.send(Message::Text("12345678")).expect("room");
    connection.push(b"\x89\x81\0\0\0\0?");
    assert!(connection.next_event().expect("well formed").is_some());
    assert_eq!(connection.output(), b"\x81\x0812345678");
    connection
}

#[test]
fn a_ping_that_waits_is_answered_before_a_close_frame_and_none_is_after_it() {
    for (which, close) in CLOSINGS.iter().enumerate() {
        let mut connection = full_and_owing_a_pong();
        close(connection.sender()).expect("there is always room");
        connection.push(b"\x89\x81\0\0\0\0!");
        assert!(connection.next_event().expect("well formed").is_some());
        assert_eq!(connection.output(), b"\x81\x0812345678\x8a\x01?\x88\x00", "closing {which}");
    }
}

#[test]
fn a_close_frame_that_can_t_be_sent_leaves_the_pong_that_waits() {
    let bad = [1005_u16, 1006].map(CloseCode::new).map(|code| Some(CloseFrame::new(code, "")));
    let reserved = MisuseError::ReservedCloseCode;
    let mut connection = full_and_owing_a_pong();
    let sender = connection.sender();
    refused(sender.close(bad[0]), reserved(CloseCode::NO_STATUS));
    refused(sender.send_all(&[Message::Close(bad[1])]), reserved(CloseCode::ABNORMAL));
    refused(sender.send_frame(RawFrame::new(Opcode::Close, b"\x03")), MisuseError::TruncatedCloseCode);
    assert_eq!(sender.output(), b"\x81\x0812345678", "nothing was queued");
    sender.clear_output();
    assert_eq!(sender.output(), b"\x8a\x01?", "it is still owed");
}

#[test]
fn messages_before_a_close_frame_have_the_limit_and_those_behind_it_are_refused() {
    let close = Message::Close(None);
    let mut connection = server().with_output_limit(10);
    let sender = connection.sender();
    let all = [Message::Text("1234"), Message::Binary(b"5"), close];
    refused(sender.send_all(&[all[0], all[0], close]), MisuseError::OutputFull { limit: 10 });
    assert_eq!(sender.output(), b"", "none was queued");
    refused(sender.send_all(&[all[0], close, all[0]]), MisuseError::Closed);
    assert_eq!(sender.output(), b"\x81\x041234\x88\x00");

    let mut connection = server().with_output_limit(9);
    connection.sender().send_all(&all).expect("to the byte, but for the close frame");
    assert_eq!(connection.output(), b"\x81\x041234\x82\x015\x88\x00");
}

#[test]
fn a_pong_that_waits_does_not_wait_for_an_empty_queue() {
    let mut connection = server();
    let read = |connection: &mut Connection| {
        for _ in 0..100 {
            connection.push(&[&[0x89, 0x80 | 125, 0, 0, 0, 0][..], &[7; 125]].concat());
            assert!(connection.next_event().expect("well formed").is_some());
        }
    };
    read(&mut connection);
    let pongs = connection.output().len();
    for _ in 0..100 {
        connection.send(Message::Binary(&[0; 100])).expect("room");
    }
    let queued = connection.output().len();
    connection.advance_output(pongs - 1).expect("as many");
    assert_eq!(connection.output().len(), queued - pongs + 1);
    connection.advance_output(1).expect("as many");
    assert_eq!(connection.output().len(), queued - pongs + 127, "it goes behind what is queued");
}

#[test]
fn the_budget_of_pongs_is_whole_again_when_they_are_written() {
    let mut connection = server();
    let flood = |connection: &mut Connection| {
        for _ in 0..100 {
            connection.push(&[&[0x89, 0x80 | 125, 0, 0, 0, 0][..], &[7; 125]].concat());
            assert!(connection.next_event().expect("well formed").is_some());
        }
        connection.output().len()
    };
    let most = flood(&mut connection);
    assert!(most % 127 == 0 && most / 127 > 10);
    for _ in 0..3 {
        connection.clear_output();
        assert_eq!(connection.output().len(), 127, "the one that waited");
        // It counts, and those before don't any more.
        assert_eq!(flood(&mut connection), most);
    }
}

#[test]
fn a_ping_that_waits_gives_way_to_a_later_one() {
    let mut connection = server().with_output_limit(500);
    let ping = |connection: &mut Connection, byte: u8| {
        connection.push(&[0x89, 0x81, 0, 0, 0, 0, byte]);
        assert!(connection.next_event().expect("well formed").is_some());
    };
    connection.send(Message::Binary(&[0; 200])).expect("room");
    ping(&mut connection, b'1');
    connection.send(Message::Binary(&[0; 200])).expect("room");
    ping(&mut connection, b'2');
    // There is room again, and the first is still queued.
    connection.advance_output(150).expect("as many");
    ping(&mut connection, b'3');
    let (mut out, mut rest) = (vec![0x82, 126, 0, 200], vec![]);
    out.extend([0; 200]);
    connection.sender().take_output(&mut rest);
    connection.sender().take_output(&mut rest);
    let mut all = out[..150].to_vec();
    all.extend(rest);
    let (messages, error) = decode_pieces(&mut plain(Role::Client), [&all[..]]);
    let pongs: Vec<_> = messages.into_iter().filter(|message| matches!(message, Owned::Pong(_))).collect();
    assert_eq!((pongs, error), (vec![Owned::Pong(b"1".to_vec()), Owned::Pong(b"3".to_vec())], None));
}

#[test]
fn raw_frames_have_any_fin_and_reserved_bits() {
    let mut connection = server();
    let sender = connection.sender();
    let frame = |fin, rsv, opcode, payload| RawFrame { fin, rsv, opcode, payload };
    sender.send_frame(frame(false, Rsv::RSV2, Opcode::Text, b"\xff")).expect("an extension's");
    sender.send_frame(frame(true, Rsv::RSV1, Opcode::Ping, b"?")).expect("an extension's");
    refused(sender.send_frame(RawFrame::new(Opcode::Binary, b"")), MisuseError::MessageUnderWay);
    refused(sender.send(Message::Text("")), MisuseError::MessageUnderWay);
    sender.send_frame(frame(true, Rsv::NONE, Opcode::Continuation, b"\xfe")).expect("its end");
    refused(sender.send_frame(RawFrame::new(Opcode::Continuation, b"")), MisuseError::NoMessageUnderWay);
    refused(sender.send_frame(RawFrame::new(Opcode::Text, b"\xff")), MisuseError::InvalidUtf8);
    sender.send_frame(frame(false, Rsv::NONE, Opcode::Text, b"\xc3")).expect("cut inside a character");
    refused(sender.send_frame(RawFrame::new(Opcode::Continuation, b"")), MisuseError::InvalidUtf8);
    sender.send_frame(RawFrame::new(Opcode::Continuation, b"\xa9")).expect("the other half");
    for opcode in [Opcode::Close, Opcode::Ping, Opcode::Pong] {
        let open = frame(false, Rsv::NONE, opcode, b"");
        refused(sender.send_frame(open), MisuseError::InvalidFrame(HeaderError::FragmentedControl(opcode)));
        refused(
            sender.send_frame(RawFrame::new(opcode, &[b'a'; 126])),
            match opcode {
                // What the code is comes first.
                Opcode::Close => MisuseError::ReservedCloseCode(CloseCode::new(0x6161)),
                _ => MisuseError::ControlTooLong,
            },
        );
    }
    refused(sender.send_frame(RawFrame::new(Opcode::Close, b"\x03")), MisuseError::TruncatedCloseCode);
    refused(sender.send_frame(RawFrame::new(Opcode::Close, b"\x03\xe8\xff")), MisuseError::InvalidUtf8);
    sender.send_frame(RawFrame::new(Opcode::Close, b"\x03\xe8")).expect("a close frame");
    refused(sender.send_frame(RawFrame::new(Opcode::Ping, b"")), MisuseError::Closed);
    let expected = b"\x21\x01\xff\xc9\x01?\x80\x01\xfe\x01\x01\xc3\x80\x01\xa9\x88\x02\x03\xe8";
    assert_eq!(connection.output(), expected);
    assert_eq!(connection.state(), State::CloseSent);
}

#[test]
fn calls_in_the_wrong_order_are_refused_and_change_nothing() {
    let mut connection = server();
    refused(connection.filled(1), MisuseError::MoreThanRoom);
    let room = connection.room().len();
    refused(connection.filled(room + 1), MisuseError::MoreThanRoom);
    connection.filled(0).expect("none");
    refused(connection.filled(1), MisuseError::MoreThanRoom);
    refused(connection.advance_output(1), MisuseError::MoreThanQueued);
    let none = MisuseError::NoMessageUnderWay;
    let sender = connection.sender();
    refused(sender.continue_message(b""), none);
    refused(sender.finish_message(b""), none);
    refused(sender.stream(b""), none);
    refused(sender.finish_stream(), none);
    refused(sender.cancel_stream(), none);
    assert!(sender.stream_from(&mut io::empty()).is_err());
    sender.begin_message(DataKind::Text, b"a").expect("open");
    refused(sender.begin_stream(DataKind::Text, 1), MisuseError::MessageUnderWay);
    refused(sender.send_vectored(Message::Text("")).map(|_| ()), MisuseError::MessageUnderWay);
    sender.finish_message(b"b").expect("under way");
    let reserved = CloseFrame::new(CloseCode::ABNORMAL, "");
    refused(connection.close(Some(reserved)), MisuseError::ReservedCloseCode(CloseCode::ABNORMAL));
    assert_eq!(connection.state(), State::Open);
    assert_eq!(connection.output(), b"\x01\x01a\x80\x01b");

    // After the transport's end.
    connection.eof();
    assert_eq!(connection.state(), State::Lost);
    refused(connection.send(Message::Text("")), MisuseError::Closed);
    refused(connection.close(None), MisuseError::Closed);
    connection.room();
    connection.filled(5).expect("there was room");
    connection.push(b"\x88");
    assert_eq!(connection.next_event(), Ok(None));

    // After an error.
    let mut connection = server();
    connection.push(b"\xff");
    assert!(connection.next_event().is_err());
    connection.sender().begin_stream(DataKind::Text, 1).expect_err("closed");
    refused(connection.send(Message::Ping(b"")), MisuseError::Closed);
    let memory = connection.memory();
    for _ in 0..100 {
        connection.push(&[0x81; 1000]);
        assert!(connection.next_event().is_err());
    }
    assert!(connection.memory() <= memory + 2000, "what comes now is dropped");
}

#[test]
fn output_goes_to_a_buffer_of_the_caller_s() {
    let mut connection = server();
    let mut out = Vec::new();
    connection.send(Message::Text("one")).expect("open");
    connection.sender().take_output(&mut out);
    connection.send(Message::Text("two")).expect("open");
    connection.advance_output(1).expect("as many");
    connection.sender().take_output(&mut out);
    assert_eq!(out, b"\x81\x03one\x03two");
    assert_eq!(connection.output(), b"");
}

#[test]
fn half_written_output_goes_on_at_the_byte() {
    // Whatever is written when, what comes out is what was sent.
    for step in 1..40 {
        let mut connection = server();
        let (mut out, mut expected) = (Vec::new(), Vec::new());
        for number in 0..200_u8 {
            let payload = vec![number; usize::from(number) % 50];
            connection.send(Message::Binary(&payload)).expect("room");
            expected.extend(frames(2, &payload, 125));
            let written = step.min(connection.output().len());
            out.extend_from_slice(&connection.output()[..written]);
            connection.advance_output(written).expect("as many");
        }
        out.extend_from_slice(connection.output());
        assert!(out == expected, "{step} bytes a write");
    }
}

#[test]
fn a_pong_that_waits_goes_behind_a_message_written_from_where_it_lies() {
    let mut connection = server();
    for _ in 0..100 {
        connection.push(&[&[0x89, 0x80 | 125, 0, 0, 0, 0][..], &[7; 125]].concat());
        assert!(connection.next_event().expect("well formed").is_some());
    }
    let pieces = connection.send_vectored(Message::Binary(b"!")).expect("room");
    let all = pieces.length();
    pieces.wrote(all).expect("as many");
    assert_eq!(connection.output(), [&[0x8a, 125][..], &[7; 125]].concat());
}

#[test]
fn a_ping_after_the_close_frame_is_no_error_and_not_answered() {
    let mut connection = server();
    connection.close(None).expect("open");
    connection.push(b"\x89\x81\0\0\0\0!");
    assert!(connection.next_event().expect("well formed").is_some());
    assert_eq!(connection.output(), b"\x88\x00");
}

#[test]
fn a_queue_that_never_empties_holds_no_more_than_it_is() {
    let mut connection = server();
    connection.send(Message::Binary(&[5; 1_000])).expect("room");
    for _ in 0..1_000 {
        connection.send(Message::Binary(&[5; 1_000])).expect("room");
        connection.advance_output(1_004).expect("as many");
    }
    assert!(connection.memory() < 20_000, "{} bytes", connection.memory());
}
