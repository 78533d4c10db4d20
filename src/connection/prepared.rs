//! Prepared messages on a connection.

use wscodec_kernel::prefetch;

use super::{Connection, Pieces, Sender};
use crate::{Error, PreparedMessage};

impl Connection {
    /// Queues a prepared message; see [`Sender::send_prepared`].
    ///
    /// # Errors
    /// As [`Sender::send_prepared`].
    #[inline]
    pub fn send_prepared(&mut self, prepared: &PreparedMessage) -> Result<(), Error> {
        self.sender.send_prepared(prepared)
    }

    /// Sends a prepared message by way of a vectored write; see [`Sender::send_prepared_vectored`].
    ///
    /// # Errors
    /// As [`Sender::send_prepared`].
    pub fn send_prepared_vectored<'a>(
        &'a mut self,
        prepared: &'a PreparedMessage,
    ) -> Result<Pieces<'a>, Error> {
        self.sender.send_prepared_vectored(prepared)
    }
}

impl Sender {
    /// Queues a prepared message, in one frame whatever the [frame size](super::Connection::with_frame_size). A close frame begins
    /// the closing handshake, or ends it, and there is always room for it, as in [`close`](Self::close).
    ///
    /// ```
    /// use wscodec::{Connection, Limits, PreparedMessage, Role};
    ///
    /// let news = PreparedMessage::from("news");
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// connection.send_prepared(&news)?;
    /// assert_eq!(connection.output(), b"\x81\x04news");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of all calls that queue, but it counts with its length on the wire, unless this connection compresses it for
    /// itself; [`MisuseError::MessageUnderWay`] for data between
    /// the parts of another message; [`Error::Backend`] also if the compressor failed for another connection.
    ///
    /// [`MisuseError::MessageUnderWay`]: crate::MisuseError::MessageUnderWay
    #[inline]
    pub fn send_prepared(&mut self, prepared: &PreparedMessage) -> Result<(), Error> {
        self.check_prepared(prepared)?;
        if prepared.is_close() {
            return self.close_by(|encoder, out| encoder.encode_prepared(prepared, out));
        }
        if self.encoder.compresses_itself(prepared) {
            let length = self.frame_length(prepared.payload().len());
            let Self { encoder, output, .. } = self;
            return output.append(length, |out| encoder.encode_prepared(prepared, out));
        }
        let frame = self.encoder.chosen(prepared)?;
        let length = self.frame_length(frame.payload().len());
        let Self { encoder, output, .. } = self;
        output.append(length, |out| encoder.encode_chosen(frame, out))
    }

    /// Sends a prepared message by way of a vectored write, without a copy of it. Where it has to be masked, is a close frame,
    /// or is compressed for this connection alone, it is queued as by [`send_prepared`](Self::send_prepared), and there is one piece.
    ///
    /// ```
    /// use std::io::Write;
    /// use wscodec::{Connection, Limits, PreparedMessage, Role};
    ///
    /// let news = PreparedMessage::from("news");
    /// let mut connection = Connection::new(Role::Server, Limits::new());
    /// let mut transport = Vec::new();
    /// let pieces = connection.send_prepared_vectored(&news)?;
    /// let written = transport.write_vectored(&pieces.slices())?;
    /// pieces.wrote(written)?;
    /// assert_eq!(transport, b"\x81\x04news");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`send_prepared`](Self::send_prepared).
    pub fn send_prepared_vectored<'a>(
        &'a mut self,
        prepared: &'a PreparedMessage,
    ) -> Result<Pieces<'a>, Error> {
        self.check_prepared(prepared)?;
        if !prepared.is_close() && self.encoder.shares(prepared) {
            let length = self.frame_length(self.encoder.chosen(prepared)?.payload().len());
            self.output.check_room(length)?;
            if let Some(frame) = self.encoder.prepared_frame(prepared)? {
                return Ok(Pieces::new(self, frame.encoded_header(), frame.payload()));
            }
        }
        self.send_prepared(prepared)?;
        Ok(Pieces::queued(self))
    }

    /// Asks for what [`send_prepared`](Self::send_prepared) looks at before it is called.
    #[inline]
    pub(crate) fn prefetch_state(&self) {
        prefetch(&self.encoder);
        prefetch(&self.output);
        self.stream.prefetch_state();
    }

    /// Asks for where it then writes to, once that state is there.
    #[inline]
    pub(crate) fn prefetch_output(&mut self, prepared: &PreparedMessage) {
        self.output.prefetch(prepared.payload().len());
    }

    #[inline]
    fn check_prepared(&self, prepared: &PreparedMessage) -> Result<(), Error> {
        self.check_open()?;
        if !prepared.is_control() {
            self.stream.check_idle()?;
        }
        Ok(())
    }
}

impl AsMut<Self> for Sender {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

/// As [`Connection::sender`].
impl AsMut<Sender> for Connection {
    fn as_mut(&mut self) -> &mut Sender {
        &mut self.sender
    }
}
