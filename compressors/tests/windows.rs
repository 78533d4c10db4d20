//! No compressor reaches further back than the window it was given.

#![cfg(any(feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that fails may panic")]

mod common;

use common::reference;
use common::{KINDS, Kind, for_each_backend, message};
use wscodec_compressors::{Backend, CompressorConfig, ConfigError, DecompressorConfig};

for_each_backend! { stays_within_the_window, refuses_what_it_cannot_do, describes_itself }

fn stays_within_the_window(backend: Backend) {
    for level in backend.capabilities().levels {
        for window_bits in backend.capabilities().window_bits {
            let takeover = backend.capabilities().takeover;
            let config = CompressorConfig::default().level(level).window_bits(window_bits).takeover(takeover);
            let mut compressor = backend.compressor(config).unwrap();
            let (mut history, mut reach) = (Vec::new(), 0);
            for (seed, kind) in (0..).zip([Kind::Echo, Kind::Json, Kind::Binary]) {
                for length in [100, 700, 6000] {
                    let message = message(kind, length, seed);
                    let mut payload = Vec::new();
                    compressor.compress(&message, &mut payload).unwrap();
                    reach = reach.max(reference::decode(&history, &payload).unwrap().reach);
                    if takeover {
                        history.extend_from_slice(&message);
                    }
                }
            }
            assert!(reach <= 1 << window_bits, "level {level}, {window_bits} bits: {reach} bytes");
        }
    }
}

fn refuses_what_it_cannot_do(backend: Backend) {
    let can = backend.capabilities();
    let config = CompressorConfig::default().takeover(can.takeover);
    for level in [*can.levels.end() + 1, 255] {
        let error = backend.compressor(config.level(level)).map(drop).unwrap_err();
        assert_eq!(error, ConfigError::Level { level, supported: can.levels.clone() });
    }
    for window_bits in 0..=255 {
        let made = backend.compressor(config.window_bits(window_bits)).map(drop);
        let refused = ConfigError::WindowBits { window_bits, supported: can.window_bits.clone() };
        assert_eq!(made, if can.window_bits.contains(&window_bits) { Ok(()) } else { Err(refused) });

        let can = backend.decompressor_capabilities();
        let config = DecompressorConfig::default().takeover(can.takeover);
        let made = backend.decompressor(config.window_bits(window_bits)).map(drop);
        let refused = ConfigError::WindowBits { window_bits, supported: can.window_bits.clone() };
        assert_eq!(made, if can.window_bits.contains(&window_bits) { Ok(()) } else { Err(refused) });
    }
    if !can.takeover {
        assert_eq!(backend.compressor(config.takeover(true)).map(drop), Err(ConfigError::Takeover));
        assert_eq!(backend.decompressor(DecompressorConfig::default()).map(drop), Err(ConfigError::Takeover));
    }
}

fn describes_itself(backend: Backend) {
    assert_eq!(Backend::from_name(backend.name()), Some(backend));
    assert_eq!(backend.to_string(), backend.name());
    let takeover = backend.capabilities().takeover;
    let compressor = backend.compressor(CompressorConfig::default().takeover(takeover)).unwrap();
    let decompressor = backend.decompressor(DecompressorConfig::default().takeover(takeover)).unwrap();
    assert_eq!(compressor.capabilities(), backend.capabilities());
    assert_eq!(decompressor.capabilities(), backend.decompressor_capabilities());
    assert_eq!(compressor.engine(), decompressor.engine());
    if backend.name() != "flate2" {
        assert_eq!(compressor.engine(), backend.name());
    }
}

#[test]
fn the_reference_reads_every_kind() {
    for kind in KINDS {
        for backend in Backend::available() {
            let message = message(kind, 3000, 2);
            let mut payload = Vec::new();
            let config = CompressorConfig::default().takeover(false);
            backend.compressor(config).unwrap().compress(&message, &mut payload).unwrap();
            assert!(reference::decode(b"", &payload).unwrap().message == message);
        }
    }
}
