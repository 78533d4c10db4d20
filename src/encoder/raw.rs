//! Frames as the caller makes them up, within what RFC 6455 section 5.2 lets an extension define.

use wscodec_compressors::CompressionWish;
use wscodec_kernel::{EncodedHeader, FrameHeader, Opcode, Rsv, Utf8Validator};

use super::Encoder;
use super::fragments::FragmentsUnderWay;
use crate::decoder::close_frame;
use crate::{DataKind, Error, Message, MisuseError, ProtocolError, RawFrame, Role};

impl Encoder {
    /// Appends a frame with any FIN and any reserved bits, its payload as it is but for the mask: never compressed.
    ///
    /// What can't be read by any peer is refused: data frames must follow one another as in a fragmented message, control
    /// frames are whole and short, and text without reserved bits is UTF-8 over all its frames.
    ///
    /// Where permessage-deflate was agreed on, RSV1 in the first frame of a message says that the caller has compressed it. The
    /// compressor has not seen it, so the next message that it compresses refers to nothing before that one.
    ///
    /// ```
    /// use wscodec::kernel::{Opcode, Rsv};
    /// use wscodec::{Encoder, RawFrame, Role};
    ///
    /// let mut out = Vec::new();
    /// let mut encoder = Encoder::new(Role::Server);
    /// let first = RawFrame { fin: false, rsv: Rsv::RSV3, opcode: Opcode::Binary, payload: b"one" };
    /// encoder.encode_frame(first, &mut out)?;
    /// encoder.encode_frame(RawFrame::new(Opcode::Continuation, b"two"), &mut out)?;
    /// assert_eq!(out, b"\x12\x03one\x80\x03two");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`MisuseError::Closed`] after a close frame; [`MisuseError::MessageUnderWay`] for text or binary between two
    /// fragments, and for a continuation of a message that the compressor has begun;
    /// [`MisuseError::NoMessageUnderWay`] for any other continuation of nothing; [`MisuseError::InvalidFrame`] for a control
    /// frame without FIN, [`MisuseError::ControlTooLong`], [`MisuseError::InvalidUtf8`]; for a close frame also
    /// [`MisuseError::ReservedCloseCode`] and [`MisuseError::TruncatedCloseCode`]; and [`Error::Backend`] without randomness.
    /// In each case `out` is as it was, and the encoder can go on.
    pub fn encode_frame(&mut self, frame: RawFrame<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        let RawFrame { fin, rsv, opcode, payload } = frame;
        self.check_open()?;
        if opcode.is_control() {
            return self.raw_control(frame, out);
        }
        let mut message = match (DataKind::of(opcode), self.fragments.clone()) {
            (Some(_), Some(_)) => return Err(MisuseError::MessageUnderWay.into()),
            (Some(kind), None) => {
                let is_text = kind == DataKind::Text && rsv.is_none();
                FragmentsUnderWay::plain(is_text.then(Utf8Validator::new))
            }
            (None, None) => return Err(MisuseError::NoMessageUnderWay.into()),
            (None, Some(message)) if message.is_compressed() => {
                return Err(MisuseError::MessageUnderWay.into());
            }
            (None, Some(message)) => message,
        };
        message.validate(payload, fin)?;
        self.frame(fin, rsv, opcode, payload, out)?;
        if opcode != Opcode::Continuation && rsv.contains(Rsv::RSV1) {
            self.forget_history();
        }
        self.fragments = (!fin).then_some(message);
        Ok(())
    }

    fn raw_control(&mut self, frame: RawFrame<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        let RawFrame { fin, rsv, opcode, payload } = frame;
        FrameHeader { fin, ..FrameHeader::new(opcode, 0) }.encode().map_err(MisuseError::InvalidFrame)?;
        if opcode == Opcode::Close {
            close_frame(payload).map_err(|error| match error {
                ProtocolError::InvalidCloseCode(code) => MisuseError::ReservedCloseCode(code),
                ProtocolError::TruncatedCloseCode => MisuseError::TruncatedCloseCode,
                _ => MisuseError::InvalidUtf8,
            })?;
        }
        self.control(rsv, opcode, payload, out)?;
        self.closed = opcode == Opcode::Close;
        Ok(())
    }

    pub(crate) const fn is_message_under_way(&self) -> bool {
        self.fragments.is_some()
    }

    /// The header of a message that can be sent from where its payload lies: one that is neither masked nor compressed.
    /// It has to be sent, and the payload after it.
    pub(crate) fn header_alone<'m>(
        &self,
        message: Message<'m>,
    ) -> Result<Option<(EncodedHeader, &'m [u8])>, MisuseError> {
        let (kind, payload) = match message {
            Message::Text(text) => (DataKind::Text, text.as_bytes()),
            Message::Binary(bytes) => (DataKind::Binary, bytes),
            _ => return Ok(None),
        };
        self.check_open()?;
        if self.fragments.is_some() {
            return Err(MisuseError::MessageUnderWay);
        }
        if self.role == Role::Client || self.compresses(payload, CompressionWish::Auto) {
            return Ok(None);
        }
        let header = FrameHeader { rsv: Rsv::NONE, ..FrameHeader::new(kind.opcode(), payload.len() as u64) };
        Ok(Some((header.encode().map_err(MisuseError::InvalidFrame)?, payload)))
    }
}
