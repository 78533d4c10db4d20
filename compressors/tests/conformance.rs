//! Every backend of this crate through the suite that everybody's go through, and what is true of these alone.

#![cfg(any(feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod common;

use common::for_each_backend;
use wscodec_compressors::conformance::corpus::{Kind, message};
use wscodec_compressors::{Backend, Compressor, CompressorConfig, DecompressorConfig, conformance};

for_each_backend! { keeps_every_rule, refers_to_the_messages_before, describes_itself }

fn keeps_every_rule(backend: Backend) {
    conformance::check(
        (&backend.capabilities(), |config| backend.compressor(config)),
        (&backend.decompressor_capabilities(), |config| backend.decompressor(config)),
    )
    .unwrap();
}

/// A sender need not, so the suite does not ask for it.
fn refers_to_the_messages_before(backend: Backend) {
    for takeover in [false, true].into_iter().filter(|&takeover| !takeover || backend.capabilities().takeover)
    {
        let config = CompressorConfig::default().takeover(takeover);
        let mut compressor = backend.compressor(config).unwrap();
        let deflate = |compressor: &mut dyn Compressor, message: &[u8]| {
            let mut payload = Vec::new();
            compressor.compress(message, &mut payload).unwrap();
            payload
        };
        let message = message(Kind::Random, 1000, 1);
        let first = deflate(&mut *compressor, &message);
        assert_eq!(deflate(&mut *compressor, &message).len() < 100, takeover);
        compressor.reset();
        assert!(deflate(&mut *compressor, &message) == first);
    }
}

fn describes_itself(backend: Backend) {
    assert_eq!(Backend::from_name(backend.name()), Some(backend));
    assert_eq!(backend.to_string(), backend.name());
    let takeover = backend.capabilities().takeover;
    let compressor = backend.compressor(CompressorConfig::default().takeover(takeover)).unwrap();
    let decompressor = backend.decompressor(DecompressorConfig::default().takeover(takeover)).unwrap();
    assert_eq!(compressor.engine(), decompressor.engine());
    if backend.name() != "flate2" {
        assert_eq!(compressor.engine(), backend.name());
    }
}
