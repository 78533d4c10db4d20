//! Where the payloads lie in a buffer: as in what a server reads from a client.

use std::ops::{Range, RangeInclusive};

use fastrand::Rng;

use crate::input::MANY;
use crate::section::Section;
use crate::workload::Description;

/// The payload of one frame. Small, since there are many, and they are read between the payloads.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    start: u32,
    length: u32,
    /// The key of its frame.
    pub key: [u8; 4],
}

impl Slot {
    /// Of payloads that are far from 4 GiB.
    pub fn new(payload: Range<usize>, key: [u8; 4]) -> Self {
        Self { start: payload.start as u32, length: payload.len() as u32, key }
    }

    /// Its place in the buffer.
    #[inline(always)]
    pub fn payload(&self) -> Range<usize> {
        self.start as usize..self.start as usize + self.length as usize
    }
}

/// Reads, one after the other into the same buffer.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The payloads of each read.
    pub reads: Vec<Vec<Slot>>,
    /// The bytes that the buffer needs.
    pub buffer: usize,
}

/// How long payloads are.
pub enum Lengths {
    /// Any of these, each as likely as the other.
    Mixed(RangeInclusive<usize>),
    /// Any of these, each power of two as likely as the other; none is 0.
    Spread(RangeInclusive<usize>),
    /// These, in this order, at least one.
    Given(Vec<usize>),
}

impl Lengths {
    /// Whether a branch predictor has something to learn.
    fn is_mixed(&self) -> bool {
        matches!(self, Self::Mixed(range) | Self::Spread(range) if range.start() < range.end())
    }
}

/// Frames in a pass if all have one length, unless they are large.
const FRAMES: usize = 1 << 13;
/// Payload bytes in such a pass, at most, but for the read that goes beyond.
const BYTES: usize = 8 << 20;

impl Layout {
    /// Frames packed into reads of about `read` bytes until there is enough for a pass.
    pub fn new(lengths: &Lengths, read: usize) -> Self {
        let mut rng = Rng::with_seed(0x0f4a);
        let mut next = source(lengths, rng.fork());
        let mut layout = Self { reads: Vec::new(), buffer: 0 };
        let (most_frames, most_bytes) = if lengths.is_mixed() { (MANY, usize::MAX) } else { (FRAMES, BYTES) };
        let (mut frames, mut bytes) = (0, 0);
        while frames < most_frames && bytes < most_bytes {
            let slots = one_read(&mut rng, &mut next, read);
            frames += slots.len();
            bytes += slots.iter().map(|slot| slot.payload().len()).sum::<usize>().max(1);
            layout.buffer = layout.buffer.max(slots.last().map_or(0, |slot| slot.payload().end));
            layout.reads.push(slots);
        }
        layout
    }

    /// Of the workload of this name over it.
    pub fn description(&self, name: &str) -> Description {
        let slots = self.reads.iter().flatten();
        Description {
            section: Section::Mask,
            name: name.to_owned(),
            messages: slots.clone().count(),
            bytes: slots.map(|slot| slot.payload().len()).sum(),
        }
    }
}

/// Fills a read; where its first frame begins is random, since the last read ended inside a frame.
fn one_read(rng: &mut Rng, next: &mut impl FnMut() -> usize, read: usize) -> Vec<Slot> {
    let mut slots = Vec::new();
    let mut end = rng.usize(..64);
    loop {
        let length = next();
        let start = end + header_length(length);
        end = start + length;
        // One frame at least, whatever its length.
        if end > read + 64 && !slots.is_empty() {
            return slots;
        }
        slots.push(Slot::new(start..end, rng.u32(..).to_ne_bytes()));
    }
}

fn source(lengths: &Lengths, mut rng: Rng) -> impl FnMut() -> usize {
    let mut place = 0;
    move || match lengths {
        Lengths::Mixed(range) => rng.usize(range.clone()),
        Lengths::Spread(range) => {
            let (least, most) = (*range.start() as f64, *range.end() as f64);
            (least * (most / least).powf(rng.f64())) as usize
        }
        Lengths::Given(list) => {
            place += 1;
            list[(place - 1) % list.len()]
        }
    }
}

/// Of a masked frame (RFC 6455 section 5.2).
pub const fn header_length(payload: usize) -> usize {
    match payload {
        0..=125 => 6,
        126..=0xFFFF => 8,
        _ => 14,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_follow_each_other_with_a_header_between() {
        let layout = Layout::new(&Lengths::Mixed(0..=125), 16 << 10);
        for slots in &layout.reads {
            for pair in slots.windows(2) {
                assert_eq!(pair[1].payload().start - pair[0].payload().end, 6);
            }
            assert!(slots.iter().all(|slot| slot.payload().end <= layout.buffer));
        }
        let frames: usize = layout.reads.iter().map(Vec::len).sum();
        assert!(frames >= MANY, "{frames}");
    }

    #[test]
    fn large_frames_get_a_read_that_holds_them() {
        let layout = Layout::new(&Lengths::Given(vec![100_000]), 16 << 10);
        assert!(layout.reads.iter().all(|slots| slots.len() == 1));
    }
}
