//! One message to many connections: the row "fan-out", and what becomes of those who can't take it.

mod support;

use allocation_counter::measure;
use support::{Owned, take_all};
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec::{
    BroadcastReport, Connection, Decoder, Encoder, Error, Limits, Message, MisuseError, PreparedMessage,
    Role, Sender, broadcast,
};

fn words() -> String {
    "the same words, ".repeat(60)
}

/// Every kind that the backends know: roles, windows, takeover, and no compression.
fn kinds() -> impl Iterator<Item = (Role, Option<(Backend, CompressorConfig)>)> {
    let configs = Backend::available().flat_map(|backend| {
        let configs = [8, 9, 12, 15].into_iter().flat_map(|window| {
            [false, true].map(|takeover| CompressorConfig::default().takeover(takeover).window_bits(window))
        });
        configs
            .filter(move |config| !config.takeover || config.check(&backend.capabilities()).is_ok())
            .map(move |config| Some((backend, config)))
    });
    let compressions: Vec<_> = configs.chain([None]).collect();
    [Role::Server, Role::Client]
        .into_iter()
        .flat_map(move |role| compressions.clone().into_iter().map(move |compression| (role, compression)))
}

fn all_kinds() -> Vec<Connection> {
    let new = |(role, compression)| {
        let connection = Connection::new(role, Limits::new());
        match compression {
            Some((backend, config)) => connection.with_compressor(backend, config).expect("it can"),
            None => connection,
        }
    };
    kinds().map(new).collect()
}

/// The decoders of their peers.
fn peers() -> Vec<Decoder> {
    let new = |(role, compression)| {
        let decoder =
            Decoder::new(if role == Role::Server { Role::Client } else { Role::Server }, Limits::new());
        match compression {
            Some((backend, CompressorConfig { takeover, window_bits, .. })) => {
                let expects = DecompressorConfig::default().takeover(takeover).window_bits(window_bits);
                decoder.with_decompressor(backend, expects).expect("it can")
            }
            None => decoder,
        }
    };
    kinds().map(new).collect()
}

/// What each of them is to have queued: it is decoded, by a peer who sees the connection from its start.
fn arrives(connections: &mut [Connection], peers: &mut [Decoder], expected: &[Owned]) {
    assert_eq!(connections.len(), peers.len());
    for (connection, peer) in connections.iter_mut().zip(peers) {
        peer.push(connection.output());
        connection.clear_output();
        let mut messages = Vec::new();
        take_all(peer, &mut messages).expect("it can be read");
        assert!(messages == expected, "{connection:?}");
    }
}

#[test]
fn every_connection_gets_it_as_it_agreed_on() {
    let (mut connections, mut peers) = (all_kinds(), peers());
    let (data, ping) =
        (PreparedMessage::from(words()), PreparedMessage::new(Message::Ping(b"all")).expect("short"));
    for _ in 0..3 {
        for prepared in [&data, &ping, &data] {
            let report = broadcast(prepared, &mut connections);
            assert_eq!((report.sent(), report.failures()), (connections.len(), &[][..]));
        }
        for connection in &mut connections {
            connection.send(Message::Text(&words())).expect("room");
        }
        let text = || Owned::Text(words());
        arrives(&mut connections, &mut peers, &[text(), Owned::Ping(b"all".to_vec()), text(), text()]);
    }
}

#[test]
fn one_that_fails_does_not_keep_the_others_from_it() {
    let new = || Connection::new(Role::Server, Limits::new()).with_output_limit(30);
    let mut connections: Vec<_> = (0..6).map(|_| new()).collect();
    connections[1].close(None).expect("open");
    connections[2].send(Message::Binary(&[0; 20])).expect("room");
    connections[4].sender().begin_message(wscodec::DataKind::Text, b"").expect("open");
    let report = broadcast(&PreparedMessage::from("ten bytes."), &mut connections);
    let expected = [
        (1, Error::Misuse(MisuseError::Closed)),
        (2, Error::Misuse(MisuseError::OutputFull { limit: 30 })),
        (4, Error::Misuse(MisuseError::MessageUnderWay)),
    ];
    assert_eq!((report.sent(), report.failures()), (3, &expected[..]));
    let queued: Vec<_> = connections.iter().map(|connection| connection.output().len()).collect();
    assert_eq!(queued, [12, 2, 22, 12, 2, 12]);

    // A slow consumer gets it again when it has caught up.
    connections[2].clear_output();
    assert_eq!(broadcast(&PreparedMessage::from("ten bytes."), &mut connections[2..3]).sent(), 1);
    let nobody: [Connection; 0] = [];
    assert_eq!(broadcast(&PreparedMessage::from(""), nobody), BroadcastReport::default());
}

#[test]
fn senders_and_types_of_the_callers_take_part() {
    struct Client {
        name: &'static str,
        connection: Connection,
    }
    impl AsMut<Sender> for Client {
        fn as_mut(&mut self) -> &mut Sender {
            self.connection.sender()
        }
    }
    let mut clients =
        ["one", "two"].map(|name| Client { name, connection: Connection::new(Role::Server, Limits::new()) });
    let prepared = PreparedMessage::from("news");
    assert_eq!(broadcast(&prepared, &mut clients).sent(), 2);
    let only_two = clients.iter_mut().filter(|client| client.name == "two");
    assert_eq!(broadcast(&prepared, only_two.map(|client| client.connection.sender())).sent(), 1);
    assert_eq!(clients.map(|client| client.connection.output().len()), [6, 12]);
}

