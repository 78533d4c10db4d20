//! Every error of the receiver with its close code, in both roles, wherever the bytes are cut; and what must not be
//! an error though it looks like one.

mod support;

use support::bits::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, RSV1, TEXT};
use support::{Frame, KEY, Outcome, Owned, decode_every_split, decode_pieces, frames_for, header_for, plain};
use wscodec::kernel::{HeaderError, Opcode};
use wscodec::{CloseCode, Decoder, Error, LimitError, Limits, Message, MisuseError, ProtocolError, Role};

const ROLES: [Role; 2] = [Role::Server, Role::Client];

fn decode(role: Role, frames: &[(u8, &[u8])]) -> Outcome {
    decode_every_split(|| plain(role), &frames_for(role, frames))
}

/// Decodes in both roles and wants the error behind the messages of all frames but the last.
#[track_caller]
fn fails(frames: &[(u8, &[u8])], error: impl Into<Error>, code: CloseCode) {
    let error = error.into();
    assert_eq!(error.close_code(), Some(code));
    for role in ROLES {
        let (_, before) = decode(role, &frames[..frames.len() - 1]);
        assert_eq!(before, None, "{role:?} {frames:x?} fails too early");
        let (_, failure) = decode(role, frames);
        assert_eq!(failure, Some(error), "{role:?} {frames:x?}");
    }
}

#[track_caller]
fn gives(frames: &[(u8, &[u8])], expected: &[Owned]) {
    for role in ROLES {
        assert_eq!(decode(role, frames), (expected.to_vec(), None), "{role:?} {frames:x?}");
    }
}

fn text(text: &str) -> Owned {
    Owned::Text(text.to_owned())
}

#[test]
fn reserved_bits() {
    for opcode in [TEXT, BINARY, CLOSE, PING, PONG] {
        for bits in [0x10, 0x20, 0x30, 0x50, 0x60, 0x70] {
            fails(&[(FIN | bits | opcode, b"")], ProtocolError::ReservedBits, CloseCode::PROTOCOL_ERROR);
        }
        fails(&[(FIN | RSV1 | opcode, b"")], ProtocolError::UnexpectedRsv1, CloseCode::PROTOCOL_ERROR);
    }
    // The header alone shows it.
    let (_, error) = decode_every_split(|| plain(Role::Client), &[FIN | RSV1 | TEXT, 100]);
    assert_eq!(error, Some(ProtocolError::UnexpectedRsv1.into()));
    let continued: &[(u8, &[u8])] = &[(TEXT, b"a"), (FIN | RSV1 | CONTINUATION, b"b")];
    fails(continued, ProtocolError::UnexpectedRsv1, CloseCode::PROTOCOL_ERROR);
}

#[test]
fn order_of_frames() {
    for first in [FIN | CONTINUATION, CONTINUATION] {
        fails(&[(first, b"a")], ProtocolError::UnexpectedContinuation, CloseCode::PROTOCOL_ERROR);
        let after_a_message: &[(u8, &[u8])] = &[(TEXT, b"a"), (FIN | CONTINUATION, b"b"), (first, b"c")];
        fails(after_a_message, ProtocolError::UnexpectedContinuation, CloseCode::PROTOCOL_ERROR);
    }
    for second in [TEXT, BINARY, FIN | TEXT, FIN | BINARY] {
        let inside: &[(u8, &[u8])] = &[(BINARY, b"a"), (FIN | PING, b""), (second, b"b")];
        fails(inside, ProtocolError::ExpectedContinuation, CloseCode::PROTOCOL_ERROR);
    }
}

