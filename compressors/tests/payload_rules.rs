//! The payload rules of RFC 7692 section 7.2, the same for every backend.

#![cfg(any(feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that fails may panic")]

mod common;

use common::reference;
use common::{KINDS, Kind, for_each_backend, message};
use wscodec_compressors::{
    Backend, Compressor, CompressorConfig, DecompressError, Decompressor, DecompressorConfig,
};

for_each_backend! {
    decodes_the_vectors_of_the_rfc,
    decodes_the_vector_with_takeover,
    sends_one_byte_for_an_empty_message,
    never_sends_a_final_block,
    accepts_a_final_block_anywhere,
    keeps_the_window_over_a_final_block,
    keeps_the_limit_to_the_byte,
    finds_every_truncation,
    takes_messages_that_end_like_a_tail,
    bounds_the_work_of_final_blocks,
    finds_distances_before_the_start,
    takes_zeros_that_are_really_there,
    refuses_an_empty_payload,
    falls_out_of_step_until_reset,
    forgets_on_reset,
    appends_and_leaves_the_rest_alone,
}

fn decodes_the_vectors_of_the_rfc(backend: Backend) {
    for takeover in modes(backend) {
        for payload in [STATIC, STORED, FINAL, TWO_BLOCKS] {
            let mut decompressor = decompressor(backend, takeover);
            for _ in 0..3 {
                assert_eq!(inflate(&mut *decompressor, payload, 5).unwrap(), b"Hello", "{payload:02x?}");
            }
        }
    }
}

fn decodes_the_vector_with_takeover(backend: Backend) {
    if backend.decompressor_capabilities().takeover {
        let mut decompressor = decompressor(backend, true);
        assert_eq!(inflate(&mut *decompressor, STATIC, 5).unwrap(), b"Hello");
        assert_eq!(inflate(&mut *decompressor, REFERENCE, 5).unwrap(), b"Hello");
    }
}

fn sends_one_byte_for_an_empty_message(backend: Backend) {
    for takeover in modes(backend) {
        for level in backend.capabilities().levels {
            let mut compressor = backend.compressor(config(takeover).level(level)).unwrap();
            let mut decompressor = decompressor(backend, takeover);
            for before in [&b""[..], b"", b"Hello", b"", &message(Kind::Json, 5000, 1), b""] {
                let payload = deflate(&mut *compressor, before);
                assert_eq!(payload == [0], before.is_empty());
                assert_eq!(inflate(&mut *decompressor, &payload, before.len()).unwrap(), before);
            }
        }
    }
}

fn never_sends_a_final_block(backend: Backend) {
    for takeover in modes(backend) {
        for level in backend.capabilities().levels {
            let mut compressor = backend.compressor(config(takeover).level(level)).unwrap();
            let mut history = Vec::new();
            for (seed, kind) in (0..).zip(KINDS) {
                for length in [1, 20, 300, 9000] {
                    let message = message(kind, length, seed);
                    let payload = deflate(&mut *compressor, &message);
                    let decoded = reference::decode(&history, &payload).expect("whole blocks");
                    assert!(
                        !decoded.is_final && decoded.message == message,
                        "level {level} {kind:?} {length}"
                    );
                    if takeover {
                        history.extend_from_slice(&message);
                    }
                }
            }
        }
    }
}

