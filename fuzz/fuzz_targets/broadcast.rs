//! Broadcasts among what each connection sends by itself: whoever can take one gets it, once, in order and as it was; whoever
//! can't is told of with the reason, queues nothing, and keeps nobody else from it; no output is longer than its limit, but for what the
//! last message got longer in the compressor.
#![no_main]

use std::collections::VecDeque;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec::{
    Connection, DataKind, Decoder, Error, Limits, Message, MisuseError, OwnedMessage, PreparedMessage, Role,
    broadcast, release_shared,
};
use wscodec_fuzz::{Blob, Operations, Text, Way, Wish, backend};

#[derive(Arbitrary, Debug)]
struct Input {
    members: [Setup; 4],
    messages: [Prepared; 3],
    operations: Operations<Operation, 48>,
}

#[derive(Arbitrary, Debug)]
struct Setup {
    client: bool,
    compression: Option<Way>,
    output_limit: u16,
}

#[derive(Arbitrary, Debug)]
enum Prepared {
    Data { text: Text, wish: Wish, keeps_history: bool, engine: Option<u8> },
    Ping(Blob),
}

#[derive(Arbitrary, Debug)]
enum Operation {
    /// To those whose bits are set.
    Broadcast {
        message: u8,
        to: u8,
    },
    Send {
        by: u8,
        text: Text,
    },
    Begin {
        by: u8,
        text: Text,
    },
    Finish {
        by: u8,
    },
    Close {
        by: u8,
    },
    /// All that is queued is written, and read by the peer.
    Deliver {
        by: u8,
    },
    Release {
        by: u8,
    },
    /// It leaves its buffers to the others.
    Share {
        by: u8,
    },
    ReleaseShared,
}

/// So many bytes may a message and its header get longer in a compressor that takes its history over; for the limit it counts as it is.
const LONGER: usize = 4;

fuzz_target!(|input: Input| {
    release_shared();
    let messages = input.messages.map(Prepared::make);
    let mut members = input.members.map(|setup| Member::new(&setup));
    for operation in input.operations.0 {
        match operation {
            Operation::Broadcast { message, to } => {
                to_all(&messages[usize::from(message) % messages.len()], &mut members, to);
            }
            Operation::Send { by, text } => members[usize::from(by) % 4].send(text.bytes(15, &[])),
            Operation::Begin { by, text } => members[usize::from(by) % 4].begin(text.bytes(15, &[])),
            Operation::Finish { by } => members[usize::from(by) % 4].finish(),
            Operation::Close { by } => members[usize::from(by) % 4].close(),
            Operation::Deliver { by } => members[usize::from(by) % 4].deliver(),
            Operation::Release { by } => members[usize::from(by) % 4].connection.release(),
            Operation::Share { by } => members[usize::from(by) % 4].connection.share_buffers(),
            Operation::ReleaseShared => release_shared(),
        }
    }
    for mut member in members {
        member.deliver();
        assert!(member.expected.is_empty(), "{:?} are lost", member.expected);
    }
});

fn to_all((prepared, message): &(PreparedMessage, OwnedMessage), members: &mut [Member; 4], to: u8) {
    let mut chosen: Vec<&mut Member> =
        members.iter_mut().enumerate().filter(|(index, _)| to & 1 << index != 0).map(|(_, it)| it).collect();
    let before: Vec<Vec<u8>> = chosen.iter().map(|it| it.connection.output().to_vec()).collect();
    let report = broadcast(prepared, chosen.iter_mut().map(|it| it.connection.sender()));
    assert_eq!(report.sent() + report.failures().len(), chosen.len());
    assert!(report.failures().is_sorted_by_key(|(index, _)| index));
    for (index, (member, before)) in chosen.into_iter().zip(before).enumerate() {
        let failure = report.failures().iter().find(|(failed, _)| *failed == index);
        member.took(failure.map(|(_, error)| *error), &before, message);
    }
}

struct Member {
    connection: Connection,
    limit: usize,
    peer: Decoder,
    expected: VecDeque<OwnedMessage>,
    under_way: Option<Vec<u8>>,
    has_closed: bool,
}

