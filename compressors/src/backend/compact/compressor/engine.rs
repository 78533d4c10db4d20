//! The engine behind the streaming interface: text comes in, blocks go out.

use super::bits::{BitWriter, Rest};
use super::block;
use super::effort::Effort;
use super::matches::Matches;
use crate::CompressorConfig;
use crate::payload::TAIL;
use crate::stream::{DeflateEngine, Flush, Progress};

/// ```text
///  text   | history, up to a window | not written yet |
///                                   ^ written         ^ at most `limit`
/// ```
#[derive(Debug)]
pub(super) struct CompactState {
    matches: Matches,
    /// Whether there are matches at all, or the text is stored.
    searches: bool,
    /// How much of the text has been written.
    written: usize,
    /// The longest that the text gets.
    limit: usize,
    rest: Rest,
    /// Whether nothing was taken since the last flush, another of which would write nothing.
    flushed: bool,
    /// What was written and had no room in the caller's buffer, and how much of it has been handed out.
    ready: Vec<u8>,
    handed_out: usize,
}

impl DeflateEngine for CompactState {
    fn new(config: CompressorConfig) -> Self {
        let effort = Effort::of(config.level);
        // What is stored refers to nothing, and is written in the longest blocks that there are.
        let (window, room) = match effort {
            Some(_) => (1 << config.window_bits, (1 << config.window_bits) / 2),
            None => (0, usize::from(u16::MAX)),
        };
        Self {
            matches: Matches::new(effort.unwrap_or(Effort::NONE), window),
            searches: effort.is_some(),
            written: 0,
            limit: window + room.max(LEAST_ROOM),
            rest: Rest::default(),
            flushed: false,
            ready: Vec::new(),
            handed_out: 0,
        }
    }

    fn memory(&self, _config: CompressorConfig) -> usize {
        self.matches.memory() + self.ready.capacity()
    }

    fn deflate(&mut self, input: &[u8], output: &mut [u8], flush: Flush) -> Result<Progress, &'static str> {
        if self.handed_out < self.ready.len() {
            return Ok(Progress { consumed: 0, produced: self.hand_out(output), ended: false });
        }
        let held = self.matches.text.len() - self.written;
        let needed = bound(held + input.len());
        if needed <= output.len() {
            let produced = self.run(input, output, flush);
            return Ok(Progress { consumed: input.len(), produced, ended: false });
        }
        let mut ready = core::mem::take(&mut self.ready);
        ready.clear();
        ready.resize(needed, 0);
        let produced = self.run(input, &mut ready, flush);
        ready.truncate(produced);
        (self.ready, self.handed_out) = (ready, 0);
        Ok(Progress { consumed: input.len(), produced: self.hand_out(output), ended: false })
    }

    fn reset(&mut self) {
        self.matches.clear();
        self.written = 0;
        self.rest = Rest::default();
        self.flushed = false;
        self.ready.clear();
        self.handed_out = 0;
    }
}

impl CompactState {
    /// Takes all of the input and writes what is due.
    fn run(&mut self, mut input: &[u8], output: &mut [u8], flush: Flush) -> usize {
        if input.is_empty() && self.flushed {
            return 0;
        }
        self.flushed = flush == Flush::Sync;
        let mut produced = 0;
        loop {
            if self.matches.text.len() + input.len() > self.limit && self.written > 0 {
                // Of what isn't written nothing is lost: it is shorter than what may follow a window.
                self.slide();
            }
            let room = self.limit - self.matches.text.len();
            let (taken, left) = input.split_at(input.len().min(room));
            self.matches.append(taken, self.limit);
            input = left;
            if input.is_empty() && flush == Flush::No && self.matches.text.len() < self.limit {
                return produced;
            }
            produced += self.write(&mut output[produced..]);
            if input.is_empty() {
                break;
            }
        }
        if flush == Flush::Sync {
            let mut writer = BitWriter::new(&mut output[produced..], core::mem::take(&mut self.rest));
            writer.put(0, 3);
            writer.align();
            writer.bytes(&TAIL);
            produced += writer.finish().0;
        }
        produced
    }

    /// Forgets what is out of reach, of what is written.
    fn slide(&mut self) {
        let before = self.matches.text.len();
        self.matches.slide(self.written);
        self.written -= before - self.matches.text.len();
    }

    /// Writes all text that isn't.
    fn write(&mut self, output: &mut [u8]) -> usize {
        let from = core::mem::replace(&mut self.written, self.matches.text.len());
        if from == self.written {
            return 0;
        }
        let (bytes, rest) = if self.searches {
            block::write(&mut self.matches, from, output, self.rest)
        } else {
            let mut writer = BitWriter::new(output, self.rest);
            block::stored(&self.matches.text[from..], &mut writer);
            writer.finish()
        };
        self.rest = rest;
        bytes
    }

    fn hand_out(&mut self, output: &mut [u8]) -> usize {
        let left = &self.ready[self.handed_out..];
        let produced = left.len().min(output.len());
        output[..produced].copy_from_slice(&left[..produced]);
        self.handed_out += produced;
        if self.handed_out == self.ready.len() {
            self.ready = Vec::new();
            self.handed_out = 0;
        }
        produced
    }
}

/// The bytes of room that so many of text need: fixed codes of nine bits for each, the headers of blocks of which each but the
/// last is [`LEAST_ROOM`] long, the tail; and the writer's word.
const fn bound(text: usize) -> usize {
    text + text / 8 + 48
}

/// How much of the text is room for what comes at least: large blocks, for the smallest windows too.
const LEAST_ROOM: usize = 4096;
