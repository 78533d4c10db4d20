//! What the tests of the facade share: frames by hand, owned messages, decoding in pieces.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod bits;

use wscodec::kernel::{FrameHeader, Opcode, Rsv};
use wscodec::{CloseCode, CloseFrame, Decoder, Error, Limits, Message, Role};

/// The key of RFC 6455 section 5.7.
pub(crate) const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A [`Message`] that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

impl From<Message<'_>> for Owned {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Self::Text(text.to_owned()),
            Message::Binary(bytes) => Self::Binary(bytes.to_vec()),
            Message::Ping(payload) => Self::Ping(payload.to_vec()),
            Message::Pong(payload) => Self::Pong(payload.to_vec()),
            Message::Close(frame) => {
                Self::Close(frame.map(|frame| (frame.code.get(), frame.reason.to_owned())))
            }
        }
    }
}

impl Owned {
    pub(crate) fn borrow(&self) -> Message<'_> {
        match self {
            Self::Text(text) => Message::Text(text),
            Self::Binary(bytes) => Message::Binary(bytes),
            Self::Ping(payload) => Message::Ping(payload),
            Self::Pong(payload) => Message::Pong(payload),
            Self::Close(frame) => Message::Close(
                frame.as_ref().map(|(code, reason)| CloseFrame::new(CloseCode::new(*code), reason)),
            ),
        }
    }
}

/// Numbers that look random, the same for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    pub(crate) fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).expect("below 256")
    }
}

/// A frame as a peer with any intentions may write it; the payload is masked by a byte loop of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    /// FIN, RSV1 to RSV3 and the opcode.
    pub(crate) first: u8,
    pub(crate) payload: &'a [u8],
    pub(crate) key: Option<[u8; 4]>,
}

impl Frame<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.first);
        let mask_bit = if self.key.is_some() { 0x80 } else { 0 };
        let length = self.payload.len();
        match length {
            0..=125 => out.push(mask_bit | u8::try_from(length).expect("small")),
            126..=0xFFFF => {
                out.push(mask_bit | 126);
                out.extend(u16::try_from(length).expect("16 bits").to_be_bytes());
            }
            _ => {
                out.push(mask_bit | 127);
                out.extend((length as u64).to_be_bytes());
            }
        }
        let key = self.key.unwrap_or_default();
        out.extend(self.key.iter().flatten());
        out.extend(self.payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    }
}

/// Frames for the endpoint that is `role`: masked for a server.
pub(crate) fn frames_for(role: Role, frames: &[(u8, &[u8])]) -> Vec<u8> {
    let key = (role == Role::Server).then_some(KEY);
    let mut out = Vec::new();
    for &(first, payload) in frames {
        Frame { first, payload, key }.write(&mut out);
    }
    out
}

/// A header alone, for the endpoint that is `role`, that claims `payload_length` bytes.
pub(crate) fn header_for(role: Role, opcode: Opcode, payload_length: u64) -> Vec<u8> {
    let masking_key = (role == Role::Server).then_some(KEY);
    let header = FrameHeader { fin: true, rsv: Rsv::NONE, opcode, masking_key, payload_length };
    header.encode().expect("a header that can be").to_vec()
}

/// What a decoder made of some bytes: the messages, and the error that ended them.
pub(crate) type Outcome = (Vec<Owned>, Option<Error>);

/// Feeds `pieces` one after the other, read and pushed in turn. Checks on the way that an error is final.
pub(crate) fn decode_pieces<'p>(
    decoder: &mut Decoder,
    pieces: impl IntoIterator<Item = &'p [u8]>,
) -> Outcome {
    let mut messages = Vec::new();
    for (number, piece) in pieces.into_iter().enumerate() {
        if number % 2 == 0 && piece.len() <= decoder.room().len() {
            decoder.room()[..piece.len()].copy_from_slice(piece);
            decoder.filled(piece.len()).expect("there was room");
        } else {
            decoder.push(piece);
        }
        if let Err(error) = take_all(decoder, &mut messages) {
            decoder.push(&[0x81, 0]);
            assert_eq!(decoder.next_message(), Err(error), "an error is final");
            assert_eq!(decoder.next_message(), Err(error), "an error is final");
            return (messages, Some(error));
        }
    }
    (messages, None)
}

/// Takes the messages that are there.
pub(crate) fn take_all(decoder: &mut Decoder, messages: &mut Vec<Owned>) -> Result<(), Error> {
    while let Some(message) = decoder.next_message()? {
        messages.push(message.into());
    }
    Ok(())
}

/// Decodes `bytes` whole, and byte by byte, and cut in two at every place; all must agree.
pub(crate) fn decode_every_split(make: impl Fn() -> Decoder, bytes: &[u8]) -> Outcome {
    let whole = decode_pieces(&mut make(), [bytes]);
    assert_eq!(decode_pieces(&mut make(), bytes.chunks(1)), whole, "byte by byte");
    for at in 0..=bytes.len() {
        let (first, second) = bytes.split_at(at);
        assert_eq!(decode_pieces(&mut make(), [first, second]), whole, "cut at {at}");
    }
    whole
}

/// A decoder with the default limits and nothing else.
pub(crate) fn plain(role: Role) -> Decoder {
    Decoder::new(role, Limits::new())
}
