//! The client's half (RFC 6455 section 4.1).

#[cfg(any(feature = "blocking", feature = "tokio"))]
use std::borrow::Cow;

use wscodec_compressors::Backend;
use wscodec_compressors::negotiation::{Agreement, AnswerError, ClientPolicy, parse_extensions};

use super::headers::Headers;
use super::key::key_of;
use super::list::is_token;
use super::{
    ACCEPT, CONNECTION, ConfigError, EXTENSIONS, HOST, KEY, PROTOCOL, Response, ResponseError, UPGRADE,
    VERSION, WEBSOCKET, accept_key,
};
use crate::BackendError;

/// What a client asks for, as often as it connects.
///
/// ```
/// use wscodec::handshake::ClientHandshake;
///
/// let handshake = ClientHandshake::new("server.example.com", "/chat")?
///     .header("Origin", "http://example.com")?
///     .subprotocols(["chat", "superchat"])?;
/// let request = handshake.request_with_nonce(*b"the sample nonce");
/// assert_eq!(
///     String::from_utf8(request.to_bytes())?,
///     "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
///      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
///      Sec-WebSocket-Protocol: chat, superchat\r\nOrigin: http://example.com\r\n\r\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientHandshake {
    host: String,
    target: String,
    wanted: Wanted,
    headers: Headers,
}

/// A request to be sent, and what its response must be.
///
/// ```
/// use wscodec::handshake::{ClientHandshake, Response, accept_key};
///
/// let request = ClientHandshake::new("example.com", "/chat")?.request()?;
/// let key = request.headers().find(|line| line.0 == "Sec-WebSocket-Key").expect("every request has one").1;
/// let accept = accept_key(key.as_bytes());
/// let response = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", &accept)];
/// assert!(request.check(&Response::new(101, response)).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientRequest {
    target: String,
    headers: Headers,
    accept_key: String,
    wanted: Wanted,
}

/// A connection that is open: what [`ClientRequest::check`] found in the response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// The subprotocol that is spoken.
    pub subprotocol: Option<String>,
    /// What both ends agreed on; `None` if messages are not compressed.
    pub agreement: Option<Agreement>,
}

#[derive(Clone, Debug, Default)]
struct Wanted {
    subprotocols: Vec<String>,
    subprotocol_is_required: bool,
    deflate: Option<ClientPolicy>,
}

impl ClientHandshake {
    /// Asks for no subprotocol and no compression. `host` is the authority of the URI, with a port unless it is the
    /// scheme's own; `target` its path and query (RFC 6455 section 3).
    ///
    /// ```
    /// use wscodec::handshake::{ClientHandshake, ConfigError};
    ///
    /// assert!(ClientHandshake::new("[::1]:8080", "/chat?room=1").is_ok());
    /// assert_eq!(ClientHandshake::new("example.com\r\n", "/").unwrap_err(), ConfigError::InvalidHost);
    /// assert_eq!(ClientHandshake::new("example.com", "/ HTTP/1.1").unwrap_err(), ConfigError::InvalidTarget);
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::InvalidHost`] and [`ConfigError::InvalidTarget`].
    pub fn new(host: &str, target: &str) -> Result<Self, ConfigError> {
        let is_visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if host.is_empty() || !is_visible(host) {
            return Err(ConfigError::InvalidHost);
        }
        if !target.starts_with('/') || target.contains('#') || !is_visible(target) {
            return Err(ConfigError::InvalidTarget);
        }
        Ok(Self {
            host: host.to_owned(),
            target: target.to_owned(),
            wanted: Wanted::default(),
            headers: Headers::default(),
        })
    }

    /// Asks for one of these subprotocols, the preferred one first.
    ///
    /// # Errors
    /// [`ConfigError::InvalidSubprotocol`] and [`ConfigError::RepeatedSubprotocol`].
    pub fn subprotocols<'s>(
        mut self,
        requested: impl IntoIterator<Item = &'s str>,
    ) -> Result<Self, ConfigError> {
        let mut names: Vec<String> = Vec::new();
        for name in requested {
            if !is_token(name) {
                return Err(ConfigError::InvalidSubprotocol);
            }
            if names.iter().any(|earlier| earlier == name) {
                return Err(ConfigError::RepeatedSubprotocol);
            }
            names.push(name.to_owned());
        }
        self.wanted.subprotocols = names;
        Ok(self)
    }

    /// Fails if the server chooses none of the subprotocols, as browsers do. The default is false.
    ///
    /// ```
    /// use wscodec::handshake::{ClientHandshake, ResponseError};
    /// # use wscodec::handshake::{Request, Response, ServerHandshake};
    ///
    /// let handshake = ClientHandshake::new("example.com", "/")?.subprotocols(["v2"])?.require_subprotocol(true);
    /// let request = handshake.request()?;
    /// // The server speaks v1 alone.
    /// # let server = ServerHandshake::new().subprotocols(["v1"])?;
    /// # let accepted = server.accept(&Request::new(request.method(), request.target(), request.headers()))?;
    /// # let response = Response::new(101, accepted.headers());
    /// assert_eq!(request.check(&response), Err(ResponseError::SubprotocolMissing));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn require_subprotocol(mut self, required: bool) -> Self {
        self.wanted.subprotocol_is_required = required;
        self
    }

    /// Offers permessage-deflate by what this backend can do; `None` changes nothing. The settings of `blocking` and
    /// `tokio` with a backend do so by themselves.
    ///
    /// ```
    /// # #[cfg(feature = "zlib-rs")] {
    /// use wscodec::compressors::Backend;
    /// use wscodec::handshake::ClientHandshake;
    ///
    /// let request = ClientHandshake::new("example.com", "/")?.deflate_with(Backend::ZlibRs).request()?;
    /// assert!(request.headers().any(|(name, _)| name == "Sec-WebSocket-Extensions"));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn deflate_with(self, backend: impl Into<Option<Backend>>) -> Self {
        match backend.into() {
            None => self,
            Some(backend) => {
                self.deflate(ClientPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities()))
            }
        }
    }

    /// The same, by what `backend` can do if it has no policy of its own.
    #[cfg(any(feature = "blocking", feature = "tokio"))]
    pub(crate) fn or_deflate_with(&self, backend: Option<Backend>) -> Cow<'_, Self> {
        match backend {
            Some(backend) if self.wanted.deflate.is_none() => Cow::Owned(self.clone().deflate_with(backend)),
            _ => Cow::Borrowed(self),
        }
    }

    /// Offers permessage-deflate by this policy (RFC 7692 section 5).
    #[must_use]
    pub fn deflate(mut self, policy: ClientPolicy) -> Self {
        self.wanted.deflate = Some(policy);
        self
    }

    /// Adds a header line to the request: `Origin`, `Authorization`, `Cookie`.
    ///
    /// # Errors
    /// [`ConfigError`] for what can't stand in a header, or is set by the handshake.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, ConfigError> {
        self.headers.push_checked(name, value)?;
        Ok(self)
    }

    /// A request with a key from the system's randomness.
    ///
    /// # Errors
    /// [`BackendError::Randomness`].
    pub fn request(&self) -> Result<ClientRequest, BackendError> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| BackendError::Randomness)?;
        Ok(self.request_with_nonce(nonce))
    }

    /// A request with this nonce, which must be random and used once (section 4.1), but for tests.
    #[must_use]
    pub fn request_with_nonce(&self, nonce: [u8; 16]) -> ClientRequest {
        let key = key_of(nonce);
        let accept_key = accept_key(key.as_bytes());
        let mut headers = Headers::default();
        headers.push(HOST, self.host.clone());
        headers.push(UPGRADE, WEBSOCKET);
        headers.push(CONNECTION, UPGRADE);
        headers.push(KEY, key);
        headers.push(VERSION, "13");
        if !self.wanted.subprotocols.is_empty() {
            headers.push(PROTOCOL, self.wanted.subprotocols.join(", "));
        }
        if let Some(policy) = &self.wanted.deflate {
            headers.push(EXTENSIONS, policy.header());
        }
        headers.append(self.headers.clone());
        ClientRequest { target: self.target.clone(), headers, accept_key, wanted: self.wanted.clone() }
    }
}

