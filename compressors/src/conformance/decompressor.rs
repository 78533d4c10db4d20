//! The rules of a decompressor, for what honest senders send.

use super::corpus::{KINDS, Kind, message};
use super::encoder::{FORMS, Form, encode};
use super::report::{Rule, ensure};
use super::subject::{Decompressors, expect, expect_corrupt};
use super::vectors::{FINAL, REFERENCE, STATIC, STORED, TAIL, TWO_BLOCKS};
use crate::ConfigError;

pub(super) fn rules<'a>() -> Vec<Rule<Decompressors<'a>>> {
    vec![
        Rule { name: "decompressor: capabilities", section: "RFC 7692 section 7.1", check: capabilities },
        Rule { name: "decompressor: refusals", section: "RFC 7692 section 7.1", check: refusals },
        Rule { name: "decompressor: vectors", section: "RFC 7692 section 7.2.3", check: vectors },
        Rule { name: "decompressor: messages", section: "RFC 7692 section 7.2.2", check: messages },
        Rule { name: "decompressor: windows", section: "RFC 7692 section 7.1.2", check: windows },
        Rule { name: "decompressor: final blocks", section: "RFC 7692 section 7.2.3.4", check: final_blocks },
        Rule {
            name: "decompressor: window over final blocks",
            section: "RFC 7692 section 7.2.3.4",
            check: final_window,
        },
        Rule {
            name: "decompressor: ends like a tail",
            section: "RFC 7692 section 7.2.2",
            check: ends_like_a_tail,
        },
        Rule { name: "decompressor: zeros", section: "RFC 1951 section 3.2.3", check: zeros },
        Rule { name: "decompressor: reset", section: "RFC 7692 section 7.1.1", check: reset },
        Rule { name: "decompressor: memory", section: "this crate's contract", check: memory },
    ]
}

fn capabilities(subject: &Decompressors<'_>) -> Result<(), String> {
    let can = subject.can;
    ensure!(
        !can.window_bits.is_empty() && *can.window_bits.start() >= 8 && *can.window_bits.end() <= 15,
        "windows of {:?} bits are claimed, there are only 8 to 15",
        can.window_bits
    );
    for takeover in subject.modes() {
        let decompressor = subject.decompressor(takeover)?;
        ensure!(decompressor.capabilities() == *can, "it says {:?} of itself", decompressor.capabilities());
        ensure!(!decompressor.engine().is_empty(), "its engine has no name");
    }
    Ok(())
}

fn refusals(subject: &Decompressors<'_>) -> Result<(), String> {
    let can = subject.can;
    let config = subject.config(can.takeover);
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

fn vectors(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        for payload in [STATIC, STORED, FINAL, TWO_BLOCKS] {
            let mut decompressor = subject.decompressor(takeover)?;
            for _ in 0..3 {
                expect(&mut *decompressor, payload, b"Hello", || format!("{payload:02x?}"))?;
            }
        }
        // An empty message, between others and before any (section 7.2.3.6).
        let mut decompressor = subject.decompressor(takeover)?;
        for (payload, message) in [(&[0][..], &b""[..]), (&[0], b""), (STATIC, b"Hello"), (&[0], b"")] {
            expect(&mut *decompressor, payload, message, || format!("{payload:02x?} among empty ones"))?;
        }
        if takeover {
            expect(&mut *decompressor, REFERENCE, b"Hello", || format!("{REFERENCE:02x?} after \"Hello\""))?;
        }
    }
    Ok(())
}

