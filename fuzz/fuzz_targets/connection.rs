//! Two connections and what they do to each other, in any order and over any cuts: every message arrives once, in order and
//! as it was sent; whatever a hostile peer writes, limits hold, memory is bounded, errors are final and nothing follows a
//! close frame.
#![no_main]

use std::collections::VecDeque;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec::compressors::CompressionWish;
use wscodec::kernel::{FrameHeader, HeaderDecode, Opcode};
use wscodec::{
    CloseCode, CloseFrame, Connection, DataKind, Error, Event, Limits, Message, OwnedMessage, Role, Sender,
    State, release_shared,
};
use wscodec_fuzz::{Blob, Operations, Way, Wish};

#[derive(Arbitrary, Debug)]
struct Input {
    setups: [Setup; 2],
    /// Each at one of the two ends.
    operations: Operations<(bool, Operation), 48>,
}

/// One end, and the compression of what it sends.
#[derive(Arbitrary, Debug)]
struct Setup {
    compression: Option<Way>,
    frame_size: Option<u8>,
    /// By default it grows and shrinks.
    read_size: Option<u16>,
    fragments: bool,
}

#[derive(Arbitrary, Debug)]
enum Operation {
    Send { text: Text, binary: bool, wish: Wish },
    Vectored { text: Text, written: u16 },
    Fragments { text: Text, cut: u8, wish: Wish },
    Stream { text: Text, chunk: u8, part: u8, wish: Wish },
    Ping(Blob),
    Close { code: u16, reason: Blob },
    Deliver(u16),
    DeliverAll,
    Release,
    Share,
    ReleaseShared,
    Hostile(Blob),
    Eof,
}

#[derive(Arbitrary, Debug)]
struct Text {
    bytes: Blob,
    times: u8,
}

/// Of what is sent; of what is taken, compressed in many small frames as well; and of what is queued.
const LONGEST: usize = 20_000;
const LIMIT: usize = 2 * LONGEST;
const OUTPUT: usize = 60_000;
/// What an end may hold: buffers of twice what is in them, for reads, for messages, for two directions' engines.
const MEMORY: usize = 4 << 20;

fuzz_target!(|input: Input| {
    release_shared();
    let mut ends = [End::new(Role::Client, &input.setups), End::new(Role::Server, &input.setups)];
    for (which, operation) in input.operations.0 {
        let [client, server] = &mut ends;
        let (end, peer) = if which { (server, client) } else { (client, server) };
        end.perform(operation, peer);
        end.check();
        peer.check();
    }
    // All that is under way arrives.
    for _ in 0..8 {
        let [client, server] = &mut ends;
        client.deliver(usize::MAX, server);
        server.deliver(usize::MAX, client);
    }
    for end in &ends {
        assert!(end.is_attacked || end.is_cut || end.expected.is_empty(), "{:?} are lost", end.expected);
    }
});

struct End {
    connection: Connection,
    /// What the peer sent and this end has not seen, in order; its answers to pings among it.
    expected: VecDeque<OwnedMessage>,
    /// A message in fragments, as far as it came.
    parts: Option<(DataKind, Vec<u8>)>,
    /// Somebody else wrote to it: then anything may come, but not in any way.
    is_attacked: bool,
    /// What was sent to it last may be lost: it or its peer failed or ended.
    is_cut: bool,
    failed: Option<Error>,
    has_closed: bool,
    /// The output so far was read as frames up to here: none may follow a close frame.
    wire: Wire,
}

/// A plain reading of what goes out.
#[derive(Default)]
struct Wire {
    header: Vec<u8>,
    skip: u64,
    closes: bool,
    closed: bool,
}

impl End {
    fn new(role: Role, setups: &[Setup; 2]) -> Self {
        let (own, other) = match role {
            Role::Client => (&setups[0], &setups[1]),
            Role::Server => (&setups[1], &setups[0]),
        };
        let limits = Limits::new().with_frame(LIMIT).with_message(LIMIT).with_fragments(LONGEST + 2);
        let mut connection = Connection::new(role, limits).with_output_limit(OUTPUT);
        if let Some(size) = own.read_size {
            connection = connection.with_read_size(1 + usize::from(size) % 9_000);
        }
        if let Some(size) = own.frame_size {
            connection = connection.with_frame_size(size.into());
        }
        if own.fragments {
            connection = connection.with_fragments();
        }
        if let Some(way) = &own.compression {
            let agreed = way.agreed();
            connection = connection.with_compression_policy(agreed.policy);
            connection = connection.with_compressor(agreed.from, agreed.config).expect("it can do it");
        }
        if let Some(way) = &other.compression {
            let agreed = way.agreed();
            connection = connection.with_decompressor(agreed.to, agreed.expects).expect("it can do it");
        }
        Self {
            connection,
            expected: VecDeque::new(),
            parts: None,
            is_attacked: false,
            is_cut: false,
            failed: None,
            has_closed: false,
            wire: Wire::default(),
        }
    }

