//! From a `BytesMut` to messages.
//!
//! ```text
//! source   [H|payload][H|payl
//!           |  '- a whole message: unmasked there, split off, handed out
//!           '- anything else: pushed to a decoder, frame by frame, which owns all the rules
//! ```

use std::io;

use bytes::{Buf, BytesMut};
use tokio_util::codec;
use wscodec_compressors::{Backend, ConfigError, DecompressorConfig};
use wscodec_kernel::{FrameHeader, HeaderDecode, Opcode, mask, unmask_text, validate_text};

use super::Error;
use crate::{Decoder, Error as CodecError, Limits, Role, SharedMessage};

/// The receiving direction, for a `FramedRead`.
///
/// A message in one frame is waited for in the `BytesMut`, which grows with the bytes received; its length is checked
/// against the limits with its header, its text when it is whole.
#[derive(Debug)]
pub struct MessageDecoder {
    /// For all but whole messages in one plain frame.
    decoder: Decoder,
    role: Role,
    limits: Limits,
    /// Payload bytes to come of the frame that the decoder is in.
    left: u64,
    /// Whether a message in fragments is under way.
    fragmented: bool,
    /// Whether the decoder was given something that it may make a message of.
    pending: bool,
    error: Option<CodecError>,
}

impl MessageDecoder {
    /// A decoder at the start of a connection, for the endpoint that is `role`.
    #[must_use]
    pub fn new(role: Role, limits: Limits) -> Self {
        Self {
            decoder: Decoder::new(role, limits),
            role,
            limits,
            left: 0,
            fragmented: false,
            pending: false,
            error: None,
        }
    }

    /// The same with permessage-deflate agreed on; see [`Decoder::with_decompressor`].
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what `config` says.
    pub fn with_decompressor(
        self,
        backend: Backend,
        config: impl Into<DecompressorConfig>,
    ) -> Result<Self, ConfigError> {
        Ok(Self { decoder: self.decoder.with_decompressor(backend, config)?, ..self })
    }

    pub(super) const fn role(&self) -> Role {
        self.role
    }

    fn next(&mut self, source: &mut BytesMut) -> Result<Option<SharedMessage>, CodecError> {
        loop {
            if self.pending {
                if let Some(message) = self.decoder.next_message()? {
                    return Ok(Some(message.into()));
                }
                self.pending = false;
            }
            if self.decoder.is_closed() {
                // What comes after a close frame is dropped (RFC 6455 section 1.4).
                source.clear();
            }
            if source.is_empty() {
                return Ok(None);
            }
            if self.left > 0 {
                let bytes = usize::try_from(self.left).map_or(source.len(), |left| left.min(source.len()));
                self.left -= bytes as u64;
                self.push(source, bytes);
                continue;
            }
            match FrameHeader::decode(source) {
                Ok(HeaderDecode::Incomplete { .. }) => return Ok(None),
                Ok(HeaderDecode::Complete { header, length }) => match self.whole_message(&header) {
                    Some(payload) if source.len() - length < payload => return Ok(None),
                    Some(payload) => {
                        source.advance(length);
                        return message(&header, source.split_to(payload)).map(Some);
                    }
                    None => {
                        if !header.opcode.is_control() {
                            self.fragmented = !header.fin;
                        }
                        self.left = header.payload_length;
                        self.push(source, length);
                    }
                },
                // The decoder says what is wrong with it.
                Err(_) => self.push(source, source.len()),
            }
        }
    }

    /// The payload's length of a frame that is a message by itself and needs no decoder.
    fn whole_message(&self, header: &FrameHeader) -> Option<usize> {
        let is_plain = header.fin
            && header.rsv.is_none()
            && matches!(header.opcode, Opcode::Text | Opcode::Binary)
            && header.masking_key.is_some() == (self.role == Role::Server)
            && !self.fragmented;
        let length = usize::try_from(header.payload_length).ok()?;
        (is_plain && length <= self.limits.frame && length <= self.limits.message).then_some(length)
    }

    fn push(&mut self, source: &mut BytesMut, bytes: usize) {
        self.decoder.push(&source[..bytes]);
        source.advance(bytes);
        self.pending = true;
    }
}

/// The message of a frame that is one by itself.
fn message(header: &FrameHeader, mut payload: BytesMut) -> Result<SharedMessage, CodecError> {
    Ok(match (header.opcode, header.masking_key) {
        (Opcode::Text, Some(key)) => unmask_text(&mut payload, key)?.into(),
        (Opcode::Text, None) => validate_text(&payload)?.into(),
        (_, Some(key)) => {
            mask(&mut payload, key);
            payload.freeze().into()
        }
        (_, None) => payload.freeze().into(),
    })
}

impl codec::Decoder for MessageDecoder {
    type Item = SharedMessage;
    type Error = Error;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<SharedMessage>, Error> {
        if let Some(error) = self.error {
            return Err(error.into());
        }
        let decoded = self.next(source);
        match decoded {
            Ok(Some(_)) => {}
            Ok(None) => self.decoder.share_buffers(),
            Err(error) => self.error = Some(error),
        }
        Ok(decoded?)
    }

    fn decode_eof(&mut self, source: &mut BytesMut) -> Result<Option<SharedMessage>, Error> {
        let message = self.decode(source)?;
        let is_cut = self.left > 0 || self.fragmented || !source.is_empty();
        if message.is_none() && is_cut && !self.decoder.is_closed() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(message)
    }
}
