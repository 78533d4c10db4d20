//! The opening handshake of a server (RFC 6455 section 4.2).

use std::fmt;
use std::io::{self, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};
use wscodec::compressors::negotiation::{Agreement, ServerPolicy};

use crate::options::Options;

/// The longest request head in bytes, and the most header lines in one.
const LONGEST_HEAD: usize = 16 << 10;
const MOST_HEADERS: usize = 64;

/// What a client's key is joined with before it is digested (section 4.2.2).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

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
pub(crate) fn accept<S: Read + Write>(stream: &mut S, options: &Options) -> Result<Opened, Refusal> {
    let mut bytes = read_head(stream)?;
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(&bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Err(httparse::Error::TooManyHeaders) => return Err(TOO_LARGE),
        _ => return Err(BAD_REQUEST),
    };
    let key = check(&request)?;
    let agreement = match options.backend {
        Some(backend) => {
            let policy = ServerPolicy {
                server_no_context_takeover: !options.takeover,
                client_no_context_takeover: !options.takeover,
                ..ServerPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities())
            };
            policy.answer(values(&request, "sec-websocket-extensions")).map_err(|_| BAD_REQUEST)?
        }
        None => None,
    };
    stream.write_all(response(key, agreement).as_bytes())?;
    bytes.drain(..length);
    Ok(Opened { agreement, after_head: bytes })
}

/// Reads until the blank line that ends the head, and perhaps beyond; looks at each byte once.
fn read_head(stream: &mut impl Read) -> Result<Vec<u8>, Refusal> {
    const END: &[u8] = b"\r\n\r\n";
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let seen = bytes.len().saturating_sub(END.len() - 1);
        let length = stream.read(&mut piece)?;
        bytes.extend_from_slice(&piece[..length]);
        let end = bytes[seen..].windows(END.len()).position(|window| window == END);
        if end.map_or(bytes.len(), |end| seen + end) > LONGEST_HEAD {
            return Err(TOO_LARGE);
        }
        if end.is_some() {
            return Ok(bytes);
        }
        if length == 0 {
            return Err(Refusal::Io(io::ErrorKind::UnexpectedEof.into()));
        }
    }
}

const BAD_REQUEST: Refusal = Refusal::Status("400 Bad Request");
const TOO_LARGE: Refusal = Refusal::Status("431 Request Header Fields Too Large");

/// Checks all but the extensions, and gives the key.
fn check<'r>(request: &httparse::Request<'_, 'r>) -> Result<&'r [u8], Refusal> {
    if request.method != Some("GET") {
        return Err(Refusal::Status("405 Method Not Allowed"));
    }
    if !has_token(request, "upgrade", "websocket") || !has_token(request, "connection", "upgrade") {
        return Err(Refusal::Status("426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade"));
    }
    let key = only_value(request, "sec-websocket-key").ok_or(BAD_REQUEST)?;
    if BASE64.decode(key).map(|nonce| nonce.len()) != Ok(16) {
        return Err(BAD_REQUEST);
    }
    if only_value(request, "sec-websocket-version") != Some(b"13") {
        return Err(Refusal::Status("426 Upgrade Required\r\nSec-WebSocket-Version: 13"));
    }
    Ok(key)
}

fn response(key: &[u8], agreement: Option<Agreement>) -> String {
    let accept = BASE64.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize());
    let extension = agreement.map(|agreement| format!("Sec-WebSocket-Extensions: {agreement}\r\n"));
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{}\r\n",
        extension.unwrap_or_default()
    )
}

/// The values of the header's lines, in order.
fn values<'r>(request: &httparse::Request<'_, 'r>, name: &str) -> impl Iterator<Item = &'r [u8]> {
    request
        .headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value)
}

fn only_value<'r>(request: &httparse::Request<'_, 'r>, name: &str) -> Option<&'r [u8]> {
    let mut values = values(request, name);
    values.next().filter(|_| values.next().is_none()).map(<[u8]>::trim_ascii)
}

fn has_token(request: &httparse::Request<'_, '_>, name: &str, token: &str) -> bool {
    values(request, name)
        .flat_map(|value| value.split(|&byte| byte == b','))
        .any(|element| element.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
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
        Self::Io(error)
    }
}
