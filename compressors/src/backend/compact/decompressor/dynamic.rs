//! The codes of dynamic blocks (RFC 1951 section 3.2.7), their descriptions read as far as they have come.
#![expect(clippy::cast_possible_truncation, reason = "as wide as the bits that were asked for")]

use core::cell::Cell;

use super::bits::Bits;
use super::lengths::Lengths;
use super::table::{DISTANCES, DistanceTable, LITERALS, LengthRun, LengthTable, LiteralTable};

/// The codes of a dynamic block, and what they are made of.
///
/// Only one block at a time is worked on by a thread, so one of these is enough for all its contexts; a message that ends
/// within such a block takes it along until the next frame.
pub(super) struct OwnCodes {
    pub(super) literals: LiteralTable,
    pub(super) distances: DistanceTable,
    code_lengths: LengthTable,
    /// The lengths of the code length code.
    first: Lengths<19>,
    /// Those of the literals and of the distances behind them. A repetition may go beyond what it should.
    lengths: Lengths<{ LITERALS + DISTANCES + LONGEST_REPETITION }>,
}

const LONGEST_REPETITION: usize = 138;

/// How far a description has been read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Description {
    stage: Stage,
    literals: usize,
    distances: usize,
    explicit: usize,
    /// How many lengths are there, of the first code or of the others.
    known: usize,
    /// The last of the others.
    last: u8,
}

#[derive(Clone, Copy, Debug, Default)]
enum Stage {
    #[default]
    Counts,
    First,
    Lengths,
}

impl OwnCodes {
    /// Reads on in the description of a block's codes; `false` if there is more to come.
    pub(super) fn read(
        &mut self,
        description: &mut Description,
        bits: &mut Bits<'_>,
    ) -> Result<bool, &'static str> {
        if let Stage::Counts = description.stage {
            let Some(counts) = bits.take(14) else { return Ok(false) };
            description.literals = 257 + (counts & 31) as usize;
            description.distances = 1 + (counts >> 5 & 31) as usize;
            description.explicit = 4 + (counts >> 10) as usize;
            if description.literals > 286 || description.distances > 30 {
                return Err("too many length or distance symbols");
            }
            self.first.clear();
            self.lengths.clear();
            description.stage = Stage::First;
        }
        if let Stage::First = description.stage {
            while description.known < description.explicit {
                let Some(length) = bits.take(3) else { return Ok(false) };
                self.first.set(ORDER[description.known], length as u8);
                description.known += 1;
            }
            if !self.code_lengths.of_lengths(self.first.code(0, ORDER.len())) {
                return Err("invalid code lengths set");
            }
            (description.known, description.last) = (0, NO_LENGTH);
            description.stage = Stage::Lengths;
        }
        if !self.read_lengths(description, bits)? {
            return Ok(false);
        }
        self.build(description).map(|()| true)
    }

    fn read_lengths(
        &mut self,
        description: &mut Description,
        bits: &mut Bits<'_>,
    ) -> Result<bool, &'static str> {
        let all = description.literals + description.distances;
        let Description { mut known, mut last, .. } = *description;
        let mut at = *bits;
        // A run's eight bytes may hide zeros only until the next one writes its own.
        while known < all {
            at.refill();
            // With bits for four there is no question whether one has come.
            let far = at.count() >= 4 * LengthRun::MOST_BITS;
            for _ in 0..if far { 4 } else { 1 } {
                let entry = self.code_lengths.look_up_short(at.peek());
                if !far && entry.bits() > at.count() {
                    (description.known, description.last) = (known, last);
                    *bits = at;
                    return Ok(false);
                }
                let run = LengthRun::of(entry, at.peek(), last);
                at.skip(entry.bits());
                self.lengths.set_some(known, run.length);
                last = run.length;
                known += run.count;
                if known >= all {
                    break;
                }
            }
        }
        *bits = at;
        if known > all || self.lengths.first() == NO_LENGTH {
            return Err("invalid bit length repeat");
        }
        self.lengths.find_used();
        Ok(true)
    }

    fn build(&mut self, description: &Description) -> Result<(), &'static str> {
        let all = description.literals + description.distances;
        if !self.lengths.has(256) {
            return Err("invalid code -- missing end-of-block");
        }
        if !self.literals.of_literals(self.lengths.code(0, description.literals)) {
            return Err("invalid literal/lengths set");
        }
        if !self.distances.of_distances(self.lengths.code(description.literals, all)) {
            return Err("invalid distances set");
        }
        Ok(())
    }
}

impl core::fmt::Debug for OwnCodes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("OwnCodes").finish_non_exhaustive()
    }
}

/// Before the first length there is none to be repeated.
const NO_LENGTH: u8 = 16;

/// In which order the lengths of the code length code come.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

std::thread_local! {
    static WAITING: Cell<Option<Box<OwnCodes>>> = const { Cell::new(None) };
}

/// The thread's, to be handed back.
pub(super) fn lend() -> Box<OwnCodes> {
    WAITING.try_with(Cell::take).ok().flatten().unwrap_or_else(|| {
        Box::new(OwnCodes {
            literals: LiteralTable::new(),
            distances: DistanceTable::new(),
            code_lengths: LengthTable::new(),
            first: Lengths::new(),
            lengths: Lengths::new(),
        })
    })
}

/// For the next block of any context.
pub(super) fn hand_back(codes: Box<OwnCodes>) {
    // A thread that ends may have no room for it any more.
    _ = WAITING.try_with(|waiting| waiting.set(Some(codes)));
}

/// Frees what waits on this thread.
pub(in super::super::super) fn release_scratch() {
    _ = WAITING.try_with(Cell::take);
}
