//! The pair for `tokio_util::codec` against the decoder and the encoder.
#![cfg(feature = "codec")]

mod support;

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Owned, decode_pieces, frames_for};
use tokio_util::codec::{Decoder as _, Encoder as _};
use wscodec::codec::{Error, MessageCodec, MessageDecoder, MessageEncoder};
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec::{CloseCode, Decoder, Encoder, LimitError, Limits, Message, ProtocolError, Role, SharedMessage};

fn limits() -> Limits {
    Limits::new().with_frame(2_000).with_message(3_000).with_fragments(5)
}

/// Hands `bytes` over in pieces of these lengths, as `Framed` does.
fn decode(decoder: &mut MessageDecoder, mut bytes: &[u8], lengths: &[usize]) -> support::Outcome {
    let (mut source, mut messages) = (BytesMut::new(), Vec::new());
    let mut lengths = lengths.iter().cycle();
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(bytes.len().min(*lengths.next().expect("endless")));
        bytes = rest;
        source.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut source) {
                Ok(Some(message)) => messages.push(message.as_message().into()),
                Ok(None) => break,
                Err(Error::Codec(error)) => {
                    assert!(
                        matches!(decoder.decode(&mut source), Err(Error::Codec(again)) if again == error)
                    );
                    return (messages, Some(error));
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
    (messages, None)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn it_decodes_what_the_decoder_does(
        frames in vec(prop_oneof![
            4 => "\\PC{0,30}".prop_map(|text| (0x81, text.into_bytes())),
            4 => vec(any::<u8>(), 0..300).prop_map(|payload| (0x82, payload)),
            1 => vec(any::<u8>(), 1_900..2_100).prop_map(|payload| (0x82, payload)),
            2 => vec(any::<u8>(), 0..40).prop_map(|payload| (0x89, payload)),
            2 => "\\PC{0,30}".prop_map(|text| (0x01, text.into_bytes())),
            3 => vec(any::<u8>(), 0..1_500).prop_map(|payload| (0x00, payload)),
            3 => "\\PC{0,30}".prop_map(|text| (0x80, text.into_bytes())),
            1 => Just((0x88, b"\x03\xe8bye".to_vec())),
            1 => (any::<u8>(), vec(any::<u8>(), 0..130)),
        ], 0..25),
        lengths in vec(prop_oneof![1_usize..20, 20_usize..5_000], 1..10),
        is_server in any::<bool>(), flip in prop::option::of(1_u8..), at in any::<prop::sample::Index>(),
    ) {
        let role = if is_server { Role::Server } else { Role::Client };
        let parts: Vec<_> = frames.iter().map(|(first, payload)| (*first, &payload[..])).collect();
        let mut bytes = frames_for(role, &parts);
        if let (Some(flip), false) = (flip, bytes.is_empty()) {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        let expected = decode_pieces(&mut Decoder::new(role, limits()), [&bytes[..]]);
        let mut outcome = decode(&mut MessageDecoder::new(role, limits()), &bytes, &lengths);
        let not_text = Some(ProtocolError::InvalidUtf8.into());
        if expected.1 == not_text && outcome.1.is_none() {
            // Text in one frame is not looked at before it is whole: with the rest of a frame that was cut short it is.
            bytes.extend([0; 2_000]);
            outcome = decode(&mut MessageDecoder::new(role, limits()), &bytes, &lengths);
        }
        prop_assert_eq!(outcome, expected);
    }

    #[test]
    fn it_encodes_what_the_encoder_does(
        payloads in vec((any::<bool>(), "\\PC{0,300}"), 0..10),
        is_server in any::<bool>(), compressed in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let role = if is_server { Role::Server } else { Role::Client };
        let keys = || || [1, 2, 3, 4];
        let mut ours = MessageEncoder::new(role).with_mask_keys(keys());
        let mut theirs = Encoder::new(role).with_mask_keys(keys());
        let backends: Vec<_> = Backend::available().collect();
        if let Some(index) = compressed.filter(|_| !backends.is_empty()) {
            let (backend, config) = (*index.get(&backends), CompressorConfig::default().takeover(false));
            ours = ours.with_compressor(backend, config).expect("it can");
            theirs = theirs.with_compressor(backend, config).expect("it can");
        }
        let (mut out, mut expected) = (BytesMut::new(), Vec::new());
        for (is_text, text) in &payloads {
            let message = if *is_text { Message::Text(text) } else { Message::Binary(text.as_bytes()) };
            ours.encode(message, &mut out).expect("open");
            ours.encode(SharedMessage::from(message), &mut out).expect("open");
            ours.encode(Message::Ping(b"?"), &mut out).expect("open");
            for message in [message, message, Message::Ping(b"?")] {
                theirs.encode(message, &mut expected).expect("open");
            }
        }
        prop_assert_eq!(&out[..], &expected[..]);
        prop_assert!(ours.encode(Message::Ping(&[0; 126]), &mut out).is_err());
        prop_assert_eq!(out.len(), expected.len());
    }
}

#[test]
fn compressed_messages_and_plain_ones_take_turns() {
    for backend in Backend::available() {
        let mut sender = Encoder::new(Role::Client)
            .with_compressor(backend, CompressorConfig::default().takeover(false))
            .expect("it can");
        let mut receiver = MessageDecoder::new(Role::Server, Limits::new())
            .with_decompressor(backend, DecompressorConfig::default().takeover(false))
            .expect("it can");
        let long = "the same words, ".repeat(40);
        let mut wire = Vec::new();
        let mut expected: Vec<Owned> = Vec::new();
        for _ in 0..5 {
            for message in [Message::Text(&long), Message::Text("short"), Message::Binary(b"\xff")] {
                sender.encode(message, &mut wire).expect("open");
                expected.push(message.into());
            }
        }
        assert_eq!(sender.compressed_messages(), 5);
        for length in [1, 7, 1000] {
            assert_eq!(decode(&mut receiver, &wire, &[length]), (expected.clone(), None));
        }
    }
}

#[test]
fn a_binary_message_shares_the_memory_that_it_was_read_to() {
    let mut codec = MessageCodec::new(Role::Server, Limits::new());
    let mut source = BytesMut::from(&frames_for(Role::Server, &[(0x82, b"payload"), (0x82, b"more")])[..]);
    let place = source.as_ptr();
    let Some(SharedMessage::Binary(payload)) = codec.decode(&mut source).unwrap() else {
        panic!("it is binary")
    };
    assert_eq!((&payload[..], payload.as_ptr()), (&b"payload"[..], place.wrapping_add(6)));
}

#[test]
fn decoders_that_wait_leave_their_buffers_to_others() {
    let wire = frames_for(Role::Server, &[(0x02, &[7; 10_000]), (0x80, &[7; 10_000]), (0x89, b"?")]);
    let mut decoders: Vec<_> = (0..50).map(|_| MessageDecoder::new(Role::Server, Limits::new())).collect();
    let measured = allocation_counter::measure(|| {
        for decoder in &mut decoders {
            let mut source = BytesMut::from(&wire[..]);
            assert!(matches!(decoder.decode(&mut source), Ok(Some(SharedMessage::Binary(_)))));
            assert!(matches!(decoder.decode(&mut source), Ok(Some(SharedMessage::Ping(_)))));
            assert!(matches!(decoder.decode(&mut source), Ok(None)));
        }
    });
    assert!(measured.bytes_current < 200_000, "{} bytes", measured.bytes_current);
}

#[test]
fn a_length_over_the_limit_is_refused_with_its_header() {
    let mut decoder = MessageDecoder::new(Role::Client, limits());
    let mut source = BytesMut::from(&b"\x82\x7e\x07\xd1"[..]);
    let Err(Error::Codec(error)) = decoder.decode(&mut source) else { panic!("it is too long") };
    assert_eq!(error, LimitError::FrameTooLong { limit: 2_000 }.into());
    assert_eq!(error.close_code(), Some(CloseCode::TOO_BIG));
}

#[test]
fn a_message_limit_below_the_frame_limit_is_one_of_whole_messages_too() {
    let bytes = frames_for(Role::Client, &[(0x82, &[7; 1_000]), (0x82, &[7; 1_001])]);
    let mut decoder = MessageDecoder::new(Role::Client, limits().with_message(1_000));
    let error = LimitError::MessageTooLong { limit: 1_000 }.into();
    for lengths in [usize::MAX, 7] {
        let (messages, failure) = decode(&mut decoder, &bytes, &[lengths]);
        assert_eq!((messages, failure), (vec![Owned::Binary(vec![7; 1_000])], Some(error)));
        decoder = MessageDecoder::new(Role::Client, limits().with_message(1_000));
    }
}

#[test]
fn the_end_of_the_transport_within_a_message_is_an_error() {
    let whole = frames_for(Role::Server, &[(0x81, b"Hello"), (0x01, b"cut"), (0x80, b" short")]);
    let close = frames_for(Role::Server, &[(0x88, b"")]);
    for length in 0..=whole.len() {
        let mut decoder = MessageDecoder::new(Role::Server, Limits::new());
        let mut source = BytesMut::from(&whole[..length]);
        while decoder.decode(&mut source).unwrap().is_some() {}
        let is_between = [0, 11, whole.len()].contains(&length);
        assert_eq!(decoder.decode_eof(&mut source).is_ok(), is_between, "{length}");
    }
    let mut decoder = MessageDecoder::new(Role::Server, Limits::new());
    let mut source = BytesMut::from(&[&close[..], b"anything"].concat()[..]);
    assert_eq!(decoder.decode_eof(&mut source).unwrap(), Some(SharedMessage::Close(None)));
    assert_eq!(decoder.decode_eof(&mut source).unwrap(), None);
}
