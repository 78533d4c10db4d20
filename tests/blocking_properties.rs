//! A transport that reads and writes as little as it likes, blocks at any point and is interrupted: the same events come of the same
//! bytes, and the same bytes of the same calls.
#![cfg(feature = "blocking")]

mod blocking_support;
mod support;

use blocking_support::{Scripted, Step};
use proptest::collection::vec;
use proptest::prelude::*;
use support::bits::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT};
use support::{Owned, frames_for};
use wscodec::blocking::{Error, FrameStream, ServerOpening, WebSocket};
use wscodec::handshake::{HeadLimits, ServerHandshake};
use wscodec::kernel::{Opcode, Rsv};
use wscodec::{Connection, DataKind, Event, Limits, MaskKeys, Message, RawFrame, Role};

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1_usize..40).prop_map(Step::Up),
        2 => Just(Step::WouldBlock),
        1 => Just(Step::TimedOut),
        2 => Just(Step::Interrupted),
    ]
}

fn script() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 0..60)
}

/// Frames as a peer may send them, well formed or not.
fn frame() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let text = || "\\PC{0,40}".prop_map(String::into_bytes);
    prop_oneof![
        4 => text().prop_map(|text| (FIN | TEXT, text)),
        2 => vec(any::<u8>(), 0..300).prop_map(|bytes| (FIN | BINARY, bytes)),
        2 => text().prop_map(|text| (TEXT, text)),
        3 => text().prop_map(|text| (FIN | CONTINUATION, text)),
        2 => text().prop_map(|text| (CONTINUATION, text)),
        3 => vec(any::<u8>(), 0..125).prop_map(|bytes| (FIN | PING, bytes)),
        1 => vec(any::<u8>(), 0..125).prop_map(|bytes| (FIN | PONG, bytes)),
        1 => Just((FIN | CLOSE, b"\x03\xe8bye".to_vec())),
    ]
}

#[derive(Debug, PartialEq)]
enum End {
    Closed,
    Lost,
    Failed(wscodec::Error),
}

/// Keys that are the same in both runs.
struct SameKey;

impl MaskKeys for SameKey {
    fn next_key(&mut self) -> [u8; 4] {
        support::KEY
    }
}

fn connection(role: Role) -> Connection {
    Connection::new(role, Limits::new().with_message(2_000)).with_read_size(32).with_mask_keys(SameKey)
}

/// Reads to the end, in whatever way, and gives what was seen and written. Interruptions are not to be seen, and other calls
/// are made again.
fn read_all(role: Role, stream: Scripted) -> (Vec<Owned>, End, Vec<u8>) {
    let mut socket = WebSocket::from_connection(stream, connection(role));
    let mut events = Vec::new();
    let end = loop {
        match socket.read_and_sender() {
            Ok(Some((Event::Message(message), sender))) => {
                if let Message::Text(_) | Message::Binary(_) = message {
                    sender.send(message).expect("room");
                }
                events.push(message.into());
            }
            Ok(Some((event, _))) => panic!("{event:?} was not asked for"),
            Ok(None) => break End::Closed,
            Err(Error::WouldBlock) => {}
            Err(Error::Lost) => break End::Lost,
            Err(Error::Codec(error)) => break End::Failed(error),
            Err(error) => panic!("{error:?}"),
        }
    };
    while let Err(error) = socket.flush() {
        assert!(matches!(error, Error::WouldBlock), "{error:?}");
    }
    let stream = socket.into_parts().0;
    assert_eq!(stream.unflushed, 0, "a buffering stream keeps nothing");
    (events, end, stream.output)
}

/// What a second connection of ours makes of bytes.
fn understood(role: Role, bytes: &[u8]) -> Vec<Owned> {
    let mut connection = Connection::new(role, Limits::new());
    connection.push(bytes);
    let mut messages = Vec::new();
    while let Some(Event::Message(message)) = connection.next_event().expect("well formed") {
        messages.push(message.into());
    }
    messages
}

fn peer(role: Role) -> Role {
    if role == Role::Server { Role::Client } else { Role::Server }
}

