//! What the encoder writes, byte by byte, and everything that it refuses, with nothing written.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::{KEY, Owned, decode_pieces, plain};
use wscodec::compressors::{
    Capabilities, CompressError, CompressionPolicy, Compressor, CompressorConfig, Decompressor,
};
use wscodec::{BackendError, CloseCode, CloseFrame, DataKind, Encoder, Error, Message, MisuseError, Role};

fn server() -> Encoder {
    Encoder::new(Role::Server)
}

fn encoded(encoder: &mut Encoder, message: Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.encode(message, &mut out).expect("a message that may be sent");
    out
}

/// Wants `action` refused and `out` left as it was.
#[track_caller]
fn refused(action: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>, error: impl Into<Error>) {
    let mut out = b"before".to_vec();
    assert_eq!(action(&mut out), Err(error.into()));
    assert_eq!(out, b"before");
}

#[test]
fn the_examples_of_the_rfc() {
    // RFC 6455 section 5.7.
    assert_eq!(encoded(&mut server(), Message::Text("Hello")), b"\x81\x05Hello");
    let mut client = Encoder::new(Role::Client).with_mask_keys(|| KEY);
    let hello = b"\x7f\x9f\x4d\x51\x58";
    assert_eq!(encoded(&mut client, Message::Text("Hello")), [b"\x81\x85", &KEY[..], hello].concat());
    assert_eq!(encoded(&mut server(), Message::Ping(b"Hello")), b"\x89\x05Hello");
    assert_eq!(encoded(&mut client, Message::Pong(b"Hello")), [b"\x8a\x85", &KEY[..], hello].concat());
    assert_eq!(encoded(&mut server(), Message::Binary(&[0; 256]))[..4], *b"\x82\x7e\x01\x00");
    assert_eq!(encoded(&mut server(), Message::Binary(&[0; 65536]))[..10], *b"\x82\x7f\0\0\0\0\0\x01\0\0");
}

#[test]
fn lengths_take_as_few_bytes_as_they_can() {
    for (length, header) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
        let payload = vec![7; length];
        assert_eq!(encoded(&mut server(), Message::Binary(&payload)).len(), header + length);
        let mut client = Encoder::new(Role::Client);
        assert_eq!(encoded(&mut client, Message::Binary(&payload)).len(), header + 4 + length);
    }
}

#[test]
fn several_messages_share_a_buffer() {
    let mut out = Vec::new();
    let mut encoder = server();
    for message in [Message::Text("a"), Message::Ping(b""), Message::Binary(b"b")] {
        encoder.encode(message, &mut out).expect("may be sent");
    }
    assert_eq!(out, b"\x81\x01a\x89\x00\x82\x01b");
}

#[test]
fn keys_are_fresh_unless_the_caller_has_his_own() {
    let keys = |encoder: &mut Encoder| -> Vec<Vec<u8>> {
        (0..1000).map(|_| encoded(encoder, Message::Binary(b""))[2..].to_vec()).collect()
    };
    let (mut first, second) = (keys(&mut Encoder::new(Role::Client)), keys(&mut Encoder::new(Role::Client)));
    assert_ne!(first, second, "two connections have two streams of keys");
    first.extend(second);
    first.sort();
    first.dedup();
    assert!(first.len() > 1990, "of 2,000 keys only {} differ", first.len());

    let mut counted = 0_u32;
    let mut own = Encoder::new(Role::Client).with_mask_keys(move || {
        counted += 1;
        counted.to_be_bytes()
    });
    assert_eq!(keys(&mut own)[1], [0, 0, 0, 2]);
    // A key of zeros is sent like any other.
    let mut zero = Encoder::new(Role::Client).with_mask_keys(|| [0; 4]);
    assert_eq!(encoded(&mut zero, Message::Text("a")), b"\x81\x81\0\0\0\0a");
    // A server needs none.
    let mut server = server().with_mask_keys(|| -> [u8; 4] { unreachable!("a server never masks") });
    assert_eq!(encoded(&mut server, Message::Text("a")), b"\x81\x01a");
}

#[test]
fn control_frames_have_their_limits() {
    let long = [b'a'; 126];
    let reason = "a".repeat(124);
    for role in [Role::Server, Role::Client] {
        let mut encoder = Encoder::new(role);
        encoded(&mut encoder, Message::Ping(&long[..125]));
        encoded(&mut encoder, Message::Pong(&long[..125]));
        refused(|out| encoder.encode(Message::Ping(&long), out), MisuseError::ControlTooLong);
        refused(|out| encoder.encode(Message::Pong(&long), out), MisuseError::ControlTooLong);
        let close = Message::Close(Some(CloseFrame::new(CloseCode::NORMAL, &reason)));
        refused(|out| encoder.encode(close, out), MisuseError::ControlTooLong);
        assert!(!encoder.is_closed(), "what was refused changes nothing");
        let close = Message::Close(Some(CloseFrame::new(CloseCode::NORMAL, &reason[1..])));
        encoded(&mut encoder, close);
    }
}

