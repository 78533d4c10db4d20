//! The buffers in which messages are gathered. Bytes become text once, as they arrive, and handing the message out
//! needs no second look at them.

use core::mem;

use wscodec_kernel::{TextBuffer, into_text};

use crate::{DataKind, Error, Message, ProtocolError};

/// The payload of a message that is in pieces.
#[derive(Debug)]
pub(super) enum Body {
    /// Bytes that need no validation, or not yet: binary and compressed messages.
    Bytes(Vec<u8>),
    /// Text validated as it arrives.
    Text(TextBuffer),
}

/// What a message inflated to.
#[derive(Debug)]
pub(super) enum Inflated {
    Bytes(Vec<u8>),
    Text(String),
}

impl Body {
    /// Forgets the last message and keeps its memory for the next.
    pub(super) fn start(&mut self, validated: bool) {
        let memory = match mem::take(self) {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.into_bytes(),
        };
        *self =
            if validated { Self::Text(TextBuffer::reusing(memory)) } else { Self::Bytes(emptied(memory)) };
    }

    /// Takes the next piece; fails at the first byte that no text can have in its place.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), ProtocolError> {
        match self {
            Self::Bytes(bytes) => bytes.extend_from_slice(piece),
            Self::Text(text) => text.push(piece)?,
        }
        Ok(())
    }

    /// Fails if the last sequence of the text is cut short.
    pub(super) fn finish(&mut self) -> Result<(), ProtocolError> {
        match self {
            Self::Bytes(_) => Ok(()),
            Self::Text(text) => Ok(text.finish()?),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.as_str().as_bytes(),
        }
    }

    pub(super) fn message(&self) -> Message<'_> {
        match self {
            Self::Bytes(bytes) => Message::Binary(bytes),
            Self::Text(text) => Message::Text(text.as_str()),
        }
    }
}

impl Inflated {
    /// Fills itself with what `inflate` appends to the memory of the last message.
    pub(super) fn fill(
        &mut self,
        kind: DataKind,
        inflate: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut bytes = emptied(match mem::take(self) {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.into_bytes(),
        });
        inflate(&mut bytes)?;
        *self = match kind {
            DataKind::Text => Self::Text(into_text(bytes)?),
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

fn emptied(mut memory: Vec<u8>) -> Vec<u8> {
    memory.clear();
    memory
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
