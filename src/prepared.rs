//! Messages compressed once and sent to many.
//!
//! ```text
//!  PreparedMessage -- plain ----------------------> Frame --+
//!        |                                                  +--> Encoder: header, mask, copy; or header alone
//!        +-- Variants: (backend, level, window) -> Frame ---+
//! ```

mod frame;
mod payload;
mod variants;

use core::fmt;
use std::sync::OnceLock;

use wscodec_compressors::{
    Backend, CompressError, CompressionPolicy, CompressionWish, CompressorConfig, ConfigError, Encoding,
    MessageCompressor,
};
use wscodec_kernel::{Opcode, Rsv};

pub(crate) use self::frame::Frame;
pub use self::frame::PreparedFrame;
use self::payload::Payload;
use self::variants::Variants;
use crate::{DataKind, Message, MisuseError, OwnedMessage};

/// A message that goes out on many connections: compressed once for all that agreed on the same, and for each of them then a
/// header and a copy, masked where the connection is a client's.
///
/// It is one frame whatever its size, and its bytes are those that it was made from, whatever becomes of the source. Many
/// threads may send one at a time: who needs a form of it first makes it, who needs the same one meanwhile waits. If the
/// compressor fails, that is kept as well, and every connection that needs this form gets the error.
///
/// ```
/// # #[cfg(feature = "zlib-rs")] {
/// use wscodec::compressors::{Backend, CompressorConfig};
/// use wscodec::{Connection, Limits, PreparedMessage, Role, broadcast};
///
/// let backend = Backend::from_name("zlib-rs").unwrap();
/// let mut connections = Vec::new();
/// for _ in 0..3 {
///     let connection = Connection::new(Role::Server, Limits::new());
///     connections.push(connection.with_compressor(backend, CompressorConfig::default())?);
/// }
///
/// let news = PreparedMessage::from("the same news, ".repeat(20));
/// assert_eq!(broadcast(&news, &mut connections).sent(), 3);
/// assert!(connections[0].output().len() < 50);
/// assert_eq!(connections[0].output(), connections[2].output());
/// # }
/// # Ok::<(), wscodec::compressors::ConfigError>(())
/// ```
///
/// # What a connection sends
/// The message as it is, if the connection has no compressor, if its [policy](crate::Encoder::with_compression_policy) or the
/// [wish](Self::with_wish) says so, or if compression does not make it shorter. Compressed otherwise, by the connection's backend
/// with its level, or by [one for all](Self::with_backend); a connection with a compressor of the user's own sends it
/// compressed only with the latter.
///
/// What the forms are kept by is the backend, its level, and the window, as far as each counts: a message of at most 2^w bytes
/// never reaches back beyond a window of w bits (RFC 7692 section 7.1.2), so that connections of all windows that it fits into
/// share a form. The role is not part of it, for masks are made at each send (RFC 6455 section 5.3); nor is context takeover.
///
/// # Context takeover
/// The shared form refers to no earlier message, so every peer can read it. The sender's compressor has not seen it, though: the
/// next message that it compresses [begins without history](wscodec_compressors::MessageCompressor::forget), which the peer
/// need not know. That takes less time than to hand the message to each compressor and drop what comes out, also where many
/// other messages come in between; but those get longer. [`keeping_history`](Self::keeping_history) is for those who would
/// rather save bytes than time.
pub struct PreparedMessage {
    plain: Frame,
    wish: CompressionWish,
    /// What compresses it for all connections.
    engine: Option<(Backend, u8)>,
    /// Whether connections with takeover compress it for themselves.
    keeps_history: bool,
    /// The compressed forms, `None` where that is not shorter.
    compressed: Variants<Key, Result<Option<Frame>, CompressError>>,
    /// Whether a look at the bytes says that compression is worth it.
    looks_worth_it: OnceLock<bool>,
}

/// All that the bytes of a compressed form depend on.
type Key = (Backend, CompressorConfig);

impl PreparedMessage {
    /// Prepares a message or a control frame. Its bytes are copied; a `String`, a `Vec<u8>` and, with the feature `bytes`, a
    /// `Bytes` are taken by `From` without.
    ///
    /// ```
    /// use wscodec::{Message, MisuseError, PreparedMessage};
    ///
    /// assert_eq!(PreparedMessage::new(Message::Text("Hello"))?.payload(), b"Hello");
    /// assert_eq!(PreparedMessage::new(Message::Ping(&[0; 126])).unwrap_err(), MisuseError::ControlTooLong);
    /// # Ok::<(), MisuseError>(())
    /// ```
    ///
    /// # Errors
    /// [`MisuseError::ControlTooLong`] and [`MisuseError::ReservedCloseCode`].
    pub fn new(message: Message<'_>) -> Result<Self, MisuseError> {
        let (opcode, payload) = match message {
            Message::Text(text) => (Opcode::Text, text.as_bytes().into()),
            Message::Binary(bytes) => (Opcode::Binary, bytes.into()),
            Message::Ping(payload) => (Opcode::Ping, payload.into()),
            Message::Pong(payload) => (Opcode::Pong, payload.into()),
            Message::Close(frame) => {
                let (payload, length) = crate::encoder::close_payload(frame)?;
                (Opcode::Close, payload[..length].into())
            }
        };
        let prepared = Self::of(opcode, payload);
        // A control frame that is too long has no header; nothing else is said against one here.
        let _ = prepared.plain.unmasked().map_err(|_| MisuseError::ControlTooLong)?;
        Ok(prepared)
    }

