//! Bytes of an input.

use arbitrary::{Arbitrary, Unstructured};

/// Bytes that lie in the input as they are, behind their number: a `Vec` has a byte before each of its own that says
/// whether it goes on, so that random input makes short ones.
#[derive(Clone, Debug)]
pub struct Blob(pub Vec<u8>);

impl<'a> Arbitrary<'a> for Blob {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        // Half of them short.
        let [scale, length] = u.arbitrary::<[u8; 2]>()?.map(usize::from);
        let length = if scale < 128 { length % 16 } else { length * (1 + scale % 4) };
        Ok(Self(u.bytes(length.min(u.len()))?.to_vec()))
    }
}
