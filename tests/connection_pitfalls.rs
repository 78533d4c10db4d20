//! What broke other codecs, row by row, for a whole connection: which events come before the error, and which close frame
//! is then queued by itself. In both roles, with the bytes cut at every place.

mod support;

use support::bits::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, RSV1, TEXT};
use support::{Owned, decode_pieces, frames_for, header_for, plain};
use wscodec::kernel::{HeaderError, Opcode, Rsv};
use wscodec::{Connection, DataKind, Error, Event, LimitError, Limits, ProtocolError, Role, State};

const ROLES: [Role; 2] = [Role::Server, Role::Client];

/// What came of some bytes: the events, the error, and what was queued.
#[derive(Debug, PartialEq)]
struct Seen {
    events: Vec<Owned>,
    error: Option<Error>,
    answers: Vec<Owned>,
}

fn peer(role: Role) -> Role {
    if role == Role::Server { Role::Client } else { Role::Server }
}

fn run<'p>(mut connection: Connection, role: Role, pieces: impl IntoIterator<Item = &'p [u8]>) -> Seen {
    let mut seen = Seen { events: Vec::new(), error: None, answers: Vec::new() };
    for (number, piece) in pieces.into_iter().enumerate() {
        if number % 2 == 0 {
            connection.room()[..piece.len()].copy_from_slice(piece);
            connection.filled(piece.len()).expect("there was room");
        } else {
            connection.push(piece);
        }
        loop {
            match connection.next_event() {
                Ok(Some(Event::Message(message))) => seen.events.push(message.into()),
                Ok(Some(other)) => panic!("{other:?} was not asked for"),
                Ok(None) => break,
                Err(error) => {
                    assert!(seen.error.is_none_or(|first| first == error), "an error is final");
                    seen.error = Some(error);
                    break;
                }
            }
        }
    }
    let (answers, error) = decode_pieces(&mut plain(peer(role)), [connection.output()]);
    assert_eq!(error, None, "what is queued is well formed");
    seen.answers = answers;
    if seen.error.is_some() {
        assert_eq!((connection.state(), connection.error()), (State::Failed, seen.error));
        assert!(!connection.should_shut(), "the close frame is still to be written");
        connection.clear_output();
        assert!(connection.should_shut());
    }
    seen
}

fn every_split(make: impl Fn() -> Connection, role: Role, bytes: &[u8]) -> Seen {
    let whole = run(make(), role, [bytes]);
    assert_eq!(run(make(), role, bytes.chunks(1)), whole, "byte by byte");
    for at in 0..=bytes.len() {
        let (first, second) = bytes.split_at(at);
        assert_eq!(run(make(), role, [first, second]), whole, "cut at {at}");
    }
    whole
}

/// Wants the events, then the error, and a close frame with the code behind the other answers.
#[track_caller]
fn fails(frames: &[(u8, &[u8])], events: &[Owned], error: impl Into<Error>, code: u16) {
    let error = error.into();
    for role in ROLES {
        let bytes = frames_for(role, frames);
        let seen = every_split(|| Connection::new(role, Limits::new()), role, &bytes);
        assert_eq!((&seen.events[..], seen.error), (events, Some(error)), "{role:?} {frames:x?}");
        assert_eq!(seen.answers.last(), Some(&close(code)), "{role:?} {frames:x?}");
    }
}

/// Wants the events and the answers, and no error.
#[track_caller]
fn gives(frames: &[(u8, &[u8])], events: &[Owned], answers: &[Owned]) {
    for role in ROLES {
        let bytes = frames_for(role, frames);
        let seen = every_split(|| Connection::new(role, Limits::new()), role, &bytes);
        let expected = Seen { events: events.to_vec(), error: None, answers: answers.to_vec() };
        assert_eq!(seen, expected, "{role:?} {frames:x?}");
    }
}

fn close(code: u16) -> Owned {
    Owned::Close(Some((code, String::new())))
}

fn text(text: &str) -> Owned {
    Owned::Text(text.to_owned())
}

#[test]
fn framing_top_bit_of_the_64_bit_length() {
    for role in ROLES {
        let mask = if role == Role::Server { 0x80 } else { 0 };
        let mut bytes = frames_for(role, &[(FIN | TEXT, b"before")]);
        bytes.extend([FIN | BINARY, mask | 127, 0x80, 0, 0, 0, 0, 0, 0, 0]);
        let seen = every_split(|| Connection::new(role, Limits::new()), role, &bytes);
        let error = ProtocolError::Header(HeaderError::LengthTooLarge).into();
        assert_eq!(
            seen,
            Seen { events: vec![text("before")], error: Some(error), answers: vec![close(1002)] }
        );
    }
}

