//! What a WebSocket on a stream gives and writes is what the connection alone gives, however the stream behaves and wherever
//! futures are dropped.
#![cfg(feature = "tokio")]

mod support;
mod tokio_support;

use std::pin::Pin;
use std::task::Poll;

use futures_core::Stream;
use futures_sink::Sink;
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Owned, frames_for};
use tokio_support::{Scripted, Step, block_on, once, until_ready};
use wscodec::tokio::{Error, WebSocket};
use wscodec::{Connection, Event, Limits, Message, Role, SharedMessage, State};

/// What a peer may send: the first byte of a frame and its payload, not always right.
fn frames() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    let payload = || vec(any::<u8>(), 0..40);
    let text = || "\\PC{0,30}".prop_map(String::into_bytes);
    let frame = prop_oneof![
        6 => text().prop_map(|payload| (0x81, payload)),
        6 => payload().prop_map(|payload| (0x82, payload)),
        3 => vec(any::<u8>(), 300..70_000).prop_map(|payload| (0x82, payload)),
        2 => payload().prop_map(|payload| (0x89, payload)),
        1 => payload().prop_map(|payload| (0x8a, payload)),
        2 => payload().prop_map(|payload| (0x02, payload)),
        3 => payload().prop_map(|payload| (0x80, payload)),
        1 => Just((0x88, b"\x03\xe8bye".to_vec())),
        1 => Just((0x88, vec![])),
        1 => (any::<u8>(), payload()),
    ];
    vec(frame, 0..25)
}

fn script() -> impl Strategy<Value = Vec<Step>> {
    // Some steps that go on, so that everything comes to an end.
    let step = prop_oneof![
        3 => Just(None),
        3 => (1_usize..20).prop_map(Some),
        2 => (20_usize..5_000).prop_map(Some),
        1 => Just(Some(usize::MAX)),
    ];
    (vec(step, 0..12), 50_usize..5_000).prop_map(|(mut steps, last)| {
        steps.push(Some(last));
        steps
    })
}

#[derive(Debug, PartialEq)]
struct Outcome {
    messages: Vec<Owned>,
    error: Option<wscodec::Error>,
    state: State,
    close_code: Option<u16>,
    written: Vec<u8>,
}

fn connection(role: Role) -> Connection {
    // Keys that are the same each time.
    let mut number = 0_u32;
    let keys = move || {
        number += 1;
        number.to_be_bytes()
    };
    Connection::new(role, Limits::new().with_fragments(5)).with_read_size(64).with_mask_keys(keys)
}

/// The connection alone, which is given everything at once.
fn expected(role: Role, bytes: &[u8]) -> Outcome {
    let mut connection = connection(role);
    connection.push(bytes);
    connection.eof();
    let (mut messages, mut error) = (Vec::new(), None);
    loop {
        match connection.next_event_and_sender() {
            Ok(Some((Event::Message(message), sender))) => {
                messages.push(message.into());
                if !message.is_control() {
                    sender.send(message).expect("room");
                }
            }
            Ok(Some(_)) => panic!("no raw messages were asked for"),
            Ok(None) => break,
            Err(why) => {
                error = Some(why);
                break;
            }
        }
    }
    Outcome {
        messages,
        error,
        state: connection.state(),
        close_code: connection.close_code().map(wscodec::CloseCode::get),
        written: connection.output().to_vec(),
    }
}

#[derive(Clone, Copy, Debug)]
enum How {
    /// Each future is polled until it is ready.
    Whole,
    /// Each future is dropped after one poll.
    Dropped,
    /// By the `Stream` and the `Sink`.
    Shared,
    /// By the halves, whole and dropped.
    Halves(bool),
}

fn run(role: Role, bytes: &[u8], script: &[Step], how: How) -> Outcome {
    let stream = Scripted::new(bytes, script);
    let wire = stream.wire.clone();
    let mut socket = WebSocket::from_connection(stream, connection(role)).with_write_limit(300);
    let mut messages = Vec::new();
    let mut error = None;
    if let How::Halves(whole) = how {
        let (mut reader, mut writer) = socket.split();
        loop {
            let next = if whole {
                block_on(async { Ok(reader.next_message().await?.map(Owned::from)) })
            } else {
                until_ready(|_| once(async { Ok(reader.next_message().await?.map(Owned::from)) }))
            };
            match next {
                Ok(Some(message)) => {
                    if !message.borrow().is_control() {
                        block_on(writer.send(message.borrow())).expect("open");
                    }
                    messages.push(message);
                }
                Ok(None) => break,
                Err(Error::Codec(why)) => error = Some(why),
                Err(other) => panic!("{other}"),
            }
        }
        socket = reader.unsplit(writer).expect("of the same");
    } else {
        loop {
            match next(&mut socket, how) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(Error::Codec(why)) => error = Some(why),
                Err(other) => panic!("{other}"),
            }
        }
    }
    let wire = wire.lock().expect("no panics");
    // Nothing is waited for when nobody is there.
    assert!(wire.flushed || socket.state() == State::Lost, "what is written is flushed");
    assert_eq!(wire.shut, 1, "it is shut once");
    Outcome {
        messages,
        error,
        state: socket.state(),
        close_code: socket.close_code().map(wscodec::CloseCode::get),
        written: wire.outgoing.clone(),
    }
}

