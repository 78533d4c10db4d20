//! Any request is answered as a naive reading of the rules has it; whatever a client asks for, a server can answer so that the
//! client takes it.
#![cfg(feature = "head")]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use wscodec::compressors::negotiation::{Abilities, Agreement, ClientPolicy, ServerPolicy};
use wscodec::handshake::{
    ClientHandshake, HeadError, HeadLimits, HeadReader, Request, Response, ServerHandshake,
};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const NAMES: [&str; 7] = [
    "Host",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
];

/// Values of that header, of which the first is the usual one.
fn values(name: &str) -> Vec<&'static str> {
    match name {
        "Host" => vec!["a.example", ""],
        "Upgrade" => {
            vec!["websocket", "WebSocket", "h2c, websocket", "h2c", "", "websocket/13", "web,socket"]
        }
        "Connection" => vec!["Upgrade", "keep-alive, upgrade", "keep-alive", "", ",,\tUPGRADE ,", "up,grade"],
        "Sec-WebSocket-Key" => {
            vec![KEY, "AQIDBAUGBwgJCgsMDQ4PEC==", "", "AQIDBAUGBwgJCgsMDQ4PEA=", "dGhlIHNhbXBs"]
        }
        "Sec-WebSocket-Version" => vec!["13", "8", " 13\t", "12", "", "13, 13", "1 3", "+13"],
        "Sec-WebSocket-Protocol" => vec!["a, b", "c", "b", "", ",", "d,,e", "f g", "h, h", "i;j", "a"],
        "Sec-WebSocket-Extensions" => vec!["permessage-deflate", "x; y=1", "", ";", "permessage-deflate; no"],
        _ => unreachable!(),
    }
}

/// Lines of that header: most often one with the usual value.
fn lines(name: &'static str) -> impl Strategy<Value = Vec<(String, &'static str)>> {
    let usual = vec![values(name)[0]];
    let value = prop_oneof![20 => Just(usual), 3 => vec(select(values(name)), 1), 1 => vec(select(values(name)), 0..4)];
    let case = prop_oneof![
        Just(str::to_owned as fn(&str) -> String),
        Just(str::to_ascii_uppercase as fn(&str) -> String)
    ];
    (value, case)
        .prop_map(move |(values, case)| values.into_iter().map(|value| (case(name), value)).collect())
}

fn headers() -> impl Strategy<Value = Vec<(String, &'static str)>> {
    NAMES.map(lines).prop_map(|lines| lines.concat()).prop_shuffle()
}

/// The status by the rules, read one after the other.
fn expected(method: &str, path: &str, headers: &[(String, &str)]) -> u16 {
    let all = |name: &str| -> Vec<String> {
        let lines = headers.iter().filter(|line| line.0.to_lowercase() == name.to_lowercase());
        lines.map(|line| line.1.trim().to_owned()).collect()
    };
    let list = |name: &str| -> Vec<String> {
        let elements =
            all(name).join(",").split(',').map(|element| element.trim().to_owned()).collect::<Vec<_>>();
        elements.into_iter().filter(|element| !element.is_empty()).collect()
    };
    let lower = |name: &str| list(name).iter().map(|it| it.to_lowercase()).collect::<Vec<_>>();
    let is_empty = |name: &str| !all(name).is_empty() && list(name).is_empty();
    if method != "GET" {
        return 405;
    }
    if all("upgrade").is_empty() || !lower("connection").contains(&"upgrade".to_owned()) {
        return 426;
    }
    let upgrades = lower("upgrade").contains(&"websocket".to_owned());
    let key = all("sec-websocket-key");
    let has_key = key.len() == 1 && key[0].len() == 24 && key[0].ends_with("==");
    let version = all("sec-websocket-version");
    let has_version = version == ["13"] || version == ["8"];
    let protocols = list("sec-websocket-protocol");
    let mut distinct = protocols.clone();
    distinct.sort();
    distinct.dedup();
    let has_protocols = distinct.len() == protocols.len()
        && !is_empty("sec-websocket-protocol")
        && !protocols.iter().any(|name| name.contains([' ', ';']));
    let has_extensions =
        !is_empty("sec-websocket-extensions") && !list("sec-websocket-extensions").contains(&";".to_owned());
    let is_right = upgrades && has_key && has_version && all("host").len() == 1 && path == "/chat";
    if is_right && has_protocols && has_extensions { 101 } else { 400 }
}

