//! A counting allocator: in steady state a connection allocates nothing for what it receives, answers and sends.

mod support;

use support::frames_for;
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec::{Connection, DataKind, Event, Limits, Message, Role};

fn pair(compression: Option<Backend>) -> [Connection; 2] {
    [Role::Server, Role::Client].map(|role| {
        let connection = Connection::new(role, Limits::new());
        match compression {
            None => connection,
            Some(backend) => connection
                .with_compressor(backend, CompressorConfig::default().takeover(false))
                .and_then(|with| {
                    with.with_decompressor(backend, DecompressorConfig::default().takeover(false))
                })
                .expect("every backend can"),
        }
    })
}

/// All that one end has queued goes to the other, which answers data with the same; gives how many events it was.
fn deliver(from: &mut Connection, to: &mut Connection, echo: bool) -> usize {
    let mut events = 0;
    while !from.output().is_empty() {
        let room = to.room();
        let bytes = room.len().min(from.output().len());
        room[..bytes].copy_from_slice(&from.output()[..bytes]);
        to.filled(bytes).expect("there was room");
        from.advance_output(bytes).expect("as many");
        while let Some((event, sender)) = to.next_event_and_sender().expect("well formed") {
            events += 1;
            if let Event::Message(message @ (Message::Text(_) | Message::Binary(_))) = event
                && echo
            {
                sender.send(message).expect("room");
            }
        }
    }
    events
}

fn round([server, client]: &mut [Connection; 2], text: &str) {
    let sender = client.sender();
    sender.send(Message::Text(text)).expect("open");
    sender.send(Message::Ping(b"ping")).expect("open");
    sender.send_all(&[Message::Text("short"), Message::Text("messages")]).expect("open");
    sender.begin_message(DataKind::Text, text.as_bytes()).expect("open");
    sender.finish_message(b"!").expect("open");
    sender.begin_stream(DataKind::Binary, 1000).expect("open");
    sender.stream(text.as_bytes()).expect("open");
    sender.finish_stream().expect("open");
    let mut reader = text.as_bytes();
    sender.begin_stream(DataKind::Binary, 1000).expect("open");
    while sender.stream_from(&mut reader).expect("open") {}
    assert_eq!(deliver(client, server, true), 7);
    assert_eq!(deliver(server, client, false), 7);
    drop(server.send_vectored(Message::Binary(text.as_bytes())).expect("open"));
    assert_eq!(deliver(server, client, false), 1);
}

#[test]
fn steady_traffic_allocates_nothing() {
    let text = "größer und größer 你好 ".repeat(100);
    for compression in [None].into_iter().chain(Backend::available().map(Some)) {
        let mut ends = pair(compression);
        for _ in 0..200 {
            round(&mut ends, &text);
        }
        let made = allocation_counter::measure(|| {
            for _ in 0..100 {
                round(&mut ends, &text);
            }
        });
        assert_eq!(made.count_total, 0, "{compression:?}: {} bytes", made.bytes_total);
    }
}

#[test]
fn a_chunk_takes_no_more_memory_than_its_reader_gives() {
    let payload = vec![7; 300_000];
    for chunk in [1 << 30, usize::MAX - 8, usize::MAX] {
        for role in [Role::Server, Role::Client] {
            let mut connection = Connection::new(role, Limits::new()).with_output_limit(usize::MAX);
            connection = connection.with_mask_keys(|| [0; 4]);
            let key: &[u8] = if role == Role::Client { &[0; 4] } else { &[] };
            let masked = if role == Role::Client { 0x80 } else { 0 };
            let sender = connection.sender();
            for length in [5_usize, 300_000, 5] {
                let made = allocation_counter::measure(|| {
                    sender.begin_stream(DataKind::Binary, chunk).expect("open");
                    let more = sender.stream_from(&mut &payload[..length]).expect("room");
                    assert!(!more, "one frame is all of it");
                });
                let extended = &[0, 0, 0, 0, 0, 4, 0x93, 0xE0][..];
                let (code, extended) = if length == 5 { (5, &[][..]) } else { (127, extended) };
                let header = [&[0x82, masked | code][..], extended, key].concat();
                let expected = [&header, &payload[..length]].concat();
                assert!(sender.output() == expected, "{role:?}, {length} in chunks of {chunk}");
                assert!(made.bytes_max < 3 * 300_000, "{} bytes for {length}", made.bytes_max);
                sender.clear_output();
            }
        }
    }
}

#[test]
fn nothing_is_allocated_before_it_is_needed_and_all_of_it_is_given_back() {
    let made = allocation_counter::measure(|| {
        let mut connection = Connection::new(Role::Client, Limits::new());
        assert_eq!(connection.next_event(), Ok(None));
        connection.release();
        assert!(connection.memory() < 2048);
    });
    assert_eq!(made.count_total, 0);

    let mut ends = pair(None);
    let text = "a".repeat(100_000);
    round(&mut ends, &text);
    assert!(ends.iter().all(|end| end.memory() > 100_000));
    for end in &mut ends {
        end.release();
        // A client keeps its stream of keys.
        assert!(end.memory() < 2048, "{}", end.memory());
    }
}

#[test]
fn a_flood_of_pings_holds_little() {
    let mut connection = Connection::new(Role::Server, Limits::new());
    let pings = frames_for(Role::Server, &[(0x89, &[7; 125][..]); 1000]);
    let made = allocation_counter::measure(|| {
        for _ in 0..10 {
            for piece in pings.chunks(1000) {
                let room = connection.room();
                room[..piece.len()].copy_from_slice(piece);
                connection.filled(piece.len()).expect("there was room");
                while connection.next_event().expect("well formed").is_some() {}
            }
        }
    });
    assert!(made.bytes_max < 64 << 10, "{} bytes for 1.3 MB of pings", made.bytes_max);
}
