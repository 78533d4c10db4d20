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

/// As SECURITY.md and the documentation of `InflateLimits` say, whatever an earlier message left.
#[test]
fn a_bomb_costs_three_times_the_limit_at_the_most() {
    // Buffers that double come to another end with each.
    for limit in [4 << 20, 5 << 20] {
        let plain = in_frames(None, &[b"a".repeat(limit - 1), b"a".to_vec()]);
        for (what, bomb) in bombs(limit) {
            for (backend, takeover) in decompressors() {
                let peak = allocation_counter::measure(|| {
                    let mut decoder = decoder(backend, takeover, limit);
                    for bytes in [&plain, &bomb, &bomb].into_iter().flat_map(|wire| wire.chunks(1_000)) {
                        decoder.push(bytes);
                        while let Ok(Some(message)) = decoder.next_message() {
                            assert_eq!(length(&message), limit);
                        }
                    }
                });
                let peak = usize::try_from(peak.bytes_max).expect("fits");
                let most = 3 * limit + (1 << 20);
                assert!(peak <= most, "{backend}, takeover {takeover}, {what}: {peak} of {most} bytes");
            }
        }
    }
}

#[test]
fn after_a_bomb_a_decoder_holds_little_more_than_the_message_and_gives_it_back() {
    const LIMIT: usize = 4 << 20;
    for (backend, takeover) in decompressors() {
        let bomb = in_frames(Some(backend), &[b"a".repeat(LIMIT - 1), b"a".to_vec()]);
        let mut decoder = decoder(backend, takeover, LIMIT);
        decoder.push(&bomb);
        let message = decoder.next_message().expect("within the limit");
        assert!(matches!(message, Some(Message::Text(text)) if text.len() == LIMIT));
        let held = decoder.memory();
        assert!(held <= LIMIT + LIMIT / 2 + (1 << 20), "{backend}, takeover {takeover}: holds {held} bytes");
        decoder.release();
        assert!(decoder.memory() <= 40 << 10, "{backend}, takeover {takeover}: {}", decoder.memory());
    }
}

/// Each backend with each takeover that it can receive with.
fn decompressors() -> Vec<(Backend, bool)> {
    let all = Backend::available().flat_map(|backend| [(backend, false), (backend, true)]);
    all.filter(|(backend, takeover)| !takeover || backend.decompressor_capabilities().takeover).collect()
}

fn decoder(backend: Backend, takeover: bool, limit: usize) -> Decoder {
    let config = DecompressorConfig::default().takeover(takeover);
    let decoder = Decoder::new(Role::Client, Limits::new().with_message(limit));
    decoder.with_decompressor(backend, config).expect("it can")
}

/// Bytes for a client, of messages in one frame and in several, at the limit and over it; and what they are.
fn bombs(limit: usize) -> Vec<(String, Vec<u8>)> {
    let Some(backend) = Backend::available().next() else { return Vec::new() };
    let (half, third, eighth) = (limit / 2, limit / 3, limit / 8);
    let lengths: [&[usize]; 10] = [
        &[limit],
        &[limit + 1],
        &[4 * limit],
        &[limit - 1, 1],
        &[limit - 1, 2],
        &[half - 1, limit - half + 1],
        &[half - 1, 2 * limit],
        &[third, third, limit - 2 * third],
        &[third, third, limit],
        &[eighth; 8],
    ];
    let mut bombs = Vec::new();
    for (lengths, symbol) in lengths.iter().flat_map(|lengths| [(lengths, b"a"), (lengths, b"\0")]) {
        let frames: Vec<_> = lengths.iter().map(|&length| symbol.repeat(length)).collect();
        bombs.push((format!("{lengths:?} of {symbol:?}"), in_frames(Some(backend), &frames)));
    }
    // Less dense, so that room for so many times the payload is not quite enough; and with an end that libdeflate looks at twice.
    const END: [u8; 4] = [0x08, 0x00, 0xf7, 0xff];
    for part in [250, 270, 300] {
        let noise = noise(limit / part);
        let zeros = vec![0; limit - noise.len() - END.len()];
        for end in [END, [0; 4]] {
            let frame = [noise.as_bytes(), &zeros, &end].concat();
            bombs.push((
                format!("noise of 1 in {part} bytes and {end:?}"),
                in_frames(Some(backend), &[frame]),
            ));
        }
    }
    bombs
}

/// A message in frames from a server: binary if it is one frame of no text.
fn in_frames(backend: Option<Backend>, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut encoder = Encoder::new(Role::Server);
    if let Some(backend) = backend {
        let config = CompressorConfig::default().takeover(false);
        encoder = encoder.with_compressor(backend, config).expect("it can");
    }
    let mut wire = Vec::new();
    match frames {
        [first, between @ .., last] => {
            encoder.begin_message(DataKind::Text, first, &mut wire).expect("may begin");
            for frame in between {
                encoder.continue_message(frame, &mut wire).expect("under way");
            }
            encoder.finish_message(last, &mut wire).expect("may end");
        }
        [frame] => {
            let message = str::from_utf8(frame).map_or(Message::Binary(frame), Message::Text);
            encoder.encode(message, &mut wire).expect("may be sent");
        }
        [] => {}
    }
    assert_eq!(encoder.compressed_messages() > 0, backend.is_some());
    wire
}

fn length(message: &Message<'_>) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) => bytes.len(),
        other => panic!("{other:?} was not sent"),
    }
}

/// A text of one symbol in 64 after the other.
fn noise(length: usize) -> String {
    let mut state = 1_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        char::from(b'0' + state.to_le_bytes()[1] % 64)
    };
    (0..length).map(|_| next()).collect()
}