fn accepts_a_final_block_anywhere(backend: Backend) {
    let long = message(Kind::Json, 70_000, 1);
    for takeover in modes(backend) {
        let mut decompressor = decompressor(backend, takeover);
        let end = [&[0x00, 0x00, 0x00, 0xff, 0xff][..], &[0x01, 0x00, 0x00, 0xff, 0xff]].concat();
        let mut fresh = compressor(backend, false);
        let whole = deflate(&mut *fresh, &long);
        for (payload, expected) in [
            // In front, in the middle, several of them, and nothing but.
            ([&FINAL[..7], STATIC].concat(), &b"HelloHello"[..]),
            ([&FINAL[..7], STATIC, &TAIL, FINAL].concat(), b"HelloHelloHello"),
            ([&FINAL[..7], &FINAL[..7], &FINAL[..7]].concat(), b"HelloHelloHello"),
            (vec![0x03, 0x00], b""),
            (vec![0x03, 0x00, 0x03, 0x00, 0x00], b""),
            // With and without the byte of section 7.2.3.4 behind it.
            (FINAL.to_vec(), b"Hello"),
            (FINAL[..7].to_vec(), b"Hello"),
            // The empty block at the end, whose tail is cut off, being final itself.
            (vec![0x01], b""),
            ([STATIC, &TAIL, &[0x01]].concat(), b"Hello"),
            // A second block that refers to the first, through the end of its stream.
            ([&FINAL[..7], REFERENCE].concat(), b"HelloHello"),
            ([&whole[..], &TAIL, &end[5..], &[0x00]].concat(), &long),
            (
                [&whole[..], &TAIL, &end[5..], REFERENCE].concat(),
                &[&long[..], b"H", &long[long.len() - 4..]].concat(),
            ),
        ] {
            for _ in 0..2 {
                let message = inflate(&mut *decompressor, &payload, expected.len());
                assert!(
                    message.as_deref() == Ok(expected),
                    "takeover {takeover}: {} B in, {:?} out",
                    payload.len(),
                    message.map(|m| m.len())
                );
            }
        }
        // What is no block at all is not let through behind it.
        let broken = [&FINAL[..7], &[0xff, 0xff, 0xff]].concat();
        assert!(matches!(inflate(&mut *decompressor, &broken, 99), Err(DecompressError::Corrupt(_))));
    }
}

fn keeps_the_window_over_a_final_block(backend: Backend) {
    if !backend.decompressor_capabilities().takeover {
        return;
    }
    let mut decompressor = decompressor(backend, true);
    let mut compressor = compressor(backend, true);
    for round in 0..6 {
        for length in [40, 3000, 30_000, 50_000] {
            let message = message(Kind::Echo, length, round / 2);
            let mut payload = deflate(&mut *compressor, &message);
            // Ends the stream, but not the window: with a block of its own, in the form of section 7.2.3.4 or bare.
            payload.extend_from_slice(&TAIL);
            payload.extend_from_slice(if round % 2 == 0 { &[0x03, 0x00, 0x00] } else { &[0x03, 0x00] });
            assert!(inflate(&mut *decompressor, &payload, length).unwrap() == message, "{round} {length}");
        }
    }
}

fn keeps_the_limit_to_the_byte(backend: Backend) {
    let mut compressor = compressor(backend, false);
    for takeover in modes(backend) {
        for kind in KINDS {
            for length in [1, 2, 127, 128, 129, 1000, 65_536, 100_000] {
                let message = message(kind, length, 7);
                let payload = deflate(&mut *compressor, &message);
                let inflate = |limit| inflate(&mut *decompressor(backend, takeover), &payload, limit);
                assert!(inflate(length).as_deref() == Ok(&message[..]), "{kind:?} {length}");
                assert!(inflate(usize::MAX).as_deref() == Ok(&message[..]), "{kind:?} {length}");
                for limit in [0, length / 2, length - 1] {
                    assert_eq!(inflate(limit), Err(DecompressError::TooLong { limit }), "{kind:?} {length}");
                }
            }
        }
        assert_eq!(inflate(&mut *decompressor(backend, takeover), &[0], 0).unwrap(), b"");
    }
}

fn finds_every_truncation(backend: Backend) {
    let mut payloads = vec![STATIC.to_vec(), STORED.to_vec(), FINAL.to_vec(), TWO_BLOCKS.to_vec()];
    for other in Backend::available() {
        for level in other.capabilities().levels {
            let mut compressor = other.compressor(config(false).level(level)).unwrap();
            payloads.extend(KINDS.map(|kind| deflate(&mut *compressor, &message(kind, 600, 3))));
        }
    }
    // Stored data whose missing part is as long as what a receiver might put behind it.
    let message = [7; 40];
    payloads.push([&[0x00, 40, 0x00, !40, 0xff], &message[..], &[0x00]].concat());
    payloads.push([&[0x01, 40, 0x00, !40, 0xff], &message[..]].concat());
    for takeover in modes(backend) {
        let mut decompressor = decompressor(backend, takeover);
        for payload in &payloads {
            for end in 0..payload.len() {
                let message = inflate(&mut *decompressor, &payload[..end], 10_000);
                match reference::decode(b"", &payload[..end]) {
                    Some(whole) => assert!(message.unwrap() == whole.message),
                    None => assert!(
                        matches!(message, Err(DecompressError::Corrupt(_))),
                        "takeover {takeover}: {end} of {} gives {:02x?}, {:02x?}",
                        payload.len(),
                        message.as_ref().map(|m| &m[m.len().saturating_sub(20)..]),
                        &payload[..end]
                    ),
                }
                decompressor.reset();
            }
        }
    }
}

