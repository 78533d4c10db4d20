//! Every masking call that can be reached from outside its crate.

use soketto::base::{Codec, Header, OpCode};
use wscodec_kernel::Level;

use super::layout::Slot;
use super::loops;
use crate::workload::Contender;

/// Masks all payloads of a read in the buffer.
type MaskRead = Box<dyn FnMut(&mut [u8], &[Slot])>;

/// A contender and its way to mask all payloads of a read.
pub struct Masking {
    pub contender: Contender,
    pub mask: MaskRead,
    /// False of the limit, which XORs with a constant instead.
    pub is_masking: bool,
}

impl Masking {
    /// The key that gives the contender's result when the oracle masks with it.
    pub fn oracle_key(&self, slot: &Slot) -> [u8; 4] {
        if self.is_masking { slot.key } else { [loops::CONSTANT; 4] }
    }
}

/// All of them, ours first.
pub fn all() -> Vec<Masking> {
    let best = Level::best();
    let ours = Contender::ours("wscodec", best.name(), "in place; instruction set found once");
    let mut all = vec![payloads(ours, wscodec_kernel::mask)];
    all.extend(Level::supported().rev().map(forced));
    all.extend(rivals());
    all.push(payloads(Contender::plain("byte loop", "in place; as the compiler makes it"), loops::bytes));
    all.push(payloads(Contender::plain("u64 loop", "in place; as the compiler makes it"), loops::words));
    let arch = pulp::Arch::new();
    all.push(Masking {
        contender: Contender::plain(
            "xor with a constant",
            "no masking, the limit of large payloads: no key, widest vectors, one dispatch a read",
        ),
        mask: Box::new(move |buffer, read| loops::constant(arch, buffer, read)),
        is_masking: false,
    });
    all
}

fn forced(level: Level) -> Masking {
    let contender =
        Contender::ours(format!("wscodec ({level})"), level.name(), "in place; instruction set forced");
    payloads(contender, move |payload, key| level.mask(payload, key))
}

fn rivals() -> Vec<Masking> {
    vec![
        payloads(Contender::rival("fastwebsockets", "in place: `unmask`"), fastwebsockets::unmask),
        payloads(
            Contender::rival("sockudo-ws", "in place: `simd::apply_mask`"),
            sockudo_ws::simd::apply_mask,
        ),
        payloads(
            Contender::rival("yawc", "in place: `mask::apply_mask` (hidden in its docs)"),
            yawc::mask::apply_mask,
        ),
        payloads(
            Contender::rival("soketto", "in place: `base::Codec::apply_mask`, with a header for the key"),
            soketto,
        ),
    ]
}

fn soketto(payload: &mut [u8], key: [u8; 4]) {
    let mut header = Header::new(OpCode::Binary);
    header.set_masked(true).set_mask(u32::from_be_bytes(key));
    Codec::apply_mask(&header, payload);
}

/// A contender that masks payload by payload. Generic, so that a call which its crate lets the compiler inline is
/// inlined into the loop, as in an application.
fn payloads(contender: Contender, mut mask: impl FnMut(&mut [u8], [u8; 4]) + 'static) -> Masking {
    let mask = move |buffer: &mut [u8], read: &[Slot]| {
        for slot in read {
            mask(&mut buffer[slot.payload()], slot.key);
        }
    };
    Masking { contender, mask: Box::new(mask), is_masking: true }
}
