//! The receivers, and what they make of a conversation in one form.

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use bytes::BytesMut;
use wscodec::compressors::{Backend, DecompressorConfig};
use wscodec::{Decoder, Error, Limits, Role};

use crate::conversation::{Conversation, FRAME_LIMIT, MESSAGE_LIMIT};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Text(Vec<u8>),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

/// What is wrong, by its close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Protocol,
    /// Text that is not UTF-8, or DEFLATE data that is none.
    Data,
    Size,
}

/// The events up to a close frame, or up to an error; what comes after that is nobody's business.
#[derive(Debug, Default)]
pub struct Seen {
    pub events: Vec<Event>,
    pub failed: Option<Class>,
    /// Ours alone has one.
    pub error: Option<Error>,
}

impl Seen {
    pub fn is_closed(&self) -> bool {
        matches!(self.events.last(), Some(Event::Close(_)))
    }

    pub fn agrees(&self, other: &Self) -> bool {
        self.events == other.events && self.failed == other.failed
    }
}

pub fn wscodec(conversation: &Conversation) -> Seen {
    wscodec_with(conversation, conversation.deflate)
}

/// With another backend, say.
pub fn wscodec_with(conversation: &Conversation, deflate: Option<(bool, Backend)>) -> Seen {
    use wscodec::Message;
    let limits = Limits::new().with_frame(FRAME_LIMIT).with_message(MESSAGE_LIMIT);
    let mut decoder = Decoder::new(conversation.role, limits);
    if let Some((takeover, backend)) = deflate {
        let config = DecompressorConfig::default().takeover(takeover);
        decoder = decoder.with_decompressor(backend, config).expect("it can");
    }
    let mut seen = Seen::default();
    for piece in conversation.pieces() {
        decoder.push(piece);
        loop {
            match decoder.next_message() {
                Ok(None) => break,
                Ok(Some(message)) => seen.events.push(match message {
                    Message::Text(text) => Event::Text(text.into()),
                    Message::Binary(payload) => Event::Binary(payload.into()),
                    Message::Ping(payload) => Event::Ping(payload.into()),
                    Message::Pong(payload) => Event::Pong(payload.into()),
                    Message::Close(frame) => {
                        Event::Close(frame.map(|frame| (frame.code.get(), frame.reason.to_owned())))
                    }
                }),
                Err(error) => {
                    seen.failed = Some(match error.close_code().map(wscodec::CloseCode::get) {
                        Some(1007) => Class::Data,
                        Some(1009) => Class::Size,
                        _ => Class::Protocol,
                    });
                    seen.error = Some(error);
                    return seen;
                }
            }
        }
    }
    seen
}

pub fn tungstenite(conversation: &Conversation) -> Seen {
    use tungstenite::protocol::{Role as TheirRole, WebSocketConfig};
    use tungstenite::{Error, Message, WebSocket};
    let role = if conversation.role == Role::Server { TheirRole::Server } else { TheirRole::Client };
    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_message_size(Some(MESSAGE_LIMIT))
        .max_frame_size(Some(FRAME_LIMIT));
    let stream = Reads { pieces: conversation.pieces().collect() };
    let mut socket = WebSocket::from_raw_socket(stream, role, Some(config));
    let mut seen = Seen::default();
    while !seen.is_closed() {
        match socket.read() {
            Ok(Message::Text(text)) => seen.events.push(Event::Text(text.as_bytes().into())),
            Ok(Message::Binary(payload)) => seen.events.push(Event::Binary(payload.into())),
            Ok(Message::Ping(payload)) => seen.events.push(Event::Ping(payload.into())),
            Ok(Message::Pong(payload)) => seen.events.push(Event::Pong(payload.into())),
            Ok(Message::Close(frame)) => {
                let frame = frame.map(|frame| (frame.code.into(), frame.reason.as_str().to_owned()));
                seen.events.push(Event::Close(frame));
            }
            Ok(Message::Frame(_)) => unreachable!("read gives no frames"),
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => {
                seen.failed = Some(match error {
                    Error::Utf8(_) => Class::Data,
                    Error::Capacity(_) => Class::Size,
                    _ => Class::Protocol,
                });
                break;
            }
        }
    }
    seen
}

/// A transport that has the pieces and then nothing for now, and takes everything.
struct Reads<'a> {
    pieces: VecDeque<&'a [u8]>,
}

impl Read for Reads<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(piece) = self.pieces.front_mut() {
            let bytes = piece.read(buffer)?;
            if bytes > 0 || buffer.is_empty() {
                return Ok(bytes);
            }
            self.pieces.pop_front();
        }
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl Write for Reads<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn sockudo(conversation: &Conversation) -> Seen {
    use sockudo_ws::deflate::DeflateConfig;
    use sockudo_ws::protocol::{CompressedProtocol, Protocol};
    let is_server = conversation.role == Role::Server;
    if let Some((takeover, _)) = conversation.deflate {
        let config = DeflateConfig {
            server_no_context_takeover: !takeover,
            client_no_context_takeover: !takeover,
            ..DeflateConfig::default()
        };
        let make = if is_server { CompressedProtocol::server } else { CompressedProtocol::client };
        let mut protocol = make(FRAME_LIMIT, MESSAGE_LIMIT, config);
        return feed_sockudo(conversation, |buffer, messages| protocol.process_into(buffer, messages));
    }
    let role = if is_server { sockudo_ws::Role::Server } else { sockudo_ws::Role::Client };
    let mut protocol = Protocol::new(role, FRAME_LIMIT, MESSAGE_LIMIT);
    feed_sockudo(conversation, |buffer, messages| protocol.process_into(buffer, messages))
}

fn feed_sockudo(
    conversation: &Conversation,
    mut process: impl FnMut(&mut BytesMut, &mut Vec<sockudo_ws::Message>) -> sockudo_ws::error::Result<()>,
) -> Seen {
    use sockudo_ws::{Error, Message};
    let (mut buffer, mut messages, mut seen) = (BytesMut::new(), Vec::new(), Seen::default());
    for piece in conversation.pieces() {
        buffer.extend_from_slice(piece);
        let result = process(&mut buffer, &mut messages);
        for message in messages.drain(..) {
            seen.events.push(match message {
                Message::Text(text) => Event::Text(text.into()),
                Message::Binary(payload) => Event::Binary(payload.into()),
                Message::Ping(payload) => Event::Ping(payload.into()),
                Message::Pong(payload) => Event::Pong(payload.into()),
                Message::Close(reason) => Event::Close(reason.map(|reason| (reason.code, reason.reason))),
            });
            if seen.is_closed() {
                return seen;
            }
        }
        if let Err(error) = result {
            seen.failed = Some(match error {
                Error::InvalidUtf8 | Error::Compression(_) => Class::Data,
                Error::MessageTooLarge | Error::FrameTooLarge => Class::Size,
                _ => Class::Protocol,
            });
            return seen;
        }
    }
    seen
}
