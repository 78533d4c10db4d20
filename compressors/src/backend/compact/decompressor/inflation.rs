//! A message's way through its blocks, resumed wherever its frames were cut.

use super::bits::{Bits, Kept};
use super::dynamic::{self, Codes, Description};
use super::table::{DistanceTable, FIXED_DISTANCES, FIXED_LITERALS, LiteralTable};
use super::window::Window;
use crate::DecompressError;
use crate::ratio::MIN_ROOM;

/// Where a message is that has not ended.
#[derive(Debug, Default)]
pub(super) struct Inflation {
    kept: Kept,
    stage: Stage,
    is_final: bool,
    /// The thread's, while a dynamic block is under way.
    codes: Option<Box<Codes>>,
}

/// Within a block, what comes next.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Header,
    StoredLength,
    Stored {
        left: usize,
    },
    Description(Description),
    Fixed,
    Dynamic,
}

/// Why the work stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// All input is taken, and more is needed.
    Input,
    /// A block has ended.
    Block,
    /// One with BFINAL=1 has.
    FinalBlock,
}

/// What comes out of a frame, and the most that may.
pub(super) struct Output<'a> {
    pub(super) out: &'a mut Vec<u8>,
    /// Where the message's part of `out` begins.
    start: usize,
    /// How long that is; the rest of `out` is room.
    length: usize,
    limit: usize,
    window: Window<'a>,
}

impl<'a> Output<'a> {
    /// With room for so many bytes to begin with.
    pub(super) fn new(out: &'a mut Vec<u8>, room: usize, limit: usize, window: Window<'a>) -> Self {
        let start = out.len();
        out.resize(start + room.min(limit), 0);
        Self { out, start, length: 0, limit, window }
    }

    /// Leaves what came out of the frame, and no room behind it.
    pub(super) fn finish(self) {
        self.out.truncate(self.start + self.length);
    }

    fn grow(&mut self) -> Result<(), DecompressError> {
        let room = self.out.len() - self.start;
        if room >= self.limit {
            return Err(DecompressError::TooLong { limit: self.limit });
        }
        self.out.resize(self.start + room.saturating_add(room.max(MIN_ROOM)).min(self.limit), 0);
        Ok(())
    }
}

impl Inflation {
    pub(super) fn bits<'a>(&self, frame: &'a [u8]) -> Bits<'a> {
        Bits::new(self.kept, frame)
    }

    /// Keeps what is left of a frame that was taken.
    pub(super) fn keep(&mut self, bits: &Bits<'_>) {
        self.kept = bits.kept();
    }

    /// Whether nothing but the four bytes of the tail is missing to end a block.
    pub(super) fn waits_for_tail(&self) -> bool {
        matches!(self.stage, Stage::StoredLength) && self.kept.is_empty()
    }

    /// Behind a header of an empty stored block, as far as to its length.
    pub(super) fn expect_stored_length(&mut self) {
        (self.stage, self.is_final) = (Stage::StoredLength, false);
    }

    /// The bytes that this holds beside itself.
    pub(super) fn memory(&self) -> usize {
        self.codes.as_deref().map_or(0, size_of_val)
    }

    /// Goes on to the end of a block or of the input.
    pub(super) fn run(
        &mut self,
        bits: &mut Bits<'_>,
        output: &mut Output<'_>,
    ) -> Result<Stop, DecompressError> {
        loop {
            match &mut self.stage {
                Stage::Header => match bits.take(3) {
                    None => return Ok(Stop::Input),
                    Some(header) => self.begin_block(header, bits).map_err(DecompressError::Corrupt)?,
                },
                Stage::StoredLength => {
                    let Some(length) = bits.take(32) else { return Ok(Stop::Input) };
                    if length >> 16 != !length & 0xffff {
                        return Err(DecompressError::Corrupt("invalid stored block lengths"));
                    }
                    self.stage = Stage::Stored { left: (length & 0xffff) as usize };
                }
                Stage::Stored { left } => {
                    if stored(left, bits, output)? {
                        return Ok(self.end_block());
                    }
                    return Ok(Stop::Input);
                }
                Stage::Description(description) => {
                    let codes = self.codes.get_or_insert_with(dynamic::lend);
                    if !codes.read(description, bits).map_err(DecompressError::Corrupt)? {
                        return Ok(Stop::Input);
                    }
                    self.stage = Stage::Dynamic;
                }
                Stage::Fixed => {
                    if coded(&FIXED_LITERALS, &FIXED_DISTANCES, bits, output)? {
                        return Ok(self.end_block());
                    }
                    return Ok(Stop::Input);
                }
                Stage::Dynamic => {
                    let Some(codes) = &self.codes else { return Ok(Stop::Input) };
                    if coded(&codes.literals, &codes.distances, bits, output)? {
                        return Ok(self.end_block());
                    }
                    return Ok(Stop::Input);
                }
            }
        }
    }

    fn begin_block(&mut self, header: u32, bits: &mut Bits<'_>) -> Result<(), &'static str> {
        self.is_final = header & 1 == 1;
        self.stage = match header >> 1 {
            0 => {
                bits.align();
                Stage::StoredLength
            }
            1 => Stage::Fixed,
            2 => Stage::Description(Description::default()),
            _ => return Err("invalid block type"),
        };
        Ok(())
    }

    fn end_block(&mut self) -> Stop {
        self.stage = Stage::Header;
        if self.is_final { Stop::FinalBlock } else { Stop::Block }
    }
}

