//! A client that sends generated messages to an echo server and compares every echo: `echo_client ADDRESS [options]`.
//!
//! The loop of the echo server seen from the other end, with one thing more: a thread that writes, so that the client
//! never stops reading while the server waits to be read.

#[path = "../common/mod.rs"]
mod common;
mod conversation;
mod handshake;
mod messages;
mod options;

use std::io;
use std::net::TcpStream;
use std::process::ExitCode;

use wscodec::blocking::WebSocket;

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
    match run(&options) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("echo_client: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<Report> {
    let stream = TcpStream::connect(&options.address)?;
    common::prepare(&stream)?;
    let Options { address, compression, .. } = options;
    let handshake = handshake::handshake(address, compression).map_err(io::Error::other)?;
    // The thread that writes answers pings as well.
    let settings = compression
        .settings()
        .configure(|connection| connection.with_read_size(BUFFER).with_automatic_pong(false));
    let socket = WebSocket::connect(&stream, &handshake, &settings)?;
    let agreement = socket.agreement();
    let (mut reader, mut writer) = socket.split(&stream);
    let mut sending = Sending::new(options.mixed);
    let messages = messages::Generated::new(options.seed).take(options.messages);
    let pongs = conversation::hold(&mut reader, &mut writer, &mut sending, messages)?;
    let compressed = (reader.compressed_messages_received(), writer.compressed_messages());
    Ok(Report::new(agreement, &sending, compressed, pongs))
}
