//! A head has one outcome however it is cut, and what follows it is not looked at. Any request is answered with a response that
//! reads back. Whatever a client can ask for, a server that takes everything accepts, and the client takes its answer.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec::compressors::negotiation::{ClientPolicy, ServerPolicy};
use wscodec::handshake::{
    ClientHandshake, HeadError, HeadLimits, HeadReader, Request, Response, ServerHandshake,
};
use wscodec_fuzz::Blob;

#[derive(Arbitrary, Debug)]
struct Input {
    head: Vec<Piece>,
    cuts: Vec<u16>,
    limits: (u16, u8),
    client: Client,
}

/// A piece of a head: what the handshake knows more often than not.
#[derive(Arbitrary, Debug)]
enum Piece {
    RequestLine,
    StatusLine,
    /// All that a head needs but the key.
    Request,
    Response,
    LineEnd,
    BareLineFeed,
    Colon,
    Comma,
    Name(u8),
    /// A line that is right.
    Line(u8),
    Bytes(Blob),
}

#[derive(Arbitrary, Debug)]
struct Client {
    host: String,
    target: String,
    subprotocols: Vec<String>,
    headers: Vec<(String, String)>,
    deflate: bool,
    nonce: [u8; 16],
}

const LINES: [(&str, &str); 8] = [
    ("Host", "a"),
    ("Upgrade", "websocket"),
    ("Connection", "keep-alive, Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Protocol", "a, b"),
    ("Sec-WebSocket-Extensions", "permessage-deflate"),
    ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
];

fuzz_target!(|input: Input| {
    let bytes = text(&input.head);
    let limits = HeadLimits { bytes: input.limits.0.into(), headers: input.limits.1.into() };
    let cuts: Vec<usize> = input.cuts.iter().map(|cut| usize::from(*cut) % (bytes.len() + 1)).collect();
    one_outcome(&bytes, &cuts, limits);

    let server = ServerHandshake::new().deflate(ServerPolicy::default());
    if let Ok(Some((request, length))) = HeadReader::new(HeadLimits::default()).request(&bytes) {
        let mut other_frames = bytes[..length].to_vec();
        other_frames.extend_from_slice(b"\r\n\r\n");
        let again = HeadReader::new(HeadLimits::default()).request(&other_frames);
        assert_eq!(again.expect("as before").expect("as before").1, length);
        answers(&server, &request);
    }
    if let Ok(Some((response, _))) = HeadReader::new(HeadLimits::default()).response(&bytes) {
        let asked =
            ClientHandshake::new("a", "/").expect("a host and a path").deflate(ClientPolicy::default());
        let asked = asked.subprotocols(["a"]).expect("a token").request_with_nonce(*b"the sample nonce");
        if asked.check(&response).is_ok() {
            assert_eq!(response.status(), 101);
            let accept = response.values("sec-websocket-accept").collect::<Vec<_>>();
            assert_eq!(accept, [b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
        }
    }
    round_trip(&server, &input.client);
});

fn one_outcome(bytes: &[u8], cuts: &[usize], limits: HeadLimits) {
    let mut ends = cuts.to_vec();
    ends.sort_unstable();
    ends.push(bytes.len());
    let length = |ends: &[usize]| {
        let mut reader = HeadReader::new(limits);
        ends.iter().find_map(|&end| {
            let result: Result<_, HeadError> = reader.request(&bytes[..end]);
            result.map(|head| head.map(|(_, length)| length)).transpose()
        })
    };
    // What can't become a head may be seen earlier or later, but not be taken for one.
    let (whole, pieces) = (length(&[bytes.len()]), length(&ends));
    match (whole, pieces) {
        (Some(whole), Some(pieces)) => assert_eq!(whole, pieces),
        (Some(result), None) | (None, Some(result)) => {
            assert!(matches!(result, Err(HeadError::Malformed(_) | HeadError::TooManyHeaders { .. })))
        }
        (None, None) => {}
    }
    if let Some(Ok(length)) = whole {
        assert!(length <= limits.bytes && bytes[..length].ends_with(b"\n"));
    }
}

fn answers(server: &ServerHandshake, request: &Request<'_>) {
    let (answer, status) = match server.accept(request) {
        Ok(accepted) => (accepted.to_bytes(), 101),
        Err(refusal) => (refusal.to_bytes(), refusal.status()),
    };
    let limits = HeadLimits { bytes: usize::MAX, headers: usize::MAX };
    let (response, length) = HeadReader::new(limits).response(&answer).expect("a head").expect("a whole one");
    assert_eq!(response.status(), status);
    assert!(status == 101 || [400, 405, 426].contains(&status));
    assert_eq!(status == 101, length == answer.len() && request.method() != "HEAD", "a refusal has a text");
}

fn round_trip(server: &ServerHandshake, input: &Client) {
    let Ok(mut client) = ClientHandshake::new(&input.host, &input.target) else { return };
    if let Ok(asking) = client.clone().subprotocols(input.subprotocols.iter().map(String::as_str)) {
        client = asking.require_subprotocol(!input.subprotocols.is_empty());
    }
    for (name, value) in &input.headers {
        client = client.clone().header(name, value).unwrap_or(client);
    }
    if input.deflate {
        client = client.deflate(ClientPolicy::default());
    }
    let asked = client.request_with_nonce(input.nonce);
    let wire = asked.to_bytes();
    let limits = HeadLimits { bytes: usize::MAX, headers: usize::MAX };
    // The parser of heads knows fewer targets.
    let Ok(head) = HeadReader::new(limits).request(&wire) else {
        assert!(!input.target.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/?&=".contains(&byte)));
        return;
    };
    let (request, length) = head.expect("a whole head");
    assert_eq!(length, wire.len(), "nothing breaks out of its line");
    let accepted = server.accept(&request).expect("it is right");
    let wire = accepted.to_bytes();
    let (response, length) = HeadReader::new(limits).response(&wire).expect("a head").expect("a whole one");
    assert_eq!(length, wire.len());
    let opened = asked.check(&response).expect("it is the answer");
    assert_eq!(opened, asked.check(&Response::new(101, accepted.headers())).expect("the same"));
    assert_eq!(opened.subprotocol.as_deref(), accepted.subprotocol());
    assert_eq!(opened.agreement.is_some(), input.deflate);
}

fn text(pieces: &[Piece]) -> Vec<u8> {
    let mut head = Vec::new();
    for piece in pieces {
        match piece {
            Piece::RequestLine => head.extend_from_slice(b"GET /chat?a HTTP/1.1\r\n"),
            Piece::StatusLine => head.extend_from_slice(b"HTTP/1.1 101 Switching Protocols\r\n"),
            Piece::Request => {
                head.extend_from_slice(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n");
                head.extend_from_slice(b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
            }
            Piece::Response => {
                head.extend_from_slice(b"HTTP/1.1 101 Switching Protocols\r\n");
                head.extend_from_slice(b"Upgrade: websocket\r\nConnection: Upgrade\r\n");
            }
            Piece::LineEnd => head.extend_from_slice(b"\r\n"),
            Piece::BareLineFeed => head.push(b'\n'),
            Piece::Colon => head.extend_from_slice(b": "),
            Piece::Comma => head.push(b','),
            Piece::Name(index) => {
                head.extend_from_slice(LINES[usize::from(*index) % LINES.len()].0.as_bytes())
            }
            Piece::Line(index) => {
                let (name, value) = LINES[usize::from(*index) % LINES.len()];
                head.extend(format!("{name}: {value}\r\n").bytes());
            }
            Piece::Bytes(Blob(bytes)) => head.extend_from_slice(bytes),
        }
    }
    head
}
