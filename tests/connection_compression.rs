//! permessage-deflate through a connection, with every backend: vectored, in frames, streamed, beside raw frames and extensions of
//! the user's own.

mod support;

use support::bits::{CONTINUATION, FIN, RSV1, TEXT};
use support::frames_for;
use wscodec::compressors::negotiation::ServerPolicy;
use wscodec::compressors::{
    Backend, CompressionPolicy, CompressionWish, CompressorConfig, DecompressorConfig,
};
use wscodec::kernel::{Opcode, Rsv};
use wscodec::{
    Connection, DataKind, Error, Event, Limits, Message, MisuseError, PreparedMessage, RawFrame, Role,
};

const OWN: u8 = 0x20;

fn connection(role: Role, backend: Backend) -> Connection {
    Connection::new(role, Limits::new())
        .with_reserved_bits(Rsv::RSV2)
        .with_compressor(backend, CompressorConfig::default().takeover(false))
        .and_then(|with| with.with_decompressor(backend, DecompressorConfig::default().takeover(false)))
        .expect("every backend can")
        .with_compression_policy(CompressionPolicy::default().threshold(0))
}

fn text() -> String {
    "the same words, ".repeat(50)
}

/// Gives the peer all that is queued, and wants `text` of it as the only message, in so many compressed ones.
#[track_caller]
fn arrives(sender: &mut Connection, backend: Backend, kind: DataKind, compressed: u64) {
    let mut receiver = connection(Role::Client, backend);
    receiver.push(sender.output());
    sender.clear_output();
    let text = text();
    let expected = match kind {
        DataKind::Text => Message::Text(&text),
        DataKind::Binary => Message::Binary(text.as_bytes()),
    };
    assert_eq!(receiver.next_event(), Ok(Some(Event::Message(expected))));
    assert_eq!(receiver.next_event(), Ok(None));
    assert_eq!(receiver.compressed_messages_received(), compressed, "{backend}");
}

#[test]
fn every_way_to_send_is_compressed_unless_it_is_asked_not_to() {
    for backend in Backend::available() {
        let text = text();
        let mut server = connection(Role::Server, backend);
        server.send(Message::Text(&text)).expect("open");
        arrives(&mut server, backend, DataKind::Text, 1);
        server.sender().send_with(Message::Text(&text), CompressionWish::Plain).expect("open");
        arrives(&mut server, backend, DataKind::Text, 0);
        drop(server.send_vectored(Message::Binary(text.as_bytes())).expect("open"));
        assert!(server.output().len() < 100, "{backend}");
        arrives(&mut server, backend, DataKind::Binary, 1);
        let sender = server.sender();
        sender.begin_stream(DataKind::Text, 100).expect("open");
        sender.stream(text.as_bytes()).expect("open");
        sender.finish_stream().expect("open");
        arrives(&mut server, backend, DataKind::Text, 1);

        let mut server = server.with_frame_size(100);
        server.send(Message::Text(&text)).expect("open");
        assert_eq!(server.output()[0], RSV1 | TEXT, "the first of several");
        assert!(server.output().len() < text.len(), "{backend}");
        arrives(&mut server, backend, DataKind::Text, 1);
        server.sender().send_with(Message::Text(&text), CompressionWish::Plain).expect("open");
        assert_eq!(server.output()[0], TEXT, "{backend}");
        arrives(&mut server, backend, DataKind::Text, 0);
    }
}

#[test]
fn a_raw_frame_does_not_go_on_with_a_compressed_message() {
    for backend in Backend::available() {
        let mut server = connection(Role::Server, backend);
        let sender = server.sender();
        sender.begin_message(DataKind::Text, text().as_bytes()).expect("open");
        let raw = sender.send_frame(RawFrame::new(Opcode::Continuation, b"raw"));
        assert_eq!(raw, Err(Error::Misuse(MisuseError::MessageUnderWay)));
        sender.finish_message(b"").expect("under way");
        arrives(&mut server, backend, DataKind::Text, 1);
    }
}

