//! Messages of every size and kind, the same ones for the same seed.

use wscodec::Message;

/// A message that waits for its echo.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    Text(String),
    Binary(Vec<u8>),
}

impl Owned {
    pub(crate) fn borrow(&self) -> Message<'_> {
        match self {
            Self::Text(text) => Message::Text(text),
            Self::Binary(bytes) => Message::Binary(bytes),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// Never ends.
#[derive(Debug)]
pub(crate) struct Generated {
    state: u64,
    number: usize,
}

const WORDS: &str = "price volume bid ask order trade 12.5 {\"id\":true,\"none\":null} latency, größer straße café \
                     ελληνικά привет мир שלום مرحبا नमस्ते 你好 世界 こんにちは 안녕 🎉 👩‍👩‍👧 🇨🇭";

/// The lengths where headers change, and that of the largest window; each comes as text and as binary, first of all.
const EDGES: [usize; 8] = [0, 1, 125, 126, 127, 32 << 10, 65_535, 65_536];

/// Most messages are chat, a few are long: upper bounds in bytes, with their share of 100.
const SCALES: [(u64, usize); 5] = [(50, 64), (30, 512), (14, 4096), (5, 16 << 10), (1, 100 << 10)];

impl Generated {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed, number: 0 }
    }

    fn length(&mut self, number: usize) -> usize {
        if let Some(edge) = EDGES.get(number / 2) {
            return *edge;
        }
        let mut share = self.below(100);
        for (weight, scale) in SCALES {
            if share < weight {
                return self.index(scale + 1);
            }
            share -= weight;
        }
        0
    }

    fn text(&mut self, length: usize) -> String {
        let words: Vec<&str> = WORDS.split(' ').collect();
        let mut text = String::new();
        while text.len() < length {
            text.push_str(words[self.index(words.len())]);
            text.push(' ');
        }
        while text.len() > length {
            text.pop();
        }
        text.extend(std::iter::repeat_n('.', length - text.len()));
        text
    }

    /// Noise, which does not compress, or a record again and again, which does.
    fn binary(&mut self, length: usize) -> Vec<u8> {
        if self.below(2) == 0 {
            return (0..length).map(|_| self.random().to_le_bytes()[0]).collect();
        }
        let record = [self.random().to_le_bytes(), [0; 8]].concat();
        record.into_iter().cycle().take(length).collect()
    }

    fn index(&mut self, below: usize) -> usize {
        usize::try_from(self.below(below as u64)).unwrap_or(0)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random() % bound
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Iterator for Generated {
    type Item = Owned;

    fn next(&mut self) -> Option<Owned> {
        let number = self.number;
        self.number += 1;
        let length = self.length(number);
        // After the edges text comes more often, and not in turn.
        let is_text = number.is_multiple_of(2) || (number >= 2 * EDGES.len() && self.below(5) < 2);
        Some(if is_text { Owned::Text(self.text(length)) } else { Owned::Binary(self.binary(length)) })
    }
}
