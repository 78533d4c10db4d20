//! The handshake on the `http` crate's types: the same answers as over header pairs.
#![cfg(feature = "http")]

use http::{HeaderValue, Request as HttpRequest, Response as HttpResponse, Version};
use wscodec::compressors::negotiation::{ClientPolicy, ServerPolicy};
use wscodec::handshake::{
    ClientHandshake, Refusal, RefusalReason, Request, Response, ResponseError, ServerHandshake,
};

fn client() -> ClientHandshake {
    let client = ClientHandshake::new("a.example", "/chat?a=b").expect("a host and a path");
    client.deflate(ClientPolicy::default()).subprotocols(["v1", "v2"]).expect("tokens")
}

fn server() -> ServerHandshake {
    ServerHandshake::new().deflate(ServerPolicy::default()).subprotocols(["v2"]).expect("a token")
}

#[test]
fn a_handshake_of_both_ends() {
    let asked = client().request().expect("the system has randomness");
    let request = HttpRequest::try_from(&asked).expect("it can hold that");
    assert_eq!(request.uri(), "/chat?a=b");
    assert_eq!(request.headers().len(), asked.headers().count());

    let (accepted, response) = server().accept_http(&request).expect("it is right");
    let pairs = Request::new(asked.method(), asked.target(), asked.headers());
    assert_eq!(accepted, server().accept(&pairs).expect("it is right"));
    let sent: Vec<_> =
        response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let lower: Vec<_> = accepted.headers().map(|it| (it.0.to_ascii_lowercase(), it.1.as_bytes())).collect();
    assert_eq!(sent, lower.iter().map(|it| (it.0.as_str(), it.1)).collect::<Vec<_>>());

    let opened = asked.check(&Response::from(&response)).expect("it is the answer");
    assert_eq!(opened.subprotocol.as_deref(), Some("v2"));
    assert_eq!(opened.agreement, accepted.agreement());
    assert_eq!(asked.check(&Response::from(&HttpResponse::new(()))), Err(ResponseError::Status(200)));
}

#[test]
fn requests_that_are_refused() {
    let good = || HttpRequest::try_from(&client().request().expect("randomness")).expect("it can hold that");
    let refused = |change: fn(&mut HttpRequest<()>)| {
        let mut request = good();
        change(&mut request);
        server().accept_http(&request).expect_err("it is wrong").reason()
    };
    assert_eq!(refused(|it| *it.method_mut() = http::Method::POST), RefusalReason::Method);
    assert_eq!(refused(|it| *it.version_mut() = Version::HTTP_10), RefusalReason::NotAnUpgrade);
    assert_eq!(refused(|it| it.headers_mut().clear()), RefusalReason::NotAnUpgrade);
    let second_key = |it: &mut HttpRequest<()>| {
        it.headers_mut().append("sec-websocket-key", HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="));
    };
    assert_eq!(refused(second_key), RefusalReason::Key);

    let mut whole_uri = good();
    *whole_uri.uri_mut() = "http://a.example/chat".parse().expect("a URI");
    assert!(server().path("/chat").accept_http(&whole_uri).is_ok());
}

#[test]
fn refusals_as_responses() {
    let plain = HttpRequest::get("/").body(()).expect("a request");
    let response = HttpResponse::from(server().accept_http(&plain).expect_err("no upgrade"));
    assert_eq!(response.status(), 426);
    assert_eq!(
        (&response.headers()["upgrade"], &response.headers()["connection"]),
        (&HeaderValue::from_static("websocket"), &HeaderValue::from_static("upgrade"))
    );
    assert!(response.body().ends_with('\n'));

    let refusal = Refusal::new(302).and_then(|it| it.header("Location", "/other")).expect("a redirect");
    let response = HttpResponse::from(refusal);
    assert_eq!(
        (response.status().as_u16(), response.headers()["location"].as_bytes()),
        (302, &b"/other"[..])
    );
}

#[test]
fn what_the_crate_can_t_hold_is_an_error() {
    let long_name = "a".repeat(1 << 16);
    let request = HttpRequest::try_from(&client().request().expect("randomness")).expect("it can hold that");
    let handshake = server().header(&long_name, "").expect("a token");
    assert_eq!(handshake.accept_http(&request).expect_err("too long").status(), 500);
    let asking = client().header(&long_name, "").expect("a token").request().expect("randomness");
    assert!(HttpRequest::try_from(&asking).is_err());
    let refusal = Refusal::new(403).and_then(|it| it.header(&long_name, "")).expect("a token");
    assert_eq!(HttpResponse::from(refusal).status(), 500);
}
