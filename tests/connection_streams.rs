//! Streamed messages, whatever comes between their parts: control frames, partial writes, readers, and the end of a message that is
//! given up. The queue always holds the frames that there are for certain, and no more.

use std::io::{ErrorKind, Read};

use proptest::collection::vec;
use proptest::prelude::*;
use wscodec::compressors::{Backend, CompressionWish, CompressorConfig};
use wscodec::{Connection, DataKind, Limits, Message, MisuseError, Role, StreamError};

#[derive(Clone, Debug)]
enum Step {
    /// Of so many bytes.
    Part(usize),
    /// So many chunks and bytes more.
    Chunks(usize, usize),
    /// `stream_from` a reader with so many bytes, but for the last of them: its end would be the message's.
    Reader(usize),
    Ping(usize),
    /// So many bytes of the output are written.
    Write(usize),
    Take,
    Release,
    Finish,
    Cancel,
}

/// A frame: its first byte, and its payload.
type Frame = (u8, Vec<u8>);

/// What should be on the wire, by the rule alone: all chunks of the message so far but the last one, which may be the message's.
struct Model {
    frames: Vec<Frame>,
    kind: DataKind,
    chunk: usize,
    message: Vec<u8>,
    queued: usize,
}

impl Model {
    fn push(&mut self, part: &[u8]) {
        self.message.extend_from_slice(part);
        while self.message.len() - self.queued * self.chunk > self.chunk {
            let chunk = &self.message[self.queued * self.chunk..][..self.chunk];
            self.frames.push((self.opcode(), chunk.to_vec()));
            self.queued += 1;
        }
    }

    fn finish(&mut self) {
        let rest = self.message[self.queued * self.chunk..].to_vec();
        self.frames.push((0x80 | self.opcode(), rest));
        self.restart();
    }

    fn restart(&mut self) {
        self.message.clear();
        self.queued = 0;
    }

    fn opcode(&self) -> u8 {
        match self.kind {
            _ if self.queued > 0 => 0,
            DataKind::Text => 1,
            DataKind::Binary => 2,
        }
    }
}

