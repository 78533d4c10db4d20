//! Each limit is exact, has its name and its close code, and leaves the connection as the RFC has it.

#![cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod common;

use allocation_counter::measure;
use common::for_each_backend;
use proptest::collection::vec;
use proptest::prelude::*;
use wscodec_compressors::conformance::corpus::{Kind, message};
use wscodec_compressors::{
    Backend, Capabilities, CompressorConfig, DecompressError, Decompressor, DecompressorConfig,
    InflateLimits, MessageDecompressor,
};

const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

for_each_backend![
    the_message_limit,
    the_wire_limit,
    the_fragment_limit,
    the_ratio,
    a_corrupt_message,
    a_message_within_another,
    no_frame_at_all_is_no_message,
    a_long_output_is_not_copied_for_each_message,
    the_limit_is_exact_whatever_room_the_output_has,
];

/// A receiver that has had a message, and one frame after the other of another: what came out, or what went wrong where.
struct Received {
    decompressor: MessageDecompressor,
    out: Vec<u8>,
    result: Result<(), (usize, DecompressError)>,
}

fn receive(backend: Backend, takeover: bool, limits: InflateLimits, frames: &[&[u8]]) -> Received {
    let config = DecompressorConfig::default().takeover(takeover);
    let mut decompressor = MessageDecompressor::new(backend, config, limits).unwrap();
    let mut out = b"before".to_vec();
    let mut result = Ok(());
    for (i, frame) in frames.iter().enumerate() {
        let held = out.len();
        let taken = decompressor.fragment(frame, i + 1 == frames.len(), &mut out);
        if let Err(error) = taken {
            assert_eq!(out.len(), held, "the output is as it was");
            result = Err((i, error));
            break;
        }
    }
    Received { decompressor, out, result }
}

/// With takeover nothing goes on, without everything does.
fn goes_on_as_it_should(mut received: Received, takeover: bool) {
    let (expected, held) =
        (if takeover { Err(DecompressError::OutOfStep) } else { Ok(()) }, received.out.clone());
    assert_eq!(DecompressError::OutOfStep.close_code(), 1011);
    for _ in 0..2 {
        assert_eq!(received.decompressor.fragment(&HELLO[..3], false, &mut received.out), expected);
        assert_eq!(received.decompressor.fragment(&HELLO[3..], true, &mut received.out), expected);
        assert_eq!(received.decompressor.message(&HELLO, &mut received.out), expected);
        received.decompressor.release();
    }
    let more = if takeover { vec![] } else { b"HelloHelloHelloHello".to_vec() };
    assert_eq!(received.out, [held, more].concat());
    assert!(received.decompressor.memory() < 1024, "what can't go on holds nothing");
}

/// Takes the frames under `exact`, refuses them under `less` with `error`, and then goes on as it should.
fn exact(
    backend: Backend,
    frames: &[&[u8]],
    exact: InflateLimits,
    less: InflateLimits,
    error: DecompressError,
    length: usize,
) {
    for takeover in takeovers(backend) {
        let taken = receive(backend, takeover, exact, frames);
        assert_eq!(taken.result, Ok(()), "{backend}, {takeover}, {exact:?}");
        assert_eq!(taken.out.len(), 6 + length);

        let refused = receive(backend, takeover, less, frames);
        assert_eq!(refused.result.map_err(|(_, error)| error), Err(error), "{backend}, {takeover}");
        assert_eq!(error.close_code(), 1009);
        goes_on_as_it_should(refused, takeover);
    }
}

fn takeovers(backend: Backend) -> impl Iterator<Item = bool> {
    let can = backend.decompressor_capabilities().takeover;
    [false, true].into_iter().filter(move |takeover| !takeover || can)
}

/// A payload by each way to cut it in up to three frames at some places, and with empty ones.
fn cuts(payload: &[u8]) -> Vec<Vec<&[u8]>> {
    let n = payload.len();
    let mut all = vec![vec![payload], vec![payload, b""], vec![b"", payload], vec![b"", payload, b"", b""]];
    for at in [1, n / 3, n / 2, n - 1] {
        all.push(vec![&payload[..at], &payload[at..]]);
        all.push(vec![&payload[..at], b"", &payload[at..at + (n - at) / 2], &payload[at + (n - at) / 2..]]);
    }
    all
}

