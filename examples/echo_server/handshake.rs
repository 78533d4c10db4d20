//! The opening handshake of a server (RFC 6455 section 4.2).

use std::fmt;
use std::io::{self, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use wscodec::compressors::negotiation::{Agreement, ServerPolicy};

use crate::common::compression::Compression;
use crate::common::head::{self, accept_of, has_token, only_value, values};

/// A connection after its handshake.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) agreement: Option<Agreement>,
    /// What was read beyond the request's head: the first frames.
    pub(crate) after_head: Vec<u8>,
}

/// Why a request does not become a connection.
#[derive(Debug)]
pub(crate) enum Refusal {
    Status(&'static str),
    Io(io::Error),
}

/// Reads the request, checks it, and writes the answer that opens the connection.
pub(crate) fn accept<S: Read + Write>(stream: &mut S, compression: &Compression) -> Result<Opened, Refusal> {
    let mut bytes = head::read(stream)?;
    let mut headers = [httparse::EMPTY_HEADER; head::MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(&bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Err(httparse::Error::TooManyHeaders) => return Err(TOO_LARGE),
        _ => return Err(BAD_REQUEST),
    };
    let key = check(&request)?;
    let agreement = match policy(compression) {
        Some(policy) => {
            policy.answer(values(request.headers, "sec-websocket-extensions")).map_err(|_| BAD_REQUEST)?
        }
        None => None,
    };
    stream.write_all(response(key, agreement).as_bytes())?;
    bytes.drain(..length);
    Ok(Opened { agreement, after_head: bytes })
}

const BAD_REQUEST: Refusal = Refusal::Status("400 Bad Request");
const TOO_LARGE: Refusal = Refusal::Status("431 Request Header Fields Too Large");

/// Checks all but the extensions, and gives the key.
fn check<'r>(request: &'r httparse::Request<'_, '_>) -> Result<&'r [u8], Refusal> {
    if request.method != Some("GET") {
        return Err(Refusal::Status("405 Method Not Allowed"));
    }
    let headers = &*request.headers;
    if !has_token(headers, "upgrade", "websocket") || !has_token(headers, "connection", "upgrade") {
        return Err(Refusal::Status("426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade"));
    }
    let key = only_value(headers, "sec-websocket-key").ok_or(BAD_REQUEST)?;
    if BASE64.decode(key).map(|nonce| nonce.len()) != Ok(16) {
        return Err(BAD_REQUEST);
    }
    if only_value(headers, "sec-websocket-version") != Some(b"13") {
        return Err(Refusal::Status("426 Upgrade Required\r\nSec-WebSocket-Version: 13"));
    }
    Ok(key)
}

fn policy(compression: &Compression) -> Option<ServerPolicy> {
    let backend = compression.backend?;
    Some(ServerPolicy {
        can: compression.abilities(backend),
        server_no_context_takeover: compression.server_no_context_takeover,
        client_no_context_takeover: compression.client_no_context_takeover,
        server_max_window_bits: compression.server_max_window_bits,
        client_max_window_bits: compression.client_max_window_bits,
        ..ServerPolicy::default()
    })
}

fn response(key: &[u8], agreement: Option<Agreement>) -> String {
    let extension = agreement.map(|agreement| format!("Sec-WebSocket-Extensions: {agreement}\r\n"));
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n{}\r\n",
        accept_of(key),
        extension.unwrap_or_default()
    )
}

impl Refusal {
    pub(crate) fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Status(status) => write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"),
            Self::Io(_) => Ok(()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => f.write_str(status.lines().next().unwrap_or_default()),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::FileTooLarge { TOO_LARGE } else { Self::Io(error) }
    }
}
