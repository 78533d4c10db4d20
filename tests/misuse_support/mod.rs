//! What an application may call to send, and a naive model of what comes of it.
#![allow(dead_code, reason = "some of it is for features that may be off")]

use proptest::collection::vec;
use proptest::prelude::*;
use wscodec::kernel::{HeaderError, Opcode, Rsv};
use wscodec::{CloseCode, DataKind, MisuseError, RawFrame};

use crate::support::Owned;

#[derive(Clone, Debug)]
pub(crate) enum Call {
    Send(Owned),
    All(Vec<Owned>),
    Begin(DataKind, Vec<u8>),
    Continue(Vec<u8>),
    Finish(Vec<u8>),
    BeginStream(DataKind, usize),
    Stream(Vec<u8>),
    /// From a reader that ends with these bytes.
    StreamFrom(Vec<u8>),
    FinishStream,
    CancelStream,
    Frame {
        fin: bool,
        rsv2: bool,
        opcode: Opcode,
        payload: Vec<u8>,
    },
    /// With a claim of so many bytes written.
    Vectored(Owned, usize),
    Prepared(Owned),
    PreparedVectored(Owned),
}

/// The message under way, with its bytes so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Parts {
    #[default]
    None,
    Fragments {
        bytes: Vec<u8>,
        is_text: bool,
    },
    Stream {
        bytes: Vec<u8>,
        is_text: bool,
        chunk: usize,
    },
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    /// Nothing may be sent any more.
    pub(crate) closed: bool,
    under_way: Parts,
    /// The messages that are complete.
    pub(crate) sent: Vec<Owned>,
}

impl Call {
    pub(crate) fn raw_frame(&self) -> RawFrame<'_> {
        let Self::Frame { fin, rsv2, opcode, payload } = self else { panic!("{self:?} is no frame") };
        let rsv = if *rsv2 { Rsv::RSV2 } else { Rsv::NONE };
        RawFrame { fin: *fin, rsv, ..RawFrame::new(*opcode, payload) }
    }
}

impl Model {
    pub(crate) fn call(&mut self, call: &Call) -> Result<(), MisuseError> {
        match call {
            Call::Send(message) | Call::Vectored(message, _) => self.send(message),
            Call::Prepared(message) | Call::PreparedVectored(message) => {
                // What can't be sent can't be prepared, whatever the connection does.
                check(message)?;
                self.send(message)
            }
            Call::All(messages) => {
                self.open()?;
                messages.iter().try_for_each(|message| self.send(message))
            }
            Call::Begin(kind, part) => {
                self.idle()?;
                self.fragment(Vec::new(), *kind == DataKind::Text, part, false)
            }
            Call::Continue(part) => self.continue_fragments(part, false),
            Call::Finish(part) => self.continue_fragments(part, true),
            Call::BeginStream(kind, chunk) => {
                self.idle()?;
                let (is_text, chunk) = (*kind == DataKind::Text, (*chunk).max(1));
                self.under_way = Parts::Stream { bytes: Vec::new(), is_text, chunk };
                Ok(())
            }
            Call::Stream(part) => {
                self.stream()?.0.extend(part);
                Ok(())
            }
            Call::StreamFrom(part) => {
                let (bytes, chunk) = self.stream()?;
                // A chunk is filled up, and the next one begun, if the reader has as much; else that was its end.
                let held = if bytes.is_empty() { 0 } else { (bytes.len() - 1) % chunk + 1 };
                let (fills, next) = part.split_at(part.len().min(chunk - held));
                bytes.extend(fills);
                bytes.extend(next.iter().take(chunk));
                if next.is_empty() { self.finish_stream() } else { Ok(()) }
            }
            Call::FinishStream => self.finish_stream(),
            Call::CancelStream => match &self.under_way {
                // All but the last chunk is out.
                Parts::Stream { bytes, chunk, .. } if bytes.len() > *chunk => {
                    Err(MisuseError::MessageUnderWay)
                }
                Parts::Stream { .. } => {
                    self.under_way = Parts::None;
                    Ok(())
                }
                _ => Err(MisuseError::NoMessageUnderWay),
            },
            Call::Frame { .. } => self.frame(call.raw_frame()),
        }
    }

    fn open(&self) -> Result<(), MisuseError> {
        if self.closed { Err(MisuseError::Closed) } else { Ok(()) }
    }

    fn idle(&self) -> Result<(), MisuseError> {
        self.open()?;
        if self.under_way == Parts::None { Ok(()) } else { Err(MisuseError::MessageUnderWay) }
    }

    fn send(&mut self, message: &Owned) -> Result<(), MisuseError> {
        match message {
            Owned::Text(_) | Owned::Binary(_) => self.idle()?,
            _ => self.open()?,
        }
        check(message)?;
        self.closed = matches!(message, Owned::Close(_));
        self.sent.push(message.clone());
        Ok(())
    }

    fn continue_fragments(&mut self, part: &[u8], last: bool) -> Result<(), MisuseError> {
        self.open()?;
        match self.under_way.clone() {
            Parts::None => Err(MisuseError::NoMessageUnderWay),
            Parts::Fragments { bytes, is_text } => self.fragment(bytes, is_text, part, last),
            Parts::Stream { .. } => Err(MisuseError::MessageUnderWay),
        }
    }

