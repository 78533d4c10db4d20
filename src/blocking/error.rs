use core::fmt;
use std::io;

use crate::from::error_from;
use crate::handshake::{HandshakeError, HeadError, Refusal};
use crate::{BackendError, CloseCode, MisuseError, SetupError};

/// Why a call did not do what it should.
///
/// ```
/// use std::io::ErrorKind;
/// use wscodec::blocking::Error;
///
/// let timeout = Error::from(std::io::Error::from(ErrorKind::TimedOut));
/// assert!(matches!(timeout, Error::WouldBlock)); // the call can be made again
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The transport would block, or timed out. Nothing is lost: the call can be made again later. What was to be sent is
    /// queued, and must not be sent once more.
    WouldBlock,
    /// The transport failed. Nothing more can come of the connection.
    Io(io::Error),
    /// The transport ended without a close frame, or before the end of the handshake ([`CloseCode::ABNORMAL`]).
    Lost,
    /// The peer broke a rule or a limit, or the caller a rule, or something underneath failed.
    Codec(crate::Error),
    /// The opening handshake failed.
    Handshake(HandshakeError),
    /// The reader that a message was to be streamed from failed. The message is still under way.
    Source(io::Error),
    /// A frame that does not fit into the caller's buffer. It is still to be read.
    BufferTooSmall {
        /// The payload's length in bytes.
        needed: u64,
    },
}

impl Error {
    /// The code of the close frame that the peer was sent for it; `None` if it need not hear of it, or can't.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{CloseCode, Connection, Limits, Role};
    ///
    /// let client = Connection::new(Role::Client, Limits::new());
    /// let mut transport = std::io::Cursor::new(b"\x83\x00".to_vec()); // a reserved opcode
    /// let error = WebSocket::from_connection(&mut transport, client).read().unwrap_err();
    /// assert_eq!(error.close_code(), Some(CloseCode::PROTOCOL_ERROR));
    /// ```
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        if let Self::Codec(error) = self { error.close_code() } else { None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WouldBlock => f.write_str("the transport would block or timed out"),
            Self::Io(error) => write!(f, "the transport failed: {error}"),
            Self::Lost => f.write_str("the transport ended without a close frame"),
            Self::Codec(error) => error.fmt(f),
            Self::Handshake(error) => error.fmt(f),
            Self::Source(error) => write!(f, "the message's source failed: {error}"),
            Self::BufferTooSmall { needed } => {
                write!(f, "the frame's payload of {needed} bytes does not fit into the buffer")
            }
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) | Self::Source(error) => Some(error),
            Self::Codec(error) => Some(error),
            Self::Handshake(error) => Some(error),
            Self::WouldBlock | Self::Lost | Self::BufferTooSmall { .. } => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // A timeout is the one or the other, by the system.
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::WouldBlock,
            _ => Self::Io(error),
        }
    }
}

error_from!(Error {
    Codec: crate::Error, MisuseError, BackendError;
    Handshake: HandshakeError, HeadError, Refusal, SetupError;
});

/// For callers that know of nothing but I/O, such as a [`Write`](std::io::Write).
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::WouldBlock => io::ErrorKind::WouldBlock.into(),
            Error::Io(error) | Error::Source(error) => error,
            Error::Lost => io::ErrorKind::UnexpectedEof.into(),
            error => Self::other(error),
        }
    }
}
