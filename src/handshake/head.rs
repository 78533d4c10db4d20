//! Heads of requests and responses out of bytes.
//!
//! ```text
//! received    GET /chat HTTP/1.1 CRLF Host: a CRLF CRLF 81 85 ...
//!             |<------------- the head -------------->| first frame
//! ```
//!
//! A head ends with its first empty line. Until that has come, each byte is looked at once for it, and what there is is
//! parsed whenever it has doubled, so that what can't become a head is refused early, in linear time all the same.

use core::fmt;

use httparse::{EMPTY_HEADER, Header, Status};

use super::{Refusal, RefusalReason, Request, Response};

/// What a peer may make this end hold before the handshake: 16 KiB and 100 header lines, unless set otherwise.
///
/// ```
/// use wscodec::handshake::{HeadError, HeadLimits, HeadReader};
///
/// let mut reader = HeadReader::new(HeadLimits { bytes: 20, ..HeadLimits::default() });
/// assert_eq!(reader.request(b"GET /chat HTTP/1.1\r\nHost: a\r\n\r\n").unwrap_err(), HeadError::TooLong { limit: 20 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// The longest head in bytes, its empty line counted.
    pub bytes: usize,
    /// The most header lines.
    pub headers: usize,
}

/// Finds one head at the start of what was received, in as many pieces as it comes.
///
/// ```
/// use wscodec::handshake::{HeadLimits, HeadReader};
///
/// let mut reader = HeadReader::new(HeadLimits::default());
/// let mut received = b"GET /chat HTTP/1.1\r\nHost: exam".to_vec();
/// assert!(reader.request(&received)?.is_none()); // read more, and hand in all there is
///
/// received.extend(b"ple.com\r\n\r\n\x81\x85");
/// let (request, length) = reader.request(&received)?.expect("a whole head");
/// assert_eq!(request.target(), "/chat");
/// assert_eq!(&received[length..], b"\x81\x85"); // belongs to the first frame
/// # Ok::<(), wscodec::handshake::HeadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HeadReader {
    limits: HeadLimits,
    /// How many bytes were looked at for the empty line.
    seen: usize,
    /// How many of them are line feeds.
    lines: usize,
    /// Whether the line under way is empty as yet.
    line_is_empty: bool,
    /// Whether any line was not; empty ones before it don't count (RFC 9112 section 2.2).
    begun: bool,
    /// Where the empty line ends that was found.
    end: Option<usize>,
    /// With how many bytes it is tried next whether they can become a head.
    next_try: usize,
}

/// Why there is not going to be a head.
///
/// ```
/// use wscodec::handshake::{HeadError, HeadLimits, HeadReader};
///
/// let error = HeadReader::new(HeadLimits::default()).request(b"GET / HTTP/2.0\r\n\r\n").unwrap_err();
/// assert_eq!(error, HeadError::Malformed("version"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeadError {
    /// More bytes than [`HeadLimits::bytes`].
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// More header lines than [`HeadLimits::headers`].
    TooManyHeaders {
        /// The limit.
        limit: usize,
    },
    /// Not HTTP/1, for the reason given.
    Malformed(&'static str),
}

impl HeadReader {
    /// For one head.
    #[must_use]
    pub fn new(limits: HeadLimits) -> Self {
        Self { limits, seen: 0, lines: 0, line_is_empty: true, begun: false, end: None, next_try: 64 }
    }

    /// The request at the start of `received`, and the length of its head in bytes; `None` if more is needed. Then
    /// `received` has to be handed in again, with more behind it.
    ///
    /// # Errors
    /// [`HeadError`], also before the head is whole; [`HeadError::refusal`] is the answer to it.
    pub fn request<'h>(&mut self, received: &'h [u8]) -> Result<Option<(Request<'h>, usize)>, HeadError> {
        self.read(received, |bytes, headers| {
            let mut request = httparse::Request::new(headers);
            let Status::Complete(length) = request.parse(bytes)? else { return Ok(Status::Partial) };
            let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
            let is_http_1_0 = request.version == Some(0);
            let request = Request::new(method, target, pairs(request.headers));
            Ok(Status::Complete((if is_http_1_0 { request.at_http_1_0() } else { request }, length)))
        })
    }

    /// The response at the start of `received`, as [`request`](Self::request) reads a request.
    ///
    /// ```
    /// use wscodec::handshake::{HeadLimits, HeadReader};
    ///
    /// let received = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00";
    /// let (response, length) = HeadReader::new(HeadLimits::default()).response(received)?.expect("a whole head");
    /// assert_eq!((response.status(), &received[length..]), (101, &b"\x81\x00"[..]));
    /// # Ok::<(), wscodec::handshake::HeadError>(())
    /// ```
    ///
    /// # Errors
    /// [`HeadError`], also before the head is whole.
    pub fn response<'h>(&mut self, received: &'h [u8]) -> Result<Option<(Response<'h>, usize)>, HeadError> {
        self.read(received, |bytes, headers| {
            let mut response = httparse::Response::new(headers);
            let Status::Complete(length) = response.parse(bytes)? else { return Ok(Status::Partial) };
            let response = Response::new(response.code.unwrap_or_default(), pairs(response.headers));
            Ok(Status::Complete((response, length)))
        })
    }

    fn read<'h, T>(
        &mut self,
        received: &'h [u8],
        parse: impl FnOnce(&'h [u8], &mut [Header<'h>]) -> httparse::Result<(T, usize)>,
    ) -> Result<Option<(T, usize)>, HeadError> {
        let allowed = &received[..received.len().min(self.limits.bytes)];
        let end = self.find_end(allowed);
        let is_full = end.is_none() && allowed.len() == self.limits.bytes;
        if end.is_none() && !is_full && allowed.len() < self.next_try {
            return Ok(None);
        }
        self.next_try = allowed.len().saturating_mul(2);
        let bytes = &allowed[..end.unwrap_or(allowed.len()).min(allowed.len())];
        // One more than there are whole lines: the one under way takes a place too.
        let mut headers = vec![EMPTY_HEADER; self.limits.headers.min(self.lines + 1)];
        #[cfg(test)]
        tests::looked_at(bytes.len());
        match parse(bytes, &mut headers) {
            Ok(Status::Complete(head)) => Ok(Some(head)),
            Ok(Status::Partial) if is_full => Err(HeadError::TooLong { limit: self.limits.bytes }),
            Ok(Status::Partial) if end.is_none() => Ok(None),
            Ok(Status::Partial) => Err(HeadError::Malformed("empty line")),
            Err(httparse::Error::TooManyHeaders) => {
                Err(HeadError::TooManyHeaders { limit: self.limits.headers })
            }
            Err(error) => Err(HeadError::Malformed(name(error))),
        }
    }

    /// Where the first empty line ends.
    fn find_end(&mut self, received: &[u8]) -> Option<usize> {
        if self.end.is_some() {
            return self.end;
        }
        for &byte in received.get(self.seen..)? {
            #[cfg(test)]
            tests::looked_at(1);
            self.seen += 1;
            match byte {
                b'\n' => {
                    self.lines += 1;
                    if self.begun && self.line_is_empty {
                        self.end = Some(self.seen);
                        return self.end;
                    }
                    self.line_is_empty = true;
                }
                b'\r' => {}
                _ => (self.line_is_empty, self.begun) = (false, true),
            }
        }
        None
    }
}

