//! What a connection is set up with.

use wscodec_compressors::negotiation::Agreement;
use wscodec_compressors::{
    Backend, CompressionPolicy, Compressor, CompressorConfig, ConfigError, Decompressor, DecompressorConfig,
};
use wscodec_kernel::{CloseCode, Rsv};

use super::ending::Ending;
use super::{Connection, Sender};
use crate::{CloseFrame, Decoder, Encoder, Error, MaskKeys, Message};

#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    answers_pings: bool,
    answers_close: bool,
}

impl Connection {
    /// The same with permessage-deflate as the handshake agreed on it, in both directions.
    ///
    /// ```
    /// # #[cfg(feature = "zlib-rs")] {
    /// use wscodec::compressors::Backend;
    /// use wscodec::compressors::negotiation::ServerPolicy;
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let backend = Backend::from_name("zlib-rs").unwrap();
    /// let policy = ServerPolicy::new(&backend.capabilities(), &backend.decompressor_capabilities());
    /// let agreement = policy.answer(["permessage-deflate; client_max_window_bits"])?.unwrap();
    /// let mut server = Connection::new(Role::Server, Limits::new()).with_compression(backend, &agreement)?;
    /// server.send(Message::Text(&"the same words, ".repeat(20)))?;
    /// assert!(server.output().len() < 50);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what was agreed on.
    pub fn with_compression(self, backend: Backend, agreement: &Agreement) -> Result<Self, ConfigError> {
        let (sent, received) = self.sender.role().directions(agreement);
        self.with_compressor(backend, sent)?.with_decompressor(backend, received)
    }

    /// The same with permessage-deflate for what is sent; see [`Encoder::with_compressor`].
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what `config` says.
    pub fn with_compressor(
        self,
        backend: Backend,
        config: impl Into<CompressorConfig>,
    ) -> Result<Self, ConfigError> {
        self.try_encoder(|encoder| encoder.with_compressor(backend, config))
    }

    /// The same with permessage-deflate for what is received; see [`Decoder::with_decompressor`].
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what `config` says.
    pub fn with_decompressor(
        self,
        backend: Backend,
        config: impl Into<DecompressorConfig>,
    ) -> Result<Self, ConfigError> {
        let decoder = self.decoder.with_decompressor(backend, config)?;
        Ok(Self { decoder, ..self })
    }

    /// [`with_compressor`](Self::with_compressor) with a backend written elsewhere, as [shown](crate::guide::backends#a-backend-of-your-own).
    /// Nothing fails here: a message that would break the window of `config`, since the compressor has none as small, is
    /// [sent plain](wscodec_compressors::MessageCompressor::with_own).
    #[must_use]
    pub fn with_own_compressor(
        self,
        compressor: Box<dyn Compressor>,
        config: impl Into<CompressorConfig>,
    ) -> Self {
        self.map_encoder(|encoder| encoder.with_own_compressor(compressor, config))
    }

    /// [`with_decompressor`](Self::with_decompressor) with a backend written elsewhere.
    #[must_use]
    pub fn with_own_decompressor(
        self,
        decompressor: Box<dyn Decompressor>,
        config: impl Into<DecompressorConfig>,
    ) -> Self {
        self.map_decoder(|decoder| decoder.with_own_decompressor(decompressor, config))
    }

    /// The same with another policy of what is compressed.
    #[must_use]
    pub fn with_compression_policy(self, policy: CompressionPolicy) -> Self {
        self.map_encoder(|encoder| encoder.with_compression_policy(policy))
    }

    /// The same with masking keys of the caller's; see [`MaskKeys`] for what they must be like.
    #[must_use]
    pub fn with_mask_keys(self, keys: impl MaskKeys + 'static) -> Self {
        self.map_encoder(|encoder| encoder.with_mask_keys(keys))
    }

    /// The same with [`room`](Self::room) for exactly this many bytes a read: at least one, and less than 4 GiB.
    ///
    /// By default it is 16 KiB and 14 bytes, doubles with each read that fills the room, up to eight times as much, and halves, down to
    /// what it was, after 64 reads in a row that fill less than a quarter of it; see [`Decoder::with_read_size`](crate::Decoder::with_read_size).
    #[must_use]
    pub fn with_read_size(self, bytes: usize) -> Self {
        self.map_decoder(|decoder| decoder.with_read_size(bytes))
    }

    /// The same with at most this many bytes queued to be written; 64 MiB and 1 KiB by default. A message that would make it
    /// more is refused with [`MisuseError::OutputFull`](crate::MisuseError::OutputFull). It counts with its length before
    /// compression, and with its header; in a compressor that takes its history over it may get 4 bytes longer than that. Where it
    /// is compressed and cut into [frames](Self::with_frame_size), each counts with a header of 14 bytes, and if nothing of it can be
    /// compressed may be some bytes longer.
    ///
    /// A close frame and the last pong are queued in any case, in at most 278 bytes together.
    #[must_use]
    pub fn with_output_limit(mut self, bytes: usize) -> Self {
        self.sender.set_output_limit(bytes);
        self
    }

