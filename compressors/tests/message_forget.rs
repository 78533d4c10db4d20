//! A message that another compressor compressed, between two of a connection's own.

#![cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use wscodec_compressors::conformance::corpus::{KINDS, message};
use wscodec_compressors::{
    Backend, CompressionWish, CompressorConfig, DecompressorConfig, Encoding, FragmentEnd, InflateLimits,
    MessageCompressor, MessageDecompressor,
};

const WISH: CompressionWish = CompressionWish::Compress;

fn compressor(backend: Backend, takeover: bool) -> MessageCompressor {
    MessageCompressor::new(backend, CompressorConfig::default().takeover(takeover)).unwrap()
}

#[test]
fn what_comes_after_it_is_in_step() {
    for backend in Backend::available().filter(|backend| backend.capabilities().takeover) {
        let (mut own, mut shared) = (compressor(backend, true), compressor(backend, false));
        let config = DecompressorConfig::default();
        let mut peer = MessageDecompressor::new(backend, config, InflateLimits::default()).unwrap();
        for round in 0..40 {
            let sent = message(KINDS[round % KINDS.len()], 100 * round + 50, round as u64);
            let mut payload = Vec::new();
            let by_another = round % 3 == 1 || round % 7 == 2;
            let compressor = if by_another { &mut shared } else { &mut own };
            let encoding = compressor.message(&sent, WISH, &mut payload).unwrap();
            if encoding == Encoding::Deflate {
                let mut received = Vec::new();
                peer.message(&payload, &mut received).unwrap();
                assert!(received == sent, "{backend}: round {round}");
                if by_another {
                    own.forget();
                }
            }
        }
    }
}

#[test]
fn within_a_message_in_fragments_it_waits_for_the_next() {
    for backend in Backend::available().filter(|backend| backend.capabilities().takeover) {
        let words = b"the same words, again and again the same words".as_slice();
        let sent = |forget: bool| {
            let mut compressor = compressor(backend, true);
            let mut payload = Vec::new();
            compressor.fragment(words, FragmentEnd::Frame, WISH, &mut payload).unwrap();
            if forget {
                compressor.forget();
            }
            compressor.fragment(words, FragmentEnd::Message, WISH, &mut payload).unwrap();
            let fragments = payload.len();
            compressor.message(words, WISH, &mut payload).unwrap();
            (payload[..fragments].to_vec(), payload.len() - fragments)
        };
        let ((all, by_reference), (same, alone)) = (sent(false), sent(true));
        assert_eq!(same, all, "{backend}: the message under way goes on");
        assert!(by_reference < alone, "{backend}: the next one refers to nothing");
    }
}
