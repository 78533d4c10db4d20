//! A backend as somebody else would write one: it goes through the suite, and what is broken about it is found.

#![cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::collections::BTreeSet;

use wscodec_compressors::{
    Backend, Capabilities, CompressError, Compressor, CompressorConfig, ConfigError, DecompressError,
    Decompressor, DecompressorConfig, FragmentEnd, conformance,
};

/// Stores messages as they are. It refers to nothing at all, so it keeps to any window and takes part in any takeover; and
/// what it needs to stream is to know whether it is within a message.
struct StoredCompressor {
    broken: Option<Broken>,
    under_way: bool,
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
    CutsTheTailOfEachFrame,
    KeepsTheTailOfTheLast,
    SaysNothingForAnEmptyEnd,
    LosesWhatIsHeldBack,
    TakesAWholeInBetween,
    SaysAnotherThingOfItself,
    StaysWithinAMessage,
}

impl StoredCompressor {
    const CAN: Capabilities = Capabilities::new(true, 8..=15, 0..=0).with_streaming(true);

    fn new(config: CompressorConfig, broken: Option<Broken>) -> Result<Self, ConfigError> {
        if broken != Some(Broken::TakesAnyLevel) {
            config.check(&Self::CAN)?;
        }
        Ok(Self { broken, under_way: false })
    }
}

impl Compressor for StoredCompressor {
    fn capabilities(&self) -> Capabilities {
        Self::CAN.with_streaming(self.broken != Some(Broken::SaysAnotherThingOfItself))
    }

    fn engine(&self) -> &'static str {
        "stored"
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        if self.under_way && self.broken != Some(Broken::TakesAWholeInBetween) {
            return Err(CompressError::Engine("a message is under way"));
        }
        self.store(message, out);
        if self.broken == Some(Broken::LeavesTail) {
            out.extend_from_slice(TAIL);
        }
        Ok(())
    }

    fn compress_fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        self.under_way = end != FragmentEnd::Message;
        if self.broken == Some(Broken::SaysNothingForAnEmptyEnd) && fragment.is_empty() {
            return Ok(());
        }
        if self.broken == Some(Broken::LosesWhatIsHeldBack)
            && end == FragmentEnd::Open
            && fragment.len() > 300
        {
            return Ok(());
        }
        self.store(fragment, out);
        match (end, self.broken) {
            (FragmentEnd::Frame, Some(Broken::CutsTheTailOfEachFrame)) => {}
            (FragmentEnd::Message, Some(Broken::KeepsTheTailOfTheLast))
            | (FragmentEnd::Open | FragmentEnd::Frame, _) => out.extend_from_slice(TAIL),
            (FragmentEnd::Message, _) => {}
        }
        Ok(())
    }

    fn bound(&self, message: usize) -> usize {
        // Each block has five bytes of its own.
        let blocks = if self.broken == Some(Broken::BoundsTooLittle) { 0 } else { message.div_ceil(0xffff) };
        message.saturating_add(blocks * 5).saturating_add(1)
    }

    fn reset(&mut self) {
        self.under_way &= self.broken == Some(Broken::StaysWithinAMessage);
    }

    fn memory(&self) -> usize {
        if self.broken == Some(Broken::HoldsNothing) { 0 } else { size_of::<Self>() }
    }
}

impl StoredCompressor {
    /// Appends the blocks of `message`, and the header of the empty one whose tail may be cut off.
    fn store(&self, mut message: &[u8], out: &mut Vec<u8>) {
        match self.broken {
            Some(Broken::SaysNothingForEmpty) if message.is_empty() => return,
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
        out.push(0x00);
    }
}

const TAIL: &[u8] = &[0x00, 0x00, 0xff, 0xff];

/// The same without a word of fragments: the trait knows what to do.
struct WholeCompressor(StoredCompressor);

impl Compressor for WholeCompressor {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities().with_streaming(false)
    }

    fn engine(&self) -> &'static str {
        self.0.engine()
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        self.0.compress(message, out)
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn memory(&self) -> usize {
        self.0.memory()
    }
}

/// An engine that finds matches, for what can only be done wrong with them. It has another one for fragments.
struct MatchingCompressor {
    whole: Box<dyn Compressor>,
    fragments: Box<dyn Compressor>,
    slip: Slip,
}

