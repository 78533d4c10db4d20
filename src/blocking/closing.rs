//! The end of a connection (RFC 6455 section 7).

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::reading::{self, Source};
use super::{Error, WebSocket, transport};
use crate::{CloseFrame, State};

impl<S: Read + Write> WebSocket<S> {
    /// Does the closing handshake: sends the close frame if none was sent, and waits for the peer's, passing over what comes before
    /// it. A client then waits for the server to shut the transport (section 7.1.1). Afterwards the transport is to be
    /// shut.
    ///
    /// It ends with the first read after `patience` is over, and a read lasts no longer than the stream's own timeout. Who wants
    /// to have what still comes [sends](Self::send) a close frame and goes on [reading](Self::read).
    ///
    /// ```
    /// use std::time::Duration;
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{CloseCode, CloseFrame, Connection, Limits, Role, State};
    ///
    /// let mut connection = Connection::new(Role::Client, Limits::new());
    /// connection.push(b"\x81\x04late\x88\x02\x03\xe8"); // has come in the meantime
    /// let mut socket = WebSocket::from_connection(std::io::Cursor::new(Vec::new()), connection);
    /// socket.close(Some(CloseFrame::new(CloseCode::NORMAL, "")), Duration::from_secs(1))?;
    /// assert_eq!(socket.state(), State::Closed);
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WouldBlock`] if the peer's close frame did not come in time: this can be called again. [`Error::Codec`] if the
    /// close frame can't be sent (then nothing was), and for what the peer does wrong; [`Error::Lost`] and
    /// [`Error::Io`] if the transport ends before.
    pub fn close(&mut self, frame: Option<CloseFrame<'_>>, patience: Duration) -> Result<(), Error> {
        if matches!(self.state(), State::Open | State::CloseReceived) {
            self.sender.close(frame)?;
        }
        let deadline = Deadline::after(patience);
        while reading::next_before(self, || deadline.is_over())? {
            if deadline.is_over() {
                return Err(Error::WouldBlock);
            }
        }
        while !self.should_shut() && !deadline.is_over() {
            // Closed it is in any case.
            if self.fill().is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Reads what still comes and passes over it, until the peer shuts the transport, a read fails or times out, or
    /// `patience` is over. To be called once this end has shut its writing side: with TCP, to leave with bytes unread may keep
    /// the last frame from the peer.
    ///
    /// ```no_run
    /// use std::net::{Shutdown, TcpStream};
    /// use std::time::Duration;
    /// use wscodec::blocking::{Error, WebSocket};
    ///
    /// fn leave(mut socket: WebSocket<TcpStream>) -> Result<(), Error> {
    ///     socket.stream().shutdown(Shutdown::Write)?;
    ///     socket.stream().set_read_timeout(Some(Duration::from_secs(1)))?;
    ///     socket.drain(Duration::from_secs(1));
    ///     Ok(())
    /// }
    /// ```
    pub fn drain(&mut self, patience: Duration) {
        drain(&mut self.stream, patience, usize::MAX);
    }
}

/// Reads up to about `most` bytes and passes over them, until a read fails or times out, or `patience` is over.
pub(super) fn drain(stream: &mut impl Read, patience: Duration, most: usize) {
    let deadline = Deadline::after(patience);
    let mut dropped = [0; 4 << 10];
    let mut left = most;
    while left > 0 && !deadline.is_over() {
        match transport::read(stream, &mut dropped) {
            Ok(bytes @ 1..) => left = left.saturating_sub(bytes),
            _ => return,
        }
    }
}

/// `None` is never over.
struct Deadline(Option<Instant>);

impl Deadline {
    fn after(patience: Duration) -> Self {
        Self(Instant::now().checked_add(patience))
    }

    fn is_over(&self) -> bool {
        self.0.is_some_and(|deadline| Instant::now() >= deadline)
    }
}
