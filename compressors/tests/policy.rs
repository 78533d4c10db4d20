//! The policy against what compressing comes to.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use wscodec_compressors::conformance::corpus::{KINDS, Kind, message};
use wscodec_compressors::{Backend, CompressionPolicy, CompressionWish, CompressorConfig};

const LENGTHS: [usize; 9] = [128, 129, 200, 500, 1000, 4096, 20_000, 65_536, 1_000_000];

fn auto(message: &[u8]) -> bool {
    CompressionPolicy::default().compresses(message, CompressionWish::Auto)
}

/// How many of a hundred messages of this kind and length are compressed.
fn compressed(kind: Kind, length: usize) -> usize {
    (0..100).filter(|&seed| auto(&message(kind, length, seed))).count()
}

#[test]
fn random_bytes_are_left_alone() {
    for length in LENGTHS {
        // A few short ones pass for something else, which costs no more than compressing them.
        let most = if length < 1000 { 5 } else { 0 };
        let compressed = compressed(Kind::Random, length);
        assert!(compressed <= most, "{compressed} of 100 at {length} bytes");
    }
}

#[test]
fn all_that_gets_shorter_is_compressed() {
    for kind in [Kind::Json, Kind::Text, Kind::Binary, Kind::Run, Kind::Bits] {
        for length in LENGTHS {
            assert_eq!(compressed(kind, length), 100, "{kind:?} of {length} bytes");
        }
    }
}

/// Headers and tables in front, then bytes as good as random, 00 after each FF.
#[test]
fn pictures_are_left_alone() {
    for length in [10_000, 20_000, 300_000] {
        let compressed = |seed: &u64| {
            let mut picture =
                b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x48\x00\x48\x00\x00".to_vec();
            picture.extend((0..300_u16).flat_map(|i| (i / 3 + i % 7 * 256).to_le_bytes()));
            for byte in message(Kind::Random, length, *seed) {
                picture.push(byte);
                picture.extend((byte == 0xff).then_some(0));
            }
            auto(&picture)
        };
        // Where the sample holds FF 00 more often than it is there, which costs no more than compressing.
        let compressed = (0..50).filter(compressed).count();
        assert!(compressed <= 5, "{compressed} of 50 at {length} bytes");
    }
}

#[test]
fn what_is_compressed_already_is_left_alone() {
    for backend in Backend::available() {
        let config = CompressorConfig::default().takeover(false).level(9);
        let mut compressor = backend.compressor(config).unwrap();
        for seed in 0..50 {
            let mut payload = Vec::new();
            compressor.compress(&message(Kind::Json, 50_000, seed), &mut payload).unwrap();
            assert!(!auto(&payload), "{backend}, {seed}");
        }
    }
}

/// Records of which only one field is random, wherever the sample's stride falls.
#[test]
fn a_random_field_does_not_make_a_random_message() {
    for record in [8, 12, 16, 24, 32, 64, 100] {
        for count in [16, 64, 1000] {
            let random = message(Kind::Random, record * count, 1);
            let records: Vec<u8> = random
                .chunks(record)
                .flat_map(|r| [&r[..record / 2], &[0; 50][..record / 2]].concat())
                .collect();
            assert!(auto(&records), "{count} records of {record} bytes");
        }
    }
}

#[test]
fn the_threshold_is_exact_and_a_wish_comes_first() {
    let policy = CompressionPolicy::default().threshold(100);
    for (length, compresses) in [(0, false), (99, false), (100, true)] {
        let message = vec![b'a'; length];
        assert_eq!(policy.compresses(&message, CompressionWish::Auto), compresses);
        assert!(policy.compresses(&message, CompressionWish::Compress));
        assert!(!policy.compresses(&message, CompressionWish::Plain));
    }
    let none = CompressionPolicy::default().threshold(0).skip_random(false);
    assert!(!none.compresses(b"", CompressionWish::Auto), "it only gets longer");
    assert!(none.compresses(&message(Kind::Random, 1000, 1), CompressionWish::Auto));
}

#[test]
fn any_length_of_any_kind_has_an_answer() {
    let policy = CompressionPolicy::default().threshold(0);
    for kind in KINDS {
        let message = message(kind, 3000, 1);
        for length in 0..message.len() {
            let _ = policy.compresses(&message[..length], CompressionWish::Auto);
        }
    }
}
