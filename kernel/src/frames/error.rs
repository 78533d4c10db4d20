use core::fmt;

use crate::{CloseCode, HeaderError, Rsv, Utf8Error};

/// Why decoding ended. Each is the peer's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// A header that is wrong by itself.
    Header(HeaderError),
    /// Reserved bits that no extension uses, or on a continuation or a control frame (RFC 6455 section 5.2).
    ReservedBits(Rsv),
    /// An unmasked frame from a client (section 5.1).
    MaskMissing,
    /// A masked frame from a server (section 5.1).
    MaskUnexpected,
    /// A continuation while no message is under way (section 5.4).
    UnexpectedContinuation,
    /// A new message before the last fragment of the one under way (section 5.4).
    ExpectedContinuation,
    /// A payload longer than the limit.
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// A message without reserved bits whose first frame alone is longer than the limit on messages.
    MessageTooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// Text that is not UTF-8; the offset counts from the start of the message (section 8.1).
    InvalidUtf8(Utf8Error),
}

impl FrameError {
    /// The code of the close frame to answer with (RFC 6455 section 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::TooLong { .. } | Self::MessageTooLong { .. } => CloseCode::TOO_BIG,
            Self::InvalidUtf8(error) => error.close_code(),
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(error) => error.fmt(f),
            Self::ReservedBits(bits) => write!(f, "reserved bits {bits:?} set"),
            Self::MaskMissing => f.write_str("unmasked frame from a client"),
            Self::MaskUnexpected => f.write_str("masked frame from a server"),
            Self::UnexpectedContinuation => f.write_str("continuation of no message"),
            Self::ExpectedContinuation => f.write_str("new message inside a fragmented one"),
            Self::TooLong { limit } => write!(f, "frame of over {limit} bytes"),
            Self::MessageTooLong { limit } => write!(f, "message of over {limit} bytes"),
            Self::InvalidUtf8(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FrameError {}
