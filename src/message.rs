use wscodec_kernel::{CloseCode, Opcode};

/// A message, or a control frame, borrowed from whoever holds its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A text message (RFC 6455 section 5.6).
    Text(&'a str),
    /// A binary message (section 5.6).
    Binary(&'a [u8]),
    /// A ping, at most 125 bytes; its receiver answers with a pong of the same payload (section 5.5.2).
    Ping(&'a [u8]),
    /// A pong, at most 125 bytes; one that answers no ping is allowed (section 5.5.3).
    Pong(&'a [u8]),
    /// A close frame, the last of its direction (section 5.5.1); `None` if it has no payload, which reads as
    /// [`CloseCode::NO_STATUS`]: 1000 has to be said, by [`CloseCode::NORMAL`].
    Close(Option<CloseFrame<'a>>),
}

/// The payload of a close frame that has one (RFC 6455 section 5.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseFrame<'a> {
    /// Why the connection closes.
    pub code: CloseCode,
    /// The same in words, for a log; at most 123 bytes.
    pub reason: &'a str,
}

/// What a data message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataKind {
    /// UTF-8 text.
    Text,
    /// Any bytes.
    Binary,
}

impl DataKind {
    /// That of a message whose first frame has this opcode; `None` for a continuation or a control frame.
    pub(crate) const fn of(opcode: Opcode) -> Option<Self> {
        match opcode {
            Opcode::Text => Some(Self::Text),
            Opcode::Binary => Some(Self::Binary),
            _ => None,
        }
    }

    pub(crate) const fn opcode(self) -> Opcode {
        match self {
            Self::Text => Opcode::Text,
            Self::Binary => Opcode::Binary,
        }
    }
}

impl<'a> Message<'a> {
    /// What a data message is and holds; `None` of a control frame.
    // By its parts wherever it is handed on: a message in memory was stored in words, and to copy two of them at once waits for that.
    #[inline(always)]
    pub(crate) const fn data(&self) -> Option<(DataKind, &'a [u8])> {
        match self {
            Self::Text(text) => Some((DataKind::Text, text.as_bytes())),
            Self::Binary(bytes) => Some((DataKind::Binary, bytes)),
            _ => None,
        }
    }

    /// Whether this is a ping, pong or close (RFC 6455 section 5.5).
    #[must_use]
    pub const fn is_control(&self) -> bool {
        matches!(self, Self::Ping(_) | Self::Pong(_) | Self::Close(_))
    }
}

impl<'a> CloseFrame<'a> {
    /// A close frame's payload.
    #[must_use]
    pub const fn new(code: CloseCode, reason: &'a str) -> Self {
        Self { code, reason }
    }
}
