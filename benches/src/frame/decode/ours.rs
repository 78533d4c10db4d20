//! Ours: the facade, and the kernel's parts put together by hand.

use wscodec::{Limits, Message, Role};
use wscodec_kernel::{FrameHeader, HeaderDecode, Level, Opcode, Utf8Validator};

use super::super::wire::Wire;
use super::{Decode, Decoding};
use crate::workload::Contender;

pub fn all(wire: &Wire) -> Vec<(Contender, Box<dyn Decoding>)> {
    let level = Level::best().name();
    let facade =
        Contender::ours("wscodec", level, "reads copied into a buffer; UTF-8 validated; messages borrowed");
    let kernel = Contender::ours(
        "wscodec-kernel",
        level,
        "headers, masking, UTF-8 by the kernel's calls, no protocol state; messages borrowed",
    );
    vec![
        (facade, Box::new(Facade::new(wire.clone())) as Box<dyn Decoding>),
        (kernel, Box::new(Kernel::new(wire.clone()))),
    ]
}

struct Facade {
    wire: Wire,
    buffer: Vec<u8>,
    decoder: wscodec::Decoder,
}

impl Facade {
    fn new(wire: Wire) -> Self {
        let buffer = vec![0; wire.read];
        Self { wire, buffer, decoder: wscodec::Decoder::new(Role::Server, Limits::new()) }
    }
}

impl Decode for Facade {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        for read in self.wire.reads() {
            let mut input = &mut self.buffer[..read.len()];
            input.copy_from_slice(read);
            while let Some(message) = self.decoder.decode(&mut input).map_err(|error| error.to_string())? {
                match message {
                    Message::Text(text) => visit(true, text.as_bytes()),
                    Message::Binary(payload) => visit(false, payload),
                    other => return Err(format!("{other:?}")),
                }
            }
        }
        Ok(())
    }
}

struct Kernel {
    wire: Wire,
    /// What is left of the last read, and the next one behind it.
    buffer: Vec<u8>,
}

impl Kernel {
    fn new(wire: Wire) -> Self {
        Self { wire, buffer: Vec::new() }
    }
}

impl Decode for Kernel {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        let mut validator = Utf8Validator::new();
        for read in self.wire.reads() {
            self.buffer.extend_from_slice(read);
            let mut taken = 0;
            while let Some((header, start)) = header(&self.buffer[taken..])? {
                let end =
                    start + usize::try_from(header.payload_length).map_err(|error| error.to_string())?;
                let Some(payload) = self.buffer[taken..].get_mut(start..end) else { break };
                if let Some(key) = header.masking_key {
                    wscodec_kernel::mask(payload, key);
                }
                let text = header.opcode == Opcode::Text;
                if text {
                    let valid = validator.push(payload).and_then(|()| validator.finish());
                    valid.map_err(|error| error.to_string())?;
                }
                visit(text, payload);
                taken += end;
            }
            self.buffer.drain(..taken);
        }
        Ok(())
    }
}

/// A header and its length, once it is complete.
#[inline]
fn header(bytes: &[u8]) -> Result<Option<(FrameHeader, usize)>, String> {
    match FrameHeader::decode(bytes) {
        Ok(HeaderDecode::Complete { header, length }) => Ok(Some((header, length))),
        Ok(_) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