impl ClientRequest {
    /// The method, which is GET.
    #[must_use]
    pub fn method(&self) -> &'static str {
        "GET"
    }

    /// The target, for the request's first line.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The header lines, in order, for a stack that writes them itself.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter()
    }

    /// The request as it is to be sent. No frame may follow before the response is checked.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.headers.to_bytes(&format!("{} {} HTTP/1.1", self.method(), self.target))
    }

    /// Checks the response: status, `Upgrade`, `Connection`, `Sec-WebSocket-Accept`, subprotocol, extensions, in this order.
    ///
    /// # Errors
    /// [`ResponseError`]: the first that is wrong. The client closes the transport and sends nothing more.
    pub fn check(&self, response: &Response<'_>) -> Result<Opened, ResponseError> {
        if response.status() != 101 {
            return Err(ResponseError::Status(response.status()));
        }
        if !response.lists_only(UPGRADE, WEBSOCKET) {
            return Err(ResponseError::Upgrade);
        }
        if !response.lists(CONNECTION, UPGRADE) {
            return Err(ResponseError::Connection);
        }
        if response.only_value(ACCEPT) != Some(self.accept_key.as_bytes()) {
            return Err(ResponseError::Accept);
        }
        Ok(Opened {
            subprotocol: self.wanted.subprotocol(response)?,
            agreement: self.wanted.agreement(response).map_err(ResponseError::Extension)?,
        })
    }
}

impl Wanted {
    fn subprotocol(&self, response: &Response<'_>) -> Result<Option<String>, ResponseError> {
        let mut lines = response.values(PROTOCOL);
        match (lines.next(), lines.next()) {
            (None, _) if self.subprotocol_is_required => Err(ResponseError::SubprotocolMissing),
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(ResponseError::SubprotocolRepeated),
            (Some(chosen), None) => {
                let requested = self.subprotocols.iter().find(|name| name.as_bytes() == chosen);
                requested.cloned().map(Some).ok_or(ResponseError::SubprotocolNotRequested)
            }
        }
    }

    fn agreement(&self, response: &Response<'_>) -> Result<Option<Agreement>, AnswerError> {
        let answer = response.values(EXTENSIONS);
        match &self.deflate {
            Some(policy) => policy.accept(answer),
            None if parse_extensions(answer).map_err(AnswerError::Malformed)?.is_empty() => Ok(None),
            None => Err(AnswerError::NotOffered),
        }
    }
}
