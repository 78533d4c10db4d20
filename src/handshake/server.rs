//! The server's half (RFC 6455 section 4.2).

#[cfg(any(feature = "blocking", feature = "tokio"))]
use std::borrow::Cow;

use wscodec_compressors::Backend;
use wscodec_compressors::negotiation::{Agreement, ServerPolicy, parse_extensions};

use super::headers::Headers;
use super::key::is_key;
use super::list::{distinct_tokens, is_token};
use super::{
    ACCEPT, CONNECTION, ConfigError, EXTENSIONS, HOST, KEY, PROTOCOL, Refusal, RefusalReason, Request,
    UPGRADE, VERSION, WEBSOCKET, accept_key,
};

/// What a server wants of requests, and puts into its answers.
///
/// A request is checked in this order, and refused for the first that is wrong: method (405), whether it asks for an
/// upgrade at all (426), `Upgrade`, key, version, `Host`, path, subprotocols, extensions (each 400), the application, and
/// whether the server is shutting down (503).
///
/// The application has its say between [`check`](Self::check) and [`Upgrade::accept`]:
///
/// ```
/// use wscodec::handshake::{Refusal, Request, ServerHandshake};
///
/// fn answer(handshake: &ServerHandshake, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
///     let upgrade = handshake.check(request)?;
///     if request.values("Authorization").next().is_none() {
///         return Err(Refusal::unauthorized());
///     }
///     Ok(upgrade.accept()?.to_bytes())
/// }
///
/// let headers = [
///     ("Host", "example.com"),
///     ("Upgrade", "websocket"),
///     ("Connection", "Upgrade"),
///     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
///     ("Sec-WebSocket-Version", "13"),
/// ];
/// let refused = answer(&ServerHandshake::new(), &Request::new("GET", "/", headers)).unwrap_err();
/// assert_eq!(refused.status(), 401);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ServerHandshake {
    path: Option<String>,
    /// Any, if `None`.
    subprotocols: Option<Vec<String>>,
    deflate: Option<ServerPolicy>,
    headers: Headers,
    shutting_down: bool,
}

/// A request that the server can accept, if the application wants to.
///
/// ```
/// use wscodec::handshake::{Request, ServerHandshake};
/// # let headers = [("Host", "a"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
/// #     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13")];
/// # let request = Request::new("GET", "/", headers);
///
/// let upgrade = ServerHandshake::new().check(&request)?;
/// assert_eq!((upgrade.subprotocol(), upgrade.agreement()), (None, None));
/// let accepted = upgrade.header("Set-Cookie", "seen=1")?.accept()?;
/// assert!(accepted.headers().any(|line| line == ("Set-Cookie", "seen=1")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Upgrade {
    accept_key: String,
    offered: Vec<String>,
    subprotocol: Option<String>,
    agreement: Option<Agreement>,
    headers: Headers,
    shutting_down: bool,
}

/// A connection that is open as soon as its response is sent.
///
/// ```
/// use wscodec::handshake::{Request, ServerHandshake};
///
/// let headers = [
///     ("Host", "example.com"),
///     ("Upgrade", "WebSocket"),
///     ("Connection", "keep-alive"),
///     ("Connection", "upgrade"),
///     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
///     ("Sec-WebSocket-Version", "13"),
/// ];
/// let accepted = ServerHandshake::new().accept(&Request::new("GET", "/", headers))?;
/// assert_eq!(accepted.accept_key(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// assert_eq!(accepted.headers().next(), Some(("Upgrade", "websocket")));
/// assert!(accepted.to_bytes().ends_with(b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
/// # Ok::<(), wscodec::handshake::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    accept_key: String,
    subprotocol: Option<String>,
    agreement: Option<Agreement>,
    headers: Headers,
}

impl ServerHandshake {
    /// Takes any path, the first subprotocol that is offered, and no compression.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes this path only, compared byte by byte, whatever the query.
    ///
    /// ```
    /// use wscodec::handshake::{Request, ServerHandshake};
    /// # let headers = [("Host", "a"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
    /// #     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13")];
    ///
    /// let handshake = ServerHandshake::new().path("/chat");
    /// assert!(handshake.accept(&Request::new("GET", "/chat?room=1", headers)).is_ok());
    /// assert_eq!(handshake.accept(&Request::new("GET", "/other", headers)).unwrap_err().status(), 400);
    /// ```
    #[must_use]
    pub fn path(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// Takes the first subprotocol that is offered and among these, and none if there is no such one. Subprotocols are
    /// compared with regard to case.
    ///
    /// ```
    /// use wscodec::handshake::{ConfigError, ServerHandshake};
    ///
    /// let handshake = ServerHandshake::new().subprotocols(["chat", "superchat"])?;
    /// let no_subprotocol_at_all = handshake.subprotocols([])?;
    /// assert_eq!(no_subprotocol_at_all.subprotocols(["a b"]).unwrap_err(), ConfigError::InvalidSubprotocol);
    /// # Ok::<(), ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::InvalidSubprotocol`].
    pub fn subprotocols<'s>(self, accepted: impl IntoIterator<Item = &'s str>) -> Result<Self, ConfigError> {
        let accepted: Vec<String> = accepted.into_iter().map(str::to_owned).collect();
        if !accepted.iter().all(|name| is_token(name)) {
            return Err(ConfigError::InvalidSubprotocol);
        }
        Ok(Self { subprotocols: Some(accepted), ..self })
    }