/// What a compressor did not see the peer has in its history all the same, and a reference that is off shows in nothing but the text.
#[test]
fn a_raw_frame_that_is_compressed_leaves_compressor_and_peer_in_step() {
    for backend in Backend::available().filter(|backend| backend.capabilities().takeover) {
        let texts = [text(), "other words of another length, ".repeat(9)];
        let payload = payload_of(backend, &texts[1]);
        for frames in [vec![&payload[..]], vec![&payload[..5], b"", &payload[5..]]] {
            let mut server = Connection::new(Role::Server, Limits::new())
                .with_compressor(backend, CompressorConfig::default())
                .expect("it can");
            let mut client = Connection::new(Role::Client, Limits::new())
                .with_decompressor(backend, DecompressorConfig::default())
                .expect("it can");
            let mut lengths = Vec::new();
            for raw in [false, false, true, false, false] {
                server.clear_output();
                let sent = &texts[usize::from(raw)];
                if raw {
                    send_raw(&mut server, &frames);
                } else {
                    server.send(Message::Text(sent)).expect("open");
                }
                client.push(server.output());
                assert_eq!(client.next_event(), Ok(Some(Event::Message(Message::Text(sent)))), "{backend}");
                lengths.push(server.output().len());
            }
            assert!(lengths[1] < lengths[0] && lengths[4] < lengths[3], "{backend}: {lengths:?}");
            assert_eq!(lengths[3], lengths[0], "{backend}: it refers to nothing");
        }
    }
}

#[test]
fn raw_frames_that_are_not_compressed_are_in_no_history() {
    for backend in Backend::available().filter(|backend| backend.capabilities().takeover) {
        let text = text();
        let mut server = Connection::new(Role::Server, Limits::new())
            .with_compressor(backend, CompressorConfig::default())
            .expect("it can");
        let mut lengths = [0; 2];
        for length in &mut lengths {
            server.clear_output();
            server.send(Message::Text(&text)).expect("open");
            *length = server.output().len();
            let sender = server.sender();
            sender.send_frame(RawFrame::new(Opcode::Text, b"as it is")).expect("open");
            let ours = RawFrame { rsv: Rsv::RSV2, ..RawFrame::new(Opcode::Text, b"an extension's") };
            sender.send_frame(ours).expect("open");
            // The bit is an extension's in any other frame (RFC 7692 section 6).
            let ping = RawFrame { rsv: Rsv::RSV1, ..RawFrame::new(Opcode::Ping, b"") };
            sender.send_frame(ping).expect("open");
            sender.begin_message(DataKind::Binary, b"").expect("open");
            let rest = RawFrame { rsv: Rsv::RSV1, ..RawFrame::new(Opcode::Continuation, b"") };
            sender.send_frame(rest).expect("under way");
        }
        assert!(lengths[1] < lengths[0], "{backend}: {lengths:?}");
    }
}

/// By a compressor without a history.
fn payload_of(backend: Backend, text: &str) -> Vec<u8> {
    let compressor = backend.compressor(CompressorConfig::default().takeover(false));
    let mut payload = Vec::new();
    compressor.expect("it can").compress(text.as_bytes(), &mut payload).expect("it can");
    payload
}

/// A compressed message in so many frames.
fn send_raw(server: &mut Connection, frames: &[&[u8]]) {
    for (number, payload) in frames.iter().enumerate() {
        let fin = number + 1 == frames.len();
        let (rsv, opcode) =
            if number == 0 { (Rsv::RSV1, Opcode::Text) } else { (Rsv::NONE, Opcode::Continuation) };
        server.sender().send_frame(RawFrame { fin, rsv, opcode, payload }).expect("open");
    }
}

#[test]
fn an_extension_s_message_is_decompressed_and_not_validated() {
    // RFC 7692 section 7.2.3.1: "Hello" compressed, in one frame and in two.
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let frames: &[(u8, &[u8])] = &[
        (FIN | RSV1 | OWN | TEXT, hello),
        (RSV1 | OWN | TEXT, &hello[..3]),
        (FIN | CONTINUATION, &hello[3..]),
        (FIN | RSV1 | TEXT, hello),
        (FIN | OWN | TEXT, b"\xff"),
    ];
    for backend in Backend::available() {
        let bytes = frames_for(Role::Server, frames);
        let mut server = connection(Role::Server, backend);
        let mut seen = Vec::new();
        for byte in &bytes {
            server.push(&[*byte]);
            while let Some(event) = server.next_event().expect("well formed") {
                seen.push(match event {
                    Event::Raw(raw) => {
                        assert_eq!((raw.kind, raw.rsv), (DataKind::Text, Rsv::RSV2));
                        (true, raw.payload.to_vec())
                    }
                    Event::Message(Message::Text(text)) => (false, text.as_bytes().to_vec()),
                    other => panic!("{other:?} was not sent"),
                });
            }
        }
        let hello = b"Hello".to_vec();
        assert_eq!(seen, [(true, hello.clone()), (true, hello.clone()), (false, hello), (true, vec![0xff])]);
    }
}

