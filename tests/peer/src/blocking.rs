//! Both ends on the blocking adapter, a thread a connection.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use wscodec::blocking::{Error, Settings, WebSocket};
use wscodec::handshake::{ClientHandshake, ServerHandshake};
use wscodec::{Event, Message};

use crate::Failure;
use crate::answers::answer;
use crate::options::Options;

pub(crate) fn serve(options: &Options) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept()?;
        let options = *options;
        thread::spawn(move || {
            if let Err(error) = connection(&stream, &options) {
                eprintln!("{error}");
            }
        });
    }
}

/// Echoes until the server ends the connection, and gives the first text that came.
pub(crate) fn echo_at(address: &str, target: &str, options: &Options) -> Result<Option<String>, Failure> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let handshake = ClientHandshake::new(address, target)?;
    let handshake = match options.client_policy() {
        Some(policy) => handshake.deflate(policy),
        None => handshake,
    };
    let mut socket = WebSocket::connect(&stream, &handshake, &settings(options))?;
    let mut first = None;
    let echoed = echo(&mut socket, options, |text| {
        first.get_or_insert_with(|| text.to_owned());
    });
    leave(&stream, &mut socket, echoed.is_err());
    Ok(echoed.map(|()| first)?)
}

fn connection(stream: &TcpStream, options: &Options) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let handshake = match options.server_policy() {
        Some(policy) => ServerHandshake::new().deflate(policy),
        None => ServerHandshake::new(),
    };
    let mut socket = WebSocket::accept(stream, &handshake, &settings(options))?;
    let echoed = echo(&mut socket, options, |_| {});
    leave(stream, &mut socket, echoed.is_err());
    echoed
}

fn settings(options: &Options) -> Settings {
    Settings::new().backend(options.backend)
}

fn echo(
    socket: &mut WebSocket<&TcpStream>,
    options: &Options,
    mut note: impl FnMut(&str),
) -> Result<(), Error> {
    while let Some((event, sender)) = socket.read_and_sender()? {
        if let Event::Message(message) = event {
            if let Message::Text(text) = message {
                note(text);
            }
            answer(message, sender, options)?;
        }
        if sender.output().len() >= QUEUED {
            socket.flush()?;
        }
    }
    Ok(())
}

/// What may wait to be written while there is more to read.
const QUEUED: usize = 64 << 10;

fn leave(stream: &TcpStream, socket: &mut WebSocket<&TcpStream>, failed: bool) {
    // The peer may be gone already, which is as good.
    let _ = stream.shutdown(Shutdown::Write);
    if failed && stream.set_read_timeout(Some(LAST_WAIT)).is_ok() {
        // What the peer still sends must not keep it from reading why it failed.
        socket.drain(LAST_WAIT);
    }
}

const LAST_WAIT: Duration = Duration::from_secs(1);
