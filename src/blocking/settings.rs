use wscodec_compressors::negotiation::Agreement;
use wscodec_compressors::{Backend, CompressionPolicy, CompressorConfig};

use super::{Error, HandshakeError};
use crate::handshake::HeadLimits;
use crate::{Connection, Limits, Role};

/// What a connection is set up with after its handshake.
///
/// ```
/// use wscodec::Limits;
/// use wscodec::blocking::Settings;
/// use wscodec::compressors::Backend;
///
/// let mut settings = Settings::new().limits(Limits::new().with_message(1 << 20));
/// if let Some(backend) = Backend::available().next() {
///     settings = settings.backend(backend).level(1);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    limits: Limits,
    head_limits: HeadLimits,
    backend: Option<Backend>,
    level: Option<u8>,
    policy: CompressionPolicy,
    configure: fn(Connection) -> Connection,
}

impl Settings {
    /// The default limits, and no backend.
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

    /// The same with these limits on what the peer sends.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same with these limits on the head of the peer's request or response.
    #[must_use]
    pub fn head_limits(self, head_limits: HeadLimits) -> Self {
        Self { head_limits, ..self }
    }

    /// The same with what compresses, if both ends agree on it. The handshake should offer what this backend can do.
    #[must_use]
    pub fn backend(self, backend: Backend) -> Self {
        Self { backend: Some(backend), ..self }
    }

    /// The same with this effort of the compressor.
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
    /// use wscodec::Role;
    /// use wscodec::blocking::Settings;
    ///
    /// // More can be said about it than the settings have.
    /// let connection = Settings::new().connection(Role::Client, None)?.with_frame_size(1 << 16);
    /// # Ok::<(), wscodec::blocking::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`HandshakeError::NoBackend`] if compression was agreed on without one; [`HandshakeError::Compression`] if it can't do
    /// what was agreed on.
    pub fn connection(&self, role: Role, agreement: Option<&Agreement>) -> Result<Connection, Error> {
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
    ) -> Result<Connection, Error> {
        let backend = self.backend.ok_or(HandshakeError::NoBackend)?;
        let connection = connection.with_compression(backend, agreement)?;
        let Some(level) = self.level else { return Ok(connection) };
        let sent = match role {
            Role::Server => agreement.server_to_client(),
            Role::Client => agreement.client_to_server(),
        };
        Ok(connection.with_compressor(backend, CompressorConfig::from(sent).level(level))?)
    }

    pub(super) fn limits_of_heads(&self) -> HeadLimits {
        self.head_limits
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
