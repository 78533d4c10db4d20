//! Prepared messages shared by several connections, each of which sends others in between: whatever they agreed on, everything
//! arrives as it was sent, in step, and what is on the wire keeps to the agreement.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec::compressors::conformance::reference;
use wscodec::compressors::{CompressorConfig, release_shared};
use wscodec::kernel::{FrameHeader, HeaderDecode, Opcode, Rsv, mask};
use wscodec::{DataKind, Decoder, Encoder, Error, Limits, Message, MisuseError, PreparedMessage, Role};
use wscodec_fuzz::{Blob, Operations, Text, Way, Wish, backend};

#[derive(Arbitrary, Debug)]
struct Input {
    connections: [Setup; 3],
    messages: [Prepared; 3],
    /// Each on one of the connections.
    operations: Operations<(u8, Operation), 32>,
}

/// The way that is seen.
#[derive(Arbitrary, Debug)]
struct Setup {
    client: bool,
    /// One in eight has none.
    compressed: u8,
    way: Way,
}

#[derive(Arbitrary, Debug)]
struct Prepared {
    text: Text,
    wish: Wish,
    /// Whether connections with takeover compress it for themselves.
    keeps_history: bool,
    /// Some are compressed by one backend for all.
    engine: Option<(u8, u8)>,
}

#[derive(Arbitrary, Debug)]
enum Operation {
    Prepared(u8),
    InParts(u8),
    PreparedPing(Blob),
    Whole(Text, Wish),
    Fragment(Text, bool),
    Release,
    ReleaseShared,
}

/// Of the texts' distances, which are meant for all connections.
const WINDOW_BITS: u8 = 15;

fuzz_target!(|input: Input| {
    release_shared();
    let texts: Vec<_> = input.messages.iter().map(|message| message.text.bytes(WINDOW_BITS, &[])).collect();
    let prepared: Vec<_> =
        input.messages.iter().zip(&texts).map(|(it, text)| (it.make(text), it.keeps_history)).collect();
    let mut connections = input.connections.map(|setup| Connection::new(&setup));
    for (at, operation) in input.operations.0 {
        connections[usize::from(at) % 3].perform(operation, &prepared, &texts);
    }
});

struct Connection {
    encoder: Encoder,
    decoder: Decoder,
    config: Option<CompressorConfig>,
    /// The messages that went out compressed: all that a payload may refer to.
    history: Vec<u8>,
    /// The message in fragments, and its payload if it is compressed.
    under_way: Option<(Vec<u8>, Option<Vec<u8>>)>,
    compressed: u64,
}

impl Connection {
    fn new(setup: &Setup) -> Self {
        let (role, peer) =
            if setup.client { (Role::Client, Role::Server) } else { (Role::Server, Role::Client) };
        let agreed = setup.way.agreed();
        let mut encoder = Encoder::new(role).with_compression_policy(agreed.policy);
        let mut decoder = Decoder::new(peer, Limits::new());
        let mut config = None;
        if setup.compressed % 8 != 0 {
            encoder = encoder.with_compressor(agreed.from, agreed.config).expect("it can do it");
            decoder = decoder.with_decompressor(agreed.to, agreed.expects).expect("it can do it");
            config = Some(agreed.config);
        }
        Self { encoder, decoder, config, history: Vec::new(), under_way: None, compressed: 0 }
    }

    fn perform(&mut self, operation: Operation, prepared: &[(PreparedMessage, bool)], texts: &[Vec<u8>]) {
        match operation {
            Operation::Prepared(index) => {
                self.prepared(&prepared[usize::from(index) % prepared.len()], false)
            }
            Operation::InParts(index) => self.prepared(&prepared[usize::from(index) % prepared.len()], true),
            Operation::PreparedPing(Blob(payload)) => self.ping(&payload),
            Operation::Whole(text, wish) => self.whole(&text.bytes(WINDOW_BITS, texts), wish),
            Operation::Fragment(text, last) => self.fragment(&text.bytes(WINDOW_BITS, texts), last),
            Operation::Release => self.encoder.release(),
            Operation::ReleaseShared => release_shared(),
        }
        assert_eq!(self.encoder.compressed_messages(), self.compressed);
    }

    fn prepared(&mut self, (message, keeps_history): &(PreparedMessage, bool), in_parts: bool) {
        let mut wire = b"before".to_vec();
        let mut result = Ok(());
        let mut sent = false;
        if in_parts {
            match self.encoder.prepared_frame(message) {
                Ok(Some(frame)) => {
                    wire.extend_from_slice(frame.header());
                    wire.extend_from_slice(frame.payload());
                    sent = true;
                }
                Ok(None) => {}
                Err(error) => result = Err(error),
            }
        }
        if !sent && result.is_ok() {
            result = self.encoder.encode_prepared(message, &mut wire);
        }
        let wire = wire.strip_prefix(b"before").expect("it only appends");
        if self.under_way.is_some() {
            assert_eq!((result, wire), (Err(Error::Misuse(MisuseError::MessageUnderWay)), &b""[..]));
            return;
        }
        assert_eq!(result, Ok(()), "it can be sent");
        if let Some(payload) = self.frame(wire, Opcode::Binary, true) {
            assert!(payload.len() <= message.payload().len() + 2);
            // What is shared refers to nothing; what is not, to what it may.
            let history = if *keeps_history { self.referred_to() } else { Vec::new() };
            self.keeps_to_the_agreement(&history, message.payload(), &payload);
        }
        self.arrives(wire, Message::Binary(message.payload()));
    }

