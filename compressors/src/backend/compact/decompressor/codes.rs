//! The codes of a block, and the literals in it.
#![expect(
    clippy::cast_possible_truncation,
    reason = "symbols and lengths in bits are small, and bits masked"
)]

use super::bits::Bits;
use super::sink::View;
use super::table::{DistanceTable, Entry, FIXED_DISTANCES, FIXED_LITERALS, LiteralTable};

/// What the bits of a block are looked up in.
pub(super) trait Codes: Copy {
    /// Whether literals mostly come several at a time, after whatever messages.
    const RUNS: bool;

    fn literal(self, bits: u64) -> Entry;

    fn distance(self, bits: u64) -> Entry;

    /// Decodes literals after a refill from afar, as long as there is more than enough room, and says whether there has been
    /// such a refill since: bits for any symbol.
    #[inline(always)]
    fn literals(self, bits: &mut Bits<'_>, view: &mut View<'_>, at: &mut usize) -> bool {
        literals_by_threes(self, bits, view, at)
    }
}

#[inline(always)]
fn literals_by_threes<C: Codes>(codes: C, bits: &mut Bits<'_>, view: &mut View<'_>, at: &mut usize) -> bool {
    while let Some(room) = view.bytes[..view.end].get_mut(*at..*at + 3) {
        let entry = codes.literal(bits.peek());
        if !entry.is_literal() {
            return true;
        }
        room[0] = entry.byte();
        *at += 1;
        bits.skip(entry.bits());
        let entry = codes.literal(bits.peek());
        if entry.is_literal() {
            room[1] = entry.byte();
            *at += 1;
            bits.skip(entry.bits());
            let entry = codes.literal(bits.peek());
            if entry.is_literal() {
                room[2] = entry.byte();
                *at += 1;
                bits.skip(entry.bits());
                if bits.refill_from_far() {
                    continue;
                }
                return false;
            }
        }
        return bits.refill_from_far();
    }
    true
}

/// Of a block with codes of its own.
impl Codes for (&LiteralTable, &DistanceTable) {
    const RUNS: bool = true;

    #[inline(always)]
    fn literal(self, bits: u64) -> Entry {
        self.0.look_up(bits)
    }

    #[inline(always)]
    fn distance(self, bits: u64) -> Entry {
        self.1.look_up(bits)
    }
}

/// Of blocks with fixed codes, which have no subtables and a length that is known here.
///
/// Where there are messages before, they are mostly matches, and runs of literals are looked for in vain.
#[derive(Clone, Copy)]
pub(super) struct Fixed;

impl Codes for Fixed {
    const RUNS: bool = false;

    #[inline(always)]
    fn literal(self, bits: u64) -> Entry {
        FIXED_LITERALS[bits as usize % 512]
    }

    #[inline(always)]
    fn distance(self, bits: u64) -> Entry {
        FIXED_DISTANCES[bits as usize % 32]
    }

    /// ASCII's codewords have eight bits each, which are the character and `0x30`, the first bit highest: seven of them are
    /// decoded at once, without waiting for the length of one to find the next.
    #[inline(always)]
    fn literals(self, bits: &mut Bits<'_>, view: &mut View<'_>, at: &mut usize) -> bool {
        const HIGHEST: u64 = 0x8080_8080_8080_8080;
        while let Some(room) = view.bytes[..view.end].get_mut(*at..).and_then(|room| room.first_chunk_mut()) {
            let codewords = bits.peek().reverse_bits().swap_bytes();
            // In each byte `0x50` more, with the highest bit set in just those that were from `0x30` to `0xaf`.
            let sums = ((codewords & !HIGHEST) + 0x5050_5050_5050_5050) ^ (codewords & HIGHEST);
            *room = (sums ^ HIGHEST).to_le_bytes();
            let others = !sums & HIGHEST | 1 << 63;
            let bits_done = others.trailing_zeros() - 7;
            bits.skip(bits_done);
            *at += bits_done as usize / 8;
            if bits_done == 0 {
                return literals_by_threes(self, bits, view, at);
            }
            if !bits.refill_from_far() {
                return false;
            }
            if bits_done < 56 {
                return true;
            }
        }
        true
    }
}
