//! What messages hold.

use arbitrary::{Arbitrary, Unstructured};

use crate::Blob;

#[derive(Arbitrary, Debug)]
pub enum Text {
    Bytes(Blob),
    Repeated(Blob, Length),
    /// Bytes, letters without a pattern for up to two windows, and the bytes again: a match that reaches far back.
    Far(Blob, Length),
    /// One of before, from so far on: what refers to the wrong history shows.
    Again(u8, u16),
}

/// Most of them short: long messages take their time.
#[derive(Debug)]
pub struct Length(u16);

/// Of what is sent again, lest messages double and double.
const LONGEST: usize = 1 << 16;

impl Text {
    pub fn bytes(&self, window_bits: u8, before: &[Vec<u8>]) -> Vec<u8> {
        match self {
            Self::Bytes(Blob(bytes)) => bytes.clone(),
            Self::Repeated(Blob(bytes), length) => {
                bytes.iter().copied().cycle().take(length.0.into()).collect()
            }
            Self::Far(Blob(bytes), gap) => {
                let letter = |n: u32| b'a' + (n.wrapping_mul(2_654_435_761) >> 28).to_le_bytes()[0];
                let between = (0..u32::from(gap.0) << window_bits >> 15).map(letter);
                bytes.iter().copied().chain(between).chain(bytes.iter().copied()).collect()
            }
            Self::Again(index, from) => {
                let Some(earlier) = before.get(usize::from(*index) % before.len().max(1)) else {
                    return Vec::new();
                };
                earlier.iter().skip((*from).into()).take(LONGEST).copied().collect()
            }
        }
    }
}

impl<'a> Arbitrary<'a> for Length {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let length: u16 = u.arbitrary()?;
        Ok(Self(if length % 8 == 0 { length } else { length >> 6 }))
    }
}
