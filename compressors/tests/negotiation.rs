//! Whatever our client offers and our server answers, both ends then decode each other, each by what it understood itself.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use proptest::prelude::*;
use wscodec_compressors::conformance::corpus::{Kind, message};
use wscodec_compressors::conformance::reference;
use wscodec_compressors::negotiation::{Abilities, Agreement, ClientPolicy, Direction, Peer, ServerPolicy};
use wscodec_compressors::{
    Backend, CompressionWish, Encoding, InflateLimits, MessageCompressor, MessageDecompressor,
};

/// What the two ends agree on through nothing but their headers, as each of them sees it: the client's first.
fn negotiate(client: &ClientPolicy, server: &ServerPolicy) -> Option<(Agreement, Agreement)> {
    let header = client.header();
    let answer = server.answer([header.as_str()]).unwrap()?;
    let accepted = client.accept([answer.to_string().as_str()]);
    let context = || format!("{header} answered by {answer}: {accepted:?}");
    let accepted = accepted.unwrap_or_else(|_| panic!("{}", context())).unwrap();
    // Of its own messages each end may know better, and the other expects no less than what it gets.
    for (does, expected) in [
        (answer.server_to_client(), accepted.server_to_client()),
        (accepted.client_to_server(), answer.client_to_server()),
    ] {
        assert!(
            does.window_bits <= expected.window_bits && does.takeover <= expected.takeover,
            "{}",
            context()
        );
    }
    Some((accepted, answer))
}

/// Sends messages that repeat each other near and far: a window too small or a history lost shows. The sender works by
/// `sends`, the receiver by `expects`; the result is how many messages went uncompressed.
fn converse(
    (from, sends): (Backend, Direction),
    (to, expects): (Backend, Direction),
    lengths: &[usize],
) -> usize {
    let context = || format!("{from} by {sends:?} to {to} by {expects:?}");
    let mut compressor = MessageCompressor::new(from, sends.into()).expect("no promise that can't be kept");
    let limits = InflateLimits::default();
    let mut decompressor = MessageDecompressor::new(to, expects.into(), limits).unwrap();
    let (mut history, mut plain) = (Vec::new(), 0);
    for &length in lengths {
        let message = message(Kind::Json, length, 1);
        let (mut payload, mut out) = (Vec::new(), Vec::new());
        let encoding = compressor.message(&message, CompressionWish::Compress, &mut payload).unwrap();
        if encoding == Encoding::Plain {
            assert!(payload == message, "{}", context());
            plain += 1;
            continue;
        }
        // Our decompressors forgive a window that isn't kept; others need not.
        let decoded = reference::decode(&history, &payload).expect("no more history than was agreed");
        assert!(decoded.reach <= 1 << expects.window_bits, "{}", context());
        assert_eq!(decompressor.message(&payload, &mut out), Ok(()), "{}", context());
        assert!(out == message, "{}", context());
        if expects.takeover {
            history.extend_from_slice(&message);
        }
    }
    plain
}

fn both_ways(client: (Backend, Agreement), server: (Backend, Agreement), lengths: &[usize]) {
    let up = |(backend, agreement): (Backend, Agreement)| (backend, agreement.client_to_server());
    let down = |(backend, agreement): (Backend, Agreement)| (backend, agreement.server_to_client());
    converse(up(client), up(server), lengths);
    converse(down(server), down(client), lengths);
}

fn able(backend: Backend, small_windows_for_short_messages: bool) -> Abilities {
    Abilities {
        small_windows_for_short_messages,
        ..Abilities::new(&backend.capabilities(), &backend.decompressor_capabilities())
    }
}

#[test]
fn every_pair_of_backends_and_windows_with_and_without_takeover() {
    let flags = [false, true];
    for (client, server) in pairs() {
        for (server_window, client_window) in (8..=15).flat_map(|s| (8..=15).map(move |c| (s, c))) {
            for (takeover, small) in flags.into_iter().flat_map(|t| flags.map(|s| (t, s))) {
                let offering = ClientPolicy {
                    can: able(client, small),
                    server_no_context_takeover: !takeover,
                    server_max_window_bits: server_window,
                    ..ClientPolicy::default()
                };
                let answering = ServerPolicy {
                    can: able(server, small),
                    client_no_context_takeover: !takeover,
                    client_max_window_bits: client_window,
                    ..ServerPolicy::default()
                };
                let (accepted, answer) = negotiate(&offering, &answering).unwrap();
                both_ways((client, accepted), (server, answer), &[60, 200, 600, 200]);

                // Each wish is granted by who can, and has its price where only short messages fit.
                let (down, up) = (accepted.server_to_client(), accepted.client_to_server());
                for (from, to, direction, wish) in
                    [(server, client, down, server_window), (client, server, up, client_window)]
                {
                    let can = from.capabilities();
                    let keeps = can.window_bits.contains(&wish);
                    assert_eq!(direction.window_bits, if keeps || small { wish } else { 15 });
                    let takes = can.takeover && to.decompressor_capabilities().takeover;
                    assert_eq!(direction.takeover, takeover && takes && (keeps || !small));
                }
            }
        }
    }
}