/// What a compressor can do wrong with matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    ReachesBeyondTheWindow,
    ReachesBeyondTheWindowInFragments,
    IgnoresReset,
}

impl MatchingCompressor {
    /// An engine that can slip like this, and what this type then claims; `None` if there is no such engine.
    fn engine(slip: Slip) -> Option<(Backend, Capabilities)> {
        let able = |can: &Capabilities| match slip {
            Slip::IgnoresReset => can.takeover,
            _ => can.streaming && *can.window_bits.start() < 15,
        };
        let backend = Backend::available().find(|backend| able(&backend.capabilities()))?;
        let windows = backend.capabilities().window_bits;
        Some((backend, Capabilities::new(slip == Slip::IgnoresReset, windows, 6..=6)))
    }

    fn new(backend: Backend, config: CompressorConfig, slip: Slip) -> Result<Self, ConfigError> {
        let make = |slips| backend.compressor(if slips { config.window_bits(15) } else { config });
        Ok(Self {
            whole: make(slip == Slip::ReachesBeyondTheWindow)?,
            fragments: make(slip == Slip::ReachesBeyondTheWindowInFragments)?,
            slip,
        })
    }
}

impl Compressor for MatchingCompressor {
    fn capabilities(&self) -> Capabilities {
        self.whole.capabilities()
    }

    fn engine(&self) -> &'static str {
        self.whole.engine()
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        self.whole.compress(message, out)
    }

    fn compress_fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        self.fragments.compress_fragment(fragment, end, out)
    }

    fn reset(&mut self) {
        if self.slip != Slip::IgnoresReset {
            self.whole.reset();
            self.fragments.reset();
        }
    }

    fn memory(&self) -> usize {
        self.whole.memory() + self.fragments.memory()
    }
}

/// An engine that exists already, behind a type of one's own; with a fault or without.
struct Delegating {
    inner: Box<dyn Decompressor>,
    fault: Option<Fault>,
    failed: bool,
    /// The payload of a message under way, and whether there is one.
    received: Vec<u8>,
    under_way: bool,
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
    // With fragments.
    ForgetsBeforeTheFirst,
    LosesAByteAtASplit,
    HasALimitOneTooHigh,
    HoldsBackUntilTheLast,
    GoesOnAfterAFragment,
    TakesAMessageOfEmptyFragments,
    RefusesFramesOfAFinalBlock,
    TakesAWholeInBetween,
    ForgetsWhenItShrinks,
    KnowsWholeMessagesOnly,
    StreamsWithoutAClaim,
    // With what is rare in messages and payloads.
    SaysAnotherThingOfItself,
    TakesAnyWindow,
    RefusesStoredBlocks,
    LosesTheEndOfALongMessage,
    ForgetsEachMessage,
    ForgetsAtAFinalBlock,
    CutsWhatLooksLikeATail,
    RefusesZeros,
    TakesRoomForAll,
    SkipsFinalBlocks,
    FindsNothingCorrupt,
}

/// One that streams and keeps history, if there is one.
fn engine() -> Backend {
    let rank = |can: Capabilities| (can.streaming, can.takeover);
    Backend::available().max_by_key(|backend| rank(backend.decompressor_capabilities())).unwrap()
}

impl Delegating {
    fn new(mut config: DecompressorConfig, fault: Option<Fault>) -> Result<Self, ConfigError> {
        if fault == Some(Fault::TakesAnyWindow) {
            config.window_bits = 15;
        }
        let inner = engine().decompressor(config)?;
        Ok(Self { inner, fault, failed: false, received: Vec::new(), under_way: false })
    }

    fn forget_at_a_final_block(&mut self, payload: &[u8]) {
        if self.fault == Some(Fault::ForgetsAtAFinalBlock) && payload.ends_with(&[0x03, 0x00]) {
            self.inner.reset();
        }
    }
}

impl Decompressor for Delegating {
    fn capabilities(&self) -> Capabilities {
        let can = self.inner.capabilities();
        can.clone().with_streaming(can.streaming != (self.fault == Some(Fault::SaysAnotherThingOfItself)))
    }

