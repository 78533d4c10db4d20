//! Messages that were compressed once for many connections.

use super::Encoder;
use crate::prepared::Frame;
use crate::{Error, MisuseError, PreparedFrame, PreparedMessage, Role};

impl Encoder {
    /// Appends a prepared message to `out` as one frame, masked with a key of its own where this endpoint is a client.
    ///
    /// ```
    /// use wscodec::{Encoder, PreparedMessage, Role};
    ///
    /// let hello = PreparedMessage::from("Hello");
    /// let mut out = Vec::new();
    /// for mut encoder in [Encoder::new(Role::Server), Encoder::new(Role::Server)] {
    ///     encoder.encode_prepared(&hello, &mut out)?;
    /// }
    /// assert_eq!(out, b"\x81\x05Hello\x81\x05Hello");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`MisuseError::Closed`], [`MisuseError::MessageUnderWay`] for data between two fragments, and [`Error::Backend`] if the
    /// compressor failed, for this connection or before for another, or without randomness. In each case `out` is as it was, and
    /// the encoder can go on.
    #[inline]
    pub fn encode_prepared(&mut self, prepared: &PreparedMessage, out: &mut Vec<u8>) -> Result<(), Error> {
        if let Some((kind, payload, wish)) = prepared.own_data(self.compressor.as_ref()) {
            self.check_open()?;
            return self.data(kind, payload, wish, out);
        }
        let frame = self.chosen(prepared)?;
        self.encode_chosen(frame, out)
    }

    /// A prepared message to be written from where it lies, which no byte of it is copied for; `None` where this endpoint is a
    /// client, which has to mask it, or compresses it [for itself](PreparedMessage::keeping_history): then [`encode_prepared`](Self::encode_prepared) does.
    ///
    /// ```
    /// use wscodec::{Encoder, PreparedMessage, Role};
    ///
    /// let hello = PreparedMessage::from("Hello");
    /// let frame = Encoder::new(Role::Server).prepared_frame(&hello)?.unwrap();
    /// assert_eq!((frame.header(), frame.payload()), (&b"\x81\x05"[..], &b"Hello"[..]));
    /// assert_eq!(frame.payload().as_ptr(), hello.payload().as_ptr());
    ///
    /// assert!(Encoder::new(Role::Client).prepared_frame(&hello)?.is_none());
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`encode_prepared`](Self::encode_prepared).
    pub fn prepared_frame<'p>(
        &mut self,
        prepared: &'p PreparedMessage,
    ) -> Result<Option<PreparedFrame<'p>>, Error> {
        if !self.shares(prepared) {
            self.check_may_send(prepared)?;
            return Ok(None);
        }
        let frame = self.chosen(prepared)?;
        let unmasked = frame.unmasked()?;
        self.note_sent(frame);
        Ok(Some(unmasked))
    }

    /// Whether this connection sends it from where it lies.
    #[inline]
    pub(crate) fn shares(&self, prepared: &PreparedMessage) -> bool {
        self.role == Role::Server && !self.compresses_itself(prepared)
    }

    #[inline]
    pub(crate) fn compresses_itself(&self, prepared: &PreparedMessage) -> bool {
        prepared.own_data(self.compressor.as_ref()).is_some()
    }

    /// What this connection would send of it now, if it does not compress it itself.
    #[inline]
    pub(crate) fn chosen<'p>(&self, prepared: &'p PreparedMessage) -> Result<&'p Frame, Error> {
        self.check_may_send(prepared)?;
        Ok(prepared.frame_for(self.compressor.as_ref())?)
    }

    /// Appends what was [`chosen`](Self::chosen).
    #[inline]
    pub(crate) fn encode_chosen(&mut self, frame: &Frame, out: &mut Vec<u8>) -> Result<(), Error> {
        self.frame(true, frame.rsv, frame.opcode, frame.payload(), out)?;
        self.note_sent(frame);
        Ok(())
    }

    #[inline]
    fn check_may_send(&self, prepared: &PreparedMessage) -> Result<(), MisuseError> {
        self.check_open()?;
        if self.fragments.is_some() && !prepared.is_control() {
            return Err(MisuseError::MessageUnderWay);
        }
        Ok(())
    }

    #[inline]
    fn note_sent(&mut self, frame: &Frame) {
        if frame.is_compressed() {
            self.compressed += 1;
            self.forget_history();
        }
        self.closed |= frame.is_close();
    }
}
