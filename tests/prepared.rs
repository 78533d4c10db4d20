//! Prepared messages. Each test names the row of the list that it proves: what was found missing or broken in other codecs.

mod support;

use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use support::bits::{BINARY, CLOSE, FIN, PING, PONG, RSV1, TEXT};
use support::{Frame, KEY, Owned, frames_for, take_all};
use wscodec::compressors::{
    Backend, Capabilities, CompressError, CompressionPolicy, CompressionWish, Compressor, CompressorConfig,
    DecompressorConfig,
};
use wscodec::kernel::{FrameHeader, HeaderDecode};
use wscodec::{
    CloseCode, CloseFrame, Connection, DataKind, Decoder, Encoder, Error, Limits, Message, MisuseError,
    OwnedMessage, PreparedMessage, Role, State,
};

fn config() -> CompressorConfig {
    CompressorConfig::default().takeover(false)
}

fn encoder(role: Role, backend: Backend, config: CompressorConfig) -> Encoder {
    Encoder::new(role).with_compressor(backend, config).expect("every backend can")
}

fn peer_of(role: Role) -> Role {
    match role {
        Role::Server => Role::Client,
        Role::Client => Role::Server,
    }
}

fn decoder(role: Role, backend: Backend, takeover: bool) -> Decoder {
    Decoder::new(role, Limits::new())
        .with_decompressor(backend, DecompressorConfig::default().takeover(takeover))
        .expect("every backend can")
}

/// What one encoder makes of it.
fn wire(encoder: &mut Encoder, prepared: &PreparedMessage) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.encode_prepared(prepared, &mut out).expect("it may be sent");
    out
}

fn decoded(decoder: &mut Decoder, bytes: &[u8]) -> Vec<Owned> {
    let mut messages = Vec::new();
    decoder.push(bytes);
    take_all(decoder, &mut messages).expect("it can be read");
    messages
}

/// Bytes without a pattern, the same ones each time.
fn random(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(next).collect()
}

fn words(length: usize) -> String {
    "the same words, ".chars().cycle().take(length).collect()
}

/// What a prepared message holds beside itself: grows with each form that is built.
fn forms(prepared: &PreparedMessage) -> usize {
    prepared.memory() - size_of::<PreparedMessage>() - prepared.payload().len()
}

#[test]
fn cache_key_the_role_and_the_level_of_plain_frames_are_not_part_of_it() {
    for backend in Backend::available() {
        let prepared = PreparedMessage::from(words(1000));
        for role in [Role::Server, Role::Client] {
            wire(&mut Encoder::new(role), &prepared);
            for level in [1, 6, 9] {
                let policy = CompressionPolicy::default().threshold(1001);
                let mut encoder =
                    encoder(role, backend, config().level(level)).with_compression_policy(policy);
                assert_eq!(wire(&mut encoder, &prepared)[0], FIN | TEXT);
            }
        }
        assert_eq!(forms(&prepared), 0, "{backend}: a plain frame was built again");

        wire(&mut encoder(Role::Server, backend, config().level(6)), &prepared);
        let one = forms(&prepared);
        assert!(one > 0 && one < 100, "{backend}: {one}");
        for role in [Role::Server, Role::Client] {
            assert_eq!(wire(&mut encoder(role, backend, config().level(6)), &prepared)[0], FIN | RSV1 | TEXT);
        }
        assert_eq!(forms(&prepared), one, "{backend}: the role had a say in it");
        wire(&mut encoder(Role::Server, backend, config().level(1)), &prepared);
        assert!(forms(&prepared) > one, "{backend}: another level is another form");
    }
}

#[test]
fn cache_key_takeover_is_not_part_of_it() {
    for backend in Backend::available().filter(|backend| backend.capabilities().takeover) {
        let prepared = PreparedMessage::from(words(1000));
        let without = wire(&mut encoder(Role::Server, backend, config()), &prepared);
        let built = forms(&prepared);
        let with = wire(&mut encoder(Role::Server, backend, config().takeover(true)), &prepared);
        assert_eq!((with, forms(&prepared)), (without, built), "{backend}");
    }
}