impl Drop for Inflation {
    fn drop(&mut self) {
        if let Some(codes) = self.codes.take() {
            dynamic::hand_back(codes);
        }
    }
}

/// Copies what has come of a stored block, and says whether that is all of it.
fn stored(left: &mut usize, bits: &mut Bits<'_>, output: &mut Output<'_>) -> Result<bool, DecompressError> {
    while *left > 0 {
        let available = bits.bytes_left().min(*left);
        if available == 0 {
            return Ok(false);
        }
        let filled = output.start + output.length;
        let room = output.out.len() - filled;
        if room == 0 {
            output.grow()?;
            continue;
        }
        let count = bits.read(&mut output.out[filled..filled + available.min(room)]);
        output.length += count;
        *left -= count;
    }
    Ok(true)
}

/// Decodes symbols, and says whether the last one ended the block.
fn coded(
    literals: &LiteralTable,
    distances: &DistanceTable,
    bits: &mut Bits<'_>,
    output: &mut Output<'_>,
) -> Result<bool, DecompressError> {
    loop {
        let message = &mut output.out[output.start..];
        let stop = symbols(literals, distances, bits, message, &mut output.length, output.window);
        match stop.map_err(DecompressError::Corrupt)? {
            SymbolStop::EndOfBlock => return Ok(true),
            SymbolStop::Input => return Ok(false),
            SymbolStop::Room => output.grow()?,
        }
    }
}

enum SymbolStop {
    EndOfBlock,
    /// The next symbol has not all come.
    Input,
    /// There is no room for the next symbol.
    Room,
}

#[inline(never)]
fn symbols(
    literals: &LiteralTable,
    distances: &DistanceTable,
    bits: &mut Bits<'_>,
    message: &mut [u8],
    length: &mut usize,
    window: Window<'_>,
) -> Result<SymbolStop, &'static str> {
    let mut at = *length;
    let stop = loop {
        // Enough for any symbol, if it has come.
        bits.refill();
        let next = bits.peek();
        let entry = literals.look_up(next);
        if entry.bits() > bits.count() {
            break SymbolStop::Input;
        }
        if entry.is_literal() {
            let Some(place) = message.get_mut(at) else { break SymbolStop::Room };
            *place = entry.byte();
            at += 1;
            bits.skip(entry.bits());
            continue;
        }
        if entry.is_exception() {
            if !entry.is_end_of_block() {
                return Err("invalid literal/length code");
            }
            bits.skip(entry.bits());
            break SymbolStop::EndOfBlock;
        }
        let count = entry.value(next);
        let next = next >> entry.bits();
        let distance = distances.look_up(next);
        if entry.bits() + distance.bits() > bits.count() {
            break SymbolStop::Input;
        }
        if distance.is_exception() {
            return Err("invalid distance code");
        }
        if count > message.len() - at {
            break SymbolStop::Room;
        }
        window.copy(message, at, distance.value(next), count)?;
        bits.skip(entry.bits() + distance.bits());
        at += count;
    };
    *length = at;
    Ok(stop)
}
