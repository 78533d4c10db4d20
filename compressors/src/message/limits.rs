use crate::DecompressError;

/// Within which a [`MessageDecompressor`](crate::MessageDecompressor) takes a message; each is exact, and over it is close
/// code 1009.
///
/// What is checked before a byte is written, so what a message costs follows its limits, whatever it would inflate to: at
/// most three times [`message`](Self::message) and 1 MiB, besides what has come on the wire, since a buffer that grows is there
/// twice for a while, and may be twice as long. `usize::MAX` means no limit.
///
/// ```
/// use wscodec_compressors::InflateLimits;
///
/// let limits = InflateLimits::default().wire(64 << 10).message(1 << 20).fragments(100).ratio(Some(200));
/// assert_eq!((limits.wire, limits.message), (65_536, 1_048_576));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InflateLimits {
    /// The most bytes that a message takes on the wire, the payloads of all its frames; 72 MiB and 128 bytes by default,
    /// which is what DEFLATE makes of 64 MiB at worst.
    pub wire: usize,
    /// The longest message in bytes once it is inflated; 64 MiB by default.
    pub message: usize,
    /// The most frames that a message comes in, empty ones counted; 131,072 by default. With 0, no message is taken.
    pub fragments: usize,
    /// The most inflated bytes for each byte on the wire, of the message so far; none by default, since DEFLATE makes up
    /// to 1,032 of one and runs of zeros are legitimate.
    ///
    /// It does not hold for the first 16 KiB of a message: short ones are highly compressed by the ones before them. A backend
    /// that doesn't stream inflates at the last frame only, so that it is the ratio of the whole message there.
    pub ratio: Option<u32>,
}

impl Default for InflateLimits {
    fn default() -> Self {
        Self { wire: (72 << 20) + 128, message: 64 << 20, fragments: 1 << 17, ratio: None }
    }
}

impl InflateLimits {
    /// The same with another limit on the [`wire`](Self::wire), in bytes.
    #[must_use]
    pub const fn wire(self, wire: usize) -> Self {
        Self { wire, ..self }
    }

    /// The same with another limit on the inflated [`message`](Self::message), in bytes.
    #[must_use]
    pub const fn message(self, message: usize) -> Self {
        Self { message, ..self }
    }

    /// The same with another limit on [`fragments`](Self::fragments).
    #[must_use]
    pub const fn fragments(self, fragments: usize) -> Self {
        Self { fragments, ..self }
    }

    /// The same with another [`ratio`](Self::ratio), or none.
    #[must_use]
    pub const fn ratio(self, ratio: Option<u32>) -> Self {
        Self { ratio, ..self }
    }
}

/// What has come of a message so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meter {
    wire: usize,
    inflated: usize,
    fragments: usize,
}

impl Meter {
    /// Counts a frame.
    pub(super) fn frame(&mut self, payload: usize, limits: &InflateLimits) -> Result<(), DecompressError> {
        if self.fragments >= limits.fragments {
            return Err(DecompressError::TooManyFragments { limit: limits.fragments });
        }
        if payload > limits.wire - self.wire {
            return Err(DecompressError::WireTooLong { limit: limits.wire });
        }
        self.fragments += 1;
        self.wire += payload;
        Ok(())
    }

    /// How many bytes more may come out now.
    pub(super) fn room(&self, limits: &InflateLimits) -> usize {
        // The ratio may leave less than came out already only if no frame was counted since.
        limits.message.min(self.by_ratio(limits)).saturating_sub(self.inflated)
    }

    /// Gives an output whose message is half of what it may be, or more, room for the rest: doubled once more, it would take
    /// twice the limit. An output that is mostly something else is left to grow by itself, for a copy of it all for each
    /// message would cost more than that.
    pub(super) fn reserve_last(&self, limits: &InflateLimits, out: &mut Vec<u8>) {
        let rest = limits.message.saturating_sub(self.inflated);
        let message = self.inflated.min(out.len());
        if rest <= message && out.len() - message <= message {
            out.reserve_exact(rest);
        }
    }

    pub(super) fn inflated(&mut self, bytes: usize) {
        self.inflated += bytes;
    }

    /// Names the limit that [`room`](Self::room) comes from, as a whole.
    pub(super) fn over(&self, limits: &InflateLimits) -> DecompressError {
        match limits.ratio {
            Some(ratio) if self.by_ratio(limits) < limits.message => DecompressError::RatioTooHigh { ratio },
            _ => DecompressError::TooLong { limit: limits.message },
        }
    }

    fn by_ratio(&self, limits: &InflateLimits) -> usize {
        limits.ratio.map_or(usize::MAX, |ratio| {
            let ratio = usize::try_from(ratio).unwrap_or(usize::MAX);
            self.wire.saturating_mul(ratio).max(ANY_RATIO)
        })
    }
}

/// So many inflated bytes may come of any number on the wire.
const ANY_RATIO: usize = 16 << 10;