#[test]
fn framing_2_to_the_62nd_without_a_limit_and_with_one() {
    let none = Limits::new().with_frame(usize::MAX).with_message(usize::MAX);
    for role in ROLES {
        for length in [1 << 32, (1 << 32) + 5, 1 << 62] {
            let bytes = header_for(role, Opcode::Binary, length);
            let seen = every_split(|| Connection::new(role, none), role, &bytes);
            assert_eq!(seen, Seen { events: vec![], error: None, answers: vec![] }, "it waits for them");
            let seen = every_split(|| Connection::new(role, Limits::new()), role, &bytes);
            let error = LimitError::FrameTooLong { limit: 16 << 20 }.into();
            assert_eq!(seen, Seen { events: vec![], error: Some(error), answers: vec![close(1009)] });
        }
    }
}

#[test]
fn framing_non_minimal_lengths_strict_and_lenient() {
    for role in ROLES {
        let mask = if role == Role::Server { 0x80 } else { 0 };
        let key: &[u8] = if role == Role::Server { &[0; 4] } else { &[] };
        let before = frames_for(role, &[(FIN | TEXT, b"a")]);
        for length in [&[mask | 126, 0, 2][..], &[mask | 127, 0, 0, 0, 0, 0, 0, 0, 2]] {
            let bytes = [&before[..], &[FIN | TEXT], length, key, b"hi", &before].concat();
            let seen = every_split(|| Connection::new(role, Limits::new()), role, &bytes);
            let error = ProtocolError::Header(HeaderError::LengthNotMinimal).into();
            assert_eq!(
                seen,
                Seen { events: vec![text("a")], error: Some(error), answers: vec![close(1002)] }
            );
            let lenient = || Connection::new(role, Limits::new()).with_any_length_encoding();
            let seen = every_split(lenient, role, &bytes);
            assert_eq!((seen.events, seen.error), (vec![text("a"), text("hi"), text("a")], None));
        }
    }
}

#[test]
fn framing_mask_direction_both_ways() {
    for role in ROLES {
        let bytes = frames_for(peer(role), &[(FIN | TEXT, b"a")]);
        let seen = every_split(|| Connection::new(role, Limits::new()), role, &bytes);
        let error =
            if role == Role::Server { ProtocolError::MaskMissing } else { ProtocolError::MaskUnexpected };
        assert_eq!(seen, Seen { events: vec![], error: Some(error.into()), answers: vec![close(1002)] });
    }
}

#[test]
fn control_frames_without_fin_too_long_with_rsv1_or_a_reserved_opcode() {
    for (bits, opcode) in [(CLOSE, Opcode::Close), (PING, Opcode::Ping), (PONG, Opcode::Pong)] {
        let before: (u8, &[u8]) = (FIN | BINARY, b"x");
        let x = [Owned::Binary(b"x".to_vec())];
        fails(
            &[before, (bits, b"")],
            &x,
            ProtocolError::Header(HeaderError::FragmentedControl(opcode)),
            1002,
        );
        let too_long = ProtocolError::Header(HeaderError::ControlTooLong(opcode));
        fails(&[before, (FIN | bits, &[b'a'; 126])], &x, too_long, 1002);
        fails(&[before, (FIN | RSV1 | bits, b"")], &x, ProtocolError::UnexpectedRsv1, 1002);
    }
    for bits in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        let error = ProtocolError::Header(HeaderError::ReservedOpcode(bits));
        fails(&[(FIN | bits, b"")], &[], error, 1002);
    }
}

#[test]
fn ping_pong_and_close_between_fragments() {
    let (ping, pong) = (Owned::Ping(b"1".to_vec()), Owned::Pong(b"2".to_vec()));
    let frames: &[(u8, &[u8])] = &[
        (TEXT, b"Hel"),
        (FIN | PING, b"1"),
        (CONTINUATION, b"l"),
        (FIN | PONG, b"2"),
        (FIN | CONTINUATION, b"o"),
    ];
    let answers = [Owned::Pong(b"1".to_vec())];
    gives(frames, &[ping.clone(), pong.clone(), text("Hello")], &answers);
    let cut: &[(u8, &[u8])] = &[(TEXT, b"Hel"), (FIN | CLOSE, b"\x03\xe9"), (FIN | CONTINUATION, b"lo")];
    gives(cut, &[close(1001)], &[close(1001)]);
}

