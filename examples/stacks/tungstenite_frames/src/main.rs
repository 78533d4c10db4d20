//! permessage-deflate for tungstenite, which has none: handshake and frames stay its own, `wscodec-compressors` alone does the
//! negotiation and the payloads. Both ends talk over TCP in this program, which ends by itself.

mod deflated;

use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::thread;

use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::server::{Request, Response};
use tungstenite::http::HeaderValue;
use tungstenite::protocol::Role;
use wscodec_compressors::Backend;
use wscodec_compressors::negotiation::{Agreement, ClientPolicy, ServerPolicy};

use crate::deflated::Deflated;

type AnyError = Box<dyn Error + Send + Sync>;

const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

fn main() -> Result<(), AnyError> {
    let backend = Backend::available().next().ok_or("no backend is compiled in")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(listener.accept()?.0, backend));
    let sizes = talk(TcpStream::connect(address)?, backend)?;
    server.join().map_err(|_| "the server panicked")??;
    for (message, wire) in sizes {
        println!("{message} bytes came back in {wire}");
    }
    Ok(())
}

/// Accepts, and echoes to the end.
fn serve(stream: TcpStream, backend: Backend) -> Result<(), AnyError> {
    let policy = ServerPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities());
    let mut agreement = None;
    // The size of the error is tungstenite's.
    #[expect(clippy::result_large_err)]
    let socket = tungstenite::accept_hdr(stream, |request: &Request, mut response: Response| {
        let offers = request.headers().get_all(EXTENSIONS).iter().map(HeaderValue::as_bytes);
        agreement = policy.answer(offers).unwrap_or_default();
        if let Some(answer) = agreement.and_then(|agreement| agreement.to_string().parse().ok()) {
            response.headers_mut().insert(EXTENSIONS, answer);
        }
        Ok(response)
    });
    let socket = socket.map_err(|error| error.to_string())?;
    let mut socket = deflated(socket.into_inner(), Role::Server, backend, agreement)?;
    while let Some(text) = socket.receive()? {
        socket.send(&text)?;
    }
    Ok(())
}

/// Connects, and has messages echoed; gives how long they were, and how long on the wire.
fn talk(stream: TcpStream, backend: Backend) -> Result<Vec<(usize, usize)>, AnyError> {
    let policy = ClientPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities());
    let mut request = "ws://localhost/".into_client_request()?;
    request.headers_mut().insert(EXTENSIONS, policy.header().parse()?);
    let (socket, response) = tungstenite::client(request, stream).map_err(|error| error.to_string())?;
    let agreement =
        policy.accept(response.headers().get_all(EXTENSIONS).iter().map(HeaderValue::as_bytes))?;
    // What tungstenite has read behind the response is lost with its socket: this server waits to be spoken to.
    let mut socket = deflated(socket.into_inner(), Role::Client, backend, agreement)?;
    let mut sizes = Vec::new();
    for message in ["short".to_owned(), "some of the same words, ".repeat(100)] {
        socket.send(&message)?;
        let echo = socket.receive()?.ok_or("the server left")?;
        if echo != message {
            return Err("it came back as something else".into());
        }
        sizes.push((message.len(), socket.last_received()));
    }
    socket.close()?;
    Ok(sizes)
}

fn deflated(
    stream: TcpStream,
    role: Role,
    backend: Backend,
    agreement: Option<Agreement>,
) -> Result<Deflated<TcpStream>, AnyError> {
    let agreement = agreement.ok_or("both can compress, and did not agree on it")?;
    Ok(Deflated::new(stream, role, backend, &agreement)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_travel_compressed_and_short_ones_as_they_are() {
        for backend in Backend::available() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = thread::spawn(move || serve(listener.accept()?.0, backend));
            let sizes = talk(TcpStream::connect(address).unwrap(), backend).unwrap();
            server.join().unwrap().unwrap();
            assert_eq!(sizes[0], (5, 5));
            assert_eq!(sizes[1].0, 2400);
            assert!(sizes[1].1 < 100, "{}", sizes[1].1);
        }
    }
}
