//! The buffer in which a message is gathered. Bytes become text once, as they arrive, and handing the message out
//! needs no second look at them.

use core::mem;

use wscodec_kernel::TextBuffer;

use crate::{DataKind, Error, Message, ProtocolError, spare};

/// What there is of a message.
#[derive(Debug)]
pub(super) enum Content {
    Binary(Vec<u8>),
    /// Validated as it arrives.
    Text(TextBuffer),
}

impl Content {
    /// Forgets the last message and keeps its memory for the next.
    pub(super) fn start(&mut self, kind: DataKind) {
        let memory = self.take_memory();
        *self = match kind {
            DataKind::Text => Self::Text(TextBuffer::reusing(memory)),
            DataKind::Binary => Self::Binary(memory),
        };
    }

    /// Takes the next piece; fails at the first byte that no text can have in its place.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), ProtocolError> {
        match self {
            Self::Binary(bytes) => bytes.extend_from_slice(piece),
            Self::Text(text) => text.push(piece)?,
        }
        Ok(())
    }

    /// Takes all of a message that has just [started](Self::start), as `write` appends it to a buffer.
    pub(super) fn fill(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let is_text = matches!(self, Self::Text(_));
        let mut bytes = self.take_memory();
        write(&mut bytes)?;
        *self = if is_text { Self::Text(TextBuffer::from_bytes(bytes)?) } else { Self::Binary(bytes) };
        Ok(())
    }

    /// Appends to bytes as `write` does, and gives what was appended: for what is text when it is complete.
    pub(super) fn append(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<&[u8], Error> {
        if let Self::Text(_) = self {
            *self = Self::Binary(self.take_memory());
        }
        let Self::Binary(bytes) = self else { return Ok(&[]) };
        let start = bytes.len();
        write(bytes)?;
        Ok(&bytes[start..])
    }

    /// Makes text of the bytes.
    pub(super) fn make_text(&mut self) -> Result<(), Error> {
        if let Self::Binary(bytes) = self {
            *self = Self::Text(TextBuffer::from_bytes(mem::take(bytes))?);
        }
        Ok(())
    }

    /// Fails if the last sequence of the text is cut short.
    pub(super) fn finish(&mut self) -> Result<(), ProtocolError> {
        match self {
            Self::Binary(_) => Ok(()),
            Self::Text(text) => Ok(text.finish()?),
        }
    }

    pub(super) fn message(&self) -> Message<'_> {
        match self {
            Self::Binary(bytes) => Message::Binary(bytes),
            Self::Text(text) => Message::Text(text.as_str()),
        }
    }

    /// The bytes gathered so far.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Binary(bytes) => bytes.len(),
            Self::Text(text) => text.as_str().len(),
        }
    }

    pub(super) fn memory(&self) -> usize {
        match self {
            Self::Binary(bytes) => bytes.capacity(),
            Self::Text(text) => text.capacity(),
        }
    }

    /// Leaves the memory to others, and with it what was in there.
    #[inline]
    pub(super) fn share_buffer(&mut self) {
        if self.memory() > 0 {
            let mut memory = self.take_own_memory();
            spare::leave_buffer(&mut memory);
            *self = Self::Binary(memory);
        }
    }

    /// The same of a message under way, which stays; of long memory that has little in it.
    pub(super) fn share_rest(&mut self) {
        match self {
            Self::Binary(bytes) => spare::leave_buffer(bytes),
            Self::Text(text) => {
                if spare::is_unused(text.as_str().len(), text.capacity()) {
                    let mut memory = text.move_to(Vec::new());
                    memory.clear();
                    spare::leave_buffer(&mut memory);
                }
            }
        }
    }

    fn take_memory(&mut self) -> Vec<u8> {
        let memory = self.take_own_memory();
        if memory.capacity() > 0 { memory } else { spare::take_buffer() }
    }

    fn take_own_memory(&mut self) -> Vec<u8> {
        let mut memory = match mem::take(self) {
            Self::Binary(bytes) => bytes,
            Self::Text(text) => text.into_bytes(),
        };
        memory.clear();
        memory
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::Binary(Vec::new())
    }
}