/// Byte by byte; frames whose end isn't there are a failure.
fn parse(mut wire: &[u8], role: Role) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let [first, second, rest @ ..] = wire {
        let (length, rest) = match second & 127 {
            126 => (usize::from(rest[0]) << 8 | usize::from(rest[1]), &rest[2..]),
            length => (usize::from(length), rest),
        };
        assert_eq!(second >> 7 == 1, role == Role::Client);
        let (key, rest) = if role == Role::Client { rest.split_at(4) } else { (&[0; 4][..], rest) };
        let payload = rest[..length].iter().enumerate().map(|(place, byte)| byte ^ key[place % 4]);
        frames.push((*first, payload.collect()));
        wire = &rest[length..];
    }
    assert!(wire.is_empty());
    frames
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_usize..400).prop_map(Step::Part),
        6 => (0_usize..4, 0_usize..2).prop_map(|(chunks, more)| Step::Chunks(chunks, more)),
        2 => (2_usize..500).prop_map(Step::Reader),
        4 => (0_usize..125).prop_map(Step::Ping),
        4 => (0_usize..400).prop_map(Step::Write),
        1 => Just(Step::Take),
        1 => Just(Step::Release),
        2 => Just(Step::Finish),
        1 => Just(Step::Cancel),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn the_queue_holds_the_frames_that_there_are_for_certain(
        steps in vec(step(), 0..40),
        chunk in prop_oneof![1_usize..10, 100_usize..300],
        (masked, text) in any::<(bool, bool)>(),
    ) {
        let role = if masked { Role::Client } else { Role::Server };
        let kind = if text { DataKind::Text } else { DataKind::Binary };
        let mut key = 0_u32;
        let keys = move || {
            key = key.wrapping_mul(0x9E37_79B9).wrapping_add(0x1234_5677);
            key.to_le_bytes()
        };
        let mut connection = Connection::new(role, Limits::new()).with_mask_keys(keys);
        let mut model = Model { frames: Vec::new(), kind, chunk, message: Vec::new(), queued: 0 };
        let mut source = (0..128_u8).cycle();
        let mut written = Vec::new();
        connection.sender().begin_stream(kind, chunk).expect("open");
        for step in &steps {
            let sender = connection.sender();
            match *step {
                Step::Part(_) | Step::Chunks(..) => {
                    let length = match *step {
                        Step::Chunks(chunks, more) => chunks * chunk + more,
                        Step::Part(length) => length,
                        _ => 0,
                    };
                    let part: Vec<u8> = source.by_ref().take(length).collect();
                    sender.stream(&part).expect("room");
                    model.push(&part);
                }
                Step::Reader(length) => {
                    let bytes: Vec<u8> = source.by_ref().take(length).collect();
                    let mut reader = &bytes[..];
                    // A call reads up to two chunks, and not the end.
                    while reader.len() > 2 * chunk {
                        prop_assert!(sender.stream_from(&mut reader).expect("room"));
                    }
                    model.push(&bytes[..length - reader.len()]);
                }
                Step::Ping(length) => {
                    let payload: Vec<u8> = source.by_ref().take(length).collect();
                    sender.send(Message::Ping(&payload)).expect("room");
                    model.frames.push((0x89, payload));
                }
                Step::Write(bytes) => {
                    let bytes = bytes.min(sender.output().len());
                    written.extend_from_slice(&sender.output()[..bytes]);
                    sender.advance_output(bytes).expect("as many");
                }
                Step::Take => sender.take_output(&mut written),
                Step::Release => connection.release(),
                Step::Finish => {
                    sender.finish_stream().expect("under way");
                    model.finish();
                    sender.begin_stream(kind, chunk).expect("open");
                }
                Step::Cancel => {
                    let cancelled = sender.cancel_stream();
                    if model.queued > 0 {
                        prop_assert_eq!(cancelled, Err(MisuseError::MessageUnderWay));
                    } else {
                        cancelled.expect("nothing was queued");
                        model.restart();
                        sender.begin_stream(kind, chunk).expect("open");
                    }
                }
            }
            let wire = [&written, connection.output()].concat();
            prop_assert_eq!(&parse(&wire, role), &model.frames);
        }
    }
}

/// What a reader does when it is called.
#[derive(Clone, Copy, Debug)]
enum Reading {
    /// At most so many bytes.
    Gives(usize),
    Fails(ErrorKind),
    /// No bytes, and more behind them for the message after this one.
    Ends,
}

/// After the last call it gives all that there is room for.
struct Scripted<'a> {
    bytes: &'a [u8],
    script: std::slice::Iter<'a, Reading>,
    taken: Vec<u8>,
    ended: bool,
}

impl Read for Scripted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        assert!(!self.ended && !buffer.is_empty(), "not called after the end, nor for nothing");
        let most = match self.script.next() {
            Some(Reading::Gives(bytes)) => *bytes,
            Some(Reading::Fails(kind)) => {
                // Nobody may take what is behind a failure for the message's.
                buffer.fill(0xEE);
                return Err((*kind).into());
            }
            Some(Reading::Ends) => 0,
            None => usize::MAX,
        };
        let bytes = most.min(buffer.len()).min(self.bytes.len());
        let (given, rest) = self.bytes.split_at(bytes);
        buffer[..bytes].copy_from_slice(given);
        buffer[bytes..].fill(0xEE);
        self.taken.extend_from_slice(given);
        self.bytes = rest;
        self.ended = bytes == 0;
        Ok(bytes)
    }
}

