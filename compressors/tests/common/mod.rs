//! Messages that look like real traffic, the same in every run.

#![allow(dead_code, reason = "each test program uses its own part")]

pub(crate) mod reference;

/// A small generator of pseudo-random numbers (xorshift64*), so that no run differs from another.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

/// The kinds of content, each of which exercises another part of DEFLATE.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// JSON of a feed: long matches and few letters.
    Json,
    /// Text in several scripts.
    Text,
    /// Records of numbers: many zeros, short matches.
    Binary,
    /// Nothing to gain: stored blocks.
    Random,
    /// One byte all along: the longest matches at the shortest distance.
    Run,
    /// Two letters at random: codewords of one bit.
    Bits,
    /// Random pieces that come back from up to 32 KB ago: the longest distances.
    Echo,
}

pub(crate) const KINDS: [Kind; 7] =
    [Kind::Json, Kind::Text, Kind::Binary, Kind::Random, Kind::Run, Kind::Bits, Kind::Echo];

/// A message of exactly `length` bytes.
pub(crate) fn message(kind: Kind, length: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed + 1);
    let mut bytes = Vec::with_capacity(length + 128);
    while bytes.len() < length {
        match kind {
            Kind::Json => bytes.extend_from_slice(
                format!(
                    "{{\"id\":{},\"symbol\":\"{}-EUR\",\"price\":\"{}.{:02}\",\"side\":\"{}\"}},",
                    random.below(1_000_000),
                    ["BTC", "ETH", "XRP", "ADA"][random.below(4)],
                    random.below(70_000),
                    random.below(100),
                    ["buy", "sell"][random.below(2)]
                )
                .as_bytes(),
            ),
            Kind::Text => bytes.extend_from_slice(
                ["the ", "quick ", "жёлтый ", "狐狸", "schöne ", "grüße ", "🙂", "\n"][random.below(8)]
                    .as_bytes(),
            ),
            Kind::Binary => {
                bytes.extend_from_slice(&(random.below(1000) as u32).to_le_bytes());
                bytes.extend_from_slice(&(random.below(9) as u64).to_be_bytes());
            }
            Kind::Random => bytes.extend_from_slice(&random.next().to_le_bytes()),
            Kind::Run => bytes.extend_from_slice(&[b'a'; 64]),
            Kind::Bits => bytes.push(b"xy"[random.below(2)]),
            Kind::Echo => {
                if bytes.len() > 100 && random.below(2) == 0 {
                    let back = 1 + random.below(bytes.len().min(32_768) - 50);
                    let from = bytes.len() - back;
                    bytes.extend_from_within(from..(from + 40).min(bytes.len()));
                } else {
                    bytes.extend_from_slice(&random.next().to_le_bytes());
                }
            }
        }
    }
    bytes.truncate(length);
    bytes
}

/// Lengths from 0 B to 100 KB: all the small ones matter to somebody, and so does the neighbourhood of each limit.
pub(crate) fn lengths() -> impl Iterator<Item = usize> {
    (0..34)
        .chain([55, 64, 125, 126, 217, 256, 257, 1000, 4096, 32_767, 32_768, 32_769, 65_535, 65_536, 100_000])
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
    };
}
#[allow(unused_imports, reason = "likewise")]
pub(crate) use for_each_backend;
