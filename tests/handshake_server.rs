//! The server's half of the opening handshake: every check in its order, with its status (RFC 6455 section 4.2).
#![cfg(feature = "handshake")]

use wscodec::compressors::negotiation::{Abilities, ServerPolicy};
use wscodec::handshake::{ConfigError, Refusal, RefusalReason, Request, ServerHandshake};

/// The request of RFC 6455 section 1.3, without its subprotocols.
const GOOD: [(&str, &str); 6] = [
    ("Host", "server.example.com"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Origin", "http://example.com"),
    ("Sec-WebSocket-Version", "13"),
];

/// That request with other lines of one header; none at all, if there are no values.
fn with<'a>(name: &'a str, values: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let others = GOOD.into_iter().filter(|line| line.0 != name);
    others.chain(values.iter().map(|value| (name, *value))).collect()
}

/// 101, or the status of the refusal.
fn status(handshake: &ServerHandshake, headers: &[(&str, &str)]) -> u16 {
    handshake
        .accept(&Request::new("GET", "/chat", headers.iter().copied()))
        .map_or_else(|it| it.status(), |_| 101)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("ASCII")
}

#[test]
fn the_rfc_s_example() {
    let offered = with("Sec-WebSocket-Protocol", &["chat, superchat"]);
    let accepted =
        ServerHandshake::new().accept(&Request::new("GET", "/chat", offered)).expect("it is right");
    assert_eq!(
        text(&accepted.to_bytes()),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
    );
    assert_eq!((accepted.subprotocol(), accepted.agreement()), (Some("chat"), None));
}

/// A fault a row, in the order of the rows, with the status for it.
struct Row {
    name: &'static str,
    fault: &'static str,
    status: u16,
    reason: fn(RefusalReason) -> bool,
}

const ROWS: [Row; 9] = [
    Row { name: ":method", fault: "POST", status: 405, reason: |it| it == RefusalReason::Method },
    Row { name: "Upgrade", fault: "h2c", status: 400, reason: |it| it == RefusalReason::Upgrade },
    Row { name: "Sec-WebSocket-Key", fault: "short==", status: 400, reason: |it| it == RefusalReason::Key },
    Row {
        name: "Sec-WebSocket-Version",
        fault: "12",
        status: 400,
        reason: |it| it == RefusalReason::Version,
    },
    Row { name: "Host", fault: "", status: 400, reason: |it| it == RefusalReason::Host },
    Row { name: ":path", fault: "/other", status: 400, reason: |it| it == RefusalReason::Path },
    Row {
        name: "Sec-WebSocket-Protocol",
        fault: "a, a",
        status: 400,
        reason: |it| it == RefusalReason::Subprotocols,
    },
    Row {
        name: "Sec-WebSocket-Extensions",
        fault: "permessage-deflate;",
        status: 400,
        reason: |it| matches!(it, RefusalReason::Extensions(_)),
    },
    Row {
        name: ":application",
        fault: "403",
        status: 403,
        reason: |it| it == RefusalReason::Application(403),
    },
];

#[test]
fn of_several_faults_the_first_in_order_is_answered() {
    for faults in 0..1_u32 << (ROWS.len() + 1) {
        let faulty =
            |name: &str| ROWS.iter().enumerate().any(|(row, it)| it.name == name && faults & (1 << row) != 0);
        let shutting_down = faults & (1 << ROWS.len()) != 0;
        let mut headers: Vec<_> = GOOD.into_iter().filter(|line| !faulty(line.0)).collect();
        for row in
            ROWS.iter().filter(|row| faulty(row.name) && !row.name.starts_with(':') && row.name != "Host")
        {
            headers.push((row.name, row.fault));
        }
        let method = if faulty(":method") { "POST" } else { "GET" };
        let path = if faulty(":path") { "/other" } else { "/chat?a=b" };
        let handshake = ServerHandshake::new()
            .path("/chat")
            .deflate(ServerPolicy::default())
            .shutting_down(shutting_down);
        let result = handshake.check(&Request::new(method, path, headers)).and_then(|upgrade| {
            if faulty(":application") { Err(Refusal::new(403).expect("a status")) } else { upgrade.accept() }
        });
        match (ROWS.iter().find(|row| faulty(row.name)), result) {
            (Some(row), Err(refusal)) => {
                assert_eq!(refusal.status(), row.status, "{faults:b}");
                assert!((row.reason)(refusal.reason()), "{faults:b}: {refusal}");
            }
            (None, Err(refusal)) => {
                assert!(shutting_down, "{faults:b}: {refusal}");
                assert_eq!((refusal.status(), refusal.reason()), (503, RefusalReason::ShuttingDown));
            }
            (fault, Ok(_)) => assert!(fault.is_none() && !shutting_down, "{faults:b}"),
        }
    }
}

