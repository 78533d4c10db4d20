//! Unmasking text and validating it, payload after payload.

use std::hint::black_box;
use std::ops::{Range, RangeInclusive};

use wscodec_kernel::Level;

use super::layout::{Layout, Lengths, Slot, header_length};
use super::loops;
use crate::cli::Request;
use crate::input::{self, Messages};
use crate::workload::{Contender, Description, Workload};

/// ASCII and multilingual text of several lengths, or the user's messages.
pub fn workloads(request: &Request) -> Vec<Box<dyn Workload>> {
    let messages: Vec<Messages> = if request.own_messages {
        request.messages.iter().filter(|messages| messages.text).cloned().collect()
    } else {
        input::texts_by_length(request.size)
    };
    let mut workloads: Vec<_> = messages.iter().map(one_place_each).collect();
    if !request.own_messages {
        for (script, is_ascii) in [("ASCII", true), ("multilingual", false)] {
            for (name, lengths, read) in MIXED {
                workloads.push(mixed(&format!("{script} {name}"), is_ascii, lengths, read << 10));
            }
        }
    }
    workloads
}

/// Names, lengths, and sizes of reads in KiB.
const MIXED: [(&str, RangeInclusive<usize>, usize); 3] = [
    ("16-125 B mixed, 16 KiB reads", 16..=125, 16),
    ("16-125 B mixed, 64 KiB reads", 16..=125, 64),
    ("16 B-1 KiB mixed, 64 KiB reads", 16..=1 << 10, 64),
];

/// Unmasks the payloads in the buffer, and says whether all of them are text.
type UnmaskText = Box<dyn Fn(&mut [u8], &[Slot], [u8; 4]) -> bool>;

/// Messages in one buffer, with a header's room before each.
fn one_place_each(messages: &Messages) -> Box<dyn Workload> {
    let (mut buffer, mut slots) = (Vec::new(), Vec::with_capacity(messages.list.len()));
    for message in &messages.list {
        buffer.resize(buffer.len() + header_length(message.len()), 0);
        slots.push(Slot::new(buffer.len()..buffer.len() + message.len(), KEY));
        buffer.extend_from_slice(message);
    }
    let layout = Layout { reads: vec![slots], buffer: buffer.len() };
    workload(&messages.name, layout, buffer)
}

/// Payloads of many lengths, read after read, wherever in a text that fills the buffer: a read may begin at any of its
/// characters, and so the same small buffer serves every read, as a connection's does.
fn mixed(name: &str, is_ascii: bool, lengths: RangeInclusive<usize>, read: usize) -> Box<dyn Workload> {
    let mut layout = Layout::new(&Lengths::Mixed(lengths), read);
    let text = input::long_text(is_ascii, layout.buffer);
    for slot in layout.reads.iter_mut().flatten() {
        *slot = between_characters(&text, slot);
    }
    workload(name, layout, text.into_bytes())
}

/// The same payload without the parts of characters at its ends.
fn between_characters(text: &str, slot: &Slot) -> Slot {
    let Range { mut start, mut end } = slot.payload();
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Slot::new(start..end.max(start), slot.key)
}

fn workload(name: &str, layout: Layout, buffer: Vec<u8>) -> Box<dyn Workload> {
    Box::new(TextWorkload {
        name: format!("unmask and validate, {name}"),
        layout,
        original: buffer.clone(),
        buffer,
        contenders: contenders(),
    })
}

fn contenders() -> Vec<(Contender, UnmaskText)> {
    let best = Level::best().name();
    let one_pass = Contender::ours("wscodec", best, "`unmask_text`, one pass");
    let two_passes = Contender::ours("wscodec (mask, then simdutf8)", best, "`mask`, then simdutf8");
    let fastwebsockets = Contender::rival("fastwebsockets", "`unmask`, then simdutf8, as its frames do");
    let sockudo = Contender::rival("sockudo-ws", "`simd::apply_mask`, then its `utf8::validate_utf8`");
    let yawc = Contender::rival("yawc", "`mask::apply_mask`, then simdutf8, as its connections do");
    vec![
        (one_pass, each(|text, key| wscodec_kernel::unmask_text(text, key).is_ok())),
        (two_passes, each(|text, key| then_simdutf8(text, |text| wscodec_kernel::mask(text, key)))),
        (fastwebsockets, each(|text, key| then_simdutf8(text, |text| fastwebsockets::unmask(text, key)))),
        (
            sockudo,
            each(|text, key| {
                sockudo_ws::simd::apply_mask(text, key);
                sockudo_ws::utf8::validate_utf8(text)
            }),
        ),
        (yawc, each(|text, key| then_simdutf8(text, |text| yawc::mask::apply_mask(text, key)))),
    ]
}

/// Compiled together with the call for one payload, as in an application.
fn each(unmask_text: impl Fn(&mut [u8], [u8; 4]) -> bool + 'static) -> UnmaskText {
    Box::new(move |buffer, slots, key| {
        let mut valid = true;
        for slot in slots {
            valid &= unmask_text(&mut buffer[slot.payload()], key);
        }
        valid
    })
}

#[inline(always)]
fn then_simdutf8(text: &mut [u8], unmask: impl FnOnce(&mut [u8])) -> bool {
    unmask(text);
    simdutf8::basic::from_utf8(text).is_ok()
}

/// Not every byte of the buffer is in a message; those that are must stay text.
struct TextWorkload {
    name: String,
    layout: Layout,
    original: Vec<u8>,
    buffer: Vec<u8>,
    contenders: Vec<(Contender, UnmaskText)>,
}

/// What the check masks with.
const KEY: [u8; 4] = [0x1F, 0x80, 0x55, 0xFF];

impl Workload for TextWorkload {
    fn description(&self) -> Description {
        self.layout.description(&self.name)
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|(contender, _)| contender).collect()
    }

    fn check(&mut self, contender: usize) -> Result<(), String> {
        let unmask_text = &self.contenders[contender].1;
        for read in &self.layout.reads {
            let mut masked = self.original.clone();
            for slot in read {
                loops::bytes(&mut masked[slot.payload()], KEY);
            }
            if !unmask_text(&mut masked, read, KEY) {
                return Err("text is called invalid".to_owned());
            }
            if masked != self.original {
                return Err("the text is wrong".to_owned());
            }
            let mut broken = self.original.clone();
            broken[read[0].payload().start] = 0xFF;
            if unmask_text(&mut broken, read, [0; 4]) {
                return Err("a byte that is in no text goes unseen".to_owned());
            }
        }
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        for read in &self.layout.reads {
            // A key of zeros, since a pass must leave the text valid for the next one. The compiler does not know it,
            // and no contender treats it as anything special.
            let key = black_box([0; 4]);
            let valid = (self.contenders[contender].1)(&mut self.buffer, read, key);
            black_box((valid, self.buffer.as_slice()));
        }
    }
}
