//! The head of an HTTP request or response, as far as the opening handshake needs it (RFC 6455 section 4).

use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use httparse::Header;
use sha1::{Digest as _, Sha1};

/// The longest head in bytes, and the most header lines in one.
const LONGEST_HEAD: usize = 16 << 10;
pub(crate) const MOST_HEADERS: usize = 64;

/// What a client's key is joined with before it is digested (section 4.2.2).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Reads until the blank line that ends the head, and perhaps beyond; looks at each byte once. Too long a head is
/// [`io::ErrorKind::FileTooLarge`].
pub(crate) fn read(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let seen = bytes.len().saturating_sub(END.len() - 1);
        let length = stream.read(&mut piece)?;
        bytes.extend_from_slice(&piece[..length]);
        let end = bytes[seen..].windows(END.len()).position(|window| window == END);
        if end.map_or(bytes.len(), |end| seen + end) > LONGEST_HEAD {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if end.is_some() {
            return Ok(bytes);
        }
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The `Sec-WebSocket-Accept` that goes with a `Sec-WebSocket-Key`.
pub(crate) fn accept_of(key: &[u8]) -> String {
    BASE64.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// The values of the header's lines, in order.
pub(crate) fn values<'h>(headers: &'h [Header<'_>], name: &str) -> impl Iterator<Item = &'h [u8]> {
    headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
}

pub(crate) fn only_value<'h>(headers: &'h [Header<'_>], name: &str) -> Option<&'h [u8]> {
    let mut values = values(headers, name);
    values.next().filter(|_| values.next().is_none()).map(<[u8]>::trim_ascii)
}

pub(crate) fn has_token(headers: &[Header<'_>], name: &str, token: &str) -> bool {
    values(headers, name)
        .flat_map(|value| value.split(|&byte| byte == b','))
        .any(|element| element.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}
