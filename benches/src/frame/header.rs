//! Headers alone: from one to the next over packed frames, payloads passed over.

use std::hint::black_box;
use std::io::Cursor;

use soketto::Parsing;
use soketto::base::Codec;
use wscodec_kernel::{FrameHeader, HeaderDecode, Level};

use super::wire::Wire;
use crate::input::Messages;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

/// The headers of these messages' frames.
pub fn workload(messages: &Messages) -> Box<dyn Workload> {
    let wire = Wire::new(messages, usize::MAX);
    let expected = messages.list.iter().map(|message| message.len()).collect();
    Box::new(HeaderWorkload {
        name: format!("headers of {}", messages.name),
        wire,
        expected,
        soketto: Codec::new(),
        contenders: [
            Contender::ours("wscodec", Level::best().name(), "`FrameHeader::decode`; strict"),
            Contender::rival(
                "tungstenite",
                "`FrameHeader::parse` of a cursor; accepts lengths that are not minimal",
            ),
            Contender::rival("soketto", "`base::Codec::decode_header`; its length limit checked"),
        ],
    })
}

struct HeaderWorkload {
    name: String,
    wire: Wire,
    /// The payloads' lengths.
    expected: Vec<usize>,
    soketto: Codec,
    contenders: [Contender; 3],
}

impl HeaderWorkload {
    /// Goes over all headers with one contender's parser, and shows what it read.
    fn go(&self, contender: usize, visit: impl FnMut(&Parsed)) {
        let bytes = &self.wire.bytes[..];
        match contender {
            0 => walk(bytes, ours, visit),
            1 => walk(bytes, tungstenite, visit),
            _ => walk(bytes, |rest| soketto(&self.soketto, rest), visit),
        }
    }
}

impl Workload for HeaderWorkload {
    fn description(&self) -> Description {
        Description {
            section: Section::Frame,
            name: self.name.clone(),
            messages: self.expected.len(),
            bytes: self.expected.iter().sum(),
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().collect()
    }

    fn check(&mut self, contender: usize) -> Result<(), String> {
        let mut lengths = Vec::new();
        self.go(contender, |parsed| lengths.push(parsed.payload));
        if lengths == self.expected { Ok(()) } else { Err("a payload length is wrong".to_owned()) }
    }

    fn pass(&mut self, contender: usize) {
        // FIN, reserved bits and opcode are left out although an inlined parser might be spared them: showing them costs
        // competitors up to 3 ns and ours nothing.
        self.go(contender, |parsed| {
            black_box((parsed.payload, parsed.key));
        });
    }
}

/// What everybody reads off a header.
struct Parsed {
    /// The header's length.
    header: usize,
    /// The payload's length.
    payload: usize,
    /// The masking key.
    key: [u8; 4],
}

/// Ends early at what can't be parsed, which the check then sees.
fn walk(bytes: &[u8], parse: impl Fn(&[u8]) -> Option<Parsed>, mut visit: impl FnMut(&Parsed)) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some(parsed) = parse(rest) else { return };
        visit(&parsed);
        rest = rest.get(parsed.header + parsed.payload..).unwrap_or_default();
    }
}

fn ours(bytes: &[u8]) -> Option<Parsed> {
    match FrameHeader::decode(bytes) {
        Ok(HeaderDecode::Complete { header, length }) => Some(Parsed {
            header: length,
            payload: usize::try_from(header.payload_length).ok()?,
            key: header.masking_key?,
        }),
        _ => None,
    }
}

fn tungstenite(bytes: &[u8]) -> Option<Parsed> {
    let mut cursor = Cursor::new(bytes);
    let (header, payload) = tungstenite::protocol::frame::FrameHeader::parse(&mut cursor).ok()??;
    Some(Parsed {
        header: usize::try_from(cursor.position()).ok()?,
        payload: usize::try_from(payload).ok()?,
        key: header.mask?,
    })
}

fn soketto(codec: &Codec, bytes: &[u8]) -> Option<Parsed> {
    match codec.decode_header(bytes) {
        Ok(Parsing::Done { value, offset }) => {
            Some(Parsed { header: offset, payload: value.payload_len(), key: value.mask().to_be_bytes() })
        }
        _ => None,
    }
}
