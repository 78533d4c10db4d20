//! Messages sent in fragments (RFC 6455 section 5.4).

use wscodec_compressors::CompressionWish;
use wscodec_kernel::{EncodedHeader, FrameHeader, Opcode, Rsv, Utf8Validator, mask, validate_text};

use super::Encoder;
use crate::{DataKind, Error, Message, MisuseError};

/// A fragmented message between its first frame and its last.
#[derive(Clone, Debug)]
pub(super) struct FragmentsUnderWay {
    /// Of a text message.
    validator: Option<Utf8Validator>,
    /// Whether the compressor is to see it, and the application's wish.
    compressed: bool,
    wish: CompressionWish,
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
        self.begin_message_with(kind, fragment, CompressionWish::Auto, out)
    }

    /// [`begin_message`](Self::begin_message) with a wish of the application whether the message is compressed.
    ///
    /// # Errors
    /// As [`begin_message`](Self::begin_message).
    pub fn begin_message_with(
        &mut self,
        kind: DataKind,
        fragment: &[u8],
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let validator = (kind == DataKind::Text).then(Utf8Validator::new);
        self.begin(kind, validator, fragment, wish, out)
    }

    /// Appends a further fragment, not the last, of the message under way.
    ///
    /// # Errors
    /// [`MisuseError::Closed`], [`MisuseError::NoMessageUnderWay`], [`MisuseError::InvalidUtf8`], and
    /// [`Error::Backend`] without randomness. `out` is then as it was, and the message still under way. [`Error::Backend`] also if
    /// the compressor fails: then the message can't be ended, and the connection has to be.
    pub fn continue_message(&mut self, fragment: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let message = self.message_under_way()?;
        if message.has_no_state() {
            return self.frame(false, Rsv::NONE, Opcode::Continuation, fragment, out);
        }
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

    /// Appends `message` in frames of `frame_size` bytes of it and a last one of the rest; in one if it is not longer, or a control
    /// frame. At least one byte goes into a frame.
    ///
    /// With a compressor, a frame holds what so many bytes of the message compress to.
    ///
    /// ```
    /// use wscodec::compressors::CompressionWish;
    /// use wscodec::{Encoder, Message, Role};
    ///
    /// let mut out = Vec::new();
    /// let mut encoder = Encoder::new(Role::Server);
    /// encoder.encode_in_frames(Message::Text("Hello"), 2, CompressionWish::Auto, &mut out)?;
    /// assert_eq!(out, b"\x01\x02He\x00\x02ll\x80\x01o");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`encode_with`](Self::encode_with), with nothing written; and [`Error::Backend`] if the compressor fails after the first
    /// frame: then the message can't be ended, and the connection has to be.
    pub fn encode_in_frames(
        &mut self,
        message: Message<'_>,
        frame_size: usize,
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        match message.data() {
            Some((kind, payload)) if payload.len() > frame_size.max(1) => {
                self.data_in_frames(kind, payload, frame_size, wish, out)
            }
            _ => self.encode_with(message, wish, out),
        }
    }

    /// The same for data that does not fit in one frame.
    pub(crate) fn data_in_frames(
        &mut self,
        kind: DataKind,
        payload: &[u8],
        frame_size: usize,
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let frame_size = frame_size.max(1);
        let (first, mut rest) = payload.split_at(frame_size);
        // What is text as a whole needs no second look.
        self.begin(kind, None, first, wish, out)?;
        while rest.len() > frame_size {
            let (fragment, others) = rest.split_at(frame_size);
            self.continue_message(fragment, out)?;
            rest = others;
        }
        self.finish_message(rest, out)
    }

    /// Appends the next part of a message that is the only one under way: its first if there is none yet, which may be its
    /// `last` as well.
    pub(crate) fn part(
        &mut self,
        kind: DataKind,
        part: &[u8],
        last: bool,
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        match (self.fragments.is_some(), last) {
            (false, false) => self.begin_message_with(kind, part, wish, out),
            (true, false) => self.continue_message(part, out),
            (true, true) => self.finish_message(part, out),
            (false, true) => {
                let message = match kind {
                    DataKind::Text => {
                        Message::Text(validate_text(part).map_err(|_| MisuseError::InvalidUtf8)?)
                    }
                    DataKind::Binary => Message::Binary(part),
                };
                self.encode_with(message, wish, out)
            }
        }
    }

    /// Makes of the next part, if it goes out as it is, the payload of its frame, in its place; the header has to be sent
    /// before it. If it may be compressed, nothing is done, and it is [`part`](Self::part)'s.
    #[inline]
    pub(crate) fn part_in_place(
        &mut self,
        kind: DataKind,
        part: &mut [u8],
        last: bool,
    ) -> Result<Option<EncodedHeader>, Error> {
        self.check_open()?;
        let (opcode, mut message) = match &self.fragments {
            Some(message) if message.has_no_state() && !last => {
                return self.frame_in_place(false, Opcode::Continuation, part).map(Some);
            }
            _ if !self.sends_parts_as_they_are() => return Ok(None),
            Some(message) => (Opcode::Continuation, message.clone()),
            None => {
                let validator = (kind == DataKind::Text).then(Utf8Validator::new);
                (kind.opcode(), FragmentsUnderWay::plain(validator))
            }
        };
        message.validate(part, last)?;
        let header = self.frame_in_place(last, opcode, part)?;
        self.fragments = if last { None } else { Some(message) };
        Ok(Some(header))
    }

    /// Whether the next [`part`](Self::part) that is not the last goes out as it is, whatever it holds.
    pub(crate) fn sends_parts_as_they_are(&self) -> bool {
        self.fragments.as_ref().map_or(self.compressor.is_none(), |message| !message.is_compressed())
    }

    /// Takes note that the last [`part`](Self::part) was the message's last after all, where the caller sets FIN in its frame.
    pub(crate) fn end_parts(&mut self) -> Result<(), MisuseError> {
        self.message_under_way()?.validate(&[], true)?;
        self.fragments = None;
        Ok(())
    }

    /// Forgets a message of which nothing will be sent.
    pub(crate) fn forget_parts(&mut self) {
        self.fragments = None;
    }

    fn begin(
        &mut self,
        kind: DataKind,
        validator: Option<Utf8Validator>,
        fragment: &[u8],
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.check_open()?;
        if self.fragments.is_some() {
            return Err(MisuseError::MessageUnderWay.into());
        }
        let compressed = self.compresses(fragment, wish);
        let message = FragmentsUnderWay { validator, compressed, wish };
        self.fragment(message, kind.opcode(), fragment, false, out)
    }

    /// Masks a payload in its place, where the role asks for it; gives the header.
    #[inline]
    fn frame_in_place(
        &mut self,
        fin: bool,
        opcode: Opcode,
        payload: &mut [u8],
    ) -> Result<EncodedHeader, Error> {
        let masking_key = self.masking_key()?;
        let header = FrameHeader { fin, masking_key, ..FrameHeader::new(opcode, payload.len() as u64) };
        let header = header.encode().map_err(MisuseError::InvalidFrame)?;
        if let Some(key) = masking_key {
            mask(payload, key);
        }
        Ok(header)
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
            self.compressed_fragment(opcode, fragment, last, message.wish, out)?;
        } else {
            self.frame(last, Rsv::NONE, opcode, fragment, out)?;
        }
        self.fragments = if last { None } else { Some(message) };
        Ok(())
    }
}

impl FragmentsUnderWay {
    /// One that is not compressed, and text to be validated if there is a `validator`.
    pub(super) const fn plain(validator: Option<Utf8Validator>) -> Self {
        Self { validator, compressed: false, wish: CompressionWish::Plain }
    }

    pub(super) const fn is_compressed(&self) -> bool {
        self.compressed
    }

    /// Whether a fragment changes nothing in it.
    const fn has_no_state(&self) -> bool {
        !self.compressed && self.validator.is_none()
    }

    pub(super) fn validate(&mut self, fragment: &[u8], last: bool) -> Result<(), MisuseError> {
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
