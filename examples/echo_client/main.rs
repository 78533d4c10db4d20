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

use wscodec::Role;

use crate::common::report::Report;
use crate::common::sender::Sender;
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
    let mut stream = TcpStream::connect(&options.address)?;
    common::prepare(&stream)?;
    let opened = handshake::connect(&mut stream, &options.address, &options.compression)?;
    let (mut decoder, encoder) = options.compression.codec(Role::Client, opened.agreement)?;
    let mut sender = Sender::new(encoder, options.mixed);
    decoder.push(&opened.after_head);
    let messages = messages::Generated::new(options.seed).take(options.messages);
    let pongs = conversation::hold(stream, &mut decoder, &mut sender, messages)?;
    Ok(Report::new(opened.agreement, &decoder, &sender, pongs))
}