#[test]
fn built_once_for_senders_on_many_threads() {
    const SENDERS: usize = 8;
    for backend in Backend::available() {
        let expected = {
            let mut out = Vec::new();
            let prepared = PreparedMessage::from(words(100_000));
            encoder(Role::Server, backend, config()).encode_prepared(&prepared, &mut out).expect("open");
            (out, forms(&prepared))
        };
        let (prepared, start) = (Arc::new(PreparedMessage::from(words(100_000))), Barrier::new(SENDERS));
        thread::scope(|scope| {
            for _ in 0..SENDERS {
                scope.spawn(|| {
                    let mut encoder = encoder(Role::Server, backend, config());
                    start.wait();
                    assert!(wire(&mut encoder, &prepared) == expected.0, "{backend}");
                });
            }
        });
        assert_eq!(forms(&prepared), expected.1, "{backend}: one form");
    }
}

#[test]
fn snapshot_of_the_callers_bytes() {
    let mut bytes = b"as it was".to_vec();
    let prepared =
        [PreparedMessage::from(&bytes[..]), PreparedMessage::new(Message::Binary(&bytes)).expect("data")];
    bytes.fill(b'!');
    for prepared in prepared {
        assert_eq!(wire(&mut Encoder::new(Role::Server), &prepared), b"\x82\x09as it was");
    }
    let owned = "taken, not copied".to_owned();
    let place = owned.as_ptr();
    assert_eq!(PreparedMessage::from(owned).payload().as_ptr(), place);
    let owned = OwnedMessage::Binary(b"likewise".to_vec());
    let place = match &owned {
        OwnedMessage::Binary(bytes) => bytes.as_ptr(),
        _ => unreachable!("it is binary"),
    };
    assert_eq!(PreparedMessage::try_from(owned).expect("data").payload().as_ptr(), place);
}

#[cfg(feature = "bytes")]
#[test]
fn snapshot_of_shared_bytes_without_a_copy() {
    use wscodec::{SharedMessage, SharedText};

    let bytes = bytes::Bytes::from(b"shared".to_vec());
    let text = SharedText::from("shared text".to_owned());
    let prepared = [
        (PreparedMessage::from(bytes.clone()), bytes.as_ptr()),
        (PreparedMessage::try_from(SharedMessage::from(bytes.clone())).expect("data"), bytes.as_ptr()),
        (PreparedMessage::from(text.clone()), text.as_ptr()),
        (PreparedMessage::try_from(SharedMessage::from(text.clone())).expect("data"), text.as_ptr()),
    ];
    for (prepared, place) in prepared {
        assert_eq!(prepared.payload().as_ptr(), place);
        let frame = Encoder::new(Role::Server).prepared_frame(&prepared).expect("open").expect("no mask");
        assert_eq!(frame.shared_payload().as_ptr(), place);
    }
    let too_long = SharedMessage::Ping(bytes::Bytes::from_static(&[0; 126]));
    assert_eq!(PreparedMessage::try_from(too_long).unwrap_err(), MisuseError::ControlTooLong);
}

#[test]
fn one_frame_whatever_its_size_and_whatever_the_frame_size_of_the_connection() {
    let message = random(200_000);
    for backend in Backend::available() {
        for (role, wish) in
            [(Role::Server, CompressionWish::Plain), (Role::Client, CompressionWish::Compress)]
        {
            // Twice the same, so that there is something to be saved, and thousands of bytes of it left.
            let twice = [&message[..20_000], &message[..20_000], &message[..]].concat();
            let prepared = PreparedMessage::from(twice).with_wish(wish);
            let mut connection = Connection::new(role, Limits::new())
                .with_compressor(backend, config())
                .expect("every backend can")
                .with_frame_size(100);
            connection.send_prepared(&prepared).expect("open");
            let HeaderDecode::Complete { header, length } =
                FrameHeader::decode(connection.output()).expect("well formed")
            else {
                panic!("it is whole");
            };
            assert!(header.fin);
            assert_eq!(header.rsv.is_none(), wish == CompressionWish::Plain, "{backend}");
            assert_eq!(header.payload_length, (connection.output().len() - length) as u64);
            let mut decoder = decoder(peer_of(role), backend, false);
            let expected = Owned::Binary(prepared.payload().to_vec());
            assert!(decoded(&mut decoder, connection.output()) == [expected], "{backend}");
        }
    }
}

