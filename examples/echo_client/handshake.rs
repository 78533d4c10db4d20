//! The opening handshake of a client (RFC 6455 section 4.1).

use std::io::{self, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use wscodec::compressors::negotiation::{Abilities, Agreement, ClientPolicy};

use crate::common::compression::Compression;
use crate::common::head::{self, accept_of, has_token, only_value, values};

/// A connection after its handshake.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) agreement: Option<Agreement>,
    /// What was read beyond the response's head: the first frames.
    pub(crate) after_head: Vec<u8>,
}

/// Writes the request, and checks the response.
pub(crate) fn connect<S: Read + Write>(
    stream: &mut S,
    host: &str,
    compression: &Compression,
) -> io::Result<Opened> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce)?;
    let key = BASE64.encode(nonce);
    let policy = policy(compression);
    stream.write_all(request(host, &key, policy.as_ref()).as_bytes())?;

    let mut bytes = head::read(stream)?;
    let mut headers = [httparse::EMPTY_HEADER; head::MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(length)) = response.parse(&bytes) else {
        return Err(io::Error::other("the response is not HTTP"));
    };
    check(&response, &key).map_err(io::Error::other)?;
    let answer = || values(response.headers, "sec-websocket-extensions");
    let agreement = match policy {
        Some(policy) => policy.accept(answer()).map_err(io::Error::other)?,
        None if answer().next().is_some() => {
            return Err(io::Error::other("an extension that was not offered"));
        }
        None => None,
    };
    bytes.drain(..length);
    Ok(Opened { agreement, after_head: bytes })
}

fn policy(compression: &Compression) -> Option<ClientPolicy> {
    let can = compression.abilities(compression.backend?);
    let (least, most) = can.compressor_windows.clone().into_inner();
    let can = Abilities { compressor_windows: least..=most.min(compression.client_max_window_bits), ..can };
    Some(ClientPolicy {
        can,
        server_no_context_takeover: compression.server_no_context_takeover,
        client_no_context_takeover: compression.client_no_context_takeover,
        server_max_window_bits: compression.server_max_window_bits,
        ..ClientPolicy::default()
    })
}

fn request(host: &str, key: &str, policy: Option<&ClientPolicy>) -> String {
    let extension = policy.map(|policy| format!("Sec-WebSocket-Extensions: {}\r\n", policy.header()));
    format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
        extension.unwrap_or_default()
    )
}

/// Checks all but the extensions.
fn check(response: &httparse::Response<'_, '_>, key: &str) -> Result<(), String> {
    if response.code != Some(101) {
        let reason = response.reason.unwrap_or_default();
        return Err(format!("status {} {reason}", response.code.unwrap_or_default()));
    }
    let headers = &*response.headers;
    if !has_token(headers, "upgrade", "websocket") || !has_token(headers, "connection", "upgrade") {
        return Err("the connection was not upgraded".into());
    }
    if only_value(headers, "sec-websocket-accept") != Some(accept_of(key.as_bytes()).as_bytes()) {
        return Err("the answer is not to this request".into());
    }
    if only_value(headers, "sec-websocket-protocol").is_some() {
        return Err("a subprotocol that was not asked for".into());
    }
    Ok(())
}