    /// Agrees on permessage-deflate by what this backend can do; `None` changes nothing. The settings of `blocking` and
    /// `tokio` with a backend do so by themselves.
    ///
    /// ```
    /// # #[cfg(feature = "zlib-rs")] {
    /// use wscodec::compressors::Backend;
    /// use wscodec::handshake::{Request, ServerHandshake};
    /// # let headers = [("Host", "a"), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
    /// #     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Extensions", "permessage-deflate")];
    /// # let request = Request::new("GET", "/", headers);
    ///
    /// let accepted = ServerHandshake::new().deflate_with(Backend::ZlibRs).accept(&request)?;
    /// assert!(accepted.agreement().is_some()); // for Connection::with_compression, with the same backend
    /// # }
    /// # Ok::<(), wscodec::handshake::Refusal>(())
    /// ```
    #[must_use]
    pub fn deflate_with(self, backend: impl Into<Option<Backend>>) -> Self {
        match backend.into() {
            None => self,
            Some(backend) => {
                self.deflate(ServerPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities()))
            }
        }
    }

    /// Agrees on permessage-deflate by this policy (RFC 7692 section 5). An offer that it declines, also for a parameter that
    /// is wrong, is no reason to refuse the request.
    ///
    /// ```
    /// # #[cfg(feature = "zlib-rs")] {
    /// use wscodec::compressors::Backend;
    /// use wscodec::compressors::negotiation::ServerPolicy;
    /// use wscodec::handshake::ServerHandshake;
    ///
    /// let backend = Backend::ZlibRs;
    /// let can = ServerPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities());
    /// let handshake = ServerHandshake::new().deflate(ServerPolicy { server_no_context_takeover: true, ..can });
    /// # }
    /// ```
    #[must_use]
    pub fn deflate(self, policy: ServerPolicy) -> Self {
        Self { deflate: Some(policy), ..self }
    }

    /// The same, by what `backend` can do if it has no policy of its own.
    #[cfg(any(feature = "blocking", feature = "tokio"))]
    pub(crate) fn or_deflate_with(&self, backend: Option<Backend>) -> Cow<'_, Self> {
        match backend {
            Some(backend) if self.deflate.is_none() => Cow::Owned(self.clone().deflate_with(backend)),
            _ => Cow::Borrowed(self),
        }
    }

    /// Adds a header line to the response of every accepted request.
    ///
    /// # Errors
    /// [`ConfigError`] for what can't stand in a header, or is set by the handshake.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, ConfigError> {
        self.headers.push_checked(name, value)?;
        Ok(self)
    }

    /// Refuses with status 503 whatever would be accepted otherwise.
    ///
    /// ```
    /// use wscodec::handshake::{Request, ServerHandshake};
    /// # let headers = [("Host", "a"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
    /// #     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13")];
    ///
    /// let handshake = ServerHandshake::new().shutting_down(true);
    /// assert_eq!(handshake.accept(&Request::new("GET", "/", headers)).unwrap_err().status(), 503);
    /// ```
    #[must_use]
    pub fn shutting_down(self, shutting_down: bool) -> Self {
        Self { shutting_down, ..self }
    }

    /// Checks a request and accepts it.
    ///
    /// # Errors
    /// The [`Refusal`] to be sent instead.
    pub fn accept(&self, request: &Request<'_>) -> Result<Accepted, Refusal> {
        self.check(request)?.accept()
    }

    /// Checks a request, all but what the application has to say to it.
    ///
    /// # Errors
    /// The [`Refusal`] to be sent instead.
    pub fn check(&self, request: &Request<'_>) -> Result<Upgrade, Refusal> {
        self.checked(request).map_err(|reason| Refusal::because(reason).answering(request.method()))
    }

    fn checked(&self, request: &Request<'_>) -> Result<Upgrade, RefusalReason> {
        if request.method() != "GET" {
            return Err(RefusalReason::Method);
        }
        check_upgrade(request)?;
        let key = request.only_value(KEY).filter(|key| is_key(key)).ok_or(RefusalReason::Key)?;
        if !matches!(request.only_value(VERSION), Some(b"13" | b"8")) {
            return Err(RefusalReason::Version);
        }
        if request.only_value(HOST).is_none() {
            return Err(RefusalReason::Host);
        }
        if self.path.as_ref().is_some_and(|path| path != request.path()) {
            return Err(RefusalReason::Path);
        }
        let offered = distinct_tokens(request.values(PROTOCOL)).ok_or(RefusalReason::Subprotocols)?;
        let agreement = self.agreement(request)?;
        Ok(Upgrade {
            accept_key: accept_key(key),
            subprotocol: offered.iter().find(|name| self.takes(name)).map(|&name| name.to_owned()),
            offered: offered.into_iter().map(str::to_owned).collect(),
            agreement,
            headers: self.headers.clone(),
            shutting_down: self.shutting_down,
        })
    }

    fn takes(&self, subprotocol: &str) -> bool {
        self.subprotocols.as_ref().is_none_or(|accepted| accepted.iter().any(|name| name == subprotocol))
    }

    fn agreement(&self, request: &Request<'_>) -> Result<Option<Agreement>, RefusalReason> {
        let offers = request.values(EXTENSIONS);
        let answer = match &self.deflate {
            Some(policy) => policy.answer(offers),
            None => parse_extensions(offers).map(|_| None),
        };
        answer.map_err(RefusalReason::Extensions)
    }
}

