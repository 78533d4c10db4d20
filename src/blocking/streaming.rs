//! Messages from a source whose end isn't known before it is reached.

use std::io::{Read, Write};

use super::{Error, MessageWriter, WebSocket};
use crate::{DataKind, MisuseError, StreamError};

impl<S: Read + Write> WebSocket<S> {
    /// Sends a message in frames of `chunk` bytes (at least one) as they come from `reader`, with one chunk of lookahead: the last
    /// data frame has FIN, and no empty one trails. Each is written before more is read.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, DataKind, Limits, Role};
    ///
    /// let mut wire = std::io::Cursor::new(Vec::new());
    /// let mut socket = WebSocket::from_connection(&mut wire, Connection::new(Role::Server, Limits::new()));
    /// socket.send_stream(DataKind::Binary, 6, &mut &b"from a file!"[..])?;
    /// assert_eq!(wire.into_inner(), b"\x02\x06from a\x80\x06 file!");
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Source`] from the reader and [`Error::WouldBlock`] from the transport: the message is under way, and
    /// [`resume_stream`](Self::resume_stream) goes on with it. [`Error::Codec`] as
    /// [`Sender::begin_stream`](crate::Sender::begin_stream) and [`Sender::stream`](crate::Sender::stream);
    /// [`Error::Io`].
    pub fn send_stream(&mut self, kind: DataKind, chunk: usize, reader: &mut impl Read) -> Result<(), Error> {
        self.sender.begin_stream(kind, chunk)?;
        self.resume_stream(reader)
    }

    /// Goes on with a streamed message that was cut short; if it is complete by now, writes what is left of it.
    ///
    /// # Errors
    /// As [`send_stream`](Self::send_stream).
    pub fn resume_stream(&mut self, reader: &mut impl Read) -> Result<(), Error> {
        loop {
            self.flush()?;
            match self.sender.stream_from(reader) {
                Ok(true) => {}
                Ok(false) => return self.flush(),
                Err(StreamError::Send(crate::Error::Misuse(MisuseError::NoMessageUnderWay))) => return Ok(()),
                Err(StreamError::Send(error)) => return Err(error.into()),
                Err(StreamError::Read(error)) => return Err(Error::Source(error)),
            }
        }
    }

    /// Begins a message that is written to as to a file, and goes out in frames of `chunk` bytes (at least one).
    ///
    /// # Errors
    /// As [`Sender::begin_stream`](crate::Sender::begin_stream).
    pub fn message_writer(&mut self, kind: DataKind, chunk: usize) -> Result<MessageWriter<'_, S>, Error> {
        self.sender.begin_stream(kind, chunk)?;
        Ok(MessageWriter::new(self))
    }
}