/// Connections are taken some ahead of the one that is sent to, which nobody sees: not by who fails, by what is queued already, or
/// by how many there are.
#[test]
fn the_same_as_a_call_for_each_however_many_there_are() {
    let prepared = PreparedMessage::from(words());
    let connection = |index: usize| {
        let mut connection = Connection::new(Role::Server, Limits::new()).with_output_limit(2000);
        match index % 7 {
            1 => connection.close(None).expect("open"),
            // Too much, and the same partly written: less is left than what was.
            2 => connection.send(Message::Binary(&[1; 1500])).expect("room"),
            3 => {
                connection.send(Message::Binary(&[2; 900])).expect("room");
                connection.advance_output(700).expect("as many");
            }
            4 => {
                connection.send(Message::Binary(&[3; 900])).expect("room");
                connection.clear_output();
            }
            5 => connection.sender().begin_message(wscodec::DataKind::Text, b"open").expect("open"),
            _ => {}
        }
        connection
    };
    for count in (0..40).chain([100, 1000]) {
        let new = || (0..count).map(connection).collect::<Vec<_>>();
        let (mut expected, mut connections) = (new(), new());
        let results: Vec<_> = expected.iter_mut().map(|one| one.send_prepared(&prepared)).collect();
        let report = broadcast(&prepared, &mut connections);
        let errors = results.iter().enumerate().filter_map(|(at, result)| Some((at, result.err()?)));
        assert_eq!(report.failures(), errors.collect::<Vec<_>>());
        assert_eq!(report.sent(), count - report.failures().len());
        for (one, expected) in connections.iter().zip(&expected) {
            assert_eq!(one.output(), expected.output());
        }
    }
}

#[test]
fn an_iterator_is_not_asked_again_after_its_end() {
    for count in 0..20 {
        let mut connections: Vec<_> =
            (0..count).map(|_| Connection::new(Role::Server, Limits::new())).collect();
        let (mut rest, mut over) = (connections.iter_mut(), false);
        let connections = std::iter::from_fn(|| {
            assert!(!over, "it has said so");
            let next = rest.next();
            over = next.is_none();
            next
        });
        assert_eq!(broadcast(&PreparedMessage::from("news"), connections).sent(), count);
    }
}

/// Who locks one after the other never holds two, nor waits for one that it holds.
#[test]
fn guards_are_held_one_at_a_time() {
    struct Guard<'a>(std::sync::MutexGuard<'a, Connection>);
    impl AsMut<Sender> for Guard<'_> {
        fn as_mut(&mut self) -> &mut Sender {
            self.0.sender()
        }
    }
    let connections: Vec<_> =
        (0..20).map(|_| std::sync::Mutex::new(Connection::new(Role::Server, Limits::new()))).collect();
    let twice = connections.iter().chain(&connections);
    let guards = twice.map(|one| {
        let free = connections.iter().filter(|other| other.try_lock().is_ok()).count();
        assert_eq!(free, connections.len());
        Guard(one.try_lock().expect("free"))
    });
    assert_eq!(broadcast(&PreparedMessage::from("news"), guards).sent(), 40);
}

#[test]
fn no_allocation_in_steady_state() {
    let mut connections = all_kinds();
    let prepared = PreparedMessage::from(words());
    let mut send = || {
        let sent = broadcast(&prepared, &mut connections).sent();
        connections.iter_mut().for_each(Connection::clear_output);
        sent
    };
    let first = send();
    let info = measure(|| {
        for _ in 0..10 {
            assert_eq!(send(), first);
        }
    });
    assert_eq!(info.count_total, 0);

    let mut transport: Vec<u8> = Vec::with_capacity(2000);
    let mut server = Encoder::new(Role::Server);
    let info = measure(|| {
        let frame = server.prepared_frame(&prepared).expect("open").expect("no mask");
        transport.extend(frame.slices().iter().flat_map(|slice| slice.iter()));
    });
    assert_eq!(info.count_total, 0);
}

#[cfg(feature = "rayon")]
mod in_parallel {
    use wscodec::par_broadcast;

    use super::*;

    /// So many that more than one thread has to do with it.
    fn many() -> Vec<Connection> {
        let mut connections: Vec<_> = (0..20).flat_map(|_| all_kinds()).collect();
        for (index, connection) in connections.iter_mut().enumerate() {
            if index % 7 == 3 {
                connection.close(None).expect("open");
            }
        }
        connections
    }

    #[test]
    fn the_same_as_one_after_the_other() {
        let prepared = PreparedMessage::from(words());
        let (mut by_one, mut by_many) = (many(), many());
        let expected = broadcast(&prepared, &mut by_one);
        assert!(expected.sent() > 200 && expected.failures().len() > 50);
        let report = par_broadcast(&PreparedMessage::from(words()), &mut by_many);
        assert_eq!(report, expected);
        for (one, many) in by_one.iter().zip(&by_many) {
            let (one, many) = (one.output(), many.output());
            // Those of clients differ by their masks.
            assert!(one == many || (one.len() == many.len() && one[1] & 0x80 != 0));
        }
    }

    #[test]
    fn every_connection_gets_it() {
        let (mut connections, mut peers) = (all_kinds(), peers());
        let prepared = PreparedMessage::from(words());
        for _ in 0..3 {
            assert_eq!(par_broadcast(&prepared, &mut connections).sent(), connections.len());
            arrives(&mut connections, &mut peers, &[Owned::Text(words())]);
        }
    }
}
