//! Heads out of bytes: cut anywhere they give one outcome; limits; what follows them is left alone.
#![cfg(feature = "head")]

use wscodec::handshake::{HeadError, HeadLimits, HeadReader, Request};

const REQUEST: &[u8] =
    b"GET /chat?a HTTP/1.1\r\nHost: a.example\r\nUpgrade:websocket \r\nX-Bytes: \xff\xfe\r\nX-Empty:\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: a: b\r\n\r\n";
const FRAME: &[u8] = b"\x81\x85\n\n\r\n\r\n\0\0\0";

/// What can be said of a head, in a form that can be compared.
type Outcome = Result<(String, usize), HeadError>;

fn outcome_of_request(request: &Request<'_>, length: usize) -> (String, usize) {
    let names = ["Host", "Upgrade", "X-Bytes", "X-Empty", "a"];
    let values: Vec<_> = names.iter().map(|name| request.values(name).collect::<Vec<_>>()).collect();
    (format!("{} {} {values:?}", request.method(), request.target()), length)
}

/// Reads it in pieces that end at these places, until it is decided.
fn read(limits: HeadLimits, bytes: &[u8], ends: impl IntoIterator<Item = usize>) -> Option<Outcome> {
    let mut reader = HeadReader::new(limits);
    ends.into_iter().find_map(|end| match reader.request(&bytes[..end]) {
        Ok(None) => None,
        Ok(Some((request, length))) => Some(Ok(outcome_of_request(&request, length))),
        Err(error) => Some(Err(error)),
    })
}

/// The same outcome, whole, byte by byte, and in any two pieces.
fn at_any_cut(limits: HeadLimits, bytes: &[u8]) -> Option<Outcome> {
    let whole = read(limits, bytes, [bytes.len()]);
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(read(limits, bytes, 0..=bytes.len()), whole, "byte by byte: {shown:?}");
    for cut in 0..bytes.len() {
        assert_eq!(read(limits, bytes, [cut, bytes.len()]), whole, "cut at {cut}: {shown:?}");
    }
    whole
}

#[test]
fn a_request_in_any_pieces() {
    let received = [REQUEST, FRAME].concat();
    let expected = "GET /chat?a [[[97, 46, 101, 120, 97, 109, 112, 108, 101]], \
                    [[119, 101, 98, 115, 111, 99, 107, 101, 116]], [[255, 254]], [[]], []]";
    let outcome = at_any_cut(HeadLimits::default(), &received).expect("it is whole").expect("it is right");
    assert_eq!(outcome, (expected.to_owned(), REQUEST.len()));
    for cut in 0..REQUEST.len() {
        assert_eq!(read(HeadLimits::default(), REQUEST, [cut]), None, "{cut}");
    }
}

#[test]
fn a_response_in_any_pieces() {
    let received = [RESPONSE, FRAME].concat();
    for cut in 0..=received.len() {
        let mut reader = HeadReader::new(HeadLimits::default());
        let first = reader.response(&received[..cut]).expect("nothing is wrong with it");
        assert_eq!(first.is_some(), cut >= RESPONSE.len(), "{cut}");
        let (response, length) = reader.response(&received).expect("it is right").expect("it is whole");
        assert_eq!((response.status(), length), (101, RESPONSE.len()));
        assert_eq!(response.values("x").collect::<Vec<_>>(), [b"a: b"]);
    }
}

#[test]
fn line_ends_without_cr_and_empty_lines_before() {
    for (head, status) in [
        (&b"GET / HTTP/1.1\na: b\n\n"[..], 0),
        (b"GET / HTTP/1.1\r\na: b\n\r\n", 0),
        (b"GET / HTTP/1.1\na: b\r\n\n", 0),
        (b"\r\n\nGET / HTTP/1.0\r\n\r\n", 0),
        (b"GET / HTTP/1.1\r\na: b\r\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\na: b\r\n\r\r\n", 400),
        (b"\rGET / HTTP/1.1\r\n\r\n", 400),
    ] {
        for behind in [&b""[..], FRAME] {
            let received = [head, behind].concat();
            match at_any_cut(HeadLimits::default(), &received).expect("it is whole") {
                Ok((_, length)) => assert!(status == 0 && length == head.len(), "{head:?}"),
                Err(error) => assert_eq!(error.refusal().status(), status, "{head:?}"),
            }
        }
    }
}

#[test]
fn what_is_no_head() {
    for head in [
        &b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n"[..],
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1 \r\n\r\n",
        b"G\0T / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\na : b\r\n\r\n",
        b"GET / HTTP/1.1\r\n: b\r\n\r\n",
        b"GET / HTTP/1.1\r\na: b\0\r\n\r\n",
        b"GET / HTTP/1.1\r\na: b\r\n folded\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let error = at_any_cut(HeadLimits::default(), head).expect("it is whole").expect_err("it is wrong");
        assert_eq!(error.refusal().status(), 400, "{head:?}");
    }
    // What can't become a head is known before an empty line.
    let tls = [&b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"[..], &[7; 200]].concat();
    assert!(matches!(read(HeadLimits::default(), &tls, [tls.len()]), Some(Err(HeadError::Malformed(_)))));
}

#[test]
fn limits() {
    for bytes in 0..REQUEST.len() + 5 {
        let limits = HeadLimits { bytes, ..HeadLimits::default() };
        let outcome = at_any_cut(limits, &[REQUEST, FRAME].concat()).expect("it is decided");
        match outcome {
            Ok((_, length)) => assert!(length == REQUEST.len() && bytes >= length, "{bytes}"),
            Err(error) => {
                assert_eq!(error, HeadError::TooLong { limit: bytes });
                assert!(bytes < REQUEST.len());
                assert_eq!(error.refusal().status(), 431);
            }
        }
    }
    for headers in 0..8 {
        let limits = HeadLimits { headers, ..HeadLimits::default() };
        let outcome = at_any_cut(limits, REQUEST).expect("it is decided");
        if headers < 4 {
            assert_eq!(outcome, Err(HeadError::TooManyHeaders { limit: headers }));
            assert_eq!(HeadError::TooManyHeaders { limit: headers }.refusal().status(), 431);
        } else {
            assert!(outcome.is_ok(), "{headers}");
        }
    }
    // Without limits nothing is set aside for what has not come.
    let unlimited = HeadLimits { bytes: usize::MAX, headers: usize::MAX };
    assert!(matches!(read(unlimited, REQUEST, [REQUEST.len()]), Some(Ok(_))));
}

#[test]
fn a_decided_reader_stays_so() {
    let received = [REQUEST, FRAME].concat();
    let mut reader = HeadReader::new(HeadLimits::default());
    for end in [REQUEST.len(), received.len(), received.len()] {
        let (_, length) = reader.request(&received[..end]).expect("it is right").expect("it is whole");
        assert_eq!(length, REQUEST.len());
    }
    // Less than before: a misuse, which is no panic.
    assert!(reader.request(&received[..5]).is_err());
    assert!(reader.request(b"").is_err());
}
