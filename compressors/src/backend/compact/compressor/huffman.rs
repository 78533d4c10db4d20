//! Huffman codes for how often symbols occur, no codeword longer than DEFLATE allows (RFC 1951 section 3.2.2).
#![expect(clippy::cast_possible_truncation, reason = "symbols, depths and codewords fit 16 bits")]

use super::codes::reversed;

/// The lengths of the codewords of the symbols that occur, `most` bits at most. Two symbols have a codeword at least, so that
/// every code is complete.
///
/// ```text
/// sort the symbols by how often they occur; join the two rarest trees, again and again
/// what lies too deep comes up to `most`; to make room, a leaf above it becomes two, one level further down
/// deal out the lengths, the longest to the rarest
/// ```
pub(super) fn lengths<const SYMBOLS: usize>(counts: &[u16; SYMBOLS], most: usize) -> [u8; SYMBOLS] {
    let mut lengths = [0; SYMBOLS];
    // How often, and the symbol in the low bits.
    let mut leaves = [0_u32; SYMBOLS];
    let mut used = 0;
    for (symbol, &count) in counts.iter().enumerate() {
        if count > 0 {
            leaves[used] = u32::from(count) << 9 | symbol as u32;
            used += 1;
        }
    }
    if used < 2 {
        let symbol = (leaves[0] & 511) as usize;
        lengths[symbol] = 1;
        lengths[usize::from(symbol == 0)] = 1;
        return lengths;
    }
    let leaves = &mut leaves[..used];
    leaves.sort_unstable();
    let mut at_depth = depths::<SYMBOLS>(leaves);
    limit(&mut at_depth, most);
    let mut rarest = leaves.iter();
    for length in (1..=most).rev() {
        for leaf in rarest.by_ref().take(at_depth[length].into()) {
            lengths[(leaf & 511) as usize] = length as u8;
        }
    }
    lengths
}

/// The codewords of those lengths, and the lengths with them.
pub(super) fn words<const SYMBOLS: usize>(lengths: &[u8; SYMBOLS]) -> [(u16, u8); SYMBOLS] {
    let mut next = [0_u32; 17];
    for &length in lengths {
        next[usize::from(length) + 1] += u32::from(length > 0);
    }
    for length in 1..16 {
        next[length + 1] = (next[length] + next[length + 1]) << 1;
    }
    // `next[length]` is now the first codeword of that length.
    let mut words = [(0, 0); SYMBOLS];
    for (word, &length) in words.iter_mut().zip(lengths) {
        if length > 0 {
            let code = &mut next[usize::from(length)];
            *word = (reversed(*code, length.into()) as u16, length);
            *code += 1;
        }
    }
    words
}

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
            let is_leaf = leaf < leaves.len() && (tree >= next || leaves[leaf] >> 9 <= joined[tree]);
            if is_leaf {
                weight += leaves[leaf] >> 9;
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
