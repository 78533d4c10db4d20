//! Connections that leave their buffers to each other whenever they wait: nothing is lost or mixed up, little is held, and
//! nothing is allocated.

mod support;

use std::cell::RefCell;

use support::{Owned, Random, frames_for, take_all};
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec::kernel::Opcode;
use wscodec::{Connection, DataKind, Decoder, Event, Limits, Message, MisuseError, Role, release_shared};

/// What a thread keeps at the most.
const MOST: usize = 4 << 20;

fn message(random: &mut Random) -> Owned {
    let length = [random.below(20), random.below(300), random.below(20_000), random.below(300_000)];
    let length = length[random.below(4).min(random.below(4))];
    let text: String = (0..length).map(|place| ['a', 'ß', '你'][(place * place + length) % 3]).collect();
    match random.below(3) {
        0 => Owned::Binary(text.into_bytes()),
        1 => Owned::Ping(text.into_bytes().into_iter().take(100).collect()),
        _ => Owned::Text(text),
    }
}

/// One with or without compression, at random.
fn connection(random: &mut Random, role: Role, backend: Option<Backend>, takeover: bool) -> Connection {
    let connection = Connection::new(role, Limits::new());
    let connection =
        if random.below(4) == 0 { connection.with_read_size(1 + random.below(9_000)) } else { connection };
    let Some(backend) = backend else { return connection };
    connection
        .with_compressor(backend, CompressorConfig::default().takeover(takeover).level(1))
        .and_then(|with| with.with_decompressor(backend, DecompressorConfig::default().takeover(takeover)))
        .expect("every backend can")
}

/// Two ends, and what is under way between them.
struct Link {
    ends: [Connection; 2],
    /// To each end.
    wires: [Vec<u8>; 2],
    sent: [Vec<Owned>; 2],
    received: [Vec<Owned>; 2],
}

impl Link {
    fn new(random: &mut Random) -> Self {
        let backends: Vec<_> = Backend::available().collect();
        let backend = backends.get(random.below(2 * backends.len() + 2)).copied();
        let takeover = backend.is_some_and(|backend| backend.capabilities().takeover) && random.below(2) == 0;
        let ends = [Role::Server, Role::Client].map(|role| connection(random, role, backend, takeover));
        Self { ends, wires: Default::default(), sent: Default::default(), received: Default::default() }
    }

    fn send(&mut self, random: &mut Random, end: usize) {
        let message = message(random);
        let sender = self.ends[end].sender();
        match &message {
            Owned::Text(text) if text.len() > 100 && random.below(3) == 0 => {
                let middle = (0..=text.len() / 2).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
                sender.begin_message(DataKind::Text, &text.as_bytes()[..middle]).expect("open");
                sender.finish_message(&text.as_bytes()[middle..]).expect("open");
            }
            other => sender.send(other.borrow()).expect("open"),
        }
        if !matches!(message, Owned::Ping(_)) {
            self.sent[end].push(message);
        }
    }

    /// Moves some of what is queued on to the wire.
    fn write(&mut self, random: &mut Random, end: usize) {
        let bytes = self.ends[end].output().len();
        let bytes = if random.below(2) == 0 { bytes } else { random.below(bytes + 1) };
        self.wires[1 - end].extend_from_slice(&self.ends[end].output()[..bytes]);
        self.ends[end].advance_output(bytes).expect("there are as many");
    }

    fn read(&mut self, random: &mut Random, end: usize) {
        let wire = &mut self.wires[end];
        let room = self.ends[end].room();
        let longest = 1 << random.below(18);
        let bytes = (1 + random.below(longest)).min(room.len()).min(wire.len());
        room[..bytes].copy_from_slice(&wire[..bytes]);
        wire.drain(..bytes);
        self.ends[end].filled(bytes).expect("there was room");
        // Not always all of it before the next read.
        for _ in 0..random.below(40) {
            match self.ends[end].next_event().expect("well formed") {
                Some(Event::Message(message)) if !message.is_control() => {
                    self.received[end].push(message.into());
                }
                Some(_) => {}
                None => break,
            }
        }
    }
}

