//! Errors by blame: the peer's fault, a limit, the caller's fault, or the failure of something underneath.

use core::fmt;

use wscodec_compressors::{CompressError, DecompressError};
use wscodec_kernel::{CloseCode, FrameError, HeaderError, Rsv, Utf8Error};

use crate::from::error_from;

/// Everything that can go wrong, by who is to blame.
///
/// ```
/// use wscodec::{CloseCode, Decoder, Error, Limits, Message, ProtocolError, Role};
///
/// let mut decoder = Decoder::new(Role::Server, Limits::new());
/// decoder.push(b"\x81\x02hi"); // not masked
/// let error = decoder.next_message().unwrap_err();
/// assert_eq!(error, Error::Protocol(ProtocolError::MaskMissing));
/// assert_eq!(error.close_code(), Some(CloseCode::PROTOCOL_ERROR));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The peer broke RFC 6455 or RFC 7692.
    Protocol(ProtocolError),
    /// The peer sent more than the limits allow.
    Limit(LimitError),
    /// The caller asked for what the RFC forbids; the message in question was not written, and nothing changed.
    Misuse(MisuseError),
    /// Something underneath failed: a compression engine, the system's randomness.
    Backend(BackendError),
}

/// How the peer broke the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A header that is wrong by itself (RFC 6455 section 5.2).
    Header(HeaderError),
    /// RSV2 or RSV3, which no negotiated extension uses (section 5.2).
    ReservedBits,
    /// RSV1 without permessage-deflate, on a continuation or on a control frame (RFC 7692 section 6).
    UnexpectedRsv1,
    /// An unmasked frame from a client (RFC 6455 section 5.1).
    MaskMissing,
    /// A masked frame from a server (section 5.1).
    MaskUnexpected,
    /// A continuation while no message is under way (section 5.4).
    UnexpectedContinuation,
    /// A new message before the last fragment of the one under way (section 5.4).
    ExpectedContinuation,
    /// Text, or the reason of a close frame, that is not UTF-8 (section 8.1).
    InvalidUtf8,
    /// A close frame with a payload of one byte (section 5.5.1).
    TruncatedCloseCode,
    /// A close frame with a code that no frame may carry (section 7.4).
    InvalidCloseCode(CloseCode),
    /// A compressed message that is not DEFLATE data, for the reason given (RFC 7692 section 6.2).
    BrokenDeflate(&'static str),
}

/// Which limit the peer exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitError {
    /// A frame of more payload bytes than [`Limits::frame`](crate::Limits::frame).
    FrameTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A message of more bytes than [`Limits::message`](crate::Limits::message).
    MessageTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A message of more frames than [`Limits::fragments`](crate::Limits::fragments).
    TooManyFragments {
        /// The limit in frames.
        limit: usize,
    },
    /// A message that inflates to more than [`Limits::ratio`](crate::Limits::ratio) times its bytes on the wire.
    RatioTooHigh {
        /// The limit.
        ratio: u32,
    },
}

/// What the caller must not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MisuseError {
    /// Anything sent after a close frame (RFC 6455 section 5.5.1), or after the end of the connection.
    Closed,
    /// A new message before the last fragment of the one under way (section 5.4).
    MessageUnderWay,
    /// A further fragment while no message is under way (section 5.4).
    NoMessageUnderWay,
    /// A ping or pong of over 125 bytes, or a close reason of over 123 (section 5.5).
    ControlTooLong,
    /// A close code that no frame may carry (section 7.4).
    ReservedCloseCode(CloseCode),
    /// Fragments of a text message that together are not UTF-8 (section 5.6).
    InvalidUtf8,
    /// A frame with a header that no frame may have, for the reason given (section 5.2).
    InvalidFrame(HeaderError),
    /// A close frame with a payload of one byte (section 5.5.1).
    TruncatedCloseCode,
    /// More output than may be queued; some of what is queued has to be written first.
    OutputFull {
        /// The limit in bytes.
        limit: usize,
    },
    /// A stream in chunks of which not even one may be queued, however much is written before.
    ChunkTooLong {
        /// The limit of a chunk's frame in bytes: that of the output.
        limit: usize,
    },
    /// More bytes said to be read than there was room for.
    MoreThanRoom,
    /// More bytes said to be written than are queued.
    MoreThanQueued,
}

/// What failed underneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackendError {
    /// The compressor. A whole message was not sent, and the next one is compressed without its history; a message in
    /// fragments can't be ended, and the connection has to be.
    Compress(CompressError),
    /// The decompressor, for a reason that is not the peer's data.
    Decompress(&'static str),
    /// The system gave no randomness to seed the masking keys with.
    Randomness,
}

impl Error {
    /// The code of the close frame to answer with; `None` for a misuse, which the peer need not hear of.
    #[must_use]
    pub const fn close_code(self) -> Option<CloseCode> {
        match self {
            Self::Protocol(error) => Some(error.close_code()),
            Self::Limit(error) => Some(error.close_code()),
            Self::Misuse(_) => None,
            Self::Backend(_) => Some(CloseCode::INTERNAL_ERROR),
        }
    }
}

impl ProtocolError {
    /// The code of the close frame to answer with (RFC 6455 section 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::Header(error) => error.close_code(),
            Self::InvalidUtf8 | Self::BrokenDeflate(_) => CloseCode::INVALID_PAYLOAD,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}

