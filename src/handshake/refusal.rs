//! Answers that refuse a request.

use core::fmt;

use wscodec_compressors::negotiation::MalformedHeader;

use super::headers::Headers;
use super::{CONNECTION, ConfigError, UPGRADE, VERSION, WEBSOCKET};

/// An answer that refuses a request: status, headers and a line of text, after which the connection ends.
///
/// ```
/// use wscodec::handshake::{RefusalReason, Request, ServerHandshake};
///
/// let refusal = ServerHandshake::new().accept(&Request::new("POST", "/", [("Host", "a")])).unwrap_err();
/// assert_eq!((refusal.status(), refusal.reason()), (405, RefusalReason::Method));
/// assert!(refusal.to_bytes().starts_with(b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    reason: RefusalReason,
    headers: Headers,
    /// None may follow an answer to HEAD (RFC 9110 section 9.3.2).
    has_body: bool,
}

/// Why a request was refused, in the order in which it is looked at.
///
/// ```
/// use wscodec::handshake::RefusalReason;
///
/// assert_eq!(RefusalReason::Upgrade.to_string(), "Upgrade is not websocket");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalReason {
    /// What was received is not the head of a request: 400.
    MalformedHead,
    /// More bytes or header lines than allowed: 431.
    HeadTooLarge,
    /// A method other than GET: 405.
    Method,
    /// A request that does not ask for an upgrade: no `Upgrade`, no `upgrade` in `Connection`, or HTTP/1.0; 426.
    NotAnUpgrade,
    /// `Upgrade` to something other than `websocket`: 400.
    Upgrade,
    /// `Sec-WebSocket-Key` is missing, repeated, or not 22 characters of base64 and `==`: 400.
    Key,
    /// `Sec-WebSocket-Version` is missing, repeated, or neither 13 nor 8: 400, with the versions that are known.
    Version,
    /// `Host` is missing or repeated (RFC 6455 section 4.2.1): 400.
    Host,
    /// A path other than the server's: 400.
    Path,
    /// `Sec-WebSocket-Protocol` is no list of tokens, or has one twice: 400.
    Subprotocols,
    /// `Sec-WebSocket-Extensions` does not follow its grammar: 400.
    Extensions(MalformedHeader),
    /// The application's own, with its status.
    Application(u16),
    /// The server is shutting down: 503.
    ShuttingDown,
}

impl Refusal {
    /// The application's own, with a status of 300 to 599. Without a better idea, see [`unauthorized`](Self::unauthorized).
    ///
    /// ```
    /// use wscodec::handshake::Refusal;
    ///
    /// let redirect = Refusal::new(307)?.header("Location", "wss://example.org/")?;
    /// assert!(redirect.to_bytes().starts_with(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: wss://example.org/\r\n"));
    /// # Ok::<(), wscodec::handshake::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::InvalidStatus`].
    pub fn new(status: u16) -> Result<Self, ConfigError> {
        if !(300..=599).contains(&status) {
            return Err(ConfigError::InvalidStatus);
        }
        Ok(Self::because(RefusalReason::Application(status)))
    }

    /// The application's own, with status 401.
    ///
    /// ```
    /// assert_eq!(wscodec::handshake::Refusal::unauthorized().status(), 401);
    /// ```
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::because(RefusalReason::Application(401))
    }

    /// Adds a header line.
    ///
    /// # Errors
    /// [`ConfigError`] for what can't stand in a header, or is set already.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, ConfigError> {
        self.headers.push_checked(name, value)?;
        Ok(self)
    }

    /// The status: 400, 405, 426, 431, 503, or the application's.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.reason {
            RefusalReason::Method => 405,
            RefusalReason::NotAnUpgrade => 426,
            RefusalReason::HeadTooLarge => 431,
            RefusalReason::ShuttingDown => 503,
            RefusalReason::Application(status) => status,
            _ => 400,
        }
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> RefusalReason {
        self.reason
    }

    /// The header lines that say more than how long the answer is: `Allow`, `Sec-WebSocket-Version`, `Upgrade`, the
    /// application's own.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter()
    }

    /// The text that follows the head: the reason in a line, or nothing in answer to HEAD.
    #[must_use]
    pub fn body(&self) -> String {
        if self.has_body { format!("{}\n", self.reason) } else { String::new() }
    }

    /// The whole answer as it is to be sent, after which the connection is to be closed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = self.body();
        let mut headers = self.headers.clone();
        headers.push(CONNECTION, if self.status() == 426 { "Upgrade, close" } else { "close" });
        headers.push("Content-Type", "text/plain; charset=utf-8");
        headers.push("Content-Length", body.len().to_string());
        let status = self.status();
        let mut answer = headers.to_bytes(&format!("HTTP/1.1 {status} {}", phrase(status)));
        answer.extend_from_slice(body.as_bytes());
        answer
    }

    pub(super) fn because(reason: RefusalReason) -> Self {
        let mut headers = Headers::default();
        match reason {
            RefusalReason::Method => headers.push("Allow", "GET"),
            RefusalReason::NotAnUpgrade => headers.push(UPGRADE, WEBSOCKET),
            RefusalReason::Version => headers.push(VERSION, "13, 8"),
            _ => {}
        }
        Self { reason, headers, has_body: true }
    }

    /// The same in answer to a request of this method.
    pub(super) fn answering(self, method: &str) -> Self {
        Self { has_body: method != "HEAD", ..self }
    }
}

/// RFC 9110 section 15; a status that nobody knows needs no phrase.
fn phrase(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MalformedHead => "not the head of a request",
            Self::HeadTooLarge => "the request's head is too large",
            Self::Method => "a websocket is opened with GET",
            Self::NotAnUpgrade => "this is a websocket, and the request does not ask for one",
            Self::Upgrade => "Upgrade is not websocket",
            Self::Key => "Sec-WebSocket-Key is not one key of 16 bytes in base64",
            Self::Version => "Sec-WebSocket-Version is not one of 13 and 8",
            Self::Host => "Host is missing or repeated",
            Self::Path => "there is no websocket at this path",
            Self::Subprotocols => "malformed Sec-WebSocket-Protocol",
            Self::Extensions(error) => return error.fmt(f),
            Self::Application(status) => return write!(f, "refused with status {status}"),
            Self::ShuttingDown => "the server is shutting down",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status(), self.reason)
    }
}

impl core::error::Error for Refusal {}