fn takes_messages_that_end_like_a_tail(backend: Backend) {
    let mut compressor = compressor(backend, false);
    for takeover in modes(backend) {
        let mut decompressor = decompressor(backend, takeover);
        for end in [&TAIL[..], &[0x08, 0x00, 0xf7, 0xff], &[0x01, 0x00, 0x00, 0xff, 0xff], FINAL] {
            for length in [0, 1, 40, 1000] {
                let message = [&message(Kind::Random, length, 1), end].concat();
                let payload = deflate(&mut *compressor, &message);
                assert_eq!(inflate(&mut *decompressor, &payload, message.len()).unwrap(), message);
                let stored =
                    [&[0x00, message.len() as u8, (message.len() >> 8) as u8], &[!(message.len() as u8)][..]];
                let stored =
                    [&stored.concat()[..], &[!(message.len() >> 8) as u8], &message, &[0x00]].concat();
                assert_eq!(inflate(&mut *decompressor, &stored, message.len()).unwrap(), message);
            }
        }
    }
}

fn bounds_the_work_of_final_blocks(backend: Backend) {
    for takeover in modes(backend) {
        let started = std::time::Instant::now();
        let payload = [STATIC, &TAIL, &[0x03, 0x00].repeat(500_000)].concat();
        let message = inflate(&mut *decompressor(backend, takeover), &payload, 1000);
        assert!(matches!(message, Err(DecompressError::Corrupt(_))), "{message:?}");
        assert!(started.elapsed().as_secs() < 5);
        let payload = [STATIC, &TAIL, &[0x03, 0x00].repeat(4)].concat();
        assert_eq!(inflate(&mut *decompressor(backend, takeover), &payload, 1000).unwrap(), b"Hello");
    }
}

fn finds_distances_before_the_start(backend: Backend) {
    for takeover in modes(backend) {
        let mut decompressor = decompressor(backend, takeover);
        // A match at distance 1 with nothing before it, and one at distance 5 with one byte before it.
        for (payload, missing) in [(&[0x02, 0x02, 0x00, 0x00][..], &b"o"[..]), (REFERENCE, b"ello")] {
            assert!(reference::decode(&missing[1..], payload).is_none());
            assert!(reference::decode(missing, payload).is_some(), "nothing else is wrong with it");
            let message = inflate(&mut *decompressor, payload, 1000);
            assert!(matches!(message, Err(DecompressError::Corrupt(_))), "{message:?}");
            decompressor.reset();
        }
        if takeover {
            // One byte short of the distance is too far, and the next byte makes it right.
            for (history, enough) in [(&b"ell"[..], false), (b"ello", true)] {
                let length = history.len() as u8;
                let stored = [&[0x00, length, 0x00, !length, 0xff], history, &[0x00]].concat();
                assert_eq!(inflate(&mut *decompressor, &stored, 4).unwrap(), history);
                let message = inflate(&mut *decompressor, REFERENCE, 99);
                assert_eq!(message.is_ok(), enough, "{message:?}");
                decompressor.reset();
            }
        }
        // Nothing of an earlier message shows through.
        decompressor.reset();
        assert!(matches!(inflate(&mut *decompressor, REFERENCE, 99), Err(DecompressError::Corrupt(_))));
    }
}

fn takes_zeros_that_are_really_there(backend: Backend) {
    for takeover in modes(backend) {
        let mut compressor = compressor(backend, false);
        let mut decompressor = decompressor(backend, takeover);
        for round in 0..30 {
            for message in [vec![0; 3000], message(Kind::Binary, 2000, round)] {
                let payload = deflate(&mut *compressor, &message);
                let mut ended = payload.clone();
                ended.extend_from_slice(&TAIL);
                ended.extend_from_slice(&[0x03, 0x00]);
                ended.extend_from_slice(&payload);
                assert!(inflate(&mut *decompressor, &payload, 3000).unwrap() == message);
                assert!(inflate(&mut *decompressor, &ended, 6000).unwrap() == message.repeat(2));
            }
        }
    }
}

