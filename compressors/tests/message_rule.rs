//! No message gets longer for being compressed, and the peer stays in step however often that is what happens.

#![cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod common;

use common::{for_each_backend, lengths};
use wscodec_compressors::conformance::corpus::{KINDS, Kind, message};
use wscodec_compressors::{
    Backend, Capabilities, CompressError, CompressionPolicy, CompressionWish, Compressor, CompressorConfig,
    ConfigError, DecompressorConfig, Encoding, FragmentEnd, InflateLimits, MessageCompressor,
    MessageDecompressor,
};

for_each_backend![
    never_longer,
    a_fragment_costs_no_more_than_its_bound,
    what_is_said_beforehand_holds,
    a_small_window_without_takeover_is_kept_to,
    a_dropped_payload_takes_the_history_with_it,
];

fn takeovers(backend: Backend) -> impl Iterator<Item = bool> {
    [false, true].into_iter().filter(move |takeover| !takeover || backend.capabilities().takeover)
}

fn pair(backend: Backend, config: CompressorConfig) -> (MessageCompressor, MessageDecompressor) {
    // All that may be compressed: the rule has to do it alone.
    let policy = CompressionPolicy::default().threshold(0).skip_random(false);
    let theirs = DecompressorConfig::default().takeover(config.takeover);
    (
        MessageCompressor::new(backend, config).unwrap().with_policy(policy),
        MessageDecompressor::new(backend, theirs, InflateLimits::default()).unwrap(),
    )
}

fn never_longer(backend: Backend) {
    for takeover in takeovers(backend) {
        for level in [0, 1, 6, 9] {
            let config = CompressorConfig::default().level(level).takeover(takeover);
            let (mut compressor, mut decompressor) = pair(backend, config);
            let (mut plain, mut deflated) = (0, 0);
            for (seed, length) in (0..).zip(lengths()) {
                for kind in KINDS {
                    for wish in [CompressionWish::Auto, CompressionWish::Compress] {
                        let message = message(kind, length, seed);
                        let mut payload = b"before".to_vec();
                        let encoding = compressor.message(&message, wish, &mut payload).unwrap();
                        let payload = payload.strip_prefix(b"before").unwrap();
                        let context = format!("{backend} {config:?} {kind:?} {length} {wish:?}");
                        if encoding == Encoding::Plain {
                            assert!(payload == message, "{context}");
                            plain += 1;
                            continue;
                        }
                        let most = match (takeover, wish) {
                            (false, CompressionWish::Auto) => length - 1,
                            _ => length + 2,
                        };
                        assert!(payload.len() <= most, "{context}: {}", payload.len());
                        let mut out = Vec::new();
                        decompressor.message(payload, &mut out).expect(&context);
                        assert!(out == message, "{context}");
                        deflated += 1;
                    }
                }
            }
            assert!(plain > 50 && (deflated > 50 || level == 0), "{backend} {config:?}: {plain}, {deflated}");
        }
    }
}

/// The history that a dropped payload was made with is not what the peer has: nothing may refer to it.
fn a_dropped_payload_takes_the_history_with_it(backend: Backend) {
    if !backend.capabilities().takeover {
        return;
    }
    let (mut compressor, mut decompressor) = pair(backend, CompressorConfig::default());
    let random = message(Kind::Random, 1000, 1);
    for _ in 0..3 {
        let mut payload = Vec::new();
        let encoding = compressor.message(&random, CompressionWish::Compress, &mut payload).unwrap();
        assert_eq!(encoding, Encoding::Plain, "it can't refer to itself");
    }
    for round in 0..3 {
        let mut payload = Vec::new();
        let json = message(Kind::Json, 1000, 1);
        compressor.message(&json, CompressionWish::Auto, &mut payload).unwrap();
        assert_eq!(round > 0, payload.len() < 50, "from then on there is a history again");
        let mut out = Vec::new();
        decompressor.message(&payload, &mut out).unwrap();
        assert!(out == json);
    }
}

fn a_fragment_costs_no_more_than_its_bound(backend: Backend) {
    for takeover in takeovers(backend) {
        let config = CompressorConfig::default().takeover(takeover);
        let (mut compressor, mut decompressor) = pair(backend, config);
        let bounds = backend.compressor(config).unwrap();
        for size in [1, 10, 1000, 30_000] {
            let message = message(Kind::Random, 100_000, 1);
            let (mut most, mut payload) = (0, Vec::new());
            for fragment in message.chunks(size) {
                // The whole flush is on the wire, and not cut off.
                most += bounds.bound(fragment.len()) + 4;
                compressor
                    .fragment(fragment, FragmentEnd::Frame, CompressionWish::Compress, &mut payload)
                    .unwrap();
            }
            let encoding =
                compressor.fragment(b"", FragmentEnd::Message, CompressionWish::Plain, &mut payload).unwrap();
            assert_eq!(encoding, Encoding::Deflate, "the first one decides");
            assert!(payload.len() <= most + 5, "{backend}: {} of {most}", payload.len());
            let mut out = Vec::new();
            decompressor.message(&payload, &mut out).unwrap();
            assert!(out == message);
        }
    }
}

