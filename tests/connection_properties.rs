//! Two connections that talk, with any calls in any order and any cuts: every message arrives as it was sent and in order, every
//! ping is answered or a later one is, queues keep to their limit, and both end in a clean close.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::Owned;
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec::{
    CloseCode, CloseFrame, Connection, DataKind, Error, Event, Limits, Message, MisuseError, Role, State,
};

const LIMIT: usize = 6_000;

#[derive(Clone, Debug)]
enum Call {
    Send(Owned),
    Vectored(Vec<u8>, usize),
    Batch(Vec<Owned>),
    Fragments(DataKind, String, usize),
    Stream(DataKind, String, usize, usize),
    StreamFrom(Vec<u8>, usize),
    /// So many bytes are written, and read at the other end.
    Move(usize),
    Release,
}

struct End {
    connection: Connection,
    /// Data messages and pings that the other end has not seen yet.
    sent: std::collections::VecDeque<Owned>,
    /// Pings that the other end has not answered.
    pings: std::collections::VecDeque<Vec<u8>>,
}

impl End {
    fn new(role: Role, frame_size: usize, backend: Option<Backend>) -> Self {
        let connection = Connection::new(role, Limits::new())
            .with_frame_size(frame_size)
            .with_read_size(64)
            .with_output_limit(LIMIT);
        let connection = match backend {
            Some(backend) => connection
                .with_compressor(backend, CompressorConfig::default().takeover(false))
                .and_then(|with| {
                    with.with_decompressor(backend, DecompressorConfig::default().takeover(false))
                })
                .expect("every backend can"),
            None => connection,
        };
        Self { connection, sent: Default::default(), pings: Default::default() }
    }

    fn note(&mut self, message: Owned) {
        if let Owned::Ping(payload) = &message {
            self.pings.push_back(payload.clone());
        }
        self.sent.push_back(message);
    }

    /// Makes the call, and takes note of what it sent; a full queue refuses all of it.
    fn call(&mut self, call: &Call) {
        let sender = self.connection.sender();
        let before = sender.output().len();
        let owned = |kind, text: &str| match kind {
            DataKind::Text => Owned::Text(text.to_owned()),
            DataKind::Binary => Owned::Binary(text.as_bytes().to_vec()),
        };
        let (result, messages) = match call {
            Call::Send(message) => (sender.send(message.borrow()), vec![message.clone()]),
            Call::Batch(messages) => {
                let borrowed: Vec<_> = messages.iter().map(Owned::borrow).collect();
                (sender.send_all(&borrowed), messages.clone())
            }
            Call::Vectored(payload, written) => {
                // Only what was queued is "written" here, so that the bytes move as the others do.
                let result = sender.send_vectored(Message::Binary(payload)).map(|pieces| {
                    let length = pieces.length();
                    assert!(length >= before + payload.len().min(1));
                    if *written % 2 == 0 {
                        pieces.wrote(0).expect("none");
                    }
                });
                (result, vec![Owned::Binary(payload.clone())])
            }
            Call::Fragments(kind, text, size) => {
                if before + 2 * text.len() + 14 * text.len() + 100 > LIMIT {
                    return;
                }
                let parts: Vec<_> = text.as_bytes().chunks((*size).max(1)).collect();
                sender.begin_message(*kind, b"").expect("room");
                parts.iter().for_each(|part| sender.continue_message(part).expect("room"));
                (sender.finish_message(b""), vec![owned(*kind, text)])
            }
            Call::Stream(kind, text, chunk, part) => {
                if before + 15 * text.len() + 100 > LIMIT {
                    return;
                }
                sender.begin_stream(*kind, *chunk).expect("no message is under way");
                text.as_bytes().chunks((*part).max(1)).for_each(|part| sender.stream(part).expect("room"));
                (sender.finish_stream(), vec![owned(*kind, text)])
            }
            Call::StreamFrom(payload, chunk) => {
                if before + 15 * payload.len() + 14 + chunk + 100 > LIMIT {
                    return;
                }
                sender.begin_stream(DataKind::Binary, *chunk).expect("no message is under way");
                let mut reader = &payload[..];
                while sender.stream_from(&mut reader).expect("room") {}
                (Ok(()), vec![Owned::Binary(payload.clone())])
            }
            Call::Move(_) => return,
            Call::Release => return self.connection.release(),
        };
        match result {
            Ok(()) => messages.into_iter().for_each(|message| self.note(message)),
            Err(error) => {
                assert_eq!(error, Error::Misuse(MisuseError::OutputFull { limit: LIMIT }));
                assert_eq!(self.connection.output().len(), before, "nothing was queued");
            }
        }
    }

