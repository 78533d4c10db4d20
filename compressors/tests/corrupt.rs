//! Whatever arrives: no panic, no byte over the limit, and the same answer from every backend.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that fails may panic")]

use proptest::collection::vec;
use proptest::prelude::*;
use wscodec_compressors::conformance::corpus::{KINDS, message};
use wscodec_compressors::conformance::reference;
use wscodec_compressors::{Backend, CompressorConfig, DecompressError, Decompressor, DecompressorConfig};

proptest! {
    // More of them with the environment variable PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(3000, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes(payload in vec(any::<u8>(), 0..200), cuts in vec(0_usize..60, 0..9), limit in 0_usize..2000) {
        agree(&payload, &cuts, limit);
    }

    /// Bytes that pass for block headers more often than not.
    #[test]
    fn small_bytes(payload in vec(0_u8..6, 0..60), cuts in vec(0_usize..20, 0..9), limit in 0_usize..2000) {
        agree(&payload, &cuts, limit);
    }

    /// Payloads of each backend with bits flipped, bytes put in, taken out and cut off.
    #[test]
    fn damaged_payloads(
        kind in 0..KINDS.len(),
        length in 1_usize..400,
        level in 1_u8..=9,
        changes in vec((any::<prop::sample::Index>(), 0..4, any::<u8>()), 1..4),
        cuts in vec(0_usize..90, 0..9),
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
            agree(&payload, &cuts, limit);
        }
    }

    /// Blocks with BFINAL=1 anywhere, as many as are allowed and one more.
    #[test]
    fn final_blocks(
        parts in vec(prop_oneof![2 => Just(None), 1 => (0_u16..3000).prop_map(Some)], 1..30),
        cuts in vec(0_usize..600, 0..40),
    ) {
        let (mut payload, mut message) = (Vec::new(), Vec::new());
        let (mut final_blocks, mut refused) = (0, false);
        for (i, part) in parts.iter().enumerate() {
            if let Some(length) = part {
                payload.push(0x00);
                payload.extend_from_slice(&length.to_le_bytes());
                payload.extend_from_slice(&(!length).to_le_bytes());
                payload.resize(payload.len() + usize::from(*length), 7);
                message.resize(message.len() + usize::from(*length), 7);
            } else {
                payload.extend_from_slice(&[0x03, 0x00]);
                // Behind the last part comes the byte that may end a message there.
                final_blocks += usize::from(i + 1 < parts.len());
                refused |= i + 1 < parts.len() && final_blocks > 4 + payload.len() / 1024;
            }
        }
        payload.push(0x00);
        for backend in Backend::available() {
            for cuts in [None, Some(&cuts[..])] {
                if cuts.is_some() && !backend.decompressor_capabilities().streaming {
                    continue;
                }
                let config = DecompressorConfig::default().takeover(false);
                let mut decompressor = backend.decompressor(config).unwrap();
                let result = receive(&mut *decompressor, &payload, cuts, usize::MAX);
                if refused {
                    assert_eq!(result, Err(TOO_MANY_FINAL), "{backend}, {cuts:?}");
                } else {
                    assert!(result.as_ref() == Ok(&message), "{backend}, {cuts:?}: {:?}", result.err());
                }
            }
        }
    }
}

/// A byte behind the limit, and behind that a code that stands for nothing: it is too long before it is broken.
#[test]
fn what_breaks_right_behind_the_limit_is_too_long_wherever_it_is_cut() {
    let payload = [0xb2, 8, 0x60, 8, 0xc0, 0xf1, 0, 0, 0, 0, 0];
    for limit in 0..8 {
        for cut in 0..=payload.len() {
            agree(&payload, &[cut], limit);
        }
    }
}

