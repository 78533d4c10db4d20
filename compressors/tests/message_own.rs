//! Backends written elsewhere, and what the message layer promises whatever they do.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use wscodec_compressors::conformance::corpus::{Kind, message};
use wscodec_compressors::{
    Backend, Capabilities, CompressError, CompressionWish, Compressor, CompressorConfig, DecompressError,
    Decompressor, DecompressorConfig, Encoding, FragmentEnd, InflateLimits, MessageCompressor,
    MessageDecompressor,
};

const WISH: CompressionWish = CompressionWish::Compress;

/// What an engine does once, to its output or to its caller; before and after it is as good as any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Misdeed {
    None,
    FailsHalfway,
    ShortensTheOutput,
    FailsAndShortensTheOutput,
    GivesNothing,
    GivesTooMuch,
    Panics,
}

/// Both directions of one: a payload is a byte that says nothing, and the message.
struct Own {
    can: Capabilities,
    misdeed: Misdeed,
    /// How often it was told to forget.
    resets: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl Own {
    fn new(misdeed: Misdeed) -> Box<Self> {
        Self::of(Capabilities::new(true, 8..=15, 0..=9).with_streaming(true), misdeed)
    }

    fn of(can: Capabilities, misdeed: Misdeed) -> Box<Self> {
        Box::new(Self { can, misdeed, resets: Default::default() })
    }

    /// Whether this call goes well.
    fn misbehaves(&mut self, out: &mut Vec<u8>) -> Option<bool> {
        match core::mem::replace(&mut self.misdeed, Misdeed::None) {
            Misdeed::None => None,
            Misdeed::FailsHalfway => {
                out.extend_from_slice(b"half a");
                Some(false)
            }
            Misdeed::ShortensTheOutput => {
                out.clear();
                Some(true)
            }
            Misdeed::FailsAndShortensTheOutput => {
                out.clear();
                Some(false)
            }
            Misdeed::GivesNothing => Some(true),
            Misdeed::GivesTooMuch => {
                out.extend_from_slice(&[0; 10_000]);
                Some(true)
            }
            Misdeed::Panics => panic!("by design"),
        }
    }
}

impl Compressor for Own {
    fn capabilities(&self) -> Capabilities {
        self.can.clone()
    }

    fn engine(&self) -> &'static str {
        "own"
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        self.compress_fragment(message, FragmentEnd::Message, out)
    }

    fn compress_fragment(
        &mut self,
        fragment: &[u8],
        _: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        if let Some(well) = self.misbehaves(out) {
            return if well { Ok(()) } else { Err(CompressError::Engine("by design")) };
        }
        out.push(0);
        out.extend_from_slice(fragment);
        Ok(())
    }

    fn reset(&mut self) {
        self.resets.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    fn memory(&self) -> usize {
        size_of::<Self>()
    }
}

impl Decompressor for Own {
    fn capabilities(&self) -> Capabilities {
        self.can.clone()
    }

    fn engine(&self) -> &'static str {
        "own"
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        self.decompress_fragment(payload, true, limit, out)
    }

    fn decompress_fragment(
        &mut self,
        payload: &[u8],
        _: bool,
        _: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        if let Some(well) = self.misbehaves(out) {
            return if well { Ok(()) } else { Err(DecompressError::Corrupt("by design")) };
        }
        out.extend_from_slice(payload.get(1..).unwrap_or_default());
        Ok(())
    }

