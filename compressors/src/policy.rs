//! Which messages are worth compressing.
#![forbid(unsafe_code)]

/// Decides whether a message is compressed, before the compressor sees it.
///
/// Before, because with context takeover what the compressor has seen is part of the next message (RFC 7692 section 7.2.1
/// lets a sender choose message by message). A [`MessageCompressor`](crate::MessageCompressor) asks it, and drops what
/// came out longer all the same.
///
/// ```
/// use wscodec_compressors::{
///     Backend, CompressionPolicy, CompressionWish, CompressorConfig, Encoding, MessageCompressor,
/// };
///
/// let policy = CompressionPolicy::default();
/// let json = br#"{"id":1,"price":"100.25","side":"buy"},"#.repeat(10);
/// assert!(policy.compresses(&json, CompressionWish::Auto));
/// assert!(!policy.compresses(b"too short to gain", CompressionWish::Auto));
/// assert!(!policy.compresses(&json, CompressionWish::Plain), "a secret beside what an attacker chose");
///
/// for backend in Backend::available() {
///     let config = CompressorConfig::default().takeover(false);
///     let mut compressor = MessageCompressor::new(backend, config)?.with_policy(policy.threshold(1000));
///     let mut payload = Vec::new();
///     assert_eq!(compressor.message(&json, CompressionWish::Auto, &mut payload)?, Encoding::Plain);
///     assert_eq!(payload, json);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompressionPolicy {
    /// The shortest message that is compressed, in bytes; the default is 64. With context takeover shorter ones may gain
    /// as well.
    pub threshold: usize,
    /// Whether messages whose bytes look random are sent as they are: pictures, archives, what is encrypted. The default
    /// is true.
    ///
    /// At most 256 bytes are looked at, so a message is also left alone if it repeats random bytes of its own, or of the
    /// messages before it: for those, say [`CompressionWish::Compress`].
    pub skip_random: bool,
}

/// What the application wants for one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CompressionWish {
    /// What the policy says.
    #[default]
    Auto,
    /// Compressed, whatever the policy says.
    ///
    /// With context takeover this is no favour to short messages that don't compress: one that would get more than two bytes
    /// longer goes plain, and the history is lost with it.
    Compress,
    /// As it is: it is known to be incompressible, or its length would tell a secret (RFC 7692 section 8).
    Plain,
}

impl Default for CompressionPolicy {
    fn default() -> Self {
        Self { threshold: 64, skip_random: true }
    }
}

impl CompressionPolicy {
    /// The same with another threshold, in bytes.
    #[must_use]
    pub const fn threshold(self, threshold: usize) -> Self {
        Self { threshold, ..self }
    }

    /// The same with or without a look at the bytes.
    #[must_use]
    pub const fn skip_random(self, skip_random: bool) -> Self {
        Self { skip_random, ..self }
    }

    /// Whether this message is to be compressed. An empty one is only if it is wished for.
    #[inline]
    #[must_use]
    pub fn compresses(&self, message: &[u8], wish: CompressionWish) -> bool {
        match wish {
            CompressionWish::Compress => true,
            CompressionWish::Plain => false,
            CompressionWish::Auto => {
                message.len() >= self.threshold.max(1) && !(self.skip_random && looks_random(message))
            }
        }
    }
}

/// Whether a sample of the bytes is spread as evenly as random bytes are.
///
/// ```text
/// if 32 bytes from all over the message are all ASCII, or 32 in its middle UTF-8: no
/// pairs = how many pairs of bytes of the sample are equal
/// for random bytes, one pair in 256 is: yes unless there are half as many again
/// ```
fn looks_random(message: &[u8]) -> bool {
    if message.len() < SHORTEST || ascii_everywhere(message) || utf8_in_the_middle(message) {
        return false;
    }
    let runs = (message.len() / 64).clamp(4, 16);
    // No count gets near 256: the pairs are too many long before.
    let (mut counts, mut pairs) = ([0_u8; 256], 0);
    for round in 1..=runs {
        // From the middle on: headers are at the start and directories at the end, and less alike than what they hold.
        let run = (runs / 2 + round) % runs;
        // Whole runs, so that records with a random field don't show that field alone.
        let start = (message.len() - RUN) / (runs - 1) * run;
        for &byte in &message[start..start + RUN] {
            let count = &mut counts[usize::from(byte)];
            pairs += usize::from(*count);
            *count += 1;
        }
        let sampled = round * RUN;
        let most = sampled * (sampled - 1) / 2 * 3 / 2 / 256;
        if pairs > most + if round < runs { SLACK } else { LAST_SLACK } {
            return false;
        }
    }
    true
}

/// The cheaper question, whose answer is yes for most messages that there are: 32 bytes from four places, in four loads.
fn ascii_everywhere(message: &[u8]) -> bool {
    const WORD: usize = 8;
    let step = (message.len() - WORD) / 3;
    let mut all = 0;
    for place in 0..4 {
        if let Some(word) = message[place * step..].first_chunk::<WORD>() {
            all |= u64::from_ne_bytes(*word);
        }
    }
    all & 0x8080_8080_8080_8080 == 0
}

/// The same for other texts: 32 random bytes are UTF-8 once in millions of times.
fn utf8_in_the_middle(message: &[u8]) -> bool {
    let middle = &message[message.len() / 2..][..32];
    // It may begin within a codepoint and end within one.
    let begun = middle.iter().take_while(|&&byte| byte & 0xC0 == 0x80).count().min(3);
    core::str::from_utf8(&middle[begun..]).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// So many pairs more are needed to be sure of the answer before the sample is complete.
const SLACK: usize = 16;

/// And so many when it is, for the chance in small ones.
const LAST_SLACK: usize = 4;

/// Bytes next to each other that are looked at together.
const RUN: usize = 16;

/// Of fewer bytes nothing can be told.
const SHORTEST: usize = 128;
