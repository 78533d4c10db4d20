use core::fmt;
use std::io;

use wscodec_compressors::ConfigError;

use crate::handshake::{HeadError, Refusal, ResponseError};
use crate::{BackendError, Error as CodecError, MisuseError};

/// Why a [`WebSocket`](super::WebSocket) does not go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The transport failed.
    Io(io::Error),
    /// Everything else, by who is to blame.
    Codec(CodecError),
}

/// Why a connection was not opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The transport failed, or ended before the handshake did.
    Io(io::Error),
    /// The server refused the request; this is the answer that it wrote.
    Refused(Refusal),
    /// What the client received is not the head of a response.
    Head(HeadError),
    /// The client got an answer that opens no connection.
    Response {
        /// What is wrong with it.
        error: ResponseError,
        /// The answer's head as it came, for a [`HeadReader`](crate::handshake::HeadReader): where a redirect leads, say.
        head: Vec<u8>,
    },
    /// Both ends agreed on compression, and the [settings](super::Settings::backend) name nothing to compress with.
    NoBackend,
    /// The backend can't do what both ends agreed on.
    Compression(ConfigError),
    /// No randomness for the client's key.
    Backend(BackendError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Codec(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Refused(refusal) => write!(f, "refused with {refusal}"),
            Self::Head(error) => error.fmt(f),
            Self::Response { error, .. } => error.fmt(f),
            Self::NoBackend => f.write_str("compression was agreed on without a backend for it"),
            Self::Compression(error) => error.fmt(f),
            Self::Backend(error) => error.fmt(f),
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

impl core::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Refused(refusal) => Some(refusal),
            Self::Head(error) => Some(error),
            Self::Response { error, .. } => Some(error),
            Self::NoBackend => None,
            Self::Compression(error) => Some(error),
            Self::Backend(error) => Some(error),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<CodecError> for Error {
    fn from(error: CodecError) -> Self {
        Self::Codec(error)
    }
}

impl From<MisuseError> for Error {
    fn from(error: MisuseError) -> Self {
        Self::Codec(error.into())
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ConfigError> for OpenError {
    fn from(error: ConfigError) -> Self {
        Self::Compression(error)
    }
}

impl From<BackendError> for OpenError {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}
