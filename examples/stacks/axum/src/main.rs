//! WebSockets among the routes of axum: `wscodec-axum [PORT]`, port 0, the default, picks a free one.
//!
//! What stands in front of a route stands in front of the upgrade as well: paths, middleware, extractors. Behind the upgrade
//! a chain of handlers has the socket and what the request said, one after the other; their errors are reported, and end that
//! connection alone.

mod upgrade;

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::extract::{Path, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use http::header::AUTHORIZATION;
use tokio::net::TcpListener;
use wscodec::Message;

use crate::upgrade::{AnyError, Context, Handling, Server, Upgrade};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(axum::serve(listener, app()).await?)
}

fn app() -> Router {
    Router::new()
        .route("/echo/{room}", get(echo))
        .route("/fail", get(fail))
        .layer(middleware::from_fn(authenticate))
        .route("/", get(|| async { "a page like any other\n" }))
        .with_state(Arc::new(Server::new()))
}

/// Who asks; put there by the middleware.
#[derive(Clone)]
struct User(String);

/// Refuses whoever does not say who he is, before there is any upgrade.
async fn authenticate(mut request: Request, next: Next) -> Response {
    let name = request.headers().get(AUTHORIZATION).and_then(|name| name.to_str().ok());
    let Some(user) = name.map(|name| User(name.to_owned())) else {
        return (StatusCode::UNAUTHORIZED, "who are you?\n").into_response();
    };
    request.extensions_mut().insert(user);
    next.run(request).await
}

async fn echo(
    Path(room): Path<String>,
    Extension(User(user)): Extension<User>,
    upgrade: Upgrade,
) -> Response {
    upgrade.run(user, room, &[greet, answer])
}

async fn fail(Extension(User(user)): Extension<User>, upgrade: Upgrade) -> Response {
    upgrade.run(user, String::new(), &[give_up, greet, answer])
}

fn greet(context: &mut Context) -> Handling<'_> {
    Box::pin(async {
        let Context { socket, user, room } = context;
        Ok(socket.feed(Message::Text(&format!("{user}, this is {room}"))).await?)
    })
}

fn answer(context: &mut Context) -> Handling<'_> {
    Box::pin(async {
        while let Some((message, sender)) = context.socket.next_message_and_sender().await? {
            if !message.is_control() {
                sender.send(message)?;
            }
        }
        Ok(())
    })
}

fn give_up(_: &mut Context) -> Handling<'_> {
    Box::pin(async { Err("this handler always fails".into()) })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use wscodec::CloseCode;
    use wscodec::handshake::{ClientHandshake, ResponseError};
    use wscodec::tokio::{Error, HandshakeError, Settings, WebSocket};

    use super::*;

    async fn start() -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app()).await });
        address
    }

    async fn connect(
        address: std::net::SocketAddr,
        path: &str,
        user: Option<&str>,
    ) -> Result<WebSocket<TcpStream>, Error> {
        let mut handshake = ClientHandshake::new("localhost", path).unwrap();
        if let Some(user) = user {
            handshake = handshake.header("Authorization", user).unwrap();
        }
        let stream = TcpStream::connect(address).await.unwrap();
        Ok(WebSocket::connect(stream, &handshake, &Settings::new()).await?.0)
    }

    async fn plain(address: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: me\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn routes_middleware_and_handlers_do_their_part() {
        let address = start().await;
        let mut socket = connect(address, "/echo/hall", Some("ann")).await.unwrap();
        assert_eq!(socket.next_message().await.unwrap(), Some(Message::Text("ann, this is hall")));
        for number in 0..100 {
            let text = "again and ".repeat(number);
            socket.send(Message::Text(&text)).await.unwrap();
            assert_eq!(socket.next_message().await.unwrap(), Some(Message::Text(&text)));
        }
        socket.close(None).await.unwrap();
        while socket.next_message().await.unwrap().is_some() {}
        assert_eq!(socket.close_code(), Some(CloseCode::NO_STATUS));
    }

    #[tokio::test]
    async fn what_is_refused_is_refused_before_the_upgrade() {
        let address = start().await;
        for (path, user, status) in [("/echo/hall", None, 401), ("/nowhere", Some("ann"), 404)] {
            let refused = connect(address, path, user).await;
            let Err(Error::Handshake(HandshakeError::Response { error, .. })) = refused else {
                panic!("{path} was upgraded")
            };
            assert_eq!(error, ResponseError::Status(status));
        }
        assert!(plain(address, "/").await.starts_with("HTTP/1.1 200 "));
        assert!(plain(address, "/echo/hall").await.starts_with("HTTP/1.1 426 "));
    }

    #[tokio::test]
    async fn a_handler_that_fails_ends_its_connection_alone() {
        let address = start().await;
        let mut other = connect(address, "/echo/hall", Some("bob")).await.unwrap();
        let mut socket = connect(address, "/fail", Some("ann")).await.unwrap();
        assert!(matches!(socket.next_message().await, Ok(Some(Message::Close(Some(_))))));
        assert_eq!(socket.close_code(), Some(CloseCode::INTERNAL_ERROR));
        assert_eq!(other.next_message().await.unwrap(), Some(Message::Text("bob, this is hall")));
    }
}