fn reading() -> impl Strategy<Value = Reading> {
    use ErrorKind::{ConnectionReset, Interrupted, WouldBlock};
    prop_oneof![
        8 => prop_oneof![1_usize..8, 1_usize..400].prop_map(Reading::Gives),
        3 => prop::sample::select(vec![Interrupted, WouldBlock, ConnectionReset]).prop_map(Reading::Fails),
        1 => Just(Reading::Ends),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// Whatever the reader does, and however much is written between the calls: the frames are those of the bytes that it gave, and
    /// each call queues one at the most.
    #[test]
    fn a_readers_bytes_are_the_message_whatever_it_does(
        messages in vec((0_usize..1500, vec(reading(), 0..12)), 1..4),
        chunk in prop_oneof![1_usize..10, 100_usize..300],
        writes in vec(prop_oneof![Just(usize::MAX), 0_usize..400], 1..6),
        masked in any::<bool>(),
        compressor in any::<bool>(),
    ) {
        let role = if masked { Role::Client } else { Role::Server };
        let mut connection = Connection::new(role, Limits::new()).with_mask_keys(|| *b"keys");
        let backend = Backend::available().next().filter(|_| compressor);
        if let Some(backend) = backend {
            // It is there, and not used: the chunk then comes by another way.
            connection = connection.with_compressor(backend, CompressorConfig::default()).expect("it can");
        }
        let sender = connection.sender();
        let (mut wire, mut expected) = (Vec::new(), Vec::new());
        let mut writes = writes.iter().cycle();
        for (length, script) in &messages {
            let bytes: Vec<u8> = (0..=250_u8).cycle().take(*length).collect();
            let script = script.iter();
            let mut reader = Scripted { bytes: &bytes, script, taken: Vec::new(), ended: false };
            sender.begin_stream_with(DataKind::Binary, chunk, CompressionWish::Plain).expect("open");
            loop {
                let before = sender.output().len();
                let result = sender.stream_from(&mut reader);
                let done = matches!(result, Ok(false));
                let queued = parse(&sender.output()[before..], role).len();
                match result {
                    Ok(more) => {
                        prop_assert!(queued == 1 || (more && queued == 0));
                        prop_assert_eq!(more, !reader.ended);
                    }
                    Err(StreamError::Read(error)) => {
                        prop_assert_ne!(error.kind(), ErrorKind::Interrupted);
                        prop_assert_eq!(queued, 0);
                    }
                    Err(error) => panic!("{error}"),
                }
                let bytes = sender.output().len();
                // Whole frames, for the parser.
                if *writes.next().expect("a cycle") >= bytes {
                    wire.extend_from_slice(sender.output());
                    sender.clear_output();
                }
                if done {
                    break;
                }
            }
            let mut model =
                Model { frames: Vec::new(), kind: DataKind::Binary, chunk, message: Vec::new(), queued: 0 };
            model.push(&reader.taken);
            model.finish();
            expected.extend(model.frames);
        }
        wire.extend_from_slice(sender.output());
        prop_assert_eq!(parse(&wire, role), expected);
    }
}

/// Masked chunks are validated when they come, others when they are queued.
#[test]
fn text_that_ends_inside_a_character_may_go_on() {
    for role in [Role::Server, Role::Client] {
        let mut connection = Connection::new(role, Limits::new()).with_mask_keys(|| *b"keys");
        let sender = connection.sender();
        sender.begin_stream(DataKind::Text, 4).expect("open");
        sender.stream(b"caf\xc3").expect("may go on");
        assert_eq!(sender.finish_stream(), Err(MisuseError::InvalidUtf8.into()));
        assert_eq!(sender.output(), b"");
        sender.stream(b"\xa9").expect("still under way");
        sender.finish_stream().expect("text");
        let expected = vec![(1, b"caf\xc3".to_vec()), (0x80, b"\xa9".to_vec())];
        assert_eq!(parse(sender.output(), role), expected);

        sender.clear_output();
        sender.begin_stream(DataKind::Text, 4).expect("open");
        let bad = sender.stream(b"caf\xff").and_then(|()| sender.finish_stream());
        assert_eq!(bad, Err(MisuseError::InvalidUtf8.into()));
        assert_eq!(sender.output(), b"");
        sender.cancel_stream().expect("nothing was queued");
        sender.send(Message::Text("open again")).expect("open");
    }
}
