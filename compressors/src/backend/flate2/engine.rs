//! Which engine really runs below flate2, told by what it shows and does.
//!
//! Cargo builds one flate2 for a whole program with the features of all who use it, and the engine follows from the
//! union. No constant of flate2 says which one it is.

use std::sync::OnceLock;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// An engine that flate2 can be built on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    MinizOxide,
    ZlibRs,
    Zlib,
    ZlibNg,
}

impl Engine {
    /// The one of this build. The first call tries it out, the others remember.
    pub(super) fn running() -> Self {
        static RUNNING: OnceLock<Engine> = OnceLock::new();
        *RUNNING.get_or_init(Self::probe)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::MinizOxide => "miniz_oxide",
            Self::ZlibRs => "zlib-rs",
            Self::Zlib => "zlib",
            Self::ZlibNg => "zlib-ng",
        }
    }

    /// The bytes that a compressor of 15 window bits allocates. Measured with each of them, and held to by a test for the
    /// engine of the build.
    pub(super) const fn compressor_memory(self) -> usize {
        match self {
            Self::MinizOxide => 318_000,
            Self::ZlibRs => 380_000,
            Self::Zlib => 268_000,
            Self::ZlibNg => 350_400,
        }
    }

    /// The same of a decompressor.
    pub(super) const fn decompressor_memory(self) -> usize {
        match self {
            Self::MinizOxide => 43_000,
            Self::ZlibRs => 48_000,
            Self::Zlib => 40_000,
            Self::ZlibNg => 42_200,
        }
    }

    /// flate2's types show what they are made of, but for the C libraries, which it has one type for.
    fn probe() -> Self {
        let shown = format!("{:?}", Compress::new(Compression::fast(), false));
        if shown.contains("miniz_oxide") {
            Self::MinizOxide
        } else if shown.contains("zlib_rs") {
            Self::ZlibRs
        } else if level_1_uses_fixed_codes() {
            Self::ZlibNg
        } else {
            Self::Zlib
        }
    }
}

/// Whether the engine finds a distance that reaches before the first byte. miniz_oxide inflates it to zeros; all of
/// zlib's kin call it an error.
pub(super) fn checks_distances() -> bool {
    static CHECKS: OnceLock<bool> = OnceLock::new();
    *CHECKS.get_or_init(|| {
        // One fixed block: a match of length 3 at distance 1 (codes 0000001 and 00000), then the end of the block.
        let payload = [0x02, 0x02, 0x00];
        Decompress::new(false).decompress(&payload, &mut [0xff; 16], FlushDecompress::None).is_err()
    })
}

/// zlib-ng's level 1, like that of zlib-rs, knows fixed codes only; zlib's counts symbols at every level.
fn level_1_uses_fixed_codes() -> bool {
    // Two letters in no order worth a match: codes of their own make this an eighth as long.
    let mut state = 1_u32;
    let message: Vec<u8> = (0..4096)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"\xf0\xf1"[(state >> 31) as usize]
        })
        .collect();
    let mut output = vec![0; 8192];
    let compressed =
        Compress::new(Compression::new(1), false).compress(&message, &mut output, FlushCompress::Sync);
    const FIXED: u8 = 0b01;
    compressed.is_ok() && (output[0] >> 1) & 0b11 == FIXED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_the_one_that_the_build_asked_for() {
        // To be set when another one is asked for: `FLATE2_ENGINE=zlib-rs cargo test --features flate2,flate2/zlib-rs`.
        let expected = std::env::var("FLATE2_ENGINE").unwrap_or_else(|_| "miniz_oxide".into());
        assert_eq!(Engine::running().name(), expected);
    }

    #[test]
    fn it_also_behaves_like_that_engine() {
        let fixed = matches!(Engine::running(), Engine::ZlibRs | Engine::ZlibNg);
        assert_eq!(level_1_uses_fixed_codes(), fixed);
        assert_eq!(checks_distances(), Engine::running() != Engine::MinizOxide);
    }
}