    /// The same, and whole messages of over this many bytes are sent in frames of this many; in one by default.
    ///
    /// ```
    /// use wscodec::{Connection, Limits, Message, Role};
    ///
    /// let mut connection = Connection::new(Role::Server, Limits::new()).with_frame_size(3);
    /// connection.send(Message::Text("Hello"))?;
    /// assert_eq!(connection.output(), b"\x01\x03Hel\x80\x02lo");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    #[must_use]
    pub fn with_frame_size(mut self, bytes: usize) -> Self {
        self.sender.set_frame_size(bytes.max(1));
        self
    }

    /// The same with pings answered or left to the caller; they are answered by default (RFC 6455 section 5.5.2).
    ///
    /// Of a flood of pings, only some 4 KiB of pongs are queued at a time, and then the last is answered (section 5.5.3).
    #[must_use]
    pub fn with_automatic_pong(mut self, answers: bool) -> Self {
        self.options.answers_pings = answers;
        self
    }

    /// The same with the peer's close frame answered at once or left to the caller, who may first end the message under way;
    /// it is answered by default (RFC 6455 section 5.5.1). Who takes it over owes a [`close`](Self::close): before that the
    /// connection does not say that the transport should be shut, even at its end.
    #[must_use]
    pub fn with_automatic_close(mut self, answers: bool) -> Self {
        self.options.answers_close = answers;
        self
    }

    /// The same with these reserved bits allowed, for extensions of the user's own; what has them comes as
    /// [`Event::Raw`](crate::Event::Raw). See [`Decoder::with_reserved_bits`].
    #[must_use]
    pub fn with_reserved_bits(self, allowed: Rsv) -> Self {
        self.map_decoder(|decoder| decoder.with_reserved_bits(allowed))
    }

    /// The same with text as it comes, as [`Event::Raw`](crate::Event::Raw); see
    /// [`Decoder::without_text_validation`].
    #[must_use]
    pub fn without_text_validation(self) -> Self {
        self.map_decoder(Decoder::without_text_validation)
    }

    /// The same for peers that write lengths in more bytes than they need; see
    /// [`Decoder::with_any_length_encoding`].
    #[must_use]
    pub fn with_any_length_encoding(self) -> Self {
        self.map_decoder(Decoder::with_any_length_encoding)
    }

    /// The same with data messages handed out as they arrive, each part as an [`Event::Fragment`](crate::Event::Fragment), whole
    /// ones as well: so that memory follows what a read brings, however long frames and messages are.
    ///
    /// A part is at most as long as what was [read](Self::with_read_size) and not taken. Compressed, it has some 16 KiB, or what 512 bytes of a
    /// frame inflate to, which may be half a MiB; a backend that does not
    /// [stream](crate::compressors::Capabilities::streaming) still gathers the message. [`Limits`](crate::Limits) hold for frames and
    /// messages as ever: raise them for what is not gathered. The [ratio](crate::Limits::ratio) is that of what has come so far, which
    /// for the beginning of a frame may be higher than for all of it. Text fails with the first read that has a wrong byte, after
    /// the parts before.
    #[must_use]
    pub fn with_fragments(self) -> Self {
        self.map_decoder(Decoder::with_fragments)
    }

    fn map_decoder(self, change: impl FnOnce(Decoder) -> Decoder) -> Self {
        let decoder = change(self.decoder);
        Self { is_special: decoder.may_be_raw(), decoder, ..self }
    }

    fn map_encoder(self, change: impl FnOnce(Encoder) -> Encoder) -> Self {
        Self { sender: self.sender.map_encoder(change), ..self }
    }

    fn try_encoder(
        self,
        change: impl FnOnce(Encoder) -> Result<Encoder, ConfigError>,
    ) -> Result<Self, ConfigError> {
        Ok(Self { sender: self.sender.try_encoder(change)?, ..self })
    }
}

impl Options {
    /// Queues the answer to a control frame, and takes note of a close frame.
    #[inline(never)]
    pub(super) fn answer(
        &self,
        message: Message<'_>,
        sender: &mut Sender,
        ending: &mut Ending,
    ) -> Result<(), Error> {
        match message {
            Message::Ping(payload) if self.answers_pings => sender.answer_ping(payload),
            Message::Close(frame) => {
                ending.note_close(frame.map_or(CloseCode::NO_STATUS, |frame| frame.code));
                if !self.answers_close || sender.is_closed() {
                    return Ok(());
                }
                // The code as it came; the reason is the peer's.
                sender.close(frame.map(|frame| CloseFrame::new(frame.code, "")))
            }
            _ => Ok(()),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { answers_pings: true, answers_close: true }
    }
}
