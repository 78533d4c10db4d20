//! The blocks of a text: fixed codes in one pass for a short one, whatever is shortest for a long one.

use super::bits::{BitWriter, Rest};
use super::codes::{FIXED_END, LEAST_MATCH, fixed_literal, fixed_match};
use super::dynamic::Dynamic;
use super::matches::{Matches, Sink, Weigh};
use super::prices::Prices;
use super::tokens::{Block, Tokens, weighed, with_tokens};

/// Writes the text from there on as one block, or several stored ones; returns the bytes written and the bits that don't fill
/// one.
pub(super) fn write(matches: &mut Matches, from: usize, out: &mut [u8], rest: Rest) -> (usize, Rest) {
    let mut writer = BitWriter::new(out, rest);
    let length = matches.text.len() - from;
    let start = writer.position();
    if length <= matches.effort().one_pass {
        writer.put(FIXED_HEADER, 3);
        matches.parse(from, &mut Fixed(&mut writer));
        end_fixed(&mut writer);
    } else {
        with_tokens(|[tokens, other]| {
            let mut block = Block::new(tokens);
            matches.parse(from, &mut block);
            let rounds = if length > SHORT_TEXT { matches.effort().rounds } else { 0 };
            ((), write_block(block, &matches.text[from..], rounds, other, &mut writer))
        });
    }
    if writer.position() - start > stored_bits(start, length) {
        writer.rewind(rest);
        stored(&matches.text[from..], &mut writer);
    }
    writer.finish()
}

/// Writes a text as it is, in as many blocks as it takes.
pub(super) fn stored(text: &[u8], writer: &mut BitWriter<'_>) {
    for block in text.chunks(usize::from(u16::MAX)) {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        writer.put(STORED_HEADER, 3);
        writer.align();
        writer.bytes(&length.to_le_bytes());
        writer.bytes(&(!length).to_le_bytes());
        writer.bytes(block);
    }
}

/// Writes a block's tokens, weighed so often with the codes that they get; returns the memory of all tokens.
fn write_block(
    mut block: Block,
    text: &[u8],
    rounds: usize,
    mut other: Tokens,
    writer: &mut BitWriter<'_>,
) -> [Tokens; 2] {
    let mut dynamic = Dynamic::if_shorter(&block);
    for _ in 0..rounds {
        let Some(codes) = dynamic else { break };
        let next = weighed(&block.tokens, text, &codes.prices(), other);
        other = core::mem::replace(&mut block, next).tokens;
        dynamic = Dynamic::if_shorter(&block);
    }
    if let Some(dynamic) = dynamic {
        dynamic.write(&block.tokens, writer);
    } else {
        writer.put(FIXED_HEADER, 3);
        block.tokens.each(&mut Fixed(writer));
        end_fixed(writer);
    }
    // The next block is parsed into the one with more room.
    if other.room() > block.tokens.room() { [other, block.tokens] } else { [block.tokens, other] }
}

/// How many bits [`stored`] takes from a position on.
const fn stored_bits(position: usize, length: usize) -> usize {
    let header = (position + 3).next_multiple_of(8) - position + 32;
    header + length * 8 + (length - 1) / u16::MAX as usize * 40
}

fn end_fixed(writer: &mut BitWriter<'_>) {
    let (word, count) = FIXED_END;
    writer.put(word.into(), count);
}

/// Writes fixed codes.
struct Fixed<'a, 'b>(&'a mut BitWriter<'b>);

impl Sink for Fixed<'_, '_> {
    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        let (word, count) = fixed_literal(byte);
        self.0.put(word.into(), count);
    }

    #[inline(always)]
    fn copy(&mut self, length: usize, distance: usize) {
        let (word, count) = fixed_match(length, distance);
        self.0.put(word.into(), count);
    }
}

impl Weigh for Fixed<'_, '_> {
    #[inline(always)]
    fn pays(&self, bytes: &[u8], distance: usize) -> bool {
        // Four bytes take more bits than any match of them.
        bytes.len() > LEAST_MATCH || Prices::FIXED.pays(bytes, distance)
    }
}

/// BFINAL=0, and BTYPE (RFC 1951 section 3.2.3).
const STORED_HEADER: u64 = 0b000;
const FIXED_HEADER: u64 = 0b010;
pub(super) const DYNAMIC_HEADER: u64 = 0b100;

/// Up to this length, a text is not worth another round.
const SHORT_TEXT: usize = 1024;
