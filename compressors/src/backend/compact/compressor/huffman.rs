//! Huffman codes for how often symbols occur, no codeword longer than DEFLATE allows (RFC 1951 section 3.2.2).
#![expect(clippy::cast_possible_truncation, reason = "symbols, depths and codewords fit 16 bits")]

use super::codes::reversed;

/// A canonical Huffman code of so many symbols (RFC 1951 section 3.2.2).
pub(super) struct Code<const SYMBOLS: usize> {
    /// The length of each symbol's codeword in bits; 0 if it has none.
    pub(super) lengths: [u8; SYMBOLS],
    /// The symbols that have one, in their order.
    used: [u16; SYMBOLS],
    used_count: usize,
}

impl<const SYMBOLS: usize> Code<SYMBOLS> {
    /// The shortest for symbols that occur so often, no codeword longer than `most` bits. Two symbols have one at least, so that
    /// every code is complete.
    ///
    /// ```text
    /// sort the symbols by how often they occur; join the two rarest trees, again and again
    /// what lies too deep comes up to `most`; to make room, a leaf above it becomes two, one level further down
    /// deal out the lengths, the longest to the rarest
    /// ```
    pub(super) fn of(counts: &[u16; SYMBOLS], most: u8) -> Self {
        let mut code = Self { lengths: [0; SYMBOLS], used: [0; SYMBOLS], used_count: 0 };
        // How often, and the symbol in the low bits.
        let mut leaves = [0_u32; SYMBOLS];
        for (symbol, &count) in counts.iter().enumerate() {
            // Written over by the next one, unless it occurs: which do is not to be guessed.
            leaves[code.used_count] = u32::from(count) << SYMBOL_BITS | symbol as u32;
            code.used[code.used_count] = symbol as u16;
            code.used_count += usize::from(count > 0);
        }
        if code.used_count < 2 {
            code.make_two();
            return code;
        }
        let leaves = &mut leaves[..code.used_count];
        leaves.sort_unstable();
        let mut at_depth = depths::<SYMBOLS>(leaves);
        limit(&mut at_depth, most.into());
        let mut rarest = leaves.iter();
        for length in (1..=most).rev() {
            for leaf in rarest.by_ref().take(at_depth[usize::from(length)].into()) {
                code.lengths[(leaf & ((1 << SYMBOL_BITS) - 1)) as usize] = length;
            }
        }
        code
    }

    fn make_two(&mut self) {
        let other = if self.used_count == 1 && self.used[0] > 0 { self.used[0] } else { 1 };
        (self.used[0], self.used[1], self.used_count) = (0, other, 2);
        self.lengths[0] = 1;
        self.lengths[usize::from(other)] = 1;
    }

    /// The bits of the codewords of symbols that occur so often.
    pub(super) fn bits(&self, counts: &[u16; SYMBOLS]) -> u32 {
        self.bits_of(counts, |symbol| self.lengths[symbol].into())
    }

    /// The same if the symbols had codewords of these lengths.
    pub(super) fn bits_of(&self, counts: &[u16; SYMBOLS], length: impl Fn(usize) -> u32) -> u32 {
        self.used[..self.used_count]
            .iter()
            .map(|&symbol| u32::from(counts[usize::from(symbol)]) * length(symbol.into()))
            .sum()
    }

    /// The codewords as they are sent, and their lengths.
    pub(super) fn words(&self) -> [(u16, u8); SYMBOLS] {
        let used = &self.used[..self.used_count];
        let mut next = [0_u32; 17];
        for &symbol in used {
            next[usize::from(self.lengths[usize::from(symbol)]) + 1] += 1;
        }
        // How many there are of the length before becomes the first of each length.
        for length in 1..16 {
            next[length + 1] = (next[length] + next[length + 1]) << 1;
        }
        let mut words = [(0, 0); SYMBOLS];
        for &symbol in used {
            let length = self.lengths[usize::from(symbol)];
            let code = &mut next[usize::from(length)];
            words[usize::from(symbol)] = (reversed(*code, length.into()) as u16, length);
            *code += 1;
        }
        words
    }
}

/// Room for any symbol beside how often it occurs.
const SYMBOL_BITS: u32 = 9;

/// How many leaves of the Huffman tree there are at each depth.
fn depths<const SYMBOLS: usize>(leaves: &[u32]) -> [u16; 32] {
    // Joined trees come out in order, so that they are a queue of their own: its weights, and later the depths.
    let mut joined = [0_u32; SYMBOLS];
    let mut parents = [0_u16; SYMBOLS];
    let mut leaves_of = [0_u8; SYMBOLS];
    let (mut leaf, mut tree) = (0, 0);
    let count = leaves.len() - 1;
    for next in 0..count {
        let mut weight = 0;
        for _ in 0..2 {
            let is_leaf =
                leaf < leaves.len() && (tree >= next || leaves[leaf] >> SYMBOL_BITS <= joined[tree]);
            if is_leaf {
                weight += leaves[leaf] >> SYMBOL_BITS;
                leaves_of[next] += 1;
                leaf += 1;
            } else {
                weight += joined[tree];
                parents[tree] = next as u16;
                tree += 1;
            }
        }
        joined[next] = weight;
    }
    let mut at_depth = [0; 32];
    // From the root, the last one, down.
    joined[count - 1] = 0;
    for tree in (0..count).rev() {
        if tree < count - 1 {
            joined[tree] = joined[usize::from(parents[tree])] + 1;
        }
        at_depth[(joined[tree] as usize + 1).min(31)] += u16::from(leaves_of[tree]);
    }
    at_depth
}

/// Brings all leaves up to depth `most`.
fn limit(at_depth: &mut [u16; 32], most: usize) {
    let deeper: u16 = at_depth[most + 1..].iter().sum();
    if deeper == 0 {
        return;
    }
    at_depth[most + 1..].fill(0);
    at_depth[most] += deeper;
    // In units of the deepest codeword: how much more is taken than there is.
    let taken: u64 = (1..=most).map(|depth| u64::from(at_depth[depth]) << (most - depth)).sum();
    let mut excess = taken - (1 << most);
    while excess > 0 {
        // One of the deepest joins a leaf that goes down for it: one codeword less of the deepest, in effect.
        let above = (1..most).rev().find(|&depth| at_depth[depth] > 0).unwrap_or(1);
        at_depth[above] -= 1;
        at_depth[above + 1] += 2;
        at_depth[most] -= 1;
        excess -= 1;
    }
}