#[test]
fn any_order_of_calls_on_many_connections_loses_nothing() {
    for seed in 0..30 {
        let mut random = Random::new(seed);
        let mut links: Vec<_> = (0..6).map(|_| Link::new(&mut random)).collect();
        for step in 0..3_000 {
            let (number, end) = (random.below(links.len()), random.below(2));
            let link = &mut links[number];
            match random.below(12) {
                0 => link.send(&mut random, end),
                1..4 => link.write(&mut random, end),
                4..8 => link.read(&mut random, end),
                8..11 => link.ends[end].share_buffers(),
                _ if step % 50 == 0 => release_shared(),
                _ => {}
            }
        }
        for link in &mut links {
            while link.ends.iter().any(|end| !end.output().is_empty())
                || link.wires.iter().any(|w| !w.is_empty())
            {
                for end in 0..2 {
                    link.write(&mut random, end);
                    link.read(&mut random, end);
                    link.ends[end].share_buffers();
                }
            }
            for end in 0..2 {
                take_rest(&mut link.ends[end], &mut link.received[end]);
                assert!(link.received[end] == link.sent[1 - end], "seed {seed}");
            }
        }
    }
}

fn take_rest(end: &mut Connection, received: &mut Vec<Owned>) {
    while let Some(event) = end.next_event().expect("well formed") {
        if let Event::Message(message) = event
            && !message.is_control()
        {
            received.push(message.into());
        }
    }
}

#[test]
fn what_is_cut_short_stays() {
    let wire =
        frames_for(Role::Server, &[(0x81, b"one"), (0x82, &[7; 40_000]), (0x01, b"thr"), (0x80, b"ee")]);
    for step in [1, 5, 11, 1_000, 39_000, 41_000] {
        let mut decoders = [(); 3].map(|()| Decoder::new(Role::Server, Limits::new()));
        let mut received: [Vec<Owned>; 3] = Default::default();
        for piece in wire.chunks(step) {
            for (decoder, received) in decoders.iter_mut().zip(&mut received) {
                for part in piece.chunks(decoder.room().len()) {
                    decoder.room()[..part.len()].copy_from_slice(part);
                    decoder.filled(part.len()).expect("there was room");
                    take_all(decoder, received).expect("well formed");
                    decoder.share_buffers();
                }
            }
        }
        let expected =
            [Owned::Text("one".to_owned()), Owned::Binary(vec![7; 40_000]), Owned::Text("three".to_owned())];
        assert!(received.iter().all(|received| *received == expected), "reads of {step}");
    }
}

/// After messages long and short, plain and compressed without takeover.
#[test]
fn who_waits_holds_hardly_anything() {
    let long = "a long message, ".repeat(5_000);
    for backend in [None].into_iter().chain(Backend::available().map(Some)) {
        let mut random = Random::new(1);
        let mut link = Link::new(&mut random);
        link.ends = [Role::Server, Role::Client].map(|role| connection(&mut random, role, backend, false));
        for text in [&long[..], "short", &long] {
            for end in 0..2 {
                link.ends[end].send(Message::Text(text)).expect("open");
                link.wires[1 - end] = link.ends[end].output().to_vec();
                link.ends[end].clear_output();
            }
            for end in 0..2 {
                link.ends[end].push(&std::mem::take(&mut link.wires[end]));
                take_rest(&mut link.ends[end], &mut link.received[end]);
                assert!(link.ends[end].memory() > 4 << 10, "it was in use");
                link.ends[end].share_buffers();
                let held = link.ends[end].memory();
                assert!(held < 2 << 10, "{backend:?}: {held} bytes");
            }
        }
    }
}