    fn ping(&mut self, payload: &[u8]) {
        let ping = match PreparedMessage::new(Message::Ping(payload)) {
            Ok(ping) => ping,
            Err(error) => {
                assert!(payload.len() > 125 && error == MisuseError::ControlTooLong);
                return;
            }
        };
        let mut wire = Vec::new();
        self.encoder.encode_prepared(&ping, &mut wire).expect("at any time");
        assert_eq!(self.frame(&wire, Opcode::Ping, true), None);
        self.arrives(&wire, Message::Ping(payload));
    }

    fn whole(&mut self, message: &[u8], wish: Wish) {
        let mut wire = Vec::new();
        let result = self.encoder.encode_with(Message::Binary(message), wish.into(), &mut wire);
        if self.under_way.is_some() {
            assert_eq!(result, Err(Error::Misuse(MisuseError::MessageUnderWay)));
            return;
        }
        result.expect("it can be sent");
        if let Some(payload) = self.frame(&wire, Opcode::Binary, true) {
            let history = self.referred_to();
            self.keeps_to_the_agreement(&history, message, &payload);
        }
        self.arrives(&wire, Message::Binary(message));
    }

    fn fragment(&mut self, fragment: &[u8], last: bool) {
        let mut wire = Vec::new();
        let Some((mut message, payload)) = self.under_way.take() else {
            self.encoder.begin_message(DataKind::Binary, fragment, &mut wire).expect("it can be sent");
            let payload = self.frame(&wire, Opcode::Binary, false);
            self.under_way = Some((fragment.to_vec(), payload));
            self.decoder.push(&wire);
            assert_eq!(self.decoder.next_message(), Ok(None));
            return;
        };
        let next = if last { Encoder::finish_message } else { Encoder::continue_message };
        next(&mut self.encoder, fragment, &mut wire).expect("it can be sent");
        let (_, piece) = parse(&wire, Opcode::Continuation, last);
        message.extend_from_slice(fragment);
        let payload = payload.map(|so_far| [so_far, piece].concat());
        if !last {
            self.under_way = Some((message, payload));
            self.decoder.push(&wire);
            assert_eq!(self.decoder.next_message(), Ok(None));
            return;
        }
        if let Some(payload) = payload {
            let history = self.referred_to();
            self.keeps_to_the_agreement(&history, &message, &payload);
        }
        self.arrives(&wire, Message::Binary(&message));
    }

    /// The payload of the first frame of a message if that is compressed.
    fn frame(&mut self, wire: &[u8], opcode: Opcode, fin: bool) -> Option<Vec<u8>> {
        let (compressed, payload) = parse(wire, opcode, fin);
        self.compressed += u64::from(compressed);
        compressed.then_some(payload)
    }

    /// A compressed message refers to no more than it may, and holds what was sent.
    fn keeps_to_the_agreement(&mut self, history: &[u8], message: &[u8], payload: &[u8]) {
        let config = self.config.expect("agreed on");
        let decoded = reference::decode(history, payload).expect("no more history than was agreed");
        assert!(decoded.message == message && !decoded.is_final);
        assert!(decoded.reach <= 1 << config.window_bits, "{config:?}: {}", decoded.reach);
        self.history.extend_from_slice(message);
        self.history.drain(..self.history.len().saturating_sub(1 << 15));
    }

    fn referred_to(&self) -> Vec<u8> {
        if self.config.is_some_and(|config| config.takeover) { self.history.clone() } else { Vec::new() }
    }

    fn arrives(&mut self, wire: &[u8], message: Message<'_>) {
        self.decoder.push(wire);
        assert!(self.decoder.next_message() == Ok(Some(message)), "as it was sent");
        assert_eq!(self.decoder.next_message(), Ok(None));
    }
}

/// Whether the one frame on the wire has RSV1, and its payload.
fn parse(wire: &[u8], opcode: Opcode, fin: bool) -> (bool, Vec<u8>) {
    let HeaderDecode::Complete { header, length } = FrameHeader::decode(wire).expect("well formed") else {
        panic!("a header is missing");
    };
    let mut payload = wire[length..].to_vec();
    assert_eq!((header.opcode, header.fin, header.payload_length), (opcode, fin, payload.len() as u64));
    assert!(header.rsv == Rsv::NONE || header.rsv == Rsv::RSV1);
    if let Some(key) = header.masking_key {
        mask(&mut payload, key);
    }
    (header.rsv == Rsv::RSV1, payload)
}

impl Prepared {
    fn make(&self, bytes: &[u8]) -> PreparedMessage {
        let mut prepared = PreparedMessage::from(bytes).with_wish(self.wish.into());
        if self.keeps_history {
            prepared = prepared.keeping_history();
        }
        let Some((index, level)) = self.engine else { return prepared };
        let backend = backend(index);
        let level = level % (backend.capabilities().levels.end() + 1);
        prepared.with_backend(backend, level).expect("its level")
    }
}