/// Pongs and data: each in its order. A pong may be overtaken by data, and by a later pong.
fn data(messages: &[Owned]) -> Vec<Owned> {
    messages.iter().filter(|message| !matches!(message, Owned::Pong(_))).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn any_transport_gives_the_same_events(
        frames in vec(frame(), 0..12),
        reads in script(),
        writes in script(),
        cut in prop::option::of(0_usize..400),
        client: bool,
    ) {
        let role = if client { Role::Client } else { Role::Server };
        let frames: Vec<_> = frames.iter().map(|(first, payload)| (*first, &payload[..])).collect();
        let mut bytes = frames_for(role, &frames);
        bytes.truncate(cut.unwrap_or(usize::MAX));
        let whole = read_all(role, Scripted::new(&bytes));
        let scripted = read_all(role, Scripted::new(&bytes).reading(reads).writing(writes));
        prop_assert_eq!(&scripted.0, &whole.0);
        prop_assert_eq!(&scripted.1, &whole.1);
        // When pongs are queued depends on when what was before them was written.
        let (sent, wanted) = (understood(peer(role), &scripted.2), understood(peer(role), &whole.2));
        prop_assert_eq!(data(&sent), data(&wanted));
        prop_assert_eq!(sent.len(), wanted.len(), "so few pings are all answered");
    }

    #[test]
    fn any_transport_takes_the_same_bytes(
        payloads in vec((vec(any::<u8>(), 0..40_000), 0_u8..5), 0..4),
        writes in script(),
        client: bool,
    ) {
        let role = if client { Role::Client } else { Role::Server };
        let run = |writes: Vec<Step>| {
            let stream = Scripted::default().writing(writes).staying_open();
            let connection = Connection::new(role, Limits::new()).with_mask_keys(SameKey);
            let mut socket = WebSocket::from_connection(stream, connection);
            for (payload, form) in &payloads {
                let message = Message::Binary(payload);
                let mut rest = &payload[..];
                let result = match form {
                    0 => socket.send(message),
                    1 => socket.send_all(&[message, Message::Ping(b"!")]),
                    2 => socket.send_frame(RawFrame::new(Opcode::Binary, payload)),
                    3 => {
                        let mut result = socket.send_stream(DataKind::Binary, 700, &mut rest);
                        while let Err(Error::WouldBlock) = result {
                            result = socket.resume_stream(&mut rest);
                        }
                        result
                    }
                    _ => write_by_a_writer(&mut socket, payload),
                };
                // What would block is queued.
                prop_assert!(matches!(result, Ok(()) | Err(Error::WouldBlock)), "{:?}", result);
            }
            while let Err(error) = socket.flush() {
                prop_assert!(matches!(error, Error::WouldBlock), "{:?}", error);
            }
            Ok(socket.into_parts().0.output)
        };
        let whole = run(Vec::new())?;
        prop_assert_eq!(run(writes)?, whole);
    }

    #[test]
    fn any_transport_opens_the_same_connection(reads in script(), writes in script(), behind: bool) {
        let mut bytes = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".to_vec();
        if behind {
            bytes.extend(frames_for(Role::Server, &[(FIN | TEXT, b"Hello")]));
        }
        let stream = Scripted::new(&bytes).reading(reads).writing(writes);
        let mut opening = ServerOpening::new(stream, HeadLimits::default());
        let accepted = loop {
            match opening.request() {
                Ok(request) => break ServerHandshake::new().accept(&request).expect("a good request"),
                Err(error) => prop_assert!(matches!(error, Error::WouldBlock), "{:?}", error),
            }
        };
        let mut socket = opening.accept(&accepted, connection(Role::Server));
        let seen = loop {
            match socket.read_message() {
                Ok(message) => break message.map(Owned::from),
                Err(Error::WouldBlock) => {}
                Err(Error::Lost) => break None,
                Err(error) => prop_assert!(false, "{:?}", error),
            }
        };
        prop_assert_eq!(seen, behind.then(|| Owned::Text("Hello".to_owned())));
        while let Err(error) = socket.flush() {
            prop_assert!(matches!(error, Error::WouldBlock), "{:?}", error);
        }
        prop_assert_eq!(socket.into_parts().0.output, accepted.to_bytes());
    }

    #[test]
    fn any_transport_gives_the_same_frames(
        payloads in vec((vec(any::<u8>(), 0..500), any::<bool>()), 0..8),
        reads in script(),
    ) {
        let frames: Vec<_> = payloads.iter().map(|(payload, bit)| (FIN | BINARY | u8::from(*bit) << 4, &payload[..])).collect();
        let bytes = frames_for(Role::Server, &frames);
        let stream = Scripted::new(&bytes).reading(reads);
        let mut stream = FrameStream::new(stream, Role::Server, &Limits::new(), Rsv::RSV3);
        let mut buffer = vec![0; 500];
        for (number, (payload, bit)) in payloads.iter().enumerate() {
            // A buffer that is too small loses nothing.
            if number % 2 == 0 && !payload.is_empty() {
                let small = loop {
                    match stream.read_frame(&mut []) {
                        Err(Error::WouldBlock) => {}
                        result => break result,
                    }
                };
                let needed = payload.len() as u64;
                prop_assert!(matches!(small, Err(Error::BufferTooSmall { needed: n }) if n == needed), "{:?}", small);
            }
            let (header, length) = loop {
                match stream.read_frame(&mut buffer) {
                    Ok(frame) => break frame.expect("a frame"),
                    Err(error) => prop_assert!(matches!(error, Error::WouldBlock), "{:?}", error),
                }
            };
            prop_assert_eq!(&buffer[..length], &payload[..]);
            prop_assert_eq!(header.rsv, if *bit { Rsv::RSV3 } else { Rsv::NONE });
        }
        loop {
            match stream.read_header() {
                Ok(header) => { prop_assert_eq!(header, None); break; }
                Err(error) => prop_assert!(matches!(error, Error::WouldBlock), "{:?}", error),
            }
        }
    }
}

fn write_by_a_writer(socket: &mut WebSocket<Scripted>, payload: &[u8]) -> Result<(), Error> {
    use std::io::Write;
    let mut writer = socket.message_writer(DataKind::Binary, 700)?;
    let mut rest = payload;
    while !rest.is_empty() {
        match writer.write(rest) {
            Ok(bytes) => rest = &rest[bytes..],
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
    writer.finish()
}