fn payload(message: &[u8]) -> Vec<u8> {
    let backend = Backend::available().next().unwrap();
    let mut payload = Vec::new();
    let config = CompressorConfig::default().takeover(false);
    backend.compressor(config).unwrap().compress(message, &mut payload).unwrap();
    payload
}

fn the_message_limit(backend: Backend) {
    for length in [1, 5, 300, 5000, 70_000] {
        let payload = payload(&message(Kind::Json, length, 1));
        for frames in cuts(&payload) {
            let limits = InflateLimits::default();
            let error = DecompressError::TooLong { limit: length - 1 };
            // The limit below must still have room for the messages after.
            if length > 5 {
                exact(backend, &frames, limits.message(length), limits.message(length - 1), error, length);
            }
            let taken = receive(backend, false, limits.message(length), &frames);
            assert_eq!((taken.result, taken.out.len()), (Ok(()), 6 + length));
            let refused = receive(backend, false, limits.message(length - 1), &frames);
            assert_eq!(refused.result.map_err(|(_, error)| error), Err(error));
        }
    }
    let empty = receive(backend, false, InflateLimits::default().message(0), &[&[0x00]]);
    assert_eq!((empty.result, empty.out.len()), (Ok(()), 6));
}

fn the_wire_limit(backend: Backend) {
    for length in [300, 5000, 70_000] {
        let payload = payload(&message(Kind::Json, length, 1));
        let n = payload.len();
        for frames in cuts(&payload) {
            let limits = InflateLimits::default();
            let error = DecompressError::WireTooLong { limit: n - 1 };
            exact(backend, &frames, limits.wire(n), limits.wire(n - 1), error, length);
        }
        let early = receive(
            backend,
            false,
            InflateLimits::default().wire(n / 2),
            &[&payload[..n / 2], &payload[n / 2..n / 2 + 1], &payload[n / 2 + 1..]],
        );
        assert_eq!(early.result, Err((1, DecompressError::WireTooLong { limit: n / 2 })));
    }
}

fn the_fragment_limit(backend: Backend) {
    let payload = payload(&message(Kind::Json, 300, 1));
    for frames in cuts(&payload).into_iter().filter(|frames| frames.len() > 2) {
        let limits = InflateLimits::default();
        let n = frames.len();
        let error = DecompressError::TooManyFragments { limit: n - 1 };
        exact(backend, &frames, limits.fragments(n), limits.fragments(n - 1), error, 300);
    }
    // Empty ones without end, which cost their sender two bytes each.
    let endless = vec![&b""[..]; 1001];
    let refused = receive(backend, false, InflateLimits::default().fragments(1000), &endless);
    assert_eq!(refused.result, Err((1000, DecompressError::TooManyFragments { limit: 1000 })));
    let none = receive(backend, false, InflateLimits::default().fragments(0), &[&HELLO]);
    assert_eq!(none.result, Err((0, DecompressError::TooManyFragments { limit: 0 })));
}

fn the_ratio(backend: Backend) {
    // A length that is a multiple of its payload's, which one byte more does not change.
    let (length, wire) = (60_000..)
        .map(|length| (length, payload(&vec![0; length]).len()))
        .find(|&(length, wire)| length % wire == 0 && payload(&vec![0; length + 1]).len() == wire)
        .unwrap();
    let ratio = u32::try_from(length / wire).unwrap();
    let limits = InflateLimits::default().ratio(Some(ratio));
    let (at, over) = (payload(&vec![0; length]), payload(&vec![0; length + 1]));
    for takeover in takeovers(backend) {
        let taken = receive(backend, takeover, limits, &[&at]);
        assert_eq!((taken.result, taken.out.len()), (Ok(()), 6 + length));
        let refused = receive(backend, takeover, limits, &[&over]);
        let error = DecompressError::RatioTooHigh { ratio };
        assert_eq!((refused.result, error.close_code()), (Err((0, error)), 1009));
        goes_on_as_it_should(refused, takeover);
        // The smaller limit has the word, and the message's if they are the same.
        for limit in [length - 1, length] {
            let refused = receive(backend, takeover, limits.message(limit), &[&over]);
            assert_eq!(refused.result, Err((0, DecompressError::TooLong { limit })));
        }
    }
    // Short ones have any ratio.
    let limits = InflateLimits::default().ratio(Some(1));
    let (at, over) = (payload(&vec![0; 16 << 10]), payload(&vec![0; (16 << 10) + 1]));
    for frames in cuts(&at) {
        assert_eq!(receive(backend, false, limits, &frames).result, Ok(()));
    }
    for frames in cuts(&over) {
        let refused = receive(backend, false, limits, &frames);
        assert_eq!(refused.result.map_err(|(_, e)| e), Err(DecompressError::RatioTooHigh { ratio: 1 }));
    }
    let huge = InflateLimits::default().ratio(Some(u32::MAX)).wire(usize::MAX).message(usize::MAX);
    assert_eq!(receive(backend, false, huge, &[&at]).result, Ok(()));
}