fn request_head(method: &str, path: &str, headers: &[(String, &str)]) -> Vec<u8> {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\n{lines}\r\n").into_bytes()
}

fn windows() -> impl Strategy<Value = Abilities> {
    (any::<bool>(), any::<bool>(), 8..=15_u8, 8..=15_u8, 8..=15_u8, any::<bool>()).prop_map(
        |(compressor_takeover, decompressor_takeover, one, other, decompressor_window, short)| Abilities {
            compressor_takeover,
            compressor_windows: one.min(other)..=one.max(other),
            small_windows_for_short_messages: short,
            decompressor_takeover,
            decompressor_window,
        },
    )
}

fn client_policy() -> impl Strategy<Value = ClientPolicy> {
    (windows(), any::<bool>(), any::<bool>(), 8..=15_u8).prop_map(|(can, server, client, bits)| {
        ClientPolicy {
            can,
            server_no_context_takeover: server,
            client_no_context_takeover: client,
            server_max_window_bits: bits,
            ..ClientPolicy::default()
        }
    })
}

fn server_policy() -> impl Strategy<Value = ServerPolicy> {
    (windows(), any::<bool>(), any::<bool>(), 8..=15_u8, 8..=15_u8).prop_map(
        |(can, server, client, server_bits, client_bits)| ServerPolicy {
            can,
            server_no_context_takeover: server,
            client_no_context_takeover: client,
            server_max_window_bits: server_bits,
            client_max_window_bits: client_bits,
            ..ServerPolicy::default()
        },
    )
}

const SUBPROTOCOLS: [&str; 5] = ["chat", "CHAT", "v1.chat", "!#$%&'*+-.^_`|~", "0"];

fn subprotocols() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(SUBPROTOCOLS.to_vec(), 0..=SUBPROTOCOLS.len()).prop_shuffle()
}

/// What both ends do in each direction: the client may do less than was agreed, never more.
fn fit(of_client: Option<Agreement>, of_server: Option<Agreement>) -> bool {
    match (of_client, of_server) {
        (None, None) => true,
        (Some(client), Some(server)) => {
            let (does, expected) = (client.client_to_server(), server.client_to_server());
            client.server_to_client() == server.server_to_client()
                && does.takeover <= expected.takeover
                && does.window_bits <= expected.window_bits
        }
        _ => false,
    }
}

/// The length of the head in pieces that end at these places; there is none undecided after the last.
fn request_length(limits: HeadLimits, bytes: &[u8], ends: &[usize]) -> Result<usize, HeadError> {
    let mut reader = HeadReader::new(limits);
    let mut results = ends.iter().map(|&end| reader.request(&bytes[..end]));
    results.find_map(Result::transpose).expect("it is over the limit").map(|(_, length)| length)
}

