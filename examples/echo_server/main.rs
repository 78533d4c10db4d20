//! An echo server on blocking threads, one a connection: `echo_server [PORT] [options]`, port 0 picks a free one.
//!
//! The codec does no I/O, so this is all that a stack brings: a socket, the opening handshake, and a loop that
//! hands what was read to the decoder and writes what the encoder gave.

#[path = "../common/mod.rs"]
mod common;
mod handshake;
mod options;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use wscodec::{CloseFrame, Decoder, Error, Message, Role};

use crate::common::BUFFER;
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
fn connection(mut stream: TcpStream, options: &Options) -> io::Result<String> {
    common::prepare(&stream)?;
    let opened = match handshake::accept(&mut stream, &options.compression) {
        Ok(opened) => opened,
        Err(refusal) => {
            refusal.write(&mut stream)?;
            return Ok(format!("refused: {refusal}"));
        }
    };
    let (mut decoder, encoder) = options.compression.codec(Role::Server, opened.agreement)?;
    let mut sender = Sender::new(encoder, options.mixed);
    decoder.push(&opened.after_head);
    let pongs = echo(&mut stream, &mut decoder, &mut sender)?;
    Ok(Report::new(opened.agreement, &decoder, &sender, pongs).to_string())
}

/// Echoes until the peer closes, and gives the number of pongs.
fn echo(stream: &mut TcpStream, decoder: &mut Decoder, sender: &mut Sender) -> io::Result<usize> {
    let mut pongs = 0;
    let mut out = Vec::with_capacity(BUFFER);
    loop {
        loop {
            match answer(decoder, sender, &mut out) {
                Ok(Some(pong)) => pongs += usize::from(pong),
                Ok(None) => break,
                Err(error) => return fail(stream, sender, out, error),
            }
            if out.len() >= BUFFER {
                flush(stream, &mut out)?;
            }
        }
        flush(stream, &mut out)?;
        if decoder.is_closed() {
            stream.shutdown(Shutdown::Write)?;
            return Ok(pongs);
        }
        match stream.read(decoder.room())? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            bytes => decoder.filled(bytes),
        }
    }
}

/// Answers the next message: `None` if there is none yet, otherwise whether it was a pong.
fn answer(decoder: &mut Decoder, sender: &mut Sender, out: &mut Vec<u8>) -> Result<Option<bool>, Error> {
    let Some(message) = decoder.next_message()? else {
        return Ok(None);
    };
    match message {
        Message::Text(_) | Message::Binary(_) => sender.data(message, out)?,
        Message::Close(_) => sender.encoder.encode(message, out)?,
        Message::Ping(payload) => sender.encoder.encode(Message::Pong(payload), out)?,
        Message::Pong(_) => {}
    }
    Ok(Some(matches!(message, Message::Pong(_))))
}

/// Tells the peer why the connection ends, and waits for it to hang up.
fn fail(stream: &mut TcpStream, sender: &mut Sender, mut out: Vec<u8>, error: Error) -> io::Result<usize> {
    if let Some(code) = error.close_code() {
        let reason = CloseFrame::new(code, "");
        sender.encoder.encode(Message::Close(Some(reason)), &mut out).map_err(io::Error::other)?;
    }
    flush(stream, &mut out)?;
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    // Not for ever: a peer may go on sending a byte now and then.
    let mut dropped = [0; 4096];
    for _ in 0..16 {
        if !matches!(stream.read(&mut dropped), Ok(1..)) {
            break;
        }
    }
    Err(io::Error::other(error))
}

fn flush(stream: &mut TcpStream, out: &mut Vec<u8>) -> io::Result<()> {
    stream.write_all(out)?;
    out.clear();
    Ok(())
}
