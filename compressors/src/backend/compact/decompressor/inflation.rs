//! A message's way through its blocks, resumed wherever its frames were cut.

use super::bits::{Bits, Kept};
use super::codes::{Codes, Fixed};
use super::dynamic::{self, Description, OwnCodes};
use super::sink::{Sink, View};
use crate::DecompressError;

/// Where a message is that has not ended.
#[derive(Debug, Default)]
pub(super) struct Inflation {
    kept: Kept,
    stage: Stage,
    is_final: bool,
    /// The thread's, while a dynamic block is under way.
    codes: Option<Box<OwnCodes>>,
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
    pub(super) fn run(&mut self, bits: &mut Bits<'_>, sink: &mut impl Sink) -> Result<Stop, DecompressError> {
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
                    if stored(left, bits, sink)? {
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
                    if coded(Fixed, bits, sink)? {
                        return Ok(self.end_block());
                    }
                    return Ok(Stop::Input);
                }
                Stage::Dynamic => {
                    let Some(codes) = &self.codes else { return Ok(Stop::Input) };
                    if coded((&codes.literals, &codes.distances), bits, sink)? {
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

impl Inflation {
    /// For the next message.
    pub(super) fn clear(&mut self) {
        (self.kept, self.stage) = (Kept::default(), Stage::Header);
        if let Some(codes) = self.codes.take() {
            dynamic::hand_back(codes);
        }
    }
}

impl Drop for Inflation {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Copies what has come of a stored block, and says whether that is all of it.
fn stored(left: &mut usize, bits: &mut Bits<'_>, sink: &mut impl Sink) -> Result<bool, DecompressError> {
    while *left > 0 {
        let available = bits.bytes_left().min(*left);
        if available == 0 {
            return Ok(false);
        }
        let View { bytes, at, end, .. } = sink.view();
        if *at >= end {
            sink.make_room()?;
            continue;
        }
        let count = bits.read(&mut bytes[*at..end.min(*at + available)]);
        *at += count;
        *left -= count;
    }
    Ok(true)
}

/// Decodes symbols, and says whether the last one ended the block.
fn coded<C: Codes, S: Sink>(codes: C, bits: &mut Bits<'_>, sink: &mut S) -> Result<bool, DecompressError> {
    loop {
        let stop = if C::RUNS || S::RUNS {
            symbols::<C, true>(codes, bits, sink.view())
        } else {
            symbols::<C, false>(codes, bits, sink.view())
        };
        match stop.map_err(DecompressError::Corrupt)? {
            SymbolStop::EndOfBlock => return Ok(true),
            SymbolStop::Input => return Ok(false),
            SymbolStop::Room => sink.make_room()?,
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
fn symbols<C: Codes, const RUNS: bool>(
    codes: C,
    all_bits: &mut Bits<'_>,
    mut view: View<'_>,
) -> Result<SymbolStop, &'static str> {
    let mut bits = *all_bits;
    let mut at = *view.at;
    let stop = loop {
        // With eight bytes of input left there is enough for any symbol.
        let step = if bits.refill_from_far() {
            if RUNS && !codes.literals(&mut bits, &mut view, &mut at) {
                continue;
            }
            symbol::<C, false>(codes, &mut bits, &mut view, &mut at)
        } else {
            bits.refill_from_the_end();
            symbol::<C, true>(codes, &mut bits, &mut view, &mut at)
        };
        match step {
            Ok(None) => {}
            Ok(Some(stop)) => break stop,
            Err(error) => return Err(error),
        }
    };
    *view.at = at;
    *all_bits = bits;
    Ok(stop)
}

/// Decodes a symbol, if all of it has come, which is to be checked `AT_THE_END`.
#[inline(always)]
fn symbol<C: Codes, const AT_THE_END: bool>(
    codes: C,
    bits: &mut Bits<'_>,
    view: &mut View<'_>,
    at: &mut usize,
) -> Result<Option<SymbolStop>, &'static str> {
    let next = bits.peek();
    let entry = codes.literal(next);
    if AT_THE_END && entry.bits() > bits.count() {
        return Ok(Some(SymbolStop::Input));
    }
    if entry.is_literal() {
        if *at >= view.end {
            return Ok(Some(SymbolStop::Room));
        }
        view.bytes[*at] = entry.byte();
        *at += 1;
        bits.skip(entry.bits());
        return Ok(None);
    }
    if entry.is_exception() {
        if !entry.is_end_of_block() {
            return Err("invalid literal/length code");
        }
        bits.skip(entry.bits());
        return Ok(Some(SymbolStop::EndOfBlock));
    }
    let length = entry.value(next);
    let next = next >> entry.bits();
    let distance = codes.distance(next);
    if AT_THE_END && entry.bits() + distance.bits() > bits.count() {
        return Ok(Some(SymbolStop::Input));
    }
    if distance.is_exception() {
        return Err("invalid distance code");
    }
    if *at + length > view.end {
        return Ok(Some(SymbolStop::Room));
    }
    view.copy(*at, distance.value(next), length)?;
    bits.skip(entry.bits() + distance.bits());
    *at += length;
    Ok(None)
}
