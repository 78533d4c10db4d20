//! A backend as somebody else would write one: it goes through the suite, and what is broken about it is found.

#![cfg(any(feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use wscodec_compressors::{
    Backend, Capabilities, CompressError, Compressor, CompressorConfig, ConfigError, DecompressError,
    Decompressor, DecompressorConfig, conformance,
};

/// Stores messages as they are. It refers to nothing at all, so it keeps to any window and takes part in any takeover.
struct StoredCompressor {
    broken: Option<Broken>,
}

/// What a compressor can do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    LeavesTail,
    SaysNothingForEmpty,
    SetsFinal,
    LosesTheLastByte,
    ReplacesTheOutput,
    TakesAnyLevel,
    HoldsNothing,
    BoundsTooLittle,
    Panics,
}

impl StoredCompressor {
    const CAN: Capabilities = Capabilities::new(true, 8..=15, 0..=0);

    fn new(config: CompressorConfig, broken: Option<Broken>) -> Result<Self, ConfigError> {
        if broken != Some(Broken::TakesAnyLevel) {
            config.check(&Self::CAN)?;
        }
        Ok(Self { broken })
    }
}

impl Compressor for StoredCompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAN
    }

    fn engine(&self) -> &'static str {
        "stored"
    }

    fn compress(&mut self, mut message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        match self.broken {
            Some(Broken::SaysNothingForEmpty) if message.is_empty() => return Ok(()),
            Some(Broken::LosesTheLastByte) => message = &message[..message.len().saturating_sub(1)],
            Some(Broken::ReplacesTheOutput) => out.clear(),
            Some(Broken::Panics) => assert!(message.len() < 1000),
            _ => {}
        }
        for chunk in message.chunks(0xffff) {
            let length = u16::try_from(chunk.len()).unwrap();
            out.push((self.broken == Some(Broken::SetsFinal)).into());
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(&(!length).to_le_bytes());
            out.extend_from_slice(chunk);
        }
        // The header of the empty block whose tail is cut off.
        out.push(0x00);
        if self.broken == Some(Broken::LeavesTail) {
            out.extend_from_slice(&[0x00, 0x00, 0xff, 0xff]);
        }
        Ok(())
    }

    fn bound(&self, message: usize) -> usize {
        // Each block has five bytes of its own.
        let blocks = if self.broken == Some(Broken::BoundsTooLittle) { 0 } else { message.div_ceil(0xffff) };
        message.saturating_add(blocks * 5).saturating_add(1)
    }

    fn reset(&mut self) {}

    fn memory(&self) -> usize {
        if self.broken == Some(Broken::HoldsNothing) { 0 } else { size_of::<Self>() }
    }
}

/// An engine that exists already, behind a type of one's own; with a fault or without.
struct Delegating {
    inner: Box<dyn Decompressor>,
    fault: Option<Fault>,
    failed: bool,
}

/// What a decompressor can do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    TakesOneByteTooMany,
    LeavesHalfAMessage,
    TakesAnEmptyPayload,
    NamesACorruptMessageTooLong,
    StopsAtAFinalBlock,
    KeepsGoingOutOfStep,
    IgnoresReset,
    Grows,
}

fn engine() -> Backend {
    // One that keeps history, if there is one.
    Backend::available().max_by_key(|backend| backend.decompressor_capabilities().takeover).unwrap()
}

impl Delegating {
    fn new(config: DecompressorConfig, fault: Option<Fault>) -> Result<Self, ConfigError> {
        Ok(Self { inner: engine().decompressor(config)?, fault, failed: false })
    }
}

