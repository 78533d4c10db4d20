//! A counting allocator: in steady state no message allocates, in neither direction, and memory follows what came, not
//! what a header claims.

mod support;

use support::{frames_for, header_for};
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec::kernel::Opcode;
use wscodec::{DataKind, Decoder, Encoder, Limits, Message, Role};

/// The allocations that `action` makes on this thread, and their bytes.
fn allocations(action: impl FnOnce()) -> (u64, u64) {
    let made = allocation_counter::measure(action);
    (made.count_total, made.bytes_total)
}

/// One direction of a connection with all its buffers.
struct Line {
    encoder: Encoder,
    decoder: Decoder,
    wire: Vec<u8>,
}

impl Line {
    fn new(sender: Role) -> Self {
        let receiver = if sender == Role::Server { Role::Client } else { Role::Server };
        Self {
            encoder: Encoder::new(sender),
            decoder: Decoder::new(receiver, Limits::new()),
            wire: Vec::new(),
        }
    }

    fn compressed(sender: Role, backend: Backend, takeover: bool) -> Self {
        let line = Self::new(sender);
        let (into, from) = (
            CompressorConfig::default().takeover(takeover),
            DecompressorConfig::default().takeover(takeover),
        );
        Self {
            encoder: line.encoder.with_compressor(backend, into).expect("it can"),
            decoder: line.decoder.with_decompressor(backend, from).expect("it can"),
            ..line
        }
    }

    /// Sends a few messages of every kind, and reads them in pieces of `piece` bytes.
    fn round(&mut self, text: &str, piece: usize) {
        let Self { encoder, decoder, wire } = self;
        wire.clear();
        let messages = [
            Message::Text(text),
            Message::Ping(b"ping"),
            Message::Binary(text.as_bytes()),
            Message::Text("short"),
            Message::Pong(b""),
        ];
        for message in messages {
            encoder.encode(message, wire).expect("may be sent");
        }
        encoder.begin_message(DataKind::Text, text.as_bytes(), wire).expect("may begin");
        encoder.finish_message(b"!", wire).expect("may end");
        let mut decoded = 0;
        for part in wire.chunks(piece) {
            decoder.push(part);
            while decoder.next_message().expect("well formed").is_some() {
                decoded += 1;
            }
        }
        assert_eq!(decoded, messages.len() + 1);
    }

    /// Wants no allocation once many rounds have grown every buffer: how long a payload gets also depends on where in its
    /// history a compressor is.
    fn check(&mut self, what: &str) {
        let text = "größer und größer 你好 ".repeat(100);
        for piece in [usize::MAX, 1 << 12, 100, 1] {
            for _ in 0..100 {
                self.round(&text, piece);
            }
            let (calls, bytes) = allocations(|| {
                for _ in 0..100 {
                    self.round(&text, piece);
                }
            });
            assert_eq!(calls, 0, "{what}, reads of {piece} bytes: {bytes} bytes");
        }
    }
}

#[test]
fn plain_messages_allocate_nothing() {
    Line::new(Role::Server).check("from a server");
    Line::new(Role::Client).check("from a client");
}

#[test]
fn compressed_messages_allocate_nothing() {
    for backend in Backend::available() {
        for takeover in [false, true] {
            let can = backend.capabilities().takeover && backend.decompressor_capabilities().takeover;
            if can || !takeover {
                let what = format!("{backend}, takeover {takeover}");
                Line::compressed(Role::Client, backend, takeover).check(&what);
            }
        }
    }
}

#[test]
fn a_claim_costs_nothing() {
    let limits = Limits::new().with_frame(usize::MAX).with_message(usize::MAX);
    for opcode in [Opcode::Text, Opcode::Binary] {
        let mut bytes = header_for(Role::Client, opcode, (1 << 62) + 1);
        bytes.extend([b'a'; 1000]);
        let mut decoder = Decoder::new(Role::Client, limits);
        let (_, reserved) = allocations(|| {
            decoder.push(&bytes);
            assert_eq!(decoder.next_message(), Ok(None));
        });
        assert!(reserved <= 4000, "{reserved} bytes for 1,000 received");
        assert!(decoder.memory() as u64 >= reserved - 1000, "it says what it holds");
    }
}

#[test]
fn byte_by_byte_grows_as_seldom_as_in_one_piece() {
    const LENGTH: usize = 1 << 20;
    let bytes = frames_for(Role::Server, &[(0x81, &[b'a'; LENGTH])]);
    let mut decoder = Decoder::new(Role::Server, Limits::new());
    let mut messages = 0;
    let (calls, reserved) = allocations(|| {
        for byte in bytes.chunks(1) {
            decoder.push(byte);
            messages += usize::from(decoder.next_message().expect("well formed").is_some());
        }
    });
    assert_eq!(messages, 1);
    assert!(calls <= 24 && reserved <= 4 * LENGTH as u64, "{calls} allocations of {reserved} bytes in all");
}

#[test]
fn nothing_is_allocated_before_it_is_needed() {
    let (calls, _) = allocations(|| {
        for role in [Role::Server, Role::Client] {
            let mut encoder = Encoder::new(role);
            encoder.release();
            let mut decoder = Decoder::new(role, Limits::new());
            assert_eq!(decoder.next_message(), Ok(None));
            decoder.release();
            assert!(encoder.memory() + decoder.memory() < 1024);
        }
    });
    assert_eq!(calls, 0);
}

#[test]
fn a_decoder_gives_its_memory_back() {
    let mut line = Line::new(Role::Client);
    let text = "a".repeat(100_000);
    line.round(&text, 1000);
    line.round(&text, 1000);
    assert!(line.decoder.memory() > 100_000);
    line.decoder.release();
    assert!(line.decoder.memory() < 1024);
    let (calls, _) = allocations(|| line.round(&text, 1000));
    assert!(calls > 0, "the buffer is there no longer");
}

#[test]
fn a_bomb_in_fragments_costs_twice_the_limit_at_the_most() {
    const LIMIT: usize = 4 << 20;
    let bomb = vec![b'a'; LIMIT];
    for backend in Backend::available() {
        for takeover in [false, true] {
            let can = backend.capabilities().takeover && backend.decompressor_capabilities().takeover;
            if takeover && !can {
                continue;
            }
            let mut line = Line::compressed(Role::Server, backend, takeover);
            line.encoder.begin_message(DataKind::Text, &bomb[1..], &mut line.wire).expect("may begin");
            line.encoder.finish_message(&bomb[..1], &mut line.wire).expect("may end");
            let limits = Limits::new().with_message(LIMIT);
            let config = DecompressorConfig::default().takeover(takeover);
            let mut decoder =
                Decoder::new(Role::Client, limits).with_decompressor(backend, config).expect("can");
            let peak = allocation_counter::measure(|| {
                decoder.push(&line.wire);
                let message = decoder.next_message().expect("within the limit");
                assert!(matches!(message, Some(Message::Text(text)) if text.len() == LIMIT));
            });
            let peak = usize::try_from(peak.bytes_max).expect("fits");
            assert!(peak <= 2 * LIMIT + (1 << 20), "{backend}, takeover {takeover}: {peak} bytes");
            let held = decoder.memory();
            assert!(
                held <= LIMIT + LIMIT / 2 + (1 << 20),
                "{backend}, takeover {takeover}: holds {held} bytes"
            );
            decoder.release();
            assert!(decoder.memory() <= 40 << 10, "{backend}, takeover {takeover}: {}", decoder.memory());
        }
    }
}
