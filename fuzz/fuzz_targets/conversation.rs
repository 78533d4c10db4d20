//! Two ends of a connection, whatever they agreed on and whatever they do: every message arrives as it was sent, in both
//! directions, and what is on the wire keeps to the agreement.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec_compressors::conformance::reference;
use wscodec_compressors::{
    CompressError, CompressorConfig, Encoding, FragmentEnd, InflateLimits, MessageCompressor,
    MessageDecompressor, release_shared,
};
use wscodec_fuzz::{Agreed, Blob, Operations, Text, Way, Wish};

#[derive(Arbitrary, Debug)]
struct Input {
    ways: [Way; 2],
    /// Each in one of the two directions.
    operations: Operations<(bool, Operation), 32>,
}

#[derive(Arbitrary, Debug)]
enum Operation {
    Message { text: Text, wish: Wish, cuts: Blob },
    Fragment { text: Text, wish: Wish, end: End, cuts: Blob },
    Forget,
    ReleaseCompressor,
    ReleaseDecompressor,
    ReleaseShared,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum End {
    Open,
    Frame,
    Message,
}

fuzz_target!(|input: Input| {
    // Each input by itself, whatever contexts the last one left on this thread.
    release_shared();
    let mut connection = input.ways.map(|way| Connection::new(&way));
    for (direction, operation) in input.operations.0 {
        connection[usize::from(direction)].perform(operation);
    }
});

struct Connection {
    compressor: MessageCompressor,
    decompressor: MessageDecompressor,
    config: CompressorConfig,
    streams: bool,
    /// The messages that were compressed, one after the other: all that a payload may refer to.
    history: Vec<u8>,
    /// All messages.
    sent: Vec<Vec<u8>>,
    under_way: Option<UnderWay>,
}

/// A message in fragments.
struct UnderWay {
    encoding: Encoding,
    message: Vec<u8>,
    payload: Vec<u8>,
    /// Where what is yet to be put on the wire begins.
    unsent: usize,
    received: Vec<u8>,
}

impl Connection {
    fn new(way: &Way) -> Self {
        let Agreed { from, to, config, expects, policy } = way.agreed();
        Self {
            compressor: MessageCompressor::new(from, config).expect("it can do it").with_policy(policy),
            decompressor: MessageDecompressor::new(to, expects, InflateLimits::default())
                .expect("it can do it"),
            config,
            streams: to.decompressor_capabilities().streaming,
            history: Vec::new(),
            sent: Vec::new(),
            under_way: None,
        }
    }

    fn perform(&mut self, operation: Operation) {
        match operation {
            Operation::Message { text, wish, cuts } => self.message(&text, wish, &cuts.0),
            Operation::Fragment { text, wish, end, cuts } => self.fragment(&text, wish, end, &cuts.0),
            Operation::Forget => self.compressor.forget(),
            Operation::ReleaseCompressor => self.compressor.release(),
            Operation::ReleaseDecompressor => self.decompressor.release(),
            Operation::ReleaseShared => release_shared(),
        }
    }

    fn message(&mut self, text: &Text, wish: Wish, cuts: &[u8]) {
        let message = self.text(text);
        let mut payload = b"before".to_vec();
        let result = self.compressor.message(&message, wish.into(), &mut payload);
        let payload = payload.strip_prefix(b"before").expect("it only appends");
        if self.under_way.is_some() {
            assert_eq!((result, payload), (Err(CompressError::WithinMessage), &b""[..]));
            return;
        }
        let encoding = result.expect("any message can be sent");
        if encoding == Encoding::Plain {
            assert_eq!(payload, message);
        } else {
            let most = if self.config.takeover || matches!(wish, Wish::Compress) {
                message.len() + 2
            } else {
                message.len() - 1
            };
            assert!(payload.len() <= most, "{} bytes as {}", message.len(), payload.len());
            let mut received = Vec::new();
            self.receive(payload, cuts, true, &mut received);
            self.finish(&message, payload, &received);
        }
        self.sent.push(message);
    }

    fn fragment(&mut self, text: &Text, wish: Wish, end: End, cuts: &[u8]) {
        let fragment = self.text(text);
        let mut under_way = self.under_way.take();
        if under_way.is_none() && matches!(end, End::Message) {
            return self.message(text, wish, cuts);
        }
        let mut payload = under_way.as_mut().map_or_else(Vec::new, |it| std::mem::take(&mut it.payload));
        let encoding = self.compressor.fragment(&fragment, end.into(), wish.into(), &mut payload);
        let encoding = encoding.expect("any fragment can be sent");
        let mut it = under_way.unwrap_or_else(|| UnderWay {
            encoding,
            message: Vec::new(),
            payload: Vec::new(),
            unsent: 0,
            received: Vec::new(),
        });
        it.payload = payload;
        it.message.extend_from_slice(&fragment);
        assert_eq!(encoding, it.encoding, "the first fragment decides");
        if encoding == Encoding::Plain {
            assert_eq!(it.payload, it.message);
        } else if !matches!(end, End::Open) {
            let last = matches!(end, End::Message);
            self.receive(&it.payload[it.unsent..], cuts, last, &mut it.received);
            it.unsent = it.payload.len();
            if self.streams {
                assert!(it.received == it.message, "a frame gives all of the message so far");
            }
        }
        if !matches!(end, End::Message) {
            self.under_way = Some(it);
            return;
        }
        if encoding == Encoding::Deflate {
            self.finish(&it.message, &it.payload, &it.received);
        }
        self.sent.push(it.message);
    }

    /// Puts it on the wire in frames of the lengths `cuts` and one of what is left.
    fn receive(&mut self, payload: &[u8], cuts: &[u8], last: bool, message: &mut Vec<u8>) {
        let mut rest = payload;
        for &cut in cuts {
            let (frame, behind) = rest.split_at(rest.len().min(cut.into()));
            self.decompressor.fragment(frame, false, message).expect("what was sent can be received");
            rest = behind;
        }
        self.decompressor.fragment(rest, last, message).expect("what was sent can be received");
    }

    /// The message has arrived: as it was sent, and as was agreed on.
    fn finish(&mut self, message: &[u8], payload: &[u8], received: &[u8]) {
        assert!(received == message, "{} bytes of {} arrive", received.len(), message.len());
        let decoded = reference::decode(&self.history, payload).expect("no more history than was agreed");
        assert!(decoded.message == message && !decoded.is_final);
        assert!(decoded.reach <= 1 << self.config.window_bits, "{:?}: {}", self.config, decoded.reach);
        if self.config.takeover {
            self.history.extend_from_slice(message);
            self.history.drain(..self.history.len().saturating_sub(1 << 15));
        }
    }

    fn text(&self, text: &Text) -> Vec<u8> {
        text.bytes(self.config.window_bits, &self.sent)
    }
}

impl From<End> for FragmentEnd {
    fn from(end: End) -> Self {
        match end {
            End::Open => Self::Open,
            End::Frame => Self::Frame,
            End::Message => Self::Message,
        }
    }
}
