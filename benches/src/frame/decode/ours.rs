//! Ours: the facade, the kernel's decoder, and the kernel's parts put together by hand.

use wscodec::{Limits, Message, Role};
use wscodec_kernel::{
    Frame, FrameDecoder, FrameHeader, HeaderDecode, Level, MAX_HEADER_LENGTH, Opcode, Utf8Validator,
};

use super::super::wire::{self, Wire};
use super::{Decode, Decoding};
use crate::workload::Contender;

pub fn all(wire: &Wire) -> Vec<(Contender, Box<dyn Decoding>)> {
    let level = Level::best().name();
    let facade =
        Contender::ours("wscodec", level, "reads copied into its buffer; UTF-8 validated; messages borrowed");
    let batch = Contender::ours(
        "wscodec-kernel",
        level,
        "`FrameDecoder`, a read a call; frames kept whole in a buffer made for the longest, which is known; UTF-8 validated; messages borrowed",
    );
    let parts = Contender::ours(
        "wscodec-kernel (parts)",
        level,
        "header, `mask`, `Utf8Validator` called one by one, no protocol state; messages borrowed",
    );
    vec![
        (facade, Box::new(Facade::new(wire.clone())) as Box<dyn Decoding>),
        (batch, Box::new(Batched::new(wire.clone()))),
        (parts, Box::new(Parts::new(wire.clone()))),
    ]
}

struct Facade {
    wire: Wire,
    decoder: wscodec::Decoder,
}

impl Facade {
    fn new(wire: Wire) -> Self {
        let decoder = wscodec::Decoder::new(Role::Server, Limits::new()).with_read_size(wire.read);
        Self { wire, decoder }
    }
}

impl Decode for Facade {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        for read in self.wire.reads() {
            wire::copy(read, &mut self.decoder.room()[..read.len()]);
            self.decoder.filled(read.len()).map_err(|error| error.to_string())?;
            while let Some(message) = self.decoder.next_message().map_err(|error| error.to_string())? {
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

struct Batched {
    wire: Wire,
    decoder: FrameDecoder,
    /// What is left of the last read, and the next one behind it; room for the longest frame and a read.
    buffer: Vec<u8>,
    arena: Vec<u8>,
    frames: Vec<Frame>,
}

impl Batched {
    fn new(wire: Wire) -> Self {
        let room = wire.longest + MAX_HEADER_LENGTH + wire.read;
        Self {
            decoder: FrameDecoder::server().with_whole_frames(wire.longest + MAX_HEADER_LENGTH),
            buffer: vec![0; room],
            arena: vec![0; room + 128],
            frames: vec![Frame::default(); 1024],
            wire,
        }
    }

    /// Decodes the first `length` bytes of the buffer, and gives how many of them were taken.
    fn decode_buffer(&mut self, length: usize, visit: &mut impl FnMut(bool, &[u8])) -> Result<usize, String> {
        let mut taken = 0;
        loop {
            let input = &mut self.buffer[taken..length];
            let batch = self.decoder.decode(input, &mut self.arena, &mut self.frames);
            for frame in &self.frames[..batch.frames] {
                visit(frame.opcode() == Opcode::Text, frame.payload(input, &self.arena));
            }
            taken += batch.consumed;
            match batch.error {
                Some(error) => return Err(error.to_string()),
                None if batch.frames < self.frames.len() => return Ok(taken),
                None => {}
            }
        }
    }
}

impl Decode for Batched {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        let wire = self.wire.clone();
        let mut length = 0;
        for read in wire.reads() {
            wire::copy(read, &mut self.buffer[length..length + read.len()]);
            length += read.len();
            let taken = self.decode_buffer(length, &mut visit)?;
            self.buffer.copy_within(taken..length, 0);
            length -= taken;
        }
        Ok(())
    }
}

struct Parts {
    wire: Wire,
    /// What is left of the last read, and the next one behind it.
    buffer: Vec<u8>,
}

impl Parts {
    fn new(wire: Wire) -> Self {
        Self { wire, buffer: Vec::new() }
    }
}

impl Decode for Parts {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        let mut validator = Utf8Validator::new();
        for read in self.wire.reads() {
            let start = self.buffer.len();
            self.buffer.resize(start + read.len(), 0);
            wire::copy(read, &mut self.buffer[start..]);
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
