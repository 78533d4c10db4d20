//! Calls in any order, most of them in a wrong one: each does what a naive model of the rules says or gives the error that this
//! names, nothing panics, and what goes out is well formed and no more than what was taken.

mod misuse_support;
mod support;

use misuse_support::{Call, Model, calls};
use proptest::collection::vec;
use proptest::prelude::*;
use support::bits::{CLOSE, FIN, PING, TEXT};
use support::{KEY, Owned, frames_for};
use wscodec::kernel::Rsv;
use wscodec::{Connection, Event, Limits, MisuseError, PreparedMessage, Role, Sender, State, StreamError};

/// What an application may do besides sending.
#[derive(Clone, Debug)]
enum Other {
    Send(Call),
    Room,
    Filled(usize),
    Push(usize),
    Next,
    Eof,
    Release,
    Advance(usize),
    Clear,
    Take,
}

fn other() -> impl Strategy<Value = Other> {
    prop_oneof![
        20 => calls().prop_map(Other::Send),
        2 => Just(Other::Room),
        2 => prop_oneof![Just(0), 0_usize..40, Just(usize::MAX)].prop_map(Other::Filled),
        2 => (0_usize..8).prop_map(Other::Push),
        4 => Just(Other::Next),
        1 => prop::bool::weighted(0.2).prop_map(|ends| if ends { Other::Eof } else { Other::Next }),
        1 => Just(Other::Release),
        3 => prop_oneof![0_usize..60, Just(usize::MAX)].prop_map(Other::Advance),
        1 => Just(Other::Clear),
        1 => Just(Other::Take),
    ]
}

/// What a peer says: mostly what it may.
fn input(role: Role, which: usize) -> Vec<u8> {
    match which {
        0 => frames_for(role, &[(FIN | CLOSE, b"\x03\xe8")]),
        1 => vec![FIN | 3, 0x80],
        2 | 3 => frames_for(role, &[(TEXT, b"a"), (FIN | PING, b"!"), (FIN, b"b")]),
        _ => frames_for(role, &[(FIN | PING, b"?"), (FIN | TEXT, b"Hello")]),
    }
}

/// Makes a call on a sender, and moves what a vectored write takes to the `wire`.
fn make(sender: &mut Sender, call: &Call, wire: &mut Vec<u8>) -> Result<(), wscodec::Error> {
    match call {
        Call::Send(message) => sender.send(message.borrow()),
        Call::All(messages) => sender.send_all(&messages.iter().map(Owned::borrow).collect::<Vec<_>>()),
        Call::Begin(kind, part) => sender.begin_message(*kind, part),
        Call::Continue(part) => sender.continue_message(part),
        Call::Finish(part) => sender.finish_message(part),
        Call::BeginStream(kind, chunk) => sender.begin_stream(*kind, *chunk),
        Call::Stream(part) => sender.stream(part),
        Call::StreamFrom(part) => match sender.stream_from(&mut &part[..]) {
            Ok(_) => Ok(()),
            Err(StreamError::Send(error)) => Err(error),
            Err(error) => panic!("{error:?}: a slice can be read"),
        },
        Call::FinishStream => sender.finish_stream(),
        Call::CancelStream => sender.cancel_stream().map_err(Into::into),
        Call::Frame { .. } => sender.send_frame(call.raw_frame()),
        Call::Vectored(message, most) => {
            let pieces = sender.send_vectored(message.borrow())?;
            let bytes: Vec<u8> = pieces.slices().iter().flat_map(|slice| slice.to_vec()).collect();
            assert_eq!(bytes.len(), pieces.length());
            let claimed = *most;
            match pieces.wrote(claimed) {
                Ok(()) => wire.extend(&bytes[..claimed]),
                Err(error) => assert!(error == MisuseError::MoreThanQueued && claimed > bytes.len()),
            }
            Ok(())
        }
        Call::Prepared(message) => {
            let prepared = PreparedMessage::new(message.borrow())?;
            sender.send_prepared(&prepared)
        }
        Call::PreparedVectored(message) => {
            let prepared = PreparedMessage::new(message.borrow())?;
            sender.send_prepared_vectored(&prepared).map(drop)
        }
    }
}

