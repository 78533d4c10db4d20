//! An echo over TLS: to the codec a stream like any other. Both ends are in this program, with a certificate made at its start,
//! and it ends by itself.

use std::error::Error;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use wscodec::handshake::{ClientHandshake, ServerHandshake};
use wscodec::tokio::{Settings, WebSocket};
use wscodec::{CloseCode, CloseFrame, Message};

type AnyError = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (acceptor, connector) = ends()?;
    let server = tokio::spawn(async move { serve(listener.accept().await?.0, &acceptor).await });
    talk(TcpStream::connect(address).await?, &connector).await?;
    server.await??;
    println!("all of it came back, encrypted");
    Ok(())
}

async fn serve(stream: TcpStream, acceptor: &TlsAcceptor) -> Result<(), AnyError> {
    let stream = acceptor.accept(stream).await?;
    let (mut socket, _) = WebSocket::accept(stream, &ServerHandshake::new(), &Settings::new()).await?;
    while let Some((message, sender)) = socket.next_message_and_sender().await? {
        if !message.is_control() {
            sender.send(message)?;
        }
    }
    Ok(())
}

async fn talk(stream: TcpStream, connector: &TlsConnector) -> Result<(), AnyError> {
    let stream = connector.connect(ServerName::try_from("localhost")?, stream).await?;
    let handshake = ClientHandshake::new("localhost", "/")?;
    let (mut socket, _) = WebSocket::connect(stream, &handshake, &Settings::new()).await?;
    for message in ["Hello".to_owned(), "a long one, ".repeat(10_000)] {
        socket.send(Message::Text(&message)).await?;
        if socket.next_message().await? != Some(Message::Text(&message)) {
            return Err("it came back as something else".into());
        }
    }
    socket.close(Some(CloseFrame::new(CloseCode::NORMAL, "bye"))).await?;
    while socket.next_message().await?.is_some() {}
    Ok(())
}

/// A server with a new certificate, and a client that trusts no other.
fn ends() -> Result<(TlsAcceptor, TlsConnector), AnyError> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let certificate = CertificateDer::from(made.cert.der().to_vec());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let server =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.clone()], key)?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok((Arc::new(server).into(), Arc::new(client).into()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_all_comes_back() {
        super::main().unwrap();
    }
}
