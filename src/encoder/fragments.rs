//! Messages sent in fragments (RFC 6455 section 5.4).

use wscodec_compressors::CompressionWish;
use wscodec_kernel::{Opcode, Rsv, Utf8Validator};

use super::Encoder;
use crate::{DataKind, Error, MisuseError};

/// A fragmented message between its first frame and its last.
#[derive(Clone, Debug)]
pub(super) struct FragmentsUnderWay {
    /// Of a text message.
    validator: Option<Utf8Validator>,
    /// Whether the compressor is to see it.
    compressed: bool,
}

impl Encoder {
    /// Appends the first fragment of a message whose others follow by
    /// [`continue_message`](Self::continue_message) and [`finish_message`](Self::finish_message).
    ///
    /// With a compressor, its policy decides by the first fragment for all of them, and each is compressed as far as the peer
    /// can read it when it has it. Control frames may be encoded between them, other messages not. Fragments of
    /// text may be cut inside a character; together they must be UTF-8.
    ///
    /// ```
    /// use wscodec::{DataKind, Encoder, Role};
    ///
    /// let mut encoder = Encoder::new(Role::Server);
    /// let mut out = Vec::new();
    /// encoder.begin_message(DataKind::Text, b"Hel", &mut out)?;
    /// encoder.continue_message(b"l", &mut out)?;
    /// encoder.finish_message(b"o", &mut out)?;
    /// assert_eq!(out, b"\x01\x03Hel\x00\x01l\x80\x01o");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`MisuseError::Closed`], [`MisuseError::MessageUnderWay`], [`MisuseError::InvalidUtf8`] at the first byte that
    /// text can't have in its place, and [`Error::Backend`] without randomness. `out` is then as it was, and no
    /// message is under way that was not before.
    pub fn begin_message(&mut self, kind: DataKind, fragment: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.check_open()?;
        if self.fragments.is_some() {
            return Err(MisuseError::MessageUnderWay.into());
        }
        let validator = (kind == DataKind::Text).then(Utf8Validator::new);
        let compressed = self.compresses(fragment, CompressionWish::Auto);
        self.fragment(FragmentsUnderWay { validator, compressed }, kind.opcode(), fragment, false, out)
    }

    /// Appends a further fragment, not the last, of the message under way.
    ///
    /// # Errors
    /// [`MisuseError::Closed`], [`MisuseError::NoMessageUnderWay`], [`MisuseError::InvalidUtf8`], and
    /// [`Error::Backend`] without randomness. `out` is then as it was, and the message still under way. [`Error::Backend`] also if
    /// the compressor fails: then the message can't be ended, and the connection has to be.
    pub fn continue_message(&mut self, fragment: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let message = self.message_under_way()?;
        self.fragment(message, Opcode::Continuation, fragment, false, out)
    }

    /// Appends the last fragment, which may be empty, of the message under way.
    ///
    /// # Errors
    /// Those of [`continue_message`](Self::continue_message); [`MisuseError::InvalidUtf8`] also if the text
    /// ends inside a character.
    pub fn finish_message(&mut self, fragment: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let message = self.message_under_way()?;
        self.fragment(message, Opcode::Continuation, fragment, true, out)
    }

    fn message_under_way(&self) -> Result<FragmentsUnderWay, MisuseError> {
        self.check_open()?;
        self.fragments.clone().ok_or(MisuseError::NoMessageUnderWay)
    }

    /// Works on a copy of the state, so that a failure changes nothing.
    fn fragment(
        &mut self,
        mut message: FragmentsUnderWay,
        opcode: Opcode,
        fragment: &[u8],
        last: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        message.validate(fragment, last)?;
        if message.compressed {
            self.compressed_fragment(opcode, fragment, last, CompressionWish::Auto, out)?;
        } else {
            self.frame(last, Rsv::NONE, opcode, fragment, out)?;
        }
        self.fragments = if last { None } else { Some(message) };
        Ok(())
    }
}

impl FragmentsUnderWay {
    fn validate(&mut self, fragment: &[u8], last: bool) -> Result<(), MisuseError> {
        let Some(validator) = &mut self.validator else {
            return Ok(());
        };
        validator.push(fragment).map_err(|_| MisuseError::InvalidUtf8)?;
        if last {
            validator.finish().map_err(|_| MisuseError::InvalidUtf8)?;
        }
        Ok(())
    }
}
