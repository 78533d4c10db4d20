//! The client's half of the opening handshake: the request, and every check of the response (RFC 6455 section 4.1).
#![cfg(feature = "handshake")]

use wscodec::compressors::negotiation::{AnswerError, ClientPolicy};
use wscodec::handshake::{ClientHandshake, ConfigError, Opened, Response, ResponseError};

const GOOD: [(&str, &str); 3] = [
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
];

fn with(name: &'static str, values: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    let others = GOOD.into_iter().filter(|line| line.0 != name);
    others.chain(values.iter().map(|value| (name, *value))).collect()
}

fn plain() -> ClientHandshake {
    ClientHandshake::new("server.example.com", "/chat").expect("a host and a path")
}

fn check(handshake: &ClientHandshake, headers: &[(&str, &str)]) -> Result<Opened, ResponseError> {
    let request = handshake.request_with_nonce(*b"the sample nonce");
    request.check(&Response::new(101, headers.iter().copied()))
}

#[test]
fn responses_that_open_the_connection() {
    for headers in [
        GOOD.to_vec(),
        with("Upgrade", &["WebSocket"]),
        with("Connection", &["keep-alive, upgrade"]),
        with("Connection", &["keep-alive", "UPGRADE"]),
        with("Sec-WebSocket-Accept", &["  s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\t"]),
    ] {
        let opened = check(&plain(), &headers).unwrap_or_else(|error| panic!("{headers:?}: {error}"));
        assert_eq!((opened.subprotocol, opened.agreement), (None, None));
    }
}

#[test]
fn responses_that_do_not() {
    use ResponseError::{
        Accept, Connection, Extension, SubprotocolNotRequested, SubprotocolRepeated, Upgrade,
    };
    let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    for (headers, error) in [
        (vec![], Upgrade),
        (with("Upgrade", &[]), Upgrade),
        (with("Upgrade", &[""]), Upgrade),
        (with("Upgrade", &["h2c"]), Upgrade),
        (with("Upgrade", &["websocket, h2c"]), Upgrade),
        (with("Upgrade", &["websocket", "h2c"]), Upgrade),
        (with("Connection", &[]), Connection),
        (with("Connection", &["keep-alive"]), Connection),
        (with("Sec-WebSocket-Accept", &[]), Accept),
        (with("Sec-WebSocket-Accept", &[accept, accept]), Accept),
        (with("Sec-WebSocket-Accept", &["S3pPLMBiTxaQ9kYGzzhZRbK+xOo="]), Accept),
        (with("Sec-WebSocket-Accept", &["s3pPLMBiTxaQ9kYGzzhZRbK+xOo"]), Accept),
        (with("Sec-WebSocket-Protocol", &["chat"]), SubprotocolNotRequested),
        (with("Sec-WebSocket-Protocol", &[""]), SubprotocolNotRequested),
        (with("Sec-WebSocket-Protocol", &["chat", "chat"]), SubprotocolRepeated),
        (with("Sec-WebSocket-Extensions", &["permessage-deflate"]), Extension(AnswerError::NotOffered)),
    ] {
        assert_eq!(check(&plain(), &headers), Err(error), "{headers:?}");
    }
    let malformed = check(&plain(), &with("Sec-WebSocket-Extensions", &[";"]));
    assert!(matches!(malformed, Err(Extension(AnswerError::Malformed(_)))), "{malformed:?}");
    let request = plain().request_with_nonce(*b"the sample nonce");
    for status in (100..600).filter(|&status| status != 101) {
        assert_eq!(request.check(&Response::new(status, GOOD)), Err(ResponseError::Status(status)));
    }
    let another = plain().request_with_nonce(*b"The sample nonce");
    assert_eq!(another.check(&Response::new(101, GOOD)), Err(Accept));
}

#[test]
fn of_several_faults_the_first_in_order_is_told() {
    let rows: [(&str, Option<&str>, ResponseError); 5] = [
        ("Upgrade", None, ResponseError::Upgrade),
        ("Connection", None, ResponseError::Connection),
        ("Sec-WebSocket-Accept", None, ResponseError::Accept),
        ("Sec-WebSocket-Protocol", Some("chat"), ResponseError::SubprotocolNotRequested),
        ("Sec-WebSocket-Extensions", Some("x-other"), ResponseError::Extension(AnswerError::NotOffered)),
    ];
    for faults in 0..1_usize << rows.len() {
        let is_faulty = |row: usize| faults & (1 << row) != 0;
        let mut headers = GOOD.to_vec();
        for (_, &(name, value, _)) in rows.iter().enumerate().filter(|row| is_faulty(row.0)) {
            headers.retain(|line| line.0 != name);
            headers.extend(value.map(|value| (name, value)));
        }
        let expected = (0..rows.len()).find(|&row| is_faulty(row)).map(|row| rows[row].2);
        assert_eq!(check(&plain(), &headers).err(), expected, "{faults:b}");
    }
}

