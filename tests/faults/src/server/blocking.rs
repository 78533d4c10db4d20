//! A thread a connection.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use wscodec::Event;
use wscodec::blocking::{Error, WebSocket};

use super::counts::{self, Counted};
use crate::ways::Way;

pub(super) fn start(ways: &[Way]) -> io::Result<Box<dyn Fn()>> {
    for &way in ways {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        println!("{} {}", way.name(), listener.local_addr()?);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counted = Counted::new();
                // Without a thread for it, the connection is dropped, and counted as ended.
                _ = thread::Builder::new().spawn(move || {
                    let _counted = counted;
                    // How peers end is what they are tested for, at their end.
                    _ = connection(&stream, way);
                });
            }
        });
    }
    println!("ready");
    // Their threads are waiting in reads.
    Ok(Box::new(|| {}))
}

fn connection(stream: &TcpStream, way: Way) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let mut socket = WebSocket::accept(stream, &way.server_handshake(), &way.settings())?;
    let echoed = echo(&mut socket);
    // The peer may be gone already, which is as good.
    let _ = stream.shutdown(Shutdown::Write);
    if echoed.is_err() && stream.set_read_timeout(Some(LAST_WAIT)).is_ok() {
        // What the peer still sends must not keep it from reading why it failed.
        socket.drain(LAST_WAIT);
    }
    echoed
}

const LAST_WAIT: Duration = Duration::from_secs(1);

fn echo(socket: &mut WebSocket<&TcpStream>) -> Result<(), Error> {
    while let Some((event, sender)) = socket.read_and_sender()? {
        if let Event::Message(message) = event {
            counts::echo(message, sender)?;
        }
        if sender.output().len() >= QUEUED {
            socket.flush()?;
        }
    }
    Ok(())
}

/// What may wait to be written while there is more to read.
const QUEUED: usize = 64 << 10;