#[test]
fn data_inside_a_message_and_a_continuation_without_a_start() {
    fails(&[(TEXT, b"a"), (FIN | BINARY, b"b")], &[], ProtocolError::ExpectedContinuation, 1002);
    fails(&[(FIN | CONTINUATION, b"a")], &[], ProtocolError::UnexpectedContinuation, 1002);
    let after: &[(u8, &[u8])] = &[(FIN | TEXT, b"a"), (CONTINUATION, b"b")];
    fails(after, &[text("a")], ProtocolError::UnexpectedContinuation, 1002);
}

#[test]
fn total_limit_to_the_byte() {
    let limits = Limits::new().with_message(5);
    for role in ROLES {
        for (parts, fits) in [([3, 2], true), ([3, 3], false), ([0, 5], true), ([5, 1], false)] {
            let payload = [b'a'; 9];
            let frames: &[(u8, &[u8])] =
                &[(TEXT, &payload[..parts[0]]), (FIN | CONTINUATION, &payload[..parts[1]])];
            let seen = every_split(|| Connection::new(role, limits), role, &frames_for(role, frames));
            let error = (!fits).then_some(LimitError::MessageTooLong { limit: 5 }.into());
            assert_eq!(seen.error, error, "{parts:?}");
            assert_eq!(seen.answers, if fits { vec![] } else { vec![close(1009)] });
        }
    }
}

#[test]
fn floods_of_empty_fragments() {
    for role in ROLES {
        let mut frames: Vec<(u8, &[u8])> = vec![(TEXT, b"")];
        frames.extend([(CONTINUATION, &b""[..]); 10]);
        let bytes = frames_for(role, &frames);
        let seen = every_split(|| Connection::new(role, Limits::new().with_fragments(10)), role, &bytes);
        let error = LimitError::TooManyFragments { limit: 10 }.into();
        assert_eq!(seen, Seen { events: vec![], error: Some(error), answers: vec![close(1008)] });
    }
}

#[test]
fn close_of_one_byte_bad_utf8_and_bad_codes() {
    fails(&[(FIN | CLOSE, b"\x03")], &[], ProtocolError::TruncatedCloseCode, 1002);
    fails(&[(FIN | CLOSE, b"\x03\xe8\xff")], &[], ProtocolError::InvalidUtf8, 1007);
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535_u16] {
        let error = ProtocolError::InvalidCloseCode(code.into());
        fails(&[(FIN | CLOSE, &code.to_be_bytes())], &[], error, 1002);
    }
    for code in [1000, 1003, 1007, 1012, 1013, 1014, 3000, 4999_u16] {
        gives(&[(FIN | CLOSE, &code.to_be_bytes())], &[close(code)], &[close(code)]);
    }
    gives(&[(FIN | CLOSE, b"")], &[Owned::Close(None)], &[Owned::Close(None)]);
}

#[test]
fn bytes_after_a_close_are_ignored() {
    let frames: &[(u8, &[u8])] =
        &[(FIN | CLOSE, b"\x03\xe8bye"), (FIN | PING, b"late"), (FIN | 0x7F, b"\xff")];
    gives(frames, &[Owned::Close(Some((1000, "bye".to_owned())))], &[close(1000)]);
}

#[test]
fn a_write_of_zero_bytes_changes_nothing() {
    let mut connection = Connection::new(Role::Server, Limits::new());
    assert_eq!(connection.advance_output(0), Ok(()));
    connection.send(wscodec::Message::Text("a")).expect("open");
    assert_eq!(connection.advance_output(0), Ok(()));
    assert_eq!(connection.output(), b"\x81\x01a");
}

#[test]
fn utf8_cut_everywhere_and_cut_short_before_an_empty_last_fragment() {
    let sample = "aé€😀";
    for at in 0..=sample.len() {
        let (first, second) = sample.as_bytes().split_at(at);
        let frames: &[(u8, &[u8])] = &[(TEXT, first), (FIN | PING, b""), (FIN | CONTINUATION, second)];
        gives(frames, &[Owned::Ping(vec![]), text(sample)], &[Owned::Pong(vec![])]);
        if !sample.is_char_boundary(at) {
            let frames: &[(u8, &[u8])] = &[(FIN | TEXT, b"x"), (TEXT, first), (FIN | CONTINUATION, b"")];
            fails(frames, &[text("x")], ProtocolError::InvalidUtf8, 1007);
        }
    }
}

