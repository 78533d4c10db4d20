//! The literals and matches of a block, kept until its codes are known.
#![expect(clippy::cast_possible_truncation, reason = "lengths and distances are those of RFC 1951")]

use std::cell::Cell;

use super::matches::Sink;

/// Literals and matches in their order: the distance in the upper bits, 0 of a literal; the length or the literal in the lower.
#[derive(Debug, Default)]
pub(super) struct Tokens(Vec<u32>);

impl Tokens {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Hands them to another sink.
    #[inline(always)]
    pub(super) fn each(&self, sink: &mut impl Sink) {
        for &token in &self.0 {
            let (distance, low) = ((token >> LOW_BITS) as usize, token & ((1 << LOW_BITS) - 1));
            if distance == 0 {
                sink.literal(low as u8);
            } else {
                sink.copy(low as usize, distance);
            }
        }
    }
}

impl Sink for Tokens {
    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        self.0.push(byte.into());
    }

    #[inline(always)]
    fn copy(&mut self, length: usize, distance: usize) {
        self.0.push((distance as u32) << LOW_BITS | length as u32);
    }
}

/// Lends the thread's tokens, for no context needs any between two calls.
pub(super) fn with_tokens<T>(work: impl FnOnce(&mut Tokens) -> T) -> T {
    // While a thread ends there are none.
    let mut tokens = TOKENS.try_with(Cell::take).unwrap_or_default();
    let result = work(&mut tokens);
    _ = TOKENS.try_with(|kept| kept.set(tokens));
    result
}

/// Frees the thread's.
pub(in crate::backend::compact) fn release() {
    drop(TOKENS.try_with(Cell::take));
}

thread_local! {
    static TOKENS: Cell<Tokens> = const { Cell::new(Tokens(Vec::new())) };
}

/// For a length of 258 at most.
const LOW_BITS: u32 = 9;
