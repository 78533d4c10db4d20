//! What came in: the heads of requests and responses, already taken apart.

use super::list::{elements, trim};

/// A request's head, as far as the handshake needs it.
///
/// ```
/// use wscodec::handshake::Request;
///
/// let request = Request::new("GET", "/chat?room=1", [("Host", "example.com"), ("Cookie", "a=1"), ("cookie", "b=2")]);
/// assert_eq!(request.path(), "/chat");
/// assert_eq!(request.values("Cookie").collect::<Vec<_>>(), [b"a=1", b"b=2"]);
/// ```
#[derive(Clone, Debug)]
pub struct Request<'h> {
    method: &'h str,
    target: &'h str,
    is_http_1_0: bool,
    headers: Lines<'h>,
}

/// A response's head, as far as the handshake needs it.
///
/// ```
/// use wscodec::handshake::Response;
///
/// let response = Response::new(302, [("Location", "wss://example.org/")]);
/// assert_eq!(response.status(), 302);
/// assert_eq!(response.values("location").next(), Some(&b"wss://example.org/"[..]));
/// ```
#[derive(Clone, Debug)]
pub struct Response<'h> {
    status: u16,
    headers: Lines<'h>,
}

impl<'h> Request<'h> {
    /// A request of HTTP/1.1, with its method, its target as it stands in the first line, and its header lines in their
    /// order, repeated ones too. An iterator over the `http` crate's `HeaderMap` has the right items.
    pub fn new<N, V>(
        method: &'h str,
        target: &'h str,
        headers: impl IntoIterator<Item = (&'h N, &'h V)>,
    ) -> Self
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        Self { method, target, is_http_1_0: false, headers: Lines::new(headers) }
    }

    /// The same as a request of HTTP/1.0, which can't be upgraded (RFC 9110 section 7.8).
    ///
    /// ```
    /// use wscodec::handshake::{Request, ServerHandshake};
    ///
    /// let request = Request::new("GET", "/", [("Upgrade", "websocket"), ("Connection", "upgrade")]).at_http_1_0();
    /// assert_eq!(ServerHandshake::new().accept(&request).unwrap_err().status(), 426);
    /// ```
    #[must_use]
    pub fn at_http_1_0(self) -> Self {
        Self { is_http_1_0: true, ..self }
    }

    /// The method; methods are case-sensitive.
    #[must_use]
    pub fn method(&self) -> &'h str {
        self.method
    }

    /// The target as it stands in the first line.
    #[must_use]
    pub fn target(&self) -> &'h str {
        self.target
    }

    /// The path in the target, which may be a whole URI (RFC 6455 section 4.2.1), without the query.
    #[must_use]
    pub fn path(&self) -> &'h str {
        let origin_form = match self.target.split_once("://") {
            Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                rest.find(['/', '?', '#']).map_or("", |at| &rest[at..])
            }
            _ => self.target,
        };
        match origin_form.split(['?', '#']).next() {
            None | Some("") => "/",
            Some(path) => path,
        }
    }

    /// The values of the header's lines, in order, without blanks around them. `name` may be in any case.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'h [u8]> {
        self.headers.values(name)
    }

    /// The value of a header that has to stand there once; `None` if it does not.
    pub(super) fn only_value(&self, name: &str) -> Option<&'h [u8]> {
        self.headers.only_value(name)
    }

    /// Whether the header's lines list it, in any case.
    pub(super) fn lists(&self, name: &str, element: &str) -> bool {
        self.headers.lists(name, element)
    }

    pub(super) fn is_http_1_0(&self) -> bool {
        self.is_http_1_0
    }
}

impl<'h> Response<'h> {
    /// A response with its status and its header lines in their order, repeated ones too. An iterator over the `http` crate's
    /// `HeaderMap` has the right items.
    pub fn new<N, V>(status: u16, headers: impl IntoIterator<Item = (&'h N, &'h V)>) -> Self
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        Self { status, headers: Lines::new(headers) }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The values of the header's lines, in order, without blanks around them. `name` may be in any case.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'h [u8]> {
        self.headers.values(name)
    }

    /// The value of a header that has to stand there once; `None` if it does not.
    pub(super) fn only_value(&self, name: &str) -> Option<&'h [u8]> {
        self.headers.only_value(name)
    }

    /// Whether the header's lines list it, in any case.
    pub(super) fn lists(&self, name: &str, element: &str) -> bool {
        self.headers.lists(name, element)
    }

    /// Whether the header's lines list it, in any case, and nothing else.
    pub(super) fn lists_only(&self, name: &str, element: &str) -> bool {
        self.lists(name, element)
            && elements(self.values(name)).all(|it| it.eq_ignore_ascii_case(element.as_bytes()))
    }
}

#[derive(Clone, Debug)]
struct Lines<'h>(Vec<(&'h str, &'h [u8])>);

impl<'h> Lines<'h> {
    fn new<N, V>(headers: impl IntoIterator<Item = (&'h N, &'h V)>) -> Self
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        Self(headers.into_iter().map(|(name, value)| (name.as_ref(), trim(value.as_ref()))).collect())
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'h [u8]> {
        self.0.iter().filter(move |line| line.0.eq_ignore_ascii_case(name)).map(|line| line.1)
    }

    fn only_value(&self, name: &str) -> Option<&'h [u8]> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }

    fn lists(&self, name: &str, element: &str) -> bool {
        elements(self.values(name)).any(|it| it.eq_ignore_ascii_case(element.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (target, path) in [
            ("/", "/"),
            ("/chat", "/chat"),
            ("/chat?to=http://a/b", "/chat"),
            ("/chat#a", "/chat"),
            ("?a", "/"),
            ("", "/"),
            ("*", "*"),
            ("http://example.com/chat?a", "/chat"),
            ("WSS://example.com", "/"),
            ("http://example.com?a/b", "/"),
        ] {
            assert_eq!(Request::new("GET", target, [("", ""); 0]).path(), path, "{target}");
        }
    }
}
