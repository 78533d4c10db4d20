//! The opening handshake of the tokio adapter, over streams that hold next to nothing.
#![cfg(feature = "tokio")]

mod tokio_support;

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_support::{Scripted, block_on};
use wscodec::compressors::Backend;
use wscodec::compressors::negotiation::ServerPolicy;
use wscodec::handshake::{ClientHandshake, HeadLimits, HeadReader, Refusal, ResponseError, ServerHandshake};
use wscodec::tokio::{Error, HandshakeError, Settings, SetupError, WebSocket};
use wscodec::{Limits, Message};

const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
     Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("no panics").block_on(future)
}

/// The outcome of a server that gets `request` and then the end, and what it wrote.
fn accept(
    request: &[u8],
    handshake: &ServerHandshake,
    settings: &Settings,
) -> (Result<(), Error>, String, usize) {
    let stream = Scripted::new(request, &[None, Some(7)]);
    let wire = stream.wire.clone();
    let outcome = block_on(WebSocket::accept(stream, handshake, settings)).map(|_| ());
    let wire = wire.lock().expect("no panics");
    (outcome, String::from_utf8(wire.outgoing.clone()).expect("no panics"), wire.shut)
}

#[test]
fn both_ends_agree_on_everything() {
    let Some(backend) = Backend::available().next() else { return };
    let settings = Settings::new().backend(backend).limits(Limits::new().with_message(1000));
    for capacity in [1, 100, 10_000] {
        run(async {
            let (ours, theirs) = duplex(capacity);
            let server = async {
                let handshake = ServerHandshake::new().subprotocols(["chat"]).unwrap();
                let (mut socket, accepted) = WebSocket::accept(ours, &handshake, &settings).await.unwrap();
                assert_eq!(accepted.subprotocol(), Some("chat"));
                assert!(accepted.agreement().is_some());
                while let Some((message, sender)) = socket.next_message_and_sender().await.unwrap() {
                    if !message.is_control() {
                        sender.send(message).unwrap();
                    }
                }
            };
            let client = async {
                let handshake = ClientHandshake::new("a", "/chat").unwrap();
                let handshake = handshake.subprotocols(["superchat", "chat"]).unwrap();
                let (mut socket, opened) = WebSocket::connect(theirs, &handshake, &settings).await.unwrap();
                assert_eq!(opened.subprotocol.as_deref(), Some("chat"));
                let text = "the same words, ".repeat(50);
                socket.feed(Message::Text(&text)).await.unwrap();
                assert!(socket.sender().output().len() < 100, "it is compressed");
                assert_eq!(socket.next_message().await.unwrap(), Some(Message::Text(&text)));
                socket.close(None).await.unwrap();
                while socket.next_message().await.unwrap().is_some() {}
            };
            tokio::join!(server, client);
        });
    }
}

#[test]
fn bytes_behind_a_head_belong_to_the_first_frame() {
    let frames = b"\x81\x83\0\0\0\0one\x81\x83\0\0\0\0two\x88\x80\0\0\0\0";
    for script in [&[Some(usize::MAX)][..], &[Some(REQUEST.len() + 9)], &[Some(1)], &[None, Some(3)]] {
        let stream = Scripted::new(&[REQUEST.as_bytes(), frames].concat(), script);
        let (mut socket, _) =
            block_on(WebSocket::accept(stream, &ServerHandshake::new(), &Settings::new())).unwrap();
        for text in ["one", "two"] {
            assert_eq!(block_on(socket.next_message()).unwrap(), Some(Message::Text(text)));
        }
        assert_eq!(block_on(socket.next_message()).unwrap(), Some(Message::Close(None)));
        assert_eq!(block_on(socket.next_message()).unwrap(), None);
    }
    // And a client's.
    run(async {
        let (mut server, theirs) = duplex(10_000);
        let answer = async {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                server.read_buf(&mut request).await.unwrap();
            }
            let (request, _) =
                HeadReader::new(HeadLimits::default()).request(&request).unwrap().expect("a whole head");
            let accepted = ServerHandshake::new().accept(&request).unwrap();
            server.write_all(&[&accepted.to_bytes()[..], b"\x81\x05Hel"].concat()).await.unwrap();
            server.write_all(b"lo").await.unwrap();
        };
        let client = async {
            let handshake = ClientHandshake::new("a", "/").unwrap();
            let (mut socket, _) = WebSocket::connect(theirs, &handshake, &Settings::new()).await.unwrap();
            assert_eq!(socket.next_message().await.unwrap(), Some(Message::Text("Hello")));
        };
        tokio::join!(answer, client);
    });
}