    /// Writes up to so many bytes, which `other` reads, and takes the events of.
    fn deliver(&mut self, bytes: usize, other: &mut Self) {
        let bytes = bytes.min(self.connection.output().len());
        let room = other.connection.room();
        let bytes = bytes.min(room.len());
        room[..bytes].copy_from_slice(&self.connection.output()[..bytes]);
        self.connection.advance_output(bytes).expect("as many");
        other.connection.filled(bytes).expect("there was room");
        while let Some(event) = other.connection.next_event().expect("all of it is well formed") {
            let Event::Message(message) = event else { panic!("{event:?} was not asked for") };
            match message {
                Message::Close(_) => assert!(self.sent.is_empty(), "all came before the close"),
                // An answer to the last ping, or to a later one than the first.
                Message::Pong(payload) => {
                    let at = other.pings.iter().position(|ping| ping == payload);
                    other.pings.drain(..=at.expect("a ping that is not answered yet"));
                }
                message => assert_eq!(Some(message.into()), self.sent.pop_front()),
            }
        }
        for end in [&*self, &*other] {
            assert!(end.connection.output().len() <= LIMIT + 278);
            // Queues, messages under way, an arena and a batch of frames: all within their bounds.
            assert!(end.connection.memory() < 1 << 20, "{}", end.connection.memory());
        }
    }
}

fn message() -> impl Strategy<Value = Owned> {
    prop_oneof![
        3 => "\\PC{0,60}".prop_map(Owned::Text),
        3 => vec(any::<u8>(), 0..400).prop_map(Owned::Binary),
        // Few enough bytes for pings to be alike, too.
        2 => vec(any::<u8>(), 0..125).prop_map(Owned::Ping),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let kind = || prop::bool::ANY.prop_map(|text| if text { DataKind::Text } else { DataKind::Binary });
    prop_oneof![
        4 => message().prop_map(Call::Send),
        1 => (vec(any::<u8>(), 0..3_000), any::<usize>()).prop_map(|(payload, n)| Call::Vectored(payload, n)),
        1 => vec(message(), 0..5).prop_map(Call::Batch),
        2 => (kind(), "\\PC{0,60}", 1_usize..30).prop_map(|(kind, text, size)| Call::Fragments(kind, text, size)),
        2 => (kind(), "\\PC{0,60}", 1_usize..30, 1_usize..30)
            .prop_map(|(kind, text, chunk, part)| Call::Stream(kind, text, chunk, part)),
        1 => (vec(any::<u8>(), 0..200), 1_usize..60).prop_map(|(payload, chunk)| Call::StreamFrom(payload, chunk)),
        6 => (0_usize..700).prop_map(Call::Move),
        1 => Just(Call::Release),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn two_ends_understand_each_other_until_both_close(
        calls in vec((any::<bool>(), call()), 0..60),
        frame_size in prop_oneof![Just(usize::MAX), 10_usize..200],
        compressed in prop::option::of(any::<prop::sample::Index>()),
        (server_closes, client_closes, step) in (any::<bool>(), any::<bool>(), 1_usize..300),
    ) {
        let backends: Vec<_> = Backend::available().collect();
        let backend = compressed.filter(|_| !backends.is_empty()).map(|index| *index.get(&backends));
        let mut server = End::new(Role::Server, frame_size, backend);
        let mut client = End::new(Role::Client, frame_size, backend);
        for (by_server, call) in &calls {
            let (end, other) = if *by_server { (&mut server, &mut client) } else { (&mut client, &mut server) };
            if let Call::Move(bytes) = call {
                end.deliver(*bytes, other);
            } else {
                end.call(call);
            }
        }
        // Who closes has sent all that it wants to; the other still may be about to answer.
        let drain = !(server_closes && client_closes);
        while drain && !(server.connection.output().is_empty() && client.connection.output().is_empty()) {
            server.deliver(step, &mut client);
            client.deliver(step, &mut server);
        }
        if drain {
            prop_assert!(server.pings.is_empty() && client.pings.is_empty(), "every ping is answered in the end");
        }
        let normal = Some(CloseFrame::new(CloseCode::NORMAL, "done"));
        if server_closes || !client_closes {
            server.connection.close(normal).expect("open");
        }
        if client_closes {
            client.connection.close(normal).expect("open");
        }
        let mut rounds = 0;
        while !server.connection.should_shut() {
            server.deliver(step, &mut client);
            client.deliver(step, &mut server);
            rounds += 1;
            prop_assert!(rounds < 100_000, "it comes to an end");
        }
        while !client.connection.should_shut() {
            prop_assert!(rounds < 100_000, "it comes to an end");
            server.deliver(step, &mut client);
            client.connection.eof();
            rounds += 1;
        }
        for end in [&server, &client] {
            prop_assert_eq!(end.connection.state(), State::Closed);
            prop_assert_eq!(end.connection.close_code(), Some(CloseCode::NORMAL));
            prop_assert!(end.sent.is_empty(), "all of it came");
        }
    }

    #[test]
    fn any_bytes_end_in_order(bytes in vec(any::<u8>(), 0..300), cuts in vec(0_usize..40, 0..30), client: bool) {
        let role = if client { Role::Client } else { Role::Server };
        let mut connection = Connection::new(role, Limits::new().with_message(250)).with_output_limit(200);
        let mut rest = &bytes[..];
        for cut in cuts.into_iter().chain([usize::MAX]) {
            let (piece, others) = rest.split_at(cut.min(rest.len()));
            connection.push(piece);
            rest = others;
            while let Ok(Some((_, sender))) = connection.next_event_and_sender() {
                let _ = sender.send(Message::Text("answer"));
            }
            prop_assert!(connection.output().len() <= 200 + 278);
        }
        connection.eof();
        connection.clear_output();
        connection.clear_output();
        prop_assert!(connection.should_shut());
        prop_assert!(connection.close_code().is_some());
    }
}
