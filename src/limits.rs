use wscodec_compressors::InflateLimits;

/// What a [`Decoder`](crate::Decoder) takes from its peer; anything beyond ends the connection with
/// [`LimitError`](crate::LimitError).
///
/// Lengths are checked as soon as a header claims them, before a byte of the payload is kept; `usize::MAX` means no
/// limit, and even then memory follows the bytes that really arrive. A message of exactly the limit is taken. Each is
/// a number: there are no names for usual ones, and 0 stands for no default, but takes what is empty alone.
///
/// ```
/// let limits = wscodec::Limits::new().with_message(64 << 10);
/// assert_eq!(limits.message, 65_536);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest payload of one frame in bytes as it is on the wire, so compressed if it is, control frames as well;
    /// 16 MiB by default.
    pub frame: usize,
    /// The longest message in bytes as the application sees it, so after inflating; 64 MiB by default.
    ///
    /// A compressed message may take an eighth and 128 bytes more on the wire, since DEFLATE expands what it can't
    /// compress.
    pub message: usize,
    /// The most frames a message may come in, empty ones counted; 131,072 by default. A message in one frame is always
    /// taken.
    pub fragments: usize,
    /// The most bytes that a compressed message may inflate to for each of its bytes on the wire, beyond the first 16 KiB; none
    /// by default, since DEFLATE makes up to 1,032 of one.
    ///
    /// It is that of the message so far, after each of its frames; with a backend that does not
    /// [stream](crate::compressors::Capabilities::streaming), of all of it. Where messages are handed out
    /// [in fragments](crate::Connection::with_fragments), it is looked at after each read, and each 512 bytes of a longer one: a frame that
    /// begins denser than it ends may be refused there and taken as a whole, never the other way round.
    pub ratio: Option<u32>,
}

impl Limits {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self { frame: 16 << 20, message: 64 << 20, fragments: 1 << 17, ratio: None }
    }

    /// The same with another [`frame`](Self::frame) limit, in bytes.
    #[must_use]
    pub const fn with_frame(self, frame: usize) -> Self {
        Self { frame, ..self }
    }

    /// The same with another [`message`](Self::message) limit, in bytes.
    #[must_use]
    pub const fn with_message(self, message: usize) -> Self {
        Self { message, ..self }
    }

    /// The same with another limit on [`fragments`](Self::fragments).
    #[must_use]
    pub const fn with_fragments(self, fragments: usize) -> Self {
        Self { fragments, ..self }
    }

    /// The same with another limit on the [`ratio`](Self::ratio), or none.
    #[must_use]
    pub const fn with_ratio(self, ratio: Option<u32>) -> Self {
        Self { ratio, ..self }
    }

    /// Those that the decompressor keeps; the others are the frames' business.
    pub(crate) fn of_inflating(&self) -> InflateLimits {
        InflateLimits::default()
            .wire(self.compressed_message())
            .message(self.message)
            .fragments(usize::MAX)
            .ratio(self.ratio)
    }

    /// The most bytes that a compressed message may take on the wire.
    pub(crate) const fn compressed_message(&self) -> usize {
        self.message.saturating_add(self.message / 8).saturating_add(128)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
