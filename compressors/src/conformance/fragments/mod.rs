//! The rules for messages that come fragment by fragment, in both directions.

pub(super) mod compressor;
pub(super) mod decompressor;
mod final_blocks;

use super::corpus::Random;

/// Where to cut `length` bytes into fragments: at random, some of them empty, most of them short if all are.
fn cuts(random: &mut Random, length: usize) -> Vec<usize> {
    let longest = [2, 40, 3000, 50_000][random.below(4)];
    let mut cuts = Vec::new();
    let mut at = 0;
    while at < length && cuts.len() < 200 {
        cuts.push(at);
        at += random.below(longest + 1);
    }
    cuts
}

/// The pieces of `bytes` between the cuts, which are in order: one more than there are cuts.
fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let starts = core::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([bytes.len()]);
    starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect()
}
