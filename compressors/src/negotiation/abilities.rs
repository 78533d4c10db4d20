use core::ops::RangeInclusive;

use super::{MAX_WINDOW_BITS, MIN_WINDOW_BITS};
use crate::Capabilities;

/// What the backends of one end can do, as far as the other end has to know; the default can do everything.
///
/// ```
/// use wscodec_compressors::Capabilities;
/// use wscodec_compressors::negotiation::{Abilities, ServerPolicy};
///
/// // An encoder that knows windows of 32 KB only declines smaller ones, unless long messages may go uncompressed.
/// let can = Abilities::new(&Capabilities::new(true, 15..=15, 1..=9), &Capabilities::new(true, 8..=15, 0..=0));
/// let offer = ["permessage-deflate; server_max_window_bits=10"];
/// assert_eq!(ServerPolicy { can: can.clone(), ..ServerPolicy::default() }.answer(offer)?, None);
///
/// let can = Abilities { small_windows_for_short_messages: true, ..can };
/// let agreement = ServerPolicy { can, ..ServerPolicy::default() }.answer(offer)?.expect("it can now");
/// assert_eq!(
///     agreement.to_string(),
///     "permessage-deflate; server_no_context_takeover; server_max_window_bits=10"
/// );
/// # Ok::<(), wscodec_compressors::negotiation::MalformedHeader>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Whether the compressor can refer to earlier messages.
    pub compressor_takeover: bool,
    /// The windows that the compressor can keep to, 8 to 15, as base-2 logarithms of bytes. A client whose windows don't
    /// begin at 8 does not offer to limit them: the server might choose a smaller one (RFC 7692 section 7.1.2.2).
    pub compressor_windows: RangeInclusive<u8>,
    /// Whether windows below [`compressor_windows`](Self::compressor_windows) are agreed on as well, under no context
    /// takeover for this end's messages. One that fits such a window can't reach beyond it; the longer ones have to go
    /// uncompressed, as a [`MessageCompressor`](crate::MessageCompressor) sends them. The default is false.
    pub small_windows_for_short_messages: bool,
    /// Whether the decompressor can keep the history of earlier messages.
    pub decompressor_takeover: bool,
    /// The largest window that the decompressor can inflate, 8 to 15.
    pub decompressor_window: u8,
}

impl Abilities {
    /// Those of backends with these capabilities.
    #[must_use]
    pub fn new(compressor: &Capabilities, decompressor: &Capabilities) -> Self {
        Self {
            compressor_takeover: compressor.takeover,
            compressor_windows: compressor.window_bits.clone(),
            decompressor_takeover: decompressor.takeover,
            decompressor_window: *decompressor.window_bits.end(),
            ..Self::default()
        }
    }

    /// The largest window within `ceiling` that the compressor can keep to, and whether it can take its history over
    /// then; `None` if there is none.
    pub(super) fn compress_within(&self, ceiling: u8) -> Option<(u8, bool)> {
        let bits = ceiling.min(*self.compressor_windows.end());
        if self.compressor_windows.contains(&bits) {
            return Some((bits, self.compressor_takeover));
        }
        self.small_windows_for_short_messages.then_some((bits, false))
    }

    /// The smallest window that the compressor can be held to.
    pub(super) fn smallest_window(&self) -> u8 {
        if self.small_windows_for_short_messages { MIN_WINDOW_BITS } else { *self.compressor_windows.start() }
    }
}

impl Default for Abilities {
    fn default() -> Self {
        Self {
            compressor_takeover: true,
            compressor_windows: MIN_WINDOW_BITS..=MAX_WINDOW_BITS,
            small_windows_for_short_messages: false,
            decompressor_takeover: true,
            decompressor_window: MAX_WINDOW_BITS,
        }
    }
}
