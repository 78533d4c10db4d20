use wscodec::compressors::negotiation::{Abilities, ClientPolicy};
use wscodec::handshake::{ClientHandshake, ConfigError};

use crate::common::compression::Compression;

/// What the client asks for.
pub(crate) fn handshake(host: &str, compression: &Compression) -> Result<ClientHandshake, ConfigError> {
    let handshake = ClientHandshake::new(host, "/")?;
    let Some(backend) = compression.backend else { return Ok(handshake) };
    let can = compression.abilities(backend);
    let (least, most) = can.compressor_windows.clone().into_inner();
    let can = Abilities { compressor_windows: least..=most.min(compression.client_max_window_bits), ..can };
    Ok(handshake.deflate(ClientPolicy {
        can,
        server_no_context_takeover: compression.server_no_context_takeover,
        client_no_context_takeover: compression.client_no_context_takeover,
        server_max_window_bits: compression.server_max_window_bits,
        ..ClientPolicy::default()
    }))
}
