use std::io::{self, Read, Write};

use super::{Error, WebSocket};

/// A message under way, to be written to; from [`WebSocket::message_writer`].
///
/// What is written goes out in whole chunks, the last of which is held back until there is more or the message is
/// [finished](Self::finish). If this is dropped before, the message is still under way:
/// [`Sender::finish_stream`](crate::Sender::finish_stream) ends it.
///
/// ```
/// use std::io::Write;
/// use wscodec::blocking::WebSocket;
/// use wscodec::{Connection, DataKind, Limits, Role};
///
/// let mut wire = std::io::Cursor::new(Vec::new());
/// let mut socket = WebSocket::from_connection(&mut wire, Connection::new(Role::Server, Limits::new()));
/// let mut message = socket.message_writer(DataKind::Text, 8)?;
/// write!(message, "{}, {} and {}", "one", "two", 3)?;
/// message.finish()?;
/// assert_eq!(wire.into_inner(), b"\x01\x08one, two\x80\x06 and 3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a message has to be finished"]
pub struct MessageWriter<'a, S> {
    socket: &'a mut WebSocket<S>,
}

/// What is taken at a time.
const PIECE: usize = 16 << 10;

impl<'a, S: Read + Write> MessageWriter<'a, S> {
    pub(super) fn new(socket: &'a mut WebSocket<S>) -> Self {
        Self { socket }
    }

    /// Ends the message, and writes its last frame.
    ///
    /// # Errors
    /// [`Error::Codec`] as [`Sender::finish_stream`](crate::Sender::finish_stream). [`Error::WouldBlock`] from the transport: then
    /// the message is complete and queued. With [`Error::Io`] it may be, or may still be under way.
    pub fn finish(mut self) -> Result<(), Error> {
        // There may be no room for it otherwise.
        self.write_what_can_be()?;
        self.socket.sender.finish_stream()?;
        self.socket.flush()
    }

    fn write_what_can_be(&mut self) -> Result<(), Error> {
        match self.socket.flush() {
            Ok(()) | Err(Error::WouldBlock) => Ok(()),
            error => error,
        }
    }
}

impl<S: Read + Write> Write for MessageWriter<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // An error means that nothing was taken; so nothing is while the transport would block.
        self.socket.flush()?;
        let part = &bytes[..bytes.len().min(PIECE)];
        self.socket.sender.stream(part).map_err(Error::from)?;
        self.write_what_can_be()?;
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.socket.flush()?)
    }
}