#[test]
fn taking_turns_allocates_nothing() {
    let wire = frames_for(Role::Server, &[(0x81, &[b'a'; 3_000]), (0x01, b"b"), (0x80, &[b'c'; 3_000])]);
    let mut connections = [(); 100].map(|()| Connection::new(Role::Server, Limits::new()));
    let mut round = || {
        for connection in &mut connections {
            connection.room()[..wire.len()].copy_from_slice(&wire);
            connection.filled(wire.len()).expect("there was room");
            while let Some((event, sender)) = connection.next_event_and_sender().expect("well formed") {
                let Event::Message(message) = event else { continue };
                sender.send(message).expect("open");
            }
            assert_eq!(connection.output().len(), 2 * 4 + 6_001);
            connection.clear_output();
            connection.share_buffers();
        }
    };
    round();
    let made = allocation_counter::measure(|| (0..10).for_each(|_| round()));
    assert_eq!(made.count_total, 0, "{} bytes", made.bytes_total);
}

#[test]
fn a_thread_keeps_no_more_than_it_says() {
    let long = support::header_for(Role::Client, Opcode::Binary, 900_000);
    let piece = vec![0; 900_000];
    let measured = allocation_counter::measure(|| {
        let mut connections: Vec<_> = (0..20).map(|_| Connection::new(Role::Client, Limits::new())).collect();
        for connection in &mut connections {
            connection.push(&long);
            connection.push(&piece);
            assert!(matches!(connection.next_event(), Ok(Some(_))));
        }
        for connection in &mut connections {
            while connection.next_event().expect("well formed").is_some() {}
            connection.share_buffers();
        }
    });
    let kept = usize::try_from(measured.bytes_current).expect("it keeps some");
    assert!((3 << 20..=MOST + (4 << 10)).contains(&kept), "{kept} bytes");
    let freed = allocation_counter::measure(release_shared).bytes_current;
    assert_eq!(usize::try_from(-freed).ok(), Some(kept), "all of it is given back");
}

#[test]
fn the_room_and_the_message_from_before_are_gone() {
    let mut decoder = Decoder::new(Role::Client, Limits::new()).without_text_validation();
    decoder.room()[..4].copy_from_slice(b"\x81\x02hi");
    decoder.share_buffers();
    assert_eq!(decoder.filled(4), Err(MisuseError::MoreThanRoom));
    assert_eq!(decoder.next_message(), Ok(None));
    decoder.push(b"\x81\x02hi\x01\x01o");
    assert_eq!(decoder.next_message(), Ok(Some(Message::Binary(b"hi"))));
    assert_eq!(decoder.next_message(), Ok(None));
    decoder.share_buffers();
    assert!(decoder.raw_message().is_none_or(|raw| !raw.payload.starts_with(b"hi")));
    decoder.release();
    decoder.share_buffers();
    decoder.push(b"\x80\x01k");
    assert_eq!(decoder.next_message(), Ok(Some(Message::Binary(b"ok"))));
}

#[test]
fn a_connection_may_outlive_what_its_thread_keeps() {
    struct Late(Connection);
    impl Drop for Late {
        fn drop(&mut self) {
            for _ in 0..2 {
                self.0.push(b"\x81\x82\0\0\0\0hi");
                while let Ok(Some((Event::Message(message), sender))) = self.0.next_event_and_sender() {
                    sender.send(message).expect("open");
                }
                assert_eq!(self.0.output(), b"\x81\x02hi");
                self.0.clear_output();
                self.0.share_buffers();
                release_shared();
            }
        }
    }
    thread_local! {
        static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
    }
    for keeps_before in [false, true] {
        std::thread::spawn(move || {
            if keeps_before {
                drop(Late(Connection::new(Role::Server, Limits::new())));
            }
            LATE.set(Some(Late(Connection::new(Role::Server, Limits::new()))));
            drop(Late(Connection::new(Role::Server, Limits::new())));
        })
        .join()
        .expect("no panics");
    }
}

#[test]
fn an_error_stays_an_error() {
    let mut decoder = Decoder::new(Role::Client, Limits::new());
    decoder.push(b"\x81\x02hi\x83\x00");
    assert_eq!(decoder.next_message(), Ok(Some(Message::Text("hi"))));
    let error = decoder.next_message().expect_err("a reserved opcode");
    decoder.share_buffers();
    decoder.push(b"\x81\x02hi");
    assert_eq!(decoder.next_message(), Err(error));
}