    fn engine(&self) -> &'static str {
        self.inner.engine()
    }

    fn decompress(
        &mut self,
        mut payload: &[u8],
        mut limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        let before = out.len();
        match self.fault {
            Some(Fault::RefusesStoredBlocks) if payload.len() > 1 && payload[0] & 0b110 == 0 => {
                return Err(DecompressError::Corrupt("a stored block"));
            }
            // No payload comes to more.
            Some(Fault::TakesRoomForAll) => out.reserve(payload.len() * 1032),
            Some(Fault::SkipsFinalBlocks) => {
                while payload.ends_with(&[0x03, 0x00, 0x03, 0x00]) {
                    payload = &payload[..payload.len() - 2];
                }
            }
            Some(Fault::TakesOneByteTooMany) => limit = limit.saturating_add(1),
            Some(Fault::TakesAnEmptyPayload) if payload.is_empty() => return Ok(()),
            Some(Fault::StopsAtAFinalBlock) if payload.first().is_some_and(|first| first & 1 == 1) => {
                return Ok(());
            }
            Some(Fault::KeepsGoingOutOfStep) if self.failed => self.reset(),
            Some(Fault::TakesAWholeInBetween) if self.under_way => self.inner.reset(),
            _ => {}
        }
        let result = self.inner.decompress(payload, limit, out);
        self.failed = result.is_err();
        match (self.fault, result) {
            (Some(Fault::LeavesHalfAMessage), Err(_)) => out.push(b'?'),
            (Some(Fault::NamesACorruptMessageTooLong), Err(DecompressError::Corrupt(_))) => {
                return Err(DecompressError::TooLong { limit });
            }
            (Some(Fault::FindsNothingCorrupt), Err(DecompressError::Corrupt(_))) => return Ok(()),
            (Some(Fault::LosesTheEndOfALongMessage), Ok(())) => out.truncate(before + 65_536),
            (Some(Fault::CutsWhatLooksLikeATail), Ok(())) if out[before..].ends_with(TAIL) => {
                out.truncate(out.len() - 4);
            }
            (Some(Fault::RefusesZeros), Ok(())) if out.len() > before + 99 && out.ends_with(&[0; 99]) => {
                out.truncate(before);
                return Err(DecompressError::Corrupt("zeros"));
            }
            (Some(Fault::ForgetsEachMessage), Ok(())) => self.inner.reset(),
            _ => self.forget_at_a_final_block(payload),
        }
        result
    }

    fn decompress_fragment(
        &mut self,
        mut payload: &[u8],
        last: bool,
        mut limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        let first = !self.under_way;
        self.under_way = !last;
        if first {
            self.received.clear();
        }
        self.received.extend_from_slice(payload);
        match self.fault {
            Some(Fault::ForgetsBeforeTheFirst) if first && !last => self.inner.reset(),
            Some(Fault::LosesAByteAtASplit) if !last => payload = &payload[..payload.len().saturating_sub(1)],
            Some(Fault::HasALimitOneTooHigh) => limit = limit.saturating_add(1),
            Some(Fault::HoldsBackUntilTheLast) if !last => return Ok(()),
            Some(Fault::HoldsBackUntilTheLast) => return self.inner.decompress(&self.received, limit, out),
            Some(Fault::GoesOnAfterAFragment) if self.failed => self.inner.reset(),
            Some(Fault::TakesAMessageOfEmptyFragments) if last && self.received.is_empty() => {
                self.inner.reset();
                return Ok(());
            }
            Some(Fault::RefusesFramesOfAFinalBlock) if payload == [0x03, 0x00] => {
                return Err(DecompressError::Corrupt("a final block"));
            }
            Some(Fault::KnowsWholeMessagesOnly) => {
                return Err(DecompressError::Engine("this backend decompresses whole messages only"));
            }
            _ => {}
        }
        let result = self.inner.decompress_fragment(payload, last, limit, out);
        self.failed = result.is_err();
        self.under_way &= result.is_ok();
        self.forget_at_a_final_block(payload);
        result
    }

    fn shrink(&mut self) {
        self.inner.shrink();
        if self.fault == Some(Fault::ForgetsWhenItShrinks) {
            self.inner.reset();
        }
    }

    fn reset(&mut self) {
        (self.failed, self.under_way) = (false, false);
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
fn one_that_leaves_fragments_to_the_trait_passes() {
    conformance::check_compressor(&StoredCompressor::CAN.with_streaming(false), |config| {
        StoredCompressor::new(config, None).map(WholeCompressor)
    })
    .unwrap();
}

const BROKEN: &[(Broken, &str)] = &[
    (Broken::LeavesTail, "compressor: payload form"),
    (Broken::SaysNothingForEmpty, "compressor: empty message"),
    (Broken::SetsFinal, "compressor: payload form"),
    (Broken::LosesTheLastByte, "compressor: payload form"),
    (Broken::ReplacesTheOutput, "compressor: payload form"),
    (Broken::TakesAnyLevel, "compressor: refusals"),
    (Broken::HoldsNothing, "compressor: memory"),
    (Broken::BoundsTooLittle, "compressor: bound"),
    (Broken::Panics, "compressor: payload form"),
    (Broken::CutsTheTailOfEachFrame, "compressor: fragments"),
    (Broken::KeepsTheTailOfTheLast, "compressor: fragments"),
    (Broken::LosesTheLastByte, "compressor: fragments"),
    (Broken::SaysNothingForAnEmptyEnd, "compressor: empty fragments"),
    (Broken::LosesWhatIsHeldBack, "compressor: held back"),
    (Broken::TakesAWholeInBetween, "compressor: one message at a time"),
    (Broken::SaysAnotherThingOfItself, "compressor: capabilities"),
    (Broken::StaysWithinAMessage, "compressor: reset within a message"),
];

#[test]
fn each_broken_compressor_is_found() {
    for &(broken, rule) in BROKEN {
        let report = conformance::check_compressor_rule(rule, &StoredCompressor::CAN, |config| {
            StoredCompressor::new(config, Some(broken))
        })
        .expect_err(&format!("{broken:?} keeps {rule}"));
        assert!(report.breaks(rule), "{broken:?} does not break {rule}, but: {report}");
    }
}

const SLIPS: &[(Slip, &str)] = &[
    (Slip::ReachesBeyondTheWindow, "compressor: window"),
    (Slip::ReachesBeyondTheWindowInFragments, "compressor: window of fragments"),
    (Slip::IgnoresReset, "compressor: reset"),
];

#[test]
fn each_compressor_broken_at_matches_is_found() {
    for &(slip, rule) in SLIPS {
        let Some((backend, can)) = MatchingCompressor::engine(slip) else { continue };
        let check = |slip| {
            conformance::check_compressor_rule(rule, &can, |config| {
                MatchingCompressor::new(backend, config, slip)
            })
        };
        let report = check(slip).expect_err(&format!("{slip:?} keeps {rule}"));
        assert!(report.breaks(rule), "{slip:?} does not break {rule}, but: {report}");
        // It is this alone that breaks it.
        for (other, _) in SLIPS.iter().filter(|(other, _)| *other != slip) {
            check(*other).unwrap_or_else(|report| panic!("{other:?} breaks more than its rule: {report}"));
        }
    }
}

const FAULTS: &[(Fault, &str)] = &[
    (Fault::TakesOneByteTooMany, "decompressor: limit"),
    (Fault::LeavesHalfAMessage, "decompressor: truncation"),
    (Fault::TakesAnEmptyPayload, "decompressor: empty payload"),
    (Fault::NamesACorruptMessageTooLong, "decompressor: truncation"),
    (Fault::StopsAtAFinalBlock, "decompressor: final blocks"),
    (Fault::Grows, "decompressor: memory"),
    (Fault::SaysAnotherThingOfItself, "decompressor: capabilities"),
    (Fault::TakesAnyWindow, "decompressor: refusals"),
    (Fault::RefusesStoredBlocks, "decompressor: vectors"),
    (Fault::LosesTheEndOfALongMessage, "decompressor: messages"),
    (Fault::CutsWhatLooksLikeATail, "decompressor: ends like a tail"),
    (Fault::RefusesZeros, "decompressor: zeros"),
    (Fault::TakesRoomForAll, "decompressor: bomb"),
    (Fault::SkipsFinalBlocks, "decompressor: many final blocks"),
    (Fault::FindsNothingCorrupt, "decompressor: distances"),
];

const FAULTS_WITH_HISTORY: &[(Fault, &str)] = &[
    (Fault::KeepsGoingOutOfStep, "decompressor: out of step"),
    (Fault::IgnoresReset, "decompressor: reset"),
    (Fault::ForgetsWhenItShrinks, "decompressor: shrink"),
    (Fault::ForgetsEachMessage, "decompressor: windows"),
    (Fault::ForgetsAtAFinalBlock, "decompressor: window over final blocks"),
];

const FAULTS_AT_FRAGMENTS: &[(Fault, &str)] = &[
    (Fault::ForgetsBeforeTheFirst, "decompressor: random splits"),
    (Fault::LosesAByteAtASplit, "decompressor: every split"),
    (Fault::HasALimitOneTooHigh, "decompressor: limit on fragments"),
    (Fault::HoldsBackUntilTheLast, "decompressor: flushed frames"),
    (Fault::GoesOnAfterAFragment, "decompressor: broken fragments"),
    (Fault::TakesAMessageOfEmptyFragments, "decompressor: broken fragments"),
    (Fault::RefusesFramesOfAFinalBlock, "decompressor: many final blocks in fragments"),
    (Fault::ForgetsAtAFinalBlock, "decompressor: final blocks in fragments"),
    (Fault::TakesAWholeInBetween, "decompressor: one message at a time"),
    (Fault::KnowsWholeMessagesOnly, "decompressor: every split"),
    (Fault::IgnoresReset, "decompressor: reset within a message"),
    (Fault::StreamsWithoutAClaim, "decompressor: whole messages only"),
];

#[test]
fn each_broken_decompressor_is_found() {
    let can = engine().decompressor_capabilities();
    FAULTS.iter().for_each(|&(fault, rule)| is_found(&can, fault, rule));
    if can.takeover {
        FAULTS_WITH_HISTORY.iter().for_each(|&(fault, rule)| is_found(&can, fault, rule));
    }
}

#[test]
fn each_decompressor_broken_at_fragments_is_found() {
    let can = engine().decompressor_capabilities();
    if !can.streaming {
        let claimed = can.with_streaming(true);
        return is_found(&claimed, Fault::KnowsWholeMessagesOnly, "decompressor: capabilities");
    }
    for &(fault, rule) in FAULTS_AT_FRAGMENTS {
        let streaming = fault != Fault::StreamsWithoutAClaim;
        is_found(&can.clone().with_streaming(streaming), fault, rule);
    }
}

/// By the rule alone, for all of them take seconds. That an engine without a fault keeps it is for another test.
fn is_found(can: &Capabilities, fault: Fault, rule: &str) {
    let report =
        conformance::check_decompressor_rule(rule, can, |config| Delegating::new(config, Some(fault)))
            .expect_err(&format!("{fault:?} keeps {rule}"));
    assert!(report.breaks(rule), "{fault:?} does not break {rule}, but: {report}");
}

/// So that none is added without a backend that breaks it.
#[test]
fn no_rule_is_without_its_breaker() {
    let compressors = BROKEN.iter().map(|(_, rule)| *rule).chain(SLIPS.iter().map(|(_, rule)| *rule));
    let broken: BTreeSet<&str> = compressors.collect();
    assert_eq!(conformance::compressor_rules().collect::<BTreeSet<_>>(), broken);
    let broken: BTreeSet<&str> =
        [FAULTS, FAULTS_WITH_HISTORY, FAULTS_AT_FRAGMENTS].concat().iter().map(|(_, rule)| *rule).collect();
    assert_eq!(conformance::decompressor_rules().collect::<BTreeSet<_>>(), broken);
}

#[test]
fn a_rule_that_there_is_not_is_no_rule_kept_and_none_broken() {
    let name = "compressor: whatever";
    let report = conformance::check_compressor_rule(name, &StoredCompressor::CAN, |config| {
        StoredCompressor::new(config, None)
    })
    .unwrap_err();
    assert!(!report.breaks(name) && report.to_string().contains(name), "{report}");
    let report =
        conformance::check_decompressor_rule(name, &engine().decompressor_capabilities(), |config| {
            Delegating::new(config, None)
        })
        .unwrap_err();
    assert!(!report.breaks(name) && report.to_string().contains(name), "{report}");
}

#[test]
fn a_claim_that_is_not_kept_is_found() {
    // No backend knows 99 levels.
    let more = Capabilities::new(true, 8..=15, 0..=99);
    for backend in Backend::available() {
        for rule in ["compressor: capabilities", "compressor: refusals"] {
            let report = conformance::check_compressor_rule(rule, &more, |config| backend.compressor(config))
                .unwrap_err();
            assert!(report.breaks(rule), "{report}");
        }
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