#[test]
fn client_role_masks_with_a_fresh_key_at_each_send() {
    let keys = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&keys);
    let text = words(300);
    let prepared = PreparedMessage::from(&text[..]);
    let mut counted = Encoder::new(Role::Client).with_mask_keys(move || {
        let [low, ..] = count.fetch_add(1, Ordering::SeqCst).to_le_bytes();
        KEY.map(|byte| byte.wrapping_add(low))
    });
    for sends in 0..3 {
        let mut expected = Vec::new();
        let key = KEY.map(|byte| byte.wrapping_add(sends));
        Frame { first: FIN | TEXT, payload: text.as_bytes(), key: Some(key) }.write(&mut expected);
        assert_eq!(wire(&mut counted, &prepared), expected);
    }
    assert_eq!(keys.load(Ordering::SeqCst), 3);
    // What is kept was not masked.
    assert_eq!(prepared.payload(), text.as_bytes());
    let mut client = Encoder::new(Role::Client);
    assert_ne!(wire(&mut client, &prepared), wire(&mut client, &prepared));
}

#[test]
fn control_frames_are_sent_as_they_are() {
    let close = CloseFrame::new(CloseCode::GOING_AWAY, "bye");
    let frames = [
        (Message::Ping(b"ping"), frames_for(Role::Client, &[(FIN | PING, b"ping")])),
        (Message::Pong(b""), frames_for(Role::Client, &[(FIN | PONG, b"")])),
        (Message::Close(None), frames_for(Role::Client, &[(FIN | CLOSE, b"")])),
        (Message::Close(Some(close)), frames_for(Role::Client, &[(FIN | CLOSE, b"\x03\xe9bye")])),
    ];
    for (message, expected) in frames {
        // No backend sees them, also if that is wished for.
        for backend in Backend::available() {
            let prepared = PreparedMessage::new(message).expect("short").with_wish(CompressionWish::Compress);
            assert!(prepared.is_control());
            assert_eq!(wire(&mut encoder(Role::Server, backend, config()), &prepared), expected);
        }
        let prepared = PreparedMessage::new(message).expect("short");
        let mut connection = Connection::new(Role::Server, Limits::new());
        connection.sender().begin_message(DataKind::Text, b"between").expect("open");
        connection.clear_output();
        connection.send_prepared(&prepared).expect("control frames may come between fragments");
        assert_eq!(connection.output(), expected);
    }
}

#[test]
fn control_frames_of_over_125_bytes_are_an_error() {
    let reason = "r".repeat(124);
    let close = |code, reason| Message::Close(Some(CloseFrame::new(CloseCode::new(code), reason)));
    for message in [Message::Ping(&[0; 126]), Message::Pong(&[0; 126]), close(1000, &reason)] {
        assert_eq!(PreparedMessage::new(message).unwrap_err(), MisuseError::ControlTooLong);
        assert_eq!(
            PreparedMessage::try_from(OwnedMessage::from(message)).unwrap_err(),
            MisuseError::ControlTooLong
        );
    }
    for message in [Message::Ping(&[0; 125]), Message::Pong(&[0; 125]), close(1000, &reason[1..])] {
        assert!(PreparedMessage::new(message).is_ok());
    }
    let reserved = MisuseError::ReservedCloseCode(CloseCode::NO_STATUS);
    assert_eq!(PreparedMessage::new(close(1005, "")).unwrap_err(), reserved);
}