impl Decompressor for Delegating {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn engine(&self) -> &'static str {
        self.inner.engine()
    }

    fn decompress(
        &mut self,
        payload: &[u8],
        mut limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        match self.fault {
            Some(Fault::TakesOneByteTooMany) => limit = limit.saturating_add(1),
            Some(Fault::TakesAnEmptyPayload) if payload.is_empty() => return Ok(()),
            Some(Fault::StopsAtAFinalBlock) if payload.first().is_some_and(|first| first & 1 == 1) => {
                return Ok(());
            }
            Some(Fault::KeepsGoingOutOfStep) if self.failed => self.reset(),
            _ => {}
        }
        let result = self.inner.decompress(payload, limit, out);
        self.failed = result.is_err();
        match (self.fault, result) {
            (Some(Fault::LeavesHalfAMessage), Err(_)) => out.push(b'?'),
            (Some(Fault::NamesACorruptMessageTooLong), Err(DecompressError::Corrupt(_))) => {
                return Err(DecompressError::TooLong { limit });
            }
            _ => {}
        }
        result
    }

    fn reset(&mut self) {
        self.failed = false;
        if self.fault != Some(Fault::IgnoresReset) {
            self.inner.reset();
        }
    }

    fn memory(&self) -> usize {
        static GROWING: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(1);
        match self.fault {
            Some(Fault::Grows) => GROWING.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
            _ => self.inner.memory(),
        }
    }
}

#[test]
fn a_backend_from_elsewhere_passes() {
    conformance::check(
        (&StoredCompressor::CAN, |config| StoredCompressor::new(config, None)),
        (&engine().decompressor_capabilities(), |config| Delegating::new(config, None)),
    )
    .unwrap();
}

#[test]
fn each_broken_compressor_is_found() {
    for (broken, rule) in [
        (Broken::LeavesTail, "compressor: payload form"),
        (Broken::SaysNothingForEmpty, "compressor: empty message"),
        (Broken::SetsFinal, "compressor: payload form"),
        (Broken::LosesTheLastByte, "compressor: payload form"),
        (Broken::ReplacesTheOutput, "compressor: payload form"),
        (Broken::TakesAnyLevel, "compressor: refusals"),
        (Broken::HoldsNothing, "compressor: memory"),
        (Broken::BoundsTooLittle, "compressor: bound"),
        (Broken::Panics, "compressor: payload form"),
    ] {
        let report = conformance::check_compressor(&StoredCompressor::CAN, |config| {
            StoredCompressor::new(config, Some(broken))
        })
        .unwrap_err();
        assert!(report.breaks(rule), "{broken:?} does not break {rule}, but: {report}");
    }
}

#[test]
fn each_broken_decompressor_is_found() {
    let can = engine().decompressor_capabilities();
    for (fault, rule) in [
        (Fault::TakesOneByteTooMany, "decompressor: limit"),
        (Fault::LeavesHalfAMessage, "decompressor: truncation"),
        (Fault::TakesAnEmptyPayload, "decompressor: empty payload"),
        (Fault::NamesACorruptMessageTooLong, "decompressor: truncation"),
        (Fault::StopsAtAFinalBlock, "decompressor: final blocks"),
        (Fault::KeepsGoingOutOfStep, "decompressor: out of step"),
        (Fault::IgnoresReset, "decompressor: reset"),
        (Fault::Grows, "decompressor: memory"),
    ] {
        if !can.takeover && [Fault::KeepsGoingOutOfStep, Fault::IgnoresReset].contains(&fault) {
            continue;
        }
        let report =
            conformance::check_decompressor(&can, |config| Delegating::new(config, Some(fault))).unwrap_err();
        assert!(report.breaks(rule), "{fault:?} does not break {rule}, but: {report}");
    }
}

#[test]
fn a_claim_that_is_not_kept_is_found() {
    // No backend knows 99 levels.
    let more = Capabilities::new(true, 8..=15, 0..=99);
    for backend in Backend::available() {
        let report = conformance::check_compressor(&more, |config| backend.compressor(config)).unwrap_err();
        assert!(
            report.breaks("compressor: capabilities") && report.breaks("compressor: refusals"),
            "{report}"
        );
    }
}

#[test]
fn a_report_names_the_rule_its_section_and_the_case() {
    let report = conformance::check_compressor(&StoredCompressor::CAN, |config| {
        StoredCompressor::new(config, Some(Broken::SaysNothingForEmpty))
    })
    .unwrap_err()
    .to_string();
    for part in ["compressor: empty message", "RFC 7692 section 7.2.3.6", "instead of 00"] {
        assert!(report.contains(part), "{report}");
    }
}
