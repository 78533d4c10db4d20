//! The table of a connection's memory in the crate's documentation, measured.

#![cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use allocation_counter::measure;
use wscodec_compressors::conformance::corpus::{Kind, message};
use wscodec_compressors::{
    Backend, CompressionWish, CompressorConfig, DecompressorConfig, FragmentEnd, InflateLimits,
    MessageCompressor, MessageDecompressor, release_shared,
};

const WINDOWS: [u8; 3] = [9, 12, 15];
const DOCUMENTATION: &str = include_str!("../src/lib.rs");

#[test]
fn the_table_is_what_is_measured() {
    let mut stale = Vec::new();
    for backend in Backend::available() {
        // Once before, for what is set up on first use.
        let engine = backend.compressor(CompressorConfig::default().takeover(false)).unwrap().engine();
        drop(backend.decompressor(DecompressorConfig::default().takeover(false)));
        for direction in [Direction::Compress, Direction::Decompress] {
            let name = format!("| `{backend}` | {} |", direction.name());
            let measured = direction.row(backend);
            let documented =
                DOCUMENTATION.lines().find_map(|line| line.strip_prefix("//! ")?.strip_prefix(&name));
            // flate2's row is that of its own engine.
            let another_engine = backend.name() == "flate2" && engine != "miniz_oxide";
            if !another_engine && !documented.is_some_and(|row| alike(row, &measured)) {
                stale.push(format!("//! {name}{measured}"));
            }
        }
    }
    assert!(stale.is_empty(), "in src/lib.rs there should be\n{}", stale.join("\n"));
}

/// Within one in fifty and 1 KiB, for what differs between platforms; and what can't be, can't be in both.
fn alike(documented: &str, measured: &str) -> bool {
    let cells = |row: &str| -> Vec<Option<usize>> {
        row.split(['|', '/'])
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .map(|cell| cell.parse().ok())
            .collect()
    };
    let (documented, measured) = (cells(documented), cells(measured));
    documented.len() == measured.len()
        && documented.iter().zip(&measured).all(|cells| match cells {
            (Some(said), Some(held)) => said.abs_diff(*held) <= held / 50 + 1,
            (None, None) => true,
            _ => false,
        })
}

#[derive(Clone, Copy)]
enum Direction {
    Compress,
    Decompress,
}

/// What a connection holds, in bytes; and what its thread does for it.
struct Held {
    in_use: usize,
    released: usize,
    shared: usize,
}

impl Direction {
    const fn name(self) -> &'static str {
        match self {
            Self::Compress => "compress",
            Self::Decompress => "decompress",
        }
    }

    fn row(self, backend: Backend) -> String {
        let with = WINDOWS.map(|window_bits| self.held(backend, window_bits, true));
        let without = WINDOWS.map(|window_bits| self.held(backend, window_bits, false));
        let cell = |held: &[Option<Held>; 3], what: fn(&Held) -> usize| {
            held.each_ref()
                .map(|held| held.as_ref().map_or("–".into(), |held| what(held).div_ceil(1024).to_string()))
                .join(" / ")
        };
        format!(
            " {} | {} | {} | {} |",
            cell(&with, |held| held.in_use),
            cell(&with, |held| held.released),
            cell(&without, |held| held.in_use),
            cell(&without, |held| held.shared)
        )
    }

    fn held(self, backend: Backend, window_bits: u8, takeover: bool) -> Option<Held> {
        match self {
            Self::Compress => {
                let config = CompressorConfig::default().window_bits(window_bits).takeover(takeover);
                let mut compressor = MessageCompressor::new(backend, config).ok()?;
                let work = |compressor: &mut MessageCompressor| {
                    let mut payload = Vec::new();
                    for message in messages() {
                        payload.clear();
                        compressor.message(&message, CompressionWish::Compress, &mut payload).unwrap();
                    }
                    let message = message(Kind::Json, LONG, 0);
                    compressor.message(&message, CompressionWish::Compress, &mut payload).unwrap();
                    let (begun, end) = message.split_at(LONG / 2);
                    for (fragment, end) in [(begun, FragmentEnd::Frame), (end, FragmentEnd::Message)] {
                        compressor.fragment(fragment, end, CompressionWish::Compress, &mut payload).unwrap();
                    }
                };
                Some(held(&mut compressor, work, MessageCompressor::release))
            }
            Self::Decompress => {
                let config = DecompressorConfig::default().window_bits(window_bits).takeover(takeover);
                let mut decompressor =
                    MessageDecompressor::new(backend, config, InflateLimits::default()).ok()?;
                let payloads = messages().map(|message| payload(&message, 6)).collect::<Vec<_>>();
                // Stored, which keeps to any window and refers to nothing.
                let long = payload(&message(Kind::Json, LONG, 0), 0);
                let work = |decompressor: &mut MessageDecompressor| {
                    for payload in &payloads {
                        decompressor.message(payload, &mut Vec::new()).unwrap();
                    }
                    decompressor.message(&long, &mut Vec::new()).unwrap();
                    let (begun, end) = long.split_at(LONG / 2);
                    decompressor.fragment(begun, false, &mut Vec::new()).unwrap();
                    decompressor.fragment(end, false, &mut Vec::new()).unwrap();
                    // By which all of it is history.
                    decompressor.fragment(&[], true, &mut Vec::new()).unwrap();
                };
                Some(held(&mut decompressor, work, MessageDecompressor::release))
            }
        }
    }
}

fn held<T>(side: &mut T, work: impl FnOnce(&mut T), release: fn(&mut T)) -> Held {
    release_shared();
    let worked = measure(|| work(side)).bytes_current;
    let shared = -measure(release_shared).bytes_current;
    let released = worked - shared + measure(|| release(side)).bytes_current;
    let with_itself = |bytes: i64| usize::try_from(bytes).unwrap() + size_of::<T>();
    Held {
        in_use: with_itself(worked - shared),
        released: with_itself(released),
        shared: shared.try_into().unwrap(),
    }
}

/// Enough to fill any window, none longer than the smallest. A long one comes after them, whole and in fragments.
fn messages() -> impl Iterator<Item = Vec<u8>> {
    (0..100).map(|seed| message(Kind::Json, 500, seed))
}

/// Of the messages, the length of the longest in bytes.
const LONG: usize = 40_000;

/// Without takeover, so that it refers to none before it.
fn payload(message: &[u8], level: u8) -> Vec<u8> {
    let config = CompressorConfig::default().takeover(false).level(level);
    let mut payload = Vec::new();
    let mut compressor = Backend::available().next().unwrap().compressor(config).unwrap();
    compressor.compress(message, &mut payload).unwrap();
    payload
}
