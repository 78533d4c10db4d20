use wscodec::Settings;
use wscodec::compressors::negotiation::{ClientPolicy, ServerPolicy};
use wscodec::compressors::{Backend, CompressionPolicy};
use wscodec::handshake::{ClientHandshake, ServerHandshake};

const BACKEND: Backend = Backend::Hybrid;

/// For both ends: `accept` and `connect` take them.
pub fn settings() -> Settings {
    let policy = CompressionPolicy::default().threshold(128);
    Settings::new().backend(BACKEND).level(2).compression_policy(policy)
}

/// Of a server.
pub fn server(handshake: ServerHandshake) -> ServerHandshake {
    let deflate = ServerPolicy {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: 12,
        client_max_window_bits: 12,
        ..ServerPolicy::new(&BACKEND.capabilities(), &BACKEND.decompressor_capabilities())
    };
    handshake.deflate(deflate)
}

/// Of a client.
pub fn client(handshake: ClientHandshake) -> ClientHandshake {
    let deflate = ClientPolicy {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: 12,
        ..ClientPolicy::new(&BACKEND.capabilities(), &BACKEND.decompressor_capabilities())
    };
    handshake.deflate(deflate)
}
