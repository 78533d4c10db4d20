//! The buffers in which messages are gathered. Text is kept in a `String`: bytes become text once, as they
//! arrive, and handing the message out needs no second look at them.

use core::mem;

use crate::{DataKind, Error, Message, ProtocolError};

/// The longest UTF-8 sequence in bytes.
const LONGEST_SEQUENCE: usize = 4;

/// The payload of a message that is in pieces.
#[derive(Debug)]
pub(super) enum Body {
    /// Bytes that need no validation, or not yet: binary and compressed messages.
    Bytes(Vec<u8>),
    /// Text validated as it arrives.
    Text { text: String, cut: CutSequence },
}

/// What a message inflated to.
#[derive(Debug)]
pub(super) enum Inflated {
    Bytes(Vec<u8>),
    Text(String),
}

/// The start of a UTF-8 sequence that the end of a piece cut short.
#[derive(Debug, Default)]
pub(super) struct CutSequence {
    bytes: [u8; LONGEST_SEQUENCE],
    /// 0 to 3.
    length: usize,
}

impl Body {
    /// Forgets the last message and keeps its memory for the next.
    pub(super) fn start(&mut self, validated: bool) {
        let memory = match mem::take(self) {
            Self::Bytes(bytes) => bytes,
            Self::Text { text, .. } => text.into_bytes(),
        };
        *self = if validated {
            Self::Text { text: empty_text(memory), cut: CutSequence::default() }
        } else {
            Self::Bytes(empty_bytes(memory))
        };
    }

    /// Takes the next piece; fails at the first byte that no text can have in its place.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), ProtocolError> {
        match self {
            Self::Bytes(bytes) => bytes.extend_from_slice(piece),
            Self::Text { text, cut } => {
                let rest = cut.complete(piece, text)?;
                let (whole, tail) = rest.split_at(rest.len() - cut_length(rest));
                text.push_str(core::str::from_utf8(whole).map_err(|_| ProtocolError::InvalidUtf8)?);
                cut.keep(tail)?;
            }
        }
        Ok(())
    }

    /// Fails if the last sequence of the text is cut short.
    pub(super) fn finish(&self) -> Result<(), ProtocolError> {
        match self {
            Self::Text { cut, .. } if cut.length > 0 => Err(ProtocolError::InvalidUtf8),
            _ => Ok(()),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Text { text, .. } => text.as_bytes(),
        }
    }

    pub(super) fn message(&self) -> Message<'_> {
        match self {
            Self::Bytes(bytes) => Message::Binary(bytes),
            Self::Text { text, .. } => Message::Text(text),
        }
    }
}

impl Inflated {
    /// Replaces the last message by what `inflate` appends to an empty buffer.
    pub(super) fn fill(
        &mut self,
        kind: DataKind,
        inflate: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut bytes = empty_bytes(match mem::take(self) {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.into_bytes(),
        });
        inflate(&mut bytes)?;
        *self = match kind {
            DataKind::Text => Self::Text(String::from_utf8(bytes).map_err(|_| ProtocolError::InvalidUtf8)?),
            DataKind::Binary => Self::Bytes(bytes),
        };
        Ok(())
    }

    pub(super) fn message(&self) -> Message<'_> {
        match self {
            Self::Bytes(bytes) => Message::Binary(bytes),
            Self::Text(text) => Message::Text(text),
        }
    }
}

impl CutSequence {
    /// Takes the bytes of `piece` that belong to the sequence, and gives the others.
    fn complete<'p>(&mut self, mut piece: &'p [u8], text: &mut String) -> Result<&'p [u8], ProtocolError> {
        while self.length > 0
            && let Some((&byte, rest)) = piece.split_first()
        {
            self.bytes[self.length] = byte;
            self.length += 1;
            piece = rest;
            match core::str::from_utf8(&self.bytes[..self.length]) {
                Ok(character) => {
                    text.push_str(character);
                    self.length = 0;
                }
                Err(error) if error.error_len().is_some() => return Err(ProtocolError::InvalidUtf8),
                Err(_) => {}
            }
        }
        Ok(piece)
    }

    /// Keeps `tail`, at most 3 bytes, if a sequence can begin like it.
    fn keep(&mut self, tail: &[u8]) -> Result<(), ProtocolError> {
        if tail.is_empty() {
            return Ok(());
        }
        self.bytes[..tail.len()].copy_from_slice(tail);
        self.length = tail.len();
        match core::str::from_utf8(tail) {
            Err(error) if error.error_len().is_none() => Ok(()),
            _ => Err(ProtocolError::InvalidUtf8),
        }
    }
}

/// How many bytes at the end of `bytes` look like a sequence that goes on after them: 0 to 3.
fn cut_length(bytes: &[u8]) -> usize {
    let last = bytes.iter().rev().take(LONGEST_SEQUENCE - 1);
    // The first byte from the end that is no continuation byte begins the last sequence.
    let Some((before, first)) = last.enumerate().find(|(_, byte)| !matches!(byte, 0x80..=0xBF)) else {
        return 0;
    };
    let sequence = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    let present = before + 1;
    if present < sequence { present } else { 0 }
}

fn empty_bytes(mut memory: Vec<u8>) -> Vec<u8> {
    memory.clear();
    memory
}

fn empty_text(memory: Vec<u8>) -> String {
    String::from_utf8(empty_bytes(memory)).unwrap_or_default()
}

impl Default for Body {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl Default for Inflated {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}
