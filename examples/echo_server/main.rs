//! An echo server on blocking threads, one a connection: `echo_server [PORT] [options]`, port 0 picks a free one.
//!
//! All of it on the blocking adapter: the handshake, a loop that queues an answer to what it reads, and an orderly end.

#[path = "../common/mod.rs"]
mod common;
mod handshake;
mod options;

use std::io::{self, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use wscodec::blocking::{Error, HandshakeError, WebSocket};
use wscodec::{Event, Message};

use crate::common::BUFFER;
use crate::common::report::Report;
use crate::common::sending::Sending;
use crate::options::Options;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{}", options::usage());
            return ExitCode::from(2);
        }
    };
    match serve(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo_server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &Options) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
    println!("listening on {}", listener.local_addr()?);
    io::stdout().flush()?;
    thread::scope(|scope| {
        for number in 1..=options.connections {
            let (stream, _) = listener.accept()?;
            scope.spawn(move || match connection(stream, options) {
                Ok(summary) => println!("connection {number}: {summary}"),
                Err(error) => eprintln!("connection {number}: {error}"),
            });
        }
        Ok(())
    })
}

/// Serves one connection to its end and tells what happened on it.
fn connection(stream: TcpStream, options: &Options) -> Result<String, Error> {
    common::prepare(&stream)?;
    let compression = &options.compression;
    let mut socket =
        match WebSocket::accept(&stream, &handshake::handshake(compression), &compression.settings()) {
            Ok(socket) => socket,
            Err(Error::Handshake(HandshakeError::Refused(refusal))) => {
                return Ok(format!("refused: {refusal}"));
            }
            Err(error) => return Err(error),
        };
    let mut sending = Sending::new(options.mixed);
    let echoed = echo(&mut socket, &mut sending);
    stream.shutdown(Shutdown::Write)?;
    if echoed.is_err() {
        // The peer is to read why it failed, and what it still sends must not keep that from it.
        stream.set_read_timeout(Some(LAST_WAIT))?;
        socket.drain(LAST_WAIT);
    }
    let compressed = (socket.compressed_messages_received(), socket.sender().compressed_messages());
    Ok(Report::new(socket.agreement(), &sending, compressed, echoed?).to_string())
}

/// For a peer that failed to hang up.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Echoes until the peer closes, and gives the number of pongs.
fn echo(socket: &mut WebSocket<&TcpStream>, sending: &mut Sending) -> Result<usize, Error> {
    let mut pongs = 0;
    while let Some((event, sender)) = socket.read_and_sender()? {
        match event {
            Event::Message(message @ (Message::Text(_) | Message::Binary(_))) => {
                sending.data(message, sender)?;
            }
            Event::Message(Message::Pong(_)) => pongs += 1,
            // Pings and the close frame are answered already.
            _ => {}
        }
        if sender.output().len() >= BUFFER {
            socket.flush()?;
        }
    }
    Ok(pongs)
}