    /// The same with a wish whether it is compressed, to be made before it is sent: one that holds a secret beside what an
    /// attacker may choose should not be (RFC 7692 section 8). Control frames never are.
    ///
    /// ```
    /// use wscodec::PreparedMessage;
    /// use wscodec::compressors::CompressionWish;
    ///
    /// let secret = PreparedMessage::from("token=...").with_wish(CompressionWish::Plain);
    /// ```
    #[must_use]
    pub fn with_wish(self, wish: CompressionWish) -> Self {
        Self { wish, ..self.anew() }
    }

    /// The same, compressed by this backend with this level for all connections that agreed on permessage-deflate, whatever
    /// they compress their other messages with. What is compressed once for many may take more effort.
    ///
    /// Where the backend can't keep to a window that a connection agreed on, and the message is longer than that, it is sent as
    /// it is.
    ///
    /// ```
    /// # #[cfg(feature = "zlib-rs")] {
    /// use wscodec::PreparedMessage;
    /// use wscodec::compressors::Backend;
    ///
    /// let backend = Backend::from_name("zlib-rs").unwrap();
    /// let news = PreparedMessage::from("for all, ".repeat(20)).with_backend(backend, 9)?;
    /// assert!(PreparedMessage::from("for all").with_backend(backend, 99).is_err());
    /// # }
    /// # Ok::<(), wscodec::compressors::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::Level`] for a level that the backend doesn't know.
    pub fn with_backend(self, backend: Backend, level: u8) -> Result<Self, ConfigError> {
        fresh().level(level).check(&backend.capabilities())?;
        Ok(Self { engine: Some((backend, level)), ..self.anew() })
    }

    /// The same, compressed by each connection with context takeover for itself, as [`Sender::send`](crate::Sender::send) does but
    /// in one frame: it may refer to what the connection has sent, and what is sent next to all of that. Connections without
    /// takeover share it as before.
    ///
    /// ```
    /// # #[cfg(feature = "zlib-rs")] {
    /// use wscodec::compressors::{Backend, CompressorConfig};
    /// use wscodec::{Encoder, PreparedMessage, Role};
    ///
    /// let backend = Backend::from_name("zlib-rs").unwrap();
    /// let news = PreparedMessage::from("the news of today, and of yesterday, and of the day before yesterday").keeping_history();
    /// let mut encoder = Encoder::new(Role::Server).with_compressor(backend, CompressorConfig::default())?;
    /// let (mut first, mut second) = (Vec::new(), Vec::new());
    /// encoder.encode_prepared(&news, &mut first)?;
    /// encoder.encode_prepared(&news, &mut second)?;
    /// assert!(second.len() < first.len());
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keeping_history(self) -> Self {
        Self { keeps_history: true, ..self }
    }