#[test]
fn a_refusal_is_written_and_told_of() {
    let server = ServerHandshake::new();
    let limits = HeadLimits { bytes: 1000, headers: 10 };
    let settings = Settings::new().head_limits(limits);
    let post = REQUEST.replace("GET", "POST");
    let huge = format!("GET / HTTP/1.1\r\nHost: {}", "a".repeat(2_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(11));
    let version = REQUEST.replace("13", "12");
    for (request, status) in
        [(&*post, 405), (&huge, 431), (&many, 431), (&version, 400), ("\x16\x03\x01 tls \r\n\r\n", 400)]
    {
        let (outcome, answer, shut) = accept(request.as_bytes(), &server, &settings);
        let Err(Error::Handshake(HandshakeError::Refused(refusal))) = outcome else { panic!("{outcome:?}") };
        assert_eq!(refusal.status(), status, "{request:?}");
        assert_eq!((answer.as_bytes(), shut), (&refusal.to_bytes()[..], 1));
    }
    let stream = Scripted::new(REQUEST.as_bytes(), &[]);
    let wire = stream.wire.clone();
    let refused = WebSocket::accept_with(stream, &server, &settings, |request, _| match request.path() {
        "/chat" => Err(Refusal::unauthorized()),
        _ => panic!("it was another path"),
    });
    let refused = block_on(refused);
    let Err(Error::Handshake(HandshakeError::Refused(refusal))) = refused else { panic!("not refused") };
    assert_eq!(refusal.status(), 401);
    assert!(wire.lock().unwrap().outgoing.starts_with(b"HTTP/1.1 401 "));
}

#[test]
fn what_follows_a_refused_request_is_read_and_dropped_within_bounds() {
    let server = ServerHandshake::new();
    let post = REQUEST.replace("GET", "POST");
    for (request, reads) in [
        (format!("{post}{}", "body".repeat(10_000)), true),
        (format!("GET / HTTP/1.1\r\nA: {}", "a".repeat(100_000)), true),
        (format!("{REQUEST}\x01").replace("13", "12"), true),
        (REQUEST.replace("13", "12"), false),
    ] {
        let stream = Scripted::new(request.as_bytes(), &[Some(REQUEST.len() + 1), None]);
        let wire = stream.wire.clone();
        wire.lock().unwrap().stays_open = !reads;
        let outcome = block_on(WebSocket::accept(stream, &server, &Settings::new())).map(|_| ());
        assert!(matches!(outcome, Err(Error::Handshake(HandshakeError::Refused(_)))), "{outcome:?}");
        assert_eq!(wire.lock().unwrap().incoming.len(), 0);
    }
    let endless = vec![b'a'; 1 << 20];
    let stream = Scripted::new(&endless, &[]);
    let wire = stream.wire.clone();
    assert!(block_on(WebSocket::accept(stream, &server, &Settings::new())).is_err());
    let left = wire.lock().unwrap().incoming.len();
    assert!(((1 << 20) - (300 << 10)..(1 << 20) - (256 << 10)).contains(&left), "{left}");
}

#[test]
fn a_handshake_that_breaks_off_opens_nothing() {
    for length in (0..REQUEST.len()).step_by(7) {
        let (outcome, answer, _) =
            accept(&REQUEST.as_bytes()[..length], &ServerHandshake::new(), &Settings::new());
        assert!(matches!(outcome, Err(Error::Io(error)) if error.kind() == ErrorKind::UnexpectedEof));
        assert_eq!(answer, "");
    }
}

#[test]
fn compression_needs_a_backend() {
    let handshake = ServerHandshake::new().deflate(ServerPolicy::default());
    let (outcome, answer, _) = accept(REQUEST.as_bytes(), &handshake, &Settings::new());
    let Err(Error::Handshake(error)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(error, HandshakeError::Setup(SetupError::NoBackend));
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
}

#[test]
fn a_client_is_told_what_the_server_said() {
    let connect = |answer: &str| {
        let stream = Scripted::new(answer.as_bytes(), &[Some(5), None]);
        block_on(WebSocket::connect(stream, &ClientHandshake::new("a", "/").unwrap(), &Settings::new()))
            .map(|_| ())
    };
    let redirect = "HTTP/1.1 302 Found\r\nLocation: wss://b/\r\n\r\n";
    let not_used = |answer: &str| match connect(answer) {
        Err(Error::Handshake(error)) => error,
        outcome => panic!("{outcome:?}"),
    };
    let (error, head) = (ResponseError::Status(302), redirect.as_bytes().to_vec());
    assert_eq!(not_used(&format!("{redirect}and a body")), HandshakeError::Response { error, head });
    let wrong = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    let (error, head) = (ResponseError::Accept, wrong.as_bytes().to_vec());
    assert_eq!(not_used(wrong), HandshakeError::Response { error, head });
    assert!(matches!(not_used("SSH-2.0-OpenSSH\r\n\r\n"), HandshakeError::Head(_)));
    assert!(matches!(connect("HTTP/1.1 1"), Err(Error::Io(_))));
}