    fn perform(&mut self, operation: Operation, peer: &mut Self) {
        let before = self.connection.output().to_vec();
        let sender = self.connection.sender();
        let sent = match operation {
            Operation::Send { text, binary, wish } => {
                let message = text.message(binary);
                sender.send_with(message.as_message(), wish.into()).map(|()| message)
            }
            Operation::Vectored { text, written } => {
                let message = text.message(true);
                let sent = sender.send_vectored(message.as_message()).map(|pieces| {
                    let written = usize::from(written).min(pieces.length());
                    let wire: Vec<u8> = pieces.slices().iter().flat_map(|slice| slice.to_vec()).collect();
                    pieces.wrote(written).expect("there are as many");
                    wire[..written].to_vec()
                });
                match sent {
                    Ok(wire) => {
                        peer.note(message);
                        self.wire.read(&wire);
                        peer.receive(&wire);
                        return;
                    }
                    Err(error) => Err(error),
                }
            }
            Operation::Fragments { text, cut, wish } => {
                let message = text.message(false);
                let OwnedMessage::Text(text) = &message else { return };
                if !room_for(sender, text.len(), cut.into()) {
                    return;
                }
                fragments(sender, text.as_bytes(), cut.into(), wish.into()).map(|()| message)
            }
            Operation::Stream { text, chunk, part, wish } => {
                let message = text.message(false);
                let OwnedMessage::Text(text) = &message else { return };
                if !room_for(sender, text.len(), chunk.into()) {
                    return;
                }
                stream(sender, text.as_bytes(), chunk.into(), part.into(), wish.into()).map(|()| message)
            }
            Operation::Ping(Blob(payload)) => {
                sender.send(Message::Ping(&payload)).map(|()| OwnedMessage::Ping(payload))
            }
            Operation::Close { code, reason } => {
                let reason = String::from_utf8_lossy(&reason.0).into_owned();
                let code = CloseCode::new(code);
                let sent = sender.close(Some(CloseFrame::new(code, &reason)));
                if sent.is_ok() {
                    self.has_closed = true;
                }
                sent.map(|()| OwnedMessage::Close(Some((code, reason))))
            }
            Operation::Deliver(bytes) => return self.deliver(bytes.into(), peer),
            Operation::DeliverAll => return self.deliver(usize::MAX, peer),
            Operation::Release => return self.connection.release(),
            Operation::Share => return self.connection.share_buffers(),
            Operation::ReleaseShared => return release_shared(),
            Operation::Hostile(Blob(bytes)) => {
                self.is_attacked = true;
                // What it answers is nobody's business any more, and what it says may be an error's.
                peer.is_cut = true;
                return self.receive(&bytes);
            }
            Operation::Eof => {
                self.is_cut = true;
                peer.is_cut = true;
                self.connection.eof();
                return;
            }
        };
        match sent {
            Ok(message) => peer.note(message),
            Err(error) => {
                assert!(matches!(error, Error::Misuse(_)), "{error:?}");
                assert!(self.connection.output() == before, "{error:?} and something was queued");
            }
        }
    }

    fn note(&mut self, message: OwnedMessage) {
        self.expected.push_back(message);
    }

    /// Writes up to so many bytes to the peer.
    fn deliver(&mut self, bytes: usize, peer: &mut Self) {
        let bytes = self.connection.output().len().min(bytes);
        let wire = self.connection.output()[..bytes].to_vec();
        self.connection.advance_output(bytes).expect("there are as many");
        self.wire.read(&wire);
        peer.receive(&wire);
    }

    fn receive(&mut self, wire: &[u8]) {
        let mut rest = wire;
        while !rest.is_empty() {
            let room = self.connection.room();
            let (now, after) = rest.split_at(room.len().min(rest.len()));
            room[..now.len()].copy_from_slice(now);
            self.connection.filled(now.len()).expect("there is room");
            rest = after;
            self.take_events();
        }
    }

    fn take_events(&mut self) {
        loop {
            match self.connection.next_event() {
                Ok(None) => return,
                Ok(Some(event)) => {
                    assert!(self.failed.is_none(), "{event:?} after an error");
                    let Some(message) = gather(event, &mut self.parts) else { continue };
                    self.arrived(message);
                }
                Err(error) => {
                    assert!(self.is_attacked, "{error:?} without an attack");
                    assert_eq!(*self.failed.get_or_insert(error), error, "errors are final");
                    assert_eq!(self.connection.state(), State::Failed);
                    self.is_cut = true;
                    return;
                }
            }
        }
    }

