//! Competitors with a decoder that takes bytes.

use bytes::BytesMut;
use sockudo_ws::protocol::Protocol;
use sockudo_ws::{Message, Role};
use tokio_util::codec::Decoder;
use yawc::OpCode;

use super::super::wire::{self, Wire};
use super::{Decode, Decoding};
use crate::workload::Contender;

/// No contender may refuse a message for its length.
const LIMIT: usize = 1 << 30;

pub fn all(wire: &Wire) -> Vec<(Contender, Box<dyn Decoding>)> {
    let sockudo = Contender::rival(
        "sockudo-ws",
        "`Protocol::process_into`: reads copied into BytesMut; UTF-8 validated; messages share it (Bytes), in a Vec",
    );
    let yawc = Contender::rival(
        "yawc",
        "`codec::Decoder`: reads copied into BytesMut; UTF-8 validated by us with simdutf8; messages share it (Bytes)",
    );
    vec![
        (sockudo, Box::new(Sockudo::new(wire.clone())) as Box<dyn Decoding>),
        (yawc, Box::new(Yawc::new(wire.clone()))),
    ]
}

struct Sockudo {
    wire: Wire,
    buffer: BytesMut,
    protocol: Protocol,
    messages: Vec<Message>,
}

impl Sockudo {
    fn new(wire: Wire) -> Self {
        let protocol = Protocol::new(Role::Server, LIMIT, LIMIT);
        Self { wire, buffer: BytesMut::new(), protocol, messages: Vec::new() }
    }
}

impl Decode for Sockudo {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        for read in self.wire.reads() {
            wire::append(read, &mut self.buffer);
            let result = self.protocol.process_into(&mut self.buffer, &mut self.messages);
            result.map_err(|error| error.to_string())?;
            for message in self.messages.drain(..) {
                match message {
                    Message::Text(text) => visit(true, &text),
                    Message::Binary(payload) => visit(false, &payload),
                    other => return Err(format!("{other:?}")),
                }
            }
        }
        Ok(())
    }
}

struct Yawc {
    wire: Wire,
    buffer: BytesMut,
    decoder: yawc::codec::Decoder,
}

impl Yawc {
    fn new(wire: Wire) -> Self {
        Self { wire, buffer: BytesMut::new(), decoder: yawc::codec::Decoder::new(yawc::Role::Server, LIMIT) }
    }
}

impl Decode for Yawc {
    fn decode(&mut self, mut visit: impl FnMut(bool, &[u8])) -> Result<(), String> {
        for read in self.wire.reads() {
            wire::append(read, &mut self.buffer);
            while let Some(frame) =
                self.decoder.decode(&mut self.buffer).map_err(|error| error.to_string())?
            {
                let text = frame.opcode() == OpCode::Text;
                if text && simdutf8::basic::from_utf8(frame.payload()).is_err() {
                    return Err("text is not UTF-8".to_owned());
                }
                visit(text, frame.payload());
            }
        }
        Ok(())
    }
}
