//! Prepared messages shared by several connections, each of which sends others in between: whatever they agreed on, everything
//! arrives as it was sent, in step, and what is on the wire keeps to the agreement.
#![no_main]

mod blob;

use arbitrary::{Arbitrary, Unstructured};
use blob::Blob;
use libfuzzer_sys::fuzz_target;
use wscodec::compressors::conformance::reference;
use wscodec::compressors::{
    Backend, CompressionPolicy, CompressionWish, CompressorConfig, DecompressorConfig, release_shared,
};
use wscodec::kernel::{FrameHeader, HeaderDecode, Opcode, Rsv, mask};
use wscodec::{DataKind, Decoder, Encoder, Error, Limits, Message, MisuseError, PreparedMessage, Role};

#[derive(Arbitrary, Debug)]
struct Input {
    ways: [Way; 3],
    messages: [Prepared; 3],
    operations: Operations,
}

/// One direction of a connection.
#[derive(Arbitrary, Debug)]
struct Way {
    client: bool,
    /// One in eight has none.
    compressed: u8,
    backends: [u8; 2],
    takeover: bool,
    window_bits: u8,
    level: u8,
    threshold: u8,
    skip_random: bool,
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

/// As many as the input has bytes for, up to a number; each on one of the connections.
#[derive(Debug)]
struct Operations(Vec<(u8, Operation)>);

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

#[derive(Arbitrary, Debug)]
enum Text {
    Bytes(Blob),
    Repeated(Blob, u16),
    /// Bytes, letters without a pattern, and the bytes again: a match that reaches far back.
    Far(Blob, u16),
    /// Part of a prepared one, so that what refers to the wrong history shows.
    OfPrepared(u8, u16),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Wish {
    Auto,
    Compress,
    Plain,
}

fuzz_target!(|input: Input| {
    release_shared();
    let texts: Vec<_> = input.messages.iter().map(|message| message.text.bytes(&[])).collect();
    let prepared: Vec<_> =
        input.messages.iter().zip(&texts).map(|(it, text)| (it.make(text), it.keeps_history)).collect();
    let mut connections = input.ways.map(|way| Connection::new(&way));
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
    fn new(way: &Way) -> Self {
        let (role, peer) =
            if way.client { (Role::Client, Role::Server) } else { (Role::Server, Role::Client) };
        let policy =
            CompressionPolicy::default().threshold(way.threshold.into()).skip_random(way.skip_random);
        let mut encoder = Encoder::new(role).with_compression_policy(policy);
        let mut decoder = Decoder::new(peer, Limits::new());
        let mut config = None;
        if way.compressed % 8 != 0 {
            let all: Vec<Backend> = Backend::available().collect();
            let [from, to] = way.backends.map(|index| all[usize::from(index) % all.len()]);
            let (can, receives) = (from.capabilities(), to.decompressor_capabilities());
            let takeover = way.takeover && can.takeover && receives.takeover;
            let mut window_bits = 8 + way.window_bits % 8;
            if takeover {
                window_bits = window_bits.max(*can.window_bits.start());
            }
            let level = way.level % (can.levels.end() + 1);
            let agreed = CompressorConfig::default().takeover(takeover).window_bits(window_bits).level(level);
            let expects = DecompressorConfig::default().takeover(takeover).window_bits(window_bits);
            encoder = encoder.with_compressor(from, agreed).expect("it can do it");
            decoder = decoder.with_decompressor(to, expects).expect("it can do it");
            config = Some(agreed);
        }
        Self { encoder, decoder, config, history: Vec::new(), under_way: None, compressed: 0 }
    }

    fn perform(&mut self, operation: Operation, prepared: &[(PreparedMessage, bool)], texts: &[Vec<u8>]) {
        let of = |index: u8| &prepared[usize::from(index) % prepared.len()];
        match operation {
            Operation::Prepared(index) => {
                self.prepared(&prepared[usize::from(index) % prepared.len()], false)
            }
            Operation::InParts(index) => self.prepared(&prepared[usize::from(index) % prepared.len()], true),
            Operation::PreparedPing(Blob(payload)) => self.ping(&payload),
            Operation::Whole(text, wish) => self.whole(&text.bytes(texts), wish),
            Operation::Fragment(text, last) => self.fragment(&text.bytes(texts), last),
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
        let Some((backend, level)) = self.engine else { return prepared };
        let all: Vec<Backend> = Backend::available().collect();
        let backend = all[usize::from(backend) % all.len()];
        let level = level % (backend.capabilities().levels.end() + 1);
        prepared.with_backend(backend, level).expect("its level")
    }
}

impl Text {
    fn bytes(&self, prepared: &[Vec<u8>]) -> Vec<u8> {
        match self {
            Self::Bytes(Blob(bytes)) => bytes.clone(),
            Self::Repeated(Blob(bytes), length) => {
                bytes.iter().copied().cycle().take((*length).into()).collect()
            }
            Self::Far(Blob(bytes), gap) => {
                let letter = |n: u32| b'a' + (n.wrapping_mul(2_654_435_761) >> 28).to_le_bytes()[0];
                let between = (0..u32::from(*gap)).map(letter);
                bytes.iter().copied().chain(between).chain(bytes.iter().copied()).collect()
            }
            Self::OfPrepared(index, from) => {
                let Some(earlier) = prepared.get(usize::from(*index) % prepared.len().max(1)) else {
                    return Vec::new();
                };
                earlier.iter().skip((*from).into()).copied().collect()
            }
        }
    }
}

impl<'a> Arbitrary<'a> for Operations {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut operations = Vec::new();
        while !u.is_empty() && operations.len() < 32 {
            operations.push(u.arbitrary()?);
        }
        Ok(Self(operations))
    }
}

impl From<Wish> for CompressionWish {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::Auto => Self::Auto,
            Wish::Compress => Self::Compress,
            Wish::Plain => Self::Plain,
        }
    }
}