#[test]
fn close_codes_that_no_frame_may_carry() {
    for code in 0..=u16::MAX {
        let allowed = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
        let code = CloseCode::new(code);
        let close = Message::Close(Some(CloseFrame::new(code, "")));
        if allowed {
            assert_eq!(encoded(&mut server(), close)[..2], *b"\x88\x02");
        } else {
            refused(|out| server().encode(close, out), MisuseError::ReservedCloseCode(code));
        }
    }
    assert_eq!(encoded(&mut server(), Message::Close(None)), b"\x88\x00");
    assert_eq!(Error::from(MisuseError::Closed).close_code(), None);
}

#[test]
fn nothing_follows_a_close() {
    let mut encoder = server();
    let mut out = Vec::new();
    encoder.begin_message(DataKind::Binary, b"a", &mut out).expect("may begin");
    encoded(&mut encoder, Message::Close(None));
    assert!(encoder.is_closed());
    let messages = [
        Message::Text("a"),
        Message::Binary(b"a"),
        Message::Ping(b""),
        Message::Pong(b""),
        Message::Close(None),
        // Closed comes first: a wrong message is not even looked at.
        Message::Ping(&[0; 126]),
    ];
    for message in messages {
        refused(|out| encoder.encode(message, out), MisuseError::Closed);
    }
    refused(|out| encoder.begin_message(DataKind::Text, b"", out), MisuseError::Closed);
    refused(|out| encoder.continue_message(b"", out), MisuseError::Closed);
    refused(|out| encoder.finish_message(b"", out), MisuseError::Closed);
}

#[test]
fn fragments_keep_their_order() {
    for role in [Role::Server, Role::Client] {
        let mut encoder = Encoder::new(role);
        refused(|out| encoder.continue_message(b"a", out), MisuseError::NoMessageUnderWay);
        refused(|out| encoder.finish_message(b"a", out), MisuseError::NoMessageUnderWay);
        let mut out = Vec::new();
        encoder
            .begin_message(DataKind::Text, "caf\u{e9}".as_bytes().split_at(4).0, &mut out)
            .expect("may begin");
        refused(|out| encoder.begin_message(DataKind::Text, b"", out), MisuseError::MessageUnderWay);
        refused(|out| encoder.encode(Message::Text("a"), out), MisuseError::MessageUnderWay);
        refused(|out| encoder.encode(Message::Binary(b"a"), out), MisuseError::MessageUnderWay);
        encoder.encode(Message::Ping(b"!"), &mut out).expect("a control frame may come between");
        encoder.continue_message(b"\xa9", &mut out).expect("goes on");
        encoder.finish_message(b"", &mut out).expect("ends");
        encoder.encode(Message::Text("next"), &mut out).expect("the next message");
        let peer = if role == Role::Server { Role::Client } else { Role::Server };
        let expected =
            vec![Owned::Ping(b"!".to_vec()), Owned::Text("café".into()), Owned::Text("next".into())];
        assert_eq!(decode_pieces(&mut plain(peer), [&out[..]]), (expected, None));
    }
}

#[test]
fn many_messages_are_the_same_as_one_after_the_other() {
    let long = "x".repeat(70_000);
    let texts: Vec<String> = (0..200).map(|length| "y".repeat(length)).collect();
    let mut messages: Vec<_> = texts.iter().map(|text| Message::Text(text)).collect();
    messages.insert(70, Message::Binary(b"alone"));
    messages.insert(90, Message::Ping(b"between"));
    messages.insert(91, Message::Binary(long.as_bytes()));
    messages.insert(92, Message::Binary(b""));
    for role in [Role::Server, Role::Client] {
        for count in 0..=messages.len() {
            let keys = || {
                let mut next = 0_u32;
                move || {
                    next += 1;
                    next.to_be_bytes()
                }
            };
            let mut encoder = Encoder::new(role).with_mask_keys(keys());
            let (mut one_by_one, mut all) = (b"before".to_vec(), b"before".to_vec());
            for message in &messages[..count] {
                encoder.encode(*message, &mut one_by_one).expect("may be sent");
            }
            let mut encoder = Encoder::new(role).with_mask_keys(keys());
            encoder.encode_all(&messages[..count], &mut all).expect("may be sent");
            assert!(all == one_by_one, "{role:?}, {count}");
        }
    }
}

#[test]
fn what_may_not_be_sent_ends_many_messages() {
    let (mut encoder, mut out) = (server(), Vec::new());
    let messages = [Message::Text("a"), Message::Text("b"), Message::Close(None), Message::Text("c")];
    assert_eq!(encoder.encode_all(&messages, &mut out), Err(MisuseError::Closed.into()));
    assert_eq!(out, b"\x81\x01a\x81\x01b\x88\x00");
    assert_eq!(encoder.encode_all(&messages[..2], &mut out), Err(MisuseError::Closed.into()));
    assert_eq!(encoder.encode_all(&[], &mut out), Ok(()));
    let mut encoder = server();
    encoder.begin_message(DataKind::Text, b"", &mut out).expect("may begin");
    assert_eq!(encoder.encode_all(&messages[..2], &mut out), Err(MisuseError::MessageUnderWay.into()));
}

