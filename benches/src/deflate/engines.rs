//! The trap of feature unification: Cargo builds one `flate2` (and one `libz-sys`) for the whole program, with the
//! features of all who ask for it, so one dependency can put another engine below a backend without a word. Every run
//! therefore asks each engine what it is, before it measures.

use wscodec_compressors::{Backend, CompressorConfig, DecompressorConfig};

use super::zlib;

/// What `--backend` can name.
pub const NAMES: [&str; 6] = ["flate2", "zlib-rs", "libdeflate", "compact", "hybrid", zlib::NAME];

/// Which engine is the right one below the compressor and the decompressor of which of our backends, with context takeover
/// or without.
const EXPECTED: [(&str, bool, [&str; 2]); 6] = [
    ("flate2", false, ["miniz_oxide"; 2]),
    ("zlib-rs", false, ["zlib-rs"; 2]),
    ("libdeflate", false, ["libdeflate"; 2]),
    ("compact", false, ["compact"; 2]),
    ("hybrid", false, ["libdeflate"; 2]),
    ("hybrid", true, ["compact", "libdeflate"]),
];

/// Asks all engines what they are.
///
/// # Errors
/// The wrong one, what it should be, and how to find out who asked for it.
pub fn check() -> Result<(), String> {
    for (name, takeover, expected) in EXPECTED {
        let running = running(name, takeover)?;
        // The hybrid has several.
        let is_there =
            |(running, expected): (&String, &str)| running.split(" and ").any(|one| one == expected);
        if !running.iter().zip(expected).all(is_there) {
            return Err(wrong(name, &expected.join(" and "), &running.join(" and "), "flate2"));
        }
    }
    let version = zlib::version();
    if !is_plain(&version) {
        return Err(wrong(zlib::NAME, "the plain C library", &version, "libz-sys"));
    }
    Ok(())
}

/// The engines below a backend's compressor and decompressor.
fn running(name: &str, takeover: bool) -> Result<[String; 2], String> {
    let backend = Backend::from_name(name).ok_or_else(|| format!("the backend {name} is not compiled in"))?;
    let config = CompressorConfig::default().takeover(takeover);
    let compressor = backend.compressor(config).map_err(|error| format!("{name}: {error}"))?;
    let config = DecompressorConfig::default().takeover(takeover);
    let decompressor = backend.decompressor(config).map_err(|error| format!("{name}: {error}"))?;
    Ok([compressor.engine().to_owned(), decompressor.engine().to_owned()])
}

/// Of numbers and dots alone: zlib-ng and zlib-rs put their names into the version that they answer with.
fn is_plain(version: &str) -> bool {
    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn wrong(name: &str, expected: &str, running: &str, package: &str) -> String {
    format!(
        "{name} runs on {running}, not on {expected}: some dependency's features put another engine into this program, \
         and its figures would be another's. `cargo tree --manifest-path benches/Cargo.toml -e features -i {package}` \
         shows who asks for it"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_runs_on_its_own_engine() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn every_backend_can_be_named() {
        for backend in Backend::available() {
            assert!(NAMES.contains(&backend.name()), "{backend}");
        }
    }

    #[test]
    fn other_libraries_give_themselves_away() {
        assert!(is_plain("1.3.1"));
        assert!(!is_plain("1.3.1.zlib-ng"));
        assert!(!is_plain("1.3.0-zlib-rs-0.5.2"));
    }
}
