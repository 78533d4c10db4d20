//! Messages that look like real traffic, the same in every run.

/// A small generator of pseudo-random numbers (xorshift64*), so that no run differs from another.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the product's upper half is below the bound")]
    pub(super) const fn below(&mut self, bound: usize) -> usize {
        ((self.next() as u128 * bound as u128) >> 64) as usize
    }
}

/// The kinds of content, each of which exercises another part of DEFLATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
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

/// All of them.
pub const KINDS: [Kind; 7] =
    [Kind::Json, Kind::Text, Kind::Binary, Kind::Random, Kind::Run, Kind::Bits, Kind::Echo];

/// A message of exactly `length` bytes.
///
/// ```
/// use wscodec_compressors::conformance::corpus::{Kind, message};
///
/// assert!(message(Kind::Json, 100, 1).starts_with(b"{\"id\":"));
/// assert_ne!(message(Kind::Random, 100, 1), message(Kind::Random, 100, 2));
/// ```
#[must_use]
pub fn message(kind: Kind, length: usize, seed: u64) -> Vec<u8> {
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
                bytes.extend_from_slice(&random.below(1000).to_le_bytes()[..4]);
                bytes.extend_from_slice(&random.below(9).to_be_bytes());
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
