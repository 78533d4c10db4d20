//! What the contexts say of their memory, against an allocator that counts; and how far a bomb gets.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that fails may panic")]

use allocation_counter::measure;
use wscodec_compressors::conformance::corpus::{Kind, message};
use wscodec_compressors::{Backend, CompressorConfig, DecompressError, DecompressorConfig};

#[test]
fn memory_is_what_it_says_and_a_bomb_gets_no_further_than_its_limit() {
    for backend in Backend::available() {
        let can = backend.capabilities();
        // Once before, for what is set up on first use.
        drop(backend.compressor(CompressorConfig::default().takeover(false)));
        drop(backend.decompressor(DecompressorConfig::default().takeover(false)));
        for takeover in [false, true].into_iter().filter(|&takeover| !takeover || can.takeover) {
            for level in can.levels.clone() {
                for window_bits in can.window_bits.clone() {
                    let config = CompressorConfig::default().level(level).window_bits(window_bits);
                    says_what_it_holds(backend, config.takeover(takeover));
                }
            }
            survives_a_bomb(backend, DecompressorConfig::default().takeover(takeover));
            allocates_nothing_in_steady_state(backend, takeover);
        }
    }
}

fn says_what_it_holds(backend: Backend, config: CompressorConfig) {
    let mut compressor = None;
    let held = measure(|| {
        let compressor = compressor.insert(backend.compressor(config).unwrap());
        for length in [100, 70_000] {
            compressor.compress(&message(Kind::Json, length, 1), &mut Vec::new()).unwrap();
        }
    });
    close(compressor.unwrap().memory(), held.bytes_current, &format!("{backend} compressor, {config:?}"));

    let config = DecompressorConfig::default().takeover(config.takeover);
    let mut decompressor = None;
    let held = measure(|| {
        let decompressor = decompressor.insert(backend.decompressor(config).unwrap());
        for _ in 0..3 {
            decompressor
                .decompress(&[0x00, 0x05, 0x00, 0xfa, 0xff, 1, 2, 3, 4, 5, 0x00], 9, &mut Vec::new())
                .unwrap();
        }
    });
    close(decompressor.unwrap().memory(), held.bytes_current, &format!("{backend} decompressor"));
}

/// Within one in a hundred and a page, for what differs between platforms.
fn close(said: usize, held: i64, what: &str) {
    let held = usize::try_from(held).unwrap();
    assert!(said.abs_diff(held) <= held / 100 + 512, "{what}: says {said}, holds {held}");
}

fn survives_a_bomb(backend: Backend, config: DecompressorConfig) {
    let mut bomb = Vec::new();
    let compressor = backend.compressor(CompressorConfig::default().takeover(false));
    compressor.unwrap().compress(&vec![0; 50_000_000], &mut bomb).unwrap();
    for limit in [0, 1, 1000, 100_000, 5_000_000] {
        let mut decompressor = backend.decompressor(config).unwrap();
        for _ in 0..2 {
            decompressor.reset();
            let used = measure(|| {
                let result = decompressor.decompress(&bomb, limit, &mut Vec::new());
                assert_eq!(result, Err(DecompressError::TooLong { limit }));
            });
            let used = usize::try_from(used.bytes_max).unwrap();
            // Growing a vector holds the old one and the new one; and there are the payload's copy and the history.
            assert!(used <= limit * 2 + bomb.len() + 200_000, "{backend}, limit {limit}: {used}");
        }
    }
}

fn allocates_nothing_in_steady_state(backend: Backend, takeover: bool) {
    let mut compressor = backend.compressor(CompressorConfig::default().takeover(takeover)).unwrap();
    let mut decompressor = backend.decompressor(DecompressorConfig::default().takeover(takeover)).unwrap();
    let message = message(Kind::Json, 3000, 1);
    let (mut payload, mut out) = (Vec::new(), Vec::new());
    let mut round = || {
        payload.clear();
        out.clear();
        compressor.compress(&message, &mut payload).unwrap();
        decompressor.decompress(&payload, 3000, &mut out).unwrap();
    };
    (0..30).for_each(|_| round());
    let made = measure(|| (0..30).for_each(|_| round()));
    assert_eq!(made.count_total, 0, "{backend}, takeover {takeover}");
}
