//! permessage-deflate through the codec: every backend by name, each with and without takeover, through one suite.

mod support;

use support::bits::{BINARY, CLOSE, CONTINUATION, FIN, PING, RSV1, TEXT};
use support::{Frame, KEY, Owned, decode_every_split, decode_pieces, frames_for};
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
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
        let decompressor = self.backend.decompressor(config).expect("within its capabilities");
        Decoder::new(role, limits).with_decompressor(decompressor)
    }

    fn encoder(self, role: Role) -> Encoder {
        let config = CompressorConfig::default().takeover(self.takeover);
        let compressor = self.backend.compressor(config).expect("within its capabilities");
        Encoder::new(role).with_compressor(compressor).with_compression_threshold(0)
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
fn fragments_are_sent_plain_between_compressed_messages() {
    for setup in setups() {
        let (mut encoder, mut wire) = (setup.encoder(Role::Server), Vec::new());
        let repeated = "the same words again and again";
        for _ in 0..2 {
            encoder.encode(Message::Text(repeated), &mut wire).expect("may be sent");
            encoder.begin_message(DataKind::Text, repeated.as_bytes(), &mut wire).expect("may begin");
            encoder.finish_message(b"", &mut wire).expect("may end");
        }
        let expected = vec![Owned::Text(repeated.into()); 4];
        let outcome = decode_every_split(|| setup.decoder(Role::Client, Limits::new()), &wire);
        assert_eq!(outcome, (expected, None), "{setup:?}");
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