#[test]
fn reserved_opcodes_and_control_frames() {
    for bits in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        for fin in [0, FIN] {
            fails(
                &[(fin | bits, b"")],
                ProtocolError::Header(HeaderError::ReservedOpcode(bits)),
                CloseCode::PROTOCOL_ERROR,
            );
        }
    }
    for (bits, opcode) in [(CLOSE, Opcode::Close), (PING, Opcode::Ping), (PONG, Opcode::Pong)] {
        fails(
            &[(bits, b"")],
            ProtocolError::Header(HeaderError::FragmentedControl(opcode)),
            CloseCode::PROTOCOL_ERROR,
        );
        for length in [126, 127, 300] {
            let payload = vec![b'a'; length];
            let error = ProtocolError::Header(HeaderError::ControlTooLong(opcode));
            fails(&[(FIN | bits, &payload)], error, CloseCode::PROTOCOL_ERROR);
        }
    }
    // Length code 126 with a length that would fit.
    for role in ROLES {
        let (_, error) = decode_every_split(|| plain(role), &[FIN | PING, 126, 0, 5]);
        assert_eq!(error, Some(ProtocolError::Header(HeaderError::ControlTooLong(Opcode::Ping)).into()));
    }
    let longest = vec![b'a'; 125];
    gives(
        &[(FIN | PING, &longest), (FIN | PONG, &longest)],
        &[Owned::Ping(longest.clone()), Owned::Pong(longest.clone())],
    );
}

#[test]
fn masks_go_one_way_alone() {
    for (role, key, error) in [
        (Role::Server, None, ProtocolError::MaskMissing),
        (Role::Client, Some(KEY), ProtocolError::MaskUnexpected),
    ] {
        for first in [FIN | TEXT, FIN | PING, FIN | CLOSE, BINARY] {
            let mut bytes = Vec::new();
            Frame { first, payload: b"", key }.write(&mut bytes);
            assert_eq!(decode_every_split(|| plain(role), &bytes), (vec![], Some(error.into())));
            assert_eq!(error.close_code(), CloseCode::PROTOCOL_ERROR);
        }
    }
    // A key of zeros is a key.
    let mut bytes = Vec::new();
    Frame { first: FIN | TEXT, payload: b"plain", key: Some([0; 4]) }.write(&mut bytes);
    assert_eq!(decode_every_split(|| plain(Role::Server), &bytes), (vec![text("plain")], None));
}

