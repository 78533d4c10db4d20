use wscodec_compressors::Backend;
use wscodec_compressors::negotiation::Agreement;

use super::OpenError;
use crate::handshake::HeadLimits;
use crate::{Connection, Limits, Role};

/// What a [`WebSocket`](super::WebSocket) is opened with, beside its handshake.
///
/// ```
/// use wscodec::Limits;
/// use wscodec::compressors::Backend;
/// use wscodec::tokio::Settings;
///
/// let mut settings = Settings::new()
///     .limits(Limits::new().with_message(1 << 20))
///     .configure(|connection| connection.with_read_size(64 << 10));
/// if let Some(backend) = Backend::available().next() {
///     settings = settings.backend(backend);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    limits: Limits,
    pub(super) head_limits: HeadLimits,
    backend: Option<Backend>,
    configure: fn(Connection) -> Connection,
}

impl Settings {
    /// The default [`Limits`] and [`HeadLimits`], and nothing to compress with.
    #[must_use]
    pub fn new() -> Self {
        Self {
            limits: Limits::new(),
            head_limits: HeadLimits::default(),
            backend: None,
            configure: core::convert::identity,
        }
    }

    /// The same with other limits to what the peer may send.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same with other limits to the head of the peer's request or response.
    #[must_use]
    pub fn head_limits(self, head_limits: HeadLimits) -> Self {
        Self { head_limits, ..self }
    }

    /// The same with what compresses, if both ends agree on it. The handshake should offer what this backend can do.
    #[must_use]
    pub fn backend(self, backend: Backend) -> Self {
        Self { backend: Some(backend), ..self }
    }

    /// The same, and every connection is set up by this before its first byte: it may set anything that a [`Connection`]
    /// has.
    #[must_use]
    pub fn configure(self, configure: fn(Connection) -> Connection) -> Self {
        Self { configure, ..self }
    }

    /// A connection for what a handshake agreed on.
    ///
    /// # Errors
    /// [`OpenError::NoBackend`] and [`OpenError::Compression`].
    pub fn connection(&self, role: Role, agreement: Option<&Agreement>) -> Result<Connection, OpenError> {
        let connection = Connection::new(role, self.limits);
        let connection = match agreement {
            None => connection,
            Some(agreement) => {
                connection.with_compression(self.backend.ok_or(OpenError::NoBackend)?, agreement)?
            }
        };
        Ok((self.configure)(connection))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
