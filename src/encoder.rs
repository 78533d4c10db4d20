//! From messages to bytes.

mod batch;
mod compressed;
mod control;
mod fragments;
mod frame;
mod prepared;
mod raw;

use core::fmt;

use wscodec_compressors::{
    Backend, CompressionPolicy, CompressionWish, Compressor, CompressorConfig, ConfigError, MessageCompressor,
};
use wscodec_kernel::{Opcode, Rsv};

pub(crate) use self::control::close_payload;
use self::fragments::FragmentsUnderWay;
use crate::mask_keys::KeySource;
use crate::{DataKind, Error, MaskKeys, Message, MisuseError, Role};

/// Turns messages into the bytes of one direction of a connection (RFC 6455 sections 5 to 7, RFC 7692 section 6.1).
///
/// Every call appends whole frames to a buffer of the caller's, so several can share one write; with capacity in it,
/// and once a compressor has warmed up, a call allocates nothing. A call that fails leaves the buffer as it was, or with the messages before the one that
/// failed.
/// Nothing is allocated before the first frame that is masked, or message that is compressed.
///
/// ```
/// use wscodec::{Encoder, Message, Role};
///
/// let mut encoder = Encoder::new(Role::Server);
/// let mut out = Vec::new();
/// encoder.encode(Message::Text("Hello"), &mut out)?;
/// encoder.encode(Message::Ping(b"!"), &mut out)?;
/// assert_eq!(out, b"\x81\x05Hello\x89\x01!");
/// # Ok::<(), wscodec::Error>(())
/// ```
// In this order, so that what each message touches lies together, at the end.
#[repr(C)]
pub struct Encoder {
    policy: CompressionPolicy,
    keys: KeySource,
    fragments: Option<FragmentsUnderWay>,
    role: Role,
    closed: bool,
    /// How many messages went out compressed.
    compressed: u64,
    compressor: Option<MessageCompressor>,
}

impl Encoder {
    /// An encoder at the start of a connection, for the endpoint that is `role`: as a client it masks.
    ///
    /// The masking keys are the stream of a cipher that the system's randomness seeds before the first frame.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self {
            role,
            keys: KeySource::Unseeded,
            compressor: None,
            policy: CompressionPolicy::default(),
            compressed: 0,
            fragments: None,
            closed: false,
        }
    }

    /// The same with permessage-deflate agreed on: messages that the [policy](Self::with_compression_policy) finds worth it go
    /// through `backend`. `config` is what was negotiated for this direction, and the level. To be called before
    /// the first message.
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what `config` says.
    pub fn with_compressor(
        self,
        backend: Backend,
        config: impl Into<CompressorConfig>,
    ) -> Result<Self, ConfigError> {
        Ok(self.compressing(MessageCompressor::new(backend, config.into())?))
    }

    /// The same with a backend written elsewhere, made with `config`.
    #[must_use]
    pub fn with_own_compressor(
        self,
        compressor: Box<dyn Compressor>,
        config: impl Into<CompressorConfig>,
    ) -> Self {
        self.compressing(MessageCompressor::with_own(compressor, config.into()))
    }

    /// The same with another policy of what is compressed. Without a compressor it does nothing.
    #[must_use]
    pub fn with_compression_policy(mut self, policy: CompressionPolicy) -> Self {
        self.compressor = self.compressor.map(|compressor| compressor.with_policy(policy));
        self.policy = policy;
        self
    }

    /// The same with masking keys of the caller's; see [`MaskKeys`] for what they must be like.
    #[must_use]
    pub fn with_mask_keys(mut self, keys: impl MaskKeys + 'static) -> Self {
        self.keys = KeySource::Custom(Box::new(keys));
        self
    }

    /// Appends `message` to `out` as one frame.
    ///
    /// # Errors
    /// [`MisuseError::Closed`] after a close frame, [`MisuseError::MessageUnderWay`] for data between two fragments (a
    /// control frame may be there), [`MisuseError::ControlTooLong`], [`MisuseError::ReservedCloseCode`]; and
    /// [`Error::Backend`] if the compressor or the system's randomness fails. In each case `out` is as it was, and
    /// the encoder can go on.
    #[inline]
    pub fn encode(&mut self, message: Message<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        self.encode_with(message, CompressionWish::Auto, out)
    }

    /// [`encode`](Self::encode) with a wish of the application whether this message is compressed: one that holds a secret
    /// beside what an attacker may choose should not be (RFC 7692 section 8). Control frames never are.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    #[inline]
    pub fn encode_with(
        &mut self,
        message: Message<'_>,
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        match message.data() {
            Some((kind, payload)) => self.data(kind, payload, wish, out),
            None => self.control_message(message, out),
        }
    }

    #[inline(never)]
    fn control_message(&mut self, message: Message<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        self.check_open()?;
        match message {
            Message::Text(_) | Message::Binary(_) => self.encode(message, out),
            Message::Ping(payload) => self.control(Rsv::NONE, Opcode::Ping, payload, out),
            Message::Pong(payload) => self.control(Rsv::NONE, Opcode::Pong, payload, out),
            Message::Close(frame) => {
                let (payload, length) = close_payload(frame)?;
                self.control(Rsv::NONE, Opcode::Close, &payload[..length], out)?;
                self.closed = true;
                Ok(())
            }
        }
    }

    /// Whether a close frame was encoded, so that nothing more may be.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// How many messages have been encoded compressed.
    #[must_use]
    pub fn compressed_messages(&self) -> u64 {
        self.compressed
    }

    /// Gives back what memory it can while the connection is idle: the next message refers to nothing before it, which a sender
    /// may do at any time.
    pub fn release(&mut self) {
        if let Some(compressor) = &mut self.compressor {
            compressor.release();
        }
    }

    /// The bytes of memory that this connection holds for what it sends.
    #[must_use]
    pub fn memory(&self) -> usize {
        let compressor = self.compressor.as_ref().map_or(0, |c| c.memory() - size_of_val(c));
        size_of::<Self>() + compressor + self.keys.memory()
    }

    fn compressing(mut self, compressor: MessageCompressor) -> Self {
        self.compressor = Some(compressor.with_policy(self.policy));
        self
    }

    fn check_open(&self) -> Result<(), MisuseError> {
        if self.closed { Err(MisuseError::Closed) } else { Ok(()) }
    }

    /// [`encode_with`](Self::encode_with) for a data message.
    #[inline]
    pub(crate) fn data(
        &mut self,
        kind: DataKind,
        payload: &[u8],
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if self.closed || self.fragments.is_some() || self.compressor.is_some() {
            return self.data_in_turn(kind, payload, wish, out);
        }
        self.plain_message(kind, payload, out)
    }

    /// Data where something may be said against it, or for compressing it.
    #[inline(never)]
    fn data_in_turn(
        &mut self,
        kind: DataKind,
        payload: &[u8],
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.check_open()?;
        if self.fragments.is_some() {
            return Err(MisuseError::MessageUnderWay.into());
        }
        if self.compresses(payload, wish) {
            return self.compressed_message(kind, payload, wish, out);
        }
        self.plain_message(kind, payload, out)
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("role", &self.role)
            .field("keys", &self.keys)
            .field("compressor", &self.compressor)
            .field("fragments", &self.fragments)
            .field("closed", &self.closed)
            .finish()
    }
}
