//! A DEFLATE encoder as plain as RFC 1951 reads: payloads to hold decompressors to, whatever backends are compiled in.

use std::collections::HashMap;

use super::reference::LENGTHS_ORDER;

/// How the blocks of a payload are coded (BTYPE of RFC 1951 section 3.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Stored,
    Fixed,
    Dynamic,
}

pub(super) const FORMS: [Form; 3] = [Form::Stored, Form::Fixed, Form::Dynamic];

/// The payload of a `message` that may refer to the `history` before it, within a window of `window_bits`.
pub(super) fn encode(history: &[u8], message: &[u8], window_bits: u8, form: Form) -> Vec<u8> {
    let mut bits = Bits::default();
    match form {
        Form::Stored => message.chunks(STORED_BLOCK).for_each(|chunk| bits.stored(chunk)),
        Form::Fixed | Form::Dynamic => {
            for symbols in matches(history, message, 1 << window_bits).chunks(SYMBOLS_PER_BLOCK) {
                bits.block(symbols, form);
            }
        }
    }
    // The empty stored block, without the tail that is cut off.
    bits.put(0, 3);
    bits.bytes
}

/// Short ones, so that a long message is several blocks.
const STORED_BLOCK: usize = 40_000;
const SYMBOLS_PER_BLOCK: usize = 10_000;

const END_OF_BLOCK: usize = 256;

enum Symbol {
    Literal(u8),
    Match { length: usize, distance: usize },
}

impl Symbol {
    /// The symbol of the literal and length code, with its extra bits and their number.
    fn literal_or_length(&self) -> (usize, usize, usize) {
        match *self {
            Self::Literal(byte) => (byte.into(), 0, 0),
            Self::Match { length: 258, .. } => (285, 0, 0),
            Self::Match { length, .. } if length < 11 => (254 + length, 0, 0),
            Self::Match { length, .. } => {
                let (value, extra) = (length - 3, log2(length - 3) - 2);
                (257 + 4 * extra + (value >> extra), value & ((1 << extra) - 1), extra)
            }
        }
    }

    /// The same of the distance code, for a match.
    fn distance(&self) -> Option<(usize, usize, usize)> {
        match *self {
            Self::Literal(_) => None,
            Self::Match { distance, .. } if distance < 5 => Some((distance - 1, 0, 0)),
            Self::Match { distance, .. } => {
                let (value, extra) = (distance - 1, log2(distance - 1) - 1);
                Some((2 * extra + (value >> extra), value & ((1 << extra) - 1), extra))
            }
        }
    }
}

fn log2(value: usize) -> usize {
    value.ilog2() as usize
}

/// Greedy: the last place with the same three bytes, if the window reaches it.
fn matches(history: &[u8], message: &[u8], window: usize) -> Vec<Symbol> {
    let history = &history[history.len().saturating_sub(window)..];
    let all = [history, message].concat();
    let mut places: HashMap<[u8; 3], usize> = HashMap::new();
    let mut symbols = Vec::new();
    let mut coded = history.len();
    for at in 0..all.len() {
        let place = all[at..].first_chunk().and_then(|start| places.insert(*start, at));
        if at < coded {
            continue;
        }
        let symbol = match place.filter(|place| at - place <= window) {
            Some(place) => {
                let same = all[at..].iter().zip(&all[place..]).take(258);
                Symbol::Match { length: same.take_while(|(a, b)| a == b).count(), distance: at - place }
            }
            None => Symbol::Literal(all[at]),
        };
        coded += if let Symbol::Match { length, .. } = symbol { length } else { 1 };
        symbols.push(symbol);
    }
    symbols
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    /// The bits of the last byte that are still free.
    free: usize,
}

impl Bits {
    /// The `count` lowest bits of `value`, the lowest first.
    fn put(&mut self, value: usize, count: usize) {
        for bit in 0..count {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            if let (Some(last), 1) = (self.bytes.last_mut(), value >> bit & 1) {
                *last |= 1 << (8 - self.free);
            }
            self.free -= 1;
        }
    }

    /// A codeword, its highest bit first.
    fn word(&mut self, (length, word): (usize, usize)) {
        for bit in (0..length).rev() {
            self.put(word >> bit, 1);
        }
    }

    fn stored(&mut self, chunk: &[u8]) {
        self.put(0, 3);
        self.free = 0;
        self.put(chunk.len(), 16);
        self.put(!chunk.len(), 16);
        self.bytes.extend_from_slice(chunk);
    }

    fn block(&mut self, symbols: &[Symbol], form: Form) {
        let (literals, distances) = if form == Form::Fixed {
            self.put(0b010, 3);
            fixed()
        } else {
            self.put(0b100, 3);
            let (literals, distances) = dynamic(symbols);
            self.lengths(&literals, &distances);
            (literals, distances)
        };
        let (literals, distances) = (words(&literals), words(&distances));
        for symbol in symbols {
            let (code, extra, count) = symbol.literal_or_length();
            self.word(literals[code]);
            self.put(extra, count);
            if let Some((code, extra, count)) = symbol.distance() {
                self.word(distances[code]);
                self.put(extra, count);
            }
        }
        self.word(literals[END_OF_BLOCK]);
    }