#[test]
fn a_request_without_upgrade_is_a_plain_one() {
    let handshake = ServerHandshake::new();
    for plain in [
        vec![],
        vec![("Host", "a")],
        with("Upgrade", &[]),
        with("Connection", &[]),
        with("Connection", &["keep-alive"]),
        with("Connection", &["Upgraded, not-upgrade"]),
    ] {
        assert_eq!(status(&handshake, &plain), 426, "{plain:?}");
    }
    let refusal =
        handshake.accept(&Request::new("GET", "/", GOOD).at_http_1_0()).expect_err("can't be upgraded");
    assert_eq!(refusal.reason(), RefusalReason::NotAnUpgrade);
    assert!(text(&refusal.to_bytes()).contains("\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n"));
    assert_eq!(handshake.accept(&Request::new("get", "/", GOOD)).expect_err("not GET").status(), 405);
}

#[test]
fn headers_in_any_case_and_in_several_lines() {
    let handshake = ServerHandshake::new();
    let shouted = GOOD.map(|(name, value)| (name.to_ascii_uppercase(), value));
    for headers in [
        with("Upgrade", &["WebSocket"]),
        with("Upgrade", &["h2c, websocket"]),
        with("Upgrade", &["h2c", " ,\tWEBSOCKET "]),
        with("Connection", &["upgrade"]),
        with("Connection", &["keep-alive, UPGRADE"]),
        with("Connection", &["keep-alive", "close,,Upgrade,"]),
        with("Sec-WebSocket-Key", &[" dGhlIHNhbXBsZSBub25jZQ==\t"]),
        with("Sec-WebSocket-Version", &["8"]),
        shouted.iter().map(|(name, value)| (name.as_str(), *value)).collect(),
    ] {
        assert_eq!(status(&handshake, &headers), 101, "{headers:?}");
    }
}

#[test]
fn headers_that_are_wrong() {
    let handshake = ServerHandshake::new();
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    for headers in [
        with("Upgrade", &[""]),
        with("Upgrade", &["websockets"]),
        with("Upgrade", &["web socket"]),
        with("Upgrade", &["websocket/13"]),
        with("Sec-WebSocket-Key", &[]),
        with("Sec-WebSocket-Key", &[""]),
        with("Sec-WebSocket-Key", &[key, key]),
        with("Sec-WebSocket-Key", &["dGhlIHNhbXBsZSBub25jZQ=="; 3]),
        with("Sec-WebSocket-Key", &["dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="]),
        with("Sec-WebSocket-Key", &["dGhlIHNhbXBsZSBub25jZQ"]),
        with("Sec-WebSocket-Key", &["dGhlIHNhbXBsZSBub25j-_=="]),
        with("Sec-WebSocket-Version", &[]),
        with("Sec-WebSocket-Version", &["13", "13"]),
        with("Sec-WebSocket-Version", &["013"]),
        with("Sec-WebSocket-Version", &["13, 8"]),
        with("Host", &[]),
        with("Host", &["a", "a"]),
        with("Sec-WebSocket-Protocol", &[""]),
        with("Sec-WebSocket-Protocol", &["a b"]),
        with("Sec-WebSocket-Protocol", &["a;b"]),
        with("Sec-WebSocket-Protocol", &["a", "b, a"]),
        with("Sec-WebSocket-Protocol", &["", " ,"]),
        with("Sec-WebSocket-Extensions", &[""]),
        with("Sec-WebSocket-Extensions", &["permessage-deflate; ="]),
    ] {
        assert_eq!(status(&handshake, &headers), 400, "{headers:?}");
    }
    let refusal =
        handshake.accept(&Request::new("GET", "/", with("Sec-WebSocket-Version", &["7"]))).unwrap_err();
    assert_eq!(refusal.headers().collect::<Vec<_>>(), [("Sec-WebSocket-Version", "13, 8")]);
}