    fn fragment(
        &mut self,
        mut bytes: Vec<u8>,
        is_text: bool,
        part: &[u8],
        last: bool,
    ) -> Result<(), MisuseError> {
        bytes.extend(part);
        match std::str::from_utf8(&bytes) {
            Err(error) if is_text && (last || error.error_len().is_some()) => {
                return Err(MisuseError::InvalidUtf8);
            }
            _ => {}
        }
        if last {
            self.finish(bytes, is_text);
        } else {
            self.under_way = Parts::Fragments { bytes, is_text };
        }
        Ok(())
    }

    fn finish(&mut self, bytes: Vec<u8>, is_text: bool) {
        self.under_way = Parts::None;
        self.sent.push(match is_text {
            true => Owned::Text(String::from_utf8(bytes).expect("it was looked at")),
            false => Owned::Binary(bytes),
        });
    }

    fn stream(&mut self) -> Result<(&mut Vec<u8>, usize), MisuseError> {
        self.open()?;
        match &mut self.under_way {
            Parts::Stream { bytes, chunk, .. } => Ok((bytes, *chunk)),
            _ => Err(MisuseError::NoMessageUnderWay),
        }
    }

    fn finish_stream(&mut self) -> Result<(), MisuseError> {
        self.open()?;
        let Parts::Stream { bytes, is_text, .. } = self.under_way.clone() else {
            return Err(MisuseError::NoMessageUnderWay);
        };
        self.finish(bytes, is_text);
        Ok(())
    }

    fn frame(&mut self, frame: RawFrame<'_>) -> Result<(), MisuseError> {
        self.open()?;
        match frame.opcode {
            Opcode::Ping | Opcode::Pong | Opcode::Close => {
                if !frame.fin {
                    let error = HeaderError::FragmentedControl(frame.opcode);
                    return Err(MisuseError::InvalidFrame(error));
                }
                self.send(&Owned::Ping(frame.payload.to_vec()))
            }
            Opcode::Continuation => self.continue_fragments(frame.payload, frame.fin),
            Opcode::Text | Opcode::Binary => {
                self.idle()?;
                // What an extension marks is its own business.
                let is_text = frame.opcode == Opcode::Text && frame.rsv == Rsv::NONE;
                self.fragment(Vec::new(), is_text, frame.payload, frame.fin)
            }
        }
    }
}

/// What no frame may carry.
fn check(message: &Owned) -> Result<(), MisuseError> {
    match message {
        Owned::Ping(payload) | Owned::Pong(payload) if payload.len() > 125 => {
            Err(MisuseError::ControlTooLong)
        }
        Owned::Close(Some((code, _))) if [1004, 1005, 1006, 1015].contains(code) => {
            Err(MisuseError::ReservedCloseCode(CloseCode::new(*code)))
        }
        _ => Ok(()),
    }
}

pub(crate) fn calls() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => message().prop_map(Call::Send),
        1 => vec(message(), 0..4).prop_map(Call::All),
        3 => (kind(), part()).prop_map(|(kind, part)| Call::Begin(kind, part)),
        3 => part().prop_map(Call::Continue),
        3 => part().prop_map(Call::Finish),
        3 => (kind(), 0_usize..12).prop_map(|(kind, chunk)| Call::BeginStream(kind, chunk)),
        3 => ascii().prop_map(Call::Stream),
        3 => ascii().prop_map(Call::StreamFrom),
        3 => Just(Call::FinishStream),
        2 => Just(Call::CancelStream),
        3 => frame(),
        2 => (message(), prop_oneof![0_usize..50, Just(usize::MAX)])
            .prop_map(|(message, claimed)| Call::Vectored(message, claimed)),
        1 => message().prop_map(Call::Prepared),
        1 => message().prop_map(Call::PreparedVectored),
    ]
}

fn kind() -> impl Strategy<Value = DataKind> {
    prop_oneof![Just(DataKind::Text), Just(DataKind::Binary)]
}

fn ascii() -> impl Strategy<Value = Vec<u8>> {
    "[a-z]{0,30}".prop_map(String::into_bytes)
}

/// Some of it text, some of it text that is cut, and some not.
fn part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => ascii(), 1 => Just(b"\xc3".to_vec()), 1 => Just(b"\xa9".to_vec()), 1 => Just(b"\xff".to_vec())]
}

fn message() -> impl Strategy<Value = Owned> {
    let code = prop_oneof![
        Just(1000_u16),
        Just(4999_u16),
        Just(1004_u16),
        Just(1005_u16),
        Just(1006_u16),
        Just(1015_u16)
    ];
    prop_oneof![
        6 => "\\PC{0,20}".prop_map(Owned::Text),
        4 => vec(any::<u8>(), 0..30).prop_map(Owned::Binary),
        3 => control().prop_map(Owned::Ping),
        2 => control().prop_map(Owned::Pong),
        1 => code.prop_map(|code| Owned::Close(Some((code, String::new())))),
    ]
}

fn control() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![3 => vec(any::<u8>(), 0..20), 1 => vec(any::<u8>(), 124..128)]
}

/// Control frames and continuations without reserved bits, which no receiver lets through.
fn frame() -> impl Strategy<Value = Call> {
    let opcode =
        prop_oneof![Just(Opcode::Text), Just(Opcode::Binary), Just(Opcode::Continuation), Just(Opcode::Ping)];
    (any::<bool>(), prop::bool::weighted(0.2), opcode, part()).prop_map(|(fin, marked, opcode, payload)| {
        let rsv2 = marked && matches!(opcode, Opcode::Text | Opcode::Binary);
        Call::Frame { fin, rsv2, opcode, payload }
    })
}