/// What a peer makes of the wire, but for the pongs, which nobody sent. What an extension marked is binary.
fn understood(role: Role, wire: &[u8]) -> Vec<Owned> {
    let peer = if role == Role::Server { Role::Client } else { Role::Server };
    let mut connection = Connection::new(peer, Limits::new()).with_reserved_bits(Rsv::RSV2);
    connection.push(wire);
    let mut messages = Vec::new();
    while let Some(event) = connection.next_event().expect("what goes out is well formed") {
        messages.push(match event {
            Event::Message(message) => message.into(),
            Event::Raw(raw) => Owned::Binary(raw.payload.to_vec()),
            other => panic!("{other:?} was not asked for"),
        });
    }
    messages.retain(|message| !matches!(message, Owned::Pong(_)));
    messages
}

const SENT_CLOSED: [State; 4] = [State::CloseSent, State::Closed, State::Failed, State::Lost];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn any_calls_on_a_connection_do_what_the_model_says(
        calls in vec(other(), 0..50), client: bool,
        frame_size in prop_oneof![Just(usize::MAX), 1_usize..20],
    ) {
        let role = if client { Role::Client } else { Role::Server };
        let mut connection = Connection::new(role, Limits::new()).with_read_size(32).with_frame_size(frame_size)
            .with_mask_keys(|| KEY);
        let (mut model, mut wire, mut room) = (Model::default(), Vec::new(), 0);
        for call in &calls {
            model.closed = SENT_CLOSED.contains(&connection.state());
            let before = connection.output().len();
            match call {
                Other::Send(call) => {
                    let expected = model.call(call);
                    let sent = make(connection.sender(), call, &mut wire);
                    prop_assert_eq!(sent, expected.map_err(Into::into), "{:?}", call);
                    if expected.is_err() && !matches!(call, Call::All(_)) {
                        prop_assert_eq!(connection.output().len(), before, "nothing was queued: {:?}", call);
                    }
                }
                Other::Room => room = connection.room().len(),
                Other::Filled(bytes) => {
                    let expected = if *bytes > room { Err(MisuseError::MoreThanRoom) } else { Ok(()) };
                    // What is in the room is zeros, or what was read before: no matter what it is, it is taken.
                    prop_assert_eq!(connection.filled(*bytes), expected);
                    room = if expected.is_ok() { 0 } else { room };
                }
                Other::Push(which) => {
                    connection.push(&input(role, *which));
                    room = 0;
                }
                Other::Next => {
                    let first = connection.next_event().map(|event| event.is_some());
                    if let Err(error) = first {
                        prop_assert_eq!(connection.error(), Some(error));
                        prop_assert_eq!(connection.next_event().map(|_| ()), Err(error), "it is final");
                    }
                }
                Other::Eof => connection.eof(),
                Other::Release => {
                    connection.release();
                    room = 0;
                }
                Other::Advance(bytes) => {
                    let queued = connection.output().to_vec();
                    match connection.advance_output(*bytes) {
                        Ok(()) => wire.extend(&queued[..*bytes]),
                        Err(error) => {
                            prop_assert!(error == MisuseError::MoreThanQueued && *bytes > queued.len());
                            prop_assert_eq!(connection.output(), queued);
                        }
                    }
                }
                Other::Clear => {
                    wire.extend(connection.output());
                    connection.clear_output();
                }
                Other::Take => connection.sender().take_output(&mut wire),
            }
            let over = matches!(connection.state(), State::Failed | State::Lost);
            prop_assert_eq!(connection.error().is_some(), connection.state() == State::Failed);
            prop_assert!(!over || connection.close_code().is_some());
            prop_assert!(connection.memory() < 1 << 20);
        }
        // Pongs that waited go behind what was queued.
        for _ in 0..2 {
            connection.sender().take_output(&mut wire);
        }
        let mut seen = understood(role, &wire);
        // The close frame that the connection sent by itself.
        if !model.sent.iter().any(|message| matches!(message, Owned::Close(_))) {
            seen.retain(|message| !matches!(message, Owned::Close(_)));
        }
        model.sent.retain(|message| !matches!(message, Owned::Pong(_)));
        prop_assert_eq!(seen, model.sent);
    }
}

