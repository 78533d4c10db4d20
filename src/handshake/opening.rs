//! What opening a connection is on any stream, but for the stream.

use core::fmt;

use super::{
    Accepted, ClientRequest, HeadError, Opened, Refusal, RefusalReason, Request, Response, ResponseError,
    ServerHandshake, Upgrade,
};
use crate::from::error_from;
use crate::{Connection, Role, Settings, SetupError};

/// Why a connection was not opened, though the transport worked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeError {
    /// What the client received is not the head of a response, or too long a one.
    Head(HeadError),
    /// The server refused the request; the refusal was written, as far as the client took it.
    Refused(Refusal),
    /// The client got an answer that opens no connection.
    Response {
        /// What is wrong with it.
        error: ResponseError,
        /// The answer's head as it came, for a [`HeadReader`](super::HeadReader): where a redirect leads, say.
        head: Vec<u8>,
    },
    /// What both ends agreed on can't be done. A server has answered with status 500.
    Setup(SetupError),
}

/// As many bytes of what a refused client still sends are read and dropped, so that they don't keep the refusal from it: to
/// leave a TCP stream with bytes unread resets it.
pub(crate) const LINGER: usize = 256 << 10;

/// A request that opens no connection.
pub(crate) struct Rejected {
    pub(crate) refusal: Refusal,
    pub(crate) error: HandshakeError,
    /// Whether there is more of the request than was read.
    pub(crate) has_rest: bool,
}

/// Checks a request, and sets up what it opens.
pub(crate) fn answer(
    handshake: &ServerHandshake,
    settings: &Settings,
    request: &Request<'_>,
    decide: impl FnOnce(&Request<'_>, Upgrade) -> Result<Upgrade, Refusal>,
) -> Result<(Accepted, Connection), Rejected> {
    let rejected = |refusal, error| Rejected { refusal, error, has_rest: request.method() != "GET" };
    let accepted = handshake
        .or_deflate_with(settings.backend)
        .check(request)
        .and_then(|upgrade| decide(request, upgrade))
        .and_then(Upgrade::accept)
        .map_err(|refusal| rejected(refusal.clone(), HandshakeError::Refused(refusal)))?;
    match settings.connection(Role::Server, accepted.agreement().as_ref()) {
        Ok(connection) => Ok((accepted, connection)),
        Err(error) => Err(rejected(Refusal::because(RefusalReason::Application(500)), error.into())),
    }
}

/// Checks a response with this head.
pub(crate) fn check(
    request: &ClientRequest,
    response: &Response<'_>,
    head: &[u8],
) -> Result<Opened, HandshakeError> {
    request.check(response).map_err(|error| HandshakeError::Response { error, head: head.to_vec() })
}

/// Of a request that is none.
impl From<HeadError> for Rejected {
    fn from(error: HeadError) -> Self {
        let refusal = error.refusal();
        Self { refusal: refusal.clone(), error: HandshakeError::Refused(refusal), has_rest: true }
    }
}

error_from!(HandshakeError {
    Head: HeadError;
    Refused: Refusal;
    Setup: SetupError;
});

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head(error) => error.fmt(f),
            Self::Refused(refusal) => write!(f, "the request was refused with {refusal}"),
            Self::Response { error, .. } => error.fmt(f),
            Self::Setup(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for HandshakeError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(match self {
            Self::Head(error) => error,
            Self::Refused(refusal) => refusal,
            Self::Response { error, .. } => error,
            Self::Setup(error) => error,
        })
    }
}