/// zlib-rs loses the reason why its fast loop stopped, and says instead that it was called again.
#[cfg(feature = "zlib-rs")]
#[test]
fn a_refusal_says_what_is_wrong_and_not_what_was_called() {
    // Fixed codes: a letter, then a match at distance 2.
    let payload = [&[0x4a, 0x04, 0x22][..], &[0; 64]].concat();
    for cuts in [None, Some(&[60_usize][..])] {
        let mut decompressor = Backend::ZlibRs.decompressor(DecompressorConfig::default()).unwrap();
        let refused = receive(&mut *decompressor, &payload, cuts, usize::MAX);
        let Err(DecompressError::Corrupt(reason)) = refused else { panic!("{refused:?}") };
        assert_eq!(reason, "zlib-rs finds invalid DEFLATE data");
    }
}

/// Of the distances that mean nothing, libdeflate reads 13 more bits, and so must whoever counts what a payload holds.
#[test]
fn a_payload_with_undefined_distances_is_too_long_where_its_reader_says_so() {
    let payload = [
        0xec, 0xc0, 0x81, 0x00, 0x00, 0x00, 0x00, 0x80, 0x20, 0xd6, 0xfd, 0x25, 0x16, 0x18, 0xe1, 0x60, 0x47,
        0x00,
    ];
    for limit in 0..600 {
        agree(&payload, &[], limit);
    }
}

/// Cut off within a final block with codes that end among the bytes which libdeflate gets behind a payload.
#[test]
fn a_final_block_does_not_end_behind_the_payload() {
    let payload = [0x3b, 0x71, 0xe2, 0xc4, 0x89, 0x13, 0xff, 0xb3, 0x65, 0x27, 0x3d, 0xb1, 0x5f, 0x11, 0x0e];
    for backend in Backend::available() {
        for takeover in [false, true] {
            if takeover && !backend.decompressor_capabilities().takeover {
                continue;
            }
            let config = DecompressorConfig::default().takeover(takeover);
            let mut decompressor = backend.decompressor(config).unwrap();
            let result = receive(&mut *decompressor, &payload, None, 1000);
            assert!(matches!(result, Err(DecompressError::Corrupt(_))), "{backend}, {takeover}: {result:?}");
        }
    }
}

/// However long the payload is.
#[test]
fn no_payload_goes_on_behind_more_than_128_final_blocks() {
    let stored = |payload: &mut Vec<u8>| {
        for _ in 0..5 {
            payload.extend_from_slice(&[0x00, 0xff, 0xff, 0x00, 0x00]);
            payload.resize(payload.len() + 0xffff, 7);
        }
    };
    for backend in Backend::available() {
        for (final_blocks, is_taken) in [(128, true), (129, false)] {
            let mut payload = Vec::new();
            stored(&mut payload);
            payload.extend_from_slice(&[0x03, 0x00].repeat(final_blocks));
            payload.extend_from_slice(&[0x02, 0x00]);
            for cuts in [None, Some(&[200_000_usize, 127_700][..])] {
                if cuts.is_some() && !backend.decompressor_capabilities().streaming {
                    continue;
                }
                let config = DecompressorConfig::default().takeover(false);
                let mut decompressor = backend.decompressor(config).unwrap();
                let result = receive(&mut *decompressor, &payload, cuts, usize::MAX);
                let expected = if is_taken { Ok(5 * 0xffff) } else { Err(TOO_MANY_FINAL) };
                assert_eq!(
                    result.map(|message| message.len()),
                    expected,
                    "{backend}, {final_blocks}, {cuts:?}"
                );
            }
        }
    }
}

const TOO_MANY_FINAL: DecompressError = DecompressError::Corrupt("too many final blocks");

/// As a whole, or in fragments of these lengths and the rest.
fn receive(
    decompressor: &mut dyn Decompressor,
    mut payload: &[u8],
    cuts: Option<&[usize]>,
    limit: usize,
) -> Result<Vec<u8>, DecompressError> {
    let mut out = b"kept".to_vec();
    if let Some(cuts) = cuts {
        for cut in cuts {
            let (fragment, rest) = payload.split_at(payload.len().min(*cut));
            take(&mut out, limit, |out, room| decompressor.decompress_fragment(fragment, false, room, out))?;
            payload = rest;
        }
        take(&mut out, limit, |out, room| decompressor.decompress_fragment(payload, true, room, out))?;
    } else {
        take(&mut out, limit, |out, room| decompressor.decompress(payload, room, out))?;
    }
    Ok(out.split_off(4))
}

