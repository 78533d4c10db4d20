//! Both ends on the tokio adapter, a task a connection.

use std::net::Ipv4Addr;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use wscodec::Message;
use wscodec::handshake::{ClientHandshake, ServerHandshake};
use wscodec::tokio::{Settings, WebSocket};

use crate::Failure;
use crate::answers::answer;
use crate::options::Options;

pub(crate) fn serve(options: &Options) -> Result<(), Failure> {
    runtime()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("listening on {}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            let options = *options;
            tokio::spawn(async move {
                if let Err(error) = connection(stream, &options).await {
                    eprintln!("{error}");
                }
            });
        }
    })
}

/// Echoes until the server ends the connection, and gives the first text that came.
pub(crate) fn echo_at(address: &str, target: &str, options: &Options) -> Result<Option<String>, Failure> {
    let handshake = ClientHandshake::new(address, target)?;
    let handshake = match options.client_policy() {
        Some(policy) => handshake.deflate(policy),
        None => handshake,
    };
    runtime()?.block_on(async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (mut socket, _) = WebSocket::connect(stream, &handshake, &settings(options)).await?;
        let mut first = None;
        echo(&mut socket, options, |text| {
            first.get_or_insert_with(|| text.to_owned());
        })
        .await?;
        Ok(first)
    })
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_io().build()
}

async fn connection(stream: TcpStream, options: &Options) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let handshake = match options.server_policy() {
        Some(policy) => ServerHandshake::new().deflate(policy),
        None => ServerHandshake::new(),
    };
    let (mut socket, _) = WebSocket::accept(stream, &handshake, &settings(options)).await?;
    echo(&mut socket, options, |_| {}).await
}

fn settings(options: &Options) -> Settings {
    Settings::new().backend(options.backend)
}

async fn echo(
    socket: &mut WebSocket<TcpStream>,
    options: &Options,
    mut note: impl FnMut(&str) + Send,
) -> Result<(), Failure> {
    while let Some((message, sender)) = socket.next_message_and_sender().await? {
        if let Message::Text(text) = message {
            note(text);
        }
        answer(message, sender, options)?;
    }
    Ok(())
}
