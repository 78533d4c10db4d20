use core::fmt;
use core::ops::RangeInclusive;

use crate::Capabilities;

/// How a compressor is to work: what was negotiated for its direction, and how hard it tries.
///
/// There is no memory level: of the engines only zlib-rs has one to be set, and its follows the window.
///
/// ```
/// use wscodec_compressors::CompressorConfig;
///
/// let config = CompressorConfig::default().level(1).window_bits(12).takeover(false);
/// assert_eq!((config.level, config.window_bits, config.takeover), (1, 12, false));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompressorConfig {
    /// The effort, from 0 (store only) to the backend's highest; the default is 6.
    pub level: u8,
    /// The LZ77 window as a base-2 logarithm of bytes, 8 to 15 (RFC 7692 section 7.1.2); the default is 15.
    pub window_bits: u8,
    /// Whether a message may refer to the ones before it (section 7.1.1); the default is true, as in the RFC.
    pub takeover: bool,
}

impl Default for CompressorConfig {
    fn default() -> Self {
        Self { level: 6, window_bits: MAX_WINDOW_BITS, takeover: true }
    }
}

impl CompressorConfig {
    /// The same with another level.
    #[must_use]
    pub const fn level(self, level: u8) -> Self {
        Self { level, ..self }
    }

    /// The same with another window.
    #[must_use]
    pub const fn window_bits(self, window_bits: u8) -> Self {
        Self { window_bits, ..self }
    }

    /// The same with or without context takeover.
    #[must_use]
    pub const fn takeover(self, takeover: bool) -> Self {
        Self { takeover, ..self }
    }

    /// Whether a backend of these capabilities can do it.
    ///
    /// # Errors
    /// [`ConfigError`] with what it can't.
    pub fn check(self, can: &Capabilities) -> Result<(), ConfigError> {
        if !can.levels.contains(&self.level) {
            return Err(ConfigError::Level { level: self.level, supported: can.levels.clone() });
        }
        check_context(self.window_bits, self.takeover, can)
    }
}

/// How a decompressor is to work: what was negotiated for its direction.
///
/// ```
/// use wscodec_compressors::DecompressorConfig;
///
/// let config = DecompressorConfig::default().takeover(false);
/// assert_eq!((config.window_bits, config.takeover), (15, false));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecompressorConfig {
    /// The peer's LZ77 window as a base-2 logarithm of bytes, 8 to 15 (RFC 7692 section 7.1.2); the default is 15.
    ///
    /// What becomes of a message that reaches back further than was promised is not defined: taken as it is meant, or
    /// [`Corrupt`](crate::DecompressError::Corrupt). The engines of flate2 and zlib-rs keep 32 KB whatever is said here; but
    /// only the window agreed on is kept beside an engine, which is all that there is after a block with BFINAL=1 or
    /// [`shrink`](crate::Decompressor::shrink), and for libdeflate. So with hybrid it depends on the payload's length, too.
    pub window_bits: u8,
    /// Whether a message may refer to the ones before it (section 7.1.1); the default is true, as in the RFC.
    pub takeover: bool,
}

impl Default for DecompressorConfig {
    fn default() -> Self {
        Self { window_bits: MAX_WINDOW_BITS, takeover: true }
    }
}

impl DecompressorConfig {
    /// The same with another window.
    #[must_use]
    pub const fn window_bits(self, window_bits: u8) -> Self {
        Self { window_bits, ..self }
    }

    /// The same with or without context takeover.
    #[must_use]
    pub const fn takeover(self, takeover: bool) -> Self {
        Self { takeover, ..self }
    }

    /// Whether a backend of these capabilities can do it.
    ///
    /// # Errors
    /// [`ConfigError`] with what it can't.
    pub fn check(self, can: &Capabilities) -> Result<(), ConfigError> {
        check_context(self.window_bits, self.takeover, can)
    }
}

/// A configuration that the backend can't honour.
///
/// ```
/// use wscodec_compressors::{Backend, CompressorConfig};
///
/// for backend in Backend::available() {
///     let config = CompressorConfig::default().takeover(false).level(99);
///     let error = config.check(&backend.capabilities()).unwrap_err();
///     assert!(error.to_string().starts_with("compression level 99 is not within 0 to "));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The compression level is none of the backend's.
    Level {
        /// What was asked for.
        level: u8,
        /// What the backend knows.
        supported: RangeInclusive<u8>,
    },
    /// The window is none that the backend can honour.
    WindowBits {
        /// What was asked for, as a base-2 logarithm of bytes.
        window_bits: u8,
        /// What the backend can do.
        supported: RangeInclusive<u8>,
    },
    /// The backend can't take the context over from message to message.
    Takeover,
    /// The engine could not be set up, for the reason given.
    Engine(&'static str),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level { level, supported } => {
                write!(
                    f,
                    "compression level {level} is not within {} to {}",
                    supported.start(),
                    supported.end()
                )
            }
            Self::WindowBits { window_bits, supported } => {
                write!(
                    f,
                    "{window_bits} window bits are not within {} to {}",
                    supported.start(),
                    supported.end()
                )
            }
            Self::Takeover => f.write_str("this backend has no context takeover"),
            Self::Engine(reason) => write!(f, "the engine can't start: {reason}"),
        }
    }
}

impl core::error::Error for ConfigError {}

/// 32 KB, all that DEFLATE knows.
const MAX_WINDOW_BITS: u8 = 15;

fn check_context(window_bits: u8, takeover: bool, can: &Capabilities) -> Result<(), ConfigError> {
    if !can.window_bits.contains(&window_bits) {
        return Err(ConfigError::WindowBits { window_bits, supported: can.window_bits.clone() });
    }
    if takeover && !can.takeover {
        return Err(ConfigError::Takeover);
    }
    Ok(())
}