/// Of which a compressor makes about the half.
fn noise(random: &mut Random, length: usize) -> Vec<u8> {
    (0..length).map(|_| b"0123456789abcdef"[random.below(16)]).collect()
}

/// Compressed frames that come in many reads, fragments, and messages that are handed out in parts.
#[test]
fn what_came_in_pieces_is_left_as_well() {
    let mut random = Random::new(2);
    for backend in Backend::available() {
        for in_parts in [false, true] {
            let [mut server, client] =
                [Role::Server, Role::Client].map(|role| connection(&mut random, role, Some(backend), false));
            let mut client = if in_parts { client.with_fragments() } else { client };
            for fragments in [1, 3] {
                let message = noise(&mut random, 90_000);
                match fragments {
                    1 => server.send(Message::Binary(&message)).expect("open"),
                    _ => {
                        let sender = server.sender();
                        sender.begin_message(DataKind::Binary, &message[..30_000]).expect("open");
                        sender.continue_message(&message[30_000..60_000]).expect("open");
                        sender.finish_message(&message[60_000..]).expect("open");
                    }
                }
                let wire = server.output().to_vec();
                server.clear_output();
                server.share_buffers();
                let (mut received, mut pieces) = (Vec::new(), 0);
                for read in wire.chunks(7_000) {
                    client.push(read);
                    while let Some(event) = client.next_event().expect("well formed") {
                        pieces += 1;
                        match event {
                            Event::Fragment(part) => received.extend_from_slice(part.payload),
                            Event::Message(Message::Binary(bytes)) => received.extend_from_slice(bytes),
                            other => panic!("{other:?} was not sent"),
                        }
                    }
                    let before = client.memory();
                    client.share_buffers();
                    // What was read, the payload that it was, and what came of that.
                    let left = before - client.memory();
                    let inflates_parts = in_parts && backend.capabilities().takeover;
                    assert!(!inflates_parts || read.len() < 7_000 || left > 4 * 7_000, "{backend:?}: {left}");
                }
                assert!(received == message && (in_parts || pieces == 1), "{backend:?}");
                assert!(wire.len() < 85_000, "{backend:?}: it was sent as it is");
                for held in [server.memory(), client.memory()] {
                    assert!(
                        held < 2 << 10,
                        "{backend:?}, {fragments} fragments, parts {in_parts}: {held} bytes"
                    );
                }
            }
        }
    }
}

#[test]
fn streams_allocate_nothing_and_keep_nothing() {
    release_shared();
    for role in [Role::Server, Role::Client] {
        for length in [100, 3_000, 4_096, 100_000] {
            let mut connections = [(); 3].map(|()| Connection::new(role, Limits::new()));
            let source = vec![b'a'; length];
            let mut round = || {
                for connection in &mut connections {
                    for by_reader in [false, true] {
                        connection.sender().begin_stream(DataKind::Text, 4_096).expect("open");
                        let (mut rest, mut sent) = (&source[..], 0);
                        loop {
                            let goes_on = if by_reader {
                                connection.sender().stream_from(&mut rest).expect("open")
                            } else {
                                let (part, others) = rest.split_at(rest.len().min(1_000));
                                rest = others;
                                connection.sender().stream(part).expect("open");
                                if rest.is_empty() {
                                    connection.sender().finish_stream().expect("open");
                                }
                                !rest.is_empty()
                            };
                            sent += connection.output().len();
                            connection.clear_output();
                            connection.share_buffers();
                            if !goes_on {
                                break;
                            }
                        }
                        assert!((length + 2..length + 14 * 25).contains(&sent), "{sent} of {length}");
                        assert!(connection.memory() < 2 << 10, "{length}: {} bytes", connection.memory());
                    }
                }
            };
            round();
            let made = allocation_counter::measure(|| (0..10).for_each(|_| round()));
            assert_eq!(made.count_total, 0, "{role:?}, {length}: {} bytes", made.bytes_total);
        }
    }
    let kept = -allocation_counter::measure(release_shared).bytes_current;
    assert!(kept < 64 << 10, "{kept} bytes");
}