    fn reset(&mut self) {
        self.resets.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    fn memory(&self) -> usize {
        size_of::<Self>()
    }
}

/// All that it can do wrong and come back.
const MISDEEDS: [Misdeed; 4] = [
    Misdeed::FailsHalfway,
    Misdeed::ShortensTheOutput,
    Misdeed::FailsAndShortensTheOutput,
    Misdeed::GivesNothing,
];

/// What is left of an output that held "before": nothing more, and all of it unless the engine took it away.
fn is_as_it_was(out: &[u8], misdeed: Misdeed) {
    let shortens = matches!(misdeed, Misdeed::ShortensTheOutput | Misdeed::FailsAndShortensTheOutput);
    assert_eq!(out, if shortens { &b""[..] } else { b"before" }, "{misdeed:?}");
}

#[test]
fn what_an_engine_does_wrong_is_not_sent() {
    for takeover in [false, true] {
        for misdeed in MISDEEDS {
            let own = Own::new(misdeed);
            let resets = own.resets.clone();
            let config = CompressorConfig::default().takeover(takeover);
            let mut compressor = MessageCompressor::with_own(own, config);
            let mut out = b"before".to_vec();
            let failed = compressor.message(&[b'a'; 500], WISH, &mut out);
            assert!(matches!(failed, Err(CompressError::Engine(_))), "{misdeed:?}: {failed:?}");
            is_as_it_was(&out, misdeed);
            assert_eq!(resets.load(std::sync::atomic::Ordering::Relaxed), 1, "refers to nothing before");
            assert_eq!(compressor.message(b"next", WISH, &mut out), Ok(Encoding::Deflate));
            assert!(out.ends_with(b"\0next"));
        }
    }
}

#[test]
fn what_an_engine_does_wrong_with_a_fragment_is_not_sent() {
    for misdeed in MISDEEDS {
        // Of the first fragment, and of the end.
        for (before, end) in [(0, FragmentEnd::Frame), (1, FragmentEnd::Message)] {
            let mut own = Own::new(Misdeed::None);
            if before == 0 {
                own.misdeed = misdeed;
            }
            let own = Later { own, misdeed, after: before };
            let mut compressor = MessageCompressor::with_own(Box::new(own), CompressorConfig::default());
            for _ in 0..before {
                compressor.fragment(b"begun", FragmentEnd::Frame, WISH, &mut Vec::new()).unwrap();
            }
            let mut out = b"before".to_vec();
            let failed = compressor.fragment(&[b'a'; 500], end, WISH, &mut out);
            if misdeed == Misdeed::GivesNothing && end == FragmentEnd::Frame {
                assert_eq!(failed, Ok(Encoding::Deflate), "it may hold all of it back");
                continue;
            }
            assert!(matches!(failed, Err(CompressError::Engine(_))), "{misdeed:?}: {failed:?}");
            is_as_it_was(&out, misdeed);
            let next = compressor.message(b"next", WISH, &mut out);
            let expected = if before == 0 { Ok(Encoding::Deflate) } else { Err(CompressError::OutOfStep) };
            assert_eq!(next, expected, "{misdeed:?}");
        }
    }
}

/// One that goes wrong after some calls.
struct Later {
    own: Box<Own>,
    misdeed: Misdeed,
    after: usize,
}

impl Compressor for Later {
    fn capabilities(&self) -> Capabilities {
        self.own.can.clone()
    }

    fn engine(&self) -> &'static str {
        "later"
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        self.own.compress(message, out)
    }

    fn compress_fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        let done = self.own.compress_fragment(fragment, end, out);
        self.after = self.after.wrapping_sub(1);
        if self.after == 0 {
            self.own.misdeed = self.misdeed;
        }
        done
    }

    fn reset(&mut self) {
        Compressor::reset(&mut *self.own);
    }

    fn memory(&self) -> usize {
        Compressor::memory(&*self.own)
    }
}

#[test]
fn what_an_engine_does_wrong_is_not_received() {
    for takeover in [false, true] {
        for misdeed in [Misdeed::GivesTooMuch].into_iter().chain(MISDEEDS) {
            for frames in [1, 2] {
                if misdeed == Misdeed::GivesNothing {
                    continue;
                }
                let config = DecompressorConfig::default().takeover(takeover);
                let limits = InflateLimits::default().message(100);
                let mut decompressor = MessageDecompressor::with_own(Own::new(misdeed), config, limits);
                let mut out = b"before".to_vec();
                let failed = if frames == 1 {
                    decompressor.message(&[0; 5], &mut out)
                } else {
                    decompressor.fragment(&[0; 5], false, &mut out)
                };
                let as_expected = match misdeed {
                    Misdeed::GivesTooMuch => failed == Err(DecompressError::TooLong { limit: 100 }),
                    Misdeed::ShortensTheOutput => matches!(failed, Err(DecompressError::Engine(_))),
                    _ => failed == Err(DecompressError::Corrupt("by design")),
                };
                assert!(as_expected, "{misdeed:?}: {failed:?}");
                is_as_it_was(&out, misdeed);
                let next = decompressor.message(b"\0next", &mut out);
                assert_eq!(next, if takeover { Err(DecompressError::OutOfStep) } else { Ok(()) });
                assert_eq!(out.ends_with(b"next"), !takeover);
            }
        }
    }
}