/// Every form of block, kind and length, in series that refer to the messages before them.
fn messages(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut decompressor = subject.decompressor(takeover)?;
        let mut history = Vec::new();
        for (seed, form) in (0..).zip(FORMS) {
            for kind in KINDS {
                for length in [1, 2, 3, 10, 33, 217, 5000, 70_000, 258] {
                    let message = message(kind, length, seed);
                    let payload = encode(&history, &message, *subject.can.window_bits.end(), form);
                    expect(&mut *decompressor, &payload, &message, || {
                        format!("takeover {takeover}, {form:?} {kind:?} of {length} bytes")
                    })?;
                    if takeover {
                        history.extend_from_slice(&message);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Matches as far back as each window allows.
fn windows(subject: &Decompressors<'_>) -> Result<(), String> {
    for window_bits in subject.can.window_bits.clone() {
        for takeover in subject.modes() {
            let mut decompressor = subject.make(subject.config(takeover).window_bits(window_bits))?;
            let mut history = Vec::new();
            for seed in 0..3 {
                for length in [100, 60_000, 3000] {
                    let message = message(Kind::Echo, length, seed);
                    let payload = encode(&history, &message, window_bits, Form::Dynamic);
                    let what = || format!("takeover {takeover}, {window_bits} bits, {length} bytes");
                    expect(&mut *decompressor, &payload, &message, what)?;
                    if takeover {
                        history.extend_from_slice(&message);
                    }
                }
            }
        }
    }
    Ok(())
}

fn final_blocks(subject: &Decompressors<'_>) -> Result<(), String> {
    let hello = &FINAL[..7];
    let long = message(Kind::Json, 70_000, 1);
    // Whole blocks, and an empty one with BFINAL=1.
    let ended =
        [&encode(b"", &long, *subject.can.window_bits.end(), Form::Dynamic), TAIL, EMPTY_FINAL].concat();
    let cases: [(Vec<u8>, &[u8]); 12] = [
        // In front, in the middle, several of them, and nothing but.
        ([hello, STATIC].concat(), b"HelloHello"),
        ([hello, STATIC, TAIL, FINAL].concat(), b"HelloHelloHello"),
        ([hello, hello, hello].concat(), b"HelloHelloHello"),
        (vec![0x03, 0x00], b""),
        (vec![0x03, 0x00, 0x03, 0x00, 0x00], b""),
        // With and without the byte that stands behind it in the RFC.
        (FINAL.to_vec(), b"Hello"),
        (hello.to_vec(), b"Hello"),
        // The empty block at the end, whose tail is cut off, being final itself.
        (vec![0x01], b""),
        ([STATIC, TAIL, &[0x01]].concat(), b"Hello"),
        // A second block that refers to the first, through the end of its stream.
        ([hello, REFERENCE].concat(), b"HelloHello"),
        ([&ended[..], &[0x00]].concat(), &long),
        ([&ended[..], REFERENCE].concat(), &[&long[..], b"H", &long[long.len() - 4..]].concat()),
    ];
    for takeover in subject.modes() {
        let mut decompressor = subject.decompressor(takeover)?;
        for (payload, expected) in cases.iter().chain(&cases) {
            let start = &payload[..payload.len().min(24)];
            expect(&mut *decompressor, payload, expected, || {
                format!("takeover {takeover}, {start:02x?}...")
            })?;
        }
        // What is no block at all is not let through behind it.
        let broken = [hello, &[0xff, 0xff, 0xff]].concat();
        expect_corrupt(&mut *decompressor, &broken, 99, || "no block after a final one".to_owned())?;
    }
    Ok(())
}

/// A final block ends the stream but not the window.
fn final_window(subject: &Decompressors<'_>) -> Result<(), String> {
    for _ in subject.modes().filter(|takeover| *takeover) {
        let mut decompressor = subject.decompressor(true)?;
        let mut history = Vec::new();
        for round in 0..6 {
            for length in [40, 3000, 30_000, 50_000] {
                let message = message(Kind::Echo, length, round / 2);
                let mut payload = encode(&history, &message, *subject.can.window_bits.end(), Form::Dynamic);
                payload.extend_from_slice(TAIL);
                // In the RFC's form, or bare.
                payload.extend_from_slice(if round % 2 == 0 { &[0x03, 0x00, 0x00] } else { &[0x03, 0x00] });
                expect(&mut *decompressor, &payload, &message, || {
                    format!("message {round} of {length} bytes, a final block after each before")
                })?;
                history.extend_from_slice(&message);
            }
        }
    }
    Ok(())
}

/// Messages whose last bytes are what a receiver might take for the tail.
fn ends_like_a_tail(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut decompressor = subject.decompressor(takeover)?;
        for end in [TAIL, &[0x08, 0x00, 0xf7, 0xff], EMPTY_FINAL, FINAL] {
            for length in [0, 1, 40, 1000] {
                let message = [&message(Kind::Random, length, 1), end].concat();
                for form in FORMS {
                    let payload = encode(b"", &message, 8, form);
                    expect(&mut *decompressor, &payload, &message, || format!("ends in {end:02x?}"))?;
                }
            }
        }
    }
    Ok(())
}

/// Zeros that are really there, for engines that make them up for distances before the start.
fn zeros(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut decompressor = subject.decompressor(takeover)?;
        for round in 0..10 {
            for message in [vec![0; 3000], message(Kind::Binary, 2000, round)] {
                let payload = encode(b"", &message, 8, Form::Dynamic);
                let twice = [&payload, TAIL, &[0x03, 0x00], &payload].concat();
                expect(&mut *decompressor, &payload, &message, || "zeros".to_owned())?;
                expect(&mut *decompressor, &twice, &message.repeat(2), || "zeros, twice".to_owned())?;
            }
        }
    }
    Ok(())
}

/// Nothing of an earlier message shows through, and with takeover nothing of an earlier connection.
fn reset(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut decompressor = subject.decompressor(takeover)?;
        decompressor.reset();
        for _ in 0..3 {
            expect(&mut *decompressor, STATIC, b"Hello", || "after a reset".to_owned())?;
            if takeover {
                decompressor.reset();
            }
            expect_corrupt(&mut *decompressor, REFERENCE, 99, || {
                format!("takeover {takeover}, a reference to a message that is forgotten")
            })?;
            decompressor.reset();
        }
    }
    Ok(())
}

/// Something, and no more of it however many messages pass.
fn memory(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut decompressor = subject.decompressor(takeover)?;
        let message = message(Kind::Json, 3000, 1);
        let payload = encode(b"", &message, 8, Form::Dynamic);
        let mut said = [0; 2];
        for said in &mut said {
            for _ in 0..60 {
                expect(&mut *decompressor, &payload, &message, || "one of many".to_owned())?;
            }
            *said = decompressor.memory();
        }
        ensure!(said[0] > 0, "takeover {takeover}: it says that it holds nothing, itself included");
        ensure!(said[0] == said[1], "takeover {takeover}: it grows with the messages, {said:?} bytes");
    }
    Ok(())
}

/// An empty stored block with BFINAL=1.
const EMPTY_FINAL: &[u8] = &[0x01, 0x00, 0x00, 0xff, 0xff];
