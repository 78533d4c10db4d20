//! Ours: the facade, and the kernel, a frame a call and many.

use std::hint::black_box;
use std::mem::MaybeUninit;

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use wscodec::{Encoder, Message, Role};
use wscodec_kernel::{
    HeaderError, Level, Opcode, OutgoingFrame, OutgoingMessages, encode_frame, encode_messages,
};

use super::super::feed::Drain;
use super::{Encode, Side, Typed, typed};
use crate::input::Messages;
use crate::workload::Contender;

pub fn all(messages: &Messages, side: Side) -> Vec<(Contender, Box<dyn Encode>)> {
    let level = Level::best().name();
    let [facade, single, batch] = match side {
        Side::Client => [
            "appends to a Vec; keys of a cipher (ChaCha8)",
            "`encode_frame` into spare capacity; keys of a cipher (ChaCha8)",
            "`encode_messages`, 64 messages a call, into spare capacity; keys of a cipher (ChaCha8), 64 at once",
        ],
        Side::Server => [
            "appends to a Vec",
            "`encode_frame` into spare capacity",
            "`encode_messages`, 64 messages a call, into spare capacity",
        ],
    };
    let facade = Contender::ours("wscodec", level, facade);
    let single = Contender::ours("wscodec-kernel", level, single);
    let batch = Contender::ours("wscodec-kernel (batch)", level, batch);
    vec![
        (facade, Box::new(Facade::new(messages, side)) as Box<dyn Encode>),
        (single, Box::new(Single::new(messages, side))),
        (batch, Box::new(Batched::new(messages, side))),
    ]
}

struct Facade {
    messages: Vec<Typed>,
    encoder: Encoder,
    buffer: Vec<u8>,
    drain: Drain,
}

impl Facade {
    fn new(messages: &Messages, side: Side) -> Self {
        let role = match side {
            Side::Client => Role::Client,
            Side::Server => Role::Server,
        };
        Self {
            messages: typed(messages),
            encoder: Encoder::new(role),
            buffer: Vec::new(),
            drain: Drain::direct(),
        }
    }
}

impl Encode for Facade {
    fn encode(&mut self) -> Result<(), String> {
        for message in &self.messages {
            let message = match message {
                Typed::Text(text) => Message::Text(text),
                Typed::Binary(bytes) => Message::Binary(bytes),
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

/// A client's source of keys, as the facade has one; a server has none.
struct Keys(Option<Box<ChaCha8Rng>>);

impl Keys {
    fn new(side: Side) -> Self {
        // What it is seeded with does not matter to its speed.
        Self((side == Side::Client).then(|| Box::new(ChaCha8Rng::from_seed([0x4B; 32]))))
    }

    #[inline]
    fn next(&mut self) -> Option<[u8; 4]> {
        self.0.as_mut().map(|cipher| cipher.next_u32().to_ne_bytes())
    }

    /// A key for each frame of a batch, in one call of the cipher.
    #[inline]
    fn next_batch(&mut self) -> Option<[[u8; 4]; BATCH]> {
        let cipher = self.0.as_mut()?;
        let mut keys = [[0; 4]; BATCH];
        cipher.fill_bytes(keys.as_flattened_mut());
        Some(keys)
    }
}

/// Frames that are encoded in one call.
const BATCH: usize = 64;

struct Single {
    messages: Messages,
    keys: Keys,
    /// Its capacity: room for a piece and the longest frame.
    buffer: Vec<u8>,
    drain: Drain,
}

impl Single {
    fn new(messages: &Messages, side: Side) -> Self {
        let buffer = Vec::with_capacity(room(messages));
        Self { messages: messages.clone(), keys: Keys::new(side), buffer, drain: Drain::direct() }
    }

    /// Compiled once to be timed and once to be checked: `visit` sees each frame.
    fn encode_each(&mut self, mut visit: impl FnMut(&[u8])) -> Result<(), HeaderError> {
        let room = self.buffer.spare_capacity_mut();
        let mut used = 0;
        let opcode = opcode(&self.messages);
        for message in &self.messages.list {
            let frame =
                OutgoingFrame { masking_key: self.keys.next(), ..OutgoingFrame::new(opcode, message) };
            let written = encode_frame(&frame, &mut room[used..])?.unwrap_or_default();
            visit(written);
            used += written.len();
            if used >= Drain::PIECE {
                hand_on(&mut room[..used]);
                used = 0;
            }
        }
        hand_on(&mut room[..used]);
        Ok(())
    }
}

impl Encode for Single {
    fn encode(&mut self) -> Result<(), String> {
        let drain = self.drain.clone();
        let result = if drain.is_keeping() {
            self.encode_each(|frame| drain.put(frame))
        } else {
            self.encode_each(|_| ())
        };
        result.map_err(|error| error.to_string())
    }

    fn drain(&self) -> &Drain {
        &self.drain
    }
}

struct Batched {
    messages: Messages,
    keys: Keys,
    /// Its capacity: room for a piece and the longest frame.
    buffer: Vec<u8>,
    drain: Drain,
}

impl Batched {
    fn new(messages: &Messages, side: Side) -> Self {
        let buffer = Vec::with_capacity(room(messages));
        Self { messages: messages.clone(), keys: Keys::new(side), buffer, drain: Drain::direct() }
    }

    fn encode_each(&mut self, mut visit: impl FnMut(&[u8])) -> Result<(), HeaderError> {
        let room = self.buffer.spare_capacity_mut();
        let mut used = 0;
        let opcode = opcode(&self.messages);
        for payloads in self.messages.list.chunks(BATCH) {
            let keys = self.keys.next_batch();
            let mut place = 0;
            while place < payloads.len() {
                let messages = OutgoingMessages {
                    masking_keys: keys.as_ref().map(|keys| &keys[place..]),
                    ..OutgoingMessages::new(opcode, &payloads[place..])
                };
                let (done, written) = encode_messages(&messages, &mut room[used..]);
                if let Some(error) = done.error {
                    return Err(error);
                }
                visit(written);
                used += done.bytes;
                place += done.frames;
                // Full, perhaps inside of a batch.
                if used >= Drain::PIECE {
                    hand_on(&mut room[..used]);
                    used = 0;
                }
            }
        }
        hand_on(&mut room[..used]);
        Ok(())
    }
}

impl Encode for Batched {
    fn encode(&mut self) -> Result<(), String> {
        let drain = self.drain.clone();
        let result = if drain.is_keeping() {
            self.encode_each(|frames| drain.put(frames))
        } else {
            self.encode_each(|_| ())
        };
        result.map_err(|error| error.to_string())
    }

    fn drain(&self) -> &Drain {
        &self.drain
    }
}

fn opcode(messages: &Messages) -> Opcode {
    if messages.text { Opcode::Text } else { Opcode::Binary }
}

/// So much that what has no room comes after a whole piece.
fn room(messages: &Messages) -> usize {
    let longest = messages.list.iter().map(|message| message.len()).max().unwrap_or_default();
    Drain::PIECE + longest + wscodec_kernel::MAX_HEADER_LENGTH
}

/// To the transport, as [`Drain`] does with bytes that it does not keep.
fn hand_on(piece: &mut [MaybeUninit<u8>]) {
    black_box(piece);
}