fn a_corrupt_message(backend: Backend) {
    for takeover in takeovers(backend) {
        let limits = InflateLimits::default();
        for frames in
            [&[&HELLO[..3]][..], &[&HELLO[..1], &HELLO[1..3]], &[&[0xff; 9]], &[&[0xff; 4], b"", &[0xff]]]
        {
            let broken = receive(backend, takeover, limits, frames);
            assert!(matches!(broken.result, Err((_, DecompressError::Corrupt(_)))), "{:?}", broken.result);
            goes_on_as_it_should(broken, takeover);
        }
    }
}

fn a_message_within_another(backend: Backend) {
    for takeover in takeovers(backend) {
        let config = DecompressorConfig::default().takeover(takeover);
        let mut decompressor = MessageDecompressor::new(backend, config, InflateLimits::default()).unwrap();
        let mut out = Vec::new();
        decompressor.fragment(&HELLO[..3], false, &mut out).unwrap();
        let error = decompressor.message(&HELLO, &mut out).unwrap_err();
        assert_eq!((error, error.close_code()), (DecompressError::WithinMessage, 1011));
        decompressor.fragment(&HELLO[3..], true, &mut out).unwrap();
        assert_eq!(out, b"Hello");
    }
}

fn no_frame_at_all_is_no_message(backend: Backend) {
    for takeover in takeovers(backend) {
        for frames in [&[&b""[..]][..], &[b"", b""], &[b"", b"", b""]] {
            let empty = receive(backend, takeover, InflateLimits::default(), frames);
            let last = frames.len() - 1;
            assert!(
                matches!(empty.result, Err((at, DecompressError::Corrupt(_))) if at == last),
                "{:?}",
                empty.result
            );
            goes_on_as_it_should(empty, takeover);
        }
    }
}

/// Also with a limit that each message comes close to.
fn a_long_output_is_not_copied_for_each_message(backend: Backend) {
    for takeover in takeovers(backend) {
        for limit in [6, 1 << 20] {
            let config = DecompressorConfig::default().takeover(takeover);
            let limits = InflateLimits::default().message(limit);
            let mut decompressor = MessageDecompressor::new(backend, config, limits).unwrap();
            let mut out = vec![0; 2 << 20];
            let mut receive = || {
                // Flushed after "Hell", so that the second call finds most of the message there.
                let hello =
                    [&[0xf2, 0x48, 0xcd, 0xc9, 0x01, 0x00, 0x00, 0x00, 0xff, 0xff][..], &[0xca, 0x07, 0x00]];
                decompressor.fragment(hello[0], false, &mut out).unwrap();
                decompressor.fragment(hello[1], true, &mut out).unwrap();
            };
            receive();
            let used = measure(|| (0..1000).for_each(|_| receive()));
            assert!(used.count_total <= 40, "{backend}, {limit}: {} allocations", used.count_total);
            assert!(out.ends_with(&b"Hello".repeat(1001)));
        }
    }
}

fn the_limit_is_exact_whatever_room_the_output_has(backend: Backend) {
    for length in [1, 319, 320, 321, 5000, 40_000] {
        for kind in [Kind::Json, Kind::Random] {
            let message = message(kind, length, 2);
            let payload = payload(&message);
            let rooms =
                [0, length - 1, length, length + 1, length + 8, length + 9, length * 2, length * 70 + 1000];
            for (takeover, room) in takeovers(backend).flat_map(|t| rooms.map(|room| (t, room))) {
                for limit in [length - 1, length, length + 1] {
                    let config = DecompressorConfig::default().takeover(takeover);
                    let mut decompressor = backend.decompressor(config).unwrap();
                    let mut out = Vec::with_capacity(room + 6);
                    out.extend_from_slice(b"before");
                    let result = decompressor.decompress(&payload, limit, &mut out);
                    let (expected, held) = if limit < length {
                        (Err(DecompressError::TooLong { limit }), 0)
                    } else {
                        (Ok(()), length)
                    };
                    assert_eq!((result, out.len()), (expected, 6 + held), "{backend}, {room}, {limit}");
                    assert!(out.ends_with(&message[..held]));
                }
            }
        }
    }
}

