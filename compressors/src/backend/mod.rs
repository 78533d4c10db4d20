//! The backends, and the value that chooses one of them at run time.

#[cfg(feature = "compact")]
mod compact;
#[cfg(feature = "flate2")]
mod flate2;
#[cfg(any(feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
mod history;
#[cfg(feature = "hybrid")]
mod hybrid;
#[cfg(feature = "libdeflate")]
mod libdeflate;
#[cfg(feature = "zlib-rs")]
mod zlib_rs;

#[cfg(feature = "compact")]
pub use self::compact::{CompactCompressor, CompactDecompressor};
#[cfg(feature = "flate2")]
pub use self::flate2::{Flate2Compressor, Flate2Decompressor};
#[cfg(feature = "hybrid")]
pub use self::hybrid::{HybridCompressor, HybridDecompressor};
#[cfg(feature = "libdeflate")]
pub use self::libdeflate::{LibdeflateCompressor, LibdeflateDecompressor};
#[cfg(feature = "zlib-rs")]
pub use self::zlib_rs::{ZlibRsCompressor, ZlibRsDecompressor};

#[cfg(any(feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
pub(crate) use self::history::History;
#[cfg(feature = "libdeflate")]
pub(crate) use self::history::Past;

use core::fmt;

use crate::{Capabilities, Compressor, CompressorConfig, ConfigError, Decompressor, DecompressorConfig};

/// Frees what waits on this thread for the next message of any connection, beside the connections' own contexts.
pub(crate) fn release_scratch() {
    #[cfg(feature = "compact")]
    compact::release_scratch();
    #[cfg(feature = "libdeflate")]
    libdeflate::release_scratch();
}

/// A backend that is compiled in, as a value: for programs that choose at run time, or run them all.
///
/// Each is there with the feature of its [name](Self::name), and without it the compiler knows no such variant: `wscodec` has
/// `zlib-rs` by default, and `wscodec-compressors` none.
///
/// ```
/// use wscodec_compressors::Backend;
///
/// for backend in Backend::available() {
///     assert_eq!(Backend::from_name(backend.name()), Some(backend));
///     println!("{backend}: takeover {}", backend.capabilities().takeover);
/// }
/// assert_eq!(Backend::from_name("zip"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// flate2, on whatever engine the whole build gives it.
    #[cfg(feature = "flate2")]
    Flate2,
    /// zlib-rs by its own interface.
    #[cfg(feature = "zlib-rs")]
    ZlibRs,
    /// libdeflate: whole messages; context takeover on the way in only.
    #[cfg(feature = "libdeflate")]
    Libdeflate,
    /// An engine of our own, for small messages and small contexts.
    #[cfg(feature = "compact")]
    Compact,
    /// Compact or libdeflate, whichever is better for the direction, the takeover and the message: the one
    /// to take where there is a C compiler.
    #[cfg(feature = "hybrid")]
    Hybrid,
}

impl Backend {
    /// The backends compiled in.
    pub fn available() -> impl Iterator<Item = Self> + Clone {
        ALL.iter().copied()
    }

    /// The one of this name, if it is compiled in.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::available().find(|backend| backend.name() == name)
    }

    /// The name of the feature that compiles it in: `flate2`, `zlib-rs`, `libdeflate`, `compact` or `hybrid`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "flate2")]
            Self::Flate2 => "flate2",
            #[cfg(feature = "zlib-rs")]
            Self::ZlibRs => "zlib-rs",
            #[cfg(feature = "libdeflate")]
            Self::Libdeflate => "libdeflate",
            #[cfg(feature = "compact")]
            Self::Compact => "compact",
            #[cfg(feature = "hybrid")]
            Self::Hybrid => "hybrid",
        }
    }

    /// What its compressor can do.
    #[must_use]
    pub const fn capabilities(self) -> Capabilities {
        match self {
            #[cfg(feature = "flate2")]
            Self::Flate2 => Flate2Compressor::CAPABILITIES,
            #[cfg(feature = "zlib-rs")]
            Self::ZlibRs => ZlibRsCompressor::CAPABILITIES,
            #[cfg(feature = "libdeflate")]
            Self::Libdeflate => LibdeflateCompressor::CAPABILITIES,
            #[cfg(feature = "compact")]
            Self::Compact => CompactCompressor::CAPABILITIES,
            #[cfg(feature = "hybrid")]
            Self::Hybrid => HybridCompressor::CAPABILITIES,
        }
    }

    /// What its decompressor can do. Of flate2's, the engine of the build has a say in it.
    #[must_use]
    pub fn decompressor_capabilities(self) -> Capabilities {
        match self {
            #[cfg(feature = "flate2")]
            Self::Flate2 => Flate2Decompressor::can(),
            #[cfg(feature = "zlib-rs")]
            Self::ZlibRs => ZlibRsDecompressor::CAPABILITIES,
            #[cfg(feature = "libdeflate")]
            Self::Libdeflate => LibdeflateDecompressor::CAPABILITIES,
            #[cfg(feature = "compact")]
            Self::Compact => CompactDecompressor::CAPABILITIES,
            #[cfg(feature = "hybrid")]
            Self::Hybrid => HybridDecompressor::CAPABILITIES,
        }
    }

    /// A new compressor.
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what `config` says.
    #[cfg_attr(
        not(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate")),
        expect(unused_variables)
    )]
    pub fn compressor(self, config: CompressorConfig) -> Result<Box<dyn Compressor>, ConfigError> {
        match self {
            #[cfg(feature = "flate2")]
            Self::Flate2 => Ok(Box::new(Flate2Compressor::new(config)?)),
            #[cfg(feature = "zlib-rs")]
            Self::ZlibRs => Ok(Box::new(ZlibRsCompressor::new(config)?)),
            #[cfg(feature = "libdeflate")]
            Self::Libdeflate => Ok(Box::new(LibdeflateCompressor::new(config)?)),
            #[cfg(feature = "compact")]
            Self::Compact => Ok(Box::new(CompactCompressor::new(config)?)),
            #[cfg(feature = "hybrid")]
            Self::Hybrid => Ok(Box::new(HybridCompressor::new(config)?)),
        }
    }

    /// A new decompressor.
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what `config` says.
    #[cfg_attr(
        not(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate")),
        expect(unused_variables)
    )]
    pub fn decompressor(self, config: DecompressorConfig) -> Result<Box<dyn Decompressor>, ConfigError> {
        match self {
            #[cfg(feature = "flate2")]
            Self::Flate2 => Ok(Box::new(Flate2Decompressor::new(config)?)),
            #[cfg(feature = "zlib-rs")]
            Self::ZlibRs => Ok(Box::new(ZlibRsDecompressor::new(config)?)),
            #[cfg(feature = "libdeflate")]
            Self::Libdeflate => Ok(Box::new(LibdeflateDecompressor::new(config)?)),
            #[cfg(feature = "compact")]
            Self::Compact => Ok(Box::new(CompactDecompressor::new(config)?)),
            #[cfg(feature = "hybrid")]
            Self::Hybrid => Ok(Box::new(HybridDecompressor::new(config)?)),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const ALL: &[Backend] = &[
    #[cfg(feature = "flate2")]
    Backend::Flate2,
    #[cfg(feature = "zlib-rs")]
    Backend::ZlibRs,
    #[cfg(feature = "libdeflate")]
    Backend::Libdeflate,
    #[cfg(feature = "compact")]
    Backend::Compact,
    #[cfg(feature = "hybrid")]
    Backend::Hybrid,
];
