//! Unmasking text and validating it, payload after payload.

use std::hint::black_box;
use std::ops::Range;

use wscodec_kernel::Level;

use super::layout::header_length;
use super::loops;
use crate::cli::Request;
use crate::input::{self, Messages};
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

/// ASCII and multilingual text of several lengths, or the user's messages.
pub fn workloads(request: &Request) -> Vec<Box<dyn Workload>> {
    let generated = if request.own_messages { Vec::new() } else { input::texts_by_length(request.size) };
    let own = request.messages.iter().filter(|messages| request.own_messages && messages.text);
    generated.iter().chain(own).map(workload).collect()
}

/// Unmasks the payloads in the buffer, and says whether all of them are text.
type UnmaskText = Box<dyn Fn(&mut [u8], &[Range<usize>], [u8; 4]) -> bool>;

fn workload(messages: &Messages) -> Box<dyn Workload> {
    let (buffer, payloads) = packed(messages);
    Box::new(TextWorkload {
        name: format!("unmask and validate, {}", messages.name),
        original: buffer.clone(),
        buffer,
        payloads,
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
    Box::new(move |buffer, payloads, key| {
        let mut valid = true;
        for payload in payloads {
            valid &= unmask_text(&mut buffer[payload.clone()], key);
        }
        valid
    })
}

#[inline(always)]
fn then_simdutf8(text: &mut [u8], unmask: impl FnOnce(&mut [u8])) -> bool {
    unmask(text);
    simdutf8::basic::from_utf8(text).is_ok()
}

/// The messages with a header's room before each, and where they are.
fn packed(messages: &Messages) -> (Vec<u8>, Vec<Range<usize>>) {
    let mut buffer = Vec::new();
    let mut payloads = Vec::with_capacity(messages.list.len());
    for message in &messages.list {
        buffer.resize(buffer.len() + header_length(message.len()), 0);
        payloads.push(buffer.len()..buffer.len() + message.len());
        buffer.extend_from_slice(message);
    }
    (buffer, payloads)
}

/// All messages lie in one buffer, each in its place: they must stay text, and so can't share room.
struct TextWorkload {
    name: String,
    original: Vec<u8>,
    buffer: Vec<u8>,
    payloads: Vec<Range<usize>>,
    contenders: Vec<(Contender, UnmaskText)>,
}

impl Workload for TextWorkload {
    fn description(&self) -> Description {
        Description {
            section: Section::Mask,
            name: self.name.clone(),
            messages: self.payloads.len(),
            bytes: self.payloads.iter().map(Range::len).sum(),
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|(contender, _)| contender).collect()
    }

    fn check(&mut self, contender: usize) -> Result<(), String> {
        let unmask_text = &self.contenders[contender].1;
        let key = [0x1F, 0x80, 0x55, 0xFF];
        let mut masked = self.original.clone();
        for payload in &self.payloads {
            loops::bytes(&mut masked[payload.clone()], key);
        }
        if !unmask_text(&mut masked, &self.payloads, key) {
            return Err("text is called invalid".to_owned());
        }
        if masked != self.original {
            return Err("the text is wrong".to_owned());
        }
        let mut broken = self.original.clone();
        broken[self.payloads[0].start] = 0xFF;
        if unmask_text(&mut broken, &self.payloads, [0; 4]) {
            return Err("a byte that is in no text goes unseen".to_owned());
        }
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        // A key of zeros, since a pass must leave the text valid for the next one. The compiler does not know it,
        // and no contender treats it as anything special.
        let key = black_box([0; 4]);
        let valid = (self.contenders[contender].1)(&mut self.buffer, &self.payloads, key);
        black_box((valid, self.buffer.as_slice()));
    }
}