/// Who has sent a byte of a message can't have what others needed for theirs.
#[test]
fn who_sends_little_holds_little() {
    let long = frames_for(Role::Server, &[(0x82, &[7; 1 << 20])]);
    let fragments = frames_for(Role::Server, &[(0x02, &[7; 1 << 19]), (0x80, &[7; 1 << 19])]);
    for cut_short in [
        &b"\x81"[..],
        b"\x82\x84\0\0\0\0a",
        b"\x02\x82\0\0\0\0a",
        b"\x02\x80\0\0\0\0",
        b"\x01\x80\0\0\0\0",
        b"\x01\x81\0\0\0\0\xC3",
        b"\x02\x81\0\0\0\0a",
    ] {
        for wire in [&long, &fragments] {
            let mut other = Connection::new(Role::Server, Limits::new());
            let mut slow: Vec<_> = (0..20).map(|_| Connection::new(Role::Server, Limits::new())).collect();
            for connection in &mut slow {
                other.push(wire);
                while let Some((event, sender)) = other.next_event_and_sender().expect("well formed") {
                    let Event::Message(message) = event else { continue };
                    sender.send(message).expect("open");
                }
                other.clear_output();
                other.share_buffers();
                connection.push(cut_short);
                assert!(matches!(connection.next_event(), Ok(None)));
                connection.send(Message::Text("not read")).expect("open");
                connection.share_buffers();
                assert_eq!(connection.output(), b"\x81\x08not read");
                assert!(connection.memory() < 64 << 10, "{} bytes", connection.memory());
            }
        }
    }
}

/// A connection that waits with something left keeps that and no more of it, however often it does.
#[test]
fn waits_with_a_byte_left_add_up_to_nothing() {
    let long = frames_for(Role::Client, &[(0x82, &[7; 3_000_000])]);
    for left in [1, 100, 200, 2_000, 10_000, 100_000] {
        let mut decoder = Decoder::new(Role::Client, Limits::new());
        let mut wait = |bytes: &[u8]| {
            decoder.room();
            decoder.push(bytes);
            while decoder.next_message().expect("well formed").is_some() {}
            decoder.share_buffers();
            // What is long stays, and what can be read to behind it.
            let (held, most) = (decoder.memory(), if left < 4 << 10 { left } else { 3 * left + (32 << 10) });
            assert!(held < (4 << 10) + most, "{left}: {held} bytes");
        };
        wait(&long);
        wait(&support::header_for(Role::Client, Opcode::Binary, 200_000));
        wait(&vec![7; left]);
        (0..10).for_each(|_| wait(b""));
        let more = allocation_counter::measure(|| (0..10_000).for_each(|_| wait(b"")));
        assert!(more.bytes_current.abs() < 64, "{left}: {} bytes more", more.bytes_current);
        assert!(left < 4 << 10 || more.bytes_total == 0, "{left}: {} bytes copied", more.bytes_total);
        let kept = -allocation_counter::measure(release_shared).bytes_current;
        assert!(kept <= 1 << 22, "{left}: {kept} bytes");
    }
}

/// All are in the middle of a message, so that each needs memory for it; then they come to its end and wait.
fn all_at_once(connections: &mut [Connection], begun: &[u8], rest: &[u8]) {
    for connection in &mut *connections {
        connection.push(begun);
        assert_eq!(connection.next_event(), Ok(None));
    }
    for connection in connections {
        connection.push(rest);
        assert!(matches!(connection.next_event(), Ok(Some(Event::Message(Message::Binary(_))))));
        assert_eq!(connection.next_event(), Ok(None));
        connection.share_buffers();
    }
}

