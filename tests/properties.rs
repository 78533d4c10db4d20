//! For any bytes and any cut: no panic, errors that stay, and one outcome however the bytes are cut. For any
//! messages: what one side encodes the other decodes.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::{Frame, KEY, Outcome, Owned, decode_pieces};
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec::{DataKind, Decoder, Encoder, Limits, Role};

/// Small limits, so that random bytes reach them too, that on frames above and below that on messages.
fn limits(frame: usize) -> Limits {
    Limits::new().with_frame(frame).with_message(250).with_fragments(4)
}

/// With the first backend compiled in, or none: what RSV1 does is covered either way.
fn decoder(role: Role, limits: Limits, compressed: bool) -> Decoder {
    let decoder = Decoder::new(role, limits);
    match Backend::available().next().filter(|_| compressed) {
        Some(backend) => {
            let config = DecompressorConfig::default().takeover(false);
            decoder.with_decompressor(backend, config).expect("every backend can")
        }
        None => decoder,
    }
}

/// Cuts `bytes` at the places that `cuts` says, and after each empty piece once more.
fn pieces<'b>(mut bytes: &'b [u8], cuts: &[usize]) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    for &cut in cuts {
        let (piece, rest) = bytes.split_at(cut.min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces.push(bytes);
    pieces
}

fn outcome(role: Role, compressed: bool, bytes: &[u8], cuts: &[usize]) -> Outcome {
    let frame = if bytes.len().is_multiple_of(2) { 150 } else { 350 };
    decode_pieces(&mut decoder(role, limits(frame), compressed), pieces(bytes, cuts))
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Server), Just(Role::Client)]
}

/// Pieces of text that end inside a character, and bytes that no text has.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let odd =
        prop::sample::select(vec![&b"\xff"[..], b"\xe2\x82", b"\xac", b"\xf0\x9f", b"\x98\x80", b"\xed\xa0"]);
    prop_oneof![
        4 => "\\PC{0,20}".prop_map(String::into_bytes),
        1 => odd.prop_map(<[u8]>::to_vec),
        2 => vec(any::<u8>(), 0..130),
        1 => vec(Just(b'a'), 120..400),
    ]
}

/// Mostly frames as they should be, now and then one that is not.
fn frame(role: Role) -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        8 => prop::sample::select(vec![0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A]),
        2 => prop::sample::select(vec![0xC1, 0xC2, 0x41, 0x88]),
        1 => any::<u8>(),
    ];
    (first, payload(), prop::bool::weighted(0.98)).prop_map(move |(first, payload, as_the_role_wants)| {
        let key = ((role == Role::Server) == as_the_role_wants).then_some(KEY);
        let mut bytes = Vec::new();
        Frame { first, payload: &payload, key }.write(&mut bytes);
        bytes
    })
}

fn frames() -> impl Strategy<Value = (Role, Vec<u8>)> {
    role().prop_flat_map(|role| (Just(role), vec(frame(role), 0..12).prop_map(|frames| frames.concat())))
}

fn message() -> impl Strategy<Value = Owned> {
    prop_oneof![
        4 => "\\PC{0,300}".prop_map(Owned::Text),
        4 => vec(any::<u8>(), 0..2000).prop_map(Owned::Binary),
        1 => vec(any::<u8>(), 0..=125).prop_map(Owned::Ping),
        1 => vec(any::<u8>(), 0..=125).prop_map(Owned::Pong),
    ]
}

/// Encodes `message`, data in as many fragments as `cuts` makes.
fn encode(encoder: &mut Encoder, message: &Owned, cuts: &[usize], out: &mut Vec<u8>) {
    let (kind, payload) = match message {
        Owned::Text(text) => (DataKind::Text, text.as_bytes()),
        Owned::Binary(bytes) => (DataKind::Binary, &bytes[..]),
        control => return encoder.encode(control.borrow(), out).expect("may be sent"),
    };
    let fragments = pieces(payload, cuts);
    let Some((last, others)) = fragments.split_last().filter(|(_, others)| !others.is_empty()) else {
        return encoder.encode(message.borrow(), out).expect("may be sent");
    };
    for (number, fragment) in others.iter().enumerate() {
        if number == 0 {
            encoder.begin_message(kind, fragment, out).expect("may begin");
        } else {
            encoder.continue_message(fragment, out).expect("may go on");
        }
    }
    encoder.finish_message(last, out).expect("may end");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_bytes_have_one_outcome(
        role in role(),
        compressed: bool,
        bytes in vec(any::<u8>(), 0..200),
        cuts in vec(0_usize..20, 0..30),
    ) {
        let whole = outcome(role, compressed, &bytes, &[]);
        prop_assert_eq!(outcome(role, compressed, &bytes, &cuts), whole.clone());
        prop_assert_eq!(outcome(role, compressed, &bytes, &vec![1; bytes.len()]), whole);
    }

    #[test]
    fn any_frames_have_one_outcome(
        (role, bytes) in frames(),
        compressed: bool,
        cuts in vec(0_usize..50, 0..40),
        keep in 0.0..1.5_f64,
    ) {
        // Often the last frame is cut short: then the parts that came decide.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a length")]
        let bytes = &bytes[..bytes.len().min((bytes.len() as f64 * keep) as usize)];
        let whole = outcome(role, compressed, bytes, &[]);
        prop_assert_eq!(outcome(role, compressed, bytes, &cuts), whole.clone());
        prop_assert_eq!(outcome(role, compressed, bytes, &vec![1; bytes.len()]), whole);
    }

    #[test]
    fn what_is_encoded_is_decoded(
        role in role(),
        messages in vec((message(), vec(0_usize..500, 0..4)), 0..20),
        takeover: bool,
        compressed in prop::option::of(any::<prop::sample::Index>()),
        cuts in vec(0_usize..3000, 0..40),
    ) {
        let peer = if role == Role::Server { Role::Client } else { Role::Server };
        let (mut encoder, mut decoder) = (Encoder::new(role), Decoder::new(peer, Limits::new()));
        let backends: Vec<_> = Backend::available().collect();
        if let Some(index) = compressed.filter(|_| !backends.is_empty()) {
            let backend = *index.get(&backends);
            let takeover = takeover && backend.capabilities().takeover;
            let into = CompressorConfig::default().takeover(takeover);
            encoder = encoder.with_compressor(backend, into).expect("it can");
            let out = DecompressorConfig::default()
                .takeover(takeover && backend.decompressor_capabilities().takeover);
            decoder = decoder.with_decompressor(backend, out).expect("it can");
        }
        let mut wire = Vec::new();
        for (message, cuts) in &messages {
            encode(&mut encoder, message, cuts, &mut wire);
        }
        let expected: Vec<_> = messages.into_iter().map(|(message, _)| message).collect();
        prop_assert_eq!(decode_pieces(&mut decoder, pieces(&wire, &cuts)), (expected, None));
    }
}
