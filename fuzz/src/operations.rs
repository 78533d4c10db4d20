//! What an input does.

use arbitrary::{Arbitrary, Unstructured};

/// As many as the input has bytes for, up to a number: a `Vec` ends wherever a byte says so.
#[derive(Debug)]
pub struct Operations<T, const MOST: usize>(pub Vec<T>);

impl<'a, T: Arbitrary<'a>, const MOST: usize> Arbitrary<'a> for Operations<T, MOST> {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut operations = Vec::new();
        while !u.is_empty() && operations.len() < MOST {
            operations.push(u.arbitrary()?);
        }
        Ok(Self(operations))
    }
}