#[test]
fn subprotocols() {
    let asking = plain().subprotocols(["chat", "superchat"]).expect("tokens");
    let requiring = asking.clone().require_subprotocol(true);
    let chosen = |handshake: &ClientHandshake, lines: &[&'static str]| {
        check(handshake, &with("Sec-WebSocket-Protocol", lines)).map(|opened| opened.subprotocol)
    };
    for handshake in [&asking, &requiring] {
        assert_eq!(chosen(handshake, &["superchat"]), Ok(Some("superchat".to_owned())));
        for other in ["CHAT", "chat, superchat", "cha", ""] {
            assert_eq!(chosen(handshake, &[other]), Err(ResponseError::SubprotocolNotRequested));
        }
    }
    assert_eq!(chosen(&asking, &[]), Ok(None));
    assert_eq!(chosen(&requiring, &[]), Err(ResponseError::SubprotocolMissing));

    assert_eq!(plain().subprotocols(["a", "a"]).unwrap_err(), ConfigError::RepeatedSubprotocol);
    for wrong in ["", "a b", "a\r\nb", "a,b"] {
        assert_eq!(plain().subprotocols([wrong]).unwrap_err(), ConfigError::InvalidSubprotocol);
    }
}

#[test]
fn extensions() {
    let offering = plain().deflate(ClientPolicy { server_max_window_bits: 10, ..ClientPolicy::default() });
    let request = offering.request().expect("the system has randomness");
    let offer = request.headers().find(|line| line.0 == "Sec-WebSocket-Extensions").expect("it is offered").1;
    assert_eq!(
        offer,
        "permessage-deflate; server_max_window_bits=10; client_max_window_bits, \
         permessage-deflate; client_max_window_bits"
    );
    let agreed = |lines: &[&'static str]| {
        let result = check(&offering, &with("Sec-WebSocket-Extensions", lines));
        result.map(|opened| opened.agreement.map(|agreement| agreement.to_string()))
    };
    assert_eq!(agreed(&[]), Ok(None));
    let answer = "permessage-deflate; server_max_window_bits=9";
    assert_eq!(agreed(&[answer]), Ok(Some(answer.to_owned())));
    for (lines, error) in [
        (&["x-other"][..], AnswerError::NotOffered),
        (&[answer, answer], AnswerError::Repeated),
        (&["permessage-deflate; client_max_window_bits"], AnswerError::InvalidParameter),
    ] {
        assert_eq!(agreed(lines), Err(ResponseError::Extension(error)), "{lines:?}");
    }
}

#[test]
fn no_part_of_a_request_breaks_out_of_its_line() {
    for byte in (0..=255_u8).map(char::from) {
        let visible = ('!'..='~').contains(&byte);
        assert_eq!(ClientHandshake::new(&format!("a{byte}"), "/").is_ok(), visible, "{byte:?}");
        let target = ClientHandshake::new("a", &format!("/{byte}"));
        assert_eq!(target.is_ok(), visible && byte != '#', "{byte:?}");
    }
    assert_eq!(ClientHandshake::new("", "/").unwrap_err(), ConfigError::InvalidHost);
    for target in ["", "chat", "*", "http://a/"] {
        assert_eq!(ClientHandshake::new("a", target).unwrap_err(), ConfigError::InvalidTarget, "{target:?}");
    }
    for (name, value, error) in [
        ("Origin", "a\r\nb: c", ConfigError::InvalidHeaderValue),
        ("Origin", "a\0", ConfigError::InvalidHeaderValue),
        ("Ori gin", "a", ConfigError::InvalidHeaderName),
        ("HOST", "a", ConfigError::ReservedHeader),
        ("Sec-WebSocket-Key", "a", ConfigError::ReservedHeader),
    ] {
        assert_eq!(plain().header(name, value).unwrap_err(), error);
    }
}

#[test]
fn every_request_has_a_key_of_its_own() {
    let key = || {
        let request = plain().request().expect("the system has randomness");
        let key = request.headers().find(|line| line.0 == "Sec-WebSocket-Key").expect("a key").1.to_owned();
        assert_eq!(key.len(), 24);
        key
    };
    assert_ne!(key(), key());
}
