//! Both ends of the opening handshake over a stream.
#![cfg(feature = "blocking")]

mod blocking_support;

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use blocking_support::{Scripted, Step};
use wscodec::blocking::{ClientOpening, Error, HandshakeError, Settings, SetupError, WebSocket};
use wscodec::compressors::Backend;
use wscodec::compressors::negotiation::{ClientPolicy, ServerPolicy};
use wscodec::handshake::{
    ClientHandshake, HeadLimits, RefusalReason, Response, ResponseError, ServerHandshake,
};
use wscodec::{CloseCode, CloseFrame, Connection, Limits, Message, Role};

const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

fn handshake_error<T>(result: Result<T, Error>) -> HandshakeError {
    match result {
        Err(Error::Handshake(error)) => error,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it was opened"),
    }
}

/// Both ends over TCP: the client says `text`, has it echoed, and closes. Gives whether it was compressed.
fn converse(server: ServerHandshake, client: ClientHandshake, settings: Settings, text: &str) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    thread::scope(|scope| {
        scope.spawn(move || {
            let stream = listener.accept().expect("a client").0;
            let mut socket = WebSocket::accept(&stream, &server, &settings).expect("accepted");
            assert_eq!(socket.subprotocol(), Some("chat"));
            while let Some((event, sender)) = socket.read_and_sender().expect("well formed") {
                if let wscodec::Event::Message(message @ Message::Text(_)) = event {
                    sender.send(message).expect("open");
                }
            }
            assert!(socket.should_shut());
            stream.shutdown(Shutdown::Both).expect("connected");
        });
        let stream = TcpStream::connect(address).expect("it listens");
        let mut socket = WebSocket::connect(stream, &client, &settings).expect("opened");
        assert_eq!(socket.subprotocol(), Some("chat"));
        let compressed = socket.agreement().is_some();
        socket.send(Message::Text(text)).expect("open");
        assert_eq!(socket.read_message().expect("well formed"), Some(Message::Text(text)));
        assert_eq!(socket.compressed_messages_received(), u64::from(compressed));
        assert_eq!(socket.sender().compressed_messages(), u64::from(compressed));
        let normal = Some(CloseFrame::new(CloseCode::NORMAL, ""));
        socket.close(normal, Duration::from_secs(20)).expect("a clean end");
        assert!(socket.should_shut());
        compressed
    })
}

#[test]
fn both_ends_agree_with_every_backend_and_none() {
    let plain_server = || ServerHandshake::new().subprotocols(["chat"]).expect("a token");
    let plain_client = || {
        let handshake = ClientHandshake::new("example.com", "/").expect("visible");
        handshake.subprotocols(["other", "chat"]).expect("tokens")
    };
    let text = "the same words, ".repeat(100);
    assert!(!converse(plain_server(), plain_client(), Settings::new(), &text));
    for backend in Backend::available() {
        let (can, undo) = (backend.capabilities(), backend.decompressor_capabilities());
        let server = plain_server().deflate(ServerPolicy::new(&can, &undo));
        let client = plain_client().deflate(ClientPolicy::new(&can, &undo));
        for settings in [Settings::new().backend(backend), Settings::new().backend(backend).level(1)] {
            assert!(converse(server.clone(), client.clone(), settings, &text));
        }
        assert!(converse(plain_server(), plain_client(), Settings::new().backend(backend), &text));
    }
}

#[test]
fn a_refused_request_is_answered() {
    let post = REQUEST.replace("GET", "POST");
    let long = format!("{REQUEST}X: {}\r\n", "y".repeat(20_000));
    let garbled = "\u{16}\u{3}\u{1}".to_owned();
    for (request, status, reason) in [
        (post, "405 ", RefusalReason::Method),
        (long, "431 ", RefusalReason::HeadTooLarge),
        (garbled, "400 ", RefusalReason::MalformedHead),
    ] {
        let mut stream = Scripted::new(format!("{request}\r\n\r\n").as_bytes());
        let result = WebSocket::accept(&mut stream, &ServerHandshake::new(), &Settings::new());
        let HandshakeError::Refused(refusal) = handshake_error(result) else { panic!("not refused") };
        assert_eq!(refusal.reason(), reason);
        assert_eq!(stream.output, refusal.to_bytes());
        assert!(String::from_utf8_lossy(&stream.output).starts_with(&format!("HTTP/1.1 {status}")));
        assert_eq!(stream.unflushed, 0);
    }
}