#[test]
fn utf8_overlong_surrogates_and_beyond_the_last() {
    for bad in [&b"\xc0\x80"[..], b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff"] {
        fails(&[(FIN | TEXT, b"x"), (FIN | TEXT, bad)], &[text("x")], ProtocolError::InvalidUtf8, 1007);
    }
}

#[test]
fn text_that_is_not_validated_but_in_close_reasons() {
    for role in ROLES {
        let frames: &[(u8, &[u8])] = &[
            (FIN | TEXT, b"whole \xff"),
            (TEXT, b"\xff"),
            (FIN | PING, b""),
            (FIN | CONTINUATION, b"\xfe"),
            (FIN | BINARY, b"\xfd"),
            (FIN | CLOSE, b"\x03\xe8\xff"),
        ];
        let bytes = frames_for(role, frames);
        for at in 0..=bytes.len() {
            let mut connection = Connection::new(role, Limits::new()).without_text_validation();
            let (mut raw, mut others) = (Vec::new(), Vec::new());
            for piece in [&bytes[..at], &bytes[at..]] {
                connection.push(piece);
                while let Ok(Some(event)) = connection.next_event() {
                    match event {
                        Event::Raw(message) => {
                            assert_eq!((message.kind, message.rsv), (DataKind::Text, Rsv::NONE));
                            raw.push(message.payload.to_vec());
                        }
                        Event::Message(message) => others.push(Owned::from(message)),
                        _ => unreachable!("there are no others"),
                    }
                }
            }
            assert_eq!(raw, [b"whole \xff".to_vec(), b"\xff\xfe".to_vec()]);
            assert_eq!(others, [Owned::Ping(vec![]), Owned::Binary(vec![0xfd])]);
            assert_eq!(connection.error(), Some(ProtocolError::InvalidUtf8.into()));
        }
    }
}

#[test]
fn reserved_bits_of_the_user_s_own_extensions() {
    for role in ROLES {
        let frames: &[(u8, &[u8])] = &[
            (FIN | 0x20 | TEXT, b"\xff"),
            (FIN | TEXT, b"plain"),
            (0x30 | BINARY, b"a"),
            (FIN | PING, b"p"),
            (FIN | CONTINUATION, b"b"),
            (TEXT, b"in "),
            (FIN | CONTINUATION, b"parts"),
            (FIN | 0x20 | PING, b""),
        ];
        let bytes = frames_for(role, frames);
        for at in 0..=bytes.len() {
            let both = Rsv::RSV2 | Rsv::RSV3;
            let mut connection = Connection::new(role, Limits::new()).with_reserved_bits(both);
            let mut seen = Vec::new();
            for piece in [&bytes[..at], &bytes[at..]] {
                connection.push(piece);
                while let Ok(Some(event)) = connection.next_event() {
                    seen.push(match event {
                        Event::Raw(raw) => (Some((raw.kind, raw.rsv)), Owned::Binary(raw.payload.to_vec())),
                        Event::Message(message) => (None, message.into()),
                        _ => unreachable!("there are no others"),
                    });
                }
            }
            let expected = [
                (Some((DataKind::Text, Rsv::RSV2)), Owned::Binary(vec![0xff])),
                (None, text("plain")),
                (None, Owned::Ping(b"p".to_vec())),
                (Some((DataKind::Binary, both)), Owned::Binary(b"ab".to_vec())),
                (None, text("in parts")),
            ];
            assert_eq!(seen, expected);
            assert_eq!(connection.error(), Some(ProtocolError::ReservedBits.into()), "not on control frames");
        }
    }
}

#[test]
fn state_survives_a_pong_between_fragments_and_reads_that_bring_nothing() {
    for role in ROLES {
        let frames: &[(u8, &[u8])] = &[(TEXT, b"a"), (FIN | PONG, b""), (FIN | CONTINUATION, b"b")];
        let mut connection = Connection::new(role, Limits::new());
        let mut events = Vec::new();
        for byte in frames_for(role, frames) {
            // A read that was cancelled gave room and took none of it.
            connection.room();
            connection.filled(0).expect("no bytes");
            connection.push(&[byte]);
            connection.release();
            while let Some(Event::Message(message)) = connection.next_event().expect("well formed") {
                events.push(Owned::from(message));
            }
        }
        assert_eq!(events, [Owned::Pong(vec![]), text("ab")]);
    }
}

