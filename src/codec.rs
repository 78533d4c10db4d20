//! A pair for `tokio_util::codec`, for those who frame by themselves: [`SharedMessage`]s out of a `BytesMut`, and into one.
//!
//! It only frames: pings, close frames and errors are the caller's to answer. Who would rather not takes the
//! `tokio` adapter, which is faster too.
//!
//! ```
//! use bytes::BytesMut;
//! use tokio_util::codec::{Decoder, Encoder};
//! use wscodec::codec::MessageCodec;
//! use wscodec::{Limits, Role, SharedMessage};
//!
//! let mut client = MessageCodec::new(Role::Client, Limits::new());
//! let mut server = MessageCodec::new(Role::Server, Limits::new());
//!
//! // What `Framed` does with a stream.
//! let mut wire = BytesMut::new();
//! client.encode(SharedMessage::from("Hello"), &mut wire)?;
//! client.encode(SharedMessage::Ping("!".into()), &mut wire)?;
//! assert_eq!(server.decode(&mut wire)?, Some("Hello".into()));
//! assert_eq!(server.decode(&mut wire)?, Some(SharedMessage::Ping("!".into())));
//! assert_eq!(server.decode(&mut wire)?, None);
//! # Ok::<(), wscodec::codec::Error>(())
//! ```
//!
//! # What is copied
//! | | |
//! |---|---|
//! | binary received in one frame | nothing: it is unmasked where it was read to, and the message shares that memory |
//! | text received in one frame | once, into the text, since that has to be known to be one |
//! | received in several frames, or compressed, or a control frame | into the decoder, and from there |
//! | sent by a server, not compressed | once, into the `BytesMut` |
//! | sent by a client, or compressed | twice: masked or compressed into a buffer of the encoder's, then into the `BytesMut` |
//!
//! A message that shares the memory of a read keeps all of that read alive; who keeps messages for long copies them.

mod decoder;
mod encoder;
mod error;

use bytes::BytesMut;
use tokio_util::codec::{Decoder, Encoder};
use wscodec_compressors::negotiation::Agreement;
use wscodec_compressors::{Backend, CompressionPolicy, ConfigError};

pub use self::decoder::MessageDecoder;
pub use self::encoder::MessageEncoder;
pub use self::error::Error;
use crate::{Limits, MaskKeys, Message, Role, SharedMessage};

/// Both directions of a connection after its handshake, for a `Framed`.
#[derive(Debug)]
pub struct MessageCodec {
    decoder: MessageDecoder,
    encoder: MessageEncoder,
}

impl MessageCodec {
    /// A codec right after the handshake, for the endpoint that is `role`. Nothing is allocated before the first message.
    #[must_use]
    pub fn new(role: Role, limits: Limits) -> Self {
        Self { decoder: MessageDecoder::new(role, limits), encoder: MessageEncoder::new(role) }
    }

    /// The same with permessage-deflate as the handshake agreed on it, in both directions.
    ///
    /// ```
    /// # #[cfg(feature = "zlib-rs")] {
    /// use bytes::BytesMut;
    /// use tokio_util::codec::{Decoder, Encoder};
    /// use wscodec::codec::MessageCodec;
    /// use wscodec::compressors::Backend;
    /// use wscodec::compressors::negotiation::ServerPolicy;
    /// use wscodec::{Limits, Role, SharedMessage};
    ///
    /// let backend = Backend::from_name("zlib-rs").unwrap();
    /// let policy = ServerPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities());
    /// let agreement = policy.answer(["permessage-deflate; client_max_window_bits"])?.unwrap();
    /// let codec = |role| MessageCodec::new(role, Limits::new()).with_compression(backend, &agreement);
    ///
    /// let text = SharedMessage::from("the same words, ".repeat(20));
    /// let mut wire = BytesMut::new();
    /// codec(Role::Client)?.encode(text.clone(), &mut wire)?;
    /// assert!(wire.len() < 50);
    /// assert_eq!(codec(Role::Server)?.decode(&mut wire)?, Some(text));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what was agreed on.
    pub fn with_compression(self, backend: Backend, agreement: &Agreement) -> Result<Self, ConfigError> {
        let (sent, received) = self.decoder.role().directions(agreement);
        Ok(Self {
            decoder: self.decoder.with_decompressor(backend, received)?,
            encoder: self.encoder.with_compressor(backend, sent)?,
        })
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

    /// Both directions apart, for a `FramedRead` and a `FramedWrite`.
    #[must_use]
    pub fn into_parts(self) -> (MessageDecoder, MessageEncoder) {
        (self.decoder, self.encoder)
    }
}

impl Decoder for MessageCodec {
    type Item = SharedMessage;
    type Error = Error;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<SharedMessage>, Error> {
        self.decoder.decode(source)
    }

    fn decode_eof(&mut self, source: &mut BytesMut) -> Result<Option<SharedMessage>, Error> {
        self.decoder.decode_eof(source)
    }
}

impl Encoder<SharedMessage> for MessageCodec {
    type Error = Error;

    fn encode(&mut self, message: SharedMessage, out: &mut BytesMut) -> Result<(), Error> {
        self.encoder.encode(message, out)
    }
}

impl Encoder<Message<'_>> for MessageCodec {
    type Error = Error;

    fn encode(&mut self, message: Message<'_>, out: &mut BytesMut) -> Result<(), Error> {
        self.encoder.encode(message, out)
    }
}
