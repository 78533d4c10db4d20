//! What to paste.

use serde::Serialize;

use super::choice::Choice;

/// A recommendation as code.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Code {
    /// Lines for Cargo.toml.
    pub cargo: String,
    /// A module: a function for each end.
    pub rust: String,
}

/// The code for a choice, and for the shortest messages that are to be compressed. The features and the configuration
/// are those of connections on `Read + Write`; with tokio, `blocking` becomes `tokio` in both.
pub fn code(choice: &Choice, threshold: usize) -> Code {
    let Choice { backend, level, .. } = choice;
    let cargo = format!(
        "[dependencies]\nwscodec = {{ version = \"0.1\", default-features = false, features = [\"{backend}\", \"blocking\"] }}\n"
    );
    let server = policy(choice, "ServerPolicy");
    let client = policy(choice, "ClientPolicy");
    let rust = format!(
        "\
use wscodec::Settings;
use wscodec::compressors::negotiation::{{ClientPolicy, ServerPolicy}};
use wscodec::compressors::{{Backend, CompressionPolicy}};
use wscodec::handshake::{{ClientHandshake, ServerHandshake}};

const BACKEND: Backend = Backend::{variant};

/// For both ends: `accept` and `connect` take them.
pub fn settings() -> Settings {{
    let policy = CompressionPolicy::default().threshold({threshold});
    Settings::new().backend(BACKEND).level({level}).compression_policy(policy)
}}

/// Of a server.
pub fn server(handshake: ServerHandshake) -> ServerHandshake {{
{server}    handshake.deflate(deflate)
}}

/// Of a client.
pub fn client(handshake: ClientHandshake) -> ClientHandshake {{
{client}    handshake.deflate(deflate)
}}
",
        variant = variant(backend),
    );
    Code { cargo, rust }
}

/// Lines that say what is to be negotiated.
fn policy(choice: &Choice, name: &str) -> String {
    let new = format!("{name}::new(&BACKEND.capabilities(), &BACKEND.decompressor_capabilities())");
    let mut fields = Vec::new();
    if !choice.takeover {
        fields.extend([
            "server_no_context_takeover: true".to_owned(),
            "client_no_context_takeover: true".to_owned(),
        ]);
    }
    if choice.window_bits < 15 {
        // A client asks for the server's window; it keeps to what the server answers for its own.
        let ends: &[&str] = if name == "ServerPolicy" { &["server", "client"] } else { &["server"] };
        fields.extend(ends.iter().map(|end| format!("{end}_max_window_bits: {}", choice.window_bits)));
    }
    if fields.is_empty() {
        return format!("    let deflate = {new};\n");
    }
    let fields: String = fields.iter().map(|field| format!("        {field},\n")).collect();
    format!("    let deflate = {name} {{\n{fields}        ..{new}\n    }};\n")
}

fn variant(backend: &str) -> String {
    let words = backend.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compiled as they are, and checked to be what is generated.
    macro_rules! pasted {
        ($($name:ident: $backend:literal, $level:literal, $bits:literal, $takeover:literal, $threshold:literal;)*) => {
            $(
                mod $name {
                    include!(concat!("pasted/", stringify!($name), ".rs"));
                }
            )*

            #[test]
            fn what_is_generated_is_what_is_compiled_here() {
                $(
                    let choice = Choice {
                        backend: $backend, level: $level, window_bits: $bits, takeover: $takeover,
                    };
                    let rust = code(&choice, $threshold).rust;
                    let file = format!("{}/src/traffic/pasted/{}.rs", env!("CARGO_MANIFEST_DIR"), stringify!($name));
                    if std::env::var_os("UPDATE_PASTED").is_some() {
                        std::fs::write(&file, &rust).unwrap();
                    }
                    assert_eq!(std::fs::read_to_string(&file).unwrap(), rust, "UPDATE_PASTED=1 writes it");
                    // It agrees with itself on what was chosen.
                    let request = $name::client(wscodec::handshake::ClientHandshake::new("a", "/").unwrap());
                    let request = request.request().unwrap();
                    let server = $name::server(wscodec::handshake::ServerHandshake::new());
                    let head = request.to_bytes();
                    let mut reader = wscodec::handshake::HeadReader::new(Default::default());
                    let (incoming, _) = reader.request(&head).unwrap().unwrap();
                    let accepted = server.accept(&incoming).unwrap();
                    let agreement = accepted.agreement().unwrap();
                    for direction in [agreement.server_to_client(), agreement.client_to_server()] {
 assert_eq!((direction.takeover, direction.window_bits), ($takeover, $bits));
 }
                    assert!($name::settings().connection(wscodec::Role::Server, Some(&agreement)).is_ok());
                )*
            }
        };
    }

    pasted! {
        flate2: "flate2", 9, 15, true, 64;
        zlib_rs: "zlib-rs", 6, 12, true, 1;
        libdeflate: "libdeflate", 12, 15, false, 512;
        compact: "compact", 1, 9, true, 64;
        hybrid: "hybrid", 2, 12, false, 128;
    }

    #[test]
    fn every_backend_is_named_as_in_the_library() {
        for backend in wscodec::compressors::Backend::available() {
            assert_eq!(variant(backend.name()), format!("{backend:?}"));
        }
    }

    #[test]
    fn the_features_are_those_of_the_library() {
        let manifest = include_str!("../../../Cargo.toml");
        for choice in Choice::all(&[], true) {
            assert!(manifest.contains(&format!("\n{} = [", choice.backend)), "{choice}");
            assert!(code(&choice, 1).cargo.contains(&format!("\"{}\"", choice.backend)));
        }
        assert!(manifest.contains("\nblocking = ["));
    }
}
