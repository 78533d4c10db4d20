//! What a whole socket sends at once.

use std::io::{Read, Write};

use wscodec_compressors::CompressionWish;

use super::{Error, WebSocket, transport};
use crate::{Message, RawFrame};

/// From so many bytes on, a message is written from where it lies if it can be: a copy costs more than a longer list of
/// pieces.
const VECTORED: usize = 16 << 10;

impl<S: Read + Write> WebSocket<S> {
    /// Sends a message, and writes it; see [`Sender::send`](crate::Sender::send). A close frame begins the closing handshake, of
    /// which [`read`](Self::read) has the rest.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut wire = std::io::Cursor::new(Vec::new());
    /// let mut socket = WebSocket::from_connection(&mut wire, Connection::new(Role::Server, Limits::new()));
    /// socket.send(Message::Text("Hello"))?;
    /// assert_eq!(wire.into_inner(), b"\x81\x05Hello");
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Codec`] if the message can't be sent: then it was not queued. [`Error::WouldBlock`] and [`Error::Io`] from the
    /// transport: then it was.
    pub fn send(&mut self, message: Message<'_>) -> Result<(), Error> {
        if let Message::Text(_) | Message::Binary(_) = message
            && payload_length(&message) >= VECTORED
            && self.has_written_head()
        {
            self.write_vectored(message)?;
        } else {
            self.sender.send(message)?;
        }
        self.flush()
    }

    /// [`send`](Self::send) with a wish of the application whether this message is compressed.
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::compressors::CompressionWish;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut wire = std::io::Cursor::new(Vec::new());
    /// let mut socket = WebSocket::from_connection(&mut wire, Connection::new(Role::Server, Limits::new()));
    /// socket.send_with(Message::Binary(b"a picture"), CompressionWish::Plain)?;
    /// assert_eq!(wire.into_inner(), b"\x82\x09a picture");
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_with(&mut self, message: Message<'_>, wish: CompressionWish) -> Result<(), Error> {
        self.sender.send_with(message, wish)?;
        self.flush()
    }

    /// Sends messages, and writes them together; see [`Sender::send_all`](crate::Sender::send_all).
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut wire = std::io::Cursor::new(Vec::new());
    /// let mut socket = WebSocket::from_connection(&mut wire, Connection::new(Role::Server, Limits::new()));
    /// socket.send_all(&[Message::Text("one"), Message::Text("two")])?;
    /// socket.ping(b"?")?;
    /// assert_eq!(wire.into_inner(), b"\x81\x03one\x81\x03two\x89\x01?");
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send), with those of [`Sender::send_all`](crate::Sender::send_all).
    pub fn send_all(&mut self, messages: &[Message<'_>]) -> Result<(), Error> {
        self.sender.send_all(messages)?;
        self.flush()
    }

    /// Sends a ping of at most 125 bytes, and writes it.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.send(Message::Ping(payload))
    }

    /// Sends a frame with any FIN and reserved bits, and writes it; see
    /// [`Sender::send_frame`](crate::Sender::send_frame).
    ///
    /// ```
    /// use wscodec::blocking::WebSocket;
    /// use wscodec::kernel::{Opcode, Rsv};
    /// use wscodec::{Connection, Limits, RawFrame, Role};
    ///
    /// let mut wire = std::io::Cursor::new(Vec::new());
    /// let mut socket = WebSocket::from_connection(&mut wire, Connection::new(Role::Server, Limits::new()));
    /// socket.send_frame(RawFrame { fin: false, rsv: Rsv::RSV3, ..RawFrame::new(Opcode::Binary, b"one") })?;
    /// socket.send_frame(RawFrame::new(Opcode::Continuation, b"two"))?;
    /// assert_eq!(wire.into_inner(), b"\x12\x03one\x80\x03two");
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send), with those of [`Sender::send_frame`](crate::Sender::send_frame).
    pub fn send_frame(&mut self, frame: RawFrame<'_>) -> Result<(), Error> {
        self.sender.send_frame(frame)?;
        self.flush()
    }

    fn write_vectored(&mut self, message: Message<'_>) -> Result<(), Error> {
        let pieces = self.sender.send_vectored(message)?;
        // What is not written is queued, in any case.
        let written = transport::write_vectored(&mut self.stream, &pieces.slices())?;
        pieces.wrote(written)?;
        self.note_write();
        Ok(())
    }
}

fn payload_length(message: &Message<'_>) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) => bytes.len(),
        _ => 0,
    }
}
