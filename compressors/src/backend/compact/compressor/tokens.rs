//! The literals and matches of a block, kept until its codes are known.
#![expect(clippy::cast_possible_truncation, reason = "lengths and distances are those of RFC 1951")]

use std::cell::Cell;

use super::codes::{DISTANCES, END_OF_BLOCK, LITERALS, distance_symbol, length_symbol};
use super::matches::{Sink, Weigh};
use super::prices::Prices;

/// Literals and matches in their order: the distance in the upper bits, 0 of a literal; the length or the literal in the lower.
#[derive(Debug, Default)]
pub(super) struct Tokens(Vec<u32>);

impl Tokens {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many there is memory for.
    pub(super) fn room(&self) -> usize {
        self.0.capacity()
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

/// Collects the tokens of a block, and counts their symbols.
pub(super) struct Block {
    pub(super) tokens: Tokens,
    pub(super) counts: Counts,
    prices: Prices,
    /// At how many tokens the prices are looked at next.
    appraised: usize,
}

/// How often each symbol occurs. A block has fewer tokens than 2^16.
pub(super) struct Counts {
    pub(super) literals: [u16; LITERALS],
    pub(super) distances: [u16; DISTANCES],
}

impl Block {
    /// Without tokens; in the memory of others.
    pub(super) fn new(mut tokens: Tokens) -> Self {
        tokens.0.clear();
        let mut counts = Counts { literals: [0; LITERALS], distances: [0; DISTANCES] };
        counts.literals[END_OF_BLOCK] = 1;
        Self { tokens, counts, prices: Prices::FIXED, appraised: FIRST_APPRAISAL }
    }

    #[inline(always)]
    fn push(&mut self, token: u32) {
        self.tokens.0.push(token);
        if self.tokens.0.len() == self.appraised {
            self.prices = Prices::by_counts(&self.counts);
            self.appraised += self.appraised.min(APPRAISED_EVERY);
        }
    }
}

impl Sink for Block {
    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        self.counts.literals[usize::from(byte)] += 1;
        self.push(byte.into());
    }

    #[inline(always)]
    fn copy(&mut self, length: usize, distance: usize) {
        self.counts.literals[END_OF_BLOCK + 1 + length_symbol(length).0] += 1;
        self.counts.distances[distance_symbol(distance).0] += 1;
        self.push((distance as u32) << LOW_BITS | length as u32);
    }
}

impl Weigh for Block {
    #[inline(always)]
    fn pays(&self, bytes: &[u8], distance: usize) -> bool {
        self.prices.pays(bytes, distance)
    }
}

/// Tokens again, those of which that don't pay by these prices become the bytes they stand for.
pub(super) fn weighed(tokens: &Tokens, text: &[u8], prices: &Prices, into: Tokens) -> Block {
    let mut block = Block::new(into);
    block.appraised = usize::MAX;
    let mut weighed = Weighed { rest: text, prices, block };
    tokens.each(&mut weighed);
    weighed.block
}

struct Weighed<'a> {
    rest: &'a [u8],
    prices: &'a Prices,
    block: Block,
}

impl Sink for Weighed<'_> {
    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        self.rest = self.rest.get(1..).unwrap_or_default();
        self.block.literal(byte);
    }

    #[inline(always)]
    fn copy(&mut self, length: usize, distance: usize) {
        let (bytes, rest) = self.rest.split_at(length);
        self.rest = rest;
        if self.prices.pays(bytes, distance) {
            self.block.copy(length, distance);
        } else {
            bytes.iter().for_each(|&byte| self.block.literal(byte));
        }
    }
}

/// Lends the thread's tokens, for no context needs any between two calls.
pub(super) fn with_tokens<T>(work: impl FnOnce([Tokens; 2]) -> (T, [Tokens; 2])) -> T {
    // While a thread ends there are none.
    let (result, tokens) = work(TOKENS.try_with(Cell::take).unwrap_or_default());
    _ = TOKENS.try_with(|kept| kept.set(tokens));
    result
}

/// Frees the thread's.
pub(in crate::backend::compact) fn release() {
    drop(TOKENS.try_with(Cell::take));
}

thread_local! {
    static TOKENS: Cell<[Tokens; 2]> = const { Cell::new([Tokens(Vec::new()), Tokens(Vec::new())]) };
}

/// For a length of 258 at most.
const LOW_BITS: u32 = 9;

/// After so many tokens, how often symbols occur says something.
const FIRST_APPRAISAL: usize = 256;

/// No more tokens than that go by before it is asked again.
const APPRAISED_EVERY: usize = 4096;
