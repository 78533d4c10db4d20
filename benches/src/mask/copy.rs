//! Masking while copying, as an encoder does: payloads of one buffer to packed frames in another.
//!
//! No competitor has a public call for it; what there is to compare with is what one does without.

use std::hint::black_box;
use std::mem::MaybeUninit;

use wscodec_kernel::{Level, mask, mask_into};

use super::layout::{Layout, Slot};
use super::loops;
use crate::workload::{Contender, Description, Workload};

/// Copying and masking the payloads of this layout.
pub fn workload(name: &str, layout: Layout) -> Box<dyn Workload> {
    let mut source = vec![0; layout.buffer + ROOM];
    fastrand::Rng::with_seed(8).fill(&mut source);
    let best = Level::best();
    let mut contenders = vec![
        (Contender::ours("wscodec", best.name(), "`mask_into`, one pass"), Way::Into),
        (
            Contender::ours("wscodec (memcpy, then mask)", best.name(), "copied, then `mask` in place"),
            Way::CopyThenMask,
        ),
    ];
    for level in Level::supported().rev() {
        let name = format!("wscodec ({level})");
        contenders.push((
            Contender::ours(name, level.name(), "`mask_into`, instruction set forced"),
            Way::Forced(level),
        ));
    }
    contenders.push((Contender::plain("memcpy", "no masking: the limit"), Way::Copy));
    Box::new(CopyWorkload {
        name: format!("copying, {name}"),
        target: vec![0; layout.buffer + ROOM],
        spare: Vec::with_capacity(layout.buffer + ROOM),
        layout,
        source,
        contenders,
    })
}

/// What buffers have beyond the layout: for the shift, and for beginning at a multiple of a page.
const ROOM: usize = PAGE + SHIFT;
/// Addresses that are alike in their lowest 12 bits are taken for the same by processors, for a moment.
const PAGE: usize = 4096;
/// How far payloads are moved against their places in the source: any distance that is no multiple of a vector; and
/// half a page, or loads would have to wait for stores just before them.
const SHIFT: usize = 2048 + 37;

#[derive(Clone, Copy)]
enum Way {
    Into,
    Forced(Level),
    CopyThenMask,
    Copy,
}

struct CopyWorkload {
    name: String,
    layout: Layout,
    source: Vec<u8>,
    /// For those who want it initialised.
    target: Vec<u8>,
    /// For those who don't: its capacity.
    spare: Vec<u8>,
    contenders: Vec<(Contender, Way)>,
}

impl CopyWorkload {
    /// One read's payloads, each shown as it is in the target.
    fn one_read(&mut self, read: usize, way: Way, visit: impl FnMut(&Slot, &[u8])) {
        match way {
            Way::Into => {
                self.each(read, |payload, key, spare, _| shared(mask_into(payload, key, spare)), visit);
            }
            Way::Forced(level) => {
                self.each(read, |payload, key, spare, _| shared(level.mask_into(payload, key, spare)), visit);
            }
            Way::CopyThenMask => self.each(
                read,
                |payload, key, _, target| {
                    target.copy_from_slice(payload);
                    mask(target, key);
                    Some(target)
                },
                visit,
            ),
            Way::Copy => self.each(
                read,
                |payload, _, _, target| {
                    target.copy_from_slice(payload);
                    Some(target)
                },
                visit,
            ),
        }
    }

    /// Compiled once for each way. `write` gets a payload, its key, and both kinds of target, of which it takes one.
    fn each<W>(&mut self, read: usize, write: W, mut visit: impl FnMut(&Slot, &[u8]))
    where
        W: for<'out> Fn(&[u8], [u8; 4], &'out mut [MaybeUninit<u8>], &'out mut [u8]) -> Option<&'out [u8]>,
    {
        let spare = self.spare.spare_capacity_mut();
        // Everybody's addresses lie alike in their pages, wherever the buffers are.
        let source = &self.source[self.source.as_ptr().align_offset(PAGE)..];
        let start = self.target.as_ptr().align_offset(PAGE) + SHIFT;
        let target = &mut self.target[start..];
        let start = spare.as_ptr().align_offset(PAGE) + SHIFT;
        let spare = &mut spare[start..];
        for slot in &self.layout.reads[read] {
            let place = slot.payload();
            let payload = &source[place.clone()];
            let written = write(payload, slot.key, &mut spare[place.clone()], &mut target[place]);
            visit(slot, written.unwrap_or_default());
        }
    }
}

fn shared(written: Option<&mut [u8]>) -> Option<&[u8]> {
    written.map(|written| &*written)
}

impl Workload for CopyWorkload {
    fn description(&self) -> Description {
        self.layout.description(&self.name)
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|(contender, _)| contender).collect()
    }

    fn check(&mut self, contender: usize) -> Result<(), String> {
        let way = self.contenders[contender].1;
        let source = self.source[self.source.as_ptr().align_offset(PAGE)..].to_vec();
        for read in 0..self.layout.reads.len() {
            let mut wrong = None;
            self.one_read(read, way, |slot, written| {
                let mut expected = source[slot.payload()].to_vec();
                if !matches!(way, Way::Copy) {
                    loops::bytes(&mut expected, slot.key);
                }
                if written != expected {
                    wrong = Some(slot.payload());
                }
            });
            if let Some(place) = wrong {
                return Err(format!("the payload at {place:?} of read {read} is wrong"));
            }
        }
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        let way = self.contenders[contender].1;
        for read in 0..self.layout.reads.len() {
            self.one_read(read, way, |_, written| {
                black_box(written);
            });
        }
    }
}