/// RFC 6455 section 4.2.1; a request whose `Upgrade` is to be passed over (RFC 9110 section 7.8) is a plain one.
fn check_upgrade(request: &Request<'_>) -> Result<(), RefusalReason> {
    let asks = request.values(UPGRADE).next().is_some() && request.lists(CONNECTION, UPGRADE);
    if !asks || request.is_http_1_0() {
        return Err(RefusalReason::NotAnUpgrade);
    }
    if request.lists(UPGRADE, WEBSOCKET) { Ok(()) } else { Err(RefusalReason::Upgrade) }
}

impl Upgrade {
    /// The subprotocols that the client offers, the preferred one first, each once.
    pub fn offered_subprotocols(&self) -> impl Iterator<Item = &str> {
        self.offered.iter().map(String::as_str)
    }

    /// The one that is going to be chosen.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// What is going to be agreed on.
    #[must_use]
    pub fn agreement(&self) -> Option<Agreement> {
        self.agreement
    }

    /// Chooses another of the offered subprotocols, or none.
    ///
    /// ```
    /// use wscodec::handshake::{ConfigError, Request, ServerHandshake};
    /// # let headers = [("Host", "a"), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
    /// #     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Protocol", "v1, v2")];
    /// # let request = Request::new("GET", "/", headers);
    ///
    /// let upgrade = ServerHandshake::new().check(&request)?; // offers v1 and v2
    /// let newest = upgrade.offered_subprotocols().max().map(str::to_owned);
    /// let accepted = upgrade.clone().choose_subprotocol(newest.as_deref())?.accept()?;
    /// assert_eq!(accepted.subprotocol(), Some("v2"));
    /// assert_eq!(upgrade.choose_subprotocol(Some("v3")).unwrap_err(), ConfigError::SubprotocolNotOffered);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::SubprotocolNotOffered`].
    pub fn choose_subprotocol(self, chosen: Option<&str>) -> Result<Self, ConfigError> {
        if chosen.is_some_and(|chosen| !self.offered.iter().any(|offered| offered == chosen)) {
            return Err(ConfigError::SubprotocolNotOffered);
        }
        Ok(Self { subprotocol: chosen.map(str::to_owned), ..self })
    }

    /// Adds a header line to this response.
    ///
    /// # Errors
    /// [`ConfigError`] for what can't stand in a header, or is set by the handshake.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, ConfigError> {
        self.headers.push_checked(name, value)?;
        Ok(self)
    }

    /// Accepts the request.
    ///
    /// # Errors
    /// The [`Refusal`] to be sent instead, of a server that is shutting down.
    pub fn accept(self) -> Result<Accepted, Refusal> {
        if self.shutting_down {
            return Err(Refusal::because(RefusalReason::ShuttingDown));
        }
        let mut headers = Headers::default();
        headers.push(UPGRADE, WEBSOCKET);
        headers.push(CONNECTION, UPGRADE);
        headers.push(ACCEPT, self.accept_key.clone());
        if let Some(subprotocol) = &self.subprotocol {
            headers.push(PROTOCOL, subprotocol.clone());
        }
        if let Some(agreement) = self.agreement {
            headers.push(EXTENSIONS, agreement.to_string());
        }
        headers.append(self.headers);
        let Self { accept_key, subprotocol, agreement, .. } = self;
        Ok(Accepted { accept_key, subprotocol, agreement, headers })
    }
}

impl Accepted {
    /// The value of `Sec-WebSocket-Accept`.
    #[must_use]
    pub fn accept_key(&self) -> &str {
        &self.accept_key
    }

    /// The subprotocol that is spoken.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// What both ends agreed on; `None` if messages are not compressed.
    #[must_use]
    pub fn agreement(&self) -> Option<Agreement> {
        self.agreement
    }

    /// The header lines of the response, in order, for a stack that writes them itself with status 101.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter()
    }

    /// The response as it is to be sent. Frames may follow at once.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.headers.to_bytes("HTTP/1.1 101 Switching Protocols")
    }
}
