//! Whatever our client offers and our server answers, both ends then decode each other: every pair of backends, every
//! pair of windows, with and without takeover.

mod support;

use support::{Owned, decode_pieces};
use wscodec::compressors::negotiation::{Agreement, ClientPolicy, Direction, ServerPolicy};
use wscodec::compressors::{Backend, CompressionPolicy};
use wscodec::{Decoder, Encoder, Limits, Role};

/// What both sides wish for.
#[derive(Clone, Copy, Debug)]
struct Wishes {
    server_window: u8,
    client_window: u8,
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
}

fn wishes() -> impl Iterator<Item = Wishes> {
    let pairs = (8..=15).flat_map(|server| (8..=15).map(move |client| (server, client)));
    pairs.flat_map(|(server_window, client_window)| {
        [(false, false), (false, true), (true, false), (true, true)].map(
            |(server_no_context_takeover, client_no_context_takeover)| Wishes {
                server_window,
                client_window,
                server_no_context_takeover,
                client_no_context_takeover,
            },
        )
    })
}

/// What the two sides agree on through nothing but their headers; both must understand the same.
fn negotiate(client: Backend, server: Backend, wishes: Wishes) -> Agreement {
    let client = ClientPolicy {
        server_max_window_bits: wishes.server_window,
        server_no_context_takeover: wishes.server_no_context_takeover,
        ..ClientPolicy::new(&client.capabilities(), &client.decompressor_capabilities())
    };
    let server = ServerPolicy {
        client_max_window_bits: wishes.client_window,
        client_no_context_takeover: wishes.client_no_context_takeover,
        ..ServerPolicy::new(&server.capabilities(), &server.decompressor_capabilities())
    };
    let answer =
        server.answer([client.header().as_str()]).expect("well formed").expect("there is a fallback");
    let accepted = client.accept([answer.to_string().as_str()]).expect("fits the offer").expect("was agreed");
    assert_eq!(accepted, answer, "{client:?} {server:?}");
    answer
}

/// Sends messages that repeat each other near and far, so that a window too small or a history lost shows.
fn converse(sender: (Role, Backend), receiver: (Role, Backend), direction: Direction) {
    const CAN: &str = "what was agreed can be done";
    let everything = CompressionPolicy::default().threshold(0).skip_random(false);
    let encoder = Encoder::new(sender.0).with_compression_policy(everything);
    let mut encoder = encoder.with_compressor(sender.1, direction).expect(CAN);
    let mut decoder =
        Decoder::new(receiver.0, Limits::new()).with_decompressor(receiver.1, direction).expect(CAN);
    let chat = "{\"user\":\"größe\",\"text\":\"the same words again\"}";
    let far: String = (0..1000).map(|number| format!("{};", number * 37 % 101)).collect();
    let messages = [
        Owned::Text(chat.into()),
        Owned::Text(String::new()),
        Owned::Text(chat.into()),
        Owned::Binary([far.as_bytes(), chat.as_bytes(), far.as_bytes()].concat()),
        Owned::Text(chat.into()),
    ];
    let mut wire = Vec::new();
    for message in &messages {
        encoder.encode(message.borrow(), &mut wire).expect("may be sent");
    }
    let outcome = decode_pieces(&mut decoder, [&wire[..]]);
    assert_eq!(outcome, (messages.to_vec(), None), "{sender:?} to {receiver:?} as {direction:?}");
}

#[test]
fn both_ends_stay_in_step() {
    for client in Backend::available() {
        for server in Backend::available() {
            for wishes in wishes() {
                let agreement = negotiate(client, server, wishes);
                let (client, server) = ((Role::Client, client), (Role::Server, server));
                converse(client, server, agreement.client_to_server());
                converse(server, client, agreement.server_to_client());
            }
        }
    }
}

#[test]
fn wishes_are_granted_where_the_backends_can() {
    for client in Backend::available() {
        for server in Backend::available() {
            for wishes in wishes() {
                let agreement = negotiate(client, server, wishes);
                let (up, down) = (agreement.client_to_server(), agreement.server_to_client());
                let can = |backend: Backend, bits| backend.capabilities().window_bits.contains(&bits);
                let down_window = if can(server, wishes.server_window) { wishes.server_window } else { 15 };
                assert_eq!(down.window_bits, down_window, "{client} {server} {wishes:?}");
                let up_window = if can(client, wishes.client_window) { wishes.client_window } else { 15 };
                assert_eq!(up.window_bits, up_window, "{client} {server} {wishes:?}");
                let takes = |backend: Backend| backend.capabilities().takeover;
                let keeps = |backend: Backend| backend.decompressor_capabilities().takeover;
                let up_takeover = !wishes.client_no_context_takeover && takes(client) && keeps(server);
                assert_eq!(up.takeover, up_takeover, "{client} {server} {wishes:?}");
                let down_takeover = !wishes.server_no_context_takeover && takes(server) && keeps(client);
                assert_eq!(down.takeover, down_takeover, "{client} {server} {wishes:?}");
            }
        }
    }
}
