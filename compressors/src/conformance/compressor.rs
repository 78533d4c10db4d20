//! The rules of a compressor.

use super::corpus::{KINDS, Kind, message};
use super::reference;
use super::report::{Rule, ensure};
use super::subject::{Compressors, deflate};
use crate::{CompressorConfig, ConfigError};

pub(super) fn rules<'a>() -> Vec<Rule<Compressors<'a>>> {
    vec![
        Rule { name: "compressor: capabilities", section: "RFC 7692 section 7.1", check: capabilities },
        Rule { name: "compressor: refusals", section: "RFC 7692 section 7.1", check: refusals },
        Rule { name: "compressor: payload form", section: "RFC 7692 section 7.2.1", check: payload_form },
        Rule { name: "compressor: empty message", section: "RFC 7692 section 7.2.3.6", check: empty_message },
        Rule { name: "compressor: window", section: "RFC 7692 section 7.1.2", check: window },
        Rule { name: "compressor: reset", section: "RFC 7692 section 7.1.1", check: reset },
        Rule { name: "compressor: bound", section: "this crate's contract", check: bound },
        Rule { name: "compressor: memory", section: "this crate's contract", check: memory },
    ]
}

fn capabilities(subject: &Compressors<'_>) -> Result<(), String> {
    let can = subject.can;
    ensure!(
        !can.window_bits.is_empty() && *can.window_bits.start() >= 8 && *can.window_bits.end() <= 15,
        "windows of {:?} bits are claimed, there are only 8 to 15",
        can.window_bits
    );
    ensure!(!can.levels.is_empty(), "no level is claimed");
    for takeover in subject.modes() {
        let compressor = subject.compressor(takeover)?;
        ensure!(compressor.capabilities() == *can, "it says {:?} of itself", compressor.capabilities());
        ensure!(!compressor.engine().is_empty(), "its engine has no name");
    }
    Ok(())
}

fn refusals(subject: &Compressors<'_>) -> Result<(), String> {
    let can = subject.can;
    let config = subject.config(can.takeover);
    for level in 0..=u8::MAX {
        let config = config.level(level);
        if can.levels.contains(&level) {
            subject.make(config)?;
        } else {
            subject.refuses(config, &ConfigError::Level { level, supported: can.levels.clone() })?;
        }
    }
    for window_bits in 0..=u8::MAX {
        let config = config.window_bits(window_bits);
        if can.window_bits.contains(&window_bits) {
            subject.make(config)?;
        } else {
            let supported = can.window_bits.clone();
            subject.refuses(config, &ConfigError::WindowBits { window_bits, supported })?;
        }
    }
    if can.takeover { Ok(()) } else { subject.refuses(config.takeover(true), &ConfigError::Takeover) }
}

/// Whole blocks, none final, without the tail; and with the history that the receiver has, which is none without
/// takeover.
fn payload_form(subject: &Compressors<'_>) -> Result<(), String> {
    for config in configs(subject) {
        let mut compressor = subject.make(config)?;
        let mut history = Vec::new();
        for (seed, kind) in (0..).zip(KINDS) {
            for length in [1, 2, 3, 20, 300, 9000] {
                let message = message(kind, length, seed);
                let payload = deflate(&mut *compressor, &message)?;
                decodes(&history, &payload, &message, || format!("{config:?}, {kind:?} of {length} bytes"))?;
                if config.takeover {
                    history.extend_from_slice(&message);
                }
            }
        }
    }
    for takeover in subject.modes() {
        let mut compressor = subject.compressor(takeover)?;
        let mut history = Vec::new();
        for (kind, length) in KINDS.into_iter().zip([32_768, 65_535, 65_536, 100_000, 200_000, 32_767, 1]) {
            let message = message(kind, length, 9);
            let payload = deflate(&mut *compressor, &message)?;
            decodes(&history, &payload, &message, || format!("takeover {takeover}, {length} bytes"))?;
            if takeover {
                history.extend_from_slice(&message);
            }
        }
    }
    Ok(())
}

fn empty_message(subject: &Compressors<'_>) -> Result<(), String> {
    for config in configs(subject) {
        let mut compressor = subject.make(config)?;
        let mut history = Vec::new();
        for message in [&b""[..], b"", b"Hello", b"", &message(Kind::Json, 5000, 1), b"", b"Hello"] {
            let payload = deflate(&mut *compressor, message)?;
            if message.is_empty() {
                let start = &payload[..payload.len().min(8)];
                ensure!(start == [0], "{config:?}: {start:02x?} instead of 00");
            }
            decodes(&history, &payload, message, || format!("{config:?}, among empty messages"))?;
            if config.takeover {
                history.extend_from_slice(message);
            }
        }
    }
    Ok(())
}

