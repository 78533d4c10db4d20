//! Captures that are made here: a real conversation, over a TCP that loses nothing but order.

use fastrand::Rng;
use wscodec::compressors::Backend;
use wscodec::compressors::negotiation::ClientPolicy;
use wscodec::handshake::{ClientHandshake, HeadLimits, HeadReader, ServerHandshake};
use wscodec::{Connection, Limits, Message, Role};

use super::*;

/// What was said, in order, and the bytes that it was on the wire, by direction.
struct Talk {
    said: [Vec<Vec<u8>>; 2],
    wire: [Vec<u8>; 2],
}

/// Two of our connections, from the handshake on; compressed if there is a policy.
fn talk(rng: &mut Rng, policy: Option<ClientPolicy>) -> Talk {
    let backend = Backend::Hybrid;
    let mut handshake = ClientHandshake::new("localhost", "/").unwrap();
    let mut server = ServerHandshake::new();
    if let Some(policy) = policy {
        handshake = handshake.deflate(policy);
        server = server.deflate_with(backend);
    }
    let request = handshake.request().unwrap().to_bytes();
    let (incoming, _) = HeadReader::new(HeadLimits::default()).request(&request).unwrap().unwrap();
    let accepted = server.accept(&incoming).unwrap();
    let agreement = accepted.agreement();
    let response = accepted.to_bytes();
    let mut talk = Talk { said: [Vec::new(), Vec::new()], wire: [request, response] };
    let mut ends = [Role::Client, Role::Server].map(|role| {
        let connection = Connection::new(role, Limits::new()).with_frame_size(500);
        match &agreement {
            Some(agreement) => connection.with_compression(backend, agreement).unwrap(),
            None => connection,
        }
    });
    for number in 0..rng.usize(1..30) {
        let from = usize::from(rng.bool());
        let message = format!("{{\"number\":{number},\"words\":\"{}\"}}", "again ".repeat(rng.usize(0..300)));
        ends[from].send(Message::Text(&message)).unwrap();
        if rng.bool() {
            ends[from].send(Message::Ping(b"there?")).unwrap();
        }
        talk.said[from].push(message.into_bytes());
    }
    for (end, wire) in ends.iter_mut().zip(&mut talk.wire) {
        wire.extend(end.output());
    }
    talk
}

/// The segments of a conversation: address family, addresses and ports by direction, in some order, some twice.
fn packets(rng: &mut Rng, talk: &Talk, client_port: u16) -> Vec<Vec<u8>> {
    let v6 = rng.bool();
    let mut packets = Vec::new();
    for (direction, wire) in talk.wire.iter().enumerate() {
        let first = u32::MAX - rng.u32(0..3_000);
        let ports = if direction == 0 { (client_port, 80) } else { (80, client_port) };
        packets.push(ip(v6, &tcp(ports, first, true, b"")));
        let mut place = 0;
        while place < wire.len() {
            let end = (place + rng.usize(1..700)).min(wire.len());
            let sequence = first.wrapping_add(1).wrapping_add(u32::try_from(place).unwrap());
            for _ in 0..rng.usize(1..3) {
                packets.push(ip(v6, &tcp(ports, sequence, false, &wire[place..end])));
            }
            place = end;
        }
    }
    rng.shuffle(&mut packets);
    packets
}

fn tcp((from, to): (u16, u16), sequence: u32, syn: bool, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    packet.extend(from.to_be_bytes());
    packet.extend(to.to_be_bytes());
    packet.extend(sequence.to_be_bytes());
    // No acknowledgment; a header of five words; flags; window, checksum, pointer.
    packet.extend([0, 0, 0, 0, 0x50, if syn { 2 } else { 0 }, 1, 0, 0, 0, 0, 0]);
    packet.extend(payload);
    packet
}

fn ip(v6: bool, payload: &[u8]) -> Vec<u8> {
    let length = |more: usize| u16::try_from(payload.len() + more).unwrap().to_be_bytes();
    let mut packet = Vec::new();
    if v6 {
        packet.extend([0x60, 0, 0, 0]);
        packet.extend(length(0));
        packet.extend([6, 64]);
        let loopback = 1_u128.to_be_bytes();
        packet.extend(loopback);
        packet.extend(loopback);
    } else {
        packet.extend([0x45, 0]);
        packet.extend(length(20));
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
    }
    packet.extend(payload);
    packet
}

const LINKS: [u32; 5] = [0, 1, 101, 113, 276];