#[test]
fn keys_of_many_messages_are_each_another() {
    let (mut encoder, mut out) = (Encoder::new(Role::Client), Vec::new());
    encoder.encode_all(&[Message::Binary(&[0; 4]); 1000], &mut out).expect("may be sent");
    // The payload shows the key.
    let keys: std::collections::HashSet<_> = out.chunks(10).map(|frame| frame[6..].to_vec()).collect();
    assert!(keys.len() > 990, "{} keys for 1,000 frames", keys.len());
}

#[test]
fn fragments_of_text_are_text() {
    let mut encoder = server();
    refused(|out| encoder.begin_message(DataKind::Text, b"a\xff", out), MisuseError::InvalidUtf8);
    let mut out = Vec::new();
    // It was refused, so no message is under way.
    encoder.begin_message(DataKind::Text, b"\xe2\x82", &mut out).expect("may be cut");
    refused(|out| encoder.finish_message(b"", out), MisuseError::InvalidUtf8);
    refused(|out| encoder.continue_message(b"a", out), MisuseError::InvalidUtf8);
    // Each was refused as if it had not been tried.
    encoder.finish_message(b"\xac", &mut out).expect("completes the character");
    assert_eq!(out, b"\x01\x02\xe2\x82\x80\x01\xac");
    encoder.begin_message(DataKind::Binary, b"\xff", &mut out).expect("binary is free");
}

/// Writes the message back to front, or fails or panics on one that says so.
struct Backwards {
    resets: Arc<AtomicUsize>,
}

impl Compressor for Backwards {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(true, 15..=15, 0..=9)
    }

    fn engine(&self) -> &'static str {
        "backwards"
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        out.extend(message.iter().rev());
        assert_ne!(message, b"panic", "as told");
        if message == b"fail" {
            return Err(CompressError::Engine("as told"));
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.resets.fetch_add(1, Ordering::Relaxed);
    }

    fn memory(&self) -> usize {
        0
    }
}

fn backwards(encoder: Encoder, resets: Arc<AtomicUsize>) -> Encoder {
    encoder.with_own_compressor(Box::new(Backwards { resets }), CompressorConfig::default())
}

fn from(threshold: usize) -> CompressionPolicy {
    CompressionPolicy::default().threshold(threshold)
}

#[test]
fn the_threshold_decides_before_the_compressor_sees_the_message() {
    let resets = Arc::default();
    let mut encoder = backwards(server(), resets).with_compression_policy(from(3));
    assert_eq!(encoded(&mut encoder, Message::Text("ab")), b"\x81\x02ab");
    assert_eq!(encoded(&mut encoder, Message::Text("abc")), b"\xc1\x03cba");
    assert_eq!(encoded(&mut encoder, Message::Binary(b"abcd")), b"\xc2\x04dcba");
    assert_eq!(encoded(&mut encoder, Message::Ping(b"abcd")), b"\x89\x04abcd", "never a control frame");
    for length in [125, 126, 65_535, 65_536] {
        let frame = encoded(&mut encoder, Message::Binary(&vec![b'x'; length]));
        let mut expected = encoded(&mut server(), Message::Binary(&vec![b'x'; length]));
        expected[0] |= 0x40;
        assert_eq!(frame, expected);
    }
    let client = Encoder::new(Role::Client).with_mask_keys(|| KEY).with_compression_policy(from(0));
    let mut client = backwards(client, Arc::default());
    assert_eq!(
        encoded(&mut client, Message::Text("olleH")),
        [b"\xc1\x85", &KEY[..], b"\x7f\x9f\x4d\x51\x58"].concat()
    );
}

#[test]
fn a_compressor_that_fails_costs_its_message_alone() {
    let resets = Arc::<AtomicUsize>::default();
    let mut encoder = backwards(server().with_compression_policy(from(0)), Arc::clone(&resets));
    let error = BackendError::Compress(CompressError::Engine("as told"));
    refused(|out| encoder.encode(Message::Text("fail"), out), error);
    assert_eq!(resets.load(Ordering::Relaxed), 1, "it forgets what the peer never saw");
    assert_eq!(encoded(&mut encoder, Message::Text("abc")), b"\xc1\x03cba");
    assert_eq!(Error::from(error).close_code(), Some(CloseCode::INTERNAL_ERROR));
}

/// Who catches it, or another thread, may write what is queued.
#[test]
fn a_compressor_that_panics_leaves_nothing_of_its_message() {
    let encoder = || backwards(server().with_compression_policy(from(0)), Arc::default());
    let (mut encoder, mut out) = (encoder(), b"before".to_vec());
    let panics = AssertUnwindSafe(|| encoder.encode(Message::Text("panic"), &mut out));
    assert!(catch_unwind(panics).is_err());
    assert_eq!(out, b"before");
    let gone = BackendError::Compress(CompressError::Engine("the engine panicked"));
    assert_eq!(encoder.encode(Message::Text("abc"), &mut out), Err(gone.into()));
    assert_eq!(out, b"before");
}

#[test]
fn both_halves_may_go_to_other_threads() {
    fn is_send<T: Send>() {}
    is_send::<Encoder>();
    is_send::<wscodec::Decoder>();
    is_send::<Box<dyn Decompressor>>();
}
