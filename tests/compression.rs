//! permessage-deflate through the codec: every backend by name, each with and without takeover, through one suite.

mod support;

use support::bits::{BINARY, CLOSE, CONTINUATION, FIN, PING, RSV1, TEXT};
use support::{Frame, KEY, Owned, decode_every_split, decode_pieces, frames_for, take_all};
use wscodec::compressors::{
    Backend, CompressionPolicy, CompressionWish, CompressorConfig, DecompressorConfig,
};
use wscodec::{
    CloseCode, DataKind, Decoder, Encoder, Error, LimitError, Limits, Message, ProtocolError, Role,
};

/// A backend and a takeover mode that it can.
#[derive(Clone, Copy, Debug)]
struct Setup {
    backend: Backend,
    takeover: bool,
}

fn setups() -> Vec<Setup> {
    let mut setups = Vec::new();
    for backend in Backend::available() {
        for takeover in [false, true] {
            let can = backend.capabilities().takeover && backend.decompressor_capabilities().takeover;
            if can || !takeover {
                setups.push(Setup { backend, takeover });
            }
        }
    }
    setups
}

impl Setup {
    fn decoder(self, role: Role, limits: Limits) -> Decoder {
        let config = DecompressorConfig::default().takeover(self.takeover);
        Decoder::new(role, limits).with_decompressor(self.backend, config).expect("within its capabilities")
    }

    fn encoder(self, role: Role) -> Encoder {
        let config = CompressorConfig::default().takeover(self.takeover);
        let everything = CompressionPolicy::default().threshold(0).skip_random(false);
        let encoder = Encoder::new(role).with_compression_policy(everything);
        encoder.with_compressor(self.backend, config).expect("within its capabilities")
    }

    fn payload(self, message: &[u8]) -> Vec<u8> {
        let config = CompressorConfig::default().takeover(false);
        let mut payload = Vec::new();
        let mut compressor = self.backend.compressor(config).expect("within its capabilities");
        compressor.compress(message, &mut payload).expect("it compresses");
        payload
    }
}

fn peer(role: Role) -> Role {
    match role {
        Role::Server => Role::Client,
        Role::Client => Role::Server,
    }
}

/// Messages of all kinds whose later ones repeat the earlier, some empty.
fn conversation() -> Vec<Owned> {
    let mut messages =
        vec![Owned::Text(String::new()), Owned::Binary(Vec::new()), Owned::Ping(b"p".to_vec())];
    for number in 0..12 {
        messages
            .push(Owned::Text(format!("{{\"symbol\":\"größe-{number}\",\"price\":{}}} 你好 😀", number * 7)));
        messages.push(Owned::Binary((0..200_u8).map(|byte| byte.wrapping_mul(number)).collect()));
    }
    messages.extend([
        Owned::Pong(b"q".to_vec()),
        Owned::Text(String::new()),
        Owned::Close(Some((1000, "é".into()))),
    ]);
    messages
}

#[test]
fn some_backend_is_compiled_in() {
    assert!(
        cfg!(not(any(feature = "zlib-rs", feature = "flate2", feature = "libdeflate")))
            || !setups().is_empty()
    );
}

#[test]
fn a_conversation_comes_back_whole_and_in_pieces() {
    for setup in setups() {
        for role in [Role::Server, Role::Client] {
            let (mut encoder, mut wire) = (setup.encoder(role), Vec::new());
            let messages = conversation();
            for message in &messages {
                encoder.encode(message.borrow(), &mut wire).expect("may be sent");
            }
            for piece in [wire.len(), 1, 2, 3, 7, 64, 1000] {
                let mut decoder = setup.decoder(peer(role), Limits::new());
                let outcome = decode_pieces(&mut decoder, wire.chunks(piece));
                assert_eq!(outcome, (messages.clone(), None), "{setup:?} {role:?} pieces of {piece}");
            }
        }
    }
}