fn refuses_an_empty_payload(backend: Backend) {
    for takeover in modes(backend) {
        let error = inflate(&mut *decompressor(backend, takeover), &[], 10).unwrap_err();
        assert!(matches!(error, DecompressError::Corrupt(_)));
        assert_eq!(error.close_code(), 1007);
    }
}

fn falls_out_of_step_until_reset(backend: Backend) {
    for takeover in modes(backend) {
        for (payload, limit) in [(&[0xff; 9][..], 100), (STATIC, 4), (&STATIC[..4], 100)] {
            let mut decompressor = decompressor(backend, takeover);
            assert!(inflate(&mut *decompressor, payload, limit).is_err());
            if takeover {
                assert_eq!(inflate(&mut *decompressor, STATIC, 5), Err(DecompressError::OutOfStep));
                assert_eq!(DecompressError::OutOfStep.close_code(), 1011);
                decompressor.reset();
            }
            assert_eq!(inflate(&mut *decompressor, STATIC, 5).unwrap(), b"Hello");
        }
    }
}

fn forgets_on_reset(backend: Backend) {
    for takeover in modes(backend) {
        let mut compressor = compressor(backend, takeover);
        let message = message(Kind::Random, 1000, 1);
        let first = deflate(&mut *compressor, &message);
        assert_eq!(deflate(&mut *compressor, &message).len() < 100, takeover);
        compressor.reset();
        assert!(deflate(&mut *compressor, &message) == first);
    }
}

fn appends_and_leaves_the_rest_alone(backend: Backend) {
    let (mut compressor, mut decompressor) = (compressor(backend, false), decompressor(backend, false));
    let mut payload = b"before".to_vec();
    compressor.compress(b"Hello", &mut payload).unwrap();
    assert!(payload.starts_with(b"before"));

    let mut out = b"before".to_vec();
    decompressor.decompress(&payload[6..], 5, &mut out).unwrap();
    assert_eq!(out, b"beforeHello");
    decompressor.decompress(&payload[6..], 4, &mut out).unwrap_err();
    decompressor.decompress(&payload[6..8], 5, &mut out).unwrap_err();
    assert_eq!(out, b"beforeHello");
}

/// "Hello" in one block with fixed codes (section 7.2.3.1).
const STATIC: &[u8] = &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
/// The same by reference to the message before it (section 7.2.3.2).
const REFERENCE: &[u8] = &[0xf2, 0x00, 0x11, 0x00, 0x00];
/// The same in a stored block (section 7.2.3.3).
const STORED: &[u8] = &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
/// The same in a block with BFINAL=1 (section 7.2.3.4).
const FINAL: &[u8] = &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
/// The same in two blocks (section 7.2.3.5).
const TWO_BLOCKS: &[u8] = &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Without takeover, and with it where the backend can.
fn modes(backend: Backend) -> impl Iterator<Item = bool> {
    [false, true].into_iter().filter(move |&takeover| !takeover || backend.capabilities().takeover)
}

fn config(takeover: bool) -> CompressorConfig {
    CompressorConfig::default().takeover(takeover)
}

fn compressor(backend: Backend, takeover: bool) -> Box<dyn Compressor> {
    backend.compressor(config(takeover)).unwrap()
}

fn decompressor(backend: Backend, takeover: bool) -> Box<dyn Decompressor> {
    backend.decompressor(DecompressorConfig::default().takeover(takeover)).unwrap()
}

fn deflate(compressor: &mut dyn Compressor, message: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    compressor.compress(message, &mut payload).unwrap();
    payload
}

fn inflate(
    decompressor: &mut dyn Decompressor,
    payload: &[u8],
    limit: usize,
) -> Result<Vec<u8>, DecompressError> {
    let mut message = Vec::new();
    decompressor.decompress(payload, limit, &mut message).map(|()| message)
}
