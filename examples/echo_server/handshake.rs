use wscodec::compressors::negotiation::ServerPolicy;
use wscodec::handshake::ServerHandshake;

use crate::common::compression::Compression;

/// What the server agrees on.
pub(crate) fn handshake(compression: &Compression) -> ServerHandshake {
    let handshake = ServerHandshake::new();
    let Some(backend) = compression.backend else { return handshake };
    handshake.deflate(ServerPolicy {
        can: compression.abilities(backend),
        server_no_context_takeover: compression.server_no_context_takeover,
        client_no_context_takeover: compression.client_no_context_takeover,
        server_max_window_bits: compression.server_max_window_bits,
        client_max_window_bits: compression.client_max_window_bits,
        ..ServerPolicy::default()
    })
}