#[test]
fn a_client_s_huge_headers_are_checked_once() {
    // A look at each of a pair of them would not end.
    let names: Vec<String> = (0..1 << 19).map(|number| format!("p{number}")).collect();
    let many = names.join(", ");
    let (one_twice, long) = (format!("{many}, p0"), "A".repeat(1 << 22));
    let distinct = with("Sec-WebSocket-Protocol", &[&many]);
    let repeated = with("Sec-WebSocket-Protocol", &[&one_twice]);
    let lines: Vec<_> = GOOD.into_iter().chain(names.iter().map(|_| ("Connection", "a, b"))).collect();
    let keys = with("Sec-WebSocket-Key", &["dGhlIHNhbXBsZSBub25jZQ=="; 1 << 19]);
    let long_key = with("Sec-WebSocket-Key", &[&long]);
    let handshake = ServerHandshake::new();
    for (headers, expected) in [(distinct, 101), (repeated, 400), (lines, 101), (keys, 400), (long_key, 400)]
    {
        assert_eq!(status(&handshake, &headers), expected);
    }
}

#[test]
fn subprotocols() {
    let any = ServerHandshake::new();
    let some = ServerHandshake::new().subprotocols(["v2", "v1"]).expect("tokens");
    let none = ServerHandshake::new().subprotocols([]).expect("nothing is wrong with none");
    let chosen = |handshake: &ServerHandshake, lines: &[&'static str]| {
        let headers = with("Sec-WebSocket-Protocol", lines);
        let accepted = handshake.accept(&Request::new("GET", "/", headers)).expect("it is right");
        let sent = accepted.headers().find(|line| line.0 == "Sec-WebSocket-Protocol").map(|line| line.1);
        assert_eq!(sent, accepted.subprotocol());
        sent.map(str::to_owned)
    };
    for (lines, of_any, of_some) in [
        (&[][..], None, None),
        (&["v1, v2"], Some("v1"), Some("v1")),
        (&["v0, v2", "v1"], Some("v0"), Some("v2")),
        (&["V1"], Some("V1"), None),
    ] {
        assert_eq!(chosen(&any, lines).as_deref(), of_any, "{lines:?}");
        assert_eq!(chosen(&some, lines).as_deref(), of_some, "{lines:?}");
        assert_eq!(chosen(&none, lines), None, "{lines:?}");
    }

    let offers = with("Sec-WebSocket-Protocol", &["v1", "v2, v3"]);
    let upgrade = none.check(&Request::new("GET", "/", offers)).expect("it is right");
    assert_eq!(upgrade.offered_subprotocols().collect::<Vec<_>>(), ["v1", "v2", "v3"]);
    let choose =
        |name| upgrade.clone().choose_subprotocol(name).map(|it| it.subprotocol().map(str::to_owned));
    assert_eq!(choose(Some("v3")), Ok(Some("v3".to_owned())));
    assert_eq!(choose(None), Ok(None));
    assert_eq!(choose(Some("v4")), Err(ConfigError::SubprotocolNotOffered));
    assert_eq!(choose(Some("v1, v2")), Err(ConfigError::SubprotocolNotOffered));
    for wrong in ["", "a b", "a\r\nb", "a,b"] {
        let result = ServerHandshake::new().subprotocols(["fine", wrong]);
        assert_eq!(result.unwrap_err(), ConfigError::InvalidSubprotocol, "{wrong:?}");
    }
}