fn window(subject: &Compressors<'_>) -> Result<(), String> {
    windows(subject).try_for_each(|config| stays_within(subject, config))
}

fn stays_within(subject: &Compressors<'_>, config: CompressorConfig) -> Result<(), String> {
    let mut compressor = subject.make(config)?;
    let mut history = Vec::new();
    for (seed, kind) in (0..).zip([Kind::Echo, Kind::Json, Kind::Binary]) {
        for length in [100, 700, 6000] {
            let message = message(kind, length, seed);
            let payload = deflate(&mut *compressor, &message)?;
            reaches(config, &history, &payload)?;
            if config.takeover {
                history.extend_from_slice(&message);
            }
        }
    }
    Ok(())
}

/// No match of a payload reaches back beyond the window.
pub(super) fn reaches(config: CompressorConfig, history: &[u8], payload: &[u8]) -> Result<(), String> {
    let Some(decoded) = reference::decode(history, payload) else {
        return Err(format!("{config:?}: the payload can't be read"));
    };
    ensure!(
        decoded.reach <= 1 << config.window_bits,
        "{config:?}: a match reaches {} bytes back",
        decoded.reach
    );
    Ok(())
}

/// The next message refers to none of those before, though it is one of them; twice, and on a new one.
fn reset(subject: &Compressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut compressor = subject.compressor(takeover)?;
        for round in 0..3 {
            // Short, so that the one before is within reach, and longer than the window.
            for (kind, length) in
                [(Kind::Json, 1000), (Kind::Json, 1000), (Kind::Random, 200), (Kind::Random, 40_000)]
            {
                compressor.reset();
                compressor.reset();
                let message = message(kind, length, 1);
                let payload = deflate(&mut *compressor, &message)?;
                decodes(b"", &payload, &message, || {
                    format!("takeover {takeover}, reset {round}, {length} bytes")
                })?;
            }
        }
    }
    Ok(())
}

/// Over what can't be made shorter, and over the bytes whose fixed codes are the longest.
fn bound(subject: &Compressors<'_>) -> Result<(), String> {
    for config in configs(subject) {
        let mut compressor = subject.make(config)?;
        let one = compressor.bound(0);
        ensure!(one > 0, "{config:?}: none for an empty message, whose payload has one byte");
        ensure!(compressor.bound(usize::MAX) >= one, "{config:?}: it wraps around at the longest length");
        for length in (0..70).chain([127, 1000, 4999, 5001, 16_383, 32_769, 65_537, 150_001]) {
            let random = message(Kind::Random, length, 5);
            let long_codes = random.iter().map(|byte| 144 + byte % 112).collect();
            for message in [random, long_codes] {
                let (bound, payload) = (compressor.bound(length), deflate(&mut *compressor, &message)?);
                ensure!(
                    payload.len() <= bound,
                    "{config:?}: {} bytes for a message of {length}, the bound is {bound}",
                    payload.len()
                );
            }
        }
    }
    Ok(())
}

/// Something, and no more of it however many messages pass.
fn memory(subject: &Compressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut compressor = subject.compressor(takeover)?;
        let mut said = [0; 2];
        for said in &mut said {
            for seed in 0..60 {
                deflate(&mut *compressor, &message(Kind::Json, 3000, seed))?;
            }
            *said = compressor.memory();
        }
        ensure!(said[0] > 0, "takeover {takeover}: it says that it holds nothing, itself included");
        ensure!(said[0] == said[1], "takeover {takeover}: it grows with the messages, {said:?} bytes");
    }
    Ok(())
}

/// Each level and window, without takeover and with it.
pub(super) fn windows(subject: &Compressors<'_>) -> impl Iterator<Item = CompressorConfig> {
    let windows = subject.can.window_bits.clone();
    configs(subject).flat_map(move |config| windows.clone().map(move |bits| config.window_bits(bits)))
}

/// Each level, without takeover and with it.
pub(super) fn configs(subject: &Compressors<'_>) -> impl Iterator<Item = CompressorConfig> {
    let levels = subject.can.levels.clone();
    subject
        .modes()
        .flat_map(move |takeover| levels.clone().map(move |level| subject.config(takeover).level(level)))
}

/// A payload has to be the message, in the form that is sent.
pub(super) fn decodes(
    history: &[u8],
    payload: &[u8],
    message: &[u8],
    what: impl Fn() -> String,
) -> Result<(), String> {
    // No more than a receiver has.
    let history = &history[history.len().saturating_sub(1 << 15)..];
    let Some(decoded) = reference::decode(history, payload) else {
        return Err(format!("{}: no whole blocks once 00 00 FF FF is put behind", what()));
    };
    ensure!(!decoded.is_final, "{}: a block has BFINAL=1", what());
    ensure!(decoded.message == message, "{}: another message comes out", what());
    Ok(())
}