/// One call, which may append what `limit` leaves, and nothing if it fails.
fn take(
    out: &mut Vec<u8>,
    limit: usize,
    call: impl FnOnce(&mut Vec<u8>, usize) -> Result<(), DecompressError>,
) -> Result<(), DecompressError> {
    let before = out.clone();
    let room = limit - (before.len() - 4);
    let result = call(out, room);
    assert!(out.starts_with(&before) && out.len() - before.len() <= room);
    assert!(result.is_ok() || out.len() == before.len(), "an error leaves something behind");
    result
}

/// Every backend says what the reference says, with and without takeover, as a whole and in fragments.
fn agree(payload: &[u8], cuts: &[usize], limit: usize) {
    for takeover in [false, true] {
        for backend in Backend::available() {
            let can = backend.decompressor_capabilities();
            if takeover && !can.takeover {
                continue;
            }
            let whole = says(backend, takeover, payload, None, limit);
            if can.streaming {
                let pieces = says(backend, takeover, payload, Some(cuts), limit);
                // The hybrid takes another engine for fragments, with other words and, of what is undefined, another opinion.
                if backend.name() != "hybrid" {
                    let same = match (&whole, &pieces) {
                        (Err(DecompressError::TooLong { .. }), Err(DecompressError::TooLong { .. })) => true,
                        (Err(DecompressError::Corrupt(_)), Err(DecompressError::Corrupt(_))) => true,
                        (whole, pieces) => whole == pieces,
                    };
                    assert!(same, "{backend}: {whole:?} and {pieces:?} cut at {cuts:?} for {payload:02x?}");
                }
            }
        }
    }
}

/// The message or the error, which has to be what the reference says.
fn says(
    backend: Backend,
    takeover: bool,
    payload: &[u8],
    cuts: Option<&[usize]>,
    limit: usize,
) -> Result<Vec<u8>, DecompressError> {
    let mut decompressor = backend.decompressor(DecompressorConfig::default().takeover(takeover)).unwrap();
    let history = if takeover { &b"Hello"[..] } else { b"" };
    if takeover {
        let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        assert_eq!(receive(&mut *decompressor, &hello, None, 5).as_deref(), Ok(history));
    }
    let result = receive(&mut *decompressor, payload, cuts, limit);
    // Which of the hybrid's engines takes a payload in one piece is its own business.
    let in_pieces = cuts.is_some_and(|cuts| !cuts.is_empty());
    let expected = match decompressor.engine() {
        "libdeflate" if !in_pieces => reference::decode_forgiving(history, payload),
        "compact and libdeflate" if !in_pieces && result.is_ok() => {
            reference::decode_forgiving(history, payload)
        }
        _ => reference::decode(history, payload),
    };
    let context = || format!("{backend}, takeover {takeover}, {cuts:?}: {result:?} for {payload:02x?}");
    match (&result, expected) {
        (Ok(message), Some(expected)) => assert!(*message == expected.message, "{}", context()),
        (Ok(_), None) => panic!("the reference refuses: {}", context()),
        (Err(DecompressError::TooLong { .. }), Some(expected)) => {
            assert!(expected.message.len() > limit, "{}", context());
        }
        // What is broken after the limit is nobody's business.
        (Err(DecompressError::TooLong { .. }), None) => {}
        (Err(error), Some(expected)) => {
            assert!(*error == TOO_MANY_FINAL && expected.is_final, "{}", context());
        }
        (Err(DecompressError::Corrupt(reason)), None) => {
            assert!(!reason.contains("bad state"), "no reason: {}", context());
        }
        (Err(_), None) => panic!("{}", context()),
    }
    result
}