fn response_length(limits: HeadLimits, bytes: &[u8], ends: &[usize]) -> Result<usize, HeadError> {
    let mut reader = HeadReader::new(limits);
    let mut results = ends.iter().map(|&end| reader.response(&bytes[..end]));
    results.find_map(Result::transpose).expect("it is over the limit").map(|(_, length)| length)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_request_is_answered_by_the_rules(
        method in prop_oneof![9 => Just("GET"), 1 => select(vec!["POST", "HEAD", "get", "CONNECT"])],
        path in prop_oneof![9 => Just("/chat"), 1 => select(vec!["/", "/Chat", "/chat/"])],
        headers in headers(),
    ) {
        let handshake = ServerHandshake::new().path("/chat").deflate(ServerPolicy::default());
        let status = |request: &Request<'_>| handshake.accept(request).map_or_else(|it| it.status(), |_| 101);
        let pairs = headers.iter().map(|(name, value)| (name, *value));
        let expected = expected(method, path, &headers);
        prop_assert_eq!(status(&Request::new(method, path, pairs)), expected);
        let head = request_head(method, path, &headers);
        let (request, length) = HeadReader::new(HeadLimits::default()).request(&head).unwrap().unwrap();
        prop_assert_eq!(length, head.len());
        prop_assert_eq!(status(&request), expected);
    }

    #[test]
    fn a_client_takes_what_a_server_answers_to_it(
        requested in subprotocols(),
        accepted in option::of(subprotocols()),
        client_policy in option::of(client_policy()),
        server_policy in option::of(server_policy()),
        value in "[ -~\t\u{80}-\u{ffff}]{0,20}",
        query in "[!-\"$-~]{0,20}",
        nonce: [u8; 16],
    ) {
        let mut client = ClientHandshake::new("a.example:80", &format!("/chat?{query}")).unwrap();
        client = client.subprotocols(requested.iter().copied()).unwrap().header("X-Client", &value).unwrap();
        if let Some(policy) = client_policy.clone() {
            client = client.deflate(policy);
        }
        let mut server = ServerHandshake::new().path("/chat").header("X-Server", &value).unwrap();
        if let Some(names) = &accepted {
            server = server.subprotocols(names.iter().copied()).unwrap();
        }
        if let Some(policy) = server_policy.clone() {
            server = server.deflate(policy);
        }

        let asked = client.request_with_nonce(nonce);
        let wire = asked.to_bytes();
        let (request, length) = HeadReader::new(HeadLimits::default()).request(&wire).unwrap().unwrap();
        prop_assert_eq!(length, wire.len());
        let trimmed = value.trim_matches([' ', '\t']);
        prop_assert_eq!(request.values("x-client").collect::<Vec<_>>(), [trimmed.as_bytes()]);

        let answered = server.accept(&request).unwrap();
        let plain = Request::new(asked.method(), asked.target(), asked.headers());
        prop_assert_eq!(&server.accept(&plain).unwrap(), &answered, "header pairs and bytes say the same");
        let first = requested.iter().copied().find(|name| accepted.as_ref().is_none_or(|it| it.contains(name)));
        prop_assert_eq!(answered.subprotocol(), first);
        prop_assert!(answered.agreement().is_none() || (client_policy.is_some() && server_policy.is_some()));

        let wire = answered.to_bytes();
        let (response, length) = HeadReader::new(HeadLimits::default()).response(&wire).unwrap().unwrap();
        prop_assert_eq!(length, wire.len());
        prop_assert_eq!(response.values("x-server").collect::<Vec<_>>(), [trimmed.as_bytes()]);
        let opened = asked.check(&response).unwrap();
        prop_assert_eq!(&asked.check(&Response::new(101, answered.headers())), &Ok(opened.clone()));
        prop_assert_eq!(opened.subprotocol.as_deref(), answered.subprotocol());
        prop_assert!(fit(opened.agreement, answered.agreement()), "{opened:?} {answered:?}");

        // Nobody else's answer is taken.
        let mut other = nonce;
        other[15] ^= 1;
        prop_assert!(client.request_with_nonce(other).check(&response).is_err());
    }

    #[test]
    fn any_bytes_have_one_outcome_in_any_pieces(
        bytes in vec(prop_oneof![
            3 => select(vec![&b"\r\n"[..], b"\n", b"\r", b": ", b" ", b"GET / HTTP/1.1", b"HTTP/1.1 101 Ok", b"a", b"Host"])
                .prop_map(<[u8]>::to_vec),
            1 => vec(any::<u8>(), 0..40),
        ], 0..30).prop_map(|pieces| pieces.concat()),
        cuts in vec(any::<prop::sample::Index>(), 0..5),
        limit in 0..300_usize,
        headers in 0..5_usize,
    ) {
        let limits = HeadLimits { bytes: limit, headers };
        // Enough for a decision.
        let bytes = [&bytes[..], &[b'a'; 300]].concat();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        ends.sort_unstable();
        ends.push(bytes.len());
        let of_request = request_length(limits, &bytes, &ends);
        let of_response = response_length(limits, &bytes, &ends);
        prop_assert_eq!(of_request, request_length(limits, &bytes, &[bytes.len()]));
        prop_assert_eq!(of_response, response_length(limits, &bytes, &[bytes.len()]));
        for error in [of_request, of_response].into_iter().filter_map(Result::err) {
            prop_assert!([400, 431].contains(&error.refusal().status()));
        }
        for length in [of_request, of_response].into_iter().flatten() {
            prop_assert!(length <= limit && bytes[..length].ends_with(b"\n"));
        }
    }
}
