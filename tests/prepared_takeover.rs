//! The row "context takeover": series of prepared and ordinary messages, whole and in fragments, in any order. A compressor that
//! did not see what was sent must not refer to it wrongly, and what comes out wrong at the peer is silent: so all of it is
//! decoded by a decoder that has seen the same connection from its start, and compared.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::{Owned, take_all};
use wscodec::compressors::{
    Backend, CompressionPolicy, CompressionWish, CompressorConfig, DecompressorConfig,
};
use wscodec::{
    Connection, DataKind, Decoder, Encoder, Error, Limits, Message, MisuseError, PreparedMessage, Role,
    broadcast,
};

#[derive(Clone, Debug)]
enum Step {
    /// One of the prepared messages.
    Prepared(usize),
    Vectored(usize),
    Broadcast(usize),
    Whole(String),
    Fragments(String, usize),
    PreparedPingWithin(String),
    Release,
}

/// Words that come again and again, in messages prepared or not: whoever refers to the wrong place gets the wrong word.
fn text() -> impl Strategy<Value = String> {
    let words = ["price", "quantity", "\"symbol\":", "1234567890", ", ", "größer", "\n"];
    vec(0..words.len(), 0..120).prop_map(move |picked| picked.into_iter().map(|word| words[word]).collect())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..4_usize).prop_map(Step::Prepared),
        1 => (0..4_usize).prop_map(Step::Vectored),
        1 => (0..4_usize).prop_map(Step::Broadcast),
        4 => text().prop_map(Step::Whole),
        2 => (text(), 1..200_usize).prop_map(|(text, size)| Step::Fragments(text, size)),
        1 => text().prop_map(Step::PreparedPingWithin),
        1 => Just(Step::Release),
    ]
}

struct End {
    connection: Connection,
    peer: Decoder,
    sent: Vec<Owned>,
    received: Vec<Owned>,
}

impl End {
    fn new(role: Role, backend: Backend, window: u8, takeover: bool, threshold: usize) -> Self {
        let other = if role == Role::Server { Role::Client } else { Role::Server };
        let config = CompressorConfig::default().takeover(takeover).window_bits(window);
        let expects = DecompressorConfig::default().takeover(takeover).window_bits(window);
        Self {
            connection: Connection::new(role, Limits::new())
                .with_compressor(backend, config)
                .expect("it can")
                .with_compression_policy(CompressionPolicy::default().threshold(threshold)),
            peer: Decoder::new(other, Limits::new()).with_decompressor(backend, expects).expect("it can"),
            sent: Vec::new(),
            received: Vec::new(),
        }
    }

    fn take(&mut self, step: &Step, prepared: &[PreparedMessage]) {
        let text_of =
            |prepared: &PreparedMessage| String::from_utf8(prepared.payload().to_vec()).expect("text");
        match step {
            Step::Prepared(index) | Step::Vectored(index) | Step::Broadcast(index) => {
                let message = &prepared[*index];
                match step {
                    Step::Prepared(_) => self.connection.send_prepared(message).expect("open"),
                    Step::Vectored(_) => {
                        self.connection.send_prepared_vectored(message).map(drop).expect("open");
                    }
                    _ => assert_eq!(broadcast(message, [&mut self.connection]).sent(), 1),
                }
                self.sent.push(Owned::Text(text_of(message)));
            }
            Step::Whole(text) => {
                self.connection.send(Message::Text(text)).expect("open");
                self.sent.push(Owned::Text(text.clone()));
            }
            Step::Fragments(text, size) => self.fragments(text, *size, None),
            Step::PreparedPingWithin(text) => {
                let ping = PreparedMessage::new(Message::Ping(b"within")).expect("short");
                self.fragments(text, 100, Some(&ping));
            }
            Step::Release => self.connection.release(),
        }
        self.peer.push(self.connection.output());
        self.connection.clear_output();
        take_all(&mut self.peer, &mut self.received).expect("what was sent can be read");
    }

