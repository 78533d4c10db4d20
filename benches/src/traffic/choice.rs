//! What there is to choose among.

use std::fmt;

use serde::Serialize;
use wscodec_compressors::{Backend, CompressorConfig, DecompressorConfig};

/// One way to do permessage-deflate, the same for both directions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The backend's name, which is its feature's as well.
    pub backend: &'static str,
    pub level: u8,
    pub window_bits: u8,
    pub takeover: bool,
}

impl Choice {
    /// All that the backends named can do, of all if none is; fewer for a look.
    pub fn all(backends: &[String], quick: bool) -> Vec<Self> {
        let wanted = Backend::available()
            .filter(|backend| backends.is_empty() || backends.iter().any(|name| name == backend.name()));
        let mut all = Vec::new();
        for backend in wanted {
            for takeover in [true, false] {
                for &window_bits in windows(takeover, quick) {
                    for &level in levels(backend, quick) {
                        all.push(Self { backend: backend.name(), level, window_bits, takeover });
                    }
                }
            }
        }
        all.retain(Self::can_be);
        all
    }

    fn can_be(&self) -> bool {
        let Some(backend) = self.backend() else { return false };
        let both = (self.compressor(), self.decompressor());
        both.0.check(&backend.capabilities()).is_ok()
            && both.1.check(&backend.decompressor_capabilities()).is_ok()
    }

    pub fn backend(&self) -> Option<Backend> {
        Backend::from_name(self.backend)
    }

    pub fn compressor(&self) -> CompressorConfig {
        let config = CompressorConfig::default().level(self.level);
        config.window_bits(self.window_bits).takeover(self.takeover)
    }

    pub fn decompressor(&self) -> DecompressorConfig {
        DecompressorConfig::default().window_bits(self.window_bits).takeover(self.takeover)
    }

    /// Without the takeover, where that is said besides.
    pub fn short_name(&self) -> String {
        let Self { backend, level, window_bits, .. } = self;
        let window = if *window_bits == 15 { String::new() } else { format!(" ({window_bits} bits)") };
        format!("{backend} {level}{window}")
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { backend, level, window_bits, .. } = self;
        let takeover = if self.takeover { "takeover" } else { "no takeover" };
        f.pad(&format!("{backend} level {level}, {window_bits} bits, {takeover}"))
    }
}

fn levels(backend: Backend, quick: bool) -> &'static [u8] {
    match backend {
        Backend::Flate2 if quick => &[1, 6],
        Backend::Flate2 => &[1, 6, 9],
        Backend::Libdeflate if quick => &[1, 6],
        Backend::Libdeflate => &[1, 3, 6, 9, 12],
        _ if quick => &[1, 6],
        _ => &[1, 2, 4, 6, 9],
    }
}

/// Without takeover, a window matters for messages that are longer than it, and for what a thread holds.
const fn windows(takeover: bool, quick: bool) -> &'static [u8] {
    match (takeover, quick) {
        (true, false) => &[9, 12, 15],
        (true, true) => &[11, 15],
        (false, false) => &[12, 15],
        (false, true) => &[15],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_can_be_made_and_is_there_once() {
        for quick in [false, true] {
            let all = Choice::all(&[], quick);
            for backend in Backend::available() {
                assert!(all.iter().any(|choice| choice.backend == backend.name()), "{backend}");
            }
            for (place, choice) in all.iter().enumerate() {
                let backend = choice.backend().unwrap();
                assert!(backend.compressor(choice.compressor()).is_ok(), "{choice}");
                assert!(backend.decompressor(choice.decompressor()).is_ok(), "{choice}");
                assert!(!all[..place].contains(choice), "{choice}");
            }
        }
        assert!(Choice::all(&["compact".to_owned()], false).iter().all(|choice| choice.backend == "compact"));
    }
}
