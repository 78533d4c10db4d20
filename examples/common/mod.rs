//! What a server and a client that speak WebSocket over a blocking socket have in common.

pub(crate) mod arguments;
pub(crate) mod compression;
pub(crate) mod report;
pub(crate) mod sending;

use std::io;
use std::net::TcpStream;
use std::time::Duration;

/// What one read takes, and about what one write holds.
pub(crate) const BUFFER: usize = 64 << 10;

/// For a peer that stays silent.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))
}
