//! Masking: in place, over the payloads of frames that lie back to back in a read; while copying; and of text, together
//! with its validation.
//!
//! Without a public masking call, and so not here: tungstenite (`apply_mask` is in a private module),
//! tokio-websockets (private) and web-socket (inside its reader).

mod contenders;
mod copy;
mod layout;
mod loops;
mod text;

use contenders::Masking;
use layout::{Layout, Lengths};

use crate::cli::Request;
use crate::workload::{Contender, Description, Workload};

const KIB: usize = 1 << 10;

/// In place, then while copying, then text.
pub fn workloads(request: &Request) -> Vec<Box<dyn Workload>> {
    let mut workloads: Vec<Box<dyn Workload>> = Vec::new();
    for (name, lengths, read) in layouts(request) {
        workloads.push(Box::new(MaskWorkload::new(&name, Layout::new(&lengths, read))));
    }
    for (name, lengths, read) in layouts(request).into_iter().chain(layouts_to_copy()) {
        workloads.push(copy::workload(&name, Layout::new(&lengths, read)));
    }
    workloads.extend(text::workloads(request));
    workloads
}

/// Names, lengths and sizes of reads. Mixed lengths first: a single length hides what branches cost.
fn layouts(request: &Request) -> Vec<(String, Lengths, usize)> {
    let mut layouts = Vec::new();
    if request.own_messages {
        for messages in &request.messages {
            let lengths = messages.list.iter().map(|message| message.len()).collect();
            layouts.push((messages.name.clone(), Lengths::Given(lengths), 64 * KIB));
        }
    }
    for read in [16 * KIB, 64 * KIB] {
        let shown = read / KIB;
        layouts.push((format!("0-125 mixed, {shown} KiB reads"), Lengths::Mixed(0..=125), read));
        layouts.push((format!("16 B-1 KiB mixed, {shown} KiB reads"), Lengths::Mixed(16..=KIB), read));
    }
    layouts.extend(FIXED.map(|(name, length)| one_length(name, length)));
    layouts
}

/// Those that masking in place is not measured on.
fn layouts_to_copy() -> [(String, Lengths, usize); 3] {
    [
        ("0-64 mixed, 16 KiB reads".to_owned(), Lengths::Mixed(0..=64), 16 * KIB),
        ("125 B-16 KiB mixed, 64 KiB reads".to_owned(), Lengths::Spread(125..=16 * KIB), 64 * KIB),
        one_length("16 MiB", LARGEST),
    ]
}

fn one_length(name: &str, length: usize) -> (String, Lengths, usize) {
    // From 16 KiB up a read holds several frames still, so that the alignment varies.
    let read = if length < LARGEST { (4 * length).max(16 * KIB) } else { length };
    (name.to_owned(), Lengths::Mixed(length..=length), read)
}

/// So long that it lies in no cache, wherever it begins.
const LARGEST: usize = 16 * KIB * KIB;

const FIXED: [(&str, usize); 10] = [
    ("8 B", 8),
    ("16 B", 16),
    ("64 B", 64),
    ("125 B", 125),
    ("256 B", 256),
    ("1 KiB", KIB),
    ("4 KiB", 4 * KIB),
    ("16 KiB", 16 * KIB),
    ("64 KiB", 64 * KIB),
    ("1 MiB", KIB * KIB),
];

/// Many reads into the same buffer, each with frames of its own lengths.
///
/// The buffer is used again and again, as a connection's read buffer is, and so stays in the cache; the lengths are
/// new in every read, as on the wire. What the payloads hold does not matter to masking: they are masked, unmasked
/// and masked again, by everybody in turn.
struct MaskWorkload {
    name: String,
    layout: Layout,
    buffer: Vec<u8>,
    contenders: Vec<Masking>,
}

impl MaskWorkload {
    fn new(name: &str, layout: Layout) -> Self {
        let mut buffer = vec![0; layout.buffer];
        fastrand::Rng::with_seed(7).fill(&mut buffer);
        Self { name: name.to_owned(), layout, buffer, contenders: contenders::all() }
    }
}

impl Workload for MaskWorkload {
    fn description(&self) -> Description {
        self.layout.description(&self.name)
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|masking| &masking.contender).collect()
    }

    fn check(&mut self, contender: usize) -> Result<(), String> {
        let masking = &mut self.contenders[contender];
        for (number, read) in self.layout.reads.iter().enumerate() {
            // A read's payloads and all bytes around them.
            let mut expected = self.buffer.clone();
            for slot in read {
                loops::bytes(&mut expected[slot.payload()], masking.oracle_key(slot));
            }
            (masking.mask)(&mut self.buffer, read);
            if let Some(place) = self.buffer.iter().zip(&expected).position(|(a, b)| a != b) {
                self.buffer = expected;
                return Err(format!("byte {place} of read {number} is wrong"));
            }
        }
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        let mask = &mut self.contenders[contender].mask;
        for read in &self.layout.reads {
            mask(&mut self.buffer, read);
        }
        std::hint::black_box(self.buffer.as_mut_slice());
    }
}
