//! Ours: the facade.

use wscodec::{Encoder, Message, Role};
use wscodec_kernel::Level;

use super::super::feed::Drain;
use super::{Encode, Owned, Side, owned};
use crate::input::Messages;
use crate::workload::Contender;

pub fn all(messages: &Messages, side: Side) -> Vec<(Contender, Box<dyn Encode>)> {
    let path = match side {
        Side::Client => "appends to a Vec; keys of a cipher (ChaCha12)",
        Side::Server => "appends to a Vec",
    };
    let contender = Contender::ours("wscodec", Level::best().name(), path);
    vec![(contender, Box::new(Facade::new(owned(messages), side)))]
}

struct Facade {
    messages: Vec<Owned>,
    encoder: Encoder,
    buffer: Vec<u8>,
    drain: Drain,
}

impl Facade {
    fn new(messages: Vec<Owned>, side: Side) -> Self {
        let role = match side {
            Side::Client => Role::Client,
            Side::Server => Role::Server,
        };
        Self { messages, encoder: Encoder::new(role), buffer: Vec::new(), drain: Drain::direct() }
    }
}

impl Encode for Facade {
    fn encode(&mut self) -> Result<(), String> {
        for message in &self.messages {
            let message = match message {
                Owned::Text(text) => Message::Text(text),
                Owned::Binary(bytes) => Message::Binary(bytes),
            };
            self.encoder.encode(message, &mut self.buffer).map_err(|error| error.to_string())?;
            if self.buffer.len() >= Drain::PIECE {
                self.drain.put(&self.buffer);
                self.buffer.clear();
            }
        }
        self.drain.put(&self.buffer);
        self.buffer.clear();
        Ok(())
    }

    fn drain(&self) -> &Drain {
        &self.drain
    }
}
