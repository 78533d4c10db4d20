//! What is agreed on: a backend or none, with its context taken over or not.

use wscodec::compressors::Backend;
use wscodec::compressors::negotiation::{Abilities, ClientPolicy, ServerPolicy};
use wscodec::handshake::{ClientHandshake, ServerHandshake};
use wscodec::{Limits, Settings};

use crate::Failure;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) backend: Option<Backend>,
    /// Asked for by the client, in both directions; the backend may not be able to.
    pub(crate) takeover: bool,
}

impl Way {
    pub(crate) const PLAIN: Self = Self { backend: None, takeover: false };

    pub(crate) fn server_handshake(self) -> ServerHandshake {
        match self.backend {
            None => ServerHandshake::new(),
            Some(backend) => ServerHandshake::new()
                .deflate(ServerPolicy { can: abilities(backend), ..ServerPolicy::default() }),
        }
    }

    pub(crate) fn client_handshake(self, address: &str) -> Result<ClientHandshake, Failure> {
        let handshake = ClientHandshake::new(address, "/")?;
        Ok(match self.backend {
            None => handshake,
            Some(backend) => handshake.deflate(ClientPolicy {
                can: abilities(backend),
                server_no_context_takeover: !self.takeover,
                client_no_context_takeover: !self.takeover,
                ..ClientPolicy::default()
            }),
        })
    }

    /// The same on both adapters.
    pub(crate) fn settings(self) -> Settings {
        let settings = Settings::new().limits(LIMITS);
        match self.backend {
            Some(backend) => settings.backend(backend),
            None => settings,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.backend.map_or("plain", Backend::name)
    }
}

/// A message of 4 MiB is taken: enough to see whether memory follows what is claimed.
pub(crate) const MOST: usize = 4 << 20;
const LIMITS: Limits = Limits::new().with_message(MOST);

fn abilities(backend: Backend) -> Abilities {
    Abilities::new(&backend.capabilities(), &backend.decompressor_capabilities())
}
