//! Messages handed out as they arrive, against the same bytes gathered; the memory that it takes; and wishes for what is
//! sent in fragments.

mod support;

use support::Random;
use wscodec::compressors::{Backend, CompressionWish, CompressorConfig, DecompressorConfig};
use wscodec::kernel::Rsv;
use wscodec::{
    CloseCode, CloseFrame, Connection, DataKind, Encoder, Error, Event, LimitError, Limits, Message,
    OwnedMessage, ProtocolError, Role,
};

/// What came, messages put together, and the error at the end.
type Outcome = (Vec<OwnedMessage>, Option<Error>);

#[test]
fn parts_together_are_the_messages_however_the_bytes_come() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let backend = [None, backend()][random.below(2)];
        let stream = traffic(&mut random, backend);
        let gathered = events(connection(backend, Limits::new()), &stream, || stream.len());
        assert!(gathered.1.is_none() && gathered.0.len() > 5);
        for longest in [1, 3, 50, 5_000, 100_000] {
            let receiver = connection(backend, Limits::new()).with_fragments();
            let parts = events(receiver, &stream, || 1 + random.below(longest));
            assert!(parts == gathered, "seed {seed}, reads of up to {longest}");
        }
    }
}

/// Also where the stream is broken: the same error, after no message less.
#[test]
fn errors_and_limits_are_those_of_gathered_messages() {
    let limits = Limits::new().with_frame(4_000).with_message(6_000).with_fragments(9);
    let mut errors = 0;
    for seed in 0..1_500 {
        let mut random = Random::new(seed);
        let backend = [None, backend()][random.below(2)];
        let mut stream = traffic(&mut random, backend);
        for _ in 0..random.below(3) {
            let place = random.below(stream.len());
            stream[place] ^= 1 << random.below(8);
        }
        let gathered = events(connection(backend, limits), &stream, || 700);
        let parts = events(connection(backend, limits).with_fragments(), &stream, || 1 + random.below(2_000));
        assert!(parts.0 == gathered.0, "seed {seed}");
        // Where one frame breaks two rules, either may be told; and compressed data is looked at as it comes, so its error need
        // not wait for the rest of the frame.
        assert!(parts.1.is_some() || gathered.1.is_none(), "seed {seed}");
        assert!(parts.1.is_none() || gathered.1.is_some() || backend.is_some(), "seed {seed}");
        errors += usize::from(parts.1.is_some());
    }
    assert!(errors > 300, "{errors}");
}

/// It counts what is inflated against what has come until then: whole frames where they are gathered, and less in parts.
#[test]
fn a_ratio_is_that_of_the_message_so_far_so_that_parts_are_held_to_it_more_strictly() {
    let mut random = Random::new(1);
    let noise: Vec<u8> = (0..2_000).map(|_| random.byte()).collect();
    let run = vec![0; 100_000];
    for backend in Backend::available() {
        let in_parts = |limits| connection(Some(backend), limits).with_fragments();
        let in_one = |limits| connection(Some(backend), limits);
        for (message, dense_first) in
            [([&run[..], &noise].concat(), true), ([&noise[..], &run].concat(), false)]
        {
            let (stream, ratio) = in_one_frame(backend, &message);
            let expected = (vec![OwnedMessage::Binary(message)], None);
            let refused = |ratio| (Vec::new(), Some(Error::Limit(LimitError::RatioTooHigh { ratio })));

            let limits = Limits::new().with_ratio(Some(ratio));
            assert!(events(in_one(limits), &stream, || stream.len()) == expected, "{backend}");
            let parts = events(in_parts(limits), &stream, || stream.len());
            if dense_first && backend.decompressor_capabilities().streaming {
                assert!(parts == refused(ratio), "{backend}: the rest of the frame does not count yet");
            } else {
                assert!(parts == expected, "{backend}");
            }

            let over = Limits::new().with_ratio(Some(ratio - 1));
            for make in [&in_one as &dyn Fn(Limits) -> Connection, &in_parts] {
                assert!(events(make(over), &stream, || stream.len()) == refused(ratio - 1), "{backend}");
                // As much as DEFLATE can make of a byte is taken however it comes.
                for longest in [1, 100, 1_000] {
                    let limits = Limits::new().with_ratio(Some(1_032));
                    assert!(events(make(limits), &stream, || longest) == expected, "{backend}, {longest}");
                }
            }
        }
    }
}

#[test]
fn a_huge_frame_passes_through_a_small_buffer() {
    const LENGTH: u64 = 256 << 20;
    let limits = Limits::new().with_frame(usize::MAX).with_message(usize::MAX);
    let mut connection = Connection::new(Role::Client, limits).with_fragments().with_read_size(64 << 10);
    connection.push(&[&[0x82, 127], &LENGTH.to_be_bytes()[..]].concat());
    assert_eq!(connection.next_event(), Ok(None), "a header alone is no part");
    let (mut left, mut first) = (LENGTH, true);
    while left > 0 {
        let room = connection.room();
        let bytes = room.len().min(usize::try_from(left).unwrap());
        left -= bytes as u64;
        connection.filled(bytes).unwrap();
        let Ok(Some(Event::Fragment(part))) = connection.next_event() else { panic!("{left} left") };
        assert_eq!((part.payload.len(), part.is_first, part.is_last), (bytes, first, left == 0));
        first = false;
        assert_eq!(connection.next_event(), Ok(None));
        assert!(connection.memory() < 128 << 10, "{} bytes", connection.memory());
    }
}