#[test]
fn a_short_conversation_cut_at_every_byte() {
    for setup in setups() {
        let (mut encoder, mut wire) = (setup.encoder(Role::Client), Vec::new());
        let messages =
            [Owned::Text("Hello Hello".into()), Owned::Binary(vec![1; 30]), Owned::Text("Hello".into())];
        for message in &messages {
            encoder.encode(message.borrow(), &mut wire).expect("may be sent");
        }
        let outcome = decode_every_split(|| setup.decoder(Role::Server, Limits::new()), &wire);
        assert_eq!(outcome, (messages.to_vec(), None), "{setup:?}");
    }
}

#[test]
fn every_size_up_to_a_mebibyte() {
    for setup in setups() {
        let (mut encoder, mut decoder) =
            (setup.encoder(Role::Client), setup.decoder(Role::Server, Limits::new()));
        let noise = noise(1 << 20);
        for length in [0, 1, 63, 125, 126, 127, 4096, 65_535, 65_536, 1 << 20] {
            for message in [Owned::Binary(noise[..length].to_vec()), Owned::Text("ab ".repeat(length / 3))] {
                let mut wire = Vec::new();
                encoder.encode(message.borrow(), &mut wire).expect("may be sent");
                let (messages, error) = decode_pieces(&mut decoder, wire.chunks(16 << 10));
                assert_eq!(error, None);
                assert!(messages == [message], "{setup:?} differs at {length} bytes");
            }
        }
    }
}

#[test]
fn vectors_of_the_rfc() {
    // RFC 7692 section 7.2.3.
    let vectors: [&[u8]; 4] = [
        b"\xf2\x48\xcd\xc9\xc9\x07\x00",
        b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
        b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
        b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
    ];
    let hello = Owned::Text("Hello".into());
    for setup in setups() {
        let make = || setup.decoder(Role::Server, Limits::new());
        for vector in vectors {
            let frames: &[(u8, &[u8])] = &[(FIN | RSV1 | TEXT, vector), (FIN | RSV1 | TEXT, vectors[0])];
            let outcome = decode_every_split(make, &frames_for(Role::Server, frames));
            assert_eq!(outcome, (vec![hello.clone(), hello.clone()], None), "{setup:?} {vector:x?}");
        }
        if setup.takeover {
            let frames: &[(u8, &[u8])] =
                &[(FIN | RSV1 | TEXT, vectors[0]), (FIN | RSV1 | TEXT, b"\xf2\x00\x11\x00\x00")];
            let outcome = decode_every_split(make, &frames_for(Role::Server, frames));
            assert_eq!(outcome, (vec![hello.clone(), hello.clone()], None), "{setup:?}");
        }
    }
}

#[test]
fn compressed_fragments_and_plain_messages_between_them() {
    for setup in setups() {
        let payload = setup.payload("Hello, fragments".as_bytes());
        let (first, rest) = payload.split_at(3);
        let frames: &[(u8, &[u8])] = &[
            // An empty first fragment carries RSV1 for the others; a last one may be empty too.
            (RSV1 | TEXT, b""),
            (CONTINUATION, first),
            (FIN | PING, b"!"),
            (CONTINUATION, rest),
            (FIN | CONTINUATION, b""),
            // Without RSV1 it passes as it is, in one frame and in several.
            (FIN | TEXT, b"plain"),
            (TEXT, b"pl"),
            (FIN | CONTINUATION, b"ain"),
            (RSV1 | BINARY, first),
            (FIN | CONTINUATION, rest),
        ];
        let expected = vec![
            Owned::Ping(b"!".to_vec()),
            Owned::Text("Hello, fragments".into()),
            Owned::Text("plain".into()),
            Owned::Text("plain".into()),
            Owned::Binary(b"Hello, fragments".to_vec()),
        ];
        for role in [Role::Server, Role::Client] {
            let outcome =
                decode_every_split(|| setup.decoder(role, Limits::new()), &frames_for(role, frames));
            assert_eq!(outcome, (expected.clone(), None), "{setup:?}");
        }
    }
}

