//! Messages out of both directions of a TCP connection: its opening handshake, then frames, inflated as was agreed.

use wscodec::compressors::Backend;
use wscodec::compressors::negotiation::{Agreement, ClientPolicy};
use wscodec::handshake::{HeadLimits, HeadReader};
use wscodec::{Decoder, Error, Limits, Message, Role};

use super::tcp::Stream;

/// What was said, each direction by itself: to the server, to the client.
#[derive(Debug, Default)]
pub struct Conversation {
    pub messages: [Vec<Payload>; 2],
    /// Why a direction was not read to its end.
    pub stopped: Vec<String>,
}

/// A message that was received whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Payload {
    pub text: bool,
    pub bytes: Vec<u8>,
}

/// Why nothing was read, in words that counts are put before.
pub type Unusable = String;

/// Reads a connection; no more than so many bytes of messages.
pub fn read(streams: &[Stream; 2], most: usize) -> Result<Conversation, Unusable> {
    let [one, other] = streams;
    if one.bytes.is_empty() && other.bytes.is_empty() {
        return Err("without a byte".to_owned());
    }
    let (request, client, server) = [(one, other), (other, one)]
        .into_iter()
        .find_map(|(client, server)| Some((upgrade(&client.bytes)?, client, server)))
        .ok_or("without a WebSocket handshake at the start: something else, encrypted, or opened before the capture")?;
    let (response, agreement) = answer(&server.bytes)?;
    let mut conversation = Conversation::default();
    let mut left = most;
    let directions = [
        (Role::Server, &client.bytes[request..], client.cut_off),
        (Role::Client, &server.bytes[response..], server.cut_off),
    ];
    for (place, (role, bytes, cut_off)) in directions.into_iter().enumerate() {
        let (messages, error) = messages(role, bytes, agreement.as_ref(), &mut left);
        conversation.messages[place] = messages;
        conversation.stopped.extend(error);
        if cut_off > 0 {
            conversation.stopped.push("stopped where packets are missing from the capture".to_owned());
        }
    }
    Ok(conversation)
}

/// The length of the head if it is a request for an upgrade to WebSocket.
fn upgrade(bytes: &[u8]) -> Option<usize> {
    let (request, length) = HeadReader::new(HeadLimits::default()).request(bytes).ok()??;
    let asks = request.values("upgrade").any(|value| value.eq_ignore_ascii_case(b"websocket"));
    asks.then_some(length)
}

/// The length of the head, and what was agreed on.
fn answer(bytes: &[u8]) -> Result<(usize, Option<Agreement>), Unusable> {
    let head = HeadReader::new(HeadLimits::default()).response(bytes);
    let (response, length) = head.ok().flatten().ok_or("whose handshake has no answer")?;
    if response.status() != 101 {
        return Err(format!("refused with status {}", response.status()));
    }
    let policy = ClientPolicy::default();
    let agreement = policy.accept(response.values("sec-websocket-extensions"));
    let agreement = agreement.map_err(|_| "with extensions other than permessage-deflate")?;
    Ok((length, agreement))
}

fn messages(
    role: Role,
    bytes: &[u8],
    agreement: Option<&Agreement>,
    left: &mut usize,
) -> (Vec<Payload>, Option<String>) {
    let mut messages = Vec::new();
    let mut decoder = match decoder(role, agreement) {
        Ok(decoder) => decoder,
        Err(reason) => return (messages, Some(reason)),
    };
    for read in bytes.chunks(READ) {
        decoder.push(read);
        loop {
            let (text, payload) = match decoder.next_message() {
                Ok(Some(Message::Text(text))) => (true, text.as_bytes()),
                Ok(Some(Message::Binary(bytes))) => (false, bytes),
                Ok(Some(_)) => continue,
                Ok(None) => break,
                Err(error) => return (messages, Some(stopped(&error))),
            };
            // Empty ones hold memory too.
            let Some(rest) = left.checked_sub(payload.len() + size_of::<Payload>()) else {
                return (messages, Some("stopped at the most bytes of messages that are taken".to_owned()));
            };
            *left = rest;
            messages.push(Payload { text, bytes: payload.to_vec() });
        }
    }
    (messages, None)
}

fn decoder(role: Role, agreement: Option<&Agreement>) -> Result<Decoder, String> {
    // Own traffic may be as compressible as it likes; what it comes to is bounded.
    let decoder =
        Decoder::new(role, Limits::new().with_frame(LONGEST).with_message(LONGEST).with_ratio(None));
    let Some(agreement) = agreement else { return Ok(decoder) };
    let direction = match role {
        Role::Server => agreement.client_to_server(),
        Role::Client => agreement.server_to_client(),
    };
    decoder.with_decompressor(Backend::ZlibRs, direction).map_err(|error| format!("not inflated: {error}"))
}

fn stopped(error: &Error) -> String {
    format!("stopped at a frame that can't be read: {error}")
}

/// Bytes handed to a decoder at a time.
const READ: usize = 64 << 10;
/// The longest message that is taken.
const LONGEST: usize = 64 << 20;