#[test]
fn what_inflates_to_much_comes_in_parts_of_half_a_mebibyte_at_most() {
    let Some(backend) = backend() else { return };
    let message = vec![0; 32 << 20];
    let mut stream = Vec::new();
    let encoder = Encoder::new(Role::Server).with_compressor(backend, CompressorConfig::default());
    encoder.unwrap().encode(Message::Binary(&message), &mut stream).unwrap();
    let mut connection = connection(Some(backend), Limits::new()).with_fragments();
    connection.push(&stream);
    let (mut length, mut longest, mut parts) = (0, 0, 0);
    while let Some(Event::Fragment(part)) = connection.next_event().unwrap() {
        assert_eq!(
            (part.is_first, part.is_last),
            (length == 0, length + part.payload.len() == message.len())
        );
        length += part.payload.len();
        longest = longest.max(part.payload.len());
        parts += 1;
        if parts % 7 == 0 {
            // What is not given yet stays.
            connection.room();
            connection.release();
        }
        assert!(connection.memory() < 2 << 20, "{} bytes", connection.memory());
    }
    assert!(length == message.len() && longest <= (16 << 10) + 512 * 1032, "{longest}");
    assert_eq!(connection.compressed_messages_received(), 1);
}

#[test]
fn text_fails_with_its_first_wrong_byte_after_the_parts_before() {
    let mut connection = Connection::new(Role::Client, Limits::new()).with_fragments();
    // A character over two frames, with a ping between.
    connection.push(b"\x01\x02a\xC3\x89\x00\x00\x02\xA9\xC3");
    let mut parts = Vec::new();
    while let Some(event) = connection.next_event().unwrap() {
        match event {
            Event::Fragment(part) => {
                parts.push((part.kind, part.payload.to_vec(), part.is_first, part.is_last));
            }
            event => assert_eq!(event, Event::Message(Message::Ping(b""))),
        }
    }
    let text = DataKind::Text;
    assert_eq!(parts, [(text, b"a\xC3".to_vec(), true, false), (text, b"\xA9\xC3".to_vec(), false, false)]);
    // The last one is cut short, and an empty frame ends the message.
    connection.push(b"\x80\x00");
    assert_eq!(connection.next_event(), Err(Error::Protocol(ProtocolError::InvalidUtf8)));
    assert_eq!(connection.output().len(), 6 + 8, "a pong, and a close frame with a code");
}

#[test]
fn a_message_over_the_limit_ends_with_the_header_that_shows_it() {
    let limits = Limits::new().with_message(4);
    let mut connection = Connection::new(Role::Client, limits).with_fragments();
    connection.push(b"\x02\x03one\x80\x02");
    assert!(matches!(connection.next_event(), Ok(Some(Event::Fragment(_)))));
    let error = Error::Limit(LimitError::MessageTooLong { limit: 4 });
    assert_eq!(connection.next_event(), Err(error));
    assert_eq!(connection.next_event(), Err(error));
}

#[test]
fn parts_tell_what_an_extension_marked() {
    let connection = Connection::new(Role::Client, Limits::new()).with_reserved_bits(Rsv::RSV2);
    let mut connection = connection.with_fragments();
    connection.push(b"\x21\x01\xFF\x80\x00\x81\x01a");
    for (rsv, payload, is_first, is_last) in
        [(Rsv::RSV2, &b"\xFF"[..], true, false), (Rsv::RSV2, b"", false, true), (Rsv::NONE, b"a", true, true)]
    {
        let Ok(Some(Event::Fragment(part))) = connection.next_event() else { panic!() };
        assert_eq!(
            (part.kind, part.rsv, part.payload, part.is_first, part.is_last),
            (DataKind::Text, rsv, payload, is_first, is_last)
        );
    }
}

#[test]
fn the_closing_handshake_is_as_ever() {
    let mut connection = Connection::new(Role::Client, Limits::new()).with_fragments();
    connection.push(b"\x02\x01a\x88\x02\x03\xE8\x80\x01b");
    assert!(matches!(connection.next_event(), Ok(Some(Event::Fragment(_)))));
    let close = Message::Close(Some(CloseFrame::new(CloseCode::NORMAL, "")));
    assert_eq!(connection.next_event(), Ok(Some(Event::Message(close))));
    assert_eq!(connection.next_event(), Ok(None), "nothing counts behind it");
    assert!(!connection.output().is_empty());
}