#[test]
fn control_frames_of_which_a_close_marks_the_connection_as_closing() {
    let close = PreparedMessage::new(Message::Close(None)).expect("a close frame");
    let data = PreparedMessage::from("data");
    let closed = Err(Error::Misuse(MisuseError::Closed));

    let mut encoder = Encoder::new(Role::Server);
    wire(&mut encoder, &close);
    assert!(encoder.is_closed());
    assert_eq!(encoder.encode_prepared(&data, &mut Vec::new()), closed);
    assert!(encoder.prepared_frame(&data).is_err());

    // There is always room for it, and the ping before is still answered.
    let mut server = Connection::new(Role::Server, Limits::new()).with_output_limit(20);
    server.send(Message::Binary(&[0; 16])).expect("room");
    server.push(&frames_for(Role::Server, &[(FIN | PING, b"?")]));
    assert!(server.next_event().expect("well formed").is_some());
    drop(server.send_prepared_vectored(&close).expect("there is room"));
    assert_eq!(server.output()[18..], [FIN | PONG, 1, b'?', FIN | CLOSE, 0]);
    assert_eq!(server.state(), State::CloseSent);
    assert_eq!(server.send_prepared(&data), closed);
    assert_eq!(server.send_prepared(&close), closed);

    let mut encoder = Encoder::new(Role::Server);
    assert!(encoder.prepared_frame(&close).expect("open").is_some());
    assert!(encoder.is_closed());
}

#[test]
fn empty_message_compressed_is_the_one_byte_00() {
    for backend in Backend::available() {
        let auto = PreparedMessage::from("");
        let wished = PreparedMessage::from("").with_wish(CompressionWish::Compress);
        let mut encoder = encoder(Role::Server, backend, config());
        assert_eq!(wire(&mut encoder, &auto), [FIN | TEXT, 0], "{backend}");
        assert_eq!(wire(&mut encoder, &wished), [FIN | RSV1 | TEXT, 1, 0x00], "{backend}");
        let frame = encoder.prepared_frame(&wished).expect("open").expect("no mask");
        assert_eq!((frame.payload(), frame.is_compressed()), (&[0x00][..], true));
        assert_eq!(
            decoded(&mut decoder(Role::Client, backend, false), &[0xc1, 1, 0]),
            [Owned::Text(String::new())]
        );
    }
}

#[test]
fn fallback_to_plain_where_compression_would_not_make_it_smaller() {
    let noise = random(1000);
    for backend in Backend::available() {
        let prepared = PreparedMessage::from(&noise[..]);
        let policy = CompressionPolicy::default().skip_random(false);
        let mut encoder = encoder(Role::Server, backend, config()).with_compression_policy(policy);
        for _ in 0..2 {
            let frame = encoder.prepared_frame(&prepared).expect("open").expect("no mask");
            assert!(!frame.is_compressed());
            assert_eq!(
                frame.payload().as_ptr(),
                prepared.payload().as_ptr(),
                "{backend}: no form of its own"
            );
        }
        assert_eq!((encoder.compressed_messages(), forms(&prepared)), (0, 0));
    }
}

#[test]
fn window_is_a_line_that_no_form_is_shared_across() {
    // Half of it is to be had by matches of 600 bytes back, beyond a window of 512.
    let long = [random(600), random(600)].concat();
    let short: Vec<u8> = [random(150), random(150)].concat();
    let policy = CompressionPolicy::default().skip_random(false);
    for backend in Backend::available() {
        for order in [[9, 15], [15, 9]] {
            let (long, short) = (PreparedMessage::from(&long[..]), PreparedMessage::from(&short[..]));
            for window in order {
                let config = config().window_bits(window);
                let mut encoder = encoder(Role::Server, backend, config).with_compression_policy(policy);
                let frame = encoder.prepared_frame(&long).expect("open").expect("no mask");
                assert_eq!(frame.is_compressed(), window == 15, "{backend}: beyond {window} bits");
                let before = forms(&short);
                let frame = encoder.prepared_frame(&short).expect("open").expect("no mask");
                assert!(frame.is_compressed(), "{backend}: within {window} bits");
                assert!(before == 0 || forms(&short) == before, "{backend}: one form for all windows");
            }
        }
    }
}