#[test]
fn framing_a_length_over_32_bits_is_not_cut_to_them() {
    for role in ROLES {
        let mask = if role == Role::Server { 0x80 } else { 0 };
        let bytes = [&[FIN | BINARY, mask | 127], &((1_u64 << 32) + 5).to_be_bytes()[..], &[0; 9]].concat();
        let seen = every_split(|| Connection::new(role, Limits::new()), role, &bytes);
        let error = LimitError::FrameTooLong { limit: Limits::new().frame }.into();
        assert_eq!(seen, Seen { events: vec![], error: Some(error), answers: vec![close(1009)] });
    }
}

#[test]
fn framing_every_split_of_a_header_with_10_to_13_bytes_to_come() {
    let payload = vec![b'p'; 65_536];
    for role in ROLES {
        let frames = frames_for(role, &[(FIN | BINARY, &payload)]);
        for at in 0..16 {
            let mut connection = Connection::new(role, Limits::new());
            connection.push(&frames[..at]);
            assert_eq!(connection.next_event(), Ok(None), "cut at {at}");
            connection.push(&frames[at..]);
            let message = wscodec::Message::Binary(&payload);
            assert_eq!(connection.next_event(), Ok(Some(Event::Message(message))), "cut at {at}");
        }
    }
}

#[test]
fn framing_declared_lengths_reserve_nothing() {
    let limits = Limits::new().with_frame(usize::MAX).with_message(usize::MAX);
    let header = [&[FIN | BINARY, 127], &(1_u64 << 40).to_be_bytes()[..]].concat();
    for connection in
        [Connection::new(Role::Client, limits), Connection::new(Role::Client, limits).with_fragments()]
    {
        let mut connection = connection;
        connection.push(&header);
        assert_eq!(connection.next_event(), Ok(None));
        assert!(connection.memory() < 16 << 10, "{} bytes", connection.memory());
    }
}

#[test]
fn framing_an_all_zero_key_and_the_key_s_phase_over_partial_reads() {
    for key in [[0; 4], [0, 0, 0, 1], [1, 2, 3, 4]] {
        for length in [1, 5, 31, 64, 125, 300] {
            let payload: Vec<u8> = (0..length).map(|place: u16| place.to_le_bytes()[0] & 0x7F).collect();
            let mut bytes = vec![FIN | BINARY];
            match length {
                0..=125 => bytes.push(0x80 | length.to_le_bytes()[0]),
                _ => {
                    bytes.push(0x80 | 126);
                    bytes.extend(length.to_be_bytes());
                }
            }
            bytes.extend(key);
            bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
            let seen = every_split(|| Connection::new(Role::Server, Limits::new()), Role::Server, &bytes);
            assert_eq!(seen.events, [Owned::Binary(payload)], "{key:?}, {length} bytes");
        }
    }
}

/// Not a clock's business: a message of 4 MiB byte by byte would take hours if each byte cost a look at all before it.
#[test]
fn framing_and_utf8_nothing_is_looked_at_again_for_each_byte_or_fragment() {
    let text = "ä".repeat(2 << 20);
    let mut whole = Connection::new(Role::Client, Limits::new());
    whole.push(&[&[FIN | TEXT, 127], &(text.len() as u64).to_be_bytes()[..]].concat());
    let mut fragments = Connection::new(Role::Client, Limits::new().with_fragments(usize::MAX));
    fragments.push(&[TEXT, 0]);
    for byte in text.as_bytes() {
        assert_eq!(whole.next_event(), Ok(None));
        whole.push(std::slice::from_ref(byte));
        fragments.push(&[CONTINUATION, 1, *byte]);
        assert_eq!(fragments.next_event(), Ok(None));
    }
    fragments.push(&[FIN | CONTINUATION, 0]);
    for connection in [&mut whole, &mut fragments] {
        assert_eq!(connection.next_event(), Ok(Some(Event::Message(wscodec::Message::Text(&text)))));
    }
}

#[test]
fn utf8_across_every_vector_s_edge_and_at_the_next_message() {
    for before in 0..70 {
        let good = "a".repeat(before) + "🙂";
        for cut in 1..4 {
            // Cut short at the end of a message, and at the end of a fragment that the next one goes on from.
            let short = &good.as_bytes()[..before + cut];
            fails(
                &[(FIN | TEXT, good.as_bytes()), (FIN | TEXT, short)],
                &[text(&good)],
                ProtocolError::InvalidUtf8,
                1007,
            );
            let rest = &good.as_bytes()[before + cut..];
            gives(
                &[(TEXT, short), (FIN | CONTINUATION, rest), (FIN | TEXT, good.as_bytes())],
                &[text(&good), text(&good)],
                &[],
            );
        }
    }
}