    /// The message as it was prepared; of a close frame, code and reason (RFC 6455 section 5.5.1).
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.plain.payload()
    }

    /// Whether it is a ping, pong or close (RFC 6455 section 5.5).
    #[must_use]
    pub const fn is_control(&self) -> bool {
        self.plain.opcode.is_control()
    }

    /// The bytes of memory that it holds: the message, and each compressed form that a connection needed.
    #[must_use]
    pub fn memory(&self) -> usize {
        let forms = self.compressed.values().flatten().flatten();
        forms.fold(size_of::<Self>() + self.payload().len(), |sum, form| sum + form.payload().len())
    }

    /// What a connection that has this compressor or none compresses for itself.
    #[inline]
    pub(crate) fn own_data(
        &self,
        compressor: Option<&MessageCompressor>,
    ) -> Option<(DataKind, &[u8], CompressionWish)> {
        if !self.keeps_history || !compressor?.config().takeover {
            return None;
        }
        Some((DataKind::of(self.plain.opcode)?, self.payload(), self.wish))
    }

    /// The frame for a connection that has this compressor or none.
    #[inline]
    pub(crate) fn frame_for(&self, compressor: Option<&MessageCompressor>) -> Result<&Frame, CompressError> {
        match compressor {
            Some(compressor) if !self.is_control() => self.frame_by(compressor),
            _ => Ok(&self.plain),
        }
    }

    #[inline]
    pub(crate) const fn is_close(&self) -> bool {
        self.plain.is_close()
    }

    fn of(opcode: Opcode, payload: Payload) -> Self {
        Self {
            plain: Frame { opcode, rsv: Rsv::NONE, payload },
            wish: CompressionWish::Auto,
            engine: None,
            keeps_history: false,
            compressed: Variants::new(),
            looks_worth_it: OnceLock::new(),
        }
    }

    /// The same before it was sent.
    fn anew(self) -> Self {
        Self { compressed: Variants::new(), looks_worth_it: OnceLock::new(), ..self }
    }

    #[inline]
    fn frame_by(&self, compressor: &MessageCompressor) -> Result<&Frame, CompressError> {
        let agreed = compressor.config();
        let engine = self.engine.or_else(|| Some((compressor.backend()?, agreed.level)));
        let (Some((backend, level)), true) = (engine, self.is_worth_it(compressor.policy())) else {
            return Ok(&self.plain);
        };
        let config = fresh().level(level).window_bits(self.window_needed(agreed.window_bits));
        match self.compressed.value_or_build((backend, config), || self.compress(backend, config)) {
            Ok(form) => Ok(form.as_ref().unwrap_or(&self.plain)),
            Err(error) => Err(*error),
        }
    }

    /// What the policy says. The bytes are looked at once for all connections.
    #[inline]
    fn is_worth_it(&self, policy: CompressionPolicy) -> bool {
        let look = || CompressionPolicy::default().threshold(0).compresses(self.payload(), self.wish);
        policy.skip_random(false).compresses(self.payload(), self.wish)
            && (!policy.skip_random || *self.looks_worth_it.get_or_init(look))
    }

    /// The window that the compressor has to know of: none that the message fits into.
    #[inline]
    fn window_needed(&self, agreed: u8) -> u8 {
        let widest = fresh().window_bits;
        if agreed >= widest || self.payload().len() <= 1 << agreed { widest } else { agreed }
    }

    /// From fresh state.
    fn compress(&self, backend: Backend, config: CompressorConfig) -> Result<Option<Frame>, CompressError> {
        // Nothing was agreed on that every backend can do, so what can't be made is what no connection could have.
        let Ok(mut compressor) = MessageCompressor::new(backend, config) else { return Ok(None) };
        let mut payload = Vec::new();
        let encoding = compressor.compress(self.payload(), self.wish, &mut payload)?;
        payload.shrink_to_fit();
        let frame = Frame { opcode: self.plain.opcode, rsv: Rsv::RSV1, payload: payload.into() };
        Ok((encoding == Encoding::Deflate).then_some(frame))
    }
}

/// No history, and the widest window.
#[inline]
fn fresh() -> CompressorConfig {
    CompressorConfig::default().takeover(false)
}

impl From<&str> for PreparedMessage {
    fn from(text: &str) -> Self {
        Self::of(Opcode::Text, text.as_bytes().into())
    }
}

impl From<String> for PreparedMessage {
    fn from(text: String) -> Self {
        Self::of(Opcode::Text, text.into_bytes().into())
    }
}

impl From<&[u8]> for PreparedMessage {
    fn from(bytes: &[u8]) -> Self {
        Self::of(Opcode::Binary, bytes.into())
    }
}

impl From<Vec<u8>> for PreparedMessage {
    fn from(bytes: Vec<u8>) -> Self {
        Self::of(Opcode::Binary, bytes.into())
    }
}

/// A binary message of bytes that are shared, without a copy.
#[cfg(feature = "bytes")]
#[cfg_attr(docsrs, doc(cfg(feature = "bytes")))]
impl From<bytes::Bytes> for PreparedMessage {
    fn from(bytes: bytes::Bytes) -> Self {
        Self::of(Opcode::Binary, bytes.into())
    }
}

/// A text message, without a copy.
#[cfg(feature = "bytes")]
#[cfg_attr(docsrs, doc(cfg(feature = "bytes")))]
impl From<crate::SharedText> for PreparedMessage {
    fn from(text: crate::SharedText) -> Self {
        Self::of(Opcode::Text, bytes::Bytes::from(text).into())
    }
}

/// As [`PreparedMessage::new`], with text and binary taken without a copy.
impl TryFrom<OwnedMessage> for PreparedMessage {
    type Error = MisuseError;

    fn try_from(message: OwnedMessage) -> Result<Self, MisuseError> {
        match message {
            OwnedMessage::Text(text) => Ok(text.into()),
            OwnedMessage::Binary(bytes) => Ok(bytes.into()),
            control => Self::new(control.as_message()),
        }
    }
}

/// As [`PreparedMessage::new`], with text and binary taken without a copy.
#[cfg(feature = "bytes")]
#[cfg_attr(docsrs, doc(cfg(feature = "bytes")))]
impl TryFrom<crate::SharedMessage> for PreparedMessage {
    type Error = MisuseError;

    fn try_from(message: crate::SharedMessage) -> Result<Self, MisuseError> {
        match message {
            crate::SharedMessage::Text(text) => Ok(text.into()),
            crate::SharedMessage::Binary(bytes) => Ok(bytes.into()),
            control => Self::new(control.as_message()),
        }
    }
}

impl fmt::Debug for PreparedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedMessage")
            .field("plain", &self.plain)
            .field("wish", &self.wish)
            .field("engine", &self.engine)
            .field("keeps_history", &self.keeps_history)
            .field("compressed", &self.compressed)
            .finish_non_exhaustive()
    }
}