    fn arrived(&mut self, message: OwnedMessage) {
        match &message {
            OwnedMessage::Text(text) => assert!(text.len() <= LIMIT),
            OwnedMessage::Binary(bytes) => assert!(bytes.len() <= LIMIT),
            OwnedMessage::Ping(bytes) | OwnedMessage::Pong(bytes) => assert!(bytes.len() <= 125),
            OwnedMessage::Close(_) => {}
        }
        // Pongs, and the answers to close frames, are sent without being asked for.
        if self.is_attacked || matches!(message, OwnedMessage::Pong(_)) {
            return;
        }
        match self.expected.front() {
            Some(expected) if *expected == message => {
                self.expected.pop_front();
            }
            _ if matches!(message, OwnedMessage::Close(_)) && (self.has_closed || self.is_cut) => {}
            expected => panic!("{message:?} in place of {expected:?}"),
        }
    }

    fn check(&self) {
        let connection = &self.connection;
        assert!(connection.memory() < MEMORY, "{} bytes", connection.memory());
        assert!(connection.output().len() <= OUTPUT + 278, "{} bytes queued", connection.output().len());
        assert_eq!(connection.error(), self.failed);
        // What is queued goes on from what was written.
        let mut wire = Wire { header: self.wire.header.clone(), ..self.wire };
        wire.read(connection.output());
    }
}

impl Wire {
    fn read(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if self.skip > 0 {
                self.skip -= 1;
            } else {
                assert!(!self.closed, "a frame after the close frame");
                self.header.push(byte);
                match FrameHeader::decode(&self.header).expect("what is sent is well-formed") {
                    HeaderDecode::Incomplete { .. } => {}
                    HeaderDecode::Complete { header, .. } => {
                        self.header.clear();
                        self.skip = header.payload_length;
                        self.closes = header.opcode == Opcode::Close;
                    }
                }
            }
            self.closed = self.closes && self.skip == 0;
        }
    }
}

/// The message that is complete with this event.
fn gather(event: Event<'_>, parts: &mut Option<(DataKind, Vec<u8>)>) -> Option<OwnedMessage> {
    let part = match event {
        Event::Message(message) => return Some(message.into()),
        Event::Fragment(part) => part,
        event => panic!("{event:?} was not asked for"),
    };
    assert_eq!(part.is_first, parts.is_none());
    assert!(part.is_last || !part.payload.is_empty());
    let (_, bytes) = parts.get_or_insert_with(|| (part.kind, Vec::new()));
    bytes.extend_from_slice(part.payload);
    assert!(bytes.len() <= LIMIT, "the limit holds over all parts");
    if !part.is_last {
        return None;
    }
    parts.take().map(|(kind, bytes)| match kind {
        DataKind::Text => OwnedMessage::Text(String::from_utf8(bytes).expect("validated")),
        DataKind::Binary => OwnedMessage::Binary(bytes),
    })
}

/// Whether all frames of a message fit into the queue: else it could not be ended.
fn room_for(sender: &Sender, length: usize, cut: usize) -> bool {
    let frames = length / cut.max(1) + 4;
    sender.output().len() + 2 * length + 60 * frames < OUTPUT
}

fn fragments(sender: &mut Sender, bytes: &[u8], cut: usize, wish: CompressionWish) -> Result<(), Error> {
    let mut parts = bytes.chunks(cut.max(1));
    sender.begin_message_with(DataKind::Text, parts.next().unwrap_or_default(), wish)?;
    for part in parts {
        sender.continue_message(part).expect("there is room");
        sender.send(Message::Pong(b"between")).expect("there is room");
    }
    sender.finish_message(b"").expect("it is text");
    Ok(())
}

fn stream(
    sender: &mut Sender,
    bytes: &[u8],
    chunk: usize,
    part: usize,
    wish: CompressionWish,
) -> Result<(), Error> {
    sender.begin_stream_with(DataKind::Text, chunk, wish)?;
    for part in bytes.chunks(part.max(1)) {
        sender.stream(part).expect("there is room");
    }
    sender.finish_stream().expect("it is text");
    Ok(())
}

impl Text {
    fn message(&self, binary: bool) -> OwnedMessage {
        let bytes = self.bytes.0.repeat(1 + usize::from(self.times));
        let bytes = &bytes[..bytes.len().min(LONGEST)];
        if binary {
            return OwnedMessage::Binary(bytes.to_vec());
        }
        // What is not text gets longer, so it is cut again.
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        text.truncate(text.floor_char_boundary(LONGEST));
        OwnedMessage::Text(text)
    }
}