/// Takes a message, and answers it.
fn next(socket: &mut WebSocket<Scripted>, how: How) -> Result<Option<Owned>, Error> {
    let receive = async |socket: &mut WebSocket<Scripted>| -> Result<Option<Owned>, Error> {
        let Some((message, sender)) = socket.next_message_and_sender().await? else { return Ok(None) };
        if !message.is_control() {
            sender.send(message)?;
        }
        Ok(Some(message.into()))
    };
    match how {
        How::Whole => block_on(receive(socket)),
        How::Dropped => until_ready(|_| once(receive(socket))),
        How::Shared | How::Halves(_) => {
            let next = until_ready(|context| Pin::new(&mut *socket).poll_next(context));
            let Some(message) = next.transpose()? else { return Ok(None) };
            if !message.is_control() {
                until_ready(|context| Pin::new(&mut *socket).poll_ready(context))?;
                Pin::new(&mut *socket).start_send(message.clone())?;
            }
            Ok(Some(message.as_message().into()))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn a_stream_changes_nothing(
        frames in frames(), script in script(), is_server in any::<bool>(), cut in any::<prop::sample::Index>(),
        is_cut in prop::bool::weighted(0.2),
    ) {
        let role = if is_server { Role::Server } else { Role::Client };
        let parts: Vec<_> = frames.iter().map(|(first, payload)| (*first, &payload[..])).collect();
        let mut bytes = frames_for(role, &parts);
        if is_cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        let mut expected = expected(role, &bytes);
        let ways = [How::Whole, How::Dropped, How::Shared, How::Halves(true), How::Halves(false)];
        for how in ways {
            let mut outcome = run(role, &bytes, &script, how);
            // Without a close frame the peer is gone, and what it was still to be sent does not matter.
            if expected.state == State::Lost {
                let length = expected.written.len().min(outcome.written.len());
                outcome.written.truncate(length);
                expected.written.truncate(length);
            }
            prop_assert_eq!(&outcome, &expected, "{:?}", how);
        }
    }

    #[test]
    fn what_is_sent_arrives_whole_or_not_at_all(
        messages in vec(vec(any::<u8>(), 0..2_000), 1..12), script in script(), limit in 1_usize..4_000,
        (is_server, is_vectored, drops, vectored_calls) in any::<(bool, bool, bool, bool)>(),
    ) {
        let (role, peer) = if is_server { (Role::Server, Role::Client) } else { (Role::Client, Role::Server) };
        let stream = Scripted::new(b"", &script);
        let stream = if is_vectored { stream } else { stream.without_vectored_writes() };
        let wire = stream.wire.clone();
        wire.lock().expect("no panics").stays_open = true;
        let mut socket = WebSocket::from_connection(stream, connection(role)).with_write_limit(limit);
        let longest = messages.iter().map(Vec::len).max().unwrap_or(0) + 14;
        let mut sent = Vec::new();
        for message in &messages {
            let before = socket.sender().output().len();
            let message = Message::Binary(message);
            let done = match (drops, vectored_calls) {
                (false, false) => { block_on(socket.send(message)).expect("open"); true }
                (false, true) => { block_on(socket.send_vectored(message)).expect("open"); true }
                (true, false) => once(socket.feed(message)).is_ready(),
                // Whether it was queued can't be told from outside if it was dropped while it was flushed, but for its bytes.
                (true, true) => {
                    let written = wire.lock().expect("no panics").outgoing.len();
                    let done = once(socket.send_vectored(message)).is_ready();
                    let moved = wire.lock().expect("no panics").outgoing.len() - written;
                    done || socket.sender().output().len() + moved > before
                }
            };
            if done {
                sent.push(Owned::from(message));
            }
            prop_assert!(socket.sender().output().len() < limit + longest);
        }
        block_on(socket.flush()).expect("open");
        let wire = wire.lock().expect("no panics");
        prop_assert!(wire.flushed);
        let mut receiver = support::plain(peer);
        let (arrived, error) = support::decode_pieces(&mut receiver, [&wire.outgoing[..]]);
        prop_assert_eq!(error, None);
        prop_assert_eq!(arrived, sent);
    }
}

#[test]
fn a_sink_refuses_what_no_connection_sends() {
    let mut socket = WebSocket::from_connection(Scripted::new(b"", &[]), connection(Role::Server));
    let long = SharedMessage::Ping(vec![0; 126].into());
    assert!(matches!(Pin::new(&mut socket).start_send(long), Err(Error::Codec(wscodec::Error::Misuse(_)))));
    assert!(matches!(
        once(std::future::poll_fn(|c| Pin::new(&mut socket).poll_close(c))),
        Poll::Ready(Ok(()))
    ));
    let late = Pin::new(&mut socket).start_send("late".into());
    assert!(matches!(late, Err(Error::Codec(wscodec::Error::Misuse(wscodec::MisuseError::Closed)))));
    // To close again sends nothing more.
    assert!(matches!(
        once(std::future::poll_fn(|c| Pin::new(&mut socket).poll_close(c))),
        Poll::Ready(Ok(()))
    ));
    assert_eq!(socket.stream().wire.lock().unwrap().outgoing, b"\x88\0");
}