/// A thread that keeps as much as it may keeps what was left last, or whoever fills it would have all others hold their own.
#[test]
fn a_full_thread_takes_what_is_left_and_drops_the_oldest() {
    release_shared();
    let mut many: Vec<_> = (0..300).map(|_| Connection::new(Role::Server, Limits::new())).collect();
    let (begun, rest) = (
        frames_for(Role::Server, &[(0x02, &[7; 60_000]), (0x00, &[7; 20_000])]),
        frames_for(Role::Server, &[(0x80, b"end")]),
    );
    all_at_once(&mut many, &begun, &rest);
    for connection in &many {
        assert!(connection.memory() < 2 << 10, "{} bytes", connection.memory());
    }
    let kept = usize::try_from(-allocation_counter::measure(release_shared).bytes_current).expect("some");
    assert!((3 << 20..=MOST + (4 << 10)).contains(&kept), "{kept} bytes");
}

/// The bytes that were written are in nobody's way.
#[test]
fn an_output_with_little_left_leaves_its_buffer() {
    let mut connection = Connection::new(Role::Server, Limits::new());
    connection.send(Message::Binary(&[7; 1 << 20])).expect("open");
    let left = connection.output().len() - 10;
    connection.sender().advance_output(left).expect("there are as many");
    connection.share_buffers();
    assert_eq!(connection.output(), [7; 10]);
    assert!(connection.memory() < 2 << 10, "{} bytes", connection.memory());
    connection.send(Message::Text("more")).expect("open");
    assert_eq!(connection.output(), [&[7; 10][..], b"\x81\x04more"].concat());
}

#[test]
fn a_stream_that_a_close_frame_cut_off_leaves_its_buffers() {
    let mut connection = Connection::new(Role::Server, Limits::new());
    let sender = connection.sender();
    sender.begin_stream(DataKind::Binary, 9_000).expect("open");
    sender.stream(&[7; 20_000]).expect("there is room");
    connection.close(None).expect("open");
    connection.clear_output();
    connection.share_buffers();
    assert!(connection.memory() < 2 << 10, "{} bytes", connection.memory());
}

/// To free them and make them anew would take longer than the messages that they are for.
#[test]
fn huge_buffers_that_there_is_no_room_for_are_not_made_anew() {
    release_shared();
    let long = vec![7; 1 << 20];
    let begun = frames_for(Role::Server, &[(0x02, &long)]);
    let rest = frames_for(Role::Server, &[(0x80, b"end")]);
    let mut many: Vec<_> = (0..8).map(|_| Connection::new(Role::Server, Limits::new())).collect();
    let mut round = || all_at_once(&mut many, &begun, &rest);
    (0..3).for_each(|_| round());
    let made = allocation_counter::measure(|| (0..10).for_each(|_| round()));
    assert!(made.bytes_total < 1 << 20, "{} bytes", made.bytes_total);
}

/// It would be held beside all that a thread keeps.
#[test]
fn memory_that_is_too_small_for_what_is_left_over_is_not_taken_out() {
    release_shared();
    let read = |length: u64, bytes: usize| {
        let mut connection = Connection::new(Role::Client, Limits::new());
        connection.push(&support::header_for(Role::Client, Opcode::Binary, length));
        connection.push(&vec![7; bytes]);
        while connection.next_event().expect("well formed").is_some() {}
        connection
    };
    let mut under_way = read(4 << 20, 3 << 20);
    read(1 << 20, 1 << 20).share_buffers();
    under_way.release();
    under_way.push(&[7; 100]);
    let mut others: Vec<_> = (0..40).map(|_| Connection::new(Role::Server, Limits::new())).collect();
    for other in &mut others {
        other.send(Message::Binary(&[7; 200_000])).expect("open");
    }
    for other in &mut others {
        other.clear_output();
        other.share_buffers();
    }
    let kept = usize::try_from(-allocation_counter::measure(release_shared).bytes_current).expect("some");
    assert!((3 << 20..=MOST + (4 << 10)).contains(&kept), "{kept} bytes");
}
