use core::fmt;

use wscodec_compressors::negotiation::Agreement;
use wscodec_compressors::{Backend, CompressionPolicy, CompressorConfig, ConfigError};

use crate::from::error_from;
use crate::handshake::HeadLimits;
use crate::{Connection, Limits, Role};

/// What a connection is opened with, beside its handshake; the same for `blocking` and `tokio` streams, and for those of
/// an HTTP stack's.
///
/// ```
/// # #[cfg(feature = "zlib-rs")] {
/// use wscodec::compressors::Backend;
/// use wscodec::{Limits, Settings};
///
/// let settings = Settings::new()
///     .limits(Limits::new().with_message(1 << 20))
///     .backend(Backend::ZlibRs)
///     .level(1)
///     .configure(|connection| connection.with_read_size(64 << 10));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    limits: Limits,
    pub(crate) head_limits: HeadLimits,
    pub(crate) backend: Option<Backend>,
    level: Option<u8>,
    policy: CompressionPolicy,
    configure: fn(Connection) -> Connection,
}

/// Why a connection can't be set up with what the handshake agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// Compression was agreed on, and there is no [backend](Settings::backend) for it.
    NoBackend,
    /// The backend can't do what was agreed on, or has no such [level](Settings::level).
    Compression(ConfigError),
}

impl Settings {
    /// The default [`Limits`] and [`HeadLimits`], and no compression.
    #[must_use]
    pub fn new() -> Self {
        Self {
            limits: Limits::new(),
            head_limits: HeadLimits::default(),
            backend: None,
            level: None,
            policy: CompressionPolicy::default(),
            configure: core::convert::identity,
        }
    }

    /// The same with other limits on what the peer sends.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same with other limits on the head of the peer's request or response.
    #[must_use]
    pub fn head_limits(self, head_limits: HeadLimits) -> Self {
        Self { head_limits, ..self }
    }

    /// The same with permessage-deflate by this backend, if the peer agrees; with `None`, without compression.
    ///
    /// `accept` and `connect` negotiate what it can do, unless the handshake has a policy of its own
    /// ([`ServerHandshake::deflate`](crate::handshake::ServerHandshake::deflate),
    /// [`ClientHandshake::deflate`](crate::handshake::ClientHandshake::deflate)), which must not promise more.
    ///
    /// ```
    /// use wscodec::Settings;
    /// use wscodec::compressors::Backend;
    ///
    /// // Whichever is compiled in, if one is.
    /// let settings = Settings::new().backend(Backend::available().next());
    /// ```
    #[must_use]
    pub fn backend(self, backend: impl Into<Option<Backend>>) -> Self {
        Self { backend: backend.into(), ..self }
    }

    /// The same with this effort of the compressor; 6 by default.
    #[must_use]
    pub fn level(self, level: u8) -> Self {
        Self { level: Some(level), ..self }
    }

    /// The same with another policy of what is compressed.
    #[must_use]
    pub fn compression_policy(self, policy: CompressionPolicy) -> Self {
        Self { policy, ..self }
    }

    /// The same, and every connection is set up by this before its first byte: it may set anything that a [`Connection`]
    /// has.
    #[must_use]
    pub fn configure(self, configure: fn(Connection) -> Connection) -> Self {
        Self { configure, ..self }
    }

    /// A connection for what a handshake agreed on, for the endpoint that is `role`.
    ///
    /// ```
    /// use wscodec::{Role, Settings};
    ///
    /// // More can be said about it than the settings have.
    /// let connection = Settings::new().connection(Role::Client, None)?.with_frame_size(1 << 16);
    /// # Ok::<(), wscodec::SetupError>(())
    /// ```
    ///
    /// # Errors
    /// [`SetupError`] if the backend is missing, or can't do what was agreed on.
    pub fn connection(&self, role: Role, agreement: Option<&Agreement>) -> Result<Connection, SetupError> {
        let connection = Connection::new(role, self.limits).with_compression_policy(self.policy);
        let connection = match agreement {
            None => connection,
            Some(agreement) => self.compressing(connection, role, agreement)?,
        };
        Ok((self.configure)(connection))
    }

    fn compressing(
        &self,
        connection: Connection,
        role: Role,
        agreement: &Agreement,
    ) -> Result<Connection, SetupError> {
        let backend = self.backend.ok_or(SetupError::NoBackend)?;
        let (sent, received) = role.directions(agreement);
        let config = CompressorConfig::from(sent);
        let config = self.level.map_or(config, |level| config.level(level));
        Ok(connection.with_compressor(backend, config)?.with_decompressor(backend, received)?)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

error_from!(SetupError { Compression: ConfigError; });

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBackend => f.write_str("compression was agreed on without a backend for it"),
            Self::Compression(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SetupError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::NoBackend => None,
            Self::Compression(error) => Some(error),
        }
    }
}
