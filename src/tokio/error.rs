use core::fmt;
use std::io;

use crate::from::error_from;
use crate::handshake::{HandshakeError, HeadError};
use crate::{BackendError, Error as CodecError, MisuseError, SetupError};

/// Why a [`WebSocket`](super::WebSocket) does not go on, or was not opened.
///
/// ```
/// use wscodec::tokio::Error;
///
/// fn report(error: &Error) {
///     match error {
///         Error::Io(error) => eprintln!("the transport failed: {error}"),
///         Error::Codec(error) => eprintln!("{error}, close code {:?}", error.close_code()),
///         Error::Handshake(error) => eprintln!("not opened: {error}"),
///         _ => {}
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The transport failed, or ended before the handshake did.
    Io(io::Error),
    /// The peer broke a rule or a limit, or the caller a rule, or something underneath failed.
    Codec(CodecError),
    /// The opening handshake failed.
    Handshake(HandshakeError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Codec(error) => error.fmt(f),
            Self::Handshake(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Codec(error) => Some(error),
            Self::Handshake(error) => Some(error),
        }
    }
}

error_from!(Error {
    Io: io::Error;
    Codec: CodecError, MisuseError, BackendError;
    Handshake: HandshakeError, HeadError, SetupError;
});