#[test]
fn both_ends_take_what_the_handshake_agreed_on() {
    for backend in Backend::available() {
        let (sends, receives) = (backend.capabilities(), backend.decompressor_capabilities());
        let takeover = sends.takeover && receives.takeover;
        let offer = if takeover {
            "permessage-deflate; server_no_context_takeover; client_max_window_bits"
        } else {
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        };
        let policy = ServerPolicy::new(&sends, &receives);
        let agreement = policy.answer([offer]).expect("well formed").expect("agreed");
        let text = text();
        let [mut server, mut client] = [Role::Server, Role::Client].map(|role| {
            let connection = Connection::new(role, Limits::new());
            connection.with_compression(backend, &agreement).expect("agreed on")
        });
        let mut lengths = Vec::new();
        for _ in 0..2 {
            server.send(Message::Text(&text)).expect("open");
            client.push(server.output());
            assert_eq!(client.next_event(), Ok(Some(Event::Message(Message::Text(&text)))));
            client.send(Message::Text(&text)).expect("open");
            server.push(client.output());
            assert_eq!(server.next_event(), Ok(Some(Event::Message(Message::Text(&text)))));
            lengths.push([server.output().len(), client.output().len()]);
            server.clear_output();
            client.clear_output();
        }
        assert_eq!(server.compressed_messages_received(), 2, "{backend}");
        let [first, second] = [lengths[0], lengths[1]];
        assert_eq!(first[0], second[0], "{backend}: the server begins afresh");
        assert_eq!(first[1] > second[1], takeover, "{backend}: the client refers back where it can");
    }
}

#[test]
fn what_has_room_together_is_queued_though_fragments_that_can_t_be_compressed_get_longer() {
    let noise: Vec<u8> = (0_u32..380).map(|n| n.wrapping_mul(0x9E37_79B9).to_le_bytes()[2]).collect();
    let messages = [Message::Binary(&noise), Message::Binary(&noise[..90])];
    for backend in Backend::available() {
        for frame_size in 90..380 {
            let client = connection(Role::Client, backend).with_frame_size(frame_size);
            let most = 380_usize.div_ceil(frame_size) * 14 + 380 + 6 + 90;
            let mut client = client.with_output_limit(most);
            client.sender().send_all(&messages).expect("a message counts with its length before compression");
            let mut server = connection(Role::Server, backend);
            server.push(client.output());
            for message in messages {
                assert_eq!(server.next_event(), Ok(Some(Event::Message(message))), "{backend}");
            }
        }
    }
}

/// The peer's history has to have it, though plain it would be shorter.
#[test]
fn what_gets_longer_in_a_compressor_is_at_most_4_bytes_over_the_output_s_limit() {
    // In the fixed code 8 bits each, and no three of them come again.
    let bytes: Vec<u8> = (0_u16..125).map(|n| (n * 37 % 144).to_le_bytes()[0]).collect();
    let (mut longest, policy) = (0, CompressionPolicy::default().threshold(0).skip_random(false));
    for backend in Backend::available().filter(|backend| backend.capabilities().takeover) {
        for length in 0..=125 {
            let mut server = Connection::new(Role::Server, Limits::new())
                .with_compressor(backend, CompressorConfig::default())
                .expect("it can")
                .with_compression_policy(policy)
                .with_output_limit(2 + length);
            let mut client = Connection::new(Role::Client, Limits::new())
                .with_decompressor(backend, DecompressorConfig::default())
                .expect("it can");
            let message = Message::Binary(&bytes[..length]);
            let prepared =
                PreparedMessage::new(message).expect("it is data").with_wish(CompressionWish::Compress);
            server.send_prepared(&prepared.keeping_history()).expect("it counts as it is");
            longest = longest.max(server.output().len() - (2 + length));
            client.push(server.output());
            assert_eq!(client.next_event(), Ok(Some(Event::Message(message))), "{backend}");
        }
    }
    assert_eq!(longest, 4);
}
