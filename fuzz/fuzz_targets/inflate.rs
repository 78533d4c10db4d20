//! Whatever the payload: no panic, the limit held to the byte, and the engines of one mind. What one backend compresses
//! the others give back.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec_compressors::{Backend, CompressorConfig, DecompressError, DecompressorConfig};

/// More than any input here inflates to.
const UNLIMITED: usize = 1 << 26;

#[derive(Arbitrary, Debug)]
struct Input {
    limit: u16,
    level: u8,
    payload: Vec<u8>,
    message: Vec<u8>,
}

fuzz_target!(|input: Input| {
    let limit = usize::from(input.limit);
    let first = Backend::available().next().expect("all are compiled in");
    let message = inflate(first, &input.payload, UNLIMITED);
    for backend in Backend::available() {
        assert_eq!(inflate(backend, &input.payload, UNLIMITED), message, "{}", backend.name());
        let limited = inflate(backend, &input.payload, limit);
        match &message {
            Ok(message) if message.len() > limit => assert_eq!(limited, Err(1009), "{}", backend.name()),
            Ok(_) => assert_eq!(limited, message, "{}", backend.name()),
            // Both wrong and too long: what an engine meets first is its own affair.
            Err(_) => assert!(matches!(limited, Err(1007 | 1009)), "{}: {limited:?}", backend.name()),
        }
    }
    for from in Backend::available() {
        let levels = from.capabilities().levels;
        let level = (*levels.start()).max(input.level % (levels.end() + 1));
        let config = CompressorConfig::default().takeover(false).level(level);
        let mut payload = Vec::new();
        let mut compressor = from.compressor(config).expect("a level it knows");
        compressor.compress(&input.message, &mut payload).expect("any message can be compressed");
        for to in Backend::available() {
            let message = inflate(to, &payload, input.message.len());
            assert_eq!(message.as_deref(), Ok(&input.message[..]), "{} to {}", from.name(), to.name());
        }
    }
});

/// The message, or the kind of its error: the engines put the reasons in words of their own.
fn inflate(backend: Backend, payload: &[u8], limit: usize) -> Result<Vec<u8>, u16> {
    let config = DecompressorConfig::default().takeover(false);
    let mut decompressor = backend.decompressor(config).expect("the default is for all");
    let mut message = b"before".to_vec();
    let result = decompressor.decompress(payload, limit, &mut message);
    assert_eq!(&message[..6], b"before");
    match result {
        Ok(()) => {
            assert!(message.len() - 6 <= limit);
            Ok(message.split_off(6))
        }
        Err(error) => {
            assert_eq!(message.len(), 6, "an error leaves nothing behind");
            assert!(!matches!(error, DecompressError::Engine(_)), "{error}");
            Err(error.close_code())
        }
    }
}