/// An engine that streams, as plain as can be: each byte of a payload stands for as many zeros as it says, and 255 for
/// something broken.
struct Zeros {
    /// Bytes so far of the message under way, which must be 0 when one begins.
    begun: bool,
    /// Something went wrong in the message under way, and nobody said to forget it.
    failed: bool,
}

impl Decompressor for Zeros {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(true, 8..=15, 0..=0).with_streaming(true)
    }

    fn engine(&self) -> &'static str {
        "zeros"
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        assert!(!self.begun, "a whole message within another");
        self.decompress_fragment(payload, true, limit, out)
    }

    fn decompress_fragment(
        &mut self,
        payload: &[u8],
        last: bool,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        assert!(!self.failed, "not reset after a failure");
        self.begun = !last;
        self.failed = true;
        if payload.contains(&255) {
            return Err(DecompressError::Corrupt("255"));
        }
        let zeros = payload.iter().map(|byte| usize::from(*byte)).sum::<usize>();
        if zeros > limit {
            return Err(DecompressError::TooLong { limit });
        }
        self.failed = false;
        out.resize(out.len() + zeros, 0);
        Ok(())
    }

    fn reset(&mut self) {
        (self.begun, self.failed) = (false, false);
    }

    fn memory(&self) -> usize {
        size_of::<Self>()
    }
}

/// What a message comes to by the limits' own words, frame by frame.
fn expected(limits: &InflateLimits, frames: &[Vec<u8>]) -> (usize, Result<(), DecompressError>) {
    let (mut wire, mut message) = (0, 0);
    for (count, frame) in (1..).zip(frames) {
        let come = frame.iter().map(|byte| usize::from(*byte)).sum::<usize>();
        wire += frame.len();
        let ratio = limits.ratio.unwrap_or(u32::MAX);
        let by_ratio = (wire * ratio as usize).max(16 << 10);
        let error = if count > limits.fragments {
            DecompressError::TooManyFragments { limit: limits.fragments }
        } else if wire > limits.wire {
            DecompressError::WireTooLong { limit: limits.wire }
        } else if frame.contains(&255) {
            DecompressError::Corrupt("255")
        } else if message + come <= limits.message.min(by_ratio) {
            message += come;
            continue;
        } else if by_ratio < limits.message {
            DecompressError::RatioTooHigh { ratio }
        } else {
            DecompressError::TooLong { limit: limits.message }
        };
        return (message, Err(error));
    }
    (message, Ok(()))
}

fn frames() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let byte = prop_oneof![40 => 0_u8..=254, 1 => Just(255)];
    vec(prop_oneof![Just(Vec::new()), vec(byte.clone(), 0..40), vec(byte, 0..400)], 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_is_held_to_its_limits_frame_by_frame(
        takeover in any::<bool>(),
        wire in 0_usize..1500,
        message in 0_usize..60_000,
        fragments in 0_usize..9,
        ratio in proptest::option::of(0_u32..200),
        messages in vec(frames(), 1..5),
    ) {
        let limits =
            InflateLimits::default().wire(wire).message(message).fragments(fragments).ratio(ratio);
        let config = DecompressorConfig::default().takeover(takeover);
        let own = Box::new(Zeros { begun: false, failed: false });
        let mut decompressor = MessageDecompressor::with_own(own, config, limits);
        let mut lost = false;
        for frames in messages {
            let (length, result) = expected(&limits, &frames);
            let (mut out, mut got) = (Vec::new(), Ok(()));
            for (i, frame) in frames.iter().enumerate() {
                let last = i + 1 == frames.len();
                got = if frames.len() == 1 {
                    decompressor.message(frame, &mut out)
                } else {
                    decompressor.fragment(frame, last, &mut out)
                };
                if got.is_err() {
                    break;
                }
            }
            if lost {
                prop_assert_eq!((out.len(), got), (0, Err(DecompressError::OutOfStep)));
            } else {
                prop_assert_eq!((out.len(), got), (length, result));
            }
            lost |= takeover && got.is_err();
        }
    }
}