#[test]
fn extensions() {
    let can_32_kib = Abilities { compressor_windows: 15..=15, ..Abilities::default() };
    let with_deflate =
        ServerHandshake::new().deflate(ServerPolicy { can: can_32_kib, ..ServerPolicy::default() });
    let answer = |handshake: &ServerHandshake, lines: &[&'static str]| {
        let headers = with("Sec-WebSocket-Extensions", lines);
        let accepted = handshake.accept(&Request::new("GET", "/", headers)).expect("it is right");
        let sent = accepted.headers().find(|line| line.0 == "Sec-WebSocket-Extensions").map(|line| line.1);
        assert_eq!(sent, accepted.agreement().map(|it| it.to_string()).as_deref());
        sent.map(str::to_owned)
    };
    for (lines, expected) in [
        (&[][..], None),
        (&["permessage-deflate"], Some("permessage-deflate")),
        (&["x-other", "permessage-deflate; client_max_window_bits"], Some("permessage-deflate")),
        // Valid, and declined.
        (&["permessage-deflate; server_max_window_bits=10"], None),
        (&["x-other; a=\"b\""], None),
    ] {
        assert_eq!(answer(&with_deflate, lines).as_deref(), expected, "{lines:?}");
        assert_eq!(answer(&ServerHandshake::new(), lines), None, "{lines:?}");
    }
}

#[test]
fn the_application_s_headers() {
    let handshake = ServerHandshake::new().header("Server", "test").expect("a header");
    let upgrade = handshake.check(&Request::new("GET", "/", GOOD)).expect("it is right");
    let accepted =
        upgrade.clone().header("Set-Cookie", "a=b").expect("a header").accept().expect("it is right");
    assert!(text(&accepted.to_bytes()).ends_with("xOo=\r\nServer: test\r\nSet-Cookie: a=b\r\n\r\n"));
    let refusal = || Refusal::new(403).expect("a status");
    for (name, value, error) in [
        ("X", "a\r\nb: c", ConfigError::InvalidHeaderValue),
        ("X", "a\nb", ConfigError::InvalidHeaderValue),
        ("X", "a\rb", ConfigError::InvalidHeaderValue),
        ("X", "a\0b", ConfigError::InvalidHeaderValue),
        ("X:", "a", ConfigError::InvalidHeaderName),
        ("X\r\nY", "a", ConfigError::InvalidHeaderName),
        ("", "a", ConfigError::InvalidHeaderName),
        ("sec-websocket-accept", "a", ConfigError::ReservedHeader),
        ("Content-Length", "1", ConfigError::ReservedHeader),
    ] {
        assert_eq!(handshake.clone().header(name, value).unwrap_err(), error, "{name:?} {value:?}");
        assert_eq!(upgrade.clone().header(name, value).unwrap_err(), error, "{name:?} {value:?}");
        assert_eq!(refusal().header(name, value), Err(error), "{name:?} {value:?}");
    }
}

#[test]
fn refusals_as_they_are_sent() {
    for status in 0..=1000 {
        assert_eq!(Refusal::new(status).is_ok(), (300..=599).contains(&status), "{status}");
    }
    let refusal = Refusal::new(404).and_then(|it| it.header("X-Why", "no such room")).expect("a status");
    assert_eq!(
        text(&refusal.to_bytes()),
        "HTTP/1.1 404 Not Found\r\nX-Why: no such room\r\nConnection: close\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Length: 24\r\n\r\nrefused with status 404\n"
    );
    let to = |method| ServerHandshake::new().accept(&Request::new(method, "/", GOOD)).unwrap_err();
    let to_post = to("POST").to_bytes();
    assert!(
        text(&to_post).starts_with("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nConnection: close\r\n")
    );
    assert!(text(&to_post).ends_with("\r\n\r\na websocket is opened with GET\n"));
    assert!(text(&to("HEAD").to_bytes()).ends_with("\r\nContent-Length: 0\r\n\r\n"));
    assert!(text(&Refusal::new(599).expect("a status").to_bytes()).starts_with("HTTP/1.1 599 \r\n"));
}
