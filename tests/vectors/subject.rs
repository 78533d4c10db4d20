//! What can be fed with a vector's bytes: a decoder by itself, and a whole connection, which also answers.

use wscodec::compressors::{Backend, DecompressorConfig};
use wscodec::kernel::HeaderError;
use wscodec::{
    CloseCode, Connection, Decoder, Error, Event, LimitError, Limits, Message, ProtocolError, Role, State,
};

use super::load::{Failure, Item};

/// A way to decompress, or none.
pub(crate) type Setup = Option<(Backend, DecompressorConfig)>;

/// What came of the bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) events: Vec<Item>,
    pub(crate) answers: Vec<Item>,
    pub(crate) failure: Option<Failure>,
}

pub(crate) trait Subject {
    const ANSWERS: bool;

    fn make(role: Role, limits: Limits, setup: Setup) -> Self;
    fn room(&mut self) -> &mut [u8];
    fn filled(&mut self, bytes: usize);
    fn push(&mut self, bytes: &[u8]);
    fn next(&mut self) -> Result<Option<Item>, Error>;
    /// What was sent; makes sure that what it says of its state fits what came.
    fn answers(&self, role: Role, outcome: &Outcome) -> Vec<Item>;
}

/// Feeds the pieces, read and pushed in turn, and takes what comes of each.
pub(crate) fn feed<S: Subject>(subject: &mut S, role: Role, pieces: &[&[u8]], outcome: &mut Outcome) {
    for (number, piece) in pieces.iter().enumerate() {
        if number % 2 == 0 && piece.len() <= subject.room().len() {
            subject.room()[..piece.len()].copy_from_slice(piece);
            subject.filled(piece.len());
        } else {
            subject.push(piece);
        }
        loop {
            match subject.next() {
                Ok(Some(_)) if outcome.failure.is_some() => panic!("an event after an error"),
                Ok(Some(event)) => outcome.events.push(event),
                Ok(None) => {
                    assert!(outcome.failure.is_none(), "an error is final");
                    break;
                }
                Err(error) => {
                    let failure = Failure::of(error);
                    assert!(
                        outcome.failure.as_ref().is_none_or(|first| *first == failure),
                        "an error is final"
                    );
                    outcome.failure = Some(failure);
                    break;
                }
            }
        }
    }
    outcome.answers = subject.answers(role, outcome);
}

impl Subject for Decoder {
    const ANSWERS: bool = false;

    fn make(role: Role, limits: Limits, setup: Setup) -> Self {
        match setup {
            None => Self::new(role, limits),
            Some((backend, config)) => {
                Self::new(role, limits).with_decompressor(backend, config).expect("it can")
            }
        }
    }

    fn room(&mut self) -> &mut [u8] {
        self.room()
    }

    fn filled(&mut self, bytes: usize) {
        self.filled(bytes).expect("there was room");
    }

    fn push(&mut self, bytes: &[u8]) {
        self.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Item>, Error> {
        Ok(self.next_message()?.map(Item::from))
    }

    fn answers(&self, _: Role, outcome: &Outcome) -> Vec<Item> {
        assert_eq!(self.is_closed(), matches!(outcome.events.last(), Some(Item::Close(..))));
        Vec::new()
    }
}

impl Subject for Connection {
    const ANSWERS: bool = true;

    fn make(role: Role, limits: Limits, setup: Setup) -> Self {
        match setup {
            None => Self::new(role, limits),
            Some((backend, config)) => {
                Self::new(role, limits).with_decompressor(backend, config).expect("it can")
            }
        }
    }

    fn room(&mut self) -> &mut [u8] {
        self.room()
    }

    fn filled(&mut self, bytes: usize) {
        self.filled(bytes).expect("there was room");
    }