#[test]
fn window_line_is_at_two_to_the_power_of_its_bits() {
    for backend in Backend::available() {
        let narrow = !backend.capabilities().window_bits.contains(&9);
        for (length, compressed) in [(511, true), (512, true), (513, !narrow)] {
            let prepared = PreparedMessage::from(words(length));
            let mut before = None;
            for window in [15, 9] {
                let mut encoder = encoder(Role::Server, backend, config().window_bits(window));
                let frame = encoder.prepared_frame(&prepared).expect("open").expect("no mask");
                assert_eq!(frame.is_compressed(), compressed || window == 15, "{backend} {length} {window}");
                let held = forms(&prepared);
                let is_shared = before.replace(held).is_none_or(|before| before == held);
                assert!(is_shared || length > 512, "{backend}: {length} bytes fit into both windows");
            }
        }
    }
}

#[test]
fn truncating_writer_payloads_of_every_length_never_end_in_the_tail() {
    for backend in Backend::available() {
        let mut encoder = encoder(Role::Server, backend, config());
        let mut decoder = decoder(Role::Client, backend, false);
        for length in (0..300).chain([1000, 4096, 65_535, 65_536, 100_000]) {
            for bytes in [words(length).into_bytes(), random(length)] {
                let prepared = PreparedMessage::from(&bytes[..]).with_wish(CompressionWish::Compress);
                let frame = encoder.prepared_frame(&prepared).expect("open").expect("no mask");
                if frame.is_compressed() {
                    assert!(!frame.payload().ends_with(&[0x00, 0x00, 0xff, 0xff]), "{backend} {length}");
                    assert!(frame.payload().len() <= length + 2, "{backend} {length}");
                }
                let bytes_on_wire = [frame.header(), frame.payload()].concat();
                assert!(
                    decoded(&mut decoder, &bytes_on_wire) == [Owned::Binary(bytes)],
                    "{backend} {length}"
                );
            }
        }
        assert!(encoder.compressed_messages() > 200, "{backend}");
    }
}

#[test]
fn the_policy_and_the_wish_decide_whether_it_is_compressed() {
    for backend in Backend::available() {
        let with = |threshold| {
            let policy = CompressionPolicy::default().threshold(threshold);
            encoder(Role::Server, backend, config()).with_compression_policy(policy)
        };
        let compresses = |prepared: &PreparedMessage, threshold| {
            let mut encoder = with(threshold);
            let sent = wire(&mut encoder, prepared)[0] & RSV1 != 0;
            assert_eq!(sent, encoder.compressed_messages() == 1);
            sent
        };
        let prepared = PreparedMessage::from(words(500));
        assert!(compresses(&prepared, 500) && !compresses(&prepared, 501), "{backend}");
        let prepared = prepared.with_wish(CompressionWish::Plain);
        assert!(!compresses(&prepared, 0), "{backend}");
        let prepared = prepared.with_wish(CompressionWish::Compress);
        assert!(compresses(&prepared, 501), "{backend}");

        // What looks random is looked at once, and one connection's policy is not another's.
        let noise = [random(1000), random(1000)].concat();
        let prepared = PreparedMessage::from(&noise[..]);
        let looks = CompressionPolicy::default();
        for policy in [looks, looks.skip_random(false), looks] {
            let mut encoder = encoder(Role::Server, backend, config()).with_compression_policy(policy);
            wire(&mut encoder, &prepared);
            assert_eq!(encoder.compressed_messages() == 1, !policy.skip_random, "{backend}");
            assert_eq!(policy.compresses(&noise, CompressionWish::Auto), !policy.skip_random);
        }
    }
}

