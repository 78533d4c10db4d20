//! Messages written from where they lie.

use std::io::IoSlice;

use wscodec_kernel::EncodedHeader;

use super::{Connection, Sender};
use crate::{Error, Message, MisuseError};

/// What is queued and a message behind it, to be written in one vectored write without a copy of the message.
///
/// After the write, say with [`wrote`](Self::wrote) how much of it went out; the rest is then copied and queued. So is all of it
/// if this is dropped. Only if it is leaked, the message is not sent.
#[derive(Debug)]
#[must_use = "the message is copied if it is not written"]
pub struct Pieces<'a> {
    sender: &'a mut Sender,
    /// Of a message that is not in the queue.
    header: Option<EncodedHeader>,
    payload: &'a [u8],
    /// How many bytes of the two were written.
    written: usize,
}

impl Connection {
    /// Sends a message by way of a vectored write. Where it has to be masked or compressed, cut into frames, or is a control
    /// frame, it is queued as by [`send`](Self::send), and there is one piece.
    ///
    /// ```
    /// use std::io::Write;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// connection.send(Message::Text("queued"))?;
    /// let mut transport = Vec::new();
    ///
    /// let pieces = connection.send_vectored(Message::Binary(b"from where it lies"))?;
    /// let written = transport.write_vectored(&pieces.slices())?;
    /// pieces.wrote(written)?;
    /// assert_eq!(transport, b"\x81\x06queued\x82\x12from where it lies");
    /// assert_eq!(connection.output(), b"");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_vectored<'a>(&'a mut self, message: Message<'a>) -> Result<Pieces<'a>, Error> {
        self.sender.send_vectored(message)
    }
}

impl Sender {
    /// See [`Connection::send_vectored`].
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_vectored<'a>(&'a mut self, message: Message<'a>) -> Result<Pieces<'a>, Error> {
        if self.fits_a_frame(&message) && !self.stream.is_under_way() {
            self.check_open()?;
            if let Some((header, payload)) = self.encoder.header_alone(message)? {
                self.output.check_room(self.frame_length(payload.len()))?;
                return Ok(Pieces::new(self, header, payload));
            }
        }
        self.send(message)?;
        Ok(Pieces::queued(self))
    }
}

impl<'a> Pieces<'a> {
    /// What is queued, and a frame behind it for which there is room.
    pub(super) const fn new(sender: &'a mut Sender, header: EncodedHeader, payload: &'a [u8]) -> Self {
        Self { sender, header: Some(header), payload, written: 0 }
    }

    /// What is queued.
    pub(super) const fn queued(sender: &'a mut Sender) -> Self {
        Self { sender, header: None, payload: &[], written: 0 }
    }
}

#[cfg(feature = "tokio")]
impl Sender {
    /// Whether there is room for a message as long as that, in one frame, behind what is queued.
    pub(crate) fn has_room_for(&self, payload: usize) -> bool {
        self.output.has_room(self.frame_length(payload))
    }
}

impl Pieces<'_> {
    /// What is to be written, in this order: what is queued, the message's header, and its payload. Any of them may be empty.
    #[must_use]
    pub fn slices(&self) -> [IoSlice<'_>; 3] {
        [self.sender.output(), self.header(), self.payload()].map(IoSlice::new)
    }

    /// How many bytes they are together.
    #[must_use]
    pub fn length(&self) -> usize {
        self.sender.output().len() + self.header().len() + self.payload().len()
    }

    /// Takes note that the first `bytes` bytes were written, and queues the rest.
    ///
    /// # Errors
    /// [`MisuseError::MoreThanQueued`] if there are fewer; then none counts as written.
    pub fn wrote(mut self, bytes: usize) -> Result<(), MisuseError> {
        self.advance(bytes)?;
        self.finish()
    }

    /// Takes note that the first `bytes` bytes were written, to go on with the rest.
    pub(crate) fn advance(&mut self, bytes: usize) -> Result<(), MisuseError> {
        if bytes > self.length() {
            return Err(MisuseError::MoreThanQueued);
        }
        let queued = bytes.min(self.sender.output().len());
        self.sender.output.advance(queued)?;
        self.written += bytes - queued;
        Ok(())
    }

    /// Queues the rest.
    pub(crate) fn finish(mut self) -> Result<(), MisuseError> {
        // A pong that waited goes behind the message.
        self.queue();
        self.sender.advance_output(0)
    }

    fn header(&self) -> &[u8] {
        self.header.as_deref().and_then(|header| header.get(self.written..)).unwrap_or_default()
    }

    fn payload(&self) -> &[u8] {
        let header = self.header.as_deref().map_or(0, <[u8]>::len);
        self.payload.get(self.written.saturating_sub(header)..).unwrap_or_default()
    }

    /// Queues what is left of the message.
    fn queue(&mut self) {
        let Some(header) = self.header.take() else { return };
        let out = self.sender.output.end_of_queue();
        out.extend_from_slice(header.get(self.written..).unwrap_or_default());
        let written = self.written.saturating_sub(header.len());
        out.extend_from_slice(self.payload.get(written..).unwrap_or_default());
    }
}

impl Drop for Pieces<'_> {
    fn drop(&mut self) {
        self.queue();
    }
}
