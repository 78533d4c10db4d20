//! One outcome however the bytes are cut and read, and that of a plain decoder: its messages, and its error but for which of
//! two is found first. Limits hold, memory is bounded, errors are final and nothing follows a close frame.
#![no_main]

#[path = "../../kernel/tests/book/mod.rs"]
mod book;
#[allow(unused, reason = "each user takes its part")]
#[path = "../../kernel/tests/common/mod.rs"]
mod common;

use arbitrary::{Arbitrary, Unstructured};
use book::{Seen, Setup, by_the_book};
use libfuzzer_sys::fuzz_target;
use wscodec::compressors::{CompressionWish, Encoding, MessageCompressor};
use wscodec::kernel::{CloseCode, FrameError, Opcode, OutgoingFrame, Rsv, append_frame};
use wscodec::{Decoder, Error, LimitError, Limits, Message, OwnedMessage, Role, release_shared};
use wscodec_fuzz::{Blob, Operations, Text, Way};

#[derive(Arbitrary, Debug)]
struct Input {
    server: bool,
    compression: Option<Way>,
    frame_limit: Option<Length>,
    message_limit: Length,
    /// 0 is as 1: a message of one frame is always taken.
    fragments_limit: Option<u8>,
    ratio: Option<u8>,
    reads: Reads,
    pieces: Operations<Piece, 32>,
}

/// As many bytes as that; or as a message has with its frame of this number, or one less.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Length {
    Any(u16),
    Of { piece: u8, less: bool },
}

#[derive(Arbitrary, Debug)]
struct Reads {
    lengths: Blob,
    /// Read into its room, which is as long as that or grows; or pushed.
    room: Option<Option<u16>>,
    /// After each read whose number it divides; and the same to leave the buffers to another decoder, which reads the rest in them.
    release: u8,
    share: u8,
}

#[derive(Arbitrary, Debug)]
enum Piece {
    Frame {
        opcode: Opcodes,
        fin: bool,
        payload: Payload,
    },
    /// Anything for a first byte, and one in 16 not masked as it must be.
    Odd {
        first: u8,
        mask: u8,
        payload: Blob,
    },
    /// In two frames if there is a cut.
    Compressed {
        text: Text,
        is_text: bool,
        cut: Option<u8>,
    },
    Close {
        /// Half of them are around those of the RFC.
        code: (u8, u8),
        reason: Blob,
    },
    Bytes(Blob),
}

#[derive(Debug)]
struct Payload(Vec<u8>);

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Opcodes {
    Continuation,
    Text,
    Binary,
    Ping,
    Pong,
}

/// What came of it: the messages, and what ended it.
type Outcome = (Vec<OwnedMessage>, Option<Error>);

/// Buffers of twice what is in them, for reads, for messages and for an engine.
const MEMORY: usize = 1 << 20;

/// Of all that is compressed, for speed.
const LONGEST: usize = 40_000;

const KEY: [u8; 4] = [0x80, 1, 2, 0xFF];

fuzz_target!(|input: Input| {
    release_shared();
    let (limits, stream) = (input.limits(), input.stream());
    let whole = input.outcome(limits, &[], None, &stream);
    let cut = input.outcome(limits, &input.reads.lengths.0, input.reads.room, &stream);
    assert_eq!(whole, cut, "whole and in pieces");
    if input.compression.is_none() {
        input.is_by_the_book(&limits, &whole, &stream);
    }
});

impl Input {
    fn role(&self) -> Role {
        if self.server { Role::Server } else { Role::Client }
    }

    fn limits(&self) -> Limits {
        Limits::new()
            .with_frame(self.frame_limit.map_or(usize::MAX, |limit| self.bytes(limit)))
            .with_message(self.bytes(self.message_limit))
            .with_fragments(self.fragments_limit.map_or(usize::MAX, usize::from))
            .with_ratio(self.ratio.map(u32::from))
    }

    fn bytes(&self, length: Length) -> usize {
        let (piece, less) = match length {
            Length::Any(bytes) => return bytes.into(),
            Length::Of { piece, less } => (usize::from(piece), less),
        };
        let mut sum = 0;
        for piece in &self.pieces.0[..self.pieces.0.len().min(piece % 8 + 1)] {
            match piece {
                Piece::Frame { opcode: Opcodes::Continuation, payload, .. } => sum += payload.0.len(),
                Piece::Frame { opcode: Opcodes::Text | Opcodes::Binary, payload, .. } => {
                    sum = payload.0.len()
                }
                Piece::Compressed { text, .. } => sum = text.bytes(15, &[]).len().min(LONGEST),
                _ => {}
            }
        }
        sum.saturating_sub(less.into())
    }

    fn stream(&self) -> Vec<u8> {
        let mut compressor = self.compression.as_ref().map(|way| {
            let agreed = way.agreed();
            MessageCompressor::new(agreed.from, agreed.config).expect("it can do it")
        });
        let (mut wire, mut left) = (Vec::new(), LONGEST);
        for piece in &self.pieces.0 {
            self.append(piece, compressor.as_mut(), &mut left, &mut wire);
        }
        wire
    }

