use wscodec_compressors::negotiation::{Agreement, Direction};

/// Which end of the connection this endpoint is; it decides who masks (RFC 6455 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Takes masked frames and sends unmasked ones.
    Server,
    /// Takes unmasked frames and masks the ones it sends.
    Client,
}

impl Role {
    /// How messages are compressed that this endpoint sends, and those that it receives.
    pub(crate) fn directions(self, agreement: &Agreement) -> (Direction, Direction) {
        let (to_server, to_client) = (agreement.client_to_server(), agreement.server_to_client());
        match self {
            Self::Server => (to_client, to_server),
            Self::Client => (to_server, to_client),
        }
    }
}
