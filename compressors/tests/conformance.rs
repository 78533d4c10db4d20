//! Every backend of this crate through the suite that everybody's go through, and what is true of these alone.

#![cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod common;

use common::for_each_backend;
use wscodec_compressors::conformance::corpus::{Kind, message};
use wscodec_compressors::{Backend, Compressor, CompressorConfig, DecompressorConfig, conformance};

for_each_backend! { keeps_every_rule, refers_to_the_messages_before, describes_itself }

fn keeps_every_rule(backend: Backend) {
    conformance::check(
        (&backend.capabilities(), |config| backend.compressor(config)),
        (&backend.decompressor_capabilities(), |config| backend.decompressor(config)),
    )
    .unwrap();
}

/// A sender need not, so the suite does not ask for it.
fn refers_to_the_messages_before(backend: Backend) {
    for takeover in [false, true].into_iter().filter(|&takeover| !takeover || backend.capabilities().takeover)
    {
        let config = CompressorConfig::default().takeover(takeover);
        let mut compressor = backend.compressor(config).unwrap();
        let deflate = |compressor: &mut dyn Compressor, message: &[u8]| {
            let mut payload = Vec::new();
            compressor.compress(message, &mut payload).unwrap();
            payload
        };
        let message = message(Kind::Random, 1000, 1);
        let first = deflate(&mut *compressor, &message);
        assert_eq!(deflate(&mut *compressor, &message).len() < 100, takeover);
        compressor.reset();
        assert!(deflate(&mut *compressor, &message) == first);
    }
}

fn describes_itself(backend: Backend) {
    assert_eq!(Backend::from_name(backend.name()), Some(backend));
    assert_eq!(backend.to_string(), backend.name());
    let takeover = backend.capabilities().takeover;
    let compressor = backend.compressor(CompressorConfig::default().takeover(takeover)).unwrap();
    let decompressor = backend.decompressor(DecompressorConfig::default().takeover(takeover)).unwrap();
    // With takeover, the hybrid compresses with one engine and decompresses with both.
    if backend.name() != "hybrid" {
        assert_eq!(compressor.engine(), decompressor.engine());
    }
    if !["flate2", "hybrid"].contains(&backend.name()) {
        assert_eq!(compressor.engine(), backend.name());
    }
}

/// A payload tells by itself which engine wrote it: they never write the same for a message like this.
#[cfg(feature = "hybrid")]
#[test]
fn the_hybrid_takes_the_engine_that_it_says() {
    let payload = |backend: Backend, config, length| {
        let mut payload = Vec::new();
        let message = message(Kind::Json, length, 3);
        backend.compressor(config).unwrap().compress(&message, &mut payload).unwrap();
        payload
    };
    let config = CompressorConfig::default();
    let alone = config.takeover(false);
    for (hybrid, length, backend, same) in [
        (config.level(0), 3000, Backend::Compact, config.level(0)),
        (config, 3000, Backend::Compact, config),
        (config.level(9), 3000, Backend::Compact, config.level(9)),
        (config.level(1), 3000, Backend::Compact, config.level(1)),
        (config.level(3), 3000, Backend::Compact, config.level(3)),
        (config.level(4), 3000, Backend::Compact, config.level(5)),
        (config.level(5), 3000, Backend::Compact, config.level(5)),
        (alone.level(1), 3000, Backend::Compact, alone.level(1)),
        (alone.level(2), 512, Backend::Compact, alone.level(4)),
        (alone, 512, Backend::Compact, alone),
        (alone.level(7), 512, Backend::Libdeflate, alone.level(7)),
        (alone.level(3).window_bits(12), 4097, Backend::Compact, alone.level(4).window_bits(12)),
        (alone.window_bits(9), 513, Backend::Compact, alone.window_bits(9)),
        (alone.level(2), 3000, Backend::Libdeflate, alone.level(1)),
        (alone.level(9), 3000, Backend::Libdeflate, alone.level(9)),
        (alone, 100_000, Backend::Libdeflate, alone),
        (alone.window_bits(12), 4096, Backend::Libdeflate, alone),
        (alone.window_bits(12), 4097, Backend::Compact, alone.window_bits(12)),
    ] {
        let expected = payload(backend, same, length);
        assert!(payload(Backend::Hybrid, hybrid, length) == expected, "{hybrid:?}, {length} bytes");
    }
}

/// An engine whose output does not fit hands out the rest before it flushes.
#[cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs"))]
#[test]
fn what_was_held_back_comes_before_the_flush() {
    use wscodec_compressors::FragmentEnd;

    for backend in Backend::available().filter(|backend| backend.capabilities().streaming) {
        for level in backend.capabilities().levels {
            let config = CompressorConfig::default().level(level);
            let mut compressor = backend.compressor(config).unwrap();
            let (mut payload, mut out) = (Vec::new(), Vec::new());
            compressor.compress_fragment(&[1; 74_149], FragmentEnd::Open, &mut payload).unwrap();
            compressor.compress_fragment(&[1; 21_331], FragmentEnd::Message, &mut payload).unwrap();
            let mut decompressor = backend.decompressor(DecompressorConfig::default()).unwrap();
            decompressor.decompress(&payload, 100_000, &mut out).unwrap();
            assert!(out == [1; 74_149 + 21_331], "{backend}, level {level}");
        }
    }
}

/// Nor need it find matches from fragment to fragment, or hold anything back.
#[cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs"))]
#[test]
fn a_backend_that_streams_refers_to_the_fragments_before() {
    use wscodec_compressors::FragmentEnd;

    for backend in Backend::available().filter(|backend| backend.capabilities().streaming) {
        for takeover in [false, true] {
            let config = CompressorConfig::default().takeover(takeover);
            let mut compressor = backend.compressor(config).unwrap();
            let mut fragment = |fragment: &[u8], end| {
                let mut out = Vec::new();
                compressor.compress_fragment(fragment, end, &mut out).unwrap();
                out.len()
            };
            let random = message(Kind::Random, 1000, 1);
            for first in [true, false] {
                let refers = takeover && !first;
                assert_eq!(fragment(&random, FragmentEnd::Frame) < 100, refers, "{backend}");
                assert!(fragment(&random, FragmentEnd::Frame) < 100, "{backend}");
                assert_eq!(fragment(b"held back", FragmentEnd::Open), 0, "{backend}");
                assert_eq!(fragment(b"", FragmentEnd::Open), 0, "{backend}");
                assert!(fragment(b"", FragmentEnd::Frame) > 4, "{backend}");
                assert_eq!(fragment(b"", FragmentEnd::Frame), 0, "{backend}");
                assert_eq!(fragment(b"", FragmentEnd::Message), 1, "{backend}");
            }
        }
    }
}
