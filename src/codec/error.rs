use core::fmt;
use std::io;

use crate::Error as CodecError;
use crate::from::error_from;

/// Why there are no more messages, or why one is not sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The transport failed, or ended within a frame or a message.
    Io(io::Error),
    /// Everything else, by who is to blame. The caller owes the peer a close frame with the error's
    /// [code](CodecError::close_code), if it has one.
    Codec(CodecError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Codec(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Codec(error) => Some(error),
        }
    }
}

error_from!(Error {
    Io: io::Error;
    Codec: CodecError;
});