#[test]
fn nothing_goes_on_after_an_engine_that_panicked_in_a_fragment() {
    for takeover in [false, true] {
        let config = CompressorConfig::default().takeover(takeover);
        let mut compressor = MessageCompressor::with_own(Own::new(Misdeed::Panics), config);
        let first = AssertUnwindSafe(|| {
            _ = compressor.fragment(&[b'a'; 500], FragmentEnd::Frame, WISH, &mut Vec::new());
        });
        assert!(catch_unwind(first).is_err());
        let mut out = Vec::new();
        for _ in 0..2 {
            let lost = Err(CompressError::OutOfStep);
            assert_eq!(compressor.fragment(b"more", FragmentEnd::Frame, WISH, &mut out), lost);
            assert_eq!(compressor.fragment(b"more", FragmentEnd::Message, WISH, &mut out), lost);
            assert_eq!(compressor.message(b"more", WISH, &mut out), lost);
        }
        assert_eq!(out, b"");

        let config = DecompressorConfig::default().takeover(takeover);
        for streaming in [true, false] {
            let can = Capabilities::new(true, 8..=15, 0..=9).with_streaming(streaming);
            let own = Own::of(can, Misdeed::Panics);
            let mut decompressor = MessageDecompressor::with_own(own, config, InflateLimits::default());
            let empty = decompressor.memory();
            let first = AssertUnwindSafe(|| {
                for last in [false, true] {
                    decompressor.fragment(&[0; 100_000], last, &mut Vec::new()).unwrap();
                }
            });
            assert!(catch_unwind(first).is_err());
            // Nothing that was gathered is taken for the next message's.
            _ = decompressor.fragment(b"\0more", false, &mut out);
            assert!(takeover || decompressor.memory() <= empty + 1024);
            _ = decompressor.fragment(b"", true, &mut out);
            for _ in 0..2 {
                let lost = decompressor.message(b"\0more", &mut out);
                if takeover {
                    assert_eq!(lost, Err(DecompressError::OutOfStep));
                } else {
                    assert!(matches!(lost, Err(DecompressError::Engine(_))), "{lost:?}");
                }
                assert!(decompressor.fragment(b"\0more", true, &mut out).is_err());
            }
            assert_eq!(out, b"");
        }
    }
}

/// Neither one of a backend's nor one of one's own breaks a window, whichever call it is handed the message by.
#[test]
fn the_window_agreed_holds_whoever_asks() {
    let message = message(Kind::Random, 5000, 1);
    let twice = [&message[..], &message].concat();
    let narrow = CompressorConfig::default().window_bits(9);
    let mut compressors = Vec::new();
    for backend in Backend::available() {
        let can = backend.capabilities();
        if !can.window_bits.contains(&9) {
            let config = narrow.takeover(false);
            compressors.push(MessageCompressor::new(backend, config).unwrap());
            let own = backend.compressor(CompressorConfig::default().takeover(false)).unwrap();
            compressors.push(MessageCompressor::with_own(own, config));
        }
    }
    for takeover in [false, true] {
        let own = Own::of(Capabilities::new(true, 15..=15, 0..=9), Misdeed::None);
        compressors.push(MessageCompressor::with_own(own, narrow.takeover(takeover)));
    }
    for compressor in &mut compressors {
        let takeover = compressor.config().takeover;
        assert!(!compressor.compresses(&twice, WISH));
        let mut out = Vec::new();
        assert_eq!(compressor.compress(&twice, WISH, &mut out), Ok(Encoding::Plain));
        assert_eq!(compressor.message(&twice, WISH, &mut out), Ok(Encoding::Plain));
        assert!(out == twice.repeat(2));
        out.clear();
        for end in [FragmentEnd::Frame, FragmentEnd::Message] {
            assert_eq!(compressor.fragment(&message, end, WISH, &mut out), Ok(Encoding::Plain));
        }
        assert!(out == twice);
        // Up to the window a message keeps to it, if it refers to no other.
        assert_eq!(compressor.compresses(&[b'a'; 512], WISH), !takeover);
        assert!(!compressor.compresses(&[b'a'; 513], WISH));
    }
}
