//! An echo server on blocking threads, one a connection: `echo_server [PORT] [options]`, port 0 picks a free one.
//!
//! The codec does no I/O, so this is all that a stack brings: a socket, the opening handshake, and a loop that
//! hands what was read to the decoder and writes what the encoder gave.

mod handshake;
mod options;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use wscodec::compressors::CompressorConfig;
use wscodec::compressors::negotiation::Agreement;
use wscodec::{CloseFrame, Decoder, Encoder, Error, Limits, Message, Role};

use crate::options::Options;

/// What one read takes, and about what one write holds.
const BUFFER: usize = 64 << 10;

/// For a peer that connects and stays silent.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{}", options::USAGE);
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
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let opened = match handshake::accept(&mut stream, options) {
        Ok(opened) => opened,
        Err(refusal) => {
            refusal.write(&mut stream)?;
            return Ok(format!("refused: {refusal}"));
        }
    };
    let (mut decoder, mut encoder) = codec(options, opened.agreement)?;
    decoder.push(&opened.after_head);
    let messages = echo(&mut stream, &mut decoder, &mut encoder)?;
    let agreed = opened.agreement.map_or("no extension".to_owned(), |agreement| agreement.to_string());
    let (inflated, deflated) = (decoder.compressed_messages(), encoder.compressed_messages());
    Ok(format!("{agreed}; messages={messages} inflated={inflated} deflated={deflated}"))
}

/// Both directions as they were agreed on.
fn codec(options: &Options, agreement: Option<Agreement>) -> io::Result<(Decoder, Encoder)> {
    let decoder = Decoder::new(Role::Server, limits()).with_read_size(BUFFER);
    let encoder = Encoder::new(Role::Server).with_compression_policy(options.policy());
    let (Some(backend), Some(agreement)) = (options.backend, agreement) else {
        return Ok((decoder, encoder));
    };
    let config = CompressorConfig::from(agreement.server_to_client()).level(options.level);
    Ok((
        decoder.with_decompressor(backend, agreement.client_to_server()).map_err(io::Error::other)?,
        encoder.with_compressor(backend, config).map_err(io::Error::other)?,
    ))
}

/// Echoes until the peer closes, and gives the number of data messages.
fn echo(stream: &mut TcpStream, decoder: &mut Decoder, encoder: &mut Encoder) -> io::Result<usize> {
    let mut messages = 0;
    let mut out = Vec::with_capacity(BUFFER);
    loop {
        loop {
            match answer(decoder, encoder, &mut out) {
                Ok(Some(data)) => messages += usize::from(data),
                Ok(None) => break,
                Err(error) => return fail(stream, encoder, out, error),
            }
            if out.len() >= BUFFER {
                flush(stream, &mut out)?;
            }
        }
        flush(stream, &mut out)?;
        if decoder.is_closed() {
            stream.shutdown(Shutdown::Write)?;
            return Ok(messages);
        }
        match stream.read(decoder.room())? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            bytes => decoder.filled(bytes),
        }
    }
}

/// Answers the next message: `None` if there is none yet, otherwise whether it was one of data.
fn answer(decoder: &mut Decoder, encoder: &mut Encoder, out: &mut Vec<u8>) -> Result<Option<bool>, Error> {
    let Some(message) = decoder.next_message()? else {
        return Ok(None);
    };
    match message {
        Message::Text(_) | Message::Binary(_) | Message::Close(_) => encoder.encode(message, out)?,
        Message::Ping(payload) => encoder.encode(Message::Pong(payload), out)?,
        Message::Pong(_) => {}
    }
    Ok(Some(!message.is_control()))
}

/// Tells the peer why the connection ends, and waits for it to hang up.
fn fail(stream: &mut TcpStream, encoder: &mut Encoder, mut out: Vec<u8>, error: Error) -> io::Result<usize> {
    if let Some(code) = error.close_code() {
        let reason = CloseFrame::new(code, "");
        encoder.encode(Message::Close(Some(reason)), &mut out).map_err(io::Error::other)?;
    }
    flush(stream, &mut out)?;
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    io::copy(stream, &mut io::sink())?;
    Err(io::Error::other(error))
}

fn flush(stream: &mut TcpStream, out: &mut Vec<u8>) -> io::Result<()> {
    stream.write_all(out)?;
    out.clear();
    Ok(())
}

/// The limits of a server that anybody may connect to.
fn limits() -> Limits {
    Limits::new().with_message(16 << 20)
}