#[test]
fn one_backend_for_all_connections() {
    for backend in Backend::available() {
        let best = *backend.capabilities().levels.end();
        let prepared = PreparedMessage::from(words(2000)).with_backend(backend, best).expect("its level");
        let mut built = None;
        for other in Backend::available() {
            for level in [1, 6] {
                let bytes = wire(&mut encoder(Role::Server, other, config().level(level)), &prepared);
                assert_eq!(bytes[0], FIN | RSV1 | TEXT);
                assert_eq!(*built.get_or_insert(forms(&prepared)), forms(&prepared), "{backend} {other}");
            }
        }
        assert_eq!(wire(&mut Encoder::new(Role::Server), &prepared)[0], FIN | TEXT);
    }
}

/// A compressor of the user's own: another's, that counts what it sees.
struct Own {
    inner: Box<dyn Compressor>,
    resets: Arc<AtomicUsize>,
}

impl Compressor for Own {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn engine(&self) -> &'static str {
        "own"
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        self.inner.compress(message, out)
    }

    fn reset(&mut self) {
        self.resets.fetch_add(1, Ordering::SeqCst);
        self.inner.reset();
    }

    fn memory(&self) -> usize {
        self.inner.memory()
    }
}

#[test]
fn a_compressor_of_ones_own_sends_it_plain_or_by_the_one_backend_and_stays_in_step() {
    for backend in Backend::available().filter(|backend| backend.capabilities().takeover) {
        let config = CompressorConfig::default();
        let resets = Arc::new(AtomicUsize::new(0));
        let own = Own { inner: backend.compressor(config).expect("it can"), resets: Arc::clone(&resets) };
        let mut encoder = Encoder::new(Role::Server).with_own_compressor(Box::new(own), config);
        let mut decoder = decoder(Role::Client, backend, true);

        let text = words(500);
        let plain = PreparedMessage::from(&text[..]);
        let shared = PreparedMessage::from(&text[..]).with_backend(backend, 6).expect("its level");
        let mut bytes = Vec::new();
        for (prepared, first) in [(&plain, FIN | TEXT), (&shared, FIN | RSV1 | TEXT), (&plain, FIN | TEXT)] {
            encoder.encode(Message::Text(&text), &mut bytes).expect("open");
            let start = bytes.len();
            encoder.encode_prepared(prepared, &mut bytes).expect("open");
            assert_eq!(bytes[start], first, "{backend}");
        }
        encoder.encode(Message::Text(&text), &mut bytes).expect("open");
        assert!(decoded(&mut decoder, &bytes) == vec![Owned::Text(text); 7], "{backend}");
        assert_eq!(resets.load(Ordering::SeqCst), 1, "{backend}: plain ones need none");
    }
}

#[test]
fn misuse_is_refused_and_changes_nothing() {
    let (data, close) =
        (PreparedMessage::from("data"), PreparedMessage::new(Message::Close(None)).expect("one"));
    let under_way = Err(Error::Misuse(MisuseError::MessageUnderWay));
    let mut out = b"before".to_vec();
    let mut encoder = Encoder::new(Role::Server);
    encoder.begin_message(DataKind::Text, b"one", &mut Vec::new()).expect("open");
    assert_eq!(encoder.encode_prepared(&data, &mut out), under_way);
    assert_eq!(encoder.prepared_frame(&data).map(|_| ()), under_way);
    assert_eq!(out, b"before");
    encoder.finish_message(b"two", &mut Vec::new()).expect("under way");
    assert_eq!(encoder.encode_prepared(&data, &mut out), Ok(()));

    let mut connection = Connection::new(Role::Server, Limits::new()).with_output_limit(10);
    connection.sender().begin_stream(DataKind::Text, 4).expect("open");
    assert_eq!(connection.send_prepared(&data), under_way);
    assert_eq!(connection.send_prepared_vectored(&data).map(drop), under_way);
    connection.sender().finish_stream().expect("under way");
    assert_eq!(connection.output().len(), 2);
    connection.send_prepared(&data).expect("room");
    let full = Err(Error::Misuse(MisuseError::OutputFull { limit: 10 }));
    assert_eq!(connection.send_prepared(&data), full);
    assert_eq!(connection.send_prepared_vectored(&data).map(drop), full);
    assert_eq!(connection.output().len(), 8);
    connection.send_prepared(&close).expect("there is always room for it");
    assert_eq!(connection.output().len(), 10);
}