    fn fragments(&mut self, text: &str, size: usize, ping: Option<&PreparedMessage>) {
        let (first, last) = text.as_bytes().split_at(size.min(text.len()));
        let sender = self.connection.sender();
        sender.begin_message(DataKind::Text, first).expect("open");
        if let Some(ping) = ping {
            sender.send_prepared(ping).expect("between fragments");
            self.sent.push(Owned::Ping(ping.payload().to_vec()));
        }
        sender.finish_message(last).expect("under way");
        self.sent.push(Owned::Text(text.to_owned()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn everything_arrives_in_step(
        texts in vec(text(), 4),
        wish in prop_oneof![Just(CompressionWish::Auto), Just(CompressionWish::Compress)],
        keeps_history in any::<bool>(),
        steps in vec(step(), 1..20),
        window in 8..=15_u8,
        threshold in prop_oneof![Just(0_usize), Just(64), Just(400)],
    ) {
        for backend in Backend::available() {
            let can = backend.capabilities();
            let takeover = can.takeover && can.window_bits.contains(&window);
            let prepared: Vec<_> =
                texts.iter().map(|text| PreparedMessage::from(&text[..]).with_wish(wish)).collect();
            // Every other one.
            let prepared: Vec<_> = prepared
                .into_iter()
                .enumerate()
                .map(|(at, it)| if keeps_history && at % 2 == 0 { it.keeping_history() } else { it })
                .collect();
            for role in [Role::Server, Role::Client] {
                let mut end = End::new(role, backend, window, takeover, threshold);
                for step in &steps {
                    end.take(step, &prepared);
                    prop_assert!(end.received == end.sent, "{backend} {role:?}: {step:?}");
                }
            }
        }
    }
}

/// What the property is for: a compressor that refers to what the peer has, but as if the prepared message had not been there.
#[test]
fn the_next_message_after_a_compressed_one_refers_to_nothing_before_it() {
    for backend in Backend::available().filter(|backend| backend.capabilities().takeover) {
        let text = "the same words, ".repeat(20);
        let mut encoder =
            Encoder::new(Role::Server).with_compressor(backend, CompressorConfig::default()).expect("it can");
        let mut ordinary = || {
            let mut out = Vec::new();
            encoder.encode(Message::Text(&text), &mut out).expect("open");
            out
        };
        let (first, second) = (ordinary(), ordinary());
        assert!(second.len() < first.len(), "{backend}: by reference to the first");
        let shared = PreparedMessage::from(&text[..]);
        let plain = PreparedMessage::from(&text[..]).with_wish(CompressionWish::Plain);
        let mut sent_between = |prepared: &PreparedMessage| {
            let mut out = Vec::new();
            encoder.encode_prepared(prepared, &mut out).expect("open");
            out.clear();
            encoder.encode(Message::Text(&text), &mut out).expect("open");
            out
        };
        assert!(sent_between(&plain).len() < first.len(), "{backend}: a plain one is not in the history");
        assert_eq!(sent_between(&shared), first, "{backend}");
        assert!(sent_between(&plain).len() < first.len(), "{backend}: and the history begins again");
    }
}

#[test]
fn where_history_is_kept_every_connection_with_takeover_compresses_for_itself_in_one_frame() {
    let text = "the same words, ".repeat(20);
    for backend in Backend::available() {
        let prepared = PreparedMessage::from(&text[..]).keeping_history();
        let before = prepared.memory();
        for takeover in [true, false] {
            if takeover && !backend.capabilities().takeover {
                continue;
            }
            let config = CompressorConfig::default().takeover(takeover);
            let new = || Encoder::new(Role::Server).with_compressor(backend, config).expect("it can");
            let (mut encoder, mut by_itself) = (new(), new());
            let (mut out, mut expected) = (Vec::new(), Vec::new());
            for _ in 0..3 {
                encoder.encode_prepared(&prepared, &mut out).expect("open");
                by_itself.encode(Message::Text(&text), &mut expected).expect("open");
                assert_eq!(encoder.prepared_frame(&prepared).map(|it| it.is_none()), Ok(takeover));
            }
            assert_eq!(out, expected, "{backend}");
            assert_eq!(prepared.memory() == before, takeover, "{backend}: shared without takeover");

            let connection = Connection::new(Role::Server, Limits::new()).with_frame_size(10);
            let mut connection = connection.with_compressor(backend, config).expect("it can");
            connection.send_prepared(&prepared).expect("open");
            drop(connection.send_prepared_vectored(&prepared).expect("open"));
            let two_frames = if takeover { expected.len() } else { expected.len() / 3 * 2 };
            assert!(connection.output().len() <= two_frames, "{backend}");

            let mut encoder = new();
            encoder.begin_message(DataKind::Text, b"", &mut Vec::new()).expect("open");
            let under_way = Error::Misuse(MisuseError::MessageUnderWay);
            assert_eq!(encoder.prepared_frame(&prepared).map(|_| ()), Err(under_way));
            assert_eq!(encoder.encode_prepared(&prepared, &mut Vec::new()), Err(under_way));
            encoder.encode(Message::Close(None), &mut Vec::new()).expect("at any time");
            let closed = Error::Misuse(MisuseError::Closed);
            assert_eq!(encoder.prepared_frame(&prepared).map(|_| ()), Err(closed));
            assert_eq!(encoder.encode_prepared(&prepared, &mut Vec::new()), Err(closed));
        }
    }
}