impl LimitError {
    /// The code of the close frame to answer with: 1009, and 1008 for too many fragments.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::FrameTooLong { .. } | Self::MessageTooLong { .. } | Self::RatioTooHigh { .. } => {
                CloseCode::TOO_BIG
            }
            Self::TooManyFragments { .. } => CloseCode::POLICY,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(error) => error.fmt(f),
            Self::Limit(error) => error.fmt(f),
            Self::Misuse(error) => error.fmt(f),
            Self::Backend(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(error) => error.fmt(f),
            Self::ReservedBits => f.write_str("frame with RSV2 or RSV3"),
            Self::UnexpectedRsv1 => f.write_str("frame with RSV1 that may not be compressed"),
            Self::MaskMissing => f.write_str("unmasked frame from a client"),
            Self::MaskUnexpected => f.write_str("masked frame from a server"),
            Self::UnexpectedContinuation => f.write_str("continuation without a message under way"),
            Self::ExpectedContinuation => f.write_str("new message inside a fragmented one"),
            Self::InvalidUtf8 => f.write_str("text that is not UTF-8"),
            Self::TruncatedCloseCode => f.write_str("close frame with a payload of one byte"),
            Self::InvalidCloseCode(code) => write!(f, "close frame with code {code}"),
            Self::BrokenDeflate(reason) => write!(f, "broken DEFLATE data: {reason}"),
        }
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FrameTooLong { limit } => write!(f, "frame of over {limit} bytes"),
            Self::MessageTooLong { limit } => write!(f, "message of over {limit} bytes"),
            Self::TooManyFragments { limit } => write!(f, "message in over {limit} fragments"),
            Self::RatioTooHigh { ratio } => {
                write!(f, "message that inflates to over {ratio} times its bytes on the wire")
            }
        }
    }
}

impl fmt::Display for MisuseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("nothing may be sent after a close frame"),
            Self::MessageUnderWay => f.write_str("a fragmented message has not ended yet"),
            Self::NoMessageUnderWay => f.write_str("no fragmented message has begun"),
            Self::ControlTooLong => f.write_str("the payload of a control frame is over 125 bytes"),
            Self::ReservedCloseCode(code) => write!(f, "close code {code} may not be sent"),
            Self::InvalidUtf8 => f.write_str("the fragments of a text message are not UTF-8"),
            Self::InvalidFrame(error) => write!(f, "a frame that may not be sent: {error}"),
            Self::TruncatedCloseCode => f.write_str("the payload of a close frame is one byte"),
            Self::OutputFull { limit } => write!(f, "over {limit} bytes of output would be queued"),
            Self::ChunkTooLong { limit } => {
                write!(f, "a chunk of the stream is a frame of over {limit} bytes, and no more may be queued")
            }
            Self::MoreThanRoom => f.write_str("more bytes were said to be read than there was room for"),
            Self::MoreThanQueued => f.write_str("more bytes were said to be written than are queued"),
        }
    }
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compress(error) => error.fmt(f),
            Self::Decompress(reason) => write!(f, "decompression failed: {reason}"),
            Self::Randomness => f.write_str("the system gave no randomness for masking keys"),
        }
    }
}

impl core::error::Error for Error {}
impl core::error::Error for ProtocolError {}
impl core::error::Error for LimitError {}
impl core::error::Error for MisuseError {}
impl core::error::Error for BackendError {}

error_from!(Error {
    Protocol: ProtocolError, Utf8Error;
    Limit: LimitError;
    Misuse: MisuseError;
    Backend: BackendError;
});

/// A limit that was a `usize` when it was set.
fn within_usize(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

impl From<FrameError> for Error {
    fn from(error: FrameError) -> Self {
        let error = match error {
            FrameError::Header(error) => ProtocolError::Header(error),
            FrameError::ReservedBits(bits) if bits == Rsv::RSV1 => ProtocolError::UnexpectedRsv1,
            FrameError::ReservedBits(_) => ProtocolError::ReservedBits,
            FrameError::MaskMissing => ProtocolError::MaskMissing,
            FrameError::MaskUnexpected => ProtocolError::MaskUnexpected,
            FrameError::UnexpectedContinuation => ProtocolError::UnexpectedContinuation,
            FrameError::ExpectedContinuation => ProtocolError::ExpectedContinuation,
            FrameError::InvalidUtf8(error) => error.into(),
            FrameError::TooLong { limit } => {
                return LimitError::FrameTooLong { limit: within_usize(limit) }.into();
            }
            FrameError::MessageTooLong { limit } => {
                return LimitError::MessageTooLong { limit: within_usize(limit) }.into();
            }
            // What later versions of the kernel may add is the peer's fault as well.
            _ => ProtocolError::ReservedBits,
        };
        Self::Protocol(error)
    }
}

impl From<Utf8Error> for ProtocolError {
    fn from(_: Utf8Error) -> Self {
        Self::InvalidUtf8
    }
}

impl From<CompressError> for Error {
    fn from(error: CompressError) -> Self {
        Self::Backend(BackendError::Compress(error))
    }
}

impl From<DecompressError> for Error {
    fn from(error: DecompressError) -> Self {
        match error {
            DecompressError::Corrupt(reason) => Self::Protocol(ProtocolError::BrokenDeflate(reason)),
            DecompressError::TooLong { limit } | DecompressError::WireTooLong { limit } => {
                Self::Limit(LimitError::MessageTooLong { limit })
            }
            DecompressError::TooManyFragments { limit } => {
                Self::Limit(LimitError::TooManyFragments { limit })
            }
            DecompressError::RatioTooHigh { ratio } => Self::Limit(LimitError::RatioTooHigh { ratio }),
            DecompressError::Engine(reason) => Self::Backend(BackendError::Decompress(reason)),
            // Out of step after an earlier failure, which ended the decoder; and what later versions may add.
            _ => Self::Backend(BackendError::Decompress("the engine can't go on")),
        }
    }
}