/// Distances beyond every small window, and histories longer than the largest.
#[test]
fn long_messages_at_every_window() {
    for (client, server) in pairs() {
        for window in 8..=15 {
            let offering = ClientPolicy {
                can: able(client, true),
                server_max_window_bits: window,
                ..ClientPolicy::default()
            };
            let answering = ServerPolicy {
                can: able(server, true),
                client_max_window_bits: window,
                ..ServerPolicy::default()
            };
            let (accepted, answer) = negotiate(&offering, &answering).unwrap();
            both_ways((client, accepted), (server, answer), &[3000, 256, 50_000, 256, 3000, 40_000]);
        }
    }
}

#[test]
fn messages_longer_than_a_window_that_the_backend_lacks_go_plain() {
    for backend in Backend::available().filter(|b| !b.capabilities().window_bits.contains(&10)) {
        let direction = Direction { takeover: false, window_bits: 10 };
        let plain = converse((backend, direction), (backend, direction), &[1023, 1024, 1025, 5000]);
        assert_eq!(plain, 2, "{backend}");
    }
}

fn pairs() -> impl Iterator<Item = (Backend, Backend)> {
    Backend::available().flat_map(|client| Backend::available().map(move |server| (client, server)))
}

fn peer() -> impl Strategy<Value = Peer> {
    prop_oneof![
        Just(Peer::Standard),
        Just(Peer::NoWindowBits),
        Just(Peer::NothingUnasked),
        Just(Peer::NoWindowOf8Bits)
    ]
}

prop_compose! {
    fn any_client()(
        backend in any::<prop::sample::Index>(),
        small in any::<bool>(),
        decompressor_window in 8_u8..=15,
        takeovers in any::<(bool, bool)>(),
        server_max_window_bits in any::<u8>(),
        peer in peer(),
    ) -> Option<(Backend, ClientPolicy)> {
        let backend = picked(backend)?;
        let can = Abilities { decompressor_window, ..able(backend, small) };
        Some((backend, ClientPolicy {
            can,
            server_no_context_takeover: takeovers.0,
            client_no_context_takeover: takeovers.1,
            server_max_window_bits,
            peer,
        }))
    }
}

prop_compose! {
    fn any_server()(
        backend in any::<prop::sample::Index>(),
        small in any::<bool>(),
        decompressor_window in 8_u8..=15,
        takeovers in any::<(bool, bool)>(),
        windows in any::<(u8, u8)>(),
        peer in peer(),
    ) -> Option<(Backend, ServerPolicy)> {
        let backend = picked(backend)?;
        let can = Abilities { decompressor_window, ..able(backend, small) };
        Some((backend, ServerPolicy {
            can,
            server_no_context_takeover: takeovers.0,
            client_no_context_takeover: takeovers.1,
            server_max_window_bits: windows.0,
            client_max_window_bits: windows.1,
            peer,
        }))
    }
}

/// `None` in a build without backends.
fn picked(index: prop::sample::Index) -> Option<Backend> {
    let all: Vec<_> = Backend::available().collect();
    (!all.is_empty()).then(|| *index.get(&all))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Wishes of any value, any profile, any decompressor: agreed or not, never a promise that isn't kept.
    #[test]
    fn any_policies(client in any_client(), server in any_server()) {
        let (Some((client, offering)), Some((server, answering))) = (client, server) else { return Ok(()) };
        let Some((accepted, answer)) = negotiate(&offering, &answering) else { return Ok(()) };
        both_ways((client, accepted), (server, answer), &[200, 700, 256, 5000, 200]);

        // What each has been told is enough for what it needs.
        let (down, up) = (accepted.server_to_client(), answer.client_to_server());
        prop_assert!(down.window_bits <= offering.can.decompressor_window);
        prop_assert!(up.window_bits <= answering.can.decompressor_window);
        prop_assert!(!(down.takeover && offering.server_no_context_takeover));
        prop_assert!(!(accepted.client_to_server().takeover && offering.client_no_context_takeover));
        // And each keeps to what it wants of itself, told or not.
        prop_assert!(!(answer.server_to_client().takeover && answering.server_no_context_takeover));
    }
}
