//! The blocks of a text: fixed codes in one pass for a short one, whatever is shortest for a long one.

use super::bits::{BitWriter, Rest};
use super::codes::{FIXED_END, fixed_literal, fixed_match};
use super::dynamic::Dynamic;
use super::matches::{Matches, Sink};
use super::tokens::{Tokens, with_tokens};

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
        with_tokens(|tokens| {
            tokens.clear();
            matches.parse(from, tokens);
            write_tokens(tokens, &mut writer);
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

fn write_tokens(tokens: &Tokens, writer: &mut BitWriter<'_>) {
    if let Some(dynamic) = Dynamic::if_shorter(tokens) {
        dynamic.write(tokens, writer);
        return;
    }
    writer.put(FIXED_HEADER, 3);
    tokens.each(&mut Fixed(writer));
    end_fixed(writer);
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

/// BFINAL=0, and BTYPE (RFC 1951 section 3.2.3).
const STORED_HEADER: u64 = 0b000;
const FIXED_HEADER: u64 = 0b010;
pub(super) const DYNAMIC_HEADER: u64 = 0b100;