fn framed(link: u32, packet: &[u8]) -> Vec<u8> {
    let is_v6 = packet[0] >> 4 == 6;
    let ether_type: [u8; 2] = if is_v6 { [0x86, 0xdd] } else { [8, 0] };
    let mut frame = match link {
        0 => vec![if is_v6 { 30 } else { 2 }, 0, 0, 0],
        1 => [&[0; 12][..], &ether_type].concat(),
        113 => [&[0; 14][..], &ether_type].concat(),
        276 => [&ether_type[..], &[0; 18]].concat(),
        _ => Vec::new(),
    };
    frame.extend(packet);
    if link == 1 {
        // Short Ethernet frames are filled up.
        frame.resize(frame.len().max(60), 0);
    }
    frame
}

/// The older format, in either byte order.
fn pcap(link: u32, packets: &[Vec<u8>], big: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let number = |file: &mut Vec<u8>, number: u32| {
        file.extend(if big { number.to_be_bytes() } else { number.to_le_bytes() });
    };
    number(&mut file, 0xa1b2_c3d4);
    file.extend(if big { [0, 2, 0, 4] } else { [2, 0, 4, 0] });
    [0, 0, 1 << 18, link].into_iter().for_each(|field| number(&mut file, field));
    for packet in packets {
        let frame = framed(link, packet);
        let length = u32::try_from(frame.len()).unwrap();
        [0, 0, length, length].into_iter().for_each(|field| number(&mut file, field));
        file.extend(frame);
    }
    file
}

/// The newer one, an interface for each kind of link.
fn pcapng(packets: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut file = Vec::new();
    let mut block = |kind: u32, body: &[u8]| {
        let padded = body.len().next_multiple_of(4);
        let length = u32::try_from(12 + padded).unwrap().to_le_bytes();
        file.extend(kind.to_le_bytes());
        file.extend(length);
        file.extend(body);
        file.resize(file.len() + padded - body.len(), 0xee);
        file.extend(length);
    };
    let mut section = 0x1a2b_3c4d_u32.to_le_bytes().to_vec();
    section.extend([1, 0, 0, 0]);
    section.extend([0xff; 8]);
    block(0x0a0d_0d0a, &section);
    for link in LINKS {
        let link = u16::try_from(link).unwrap().to_le_bytes();
        block(1, &[&link[..], &[0; 6]].concat());
    }
    for packet in packets {
        let interface = rng.usize(0..LINKS.len());
        let frame = framed(LINKS[interface], packet);
        let length = u32::try_from(frame.len()).unwrap();
        let mut body = Vec::new();
        for field in [u32::try_from(interface).unwrap(), 0, 0, length, length] {
            body.extend(field.to_le_bytes());
        }
        body.extend(frame);
        block(6, &body);
    }
    file
}

/// In order of their connections, which is that of their first packets.
fn assert_same(capture: &Capture, said: &[Vec<Vec<u8>>; 2]) {
    for (found, said) in capture.messages.iter().zip(said) {
        assert_eq!(found.list, *said);
    }
    assert_eq!(capture.unused, Vec::<String>::new());
}

fn policies() -> Vec<Option<ClientPolicy>> {
    let limited = |bits| ClientPolicy { server_max_window_bits: bits, ..ClientPolicy::default() };
    vec![
        None,
        Some(ClientPolicy::default()),
        Some(limited(9)),
        Some(ClientPolicy {
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            ..ClientPolicy::default()
        }),
    ]
}

#[test]
fn a_capture_gives_back_what_was_said() {
    let mut rng = Rng::with_seed(21);
    for policy in policies() {
        for link in LINKS {
            let talk = talk(&mut rng, policy.clone());
            let packets = packets(&mut rng, &talk, 4_000);
            assert_same(&read(&pcap(link, &packets, rng.bool())[..]), &talk.said);
        }
        for _ in 0..5 {
            let talk = talk(&mut rng, policy.clone());
            let packets = packets(&mut rng, &talk, 4_000);
            assert_same(&read(&pcapng(&packets, &mut rng)[..]), &talk.said);
        }
    }
}

#[test]
fn many_connections_are_told_apart() {
    let mut rng = Rng::with_seed(22);
    let talks: Vec<Talk> = (0..6).map(|_| talk(&mut rng, Some(ClientPolicy::default()))).collect();
    let mut all = Vec::new();
    for (talk, port) in talks.iter().zip(4_000..) {
        all.extend(packets(&mut rng, talk, port));
    }
    rng.shuffle(&mut all);
    let capture = read(&pcap(101, &all, false)[..]);
    for (direction, found) in capture.messages.iter().enumerate() {
        let mut found = found.list.clone();
        let mut said: Vec<&[u8]> =
            talks.iter().flat_map(|talk| &talk.said[direction]).map(Vec::as_slice).collect();
        found.sort_unstable();
        said.sort_unstable();
        assert_eq!(found, said);
    }
    assert!(capture.unused.is_empty());
}

