use core::fmt;

/// A message that could not be compressed: the backend's failure or the caller's, never the message's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompressError {
    /// The engine failed, for the reason given.
    Engine(&'static str),
    /// An earlier message failed and, with context takeover, the peer is no longer in step: close the connection, or
    /// call [`reset`](crate::Compressor::reset) for another one.
    OutOfStep,
    /// A whole message was handed in between the fragments of another one: the caller's mistake, which changes nothing.
    WithinMessage,
}

/// A payload that could not be decompressed.
///
/// ```
/// use wscodec_compressors::DecompressError;
///
/// assert_eq!(DecompressError::TooLong { limit: 1024 }.close_code(), 1009);
/// assert_eq!(DecompressError::TooLong { limit: 1024 }.to_string(), "message decompresses to over 1024 bytes");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecompressError {
    /// The payload is not DEFLATE data, or ends too soon: close code 1007.
    Corrupt(&'static str),
    /// The message is longer than the limit: close code 1009.
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The message takes more bytes on the wire than the limit: close code 1009.
    WireTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The message comes in more frames than the limit: close code 1009.
    TooManyFragments {
        /// The limit.
        limit: usize,
    },
    /// The message inflates to more than the limit for each byte on the wire: close code 1009.
    RatioTooHigh {
        /// The limit, in inflated bytes for each byte on the wire.
        ratio: u32,
    },
    /// The engine failed for a reason of its own: close code 1011.
    Engine(&'static str),
    /// An earlier message failed and, with context takeover, this one may refer to it: close code 1011. Only
    /// [`reset`](crate::Decompressor::reset) makes the context good again, for another connection.
    OutOfStep,
    /// A whole message was handed in between the frames of another one: the caller's mistake, which changes nothing. Close
    /// code 1011.
    WithinMessage,
}

impl DecompressError {
    /// The number of the close frame to answer with (RFC 6455 section 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> u16 {
        match self {
            Self::Corrupt(_) => 1007,
            Self::TooLong { .. }
            | Self::WireTooLong { .. }
            | Self::TooManyFragments { .. }
            | Self::RatioTooHigh { .. } => 1009,
            Self::Engine(_) | Self::OutOfStep | Self::WithinMessage => 1011,
        }
    }
}

impl fmt::Display for CompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(reason) => write!(f, "compression failed: {reason}"),
            Self::OutOfStep => {
                f.write_str("an earlier message failed to compress, and the context depends on it")
            }
            Self::WithinMessage => f.write_str(WITHIN_MESSAGE),
        }
    }
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt(reason) => write!(f, "broken DEFLATE data: {reason}"),
            Self::TooLong { limit } => write!(f, "message decompresses to over {limit} bytes"),
            Self::WireTooLong { limit } => write!(f, "message takes over {limit} bytes on the wire"),
            Self::TooManyFragments { limit } => write!(f, "message comes in over {limit} frames"),
            Self::RatioTooHigh { ratio } => {
                write!(f, "message decompresses to over {ratio} times its bytes on the wire")
            }
            Self::Engine(reason) => write!(f, "decompression failed: {reason}"),
            Self::OutOfStep => {
                f.write_str("an earlier message failed to decompress, and the context depends on it")
            }
            Self::WithinMessage => f.write_str(WITHIN_MESSAGE),
        }
    }
}

impl core::error::Error for CompressError {}
impl core::error::Error for DecompressError {}

const WITHIN_MESSAGE: &str = "a whole message between the fragments of another one";