#[test]
fn lengths_that_no_frame_may_have() {
    let top_bit = [FIN | BINARY, 127, 0x80, 0, 0, 0, 0, 0, 0, 0];
    let not_minimal: [&[u8]; 4] = [
        &[FIN | BINARY, 126, 0, 125],
        &[FIN | BINARY, 126, 0, 0],
        &[FIN | BINARY, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF],
        &[FIN | BINARY, 127, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    let masked = |role, bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        if role == Role::Server {
            bytes[1] |= 0x80;
            bytes.extend(KEY);
        }
        bytes
    };
    for role in ROLES {
        let outcome = decode_every_split(|| plain(role), &masked(role, &top_bit));
        assert_eq!(outcome, (vec![], Some(ProtocolError::Header(HeaderError::LengthTooLarge).into())));
        for bytes in not_minimal {
            let outcome = decode_every_split(|| plain(role), &masked(role, bytes));
            assert_eq!(outcome, (vec![], Some(ProtocolError::Header(HeaderError::LengthNotMinimal).into())));
        }
    }
}

#[test]
fn a_claimed_length_is_held_against_the_limits_and_reserves_nothing() {
    let no_limit = Limits::new().with_frame(usize::MAX).with_message(usize::MAX);
    for role in ROLES {
        for length in [1 << 32, (1 << 32) + 5, 1 << 53, 1 << 62, (1 << 63) - 1] {
            let mut bytes = header_for(role, Opcode::Binary, length);
            bytes.extend(b"some bytes");
            let (messages, error) = decode_every_split(|| plain(role), &bytes);
            let limit = Limits::new().frame;
            assert_eq!((messages.len(), error), (0, Some(LimitError::FrameTooLong { limit }.into())));
            if usize::BITS == 64 {
                let outcome = decode_every_split(|| Decoder::new(role, no_limit), &bytes);
                assert_eq!(outcome, (vec![], None), "it waits for the rest");
            }
        }
    }
}

#[test]
fn limits_are_exact() {
    let exact = vec![7; 300];
    let over = vec![7; 301];
    for role in ROLES {
        let frame_limit = || Decoder::new(role, Limits::new().with_frame(300));
        let message_limit = || Decoder::new(role, Limits::new().with_message(300));
        for make in [&frame_limit as &dyn Fn() -> Decoder, &message_limit] {
            let outcome = decode_every_split(make, &frames_for(role, &[(FIN | BINARY, &exact)]));
            assert_eq!(outcome, (vec![Owned::Binary(exact.clone())], None));
        }
        let bytes = frames_for(role, &[(FIN | BINARY, &over)]);
        let (_, error) = decode_every_split(frame_limit, &bytes);
        assert_eq!(error, Some(LimitError::FrameTooLong { limit: 300 }.into()));
        let (_, error) = decode_every_split(message_limit, &bytes);
        assert_eq!(error, Some(LimitError::MessageTooLong { limit: 300 }.into()));
        assert_eq!(error.and_then(Error::close_code), Some(CloseCode::TOO_BIG));

        let parts: &[(u8, &[u8])] =
            &[(BINARY, &exact[..200]), (FIN | PING, b"!"), (CONTINUATION, &exact[..100])];
        let fits = [parts, &[(FIN | CONTINUATION, b"")]].concat();
        let (messages, error) = decode_every_split(message_limit, &frames_for(role, &fits));
        assert_eq!((messages.len(), error), (2, None));
        // One byte more fails at its header: the byte itself need not come.
        let mut bytes = frames_for(role, parts);
        let mut last = frames_for(role, &[(FIN | CONTINUATION, b"x")]);
        last.pop();
        bytes.extend(last);
        let (messages, error) = decode_every_split(message_limit, &bytes);
        assert_eq!((messages.len(), error), (1, Some(LimitError::MessageTooLong { limit: 300 }.into())));
    }
}

#[test]
fn fragments_are_counted_empty_ones_too() {
    for role in ROLES {
        let make = || Decoder::new(role, Limits::new().with_fragments(3));
        let three: &[(u8, &[u8])] = &[
            (TEXT, b""),
            (FIN | PING, b""),
            (CONTINUATION, b""),
            (FIN | PONG, b""),
            (FIN | CONTINUATION, b""),
        ];
        let bytes = frames_for(role, &[three, three].concat());
        let (messages, error) = decode_every_split(make, &bytes);
        assert_eq!((messages.len(), error), (6, None), "each message has its own count");
        let four: &[(u8, &[u8])] =
            &[(TEXT, b""), (CONTINUATION, b""), (CONTINUATION, b""), (CONTINUATION, b"")];
        let (_, error) = decode_every_split(make, &frames_for(role, four));
        assert_eq!(error, Some(LimitError::TooManyFragments { limit: 3 }.into()));
        assert_eq!(error.and_then(Error::close_code), Some(CloseCode::POLICY));
    }
}

#[test]
fn close_frames() {
    gives(&[(FIN | CLOSE, b"")], &[Owned::Close(None)]);
    gives(&[(FIN | CLOSE, b"\x03\xe8")], &[Owned::Close(Some((1000, String::new())))]);
    let with_reason = Owned::Close(Some((4999, "café".to_owned())));
    gives(&[(FIN | CLOSE, b"\x13\x87caf\xc3\xa9")], &[with_reason]);
    let longest = [&[3, 232][..], &[b'a'; 123]].concat();
    gives(&[(FIN | CLOSE, &longest)], &[Owned::Close(Some((1000, "a".repeat(123))))]);
}

#[test]
fn close_payloads_that_are_wrong() {
    fails(&[(FIN | CLOSE, b"\x03")], ProtocolError::TruncatedCloseCode, CloseCode::PROTOCOL_ERROR);
    fails(&[(FIN | CLOSE, b"\x03\xe8bad \xff")], ProtocolError::InvalidUtf8, CloseCode::INVALID_PAYLOAD);
    fails(&[(FIN | CLOSE, b"\x03\xe8cut \xe2\x82")], ProtocolError::InvalidUtf8, CloseCode::INVALID_PAYLOAD);
    for code in 0..=u16::MAX {
        let allowed = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
        let bytes = frames_for(Role::Server, &[(FIN | CLOSE, &code.to_be_bytes())]);
        let outcome = decode_pieces(&mut plain(Role::Server), [&bytes[..]]);
        let expected = if allowed {
            (vec![Owned::Close(Some((code, String::new())))], None)
        } else {
            (vec![], Some(ProtocolError::InvalidCloseCode(CloseCode::new(code)).into()))
        };
        assert_eq!(outcome, expected);
    }
    assert_eq!(ProtocolError::InvalidCloseCode(CloseCode::NO_STATUS).close_code(), CloseCode::PROTOCOL_ERROR);
}

#[test]
fn what_follows_a_close_is_ignored() {
    let closed = Owned::Close(Some((1001, "bye".to_owned())));
    let after: &[(u8, &[u8])] =
        &[(FIN | CLOSE, b"\x03\xe9bye"), (FIN | TEXT, b"late"), (FIN | 0x7F, b"\xff")];
    gives(after, std::slice::from_ref(&closed));
    // Also in the middle of a message.
    let inside: &[(u8, &[u8])] = &[(TEXT, b"a"), (FIN | CLOSE, b"\x03\xe9bye"), (FIN | CONTINUATION, b"b")];
    gives(inside, &[closed]);

    let mut decoder = plain(Role::Client);
    assert!(!decoder.is_closed());
    decode_pieces(&mut decoder, [&[FIN | CLOSE, 0][..]]);
    assert!(decoder.is_closed());
}

#[test]
fn control_frames_come_between_fragments_and_lose_nothing() {
    let frames: &[(u8, &[u8])] = &[
        (TEXT, b"Hel"),
        (FIN | PING, b"ping"),
        (CONTINUATION, b""),
        (FIN | PONG, b"pong"),
        (FIN | CONTINUATION, b"lo"),
        (FIN | BINARY, b"\xff"),
    ];
    let expected = [
        Owned::Ping(b"ping".to_vec()),
        Owned::Pong(b"pong".to_vec()),
        text("Hello"),
        Owned::Binary(vec![0xff]),
    ];
    gives(frames, &expected);
}

#[test]
fn empty_messages() {
    let frames: &[(u8, &[u8])] = &[
        (FIN | TEXT, b""),
        (FIN | BINARY, b""),
        (TEXT, b""),
        (FIN | CONTINUATION, b""),
        (FIN | PING, b""),
        (FIN | PONG, b""),
    ];
    let expected = [text(""), Owned::Binary(vec![]), text(""), Owned::Ping(vec![]), Owned::Pong(vec![])];
    gives(frames, &expected);
}

#[test]
fn text_cut_anywhere_is_whole_again() {
    let sample = "aé€😀z\u{10FFFF}\u{7FF}\u{800}\u{D7FF}\u{E000}";
    for at in 0..=sample.len() {
        for then in at..=sample.len() {
            let bytes = sample.as_bytes();
            let frames: &[(u8, &[u8])] = &[
                (TEXT, &bytes[..at]),
                (FIN | PING, b""),
                (CONTINUATION, &bytes[at..then]),
                (FIN | CONTINUATION, &bytes[then..]),
            ];
            let whole = frames_for(Role::Server, frames);
            let expected = (vec![Owned::Ping(vec![]), text(sample)], None);
            assert_eq!(decode_pieces(&mut plain(Role::Server), [&whole[..]]), expected);
            assert_eq!(decode_pieces(&mut plain(Role::Server), whole.chunks(1)), expected);
        }
    }
}

/// Bytes that are not text, each with the number of bytes that show it.
const NOT_TEXT: &[(&[u8], usize)] = &[
    (b"\x80", 1),
    (b"\xbf", 1),
    (b"\xc0\x80", 1),
    (b"\xc1\xbf", 1),
    (b"\xe0\x80\x80", 2),
    (b"\xe0\x9f\xbf", 2),
    (b"\xf0\x80\x80\x80", 2),
    (b"\xf0\x8f\xbf\xbf", 2),
    (b"\xed\xa0\x80", 2),
    (b"\xed\xbf\xbf", 2),
    (b"\xf4\x90\x80\x80", 2),
    (b"\xf5\x80\x80\x80", 1),
    (b"\xff", 1),
    (b"\xc3a", 2),
    (b"\xe2\x82a", 3),
    (b"\xf0\x9f\x98a", 4),
];

#[test]
fn bad_text_fails_at_its_first_bad_byte() {
    for &(bad, shown_after) in NOT_TEXT {
        fails(&[(FIN | TEXT, bad)], ProtocolError::InvalidUtf8, CloseCode::INVALID_PAYLOAD);
        for role in ROLES {
            // In a frame that claims more than ever comes, behind enough text to fill a vector register.
            let mut bytes = header_for(role, Opcode::Text, 1000);
            let header = bytes.len();
            let payload = [&[b'a'; 100][..], bad].concat();
            let key = if role == Role::Server { KEY } else { [0; 4] };
            bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
            for length in 0..bytes.len() {
                let (_, error) = decode_pieces(&mut plain(role), bytes[..length].chunks(1));
                let expected = length >= header + 100 + shown_after;
                assert_eq!(error.is_some(), expected, "{bad:x?} at {length}");
                let (_, error) = decode_pieces(&mut plain(role), [&bytes[..length]]);
                assert_eq!(error.is_some(), expected, "{bad:x?} at {length}");
            }
        }
    }
}

#[test]
fn text_must_not_end_inside_a_character() {
    for cut in ["é", "€", "😀"] {
        let bytes = cut.as_bytes();
        for length in 1..bytes.len() {
            let error = ProtocolError::InvalidUtf8;
            fails(&[(FIN | TEXT, &bytes[..length])], error, CloseCode::INVALID_PAYLOAD);
            // An empty last fragment ends it just as well, and a control frame between changes nothing.
            let frames: &[(u8, &[u8])] =
                &[(TEXT, &bytes[..length]), (FIN | PING, b""), (FIN | CONTINUATION, b"")];
            fails(frames, error, CloseCode::INVALID_PAYLOAD);
        }
        // The next message begins afresh: binary needs no text, and what was cut does not linger.
        gives(
            &[(FIN | BINARY, &bytes[..1]), (FIN | TEXT, b"a")],
            &[Owned::Binary(bytes[..1].to_vec()), text("a")],
        );
    }
}

#[test]
fn more_bytes_than_there_was_room_for_are_refused_and_change_nothing() {
    let mut decoder = plain(Role::Client);
    assert_eq!(decoder.filled(1), Err(MisuseError::MoreThanRoom), "nobody asked for room");
    let room = decoder.room();
    room[..4].copy_from_slice(b"\x81\x02hi");
    let length = room.len();
    assert_eq!(decoder.filled(length + 1), Err(MisuseError::MoreThanRoom));
    assert_eq!(decoder.filled(4), Ok(()));
    assert_eq!(decoder.filled(1), Err(MisuseError::MoreThanRoom), "that room is gone");
    assert_eq!(decoder.next_message(), Ok(Some(Message::Text("hi"))));
    for forget in [|decoder: &mut Decoder| decoder.push(b""), Decoder::release] {
        _ = decoder.room();
        forget(&mut decoder);
        assert_eq!(decoder.filled(1), Err(MisuseError::MoreThanRoom));
    }
    assert_eq!(decoder.next_message(), Ok(None));
}

#[test]
fn messages_that_come_whole_are_handed_out_where_they_were_read_to_or_unmasked() {
    let long = [b'x'; 1000];
    let frames: &[(u8, &[u8])] =
        &[(FIN | TEXT, b"text"), (FIN | BINARY, &long), (FIN | PING, b"ping"), (FIN | TEXT, &long)];
    for role in ROLES {
        let bytes = frames_for(role, frames);
        let mut decoder = plain(role);
        decoder.room()[..bytes.len()].copy_from_slice(&bytes);
        let buffer = decoder.room().as_ptr_range();
        decoder.filled(bytes.len()).expect("there was room");
        let mut borrowed = 0;
        while let Some(message) = decoder.next_message().expect("well formed") {
            let payload = match message {
                Message::Text(text) => text.as_bytes(),
                Message::Binary(bytes) | Message::Ping(bytes) => bytes,
                other => panic!("{other:?} was not sent"),
            };
            borrowed += usize::from(buffer.contains(&payload.as_ptr()));
        }
        // Small masked ones of data are unmasked elsewhere.
        assert_eq!(borrowed, if role == Role::Server { 3 } else { 4 });
    }
}

#[test]
fn the_first_error_is_the_one_that_stays() {
    for role in ROLES {
        let limits = Limits::new().with_message(3);
        let mut bytes =
            frames_for(role, &[(FIN | TEXT, b"one"), (FIN | TEXT, b"four"), (FIN | TEXT, b"two")]);
        // A reserved opcode in the same read.
        bytes.push(FIN | 3);
        let (messages, error) = decode_every_split(|| Decoder::new(role, limits), &bytes);
        assert_eq!(messages, [text("one")]);
        assert_eq!(error, Some(LimitError::MessageTooLong { limit: 3 }.into()));
        let mut bytes = frames_for(role, &[(FIN | TEXT, b"one"), (FIN | CLOSE, b"")]);
        bytes.push(FIN | 3);
        let outcome = decode_every_split(|| Decoder::new(role, limits), &bytes);
        assert_eq!(
            outcome,
            (vec![text("one"), Owned::Close(None)], None),
            "nothing after a close frame counts"
        );
    }
}

#[test]
fn a_message_over_the_limit_is_that_before_it_is_looked_at() {
    for role in ROLES {
        let make = || Decoder::new(role, Limits::new().with_message(10));
        let bytes = frames_for(role, &[(FIN | TEXT, b"0123456789\xff")]);
        let outcome = decode_every_split(make, &bytes);
        assert_eq!(outcome, (vec![], Some(LimitError::MessageTooLong { limit: 10 }.into())));
    }
}

#[test]
fn a_message_in_one_frame_is_no_fragment_too_many() {
    for role in ROLES {
        let make = || Decoder::new(role, Limits::new().with_fragments(0));
        let bytes = frames_for(role, &[(FIN | TEXT, b"one")]);
        assert_eq!(decode_every_split(make, &bytes), (vec![text("one")], None));
    }
}

#[test]
fn a_decoder_that_has_ended_holds_nothing_of_what_was_under_way() {
    for role in ROLES {
        let part = vec![b'a'; 100_000];
        for end in [(FIN | CLOSE, &b""[..]), (FIN | TEXT, b"not now"), (FIN | 3, b"")] {
            let mut decoder = plain(role);
            let bytes = frames_for(role, &[(TEXT, &part), end, (FIN | CONTINUATION, &part)]);
            let _ = decode_pieces(&mut decoder, [&bytes[..]]);
            decoder.release();
            assert!(decoder.memory() < 1024, "{end:x?}: {} bytes", decoder.memory());
        }
    }
}

#[test]
fn releasing_leaves_the_message_under_way() {
    for role in ROLES {
        let frames: &[(u8, &[u8])] = &[(TEXT, b"Hel"), (FIN | PING, b""), (FIN | CONTINUATION, b"lo")];
        let bytes = frames_for(role, frames);
        for at in 0..bytes.len() {
            let mut decoder = plain(role);
            let (mut messages, _) = decode_pieces(&mut decoder, [&bytes[..at]]);
            decoder.release();
            messages.extend(decode_pieces(&mut decoder, [&bytes[at..]]).0);
            assert_eq!(messages, [Owned::Ping(vec![]), text("Hello")]);
        }
    }
}
