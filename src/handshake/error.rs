//! Whose fault a failed handshake is: the application's ([`ConfigError`]) or the server's ([`ResponseError`]). What a client
//! does wrong is a [`Refusal`](super::Refusal).

use core::fmt;

use wscodec_compressors::negotiation::AnswerError;

/// What the application must not put into a handshake. Nothing of it was taken.
///
/// ```
/// use wscodec::handshake::{ConfigError, ServerHandshake};
///
/// let injected = ServerHandshake::new().header("X-Name", "a\r\nSet-Cookie: b");
/// assert_eq!(injected.unwrap_err(), ConfigError::InvalidHeaderValue);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The name of a header that is not a token (RFC 9110 section 5.1).
    InvalidHeaderName,
    /// The value of a header with CR, LF, NUL or another control character other than a tab (RFC 9110 section 5.5).
    InvalidHeaderValue,
    /// A header that the handshake sets itself.
    ReservedHeader,
    /// A host that is empty or more than visible ASCII.
    InvalidHost,
    /// A target that does not begin with `/`, has a fragment, or is more than visible ASCII (RFC 6455 section 3).
    InvalidTarget,
    /// A subprotocol that is not a token (RFC 6455 section 4.1).
    InvalidSubprotocol,
    /// A subprotocol twice (section 4.1).
    RepeatedSubprotocol,
    /// A chosen subprotocol that the client did not offer (section 4.2.2).
    SubprotocolNotOffered,
    /// A refusal with a status that is not within 300 to 599.
    InvalidStatus,
}

/// Why a client must not use the connection (RFC 6455 section 4.1).
///
/// ```
/// use wscodec::handshake::{ClientHandshake, Response, ResponseError};
///
/// let request = ClientHandshake::new("example.com", "/")?.request()?;
/// assert_eq!(request.check(&Response::new(404, [("Content-Length", "0")])), Err(ResponseError::Status(404)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// A status other than 101: a refusal or a redirect, of which the response's headers tell more.
    Status(u16),
    /// `Upgrade` is missing, or is not `websocket`.
    Upgrade,
    /// `Connection` is missing, or does not list `upgrade`.
    Connection,
    /// `Sec-WebSocket-Accept` is missing, repeated, or answers another key.
    Accept,
    /// A subprotocol that was not requested.
    SubprotocolNotRequested,
    /// No subprotocol where one was required.
    SubprotocolMissing,
    /// `Sec-WebSocket-Protocol` more than once (section 11.3.4).
    SubprotocolRepeated,
    /// An extension that was not offered, or not like that.
    Extension(AnswerError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidHeaderName => "a header's name is not a token",
            Self::InvalidHeaderValue => "a header's value has a control character",
            Self::ReservedHeader => "the handshake sets this header itself",
            Self::InvalidHost => "the host is empty or more than visible ASCII",
            Self::InvalidTarget => {
                "the target does not begin with a slash, has a fragment or is more than visible ASCII"
            }
            Self::InvalidSubprotocol => "a subprotocol is not a token",
            Self::RepeatedSubprotocol => "a subprotocol stands there twice",
            Self::SubprotocolNotOffered => "the chosen subprotocol was not offered",
            Self::InvalidStatus => "the status of a refusal is not within 300 to 599",
        })
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "the server answered with status {status}"),
            Self::Upgrade => f.write_str("the server did not upgrade to websocket"),
            Self::Connection => f.write_str("the server did not upgrade the connection"),
            Self::Accept => f.write_str("the server's Sec-WebSocket-Accept does not answer the key"),
            Self::SubprotocolNotRequested => {
                f.write_str("the server chose a subprotocol that was not requested")
            }
            Self::SubprotocolMissing => f.write_str("the server chose no subprotocol, and one is required"),
            Self::SubprotocolRepeated => f.write_str("the server chose more than one subprotocol"),
            Self::Extension(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConfigError {}
impl core::error::Error for ResponseError {}
