//! A block with codes of its own (RFC 1951 section 3.2.7).
#![expect(clippy::cast_possible_truncation, reason = "runs and counts are shorter than 2^8")]

use super::bits::BitWriter;
use super::block::DYNAMIC_HEADER;
use super::codes::{DISTANCES, END_OF_BLOCK, LITERALS, distance_symbol, fixed_length, length_symbol};
use super::huffman::Code;
use super::matches::Sink;
use super::prices::Prices;
use super::tokens::{Block, Tokens};

/// The codes of a block, and their description.
pub(super) struct Dynamic {
    literals: [(u16, u8); LITERALS],
    distances: [(u16, u8); DISTANCES],
    description: Description,
}

impl Dynamic {
    /// Those of the tokens, unless fixed codes need fewer bits.
    pub(super) fn if_shorter(block: &Block) -> Option<Self> {
        if block.tokens.len() < FEWEST_TOKENS {
            return None;
        }
        let counts = &block.counts;
        let literals = Code::of(&counts.literals, 15);
        let distances = Code::of(&counts.distances, 15);
        let description = Description::of(&literals.lengths, &distances.lengths);
        let own = description.bits() + literals.bits(&counts.literals) + distances.bits(&counts.distances);
        let fixed =
            literals.bits_of(&counts.literals, fixed_length) + distances.bits_of(&counts.distances, |_| 5);
        (own < fixed).then(|| Self { literals: literals.words(), distances: distances.words(), description })
    }

    pub(super) fn prices(&self) -> Prices {
        Prices::by_words(&self.literals, &self.distances)
    }

    pub(super) fn write(&self, tokens: &Tokens, writer: &mut BitWriter<'_>) {
        writer.put(DYNAMIC_HEADER, 3);
        self.description.write(writer);
        tokens.each(&mut Coded { codes: self, writer: &mut *writer });
        let (word, count) = self.literals[END_OF_BLOCK];
        writer.put(word.into(), count.into());
    }
}

struct Coded<'a, 'b> {
    codes: &'a Dynamic,
    writer: &'a mut BitWriter<'b>,
}

impl Sink for Coded<'_, '_> {
    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        let (word, count) = self.codes.literals[usize::from(byte)];
        self.writer.put(word.into(), count.into());
    }

    #[inline(always)]
    fn copy(&mut self, length: usize, distance: usize) {
        let (slot, (extra, extra_count)) = length_symbol(length);
        let (word, count) = self.codes.literals[END_OF_BLOCK + 1 + slot];
        let (mut bits, mut total) = (u64::from(word), u32::from(count));
        bits |= u64::from(extra) << total;
        total += extra_count;
        let (symbol, (extra, extra_count)) = distance_symbol(distance);
        let (word, count) = self.codes.distances[symbol];
        bits |= u64::from(word) << total;
        total += u32::from(count);
        bits |= u64::from(extra) << total;
        self.writer.put(bits, total + extra_count);
    }
}

/// The lengths of all codewords, run by run, in a code of their own.
struct Description {
    literals: usize,
    distances: usize,
    /// How many lengths of its own code are given.
    explicit: usize,
    code: Code<RUN_SYMBOLS>,
    runs: Runs,
}

impl Description {
    fn of(literals: &[u8; LITERALS], distances: &[u8; DISTANCES]) -> Self {
        let used = |lengths: &[u8], least: usize| {
            lengths.iter().rposition(|&length| length > 0).map_or(least, |last| (last + 1).max(least))
        };
        let (literal_count, distance_count) = (used(literals, END_OF_BLOCK + 1), used(distances, 1));
        let mut all = [0; LITERALS + DISTANCES];
        all[..literal_count].copy_from_slice(&literals[..literal_count]);
        all[literal_count..][..distance_count].copy_from_slice(&distances[..distance_count]);

        let mut runs = Runs { runs: [(0, 0); LITERALS + DISTANCES], count: 0, symbols: [0; RUN_SYMBOLS] };
        for run in all[..literal_count + distance_count].chunk_by(|a, b| a == b) {
            runs.push_run(run[0], run.len());
        }
        let code = Code::of(&runs.symbols, 7);
        let last = ORDER.iter().rposition(|&symbol| code.lengths[symbol] > 0);
        let explicit = last.map_or(4, |last| (last + 1).max(4));
        Self { literals: literal_count, distances: distance_count, explicit, code, runs }
    }

    fn bits(&self) -> u32 {
        let extra = |symbol| run_extra(symbol as u8);
        let runs = self.code.bits(&self.runs.symbols) + self.code.bits_of(&self.runs.symbols, extra);
        14 + 3 * self.explicit as u32 + runs
    }

    fn write(&self, writer: &mut BitWriter<'_>) {
        writer.put(self.literals as u64 - 257, 5);
        writer.put(self.distances as u64 - 1, 5);
        writer.put(self.explicit as u64 - 4, 4);
        for &symbol in &ORDER[..self.explicit] {
            writer.put(self.code.lengths[symbol].into(), 3);
        }
        let words = self.code.words();
        for &(symbol, extra) in &self.runs.runs[..self.runs.count] {
            let (word, count) = words[usize::from(symbol)];
            let bits = u64::from(word) | u64::from(extra) << count;
            writer.put(bits, u32::from(count) + run_extra(symbol));
        }
    }
}

/// The lengths of codewords as symbols of the description's own code.
struct Runs {
    /// Symbols, and the extra bits of those that repeat.
    runs: [(u8, u8); LITERALS + DISTANCES],
    count: usize,
    /// How often each symbol occurs.
    symbols: [u16; RUN_SYMBOLS],
}

impl Runs {
    /// So many codewords of this length.
    fn push_run(&mut self, length: u8, mut count: usize) {
        if length > 0 {
            self.push(length, 0);
            count -= 1;
        }
        let (symbol, least) = if length > 0 { (REPEAT, 3) } else { (SHORT_ZEROS, 3) };
        while count >= least {
            let (symbol, run, base) = match (symbol, count) {
                (REPEAT, _) => (REPEAT, count.min(6), 3),
                (_, 11..) => (LONG_ZEROS, count.min(138), 11),
                _ => (SHORT_ZEROS, count.min(10), 3),
            };
            self.push(symbol, (run - base) as u8);
            count -= run;
        }
        for _ in 0..count {
            self.push(length, 0);
        }
    }

    fn push(&mut self, symbol: u8, extra: u8) {
        self.runs[self.count] = (symbol, extra);
        self.count += 1;
        self.symbols[usize::from(symbol)] += 1;
    }
}

const fn run_extra(symbol: u8) -> u32 {
    match symbol {
        REPEAT => 2,
        SHORT_ZEROS => 3,
        LONG_ZEROS => 7,
        _ => 0,
    }
}

/// The symbols of the description: lengths of 0 to 15, and three kinds of runs.
const RUN_SYMBOLS: usize = 19;
const REPEAT: u8 = 16;
const SHORT_ZEROS: u8 = 17;
const LONG_ZEROS: u8 = 18;

/// In which order the lengths of the description's own code are given.
const ORDER: [usize; RUN_SYMBOLS] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Of fewer tokens, codes of their own hardly ever make up for their description.
const FEWEST_TOKENS: usize = 64;