#[test]
fn the_first_fragment_takes_the_wish_for_all() {
    let Some(backend) = backend() else { return };
    let words = b"the same words, the same words, ".repeat(8);
    for (wish, compressed) in
        [(CompressionWish::Auto, true), (CompressionWish::Plain, false), (CompressionWish::Compress, true)]
    {
        for part in [words.len(), words.len() / 2, 10] {
            let config = CompressorConfig::default();
            let mut connection =
                Connection::new(Role::Server, Limits::new()).with_compressor(backend, config).unwrap();
            let sender = connection.sender();
            // By the policy alone, ten bytes are not worth it.
            let compressed = compressed && (part > 64 || wish == CompressionWish::Compress);
            sender.begin_message_with(DataKind::Binary, &words[..part], wish).unwrap();
            sender.finish_message(&words[part..]).unwrap();
            assert_eq!(sender.output()[0], if compressed { 0x42 } else { 0x02 }, "{wish:?}, {part}");
            sender.clear_output();
            sender.begin_stream_with(DataKind::Binary, part, wish).unwrap();
            sender.stream(&words).unwrap();
            sender.finish_stream().unwrap();
            assert_eq!(sender.output()[0] & 0x40 != 0, compressed, "{wish:?}, chunks of {part}");
        }
    }
}

/// A message in one compressed frame of a server's, and how many times as long it is as that frame's payload, rounded up.
fn in_one_frame(backend: Backend, message: &[u8]) -> (Vec<u8>, u32) {
    let config = CompressorConfig::default().takeover(false);
    let mut encoder = Encoder::new(Role::Server).with_compressor(backend, config).expect("it can");
    let mut stream = Vec::new();
    encoder.encode(Message::Binary(message), &mut stream).expect("open");
    assert_eq!(stream[..2], [0xC2, 126], "compressed, and longer than 125 bytes");
    let ratio = message.len().div_ceil(stream.len() - 4);
    (stream, u32::try_from(ratio).expect("at most 1,032"))
}

fn backend() -> Option<Backend> {
    Backend::available()
        .find(|backend| backend.capabilities().streaming && backend.decompressor_capabilities().streaming)
}

fn connection(backend: Option<Backend>, limits: Limits) -> Connection {
    let connection = Connection::new(Role::Client, limits);
    match backend {
        None => connection,
        Some(backend) => {
            connection.with_decompressor(backend, DecompressorConfig::default()).expect("it is allowed")
        }
    }
}

/// Messages of any kind from a server, whole and in fragments, with pings between.
fn traffic(random: &mut Random, backend: Option<Backend>) -> Vec<u8> {
    let encoder = Encoder::new(Role::Server);
    let mut encoder = match backend {
        None => encoder,
        Some(backend) => {
            encoder.with_compressor(backend, CompressorConfig::default()).expect("it is allowed")
        }
    };
    let mut out = Vec::new();
    for _ in 0..6 + random.below(10) {
        let length = [random.below(20), random.below(200), random.below(9_000)][random.below(3)];
        let text: String = "häppy wörds 🙂 ".chars().cycle().take(length).collect();
        let kind = [DataKind::Text, DataKind::Binary][random.below(2)];
        let message = match kind {
            DataKind::Text => Message::Text(&text),
            DataKind::Binary => Message::Binary(text.as_bytes()),
        };
        if random.below(2) == 0 {
            encoder.encode(message, &mut out).expect("it is allowed");
            continue;
        }
        encoder.begin_message(kind, b"", &mut out).expect("it is allowed");
        for part in text.as_bytes().chunks(1 + random.below(2_000)) {
            encoder.continue_message(part, &mut out).expect("it is allowed");
            if random.below(3) == 0 {
                encoder.encode(Message::Ping(&part[..part.len().min(125)]), &mut out).expect("it is allowed");
            }
        }
        encoder.finish_message(b"", &mut out).expect("it is allowed");
    }
    out
}

fn events(mut connection: Connection, stream: &[u8], mut next: impl FnMut() -> usize) -> Outcome {
    let (mut messages, mut under_way) = (Vec::new(), None::<(DataKind, Vec<u8>)>);
    let mut rest = stream;
    while !rest.is_empty() {
        let (bytes, after) = rest.split_at(next().min(rest.len()));
        rest = after;
        connection.push(bytes);
        loop {
            match connection.next_event() {
                Ok(None) => break,
                Ok(Some(Event::Message(message))) => messages.push(message.into()),
                Ok(Some(Event::Fragment(part))) => {
                    assert_eq!(part.is_first, under_way.is_none());
                    assert!(part.is_last || !part.payload.is_empty());
                    let (kind, bytes) = under_way.get_or_insert_with(|| (part.kind, Vec::new()));
                    assert_eq!(*kind, part.kind);
                    bytes.extend_from_slice(part.payload);
                    if part.is_last {
                        messages.push(match under_way.take().expect("it is allowed") {
                            (DataKind::Text, bytes) => {
                                OwnedMessage::Text(String::from_utf8(bytes).expect("validated"))
                            }
                            (DataKind::Binary, bytes) => OwnedMessage::Binary(bytes),
                        });
                    }
                }
                Ok(Some(event)) => panic!("{event:?}"),
                Err(error) => return (messages, Some(error)),
            }
        }
    }
    (messages, None)
}
