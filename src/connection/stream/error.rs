use core::fmt;
use std::io;

use crate::Error;

/// Why a stream does not go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamError {
    /// The reader failed. The message is still under way: the call can be repeated, or the connection closed.
    Read(io::Error),
    /// The chunk could not be sent.
    Send(Error),
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the message's source failed: {error}"),
            Self::Send(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for StreamError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            Self::Send(error) => Some(error),
        }
    }
}

impl From<Error> for StreamError {
    fn from(error: Error) -> Self {
        Self::Send(error)
    }
}
