//! Answers written from where the message lies.
#![cfg(feature = "tokio")]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use wscodec::tokio::WebSocket;
use wscodec::{Connection, Limits, Message, Role};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

/// A frame as RFC 6455 section 5.2 has it, written down naively; masked with zeros if it is a client's.
fn frame(payload: &[u8], masked: bool) -> Vec<u8> {
    let mask = if masked { 0x80 } else { 0 };
    let mut wire = vec![0x82];
    match payload.len() as u64 {
        length @ 0..=125 => wire.push(mask | length.to_be_bytes()[7]),
        length @ 126..=65_535 => {
            wire.push(mask | 126);
            wire.extend(&length.to_be_bytes()[6..]);
        }
        length => {
            wire.push(mask | 127);
            wire.extend(length.to_be_bytes());
        }
    }
    if masked {
        wire.extend([0; 4]);
    }
    wire.extend(payload);
    wire
}

fn payload(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

/// Long ones and short ones in any order, through pipes that take them whole or a few bytes at a time: the answers are what a copy
/// would have been, in the same order.
#[test]
fn answers_are_in_order_whatever_the_pipe_takes() {
    let lengths = [3, 5_000, 0, 4_096, 70_000, 4_095, 125, 20_000];
    let sent: Vec<u8> = lengths.iter().flat_map(|length| frame(&payload(*length), true)).collect();
    let expected: Vec<u8> = lengths.iter().flat_map(|length| frame(&payload(*length), false)).collect();
    for capacity in [7, 1_000, 1 << 20] {
        let (server, client) = duplex(capacity);
        let (mut read, mut write) = tokio::io::split(client);
        let serve = async {
            let mut socket = WebSocket::from_connection(server, Connection::new(Role::Server, Limits::new()));
            while let Some((message, mut responder)) = socket.next_message_and_responder().await? {
                responder.send(message).await?;
            }
            Ok::<_, wscodec::tokio::Error>(())
        };
        let converse = async {
            let mut received = vec![0; expected.len()];
            let (written, got) = tokio::join!(write.write_all(&sent), read.read_exact(&mut received));
            written.and(got.map(drop)).expect("both directions");
            received
        };
        let received = runtime().block_on(async {
            tokio::select! {
                result = serve => panic!("the server ended: {result:?}"),
                received = converse => received,
            }
        });
        assert!(received == expected, "capacity {capacity}");
    }
}

/// Dropped after so many bytes, an answer goes out whole all the same, and what is sent then goes behind it.
#[test]
fn a_dropped_answer_is_queued() {
    for capacity in [1, 2, 3, 4, 5, 100, 4_099, 4_100, 10_000] {
        let (server, mut client) = duplex(capacity);
        let mut connection = Connection::new(Role::Server, Limits::new());
        connection.push(&frame(&payload(4_096), true));
        let mut socket = WebSocket::from_connection(server, connection);
        let expected = [frame(&payload(4_096), false), frame(b"next", false)].concat();
        runtime().block_on(async {
            let (message, mut responder) =
                socket.next_message_and_responder().await.expect("no error").expect("a message");
            {
                let mut context = Context::from_waker(Waker::noop());
                let answered = pin!(responder.send(message)).poll(&mut context);
                assert_eq!(matches!(answered, Poll::Ready(Ok(()))), capacity >= 4_100, "{capacity}");
            }
            let mut received = vec![0; expected.len()];
            let (sent, read) =
                tokio::join!(socket.send(Message::Binary(b"next")), client.read_exact(&mut received));
            sent.expect("it is sent");
            read.expect("all of it");
            assert!(received == expected, "{capacity}");
        });
    }
}