#[test]
fn what_can_not_be_used_is_counted() {
    let mut rng = Rng::with_seed(23);
    let unused = |packets: &[Vec<u8>]| read(&pcap(101, packets, false)[..]).unused.join("\n");
    let encrypted = ip(false, &tcp((1, 443), 5, false, b"\x16\x03\x01\x02\x00"));
    let found = unused(&[encrypted.clone(), encrypted, ip(true, &[]), vec![0x45]]);
    assert!(found.contains("without a WebSocket handshake") && found.contains(": 1"), "{found}");
    assert!(found.contains("packets that are not TCP over IP: 2"), "{found}");
    let refused = Talk {
        said: Default::default(),
        wire: [
            b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".to_vec(),
            b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec(),
        ],
    };
    let refused = packets(&mut rng, &refused, 9);
    assert!(unused(&refused).contains("connections refused with status 403: 1"));
    // A packet that was not captured ends its direction there.
    let talk = talk(&mut rng, None);
    let whole: Vec<Vec<u8>> = packets(&mut rng, &talk, 9);
    let longest = whole.iter().map(Vec::len).max().unwrap();
    let lossy: Vec<Vec<u8>> = whole.into_iter().filter(|packet| packet.len() < longest).collect();
    let capture = read(&pcap(101, &lossy, false)[..]);
    assert!(!capture.unused.is_empty());
    for (found, said) in capture.messages.iter().zip(&talk.said) {
        assert_eq!(found.list, said[..found.list.len()]);
    }
    assert!(read(&pcap(7, &lossy, false)[..]).unused[0].starts_with("packets of link type 7"));
    assert!(read(&b"not a capture at all"[..]).unused[0].contains("neither pcap's nor pcapng's"));
    assert!(!read(&b""[..]).unused.is_empty());
}

/// Cut anywhere, a file gives the start of what was said, or less.
#[test]
fn cut_files_give_what_is_whole() {
    let mut rng = Rng::with_seed(24);
    let talk = talk(&mut rng, Some(ClientPolicy::default()));
    let mut packets = packets(&mut rng, &talk, 4_000);
    packets.truncate(60);
    for file in [pcap(1, &packets, false), pcapng(&packets, &mut rng)] {
        for cut in (0..file.len()).step_by(41).chain(file.len() - 30..file.len()) {
            let capture = read(&file[..cut]);
            for (found, said) in capture.messages.iter().zip(&talk.said) {
                assert_eq!(found.list, said[..found.list.len()]);
            }
        }
    }
}

/// Whatever stands in a file: no panic, and no more messages than their bytes can be.
#[test]
fn hostile_files_are_read_to_an_end() {
    let mut rng = Rng::with_seed(25);
    let talk = talk(&mut rng, Some(ClientPolicy::default()));
    let packets = packets(&mut rng, &talk, 4_000);
    for file in [pcap(113, &packets, false), pcapng(&packets, &mut rng)] {
        for _ in 0..400 {
            let mut hostile = file.clone();
            for _ in 0..rng.usize(1..12) {
                // Mostly in the first headers, where lengths are.
                let place = if rng.bool() { rng.usize(0..200) } else { rng.usize(0..hostile.len()) };
                let lies: [&[u8]; 4] = [&[0xff; 4], &[0; 4], &[0xff, 0xff, 0xff, 0x7f], &[rng.u8(..)]];
                let lie = lies[rng.usize(0..4)];
                let end = (place + lie.len()).min(hostile.len());
                hostile[place..end].copy_from_slice(&lie[..end - place]);
            }
            let capture = read(&hostile[..]);
            let bytes: usize = capture.messages.iter().flat_map(|one| &one.list).map(|one| one.len()).sum();
            assert!(bytes <= file.len() * 1_100);
        }
    }
    let huge =
        [pcap(1, &[], false), [0, 0, 0xffff_fff0_u32, 0xffff_fff0].map(u32::to_le_bytes).concat()].concat();
    assert!(read(&[huge, vec![0; 3 << 20]].concat()[..]).unused[0].contains("cut short or damaged"));
}
