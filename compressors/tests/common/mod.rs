//! What the tests of this crate's backends share.

#![allow(dead_code, reason = "each test program uses its own part")]

use wscodec_compressors::{Backend, Compressor, CompressorConfig};

/// Lengths from 0 B to 100 KB: all the small ones matter to somebody, and so does the neighbourhood of each limit.
pub(crate) fn lengths() -> impl Iterator<Item = usize> {
    (0..34)
        .chain([55, 64, 125, 126, 217, 256, 257, 1000, 4096, 32_767, 32_768, 32_769, 65_535, 65_536, 100_000])
}

/// A compressor without takeover, of whichever backend there is.
pub(crate) fn any_compressor() -> Box<dyn Compressor> {
    let backend = Backend::available().next().expect("a backend to test");
    backend.compressor(CompressorConfig::default().takeover(false)).expect("what every backend can")
}

/// The same, its payloads within a window if any backend keeps to it.
pub(crate) fn compressor_within(window_bits: u8) -> Box<dyn Compressor> {
    let config = CompressorConfig::default().takeover(false).window_bits(window_bits);
    Backend::available().find_map(|backend| backend.compressor(config).ok()).unwrap_or_else(any_compressor)
}

/// Makes a test of each function for each backend compiled in, `flate2::name` and so on.
#[allow(unused_macros, reason = "likewise")]
macro_rules! for_each_backend {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "flate2")]
        mod flate2 {
            $(#[test] fn $test() { super::$test(wscodec_compressors::Backend::Flate2); })*
        }
        #[cfg(feature = "zlib-rs")]
        mod zlib_rs {
            $(#[test] fn $test() { super::$test(wscodec_compressors::Backend::ZlibRs); })*
        }
        #[cfg(feature = "libdeflate")]
        mod libdeflate {
            $(#[test] fn $test() { super::$test(wscodec_compressors::Backend::Libdeflate); })*
        }
        #[cfg(feature = "compact")]
        mod compact {
            $(#[test] fn $test() { super::$test(wscodec_compressors::Backend::Compact); })*
        }
        #[cfg(feature = "hybrid")]
        mod hybrid {
            $(#[test] fn $test() { super::$test(wscodec_compressors::Backend::Hybrid); })*
        }
    };
}
#[allow(unused_imports, reason = "likewise")]
pub(crate) use for_each_backend;