    fn append(
        &self,
        piece: &Piece,
        compressor: Option<&mut MessageCompressor>,
        left: &mut usize,
        wire: &mut Vec<u8>,
    ) {
        match piece {
            Piece::Frame { opcode, fin, payload } => {
                self.frame((*opcode).into(), *fin, false, &payload.0, wire)
            }
            Piece::Odd { first, mask, payload } => {
                let masked = self.server != (mask % 16 == 15);
                let length = payload.0.len().min(125);
                wire.extend([*first, u8::from(masked) << 7 | length.to_le_bytes()[0]]);
                wire.extend(KEY.iter().take(if masked { 4 } else { 0 }));
                wire.extend_from_slice(&payload.0[..length]);
            }
            Piece::Compressed { text, is_text, cut } => {
                let mut text = text.bytes(15, &[]);
                text.truncate(*left);
                *left -= text.len();
                let mut payload = Vec::new();
                let Some(compressor) = compressor else { return };
                let encoding = compressor.message(&text, CompressionWish::Compress, &mut payload);
                let rsv1 = encoding.expect("any message can be compressed") == Encoding::Deflate;
                let cut = cut.map_or(payload.len(), |cut| payload.len().min(cut.into()));
                let (first, second) = payload.split_at(cut);
                let opcode = if *is_text { Opcode::Text } else { Opcode::Binary };
                self.frame(opcode, second.is_empty(), rsv1, first, wire);
                if !second.is_empty() {
                    self.frame(Opcode::Continuation, true, false, second, wire);
                }
            }
            Piece::Close { code, reason } => {
                let payload =
                    [&close_code_of(*code).to_be_bytes(), &reason.0[..reason.0.len().min(123)]].concat();
                self.frame(Opcode::Close, true, false, &payload, wire);
            }
            Piece::Bytes(Blob(bytes)) => wire.extend_from_slice(bytes),
        }
    }

    fn frame(&self, opcode: Opcode, fin: bool, rsv1: bool, payload: &[u8], wire: &mut Vec<u8>) {
        let rsv = if rsv1 { Rsv::RSV1 } else { Rsv::NONE };
        let control = opcode.is_control();
        let payload = if control { &payload[..payload.len().min(125)] } else { payload };
        let masking_key = self.server.then_some(KEY);
        let frame = OutgoingFrame { fin: fin || control, rsv, opcode, masking_key, payload };
        append_frame(&frame, wire).expect("it is well-formed");
    }

    fn decoder(&self, limits: Limits) -> Decoder {
        let decoder = Decoder::new(self.role(), limits);
        let Some(way) = &self.compression else { return decoder };
        let agreed = way.agreed();
        decoder.with_decompressor(agreed.to, agreed.expects).expect("it can do it")
    }

    fn outcome(&self, limits: Limits, lengths: &[u8], room: Option<Option<u16>>, stream: &[u8]) -> Outcome {
        let mut decoder = self.decoder(limits);
        // A longer one, once full, waits for more.
        if let Some(Some(bytes)) = room {
            decoder = decoder.with_read_size(1 + usize::from(bytes) % 4_000);
        }
        let (mut messages, mut rest, mut lengths) = (Vec::new(), stream, lengths.iter());
        for number in 1_u32.. {
            let mut length = lengths.next().map_or(rest.len(), |&length| rest.len().min(length.into()));
            if room.is_some() {
                let into = decoder.room();
                length = length.min(into.len()).min(4_000);
                into[..length].copy_from_slice(&rest[..length]);
                decoder.filled(length).expect("there is room");
            } else {
                decoder.push(&rest[..length]);
            }
            rest = &rest[length..];
            if let Err(error) = take(&mut decoder, &limits, &mut messages) {
                // It is final, whatever comes.
                decoder.push(rest);
                decoder.push(b"\x81\x01a");
                assert_eq!(decoder.next_message(), Err(error));
                return (messages, Some(error));
            }
            if rest.is_empty() {
                break;
            }
            if divides(self.reads.release, number) {
                decoder.release();
            }
            if divides(self.reads.share, number) {
                decoder.share_buffers();
                let mut other = self.decoder(limits);
                other.push(rest);
                // Whatever comes of it: it is in the buffers.
                _ = take(&mut other, &limits, &mut Vec::new());
                other.share_buffers();
            }
        }
        (messages, None)
    }

    fn is_by_the_book(&self, limits: &Limits, (messages, error): &Outcome, stream: &[u8]) {
        let setup = Setup {
            masked: self.server,
            allowed: Rsv::NONE,
            limit: limits.frame as u64,
            message_limit: limits.message as u64,
            validate: true,
        };
        let (frames, frame_error) = by_the_book(setup, 0, stream);
        let mut assembly = Assembly::default();
        for frame in &frames {
            match assembly.add(frame, limits) {
                Ok(false) => {}
                Ok(true) => return assert_eq!((messages, *error), (&assembly.messages, None)),
                Err(code) => {
                    assert_eq!(messages, &assembly.messages);
                    return assert_eq!(error.and_then(Error::close_code), Some(code), "{error:?}");
                }
            }
        }
        assert_eq!(messages, &assembly.messages);
        // What a frame adds to a message is seen with its header, before the book has all of it.
        let by_its_header = assembly.under_way.is_some()
            && matches!(
                error,
                Some(Error::Limit(LimitError::MessageTooLong { .. } | LimitError::TooManyFragments { .. }))
            );
        let code = frame_error.map(close_code);
        assert!(by_its_header || error.and_then(Error::close_code) == code, "{error:?} for {frame_error:?}");
    }
}

