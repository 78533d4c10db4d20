//! Compressed messages that are streamed in small chunks out of small parts, and what comes of none at all: with every backend,
//! the context taken over and not, in both roles.

mod support;

use std::io::Read;

use support::bits::{BINARY, CONTINUATION, FIN, RSV1, TEXT};
use wscodec::compressors::{Backend, CompressionWish, CompressorConfig, DecompressorConfig};
use wscodec::{Connection, DataKind, Decoder, Encoder, Limits, Message, Role};

/// Both ends of one direction, which goes on from stream to stream.
struct Line {
    sender: Connection,
    receiver: Decoder,
    role: Role,
    name: String,
}

impl Line {
    fn new(role: Role, backend: Backend, takeover: bool) -> Self {
        let peer = if role == Role::Server { Role::Client } else { Role::Server };
        let config = CompressorConfig::default().takeover(takeover);
        let sender = Connection::new(role, Limits::new()).with_compressor(backend, config);
        let config = DecompressorConfig::default().takeover(takeover);
        let receiver = Decoder::new(peer, Limits::new()).with_decompressor(backend, config);
        Self {
            sender: sender.expect("it can"),
            receiver: receiver.expect("it can"),
            role,
            name: format!("{backend}, takeover {takeover}, {role:?}"),
        }
    }

    /// Streams the bytes in parts; gives the payload of each frame.
    fn stream(&mut self, bytes: &[u8], chunk: usize, part: usize) -> Vec<Vec<u8>> {
        self.begin(bytes, chunk);
        let sender = self.sender.sender();
        bytes.chunks(part).for_each(|part| sender.stream(part).expect("there is room"));
        sender.finish_stream().expect("under way");
        self.arrives(bytes, &format!("chunks of {chunk}, parts of {part}"))
    }

    /// The same out of a reader that gives no more than a part at a time.
    fn stream_from(&mut self, bytes: &[u8], chunk: usize, part: usize) -> Vec<Vec<u8>> {
        self.begin(bytes, chunk);
        let mut reader = Parts { rest: bytes, part };
        while self.sender.sender().stream_from(&mut reader).expect("there is room") {}
        self.arrives(bytes, &format!("chunks of {chunk}, reads of {part}"))
    }

    fn begin(&mut self, bytes: &[u8], chunk: usize) {
        let sender = self.sender.sender();
        sender.begin_stream_with(kind(bytes), chunk, CompressionWish::Compress).expect("between messages");
    }

    /// Wants the bytes of the peer, in frames that keep to RFC 7692 section 7.2.1.
    fn arrives(&mut self, bytes: &[u8], how: &str) -> Vec<Vec<u8>> {
        let what = format!("{}: {} bytes in {how}", self.name, bytes.len());
        let payloads = payloads(self.sender.output(), kind(bytes), &what);
        let last = payloads.last().expect("there is a frame");
        if is_plain(self.sender.output()) {
            assert!(payloads.len() == 1 && !bytes.is_empty() && last == bytes, "{what}: {payloads:?}");
        } else {
            assert!(!last.is_empty() && !last.ends_with(&[0, 0, 0xFF, 0xFF]), "{what}: ends in {last:?}");
        }
        self.receiver.push(self.sender.output());
        self.sender.clear_output();
        let message = self.receiver.next_message().unwrap_or_else(|error| panic!("{what}: {error}"));
        let received = match (message, kind(bytes)) {
            (Some(Message::Text(text)), DataKind::Text) => text.as_bytes(),
            (Some(Message::Binary(bytes)), DataKind::Binary) => bytes,
            (other, kind) => panic!("{what}: {other:?} is no {kind:?}"),
        };
        assert!(received == bytes, "{what}");
        payloads
    }
}

/// Some bytes of a message at a time.
struct Parts<'a> {
    rest: &'a [u8],
    part: usize,
}

impl Read for Parts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.part.min(buffer.len());
        self.rest.read(&mut buffer[..length])
    }
}