impl Member {
    fn new(setup: &Setup) -> Self {
        let (role, peer) =
            if setup.client { (Role::Client, Role::Server) } else { (Role::Server, Role::Client) };
        let limit = usize::from(setup.output_limit);
        let mut connection = Connection::new(role, Limits::new()).with_output_limit(limit);
        let mut peer = Decoder::new(peer, Limits::new());
        if let Some(way) = &setup.compression {
            let agreed = way.agreed();
            connection = connection.with_compression_policy(agreed.policy);
            connection = connection.with_compressor(agreed.from, agreed.config).expect("it can do it");
            peer = peer.with_decompressor(agreed.to, agreed.expects).expect("it can do it");
        }
        Self { connection, limit, peer, expected: VecDeque::new(), under_way: None, has_closed: false }
    }

    /// What came of sending it a message.
    fn took(&mut self, failure: Option<Error>, before: &[u8], message: &OwnedMessage) {
        let output = self.connection.output();
        let is_data = matches!(message, OwnedMessage::Text(_) | OwnedMessage::Binary(_));
        let refused = match () {
            () if self.has_closed => Some(MisuseError::Closed),
            () if is_data && self.under_way.is_some() => Some(MisuseError::MessageUnderWay),
            () => None,
        };
        match failure {
            None => {
                assert_eq!(refused, None);
                assert!(
                    output.starts_with(before)
                        && output.len() > before.len()
                        && output.len() <= self.limit + LONGER
                );
                self.expected.push_back(message.clone());
            }
            Some(error) => {
                assert_eq!(output, before, "{error:?} and something was queued");
                // Of two reasons, either is told.
                if refused.is_none_or(|refused| error != Error::Misuse(refused)) {
                    assert_eq!(error, Error::Misuse(MisuseError::OutputFull { limit: self.limit }));
                    // It may get longer, by its header and by DEFLATE, but not twice as long.
                    assert!(before.len() + 2 * length(message) + 20 > self.limit, "there was room");
                }
            }
        }
    }

    fn send(&mut self, bytes: Vec<u8>) {
        let before = self.connection.output().to_vec();
        let failure = self.connection.send(Message::Binary(&bytes)).err();
        self.took(failure, &before, &OwnedMessage::Binary(bytes));
    }

    fn begin(&mut self, bytes: Vec<u8>) {
        if self.under_way.is_none()
            && self.connection.sender().begin_message(DataKind::Binary, &bytes).is_ok()
        {
            self.under_way = Some(bytes);
        }
    }

    fn finish(&mut self) {
        if self.under_way.is_some() && self.connection.sender().finish_message(b"").is_ok() {
            self.expected.extend(self.under_way.take().map(OwnedMessage::Binary));
        }
    }

    fn close(&mut self) {
        if self.connection.close(None).is_ok() {
            assert!(!self.has_closed);
            self.has_closed = true;
            self.expected.push_back(OwnedMessage::Close(None));
        }
    }

    fn deliver(&mut self) {
        self.peer.push(self.connection.output());
        self.connection.clear_output();
        while let Some(message) = self.peer.next_message().expect("what is sent is well-formed") {
            let expected = self.expected.pop_front();
            assert!(expected == Some(message.into()), "{message:?} in place of {expected:?}");
        }
    }
}

impl Prepared {
    fn make(self) -> (PreparedMessage, OwnedMessage) {
        let (text, wish, keeps_history, engine) = match self {
            Self::Data { text, wish, keeps_history, engine } => (text, wish, keeps_history, engine),
            Self::Ping(Blob(mut payload)) => {
                payload.truncate(125);
                let prepared = PreparedMessage::new(Message::Ping(&payload)).expect("short enough");
                return (prepared, OwnedMessage::Ping(payload));
            }
        };
        let bytes = text.bytes(15, &[]);
        let mut prepared = PreparedMessage::from(&bytes[..]).with_wish(wish.into());
        if keeps_history {
            prepared = prepared.keeping_history();
        }
        if let Some(index) = engine {
            prepared = prepared.with_backend(backend(index), 1).expect("all have it");
        }
        (prepared, OwnedMessage::Binary(bytes))
    }
}

fn length(message: &OwnedMessage) -> usize {
    match message.as_message() {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    }
}
