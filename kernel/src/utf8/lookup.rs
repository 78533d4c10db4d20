//! UTF-8 validation in vectors, by three table look-ups a byte (Keiser and Lemire, "Validating UTF-8 in less than one
//! instruction per byte", 2021).
//!
//! ```text
//! wrong pairs       for each byte, three tables tell of which errors its predecessor's upper and lower four bits and its
//!                   own upper four bits could be part; an error that all three name is one
//! wrong lengths     a byte 2 places after a lead of three, or 3 after a lead of four, must be a continuation that
//!                   follows one, which the tables alone call an error: the two must agree
//! ```

use crate::simd::Vector;
use crate::text::Ending;

/// Checks a stream of vectors; an error, once seen, stays.
#[derive(Clone, Copy)]
pub(crate) struct Lookup<V> {
    errors: V,
    before: V,
}

// The errors that a pair of bytes can be, a bit each.
const TOO_SHORT: u8 = 1 << 0; // a lead, and no continuation after it
const TOO_LONG: u8 = 1 << 1; // ASCII, and a continuation after it
const OVERLONG_3: u8 = 1 << 2;
const TOO_LARGE: u8 = 1 << 3;
const SURROGATE: u8 = 1 << 4;
const OVERLONG_2: u8 = 1 << 5;
const TOO_LARGE_1000: u8 = 1 << 6; // above U+10FFFF with a second byte of 0x80 to 0x8F
const OVERLONG_4: u8 = 1 << 6; // told from the former by the lead's lower bits
const TWO_CONTINUATIONS: u8 = 1 << 7; // right only inside a sequence of three or four

/// Errors that don't depend on the lower four bits of the first byte.
const ANY_LOW: u8 = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS;

const BY_FIRST_HIGH: [u8; 16] = {
    let mut table = [TOO_LONG; 16];
    table[0x8] = TWO_CONTINUATIONS;
    table[0x9] = TWO_CONTINUATIONS;
    table[0xA] = TWO_CONTINUATIONS;
    table[0xB] = TWO_CONTINUATIONS;
    table[0xC] = TOO_SHORT | OVERLONG_2;
    table[0xD] = TOO_SHORT;
    table[0xE] = TOO_SHORT | OVERLONG_3 | SURROGATE;
    table[0xF] = TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4;
    table
};

const BY_FIRST_LOW: [u8; 16] = {
    let mut table = [ANY_LOW | TOO_LARGE | TOO_LARGE_1000; 16];
    table[0x0] = ANY_LOW | OVERLONG_2 | OVERLONG_3 | OVERLONG_4;
    table[0x1] = ANY_LOW | OVERLONG_2;
    table[0x2] = ANY_LOW;
    table[0x3] = ANY_LOW;
    table[0x4] = ANY_LOW | TOO_LARGE;
    table[0xD] |= SURROGATE;
    table
};

const BY_SECOND_HIGH: [u8; 16] = {
    let continuation = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS;
    let mut table = [TOO_SHORT; 16];
    table[0x8] = continuation | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4;
    table[0x9] = continuation | OVERLONG_3 | TOO_LARGE;
    table[0xA] = continuation | SURROGATE | TOO_LARGE;
    table[0xB] = continuation | SURROGATE | TOO_LARGE;
    table
};

/// The largest bytes with which a text can end, right-aligned in the longest vector.
const LARGEST_ENDING: [u8; 64] = {
    let mut largest = [0xFF; 64];
    largest[61] = 0xF0 - 1;
    largest[62] = 0xE0 - 1;
    largest[63] = 0xC0 - 1;
    largest
};

impl<V: Vector> Lookup<V> {
    /// At the start of a text.
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { errors: V::zero(), before: V::zero() }
    }

    /// Takes the next `LANES` bytes. Bytes after the end of a text are given as zeros.
    #[inline(always)]
    pub(crate) fn push(&mut self, block: V) {
        let errors = if block.is_ascii() { unfinished(self.before) } else { wrong(block, self.before) };
        self.errors = self.errors.or(errors);
        self.before = block;
    }

    /// The same as four calls of [`push`](Self::push), with one test if all of it is ASCII.
    #[inline(always)]
    pub(crate) fn push_four(&mut self, blocks: [V; 4]) {
        let [first, second, third, fourth] = blocks;
        if first.or(second).or(third.or(fourth)).is_ascii() {
            self.errors = self.errors.or(unfinished(self.before));
            self.before = fourth;
        } else {
            let errors = wrong(first, self.before)
                .or(wrong(second, first))
                .or(wrong(third, second).or(wrong(fourth, third)));
            self.errors = self.errors.or(errors);
            self.before = fourth;
        }
    }

    /// Makes the next block one that begins not after the last one but inside it, after `before`.
    #[inline(always)]
    pub(crate) fn step_back(&mut self, before: [u8; 4]) {
        self.before = V::ending_in(before);
    }

    /// Takes the last `length` bytes, fewer than `LANES`, with zeros after them; tells whether all were text.
    #[inline(always)]
    pub(crate) fn finish(mut self, rest: V, length: usize, ending: Ending) -> bool {
        match ending {
            // The zeros end what the text leaves unfinished.
            Ending::Whole => self.push(rest),
            Ending::Open if length > 0 => self.push_cut(rest, length),
            Ending::Open => {}
        }
        self.errors.is_zero()
    }

    /// As [`push`](Self::push), and the zeros are no part of the text.
    #[inline(always)]
    fn push_cut(&mut self, rest: V, length: usize) {
        let errors =
            if rest.is_ascii() { unfinished(self.before) } else { wrong(rest, self.before).keep(length) };
        self.errors = self.errors.or(errors);
    }
}

/// Whether a text that is shorter than the vector is valid; there are zeros after it, which end what it leaves
/// unfinished.
#[inline(always)]
pub(crate) fn is_short_text<V: Vector>(text: V) -> bool {
    wrong(text, V::zero()).is_zero()
}

/// Not zero where a codepoint begins that the vector's end cuts short.
#[inline(always)]
fn unfinished<V: Vector>(block: V) -> V {
    block.saturating_sub(V::load(&LARGEST_ENDING[64 - V::LANES..]))
}

/// Not zero at each byte that can't follow those before it.
#[inline(always)]
fn wrong<V: Vector>(block: V, before: V) -> V {
    let first = block.back1(before);
    let pairs = first
        .high_nibbles()
        .look_up(V::table(&BY_FIRST_HIGH))
        .and(first.and(V::splat(0x0F)).look_up(V::table(&BY_FIRST_LOW)))
        .and(block.high_nibbles().look_up(V::table(&BY_SECOND_HIGH)));
    let third = block.back2(before).saturating_sub(V::splat(0xE0 - 0x80));
    let fourth = block.back3(before).saturating_sub(V::splat(0xF0 - 0x80));
    let inside = third.or(fourth).and(V::splat(TWO_CONTINUATIONS));
    inside.xor(pairs)
}