fn what_is_said_beforehand_holds(backend: Backend) {
    for takeover in takeovers(backend) {
        let config = CompressorConfig::default().takeover(takeover);
        let mut compressor = MessageCompressor::new(backend, config).unwrap();
        for kind in KINDS {
            for length in lengths() {
                for wish in [CompressionWish::Auto, CompressionWish::Compress, CompressionWish::Plain] {
                    let message = message(kind, length, 1);
                    let compresses = compressor.compresses(&message, wish);
                    assert_eq!(compresses, CompressionPolicy::default().compresses(&message, wish));
                    let mut payload = Vec::new();
                    let encoding = compressor.message(&message, wish, &mut payload).unwrap();
                    assert!(compresses || encoding == Encoding::Plain);

                    // In fragments the first one is asked, and the last may wish what it likes.
                    payload.clear();
                    let end = FragmentEnd::Frame;
                    let first = compressor.fragment(&message, end, wish, &mut payload).unwrap();
                    assert_eq!(first.rsv1(), compresses);
                    let end = FragmentEnd::Message;
                    let wish = CompressionWish::Plain;
                    assert_eq!(compressor.fragment(b"end", end, wish, &mut payload), Ok(first));
                    assert!(first.rsv1() || payload == [&message[..], b"end"].concat());
                }
            }
        }
    }
}

fn a_small_window_without_takeover_is_kept_to(backend: Backend) {
    use wscodec_compressors::conformance::reference::decode;
    let can = backend.capabilities();
    for window_bits in 8..=15 {
        let config = CompressorConfig::default().window_bits(window_bits);
        assert_eq!(
            MessageCompressor::new(backend, config).is_ok(),
            can.takeover && can.window_bits.contains(&window_bits)
        );
        let (mut compressor, _) = pair(backend, config.takeover(false));
        assert_eq!(compressor.config(), config.takeover(false));
        let narrow = !can.window_bits.contains(&window_bits);
        let window = 1 << window_bits;
        for (length, plain) in [(window, false), (window + 1, narrow), (3 * window, narrow)] {
            // Its end is its beginning, as far away as it can be.
            let random = message(Kind::Random, 64, 1);
            let message = [&random, &vec![b'x'; length - 128][..], &random].concat();
            let mut payload = Vec::new();
            let encoding = compressor.message(&message, CompressionWish::Compress, &mut payload).unwrap();
            assert_eq!(encoding == Encoding::Plain, plain, "{backend}, {window_bits}, {length}");
            if !plain {
                let decoded = decode(b"", &payload).unwrap();
                assert!(decoded.message == message && decoded.reach <= window);
            }
            payload.clear();
            let (wish, end) = (CompressionWish::Compress, FragmentEnd::Message);
            let half = compressor.fragment(&message[..10], FragmentEnd::Frame, wish, &mut payload).unwrap();
            assert_eq!(half == Encoding::Plain, narrow);
            assert_eq!(compressor.fragment(&message[10..], end, wish, &mut payload), Ok(half));
            if !narrow {
                let decoded = decode(b"", &payload).unwrap();
                assert!(decoded.message == message && decoded.reach <= window);
            }
        }
    }
    for (window_bits, level) in [(7, 6), (16, 6), (0, 6), (10, 99)] {
        for takeover in [false, true] {
            let config = CompressorConfig::default().window_bits(window_bits).level(level).takeover(takeover);
            assert!(matches!(
                MessageCompressor::new(backend, config),
                Err(ConfigError::WindowBits { .. } | ConfigError::Level { .. })
            ));
        }
    }
}

/// Somebody's own engine, which fails when it is told to.
struct Failing {
    inner: Box<dyn Compressor>,
    resets: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

const POISON: &[u8] = b"an engine chokes on this one, which is long enough to be given to it to begin with";

impl Compressor for Failing {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn engine(&self) -> &'static str {
        "failing"
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        if message == POISON {
            Err(CompressError::Engine("poison"))
        } else {
            self.inner.compress(message, out)
        }
    }

    fn reset(&mut self) {
        self.resets.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.inner.reset();
    }

    fn memory(&self) -> usize {
        1_000_000
    }
}

#[test]
fn an_engine_of_ones_own_may_fail() {
    use std::sync::atomic::Ordering::Relaxed;
    let (wish, mut out) = (CompressionWish::Compress, b"before".to_vec());
    let resets = std::sync::Arc::default();
    for backend in Backend::available() {
        for takeover in takeovers(backend) {
            let config = CompressorConfig::default().takeover(takeover);
            let inner = backend.compressor(config).unwrap();
            let own = Failing { inner, resets: std::sync::Arc::clone(&resets) };
            let mut compressor = MessageCompressor::with_own(Box::new(own), config);
            assert!(compressor.memory() > 1_000_000, "it is the connection's");
            assert_eq!((compressor.engine(), compressor.config()), ("failing", config));

            let failed = Err(CompressError::Engine("poison"));
            let before = resets.load(Relaxed);
            assert_eq!(compressor.message(POISON, wish, &mut out), failed);
            assert_eq!(compressor.fragment(POISON, FragmentEnd::Frame, wish, &mut out), failed);
            assert_eq!(out, b"before");
            assert_eq!(
                resets.load(Relaxed),
                before + 2,
                "nothing is on the wire that the next could not follow"
            );
            assert_eq!(compressor.message(&[b'a'; 99], wish, &mut out), Ok(Encoding::Deflate));
            compressor.release();
            assert_eq!(resets.load(Relaxed), before + 3);

            // In the middle of a message there is no way back.
            let frame = FragmentEnd::Frame;
            compressor.fragment(b"begun", frame, wish, &mut out).unwrap();
            assert_eq!(compressor.message(b"another", wish, &mut out), Err(CompressError::WithinMessage));
            let held = out.len();
            assert_eq!(compressor.fragment(POISON, frame, wish, &mut out), failed);
            for _ in 0..2 {
                assert_eq!(
                    compressor.fragment(b"more", frame, wish, &mut out),
                    Err(CompressError::OutOfStep)
                );
                assert_eq!(compressor.message(b"more", wish, &mut out), Err(CompressError::OutOfStep));
                compressor.release();
            }
            assert_eq!(out.len(), held);
            out.truncate(6);
        }
    }
}
