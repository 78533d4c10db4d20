//! From messages to bytes.

mod control;
mod fragments;
mod frame;

use core::fmt;

use wscodec_compressors::Compressor;
use wscodec_kernel::{Opcode, Rsv};

use self::control::close_payload;
use self::fragments::FragmentsUnderWay;
use crate::mask_keys::KeySource;
use crate::{DataKind, Error, MaskKeys, Message, MisuseError, Role};

/// Below this a DEFLATE block costs more time than the bytes it saves are worth.
const DEFAULT_THRESHOLD: usize = 64;

/// Turns messages into the bytes of one direction of a connection (RFC 6455 sections 5 to 7, RFC 7692 section 6.1).
///
/// Every call appends whole frames to a buffer of the caller's, so several can share one write; with capacity in it,
/// and once a compressor has warmed up, a call allocates nothing. A call that fails leaves the buffer as it was.
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
pub struct Encoder {
    role: Role,
    keys: KeySource,
    compressor: Option<Box<dyn Compressor>>,
    threshold: usize,
    fragments: Option<FragmentsUnderWay>,
    closed: bool,
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
            threshold: DEFAULT_THRESHOLD,
            fragments: None,
            closed: false,
        }
    }

    /// The same with permessage-deflate agreed on: whole messages from a threshold on go through `compressor`.
    ///
    /// What was negotiated must have been asked of `compressor` when it was made.
    #[must_use]
    pub fn with_compressor(mut self, compressor: Box<dyn Compressor>) -> Self {
        self.compressor = Some(compressor);
        self
    }

    /// The same with messages compressed from this many bytes on; 64 by default.
    ///
    /// Whether a message is compressed is decided before the compressor sees it, since one that it saw and the peer did
    /// not would put their histories out of step.
    #[must_use]
    pub fn with_compression_threshold(mut self, bytes: usize) -> Self {
        self.threshold = bytes;
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
        self.check_open()?;
        match message {
            Message::Text(text) => self.data(DataKind::Text, text.as_bytes(), out),
            Message::Binary(bytes) => self.data(DataKind::Binary, bytes, out),
            Message::Ping(payload) => self.control(Opcode::Ping, payload, out),
            Message::Pong(payload) => self.control(Opcode::Pong, payload, out),
            Message::Close(frame) => {
                let (payload, length) = close_payload(frame)?;
                self.control(Opcode::Close, &payload[..length], out)?;
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

    fn check_open(&self) -> Result<(), MisuseError> {
        if self.closed { Err(MisuseError::Closed) } else { Ok(()) }
    }

    #[inline]
    fn data(&mut self, kind: DataKind, payload: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if self.fragments.is_some() {
            return Err(MisuseError::MessageUnderWay.into());
        }
        let opcode = kind.opcode();
        if self.compressor.is_some() && payload.len() >= self.threshold {
            return self.compressed_frame(opcode, payload, out);
        }
        self.frame(true, Rsv::NONE, opcode, payload, out)
    }
}

impl DataKind {
    const fn opcode(self) -> Opcode {
        match self {
            Self::Text => Opcode::Text,
            Self::Binary => Opcode::Binary,
        }
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("role", &self.role)
            .field("keys", &self.keys)
            .field("compressor", &self.compressor.as_ref().map(Compressor::engine))
            .field("threshold", &self.threshold)
            .field("fragments", &self.fragments)
            .field("closed", &self.closed)
            .finish()
    }
}