fn pairs<'a, 'h>(headers: &'a [Header<'h>]) -> impl Iterator<Item = (&'h str, &'h [u8])> + use<'a, 'h> {
    headers.iter().map(|header| (header.name, header.value))
}

fn name(error: httparse::Error) -> &'static str {
    match error {
        httparse::Error::HeaderName => "header name",
        httparse::Error::HeaderValue => "header value",
        httparse::Error::NewLine => "line end",
        httparse::Error::Status => "status",
        httparse::Error::Token => "method or target",
        httparse::Error::Version => "version",
        httparse::Error::TooManyHeaders => "headers",
    }
}

impl HeadError {
    /// The answer to a request with such a head: 431 or 400.
    ///
    /// ```
    /// use wscodec::handshake::{HeadLimits, HeadReader};
    ///
    /// let error = HeadReader::new(HeadLimits::default()).request(b"\x16\x03\x01 tls\n\n").unwrap_err();
    /// assert_eq!(error.refusal().status(), 400);
    /// ```
    #[must_use]
    pub fn refusal(self) -> Refusal {
        self.into()
    }
}

impl From<HeadError> for Refusal {
    fn from(error: HeadError) -> Self {
        Self::because(match error {
            HeadError::TooLong { .. } | HeadError::TooManyHeaders { .. } => RefusalReason::HeadTooLarge,
            HeadError::Malformed(_) => RefusalReason::MalformedHead,
        })
    }
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self { bytes: 16 << 10, headers: 100 }
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "head of over {limit} bytes"),
            Self::TooManyHeaders { limit } => write!(f, "head of over {limit} header lines"),
            Self::Malformed(part) => write!(f, "not a head of HTTP/1: malformed {part}"),
        }
    }
}

impl core::error::Error for HeadError {}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static LOOKS: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
    }

    /// Counts the bytes that are looked at, the ones that are looked at again too.
    pub(super) fn looked_at(bytes: usize) {
        LOOKS.set(LOOKS.get() + bytes);
    }

    #[test]
    fn a_huge_head_is_read_in_linear_time_also_byte_by_byte() {
        let limits = HeadLimits { bytes: 1 << 16, headers: 1 << 16 };
        for repeated in ["a: b\r\n", "a: b\n", "a", "a: b\r\n: ", "\r", "\n", "\r\n", " ", "\0"] {
            for start in ["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\na: ", "GET /", "G"] {
                for piece in [1, 2, 100, 1 << 17] {
                    let head = start.to_owned() + &repeated.repeat((1 << 17) / repeated.len());
                    let mut reader = HeadReader::new(limits);
                    LOOKS.set(0);
                    let ends = (0..head.len()).step_by(piece).map(|at| head.len().min(at + piece));
                    let mut results = ends.map(|end| reader.request(&head.as_bytes()[..end]));
                    let result = results.find(|result| !matches!(result, Ok(None)));
                    assert!(LOOKS.get() <= 4 * limits.bytes, "{} looks: {start:?} {repeated:?}", LOOKS.get());
                    let is_head = start.contains("1.1") && ["\n", "\r\n"].contains(&repeated);
                    match result.expect("so much can't leave it open") {
                        Ok(_) => assert!(is_head, "{start:?} {repeated:?}"),
                        Err(error) => assert!(!is_head && [400, 431].contains(&error.refusal().status())),
                    }
                }
            }
        }
    }
}
