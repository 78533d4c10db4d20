//! The `http` crate's types in place of header pairs.

use http::{Request as HttpRequest, Response as HttpResponse, StatusCode, Version};

use super::{Accepted, ClientRequest, Refusal, RefusalReason, Request, Response, ServerHandshake};

impl ServerHandshake {
    /// [`accept`](Self::accept) on the `http` crate's types, for a stack that writes the response itself.
    ///
    /// ```
    /// use wscodec::handshake::ServerHandshake;
    ///
    /// let request = http::Request::get("/chat")
    ///     .header("host", "example.com")
    ///     .header("upgrade", "websocket")
    ///     .header("connection", "upgrade")
    ///     .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    ///     .header("sec-websocket-version", "13")
    ///     .body(())?;
    /// let (accepted, response) = ServerHandshake::new().accept_http(&request)?;
    /// assert_eq!(response.status(), http::StatusCode::SWITCHING_PROTOCOLS);
    /// assert_eq!(response.headers()["sec-websocket-accept"], accepted.accept_key());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The [`Refusal`] to be sent instead, which turns into a response as well; status 500 for headers of the application's
    /// that the crate can't hold.
    pub fn accept_http<B>(&self, request: &HttpRequest<B>) -> Result<(Accepted, HttpResponse<()>), Refusal> {
        let accepted = self.accept(&request.into())?;
        let response = HttpResponse::try_from(&accepted)
            .map_err(|_| Refusal::because(RefusalReason::Application(500)))?;
        Ok((accepted, response))
    }
}

impl<'h, B> From<&'h HttpRequest<B>> for Request<'h> {
    /// ```
    /// use wscodec::handshake::Request;
    ///
    /// let request = http::Request::get("/chat?room=1").header("host", "example.com").body(())?;
    /// assert_eq!(Request::from(&request).path(), "/chat");
    /// # Ok::<(), http::Error>(())
    /// ```
    fn from(request: &'h HttpRequest<B>) -> Self {
        // Of a whole URI the path is left, which is what is looked at.
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        let is_http_1_0 = matches!(request.version(), Version::HTTP_09 | Version::HTTP_10);
        let request = Self::new(request.method().as_str(), target, request.headers());
        if is_http_1_0 { request.at_http_1_0() } else { request }
    }
}

impl<'h, B> From<&'h HttpResponse<B>> for Response<'h> {
    /// ```
    /// use wscodec::handshake::Response;
    ///
    /// assert_eq!(Response::from(&http::Response::new(())).status(), 200);
    /// ```
    fn from(response: &'h HttpResponse<B>) -> Self {
        Self::new(response.status().as_u16(), response.headers())
    }
}

impl TryFrom<&Accepted> for HttpResponse<()> {
    type Error = http::Error;

    /// Fails on no more than the crate's own limits: on the length of a header's name, and on how many headers there are.
    fn try_from(accepted: &Accepted) -> Result<Self, http::Error> {
        let response = Self::builder().status(StatusCode::SWITCHING_PROTOCOLS);
        accepted.headers().fold(response, |response, (name, value)| response.header(name, value)).body(())
    }
}

impl TryFrom<&ClientRequest> for HttpRequest<()> {
    type Error = http::Error;

    /// Fails on no more than the crate's own limits: on the lengths of the target and of a header's name, on how many headers
    /// there are, and on what it takes for a URI.
    ///
    /// ```
    /// use wscodec::handshake::ClientHandshake;
    ///
    /// let request = ClientHandshake::new("example.com", "/chat")?.request()?;
    /// assert_eq!(http::Request::try_from(&request)?.headers()["host"], "example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn try_from(request: &ClientRequest) -> Result<Self, http::Error> {
        let http = Self::builder().method(request.method()).uri(request.target());
        request.headers().fold(http, |http, (name, value)| http.header(name, value)).body(())
    }
}

impl From<Refusal> for HttpResponse<String> {
    /// ```
    /// use wscodec::handshake::Refusal;
    ///
    /// assert_eq!(http::Response::from(Refusal::unauthorized()).status(), http::StatusCode::UNAUTHORIZED);
    /// ```
    fn from(refusal: Refusal) -> Self {
        let mut response = HttpResponse::builder().status(refusal.status());
        if refusal.status() == 426 {
            response = response.header(http::header::CONNECTION, "upgrade");
        }
        let response =
            refusal.headers().fold(response, |response, (name, value)| response.header(name, value));
        response.body(refusal.body()).unwrap_or_else(|_| internal_error())
    }
}

/// For headers of the application's that the crate can't hold.
fn internal_error() -> HttpResponse<String> {
    let mut response = HttpResponse::new(String::new());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