#[test]
fn fan_out_by_vectored_writes_copies_nothing_and_queues_what_was_not_written() {
    let text = words(3000);
    for backend in Backend::available() {
        for role in [Role::Server, Role::Client] {
            for (prepared, queued) in
                [(PreparedMessage::from(&text[..]), "queued"), (PreparedMessage::from(""), "")]
            {
                let new = || {
                    let mut connection = Connection::new(role, Limits::new())
                        .with_compressor(backend, config())
                        .expect("every backend can")
                        .with_mask_keys(|| KEY);
                    connection.send(Message::Text(queued)).expect("open");
                    connection
                };
                let expected = {
                    let mut connection = new();
                    connection.send_prepared(&prepared).expect("open");
                    connection.output().to_vec()
                };
                for written in 0..=expected.len() {
                    let mut connection = new();
                    let pieces = connection.send_prepared_vectored(&prepared).expect("open");
                    let mut transport = pieces.slices().map(|slice| slice.to_vec()).concat();
                    assert_eq!(transport, expected);
                    if role == Role::Server && !prepared.payload().is_empty() {
                        let mut other = encoder(role, backend, config());
                        let frame = other.prepared_frame(&prepared).expect("open").expect("no mask");
                        assert_eq!(pieces.slices()[2].as_ptr(), frame.payload().as_ptr(), "{backend}");
                    }
                    transport.truncate(written);
                    pieces.wrote(written).expect("as many");
                    transport.extend_from_slice(connection.output());
                    assert_eq!(transport, expected, "{backend}: {written} bytes written");
                }
            }
        }
    }
}

#[test]
fn fan_out_gives_connections_of_every_kind_what_they_agreed_on() {
    let json = words(1000);
    let prepared = PreparedMessage::from(&json[..]);
    for role in [Role::Server, Role::Client] {
        for backend in Backend::available() {
            let can = backend.capabilities();
            for window in 8..=15 {
                for takeover in [false, true] {
                    if takeover && !(can.takeover && can.window_bits.contains(&window)) {
                        continue;
                    }
                    let config = config().takeover(takeover).window_bits(window);
                    let mut encoder = encoder(role, backend, config);
                    let expects = DecompressorConfig::default().takeover(takeover).window_bits(window);
                    let mut decoder = Decoder::new(peer_of(role), Limits::new())
                        .with_decompressor(backend, expects)
                        .expect("every backend can");
                    for _ in 0..3 {
                        let bytes = wire(&mut encoder, &prepared);
                        assert!(decoded(&mut decoder, &bytes) == [Owned::Text(json.clone())], "{backend}");
                    }
                }
            }
        }
        let mut plain = Encoder::new(role);
        let mut decoder = Decoder::new(peer_of(role), Limits::new());
        assert!(decoded(&mut decoder, &wire(&mut plain, &prepared)) == [Owned::Text(json.clone())]);
    }
}

#[test]
fn a_prepared_message_is_small_to_look_at() {
    let prepared = PreparedMessage::from(words(100_000));
    assert!(format!("{prepared:?}").len() < 300);
    assert_eq!(wire(&mut Encoder::new(Role::Server), &PreparedMessage::from(vec![1, 2]))[0], FIN | BINARY);
}
