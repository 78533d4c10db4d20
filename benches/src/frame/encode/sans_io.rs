//! Competitors with an encoder that appends to a buffer.

use bytes::{Bytes, BytesMut};
use sockudo_ws::Message;
use sockudo_ws::protocol::Protocol;
use tokio_util::codec::Encoder;

use super::super::feed::Drain;
use super::{Encode, Side};
use crate::input::Messages;
use crate::workload::Contender;

pub fn all(messages: &Messages, side: Side) -> Vec<(Contender, Box<dyn Encode>)> {
    let sockudo = match side {
        Side::Client => "`Protocol::encode_message` into BytesMut; keys of fastrand, which can be predicted",
        Side::Server => "`Protocol::encode_message` into BytesMut",
    };
    let yawc = match side {
        Side::Client => {
            "`codec::Encoder` into BytesMut; owned frames (static Bytes); keys of rand (ChaCha12)"
        }
        Side::Server => "`codec::Encoder` into BytesMut; owned frames (static Bytes)",
    };
    vec![
        (Contender::rival("sockudo-ws", sockudo), Box::new(Sockudo::new(messages, side)) as Box<dyn Encode>),
        (Contender::rival("yawc", yawc), Box::new(Yawc::new(messages, side))),
    ]
}

struct Sockudo {
    messages: Vec<Message>,
    protocol: Protocol,
    buffer: BytesMut,
    drain: Drain,
}

impl Sockudo {
    fn new(messages: &Messages, side: Side) -> Self {
        let kind = if messages.text { Message::Text } else { Message::Binary };
        let role = match side {
            Side::Client => sockudo_ws::Role::Client,
            Side::Server => sockudo_ws::Role::Server,
        };
        Self {
            messages: messages.list.iter().map(|message| kind(Bytes::from_static(message))).collect(),
            protocol: Protocol::new(role, usize::MAX, usize::MAX),
            buffer: BytesMut::new(),
            drain: Drain::direct(),
        }
    }
}

impl Encode for Sockudo {
    fn encode(&mut self) -> Result<(), String> {
        for message in &self.messages {
            self.protocol.encode_message(message, &mut self.buffer).map_err(|error| error.to_string())?;
            hand_on_if_full(&mut self.buffer, &self.drain);
        }
        hand_on(&mut self.buffer, &self.drain);
        Ok(())
    }

    fn drain(&self) -> &Drain {
        &self.drain
    }
}

struct Yawc {
    messages: Vec<Bytes>,
    text: bool,
    encoder: yawc::codec::Encoder,
    buffer: BytesMut,
    drain: Drain,
}

impl Yawc {
    fn new(messages: &Messages, side: Side) -> Self {
        let role = match side {
            Side::Client => yawc::Role::Client,
            Side::Server => yawc::Role::Server,
        };
        Self {
            messages: messages.list.iter().map(|message| Bytes::from_static(message)).collect(),
            text: messages.text,
            encoder: yawc::codec::Encoder::new(role),
            buffer: BytesMut::new(),
            drain: Drain::direct(),
        }
    }
}

impl Encode for Yawc {
    fn encode(&mut self) -> Result<(), String> {
        for message in &self.messages {
            let payload = message.clone();
            let frame = if self.text { yawc::Frame::text(payload) } else { yawc::Frame::binary(payload) };
            self.encoder.encode(frame, &mut self.buffer).map_err(|error| error.to_string())?;
            hand_on_if_full(&mut self.buffer, &self.drain);
        }
        hand_on(&mut self.buffer, &self.drain);
        Ok(())
    }

    fn drain(&self) -> &Drain {
        &self.drain
    }
}

#[inline]
fn hand_on_if_full(buffer: &mut BytesMut, drain: &Drain) {
    if buffer.len() >= Drain::PIECE {
        hand_on(buffer, drain);
    }
}

fn hand_on(buffer: &mut BytesMut, drain: &Drain) {
    drain.put(buffer);
    buffer.clear();
}
