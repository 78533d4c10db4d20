//! From messages to a `BytesMut`.

use bytes::BytesMut;
use tokio_util::codec;
use wscodec_compressors::{Backend, CompressionPolicy, CompressorConfig, ConfigError};

use super::Error;
use crate::{Encoder, MaskKeys, Message, Role, SharedMessage};

/// The sending direction, for a `FramedWrite`. A call that fails leaves the `BytesMut` as it was.
#[derive(Debug)]
pub struct MessageEncoder {
    encoder: Encoder,
    /// Frames on their way; empty between calls.
    frames: Vec<u8>,
}

/// As many bytes are kept for the next frames: more would be the memory of one long message.
const KEPT: usize = 64 << 10;

impl MessageEncoder {
    /// An encoder at the start of a connection, for the endpoint that is `role`: as a client it masks.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self { encoder: Encoder::new(role), frames: Vec::new() }
    }

    /// The same with permessage-deflate agreed on; see [`Encoder::with_compressor`].
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what `config` says.
    pub fn with_compressor(
        self,
        backend: Backend,
        config: impl Into<CompressorConfig>,
    ) -> Result<Self, ConfigError> {
        Ok(Self { encoder: self.encoder.with_compressor(backend, config)?, ..self })
    }

    /// The same with another policy of what is compressed.
    #[must_use]
    pub fn with_compression_policy(self, policy: CompressionPolicy) -> Self {
        Self { encoder: self.encoder.with_compression_policy(policy), ..self }
    }

    /// The same with masking keys of the caller's; see [`MaskKeys`] for what they must be like.
    #[must_use]
    pub fn with_mask_keys(self, keys: impl MaskKeys + 'static) -> Self {
        Self { encoder: self.encoder.with_mask_keys(keys), ..self }
    }

    fn append(&mut self, message: Message<'_>, out: &mut BytesMut) -> Result<(), crate::Error> {
        if let Some((header, payload)) = self.encoder.header_alone(message)? {
            out.reserve(header.len() + payload.len());
            out.extend_from_slice(&header);
            out.extend_from_slice(payload);
            return Ok(());
        }
        let encoded = self.encoder.encode(message, &mut self.frames);
        out.extend_from_slice(&self.frames);
        self.frames.clear();
        self.frames.shrink_to(KEPT);
        encoded
    }
}

impl codec::Encoder<Message<'_>> for MessageEncoder {
    type Error = Error;

    fn encode(&mut self, message: Message<'_>, out: &mut BytesMut) -> Result<(), Error> {
        Ok(self.append(message, out)?)
    }
}

impl codec::Encoder<SharedMessage> for MessageEncoder {
    type Error = Error;

    fn encode(&mut self, message: SharedMessage, out: &mut BytesMut) -> Result<(), Error> {
        Ok(self.append(message.as_message(), out)?)
    }
}
