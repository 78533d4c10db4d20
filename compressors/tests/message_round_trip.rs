//! What the sending side makes of messages, the receiving side makes into them again: however they were cut, whatever was
//! wished, and whoever gave his memory back in between.

#![cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use wscodec_compressors::conformance::corpus::{KINDS, message};
use wscodec_compressors::conformance::reference;
use wscodec_compressors::{
    Backend, CompressionPolicy, CompressionWish, CompressorConfig, DecompressorConfig, Encoding, FragmentEnd,
    InflateLimits, MessageCompressor, MessageDecompressor,
};

/// One message, and what becomes of it on its way.
#[derive(Clone, Debug)]
struct Sent {
    kind: usize,
    length: usize,
    seed: u64,
    wish: CompressionWish,
    /// Where it is cut before it is compressed, and what comes after each piece; one in one piece goes the short way.
    pieces: Vec<(Index, FragmentEnd)>,
    /// Where its payload is cut into frames; one in one frame goes the short way.
    frames: Vec<Index>,
    /// Whether the receiver takes its output away after each frame.
    boundaries: bool,
    sender_releases: bool,
    receiver_releases: bool,
}

fn sent() -> impl Strategy<Value = Sent> {
    let wish = select(vec![CompressionWish::Auto, CompressionWish::Compress, CompressionWish::Plain]);
    let length = prop_oneof![0_usize..20, 0_usize..2000, 0_usize..100_000];
    let end = select(vec![FragmentEnd::Open, FragmentEnd::Frame]);
    let cuts = (vec((any::<Index>(), end), 0..4), vec(any::<Index>(), 0..6));
    let often = prop::bool::weighted(0.2);
    let flags = (any::<bool>(), often, prop::bool::weighted(0.2));
    ((0..KINDS.len(), length, 0_u64..4), wish, cuts, flags).prop_map(
        |((kind, length, seed), wish, (pieces, frames), (boundaries, sender_releases, receiver_releases))| {
            Sent { kind, length, seed, wish, pieces, frames, boundaries, sender_releases, receiver_releases }
        },
    )
}

proptest! {
    // More of them with the environment variable PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(300, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_message_arrives(
        sender in select(Backend::available().collect::<Vec<_>>()),
        receiver in select(Backend::available().collect::<Vec<_>>()),
        takeover in any::<bool>(),
        window_bits in 8_u8..=15,
        level in select(vec![0_u8, 1, 2, 4, 6, 9]),
        threshold in select(vec![0_usize, 64]),
        messages in vec(sent(), 1..8),
    ) {
        let ours = CompressorConfig::default().level(level).window_bits(window_bits).takeover(takeover);
        let theirs = DecompressorConfig::default().window_bits(window_bits).takeover(takeover);
        let compressor = MessageCompressor::new(sender, ours);
        let decompressor = MessageDecompressor::new(receiver, theirs, InflateLimits::default());
        let can = sender.capabilities();
        prop_assert_eq!(compressor.is_ok(), !takeover || (can.takeover && can.window_bits.contains(&window_bits)));
        prop_assert_eq!(decompressor.is_ok(), !takeover || receiver.decompressor_capabilities().takeover);
        let (Ok(compressor), Ok(mut decompressor)) = (compressor, decompressor) else { return Ok(()) };
        let mut compressor = compressor.with_policy(CompressionPolicy::default().threshold(threshold));

        let mut history = Vec::new();
        for sent in messages {
            let message = message(KINDS[sent.kind], sent.length, sent.seed);
            let (payload, encoding) = send(&mut compressor, &message, &sent);
            if encoding == Encoding::Plain {
                prop_assert!(payload == message);
                continue;
            }
            let decoded = reference::decode(&history, &payload).expect("the reference takes the payload");
            prop_assert!(decoded.message == message && !decoded.is_final);
            prop_assert!(decoded.reach <= 1 << window_bits, "{} of {}", decoded.reach, window_bits);
            prop_assert!(receive(&mut decompressor, &payload, &sent) == message);
            if takeover {
                history.extend_from_slice(&message);
                history.drain(..history.len().saturating_sub(1 << 15));
            }
        }
    }
}

fn send(compressor: &mut MessageCompressor, message: &[u8], sent: &Sent) -> (Vec<u8>, Encoding) {
    let mut payload = b"before".to_vec();
    let encoding = if sent.pieces.is_empty() {
        compressor.message(message, sent.wish, &mut payload).unwrap()
    } else {
        let ends = sent.pieces.iter().map(|(_, end)| *end);
        let pieces = cut(message, sent.pieces.iter().map(|(at, _)| at));
        let encodings: Vec<_> = pieces
            .iter()
            .zip(ends.chain([FragmentEnd::Message]))
            .map(|(piece, end)| {
                let encoding = compressor.fragment(piece, end, sent.wish, &mut payload).unwrap();
                if sent.sender_releases {
                    compressor.release();
                }
                encoding
            })
            .collect();
        assert!(encodings.iter().all(|encoding| *encoding == encodings[0]), "one answer for a message");
        encodings[0]
    };
    if sent.sender_releases {
        compressor.release();
    }
    assert!(payload.starts_with(b"before"));
    (payload.split_off(6), encoding)
}

fn receive(decompressor: &mut MessageDecompressor, payload: &[u8], sent: &Sent) -> Vec<u8> {
    let mut message = b"before".to_vec();
    if sent.frames.is_empty() {
        decompressor.message(payload, &mut message).unwrap();
    } else {
        let frames = cut(payload, sent.frames.iter());
        for (i, frame) in frames.iter().enumerate() {
            let last = i + 1 == frames.len();
            if sent.boundaries {
                let mut part = Vec::new();
                decompressor.fragment(frame, last, &mut part).unwrap();
                message.extend_from_slice(&part);
            } else {
                decompressor.fragment(frame, last, &mut message).unwrap();
            }
            if sent.receiver_releases {
                decompressor.release();
            }
        }
    }
    if sent.receiver_releases {
        decompressor.release();
    }
    assert!(message.starts_with(b"before"));
    message.split_off(6)
}

/// The bytes in one piece more than there are cuts, some of them empty.
fn cut<'a>(bytes: &'a [u8], at: impl Iterator<Item = &'a Index>) -> Vec<&'a [u8]> {
    let mut at: Vec<usize> = at.map(|at| at.index(bytes.len() + 1)).collect();
    at.sort_unstable();
    let starts = [0].into_iter().chain(at.iter().copied());
    let ends = at.iter().copied().chain([bytes.len()]);
    starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect()
}