#[cfg(feature = "blocking")]
mod blocking {
    use std::collections::VecDeque;
    use std::io::{ErrorKind, Read, Result as IoResult, Write};
    use std::time::Duration;

    use wscodec::blocking::{Error, WebSocket};

    use super::*;

    /// Reads what there is, and blocks; writes as much as it is allowed to.
    #[derive(Debug, Default)]
    struct Stream {
        input: VecDeque<u8>,
        output: Vec<u8>,
        blocks: VecDeque<bool>,
    }

    impl Read for Stream {
        fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
            let bytes = buffer.len().min(self.input.len());
            buffer.iter_mut().zip(self.input.drain(..bytes)).for_each(|(to, from)| *to = from);
            if bytes == 0 { Err(ErrorKind::WouldBlock.into()) } else { Ok(bytes) }
        }
    }

    impl Write for Stream {
        fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
            if self.blocks.pop_front().unwrap_or(false) {
                return Err(ErrorKind::WouldBlock.into());
            }
            let bytes = &bytes[..bytes.len().min(40)];
            self.output.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> IoResult<()> {
            Ok(())
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Call(Call),
        /// By the adapter's own calls.
        Direct(Call),
        Input(usize),
        Read,
        ReadMessage,
        ReadRaw,
        Flush,
        Release,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => calls().prop_map(Step::Call),
            12 => calls().prop_map(Step::Direct),
            2 => (0_usize..8).prop_map(Step::Input),
            1 => Just(Step::Read),
            1 => Just(Step::ReadMessage),
            1 => Just(Step::ReadRaw),
            1 => Just(Step::Flush),
            1 => Just(Step::Release),
        ]
    }

    /// The same calls where the adapter has some of its own.
    fn direct(socket: &mut WebSocket<Stream>, call: &Call) -> Option<Result<(), Error>> {
        Some(match call {
            Call::Send(Owned::Ping(payload)) => socket.ping(payload),
            Call::Send(Owned::Close(frame)) => {
                let message = Owned::Close(frame.clone());
                let wscodec::Message::Close(frame) = message.borrow() else { return None };
                // A closed socket may be closed again.
                if SENT_CLOSED.contains(&socket.state()) {
                    return None;
                }
                socket.close(frame, Duration::ZERO)
            }
            Call::Send(message) => socket.send(message.borrow()),
            Call::All(messages) => socket.send_all(&messages.iter().map(Owned::borrow).collect::<Vec<_>>()),
            Call::Frame { .. } => socket.send_frame(call.raw_frame()),
            Call::BeginStream(kind, chunk) => socket.message_writer(*kind, *chunk).map(drop),
            _ => return None,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn any_calls_on_a_blocking_socket_do_what_the_model_says(
            steps in vec(step(), 0..50), client: bool, blocks in vec(any::<bool>(), 0..10),
        ) {
            let role = if client { Role::Client } else { Role::Server };
            let connection = Connection::new(role, Limits::new()).with_mask_keys(|| KEY);
            let stream = Stream { blocks: blocks.into(), ..Stream::default() };
            let mut socket = WebSocket::from_connection(stream, connection);
            let (mut model, mut is_over) = (Model::default(), false);
            for step in &steps {
                model.closed = SENT_CLOSED.contains(&socket.state());
                let result = match step {
                    Step::Call(Call::Vectored(..)) => Ok(()),
                    Step::Call(call) => {
                        let sent = make(socket.sender(), call, &mut Vec::new());
                        prop_assert_eq!(sent, model.call(call).map_err(Into::into), "{:?}", call);
                        Ok(())
                    }
                    Step::Direct(call) => {
                        let mut alone = model.clone();
                        let expected = alone.call(call);
                        match direct(&mut socket, call) {
                            None => {}
                            // What would block was queued. A close frame that was sent has its answer to be waited for.
                            Some(Ok(()) | Err(Error::WouldBlock)) => {
                                prop_assert_eq!(expected, Ok(()), "{:?}", call);
                                model = alone;
                            }
                            Some(Err(Error::Codec(wscodec::Error::Misuse(error)))) => {
                                prop_assert_eq!(Err(error), expected, "{:?}", call);
                                model = alone;
                            }
                            // What the peer did shows while its close frame is waited for.
                            Some(Err(error)) => {
                                prop_assert!(matches!(error, Error::Codec(wscodec::Error::Protocol(_))), "{:?}", error);
                                model = alone;
                            }
                        }
                        Ok(())
                    }
                    Step::Input(which) => {
                        socket.stream_mut().input.extend(input(role, *which));
                        Ok(())
                    }
                    Step::Read => socket.read().map(|_| ()),
                    Step::ReadMessage => socket.read_message().map(|_| ()),
                    Step::ReadRaw => socket.read_raw().map(|_| ()),
                    Step::Flush => socket.flush(),
                    Step::Release => { socket.release(); Ok(()) }
                };
                match result {
                    Ok(()) | Err(Error::WouldBlock) => {}
                    Err(Error::Codec(wscodec::Error::Protocol(_))) => is_over = true,
                    Err(error) => prop_assert!(false, "{:?} of {:?}", error, step),
                }
                prop_assert!(!is_over || socket.state() == State::Failed);
            }
            while socket.flush().is_err() {}
            let mut seen = understood(role, &socket.into_parts().0.output);
            if !model.sent.iter().any(|message| matches!(message, Owned::Close(_))) {
                seen.retain(|message| !matches!(message, Owned::Close(_)));
            }
            model.sent.retain(|message| !matches!(message, Owned::Pong(_)));
            prop_assert_eq!(seen, model.sent);
        }
    }
}

#[cfg(feature = "codec")]
mod codec {
    use bytes::BytesMut;
    use tokio_util::codec::{Decoder, Encoder};
    use wscodec::codec::{Error, MessageCodec};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn any_calls_on_a_codec_do_what_the_model_says(
            steps in vec((0_u8..4, calls(), 0_usize..8), 0..30), client: bool,
        ) {
            let role = if client { Role::Client } else { Role::Server };
            let mut codec = MessageCodec::new(role, Limits::new()).with_mask_keys(|| KEY);
            let (mut model, mut wire, mut source) = (Model::default(), BytesMut::new(), BytesMut::new());
            let mut failed = None;
            for (step, call, which) in &steps {
                let decoded = match (step, call) {
                    (0 | 1, Call::Send(message)) => {
                        let before = wire.len();
                        let sent = codec.encode(message.borrow(), &mut wire);
                        let expected = model.call(call);
                        match sent {
                            Ok(()) => prop_assert_eq!(expected, Ok(())),
                            Err(Error::Codec(error)) => {
                                prop_assert_eq!(Err(error), expected.map_err(Into::into));
                                prop_assert_eq!(wire.len(), before);
                            }
                            Err(error) => prop_assert!(false, "{:?}", error),
                        }
                        continue;
                    }
                    (0 | 1, _) => {
                        source.extend(input(role, *which));
                        continue;
                    }
                    (2, _) => codec.decode(&mut source),
                    _ => codec.decode_eof(&mut source),
                };
                match (decoded, failed) {
                    (Ok(_), None) | (Err(Error::Io(_)), None) => {}
                    (Err(Error::Codec(error)), None) => failed = Some(error),
                    (Err(Error::Codec(error)), Some(first)) => prop_assert_eq!(error, first, "it is final"),
                    (other, _) => prop_assert!(false, "{:?}", other),
                }
            }
            model.sent.retain(|message| !matches!(message, Owned::Pong(_)));
            prop_assert_eq!(understood(role, &wire), model.sent);
        }
    }
}