#[test]
fn what_follows_a_refused_request_is_read_and_dropped_within_bounds() {
    let post = format!("{}\r\n{}", REQUEST.replace("GET", "POST"), "body".repeat(10_000));
    let early = format!("{}\r\n\u{1}", REQUEST.replace("13", "12"));
    // What follows may be more than came with the head.
    let more = format!("{}\r\n{}", REQUEST.replace("13", "12"), "frames".repeat(10_000));
    for request in [&post, &early, &more, &"a".repeat(100_000)] {
        let mut stream = Scripted::new(request.as_bytes());
        let result = WebSocket::accept(&mut stream, &ServerHandshake::new(), &Settings::new());
        assert!(matches!(handshake_error(result), HandshakeError::Refused(_)));
        assert_eq!(stream.input.len(), 0);
    }
    let mut stream = Scripted::new(&vec![b'a'; 1 << 20]);
    let result = WebSocket::accept(&mut stream, &ServerHandshake::new(), &Settings::new());
    assert!(matches!(handshake_error(result), HandshakeError::Refused(_)));
    let left = stream.input.len();
    assert!(((1 << 20) - (300 << 10)..(1 << 20) - (256 << 10)).contains(&left), "{left}");
}

#[test]
fn an_agreement_without_a_backend_is_told_to_both() {
    let request = format!("{REQUEST}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
    let mut stream = Scripted::new(request.as_bytes());
    let handshake = ServerHandshake::new().deflate(ServerPolicy::default());
    let result = WebSocket::accept(&mut stream, &handshake, &Settings::new());
    assert_eq!(handshake_error(result), HandshakeError::Setup(SetupError::NoBackend));
    assert!(stream.output.starts_with(b"HTTP/1.1 500 "));
}

#[test]
fn a_transport_that_ends_or_times_out_before_the_head_is_no_refusal() {
    for length in 0..REQUEST.len() {
        let mut stream = Scripted::new(&REQUEST.as_bytes()[..length]);
        let result = WebSocket::accept(&mut stream, &ServerHandshake::new(), &Settings::new());
        assert!(matches!(result, Err(Error::Lost)), "{length}");
        assert!(stream.output.is_empty());
    }
    let mut stream = Scripted::new(REQUEST.as_bytes()).reading([Step::TimedOut]);
    let result = WebSocket::accept(&mut stream, &ServerHandshake::new(), &Settings::new());
    assert!(matches!(result, Err(Error::WouldBlock)));
}

#[test]
fn a_client_goes_on_after_anything_that_would_block_and_keeps_what_is_behind_the_head() {
    let request = ClientHandshake::new("example.com", "/").expect("visible").request().expect("random");
    let accepted = {
        let request = wscodec::handshake::Request::new("GET", request.target(), request.headers());
        ServerHandshake::new().accept(&request).expect("a good request")
    };
    let mut input = accepted.to_bytes();
    input.write_all(b"\x81\x05Hello").expect("memory");
    let steps = || [Step::Up(7), Step::WouldBlock, Step::Up(100), Step::Interrupted, Step::TimedOut];
    let stream = Scripted::new(&input).reading(steps()).writing(steps());
    let wanted = request.to_bytes();
    let mut opening = ClientOpening::new(stream, request, HeadLimits::default());
    let mut blocked = 0;
    let opened = loop {
        match opening.check() {
            Ok(opened) => break opened,
            Err(Error::WouldBlock) => blocked += 1,
            Err(error) => panic!("{error:?}"),
        }
    };
    assert!(blocked >= 3, "{blocked}");
    assert_eq!(opening.response().map(|response: Response<'_>| response.status()).ok(), Some(101));
    let mut socket = opening.open(opened, Connection::new(Role::Client, Limits::new()));
    assert_eq!(socket.read_message().expect("a message"), Some(Message::Text("Hello")));
    assert_eq!(socket.into_parts().0.output, wanted);
}

#[test]
fn a_client_refuses_what_it_can_not_use() {
    let connect = |response: &[u8]| {
        let mut stream = Scripted::new(response);
        let handshake = ClientHandshake::new("example.com", "/").expect("visible");
        WebSocket::connect(&mut stream, &handshake, &Settings::new()).map(|_| ())
    };
    let redirect = b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n";
    let (error, head) = (ResponseError::Status(302), redirect.to_vec());
    let found = connect(&[&redirect[..], b"and a body"].concat());
    assert_eq!(handshake_error(found), HandshakeError::Response { error, head });
    assert!(matches!(handshake_error(connect(b"SSH-2.0\r\n\r\n")), HandshakeError::Head(_)));
    assert!(matches!(connect(b"HTTP/1.1 101"), Err(Error::Lost)));
}