#[test]
fn rsv1_has_its_place() {
    for setup in setups() {
        let make = || setup.decoder(Role::Server, Limits::new());
        type Frames<'f> = &'f [(u8, &'f [u8])];
        let cases: [(Frames<'_>, ProtocolError); 5] = [
            (&[(RSV1 | TEXT, b""), (FIN | RSV1 | CONTINUATION, b"\0")], ProtocolError::UnexpectedRsv1),
            (&[(TEXT, b""), (FIN | RSV1 | CONTINUATION, b"\0")], ProtocolError::UnexpectedRsv1),
            (&[(FIN | RSV1 | PING, b"")], ProtocolError::UnexpectedRsv1),
            (&[(FIN | RSV1 | CLOSE, b"")], ProtocolError::UnexpectedRsv1),
            (&[(FIN | RSV1 | 0x20 | TEXT, b"\0")], ProtocolError::ReservedBits),
        ];
        for (frames, error) in cases {
            let outcome = decode_every_split(make, &frames_for(Role::Server, frames));
            assert_eq!(outcome, (vec![], Some(error.into())), "{setup:?} {frames:x?}");
        }
    }
}

#[test]
fn the_limit_on_what_is_inflated_is_exact() {
    const LIMIT: usize = 10_000;
    for setup in setups() {
        let limits = Limits::new().with_message(LIMIT);
        for (length, fits) in [(LIMIT - 1, true), (LIMIT, true), (LIMIT + 1, false), (100 * LIMIT, false)] {
            let payload = setup.payload(&vec![b'a'; length]);
            let wire = frames_for(Role::Server, &[(FIN | RSV1 | TEXT, &payload)]);
            let (messages, error) = decode_pieces(&mut setup.decoder(Role::Server, limits), [&wire[..]]);
            let expected = (!fits).then_some(Error::Limit(LimitError::MessageTooLong { limit: LIMIT }));
            assert_eq!((messages.len(), error), (usize::from(fits), expected), "{setup:?} {length}");
        }
        // Noise of exactly the limit is longer compressed, and is taken all the same.
        let noise = noise(LIMIT);
        let payload = setup.payload(&noise);
        let wire = frames_for(Role::Server, &[(FIN | RSV1 | BINARY, &payload)]);
        let outcome = decode_pieces(&mut setup.decoder(Role::Server, limits), [&wire[..]]);
        assert_eq!(outcome, (vec![Owned::Binary(noise)], None), "{setup:?}");
        // On the wire there is a limit too, and it holds at the header.
        let mut wire = Vec::new();
        Frame { first: FIN | RSV1 | BINARY, payload: &vec![0; 2 * LIMIT], key: Some(KEY) }.write(&mut wire);
        let (_, error) = decode_pieces(&mut setup.decoder(Role::Server, limits), [&wire[..8]]);
        assert_eq!(error.and_then(Error::close_code), Some(CloseCode::TOO_BIG), "{setup:?}");
    }
}

#[test]
fn what_inflates_to_no_text_is_no_text() {
    for setup in setups() {
        let payload = setup.payload(b"fine until \xff here");
        let wire = frames_for(Role::Server, &[(FIN | RSV1 | TEXT, &payload)]);
        let outcome = decode_every_split(|| setup.decoder(Role::Server, Limits::new()), &wire);
        assert_eq!(outcome, (vec![], Some(ProtocolError::InvalidUtf8.into())), "{setup:?}");
        let wire = frames_for(Role::Server, &[(FIN | RSV1 | BINARY, &payload)]);
        let (messages, error) = decode_every_split(|| setup.decoder(Role::Server, Limits::new()), &wire);
        assert_eq!((messages.len(), error), (1, None), "{setup:?}");
    }
}

#[test]
fn broken_deflate_data() {
    for setup in setups() {
        // A reserved block type; a stored block whose length and its complement disagree; a message cut short.
        for payload in [&b"\x06\xff\xff"[..], b"\x00\x05\x00\x00\x00Hello\x00", &b"\xf2\x48\xcd"[..]] {
            let wire = frames_for(Role::Server, &[(FIN | RSV1 | BINARY, payload)]);
            let (messages, error) = decode_every_split(|| setup.decoder(Role::Server, Limits::new()), &wire);
            assert_eq!(messages, [], "{setup:?} {payload:x?}");
            assert!(
                matches!(error, Some(Error::Protocol(ProtocolError::BrokenDeflate(_)))),
                "{setup:?} {payload:x?} {error:?}"
            );
            assert_eq!(error.and_then(Error::close_code), Some(CloseCode::INVALID_PAYLOAD));
        }
    }
}

#[test]
fn fragments_are_compressed_as_one_message() {
    for setup in setups() {
        for role in [Role::Server, Role::Client] {
            let (mut encoder, mut wire) = (setup.encoder(role), Vec::new());
            let repeated = "größer, and the same words again and again, größer";
            for cut in 1..repeated.len() {
                let (first, last) = repeated.as_bytes().split_at(cut);
                encoder.begin_message(DataKind::Text, first, &mut wire).expect("may begin");
                encoder.encode(Message::Ping(b"between"), &mut wire).expect("a control frame may be there");
                encoder.continue_message(b"", &mut wire).expect("may go on");
                encoder.finish_message(last, &mut wire).expect("may end");
                encoder.encode(Message::Text(repeated), &mut wire).expect("may be sent");
            }
            let round = [
                Owned::Ping(b"between".to_vec()),
                Owned::Text(repeated.into()),
                Owned::Text(repeated.into()),
            ];
            let expected = round.iter().cloned().cycle().take(3 * (repeated.len() - 1)).collect::<Vec<_>>();
            let decoder = || setup.decoder(peer(role), Limits::new());
            assert_eq!(wire[0], RSV1 | TEXT, "{setup:?}");
            assert_eq!(decode_pieces(&mut decoder(), [&wire[..]]), (expected.clone(), None), "{setup:?}");
            assert_eq!(decode_pieces(&mut decoder(), wire.chunks(1)), (expected.clone(), None), "{setup:?}");
            assert_eq!(decode_pieces(&mut decoder(), wire.chunks(7)), (expected, None), "{setup:?}");
        }
    }
}

#[test]
fn many_messages_go_through_the_compressor_one_by_one() {
    for setup in setups() {
        let text = "the same words again and again, ".repeat(10);
        let messages = [Message::Text(&text); 5];
        let (mut all, mut one_by_one) = (Vec::new(), Vec::new());
        setup.encoder(Role::Server).encode_all(&messages, &mut all).expect("may be sent");
        let mut encoder = setup.encoder(Role::Server);
        for message in messages {
            encoder.encode(message, &mut one_by_one).expect("may be sent");
        }
        assert_eq!((encoder.compressed_messages(), all), (5, one_by_one), "{setup:?}");
    }
}

#[test]
fn text_in_compressed_fragments_fails_with_the_frame_that_has_the_wrong_byte() {
    for setup in setups().into_iter().filter(|s| s.backend.decompressor_capabilities().streaming) {
        let (mut encoder, mut wire) = (setup.encoder(Role::Client), Vec::new());
        let padding = [b'a'; 200];
        for part in [&padding[..], b"\xe2\x82", b"\xac\xff"] {
            let kind = DataKind::Binary;
            if wire.is_empty() {
                encoder.begin_message(kind, part, &mut wire).expect("may begin");
                wire[0] = wire[0] & 0xF0 | TEXT;
            } else {
                encoder.continue_message(part, &mut wire).expect("may go on");
            }
        }
        let mut decoder = setup.decoder(Role::Server, Limits::new());
        let outcome = decode_pieces(&mut decoder, wire.chunks(1));
        assert_eq!(outcome, (vec![], Some(ProtocolError::InvalidUtf8.into())), "{setup:?}");
    }
}

#[test]
fn the_application_may_have_a_wish_for_each_message() {
    for setup in setups() {
        let mut encoder = setup.encoder(Role::Server).with_compression_policy(CompressionPolicy::default());
        let (short, long) = ("short, short, short, short, short", "long enough, ".repeat(20));
        let mut wire = Vec::new();
        let mut first = |text: &str, wish| {
            let start = wire.len();
            encoder.encode_with(Message::Text(text), wish, &mut wire).expect("may be sent");
            wire[start]
        };
        assert_eq!(first(short, CompressionWish::Auto), FIN | TEXT);
        assert_eq!(first(short, CompressionWish::Compress), FIN | RSV1 | TEXT, "{setup:?}");
        assert_eq!(first(&long, CompressionWish::Auto), FIN | RSV1 | TEXT);
        assert_eq!(first(&long, CompressionWish::Plain), FIN | TEXT);
        let expected = [short, short, &long, &long].map(|text| Owned::Text(text.into()));
        let outcome = decode_pieces(&mut setup.decoder(Role::Client, Limits::new()), [&wire[..]]);
        assert_eq!(outcome, (expected.to_vec(), None), "{setup:?}");
    }
}

#[test]
fn no_message_is_longer_for_being_compressed_than_plain_by_more_than_a_header() {
    for setup in setups() {
        let mut encoder = setup.encoder(Role::Server);
        for length in (0..300).chain([5_000, 70_000]) {
            let noise = noise(length);
            let (mut compressed, mut plain) = (Vec::new(), Vec::new());
            encoder.encode(Message::Binary(&noise), &mut compressed).expect("may be sent");
            Encoder::new(Role::Server).encode(Message::Binary(&noise), &mut plain).expect("may be sent");
            assert!(compressed.len() <= plain.len() + 2, "{setup:?} {length}: {}", compressed.len());
        }
    }
}

#[test]
fn idle_connections_give_back_what_they_hold_and_stay_in_step() {
    for setup in setups() {
        let (mut encoder, mut decoder) =
            (setup.encoder(Role::Server), setup.decoder(Role::Client, Limits::new()));
        let text = "the same words again and again, ".repeat(100);
        for round in 0..6 {
            let (mut wire, mut messages) = (Vec::new(), Vec::new());
            encoder.encode(Message::Text(&text), &mut wire).expect("may be sent");
            let (first, second) = wire.split_at(wire.len() / 2);
            for part in [first, second] {
                decoder.push(part);
                if round % 2 == 1 {
                    decoder.release();
                }
                take_all(&mut decoder, &mut messages).expect("in step");
            }
            assert_eq!(messages, [Owned::Text(text.clone())], "{setup:?}");
            if round % 3 == 1 {
                encoder.release();
                decoder.release();
                assert!(encoder.memory() <= 1024, "{setup:?}: {} bytes idle", encoder.memory());
                // With takeover, what the peer may refer to.
                let history = if setup.takeover { (32 << 10) + 1024 } else { 0 };
                assert!(decoder.memory() <= 1024 + history, "{setup:?}: {} bytes idle", decoder.memory());
            }
        }
    }
}

#[test]
fn a_ratio_is_a_limit_too() {
    for setup in setups() {
        let payload = setup.payload(&vec![b'a'; 100_000]);
        let ratio = u32::try_from(100_000_usize.div_ceil(payload.len())).expect("small");
        let wire = frames_for(Role::Server, &[(FIN | RSV1 | BINARY, &payload)]);
        for (ratio, fits) in [(ratio, true), (ratio - 1, false)] {
            let mut decoder = setup.decoder(Role::Server, Limits::new().with_ratio(Some(ratio)));
            let (messages, error) = decode_pieces(&mut decoder, [&wire[..]]);
            let expected = (!fits).then_some(Error::Limit(LimitError::RatioTooHigh { ratio }));
            assert_eq!((messages.len(), error), (usize::from(fits), expected), "{setup:?}");
        }
    }
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    (0..length).map(|_| next()).collect()
}