#[test]
fn streams_of_any_length_arrive_in_chunks_and_parts_of_one_to_ten_bytes() {
    let words = "the same words, again and again; ".repeat(160);
    for mut line in lines() {
        for chunk in (1..=10).chain([100]) {
            // One half in each role.
            let first = 1 + (chunk + usize::from(line.role == Role::Client)) % 2;
            for part in (first..=10).step_by(2) {
                // A long one with some of them: it takes as long as all the others.
                let long = (chunk * part % 7 == 1).then_some(5_000);
                for length in (0..=64).chain(long) {
                    let bytes = &words.as_bytes()[..length];
                    let frames = length.div_ceil(chunk).max(1);
                    assert_eq!(line.stream(bytes, chunk, part).len(), frames, "{}", line.name);
                    assert_eq!(line.stream_from(bytes, chunk, part).len(), frames, "{}", line.name);
                }
            }
        }
    }
}

/// RFC 7692 section 7.2.3.6: a compressed message of no bytes has one.
#[test]
fn an_empty_stream_is_the_one_byte_00() {
    for mut line in lines() {
        for chunk in [1, 10, 100] {
            assert_eq!(line.stream(b"", chunk, 1), [[0]], "{}", line.name);
            assert_eq!(line.stream_from(b"", chunk, 1), [[0]], "{}", line.name);
        }
        if line.role == Role::Server {
            let sender = line.sender.sender();
            sender.begin_stream_with(DataKind::Text, 1, CompressionWish::Compress).expect("between messages");
            sender.finish_stream().expect("under way");
            assert_eq!(sender.output(), b"\xc1\x01\x00", "{}", line.name);
        }
    }
}

/// As of what is not compressed: 4 MiB looked at again for each of 50,000 fragments would take minutes.
#[test]
fn of_compressed_text_nothing_is_looked_at_again_for_each_fragment() {
    let (begin, more) = ("ä".repeat(2 << 20), "ö".repeat(25_000));
    for backend in Backend::available() {
        let config = CompressorConfig::default().takeover(false);
        let mut encoder = Encoder::new(Role::Server).with_compressor(backend, config).expect("it can");
        let mut wire = Vec::new();
        encoder.begin_message(DataKind::Text, begin.as_bytes(), &mut wire).expect("open");
        for byte in more.as_bytes() {
            encoder.continue_message(std::slice::from_ref(byte), &mut wire).expect("under way");
        }
        encoder.finish_message(b"", &mut wire).expect("under way");
        let config = DecompressorConfig::default().takeover(false);
        let decoder = Decoder::new(Role::Client, Limits::new()).with_decompressor(backend, config);
        let mut decoder = decoder.expect("it can");
        decoder.push(&wire);
        let message = decoder.next_message().expect("well formed");
        assert!(message == Some(Message::Text(&[&begin[..], &more].concat())), "{backend}");
    }
}

fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    for backend in Backend::available() {
        for takeover in [false, true] {
            let can = backend.capabilities().takeover && backend.decompressor_capabilities().takeover;
            if can || !takeover {
                lines.extend([Role::Server, Role::Client].map(|role| Line::new(role, backend, takeover)));
            }
        }
    }
    lines
}

/// Either, in turn.
fn kind(bytes: &[u8]) -> DataKind {
    if bytes.len().is_multiple_of(2) { DataKind::Text } else { DataKind::Binary }
}

/// Whether the message is as it is, like one in one frame that would get more than two bytes longer.
fn is_plain(wire: &[u8]) -> bool {
    wire[0] & RSV1 == 0
}

/// Those of the frames of one message, without their masks.
fn payloads(mut wire: &[u8], kind: DataKind, what: &str) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    let rsv = if is_plain(wire) { 0 } else { RSV1 };
    let mut opcode = rsv | if kind == DataKind::Text { TEXT } else { BINARY };
    while let [first, second, rest @ ..] = wire {
        let (length, rest) = match second & 0x7F {
            126 => (usize::from(rest[0]) << 8 | usize::from(rest[1]), &rest[2..]),
            length => (usize::from(length), rest),
        };
        let (key, rest) = if second & 0x80 != 0 { rest.split_at(4) } else { (&[0; 4][..], rest) };
        let (payload, rest) = rest.split_at(length);
        let fin = if rest.is_empty() { FIN } else { 0 };
        assert_eq!(*first, fin | opcode, "{what}: frame {}", payloads.len());
        payloads.push(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect());
        (wire, opcode) = (rest, CONTINUATION);
    }
    payloads
}
