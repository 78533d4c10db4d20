//! Every backend decodes what every other one sends.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that fails may panic")]

mod common;

use common::lengths;
use wscodec_compressors::conformance::corpus::{KINDS, message};
use wscodec_compressors::{Backend, CompressorConfig, DecompressorConfig};

#[test]
fn every_pair_without_takeover() {
    for from in engines() {
        let levels = from.capabilities().levels;
        for level in levels.filter(|level| [0, 1, 2, 4, 6, 9, 12].contains(level)) {
            let config = CompressorConfig::default().level(level).takeover(false);
            let mut compressor = from.compressor(config).unwrap();
            let mut decompressors: Vec<_> = engines()
                .map(|to| to.decompressor(DecompressorConfig::default().takeover(false)).unwrap())
                .collect();
            for kind in KINDS {
                for (seed, length) in (0..).zip(lengths()) {
                    let message = message(kind, length, seed);
                    let mut payload = b"before".to_vec();
                    compressor.compress(&message, &mut payload).unwrap();
                    for decompressor in &mut decompressors {
                        let mut out = b"kept".to_vec();
                        decompressor.decompress(&payload[6..], length, &mut out).unwrap_or_else(|e| {
                            panic!("{from} level {level} {kind:?} {length} to {}: {e}", decompressor.engine())
                        });
                        assert!(out[4..] == message, "{from} level {level} {kind:?} {length}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_pair_at_a_mebibyte() {
    for from in engines() {
        let levels = from.capabilities().levels;
        for level in [1, 6, *levels.end()] {
            for takeover in [false, true].into_iter().filter(|&t| !t || from.capabilities().takeover) {
                let config = CompressorConfig::default().level(level).takeover(takeover);
                let mut compressor = from.compressor(config).unwrap();
                let mut decompressors: Vec<_> = engines()
                    .filter(|to| !takeover || to.decompressor_capabilities().takeover)
                    .map(|to| to.decompressor(DecompressorConfig::default().takeover(takeover)).unwrap())
                    .collect();
                for kind in KINDS {
                    let message = message(kind, 1 << 20, 9);
                    let mut payload = Vec::new();
                    compressor.compress(&message, &mut payload).unwrap();
                    for decompressor in &mut decompressors {
                        let mut out = Vec::new();
                        decompressor.decompress(&payload, 1 << 20, &mut out).unwrap();
                        assert!(out == message, "{from} level {level} {kind:?} to {}", decompressor.engine());
                    }
                }
            }
        }
    }
}

#[test]
fn every_pair_with_takeover() {
    for from in engines().filter(|b| b.capabilities().takeover) {
        for to in Backend::available().filter(|b| b.decompressor_capabilities().takeover) {
            for level in from.capabilities().levels.filter(|level| [1, 4, 6, 9].contains(level)) {
                for window_bits in
                    from.capabilities().window_bits.filter(|bits| [8, 9, 12, 15].contains(bits))
                {
                    let mut c = from
                        .compressor(CompressorConfig::default().level(level).window_bits(window_bits))
                        .unwrap();
                    let mut d =
                        to.decompressor(DecompressorConfig::default().window_bits(window_bits)).unwrap();
                    for (seed, length) in (0..).zip([0, 5, 217, 0, 3000, 217, 70_000, 1, 217, 40_000]) {
                        for kind in KINDS {
                            let message = message(kind, length, seed);
                            let (mut payload, mut out) = (Vec::new(), Vec::new());
                            c.compress(&message, &mut payload).unwrap();
                            d.decompress(&payload, length, &mut out).unwrap_or_else(|e| {
                                panic!("{from} {level} {window_bits} {to} {kind:?} {length} {e}")
                            });
                            assert!(out == message, "{from} {to} {kind:?} {length}");
                        }
                    }
                }
            }
        }
    }
}

/// The backends with an engine of their own: the hybrid's are among them.
fn engines() -> impl Iterator<Item = Backend> {
    Backend::available().filter(|backend| backend.name() != "hybrid")
}
