//! Whatever arrives: no panic, no byte over the limit, and the same answer from every backend.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that fails may panic")]

use proptest::collection::vec;
use proptest::prelude::*;
use wscodec_compressors::conformance::corpus::{KINDS, message};
use wscodec_compressors::conformance::reference;
use wscodec_compressors::{Backend, CompressorConfig, DecompressError, DecompressorConfig};

proptest! {
    // More of them with the environment variable PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(3000, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes(payload in vec(any::<u8>(), 0..200), limit in 0_usize..2000) {
        agree(&payload, limit);
    }

    /// Bytes that pass for block headers more often than not.
    #[test]
    fn small_bytes(payload in vec(0_u8..6, 0..60), limit in 0_usize..2000) {
        agree(&payload, limit);
    }

    /// Payloads of each backend with bits flipped, bytes put in, taken out and cut off.
    #[test]
    fn damaged_payloads(
        kind in 0..KINDS.len(),
        length in 1_usize..400,
        level in 1_u8..=9,
        changes in vec((any::<prop::sample::Index>(), 0..4, any::<u8>()), 1..4),
        limit in 200_usize..800,
    ) {
        for backend in Backend::available() {
            let config = CompressorConfig::default().level(level).takeover(false);
            let mut payload = Vec::new();
            backend.compressor(config).unwrap().compress(&message(KINDS[kind], length, 5), &mut payload).unwrap();
            for (at, change, byte) in &changes {
                if payload.is_empty() {
                    break;
                }
                let at = at.index(payload.len());
                match change {
                    0 => payload[at] ^= 1 << (byte % 8),
                    1 => payload.insert(at, *byte),
                    2 => drop(payload.remove(at)),
                    _ => payload.truncate(at + 1),
                }
            }
            agree(&payload, limit);
        }
    }
}

/// Every backend says what the reference says, with and without takeover, and goes on or stops as it has to.
fn agree(payload: &[u8], limit: usize) {
    for takeover in [false, true] {
        for backend in Backend::available().filter(|b| !takeover || b.decompressor_capabilities().takeover) {
            let config = DecompressorConfig::default().takeover(takeover);
            let mut decompressor = backend.decompressor(config).unwrap();
            let mut out = b"Hello".to_vec();
            if takeover {
                decompressor
                    .decompress(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 5, &mut Vec::new())
                    .unwrap();
            }
            let history = if takeover { &b"Hello"[..] } else { b"" };
            let result = decompressor.decompress(payload, limit, &mut out);
            let expected = match decompressor.engine() {
                "libdeflate" => reference::decode_forgiving(history, payload),
                // Whichever it took for this payload.
                "zlib-rs and libdeflate" if result.is_ok() => reference::decode_forgiving(history, payload),
                _ => reference::decode(history, payload),
            };
            let context = || format!("{backend}, takeover {takeover}: {result:?} for {payload:02x?}");
            match (&result, expected) {
                (Ok(()), Some(expected)) => assert!(out[5..] == expected.message, "{}", context()),
                (Ok(()), None) => panic!("the reference refuses: {}", context()),
                (Err(DecompressError::TooLong { .. }), Some(expected)) => {
                    assert!(expected.message.len() > limit, "{}", context());
                }
                // What is broken after the limit is nobody's business.
                (Err(DecompressError::TooLong { .. }), None) => {}
                (Err(DecompressError::Corrupt(_)), None) => {}
                (Err(_), _) => panic!("{}", context()),
            }
            assert!(out.len() <= 5 + limit && out.starts_with(b"Hello"), "{}", context());
            assert!(result.is_ok() || out.len() == 5, "{}", context());
        }
    }
}
