use core::ops::RangeInclusive;

/// What a backend can honour; offers and answers are computed from it.
///
/// ```
/// use wscodec_compressors::Backend;
///
/// for backend in Backend::available() {
///     let can = backend.capabilities();
///     println!("{backend}: takeover {}, windows {:?}, levels {:?}", can.takeover, can.window_bits, can.levels);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether a message can refer to the ones before it (context takeover, RFC 7692 section 7.1.1).
    pub takeover: bool,
    /// The LZ77 window sizes it can honour, as base-2 logarithms of bytes (section 7.1.2).
    pub window_bits: RangeInclusive<u8>,
    /// The compression levels it knows, least effort first; 0 to 0 for a decompressor.
    pub levels: RangeInclusive<u8>,
    /// Whether the fragments of a message are worked on as they come: a compressor then finds matches over all of the
    /// message, and a decompressor gives what each frame holds. Without it, a compressor takes each fragment by itself, and a
    /// decompressor knows whole messages only.
    pub streaming: bool,
}

impl Capabilities {
    /// What a backend written elsewhere can do, with or without takeover; it does not stream.
    ///
    /// ```
    /// use wscodec_compressors::Capabilities;
    ///
    /// const CAN: Capabilities = Capabilities::new(false, 8..=15, 0..=0);
    /// assert!(!CAN.takeover && CAN.window_bits.contains(&8));
    /// ```
    #[must_use]
    pub const fn new(takeover: bool, window_bits: RangeInclusive<u8>, levels: RangeInclusive<u8>) -> Self {
        Self { takeover, window_bits, levels, streaming: false }
    }

    /// The same for a backend that streams, or doesn't.
    #[must_use]
    pub const fn with_streaming(self, streaming: bool) -> Self {
        Self { streaming, ..self }
    }
}