fn divides(step: u8, number: u32) -> bool {
    step > 0 && number.is_multiple_of(step.into())
}

fn take(decoder: &mut Decoder, limits: &Limits, messages: &mut Vec<OwnedMessage>) -> Result<(), Error> {
    loop {
        let result = decoder.next_message().map(|message| message.map(OwnedMessage::from));
        assert!(decoder.memory() < MEMORY, "{} bytes", decoder.memory());
        let Some(message) = result? else { return Ok(()) };
        assert!(!matches!(messages.last(), Some(OwnedMessage::Close(_))), "{message:?} after the end");
        if let OwnedMessage::Text(_) | OwnedMessage::Binary(_) = &message {
            assert!(length(&message) <= limits.message);
        }
        assert_eq!(decoder.is_closed(), matches!(message, OwnedMessage::Close(_)));
        messages.push(message);
    }
}

/// Messages out of frames.
#[derive(Default)]
struct Assembly {
    messages: Vec<OwnedMessage>,
    /// Whether it is text, what there is of it, and its frames.
    under_way: Option<(bool, Vec<u8>, usize)>,
}

impl Assembly {
    /// Whether it was the end; or with which code that is an error.
    fn add(&mut self, frame: &Seen, limits: &Limits) -> Result<bool, CloseCode> {
        let payload = frame.payload.clone();
        let message = match frame.opcode {
            Opcode::Ping => OwnedMessage::Ping(payload),
            Opcode::Pong => OwnedMessage::Pong(payload),
            Opcode::Close => {
                self.messages.push(close(&payload)?);
                return Ok(true);
            }
            opcode => {
                let (is_text, mut bytes, frames) =
                    self.under_way.take().unwrap_or((opcode == Opcode::Text, Vec::new(), 0));
                bytes.extend(payload);
                if frames + 1 > limits.fragments.max(1) {
                    return Err(CloseCode::POLICY);
                }
                if bytes.len() > limits.message {
                    return Err(CloseCode::TOO_BIG);
                }
                if !frame.fin {
                    self.under_way = Some((is_text, bytes, frames + 1));
                    return Ok(false);
                }
                if is_text {
                    OwnedMessage::Text(String::from_utf8(bytes).expect("validated"))
                } else {
                    OwnedMessage::Binary(bytes)
                }
            }
        };
        self.messages.push(message);
        Ok(false)
    }
}

fn close_code_of((high, low): (u8, u8)) -> u16 {
    if high < 128 { 990 + u16::from(low % 32) } else { u16::from_be_bytes([high, low]) }
}

/// RFC 6455 sections 5.5.1 and 7.4, and the codes that were registered later.
fn close(payload: &[u8]) -> Result<OwnedMessage, CloseCode> {
    match payload {
        [] => Ok(OwnedMessage::Close(None)),
        [_] => Err(CloseCode::PROTOCOL_ERROR),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(CloseCode::PROTOCOL_ERROR);
            }
            let reason = std::str::from_utf8(reason).map_err(|_| CloseCode::INVALID_PAYLOAD)?;
            Ok(OwnedMessage::Close(Some((CloseCode::new(code), reason.to_owned()))))
        }
    }
}

fn close_code(error: FrameError) -> CloseCode {
    match error {
        FrameError::InvalidUtf8(_) => CloseCode::INVALID_PAYLOAD,
        FrameError::TooLong { .. } | FrameError::MessageTooLong { .. } => CloseCode::TOO_BIG,
        _ => CloseCode::PROTOCOL_ERROR,
    }
}

fn length(message: &OwnedMessage) -> usize {
    match message.as_message() {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    }
}

/// Any bytes, or text that may be cut short.
impl<'a> Arbitrary<'a> for Payload {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let (kind, Blob(bytes)) = u.arbitrary::<(u8, Blob)>()?;
        if kind < 128 {
            return Ok(Self(bytes));
        }
        const CHARACTERS: [&str; 4] = ["a", "\u{7ff}", "€", "\u{10ffff}"];
        let text: String = bytes.iter().map(|byte| CHARACTERS[usize::from(byte % 4)]).collect();
        let length = text.len().saturating_sub((kind % 4).into());
        Ok(Self(text.as_bytes()[..length].to_vec()))
    }
}

impl From<Opcodes> for Opcode {
    fn from(opcode: Opcodes) -> Self {
        match opcode {
            Opcodes::Continuation => Self::Continuation,
            Opcodes::Text => Self::Text,
            Opcodes::Binary => Self::Binary,
            Opcodes::Ping => Self::Ping,
            Opcodes::Pong => Self::Pong,
        }
    }
}