    fn push(&mut self, bytes: &[u8]) {
        self.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Item>, Error> {
        match self.next_event()? {
            None => Ok(None),
            Some(Event::Message(message)) => Ok(Some(message.into())),
            Some(other) => panic!("{other:?} was not asked for"),
        }
    }

    fn answers(&self, role: Role, outcome: &Outcome) -> Vec<Item> {
        let expected = match (&outcome.failure, outcome.events.last()) {
            (Some(_), _) => (State::Failed, Some(1006)),
            (None, Some(Item::Close(code, _))) => (State::Closed, Some(code.unwrap_or(1005))),
            (None, _) => (State::Open, None),
        };
        assert_eq!((self.state(), self.close_code().map(CloseCode::get)), expected);
        sent(role, self.output())
    }
}

/// The control frames that an endpoint of this role sent, each in its only form but for the mask's key.
fn sent(role: Role, mut output: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    while let [first, second, rest @ ..] = output {
        assert_eq!(second & 0x80 != 0, role == Role::Client, "a client masks, a server doesn't");
        let (key, rest) = rest.split_at(if role == Role::Client { 4 } else { 0 });
        let (payload, rest) = rest.split_at(usize::from(second & 0x7F));
        let keys = if key.is_empty() { &[0; 4] } else { key };
        let payload: Vec<u8> =
            payload.iter().zip(keys.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        items.push(match (first, &payload[..]) {
            (0x8A, _) => Item::Pong(payload),
            (0x88, []) => Item::Close(None, Vec::new()),
            (0x88, [high, low]) => Item::Close(Some(u16::from_be_bytes([*high, *low])), Vec::new()),
            _ => panic!("neither pong nor close: {first:x} {payload:x?}"),
        });
        output = rest;
    }
    assert_eq!(output, [], "half a frame was sent");
    items
}

impl Failure {
    fn of(error: Error) -> Self {
        let code = error.close_code().map_or(0, CloseCode::get);
        Self { kinds: vec![kind(error).to_owned()], code }
    }
}

/// The vectors' name for an error.
fn kind(error: Error) -> &'static str {
    match error {
        Error::Protocol(error) => match error {
            ProtocolError::Header(error) => match error {
                HeaderError::ReservedOpcode(_) => "reserved-opcode",
                HeaderError::FragmentedControl(_) => "control-fragmented",
                HeaderError::ControlTooLong(_) => "control-too-long",
                HeaderError::LengthNotMinimal => "length-not-minimal",
                HeaderError::LengthTooLarge => "length-top-bit",
                _ => "unnamed",
            },
            ProtocolError::ReservedBits => "reserved-bits",
            ProtocolError::UnexpectedRsv1 => "rsv1-unexpected",
            ProtocolError::MaskMissing => "mask-missing",
            ProtocolError::MaskUnexpected => "mask-unexpected",
            ProtocolError::UnexpectedContinuation => "continuation-unexpected",
            ProtocolError::ExpectedContinuation => "continuation-expected",
            ProtocolError::InvalidUtf8 => "invalid-utf8",
            ProtocolError::TruncatedCloseCode => "close-payload-1",
            ProtocolError::InvalidCloseCode(_) => "close-code-invalid",
            ProtocolError::BrokenDeflate(_) => "broken-deflate",
            _ => "unnamed",
        },
        Error::Limit(LimitError::FrameTooLong { .. } | LimitError::MessageTooLong { .. }) => "too-long",
        Error::Limit(LimitError::TooManyFragments { .. }) => "too-many-fragments",
        _ => "unnamed",
    }
}

impl From<Message<'_>> for Item {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Self::Text(text.as_bytes().to_vec()),
            Message::Binary(payload) => Self::Binary(payload.to_vec()),
            Message::Ping(payload) => Self::Ping(payload.to_vec()),
            Message::Pong(payload) => Self::Pong(payload.to_vec()),
            Message::Close(None) => Self::Close(None, Vec::new()),
            Message::Close(Some(frame)) => {
                Self::Close(Some(frame.code.get()), frame.reason.as_bytes().to_vec())
            }
        }
    }
}
