//! What the contexts say of their memory, against an allocator that counts; and how far a bomb gets.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that fails may panic")]

mod common;

use allocation_counter::measure;
use wscodec_compressors::conformance::corpus::{Kind, message};
use wscodec_compressors::{
    Backend, Compressor, CompressorConfig, DecompressError, Decompressor, DecompressorConfig, FragmentEnd,
};

/// Prints a table with `-- --nocapture`.
#[test]
fn fresh_busy_and_shrunk() {
    println!("backend    takeover window | compressor fresh   busy | decompressor fresh   busy shrunk");
    for backend in Backend::available() {
        let can = (backend.capabilities(), backend.decompressor_capabilities());
        for takeover in [false, true].into_iter().filter(|&takeover| !takeover || can.1.takeover) {
            for window_bits in [9, 12, 15] {
                let out = CompressorConfig::default().takeover(takeover).window_bits(window_bits);
                let held = out.check(&can.0).map(|()| compressor_holds(backend, out)).unwrap_or_default();
                print!("{backend:10} {takeover:8} {window_bits:6} | {:16} {:6} |", held[0], held[1]);
                assert!(
                    held[0] < 1024 || backend.name() == "libdeflate",
                    "{backend}: {} bytes fresh",
                    held[0]
                );

                let config = DecompressorConfig::default().takeover(takeover).window_bits(window_bits);
                let held = decompressor_holds(backend, config);
                println!(" {:18} {:6} {:6}", held[0], held[1], held[2]);
                assert!(held[0] < 1024, "{backend}: {} bytes fresh", held[0]);
                let engine = backend.decompressor(config).unwrap().engine();
                let history = match (takeover, engine) {
                    (false, _) => 0,
                    // It needs all of them to know whether a distance is too far.
                    (true, "miniz_oxide") => 32_768,
                    (true, _) => 1 << window_bits,
                };
                assert!(held[2] < 1024 + history, "{backend}, {config:?}: {} bytes shrunk", held[2]);
            }
        }
    }
}

/// Bytes, when it is new and after messages and fragments.
fn compressor_holds(backend: Backend, config: CompressorConfig) -> [usize; 2] {
    // A connection's own memory is asked for, not what the thread keeps for all of them.
    compress_with_it(&mut *backend.compressor(config).unwrap());

    let mut compressor = None;
    let fresh = measure(|| compressor = Some(backend.compressor(config).unwrap())).bytes_current;
    let mut compressor = compressor.unwrap();
    close(compressor.memory(), fresh, &format!("{backend} compressor, fresh, {config:?}"));
    let busy = fresh + measure(|| compress_with_it(&mut *compressor)).bytes_current;
    close(compressor.memory(), busy, &format!("{backend} compressor, busy, {config:?}"));
    [fresh, busy].map(|bytes| bytes.try_into().unwrap())
}

/// Some messages, short and long, whole and in fragments.
fn compress_with_it(compressor: &mut dyn Compressor) {
    for length in [100, 70_000] {
        let (message, mut out) = (message(Kind::Json, length, 1), Vec::new());
        compressor.compress(&message, &mut out).unwrap();
        compressor.compress_fragment(&message, FragmentEnd::Open, &mut out).unwrap();
        compressor.compress_fragment(&message, FragmentEnd::Message, &mut out).unwrap();
    }
}

/// Bytes, when it is new, after messages and fragments, and after it was shrunk.
fn decompressor_holds(backend: Backend, config: DecompressorConfig) -> [usize; 3] {
    // A connection's own memory is asked for, not what the thread keeps for all of them.
    use_it(&mut *backend.decompressor(config).unwrap(), config.window_bits);

    let mut decompressor = None;
    let fresh = measure(|| decompressor = Some(backend.decompressor(config).unwrap())).bytes_current;
    let mut decompressor = decompressor.unwrap();
    close(decompressor.memory(), fresh, &format!("{backend} decompressor, fresh, {config:?}"));
    let busy = fresh + measure(|| use_it(&mut *decompressor, config.window_bits)).bytes_current;
    close(decompressor.memory(), busy, &format!("{backend} decompressor, busy, {config:?}"));
    let shrunk = busy + measure(|| decompressor.shrink()).bytes_current;
    close(decompressor.memory(), shrunk, &format!("{backend} decompressor, shrunk, {config:?}"));
    [fresh, busy, shrunk].map(|bytes| bytes.try_into().unwrap())
}

/// Some messages, short and long, and one fragment by fragment if it can.
fn use_it(decompressor: &mut dyn Decompressor, window_bits: u8) {
    for length in [100, 70_000, 100, 3000] {
        let mut payload = Vec::new();
        let mut compressor = common::compressor_within(window_bits);
        compressor.compress(&message(Kind::Json, length, 1), &mut payload).unwrap();
        let mut out = Vec::new();
        decompressor.decompress(&payload, length, &mut out).unwrap();
        if decompressor.capabilities().streaming {
            let (first, last) = payload.split_at(payload.len() / 2);
            decompressor.decompress_fragment(first, false, length, &mut out).unwrap();
            decompressor.decompress_fragment(last, true, length, &mut out).unwrap();
        }
    }
}

#[test]
fn memory_is_what_it_says_and_a_bomb_gets_no_further_than_its_limit() {
    for backend in Backend::available() {
        let can = backend.capabilities();
        // Once before, for what is set up on first use: by the program, and by each thread.
        for level in can.levels.clone() {
            let config = CompressorConfig::default().takeover(false).level(level);
            compress_with_it(&mut *backend.compressor(config).unwrap());
        }
        use_it(&mut *backend.decompressor(DecompressorConfig::default().takeover(false)).unwrap(), 15);
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