    /// The header of a dynamic block (RFC 1951 section 3.2.7), with the codes for repeated lengths.
    fn lengths(&mut self, literals: &[usize], distances: &[usize]) {
        let mut runs = Vec::new();
        let all = [literals, distances].concat();
        let mut rest = &all[..];
        while let [first, ..] = rest {
            let run = rest.iter().take_while(|length| *length == first).count();
            let (taken, code) = match (first, run) {
                (0, 11..) => (run.min(138), (18, run.min(138) - 11, 7)),
                (0, 3..) => (run.min(10), (17, run.min(10) - 3, 3)),
                (_, 4..) => {
                    // The length itself, and its repetition.
                    runs.push((*first, 0, 0));
                    let more = (run - 1).min(6);
                    (1 + more, (16, more - 3, 2))
                }
                _ => (1, (*first, 0, 0)),
            };
            runs.push(code);
            rest = &rest[taken..];
        }
        let mut counts = [0; 19];
        runs.iter().for_each(|&(code, ..)| counts[code] += 1);
        let code = huffman(&mut counts, 7);
        self.put(literals.len() - 257, 5);
        self.put(distances.len() - 1, 5);
        self.put(LENGTHS_ORDER.len() - 4, 4);
        LENGTHS_ORDER.iter().for_each(|&symbol| self.put(code[symbol], 3));
        let code = words(&code);
        for (symbol, extra, count) in runs {
            self.word(code[symbol]);
            self.put(extra, count);
        }
    }
}

/// The codeword lengths of a fixed block (RFC 1951 section 3.2.6).
fn fixed() -> (Vec<usize>, Vec<usize>) {
    let literals = [(8, 144), (9, 112), (7, 24), (8, 8)];
    (literals.iter().flat_map(|&(length, count)| vec![length; count]).collect(), vec![5; 32])
}

/// The codeword lengths that suit the symbols.
fn dynamic(symbols: &[Symbol]) -> (Vec<usize>, Vec<usize>) {
    let (mut literals, mut distances) = ([0; 286], [0; 30]);
    literals[END_OF_BLOCK] = 1;
    for symbol in symbols {
        literals[symbol.literal_or_length().0] += 1;
        if let Some((code, ..)) = symbol.distance() {
            distances[code] += 1;
        }
    }
    (huffman(&mut literals, 15), huffman(&mut distances, 15))
}

/// The lengths of a complete Huffman code, none above `longest`: the counts are evened out until that is so.
fn huffman(counts: &mut [usize], longest: usize) -> Vec<usize> {
    // Two codewords at least, for a code of fewer is no complete one.
    for symbol in 0..2 {
        if counts.iter().filter(|count| **count > 0).count() < 2 {
            counts[symbol] = counts[symbol].max(1);
        }
    }
    loop {
        let mut trees: Vec<(usize, Vec<usize>)> =
            (0..counts.len()).filter(|&s| counts[s] > 0).map(|s| (counts[s], vec![s])).collect();
        let mut lengths = vec![0; counts.len()];
        while trees.len() > 1 {
            trees.sort_by_key(|(count, _)| core::cmp::Reverse(*count));
            let pair = trees.split_off(trees.len() - 2);
            let count = pair.iter().map(|(count, _)| count).sum();
            let symbols: Vec<usize> = pair.into_iter().flat_map(|(_, symbols)| symbols).collect();
            symbols.iter().for_each(|&symbol| lengths[symbol] += 1);
            trees.push((count, symbols));
        }
        if lengths.iter().all(|length| *length <= longest) {
            return lengths;
        }
        counts.iter_mut().for_each(|count| *count = count.div_ceil(2));
    }
}

/// Each symbol's codeword with its length (RFC 1951 section 3.2.2).
fn words(lengths: &[usize]) -> Vec<(usize, usize)> {
    let mut words = vec![(0, 0); lengths.len()];
    let mut word = 0;
    for length in 1..=15 {
        word <<= 1;
        for symbol in (0..lengths.len()).filter(|&symbol| lengths[symbol] == length) {
            words[symbol] = (length, word);
            word += 1;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::corpus::{KINDS, message};
    use super::super::reference;
    use super::*;

    #[test]
    fn the_reference_reads_it_back_within_the_window() {
        for (form, kind) in FORMS.into_iter().flat_map(|form| KINDS.map(|kind| (form, kind))) {
            for (window_bits, length) in [(8, 0), (8, 1), (15, 2), (9, 300), (12, 5000), (15, 90_000)] {
                let (history, message) = (message(kind, 3000, 1), message(kind, length, 2));
                let payload = encode(&history, &message, window_bits, form);
                let decoded = reference::decode(&history, &payload).unwrap();
                assert!(decoded.message == message && !decoded.is_final, "{form:?} {kind:?} {length}");
                assert!(decoded.reach <= 1 << window_bits);
            }
        }
    }

    #[test]
    fn it_compresses() {
        let message = message(super::super::corpus::Kind::Json, 5000, 1);
        let [stored, fixed, dynamic] = FORMS.map(|form| encode(b"", &message, 15, form).len());
        assert!(dynamic < fixed && fixed < stored / 2, "{stored} {fixed} {dynamic}");
    }
}
