//! Of a decompressor: the frames of a payload give what the whole of it gives, wherever they were cut.

use super::super::corpus::{KINDS, Kind, Random, message};
use super::super::encoder::{FORMS, Form, encode};
use super::super::reference;
use super::super::report::{Rule, ensure};
use super::super::subject::{Decompressors, expect, expect_corrupt, inflate, inflate_fragment};
use super::super::vectors::{FINAL, REFERENCE, STATIC, STORED, TAIL, TWO_BLOCKS};
use super::final_blocks::{final_blocks, many_final_blocks};
use super::{cuts, pieces};
use crate::{DecompressError, Decompressor};

pub(in super::super) fn rules<'a>() -> Vec<Rule<Decompressors<'a>>> {
    vec![
        Rule {
            name: "decompressor: whole messages only",
            section: "this crate's contract",
            check: whole_only,
        },
        Rule { name: "decompressor: every split", section: "RFC 7692 section 7.2.2", check: every_split },
        Rule { name: "decompressor: random splits", section: "RFC 7692 section 7.2.2", check: random_splits },
        Rule {
            name: "decompressor: flushed frames",
            section: "this crate's contract",
            check: flushed_frames,
        },
        Rule {
            name: "decompressor: final blocks in fragments",
            section: "RFC 7692 section 7.2.3.4",
            check: final_blocks,
        },
        Rule {
            name: "decompressor: limit on fragments",
            section: "RFC 7692 section 8, RFC 6455 section 10.4",
            check: limit,
        },
        Rule { name: "decompressor: broken fragments", section: "RFC 7692 section 7.2.2", check: broken },
        Rule {
            name: "decompressor: many final blocks in fragments",
            section: "this crate's contract",
            check: many_final_blocks,
        },
        Rule {
            name: "decompressor: one message at a time",
            section: "this crate's contract",
            check: one_at_a_time,
        },
        Rule {
            name: "decompressor: reset within a message",
            section: "RFC 7692 section 7.1.1",
            check: reset,
        },
        Rule { name: "decompressor: shrink", section: "RFC 7692 section 7.1.1", check: shrink },
    ]
}

/// What is not claimed is refused, and does no harm.
fn whole_only(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes().filter(|_| !subject.can.streaming) {
        let mut decompressor = subject.decompressor(takeover)?;
        let first = inflate_fragment(&mut *decompressor, &STATIC[..3], false, 99)?;
        ensure!(matches!(first, Err(DecompressError::Engine(_))), "streaming is not claimed, but: {first:?}");
    }
    Ok(())
}

/// In two at every place, byte by byte, and byte by byte with nothing in between.
fn every_split(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in streaming_modes(subject) {
        let mut decompressor = subject.decompressor(takeover)?;
        for payload in small_payloads() {
            let expected = decoded(b"", &payload)?;
            let bytes: Vec<usize> = (1..payload.len()).collect();
            let twice: Vec<usize> = (0..=payload.len()).flat_map(|at| [at, at]).collect();
            let ways = (0..=payload.len()).map(|at| vec![at]).chain([bytes, twice, vec![]]);
            for cuts in ways {
                let what = || format!("takeover {takeover}: {payload:02x?} cut at {cuts:?}");
                expect_pieces(&mut *decompressor, &pieces(&payload, &cuts), &expected, what)?;
                // What comes next has to be able to refer to it, or not to.
                let next = encode(if takeover { &expected } else { b"" }, &expected, 15, Form::Fixed);
                expect(&mut *decompressor, &next, &expected, || format!("after {}", what()))?;
            }
        }
    }
    Ok(())
}

/// Messages long and short that refer to those before, whole ones among them.
fn random_splits(subject: &Decompressors<'_>) -> Result<(), String> {
    let window_bits = *subject.can.window_bits.end();
    let mut random = Random::new(2);
    for takeover in streaming_modes(subject) {
        let mut decompressor = subject.decompressor(takeover)?;
        let mut history = Vec::new();
        for (seed, form) in (0..).zip(FORMS) {
            for kind in KINDS {
                for length in [10, 700, 20_000, 0, 40_000] {
                    let message = message(kind, length, seed);
                    let payload = encode(&history, &message, window_bits, form);
                    let what = || format!("takeover {takeover}, {form:?} {kind:?} of {length} bytes");
                    if random.below(4) == 0 {
                        expect(&mut *decompressor, &payload, &message, what)?;
                    } else {
                        let cuts = cuts(&mut random, payload.len());
                        expect_pieces(&mut *decompressor, &pieces(&payload, &cuts), &message, || {
                            format!("{}, cut at {:?}...", what(), &cuts[..cuts.len().min(9)])
                        })?;
                    }
                    if takeover {
                        history.extend_from_slice(&message);
                    }
                }
            }
        }
    }
    Ok(())
}

/// A frame that ends like a flush leaves nothing of the message so far behind.
fn flushed_frames(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in streaming_modes(subject) {
        let mut decompressor = subject.decompressor(takeover)?;
        for (form, kind) in FORMS.into_iter().flat_map(|form| KINDS.map(|kind| (form, kind))) {
            let mut so_far = Vec::new();
            for (seed, length) in (0..).zip([0, 1, 300, 40_000, 5]) {
                let part = message(kind, length, seed);
                let mut payload = encode(&so_far, &part, 8, form);
                let last = seed == 4;
                if !last {
                    payload.extend_from_slice(TAIL);
                }
                let came = inflate_fragment(&mut *decompressor, &payload, last, length)?;
                ensure!(
                    came.as_ref() == Ok(&part),
                    "takeover {takeover}, {form:?} {kind:?}: {:?} of {length} bytes",
                    came.map(|part| part.len())
                );
                so_far.extend_from_slice(&part);
            }
        }
    }
    Ok(())
}

/// Exact for each call: what comes out of it at that place, and not one byte less.
fn limit(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in streaming_modes(subject) {
        for payload in small_payloads() {
            let expected = decoded(b"", &payload)?;
            for at in 0..=payload.len() {
                let [first, second] = [&payload[..at], &payload[at..]];
                let what = |limit| format!("takeover {takeover}: {payload:02x?} cut at {at}, limit {limit}");
                let mut decompressor = subject.decompressor(takeover)?;
                let Ok(came) = inflate_fragment(&mut *decompressor, first, false, usize::MAX)? else {
                    return Err(format!("{}: fails", what(usize::MAX)));
                };
                let split = [(first, false, came.len()), (second, true, expected.len() - came.len())];
                for short in [None, Some(0), Some(1)] {
                    let mut decompressor = subject.decompressor(takeover)?;
                    for (i, (piece, last, comes)) in split.into_iter().enumerate() {
                        let Some(limit) = comes.checked_sub(usize::from(short == Some(i))) else { break };
                        let result = inflate_fragment(&mut *decompressor, piece, last, limit)?;
                        if short == Some(i) {
                            ensure!(
                                result == Err(DecompressError::TooLong { limit }),
                                "{} for {comes} bytes: {result:?}",
                                what(limit)
                            );
                            fails_for_good(&mut *decompressor, takeover)?;
                            break;
                        }
                        ensure!(result.is_ok(), "{} for {comes} bytes: {result:?}", what(limit));
                    }
                }
            }
        }
    }
    Ok(())
}

/// Cut off anywhere, damaged, and empty all along: with the same answer as a whole.
fn broken(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in streaming_modes(subject) {
        let mut decompressor = subject.decompressor(takeover)?;
        let mut cases: Vec<Vec<u8>> =
            vec![vec![], vec![0xff; 3], [FINAL, &[0xff; 3]].concat(), REFERENCE.to_vec()];
        for payload in small_payloads() {
            cases.extend((0..payload.len()).map(|end| payload[..end].to_vec()));
        }
        for case in cases {
            let expected = reference::decode(b"", &case);
            let bytes: Vec<usize> = (0..=case.len()).collect();
            for cuts in [vec![0], vec![case.len() / 2], vec![case.len()], bytes] {
                let what = || format!("takeover {takeover}: {case:02x?} cut at {cuts:?}");
                let pieces = pieces(&case, &cuts);
                match &expected {
                    Some(whole) => expect_pieces(&mut *decompressor, &pieces, &whole.message, what)?,
                    None => {
                        let result = receive(&mut *decompressor, &pieces, usize::MAX)?;
                        ensure!(
                            matches!(result, Err(DecompressError::Corrupt(_))),
                            "{}: {result:02x?} instead of Corrupt",
                            what()
                        );
                        fails_for_good(&mut *decompressor, takeover)?;
                    }
                }
                decompressor.reset();
            }
        }
    }
    Ok(())
}

/// Whole messages are refused between fragments, and the message under way does not suffer. Nor does it from `shrink`.
fn one_at_a_time(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in streaming_modes(subject) {
        let mut decompressor = subject.decompressor(takeover)?;
        for length in [0, 5, 3000, 70_000] {
            let message = message(Kind::Json, length, 1);
            let payload = encode(b"", &message, 8, Form::Dynamic);
            let mut came = Vec::new();
            for (i, piece) in pieces(&payload, &[0, payload.len() / 2]).into_iter().enumerate() {
                if i > 0 {
                    decompressor.shrink();
                    let refused = inflate(&mut *decompressor, STATIC, 5)?;
                    let what = "a whole message between fragments";
                    ensure!(matches!(refused, Err(DecompressError::Engine(_))), "{what}: {refused:?}");
                }
                match inflate_fragment(&mut *decompressor, piece, i == 2, usize::MAX)? {
                    Ok(part) => came.extend(part),
                    Err(error) => return Err(format!("takeover {takeover}, {length} bytes: {error:?}")),
                }
            }
            ensure!(came == message, "takeover {takeover}, {length} bytes: another message comes out");
        }
    }
    Ok(())
}

/// The next message begins at its beginning, and knows nothing of the fragments before.
fn reset(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in streaming_modes(subject) {
        for at in 0..=STATIC.len() {
            let mut decompressor = subject.decompressor(takeover)?;
            for whole in [true, false] {
                let given_up = inflate_fragment(&mut *decompressor, &STATIC[..at], false, 5)?;
                ensure!(given_up.is_ok(), "{given_up:?} for the first {at} bytes");
                decompressor.reset();
                let what = || format!("takeover {takeover}, reset after {at} bytes");
                if whole {
                    expect(&mut *decompressor, STATIC, b"Hello", what)?;
                } else {
                    expect_corrupt(&mut *decompressor, REFERENCE, 99, what)?;
                }
                decompressor.reset();
            }
        }
    }
    Ok(())
}

/// In step all the same, to the end of the window that was agreed; of backends that stream and of those that don't.
fn shrink(subject: &Decompressors<'_>) -> Result<(), String> {
    let mut random = Random::new(4);
    for window_bits in subject.can.window_bits.clone() {
        for takeover in subject.modes() {
            let mut decompressor = subject.make(subject.config(takeover).window_bits(window_bits))?;
            let mut history = Vec::new();
            for (seed, length) in (0..).zip([0, 200, 1, 700, 60_000, 3000, 9, 40_000]) {
                for _ in 0..random.below(3) {
                    let before = decompressor.memory();
                    decompressor.shrink();
                    let after = decompressor.memory();
                    ensure!(after <= before, "it says {after} bytes shrunk, and {before} before");
                }
                let message = message(Kind::Echo, length, seed / 2);
                let form = if seed % 3 == 0 { Form::Fixed } else { Form::Dynamic };
                let mut payload = encode(&history, &message, window_bits, form);
                if random.below(3) == 0 {
                    payload.extend_from_slice(TAIL);
                    payload.extend_from_slice(&[0x03, 0x00]);
                }
                expect(&mut *decompressor, &payload, &message, || {
                    format!("takeover {takeover}, {window_bits} bits, {length} bytes, perhaps shrunk before")
                })?;
                if takeover {
                    history.extend_from_slice(&message);
                }
            }
            let failed = inflate(&mut *decompressor, &[0xff; 9], 100)?;
            ensure!(failed.is_err(), "{:02x?} passes", [0xff; 9]);
            decompressor.shrink();
            if takeover {
                let next = inflate(&mut *decompressor, STATIC, 5)?;
                ensure!(next == Err(DecompressError::OutOfStep), "after an error, shrunk, comes {next:?}");
                decompressor.reset();
            }
            expect_corrupt(&mut *decompressor, REFERENCE, 99, || "nothing to refer to, shrunk".to_owned())?;
        }
    }
    Ok(())
}

pub(super) fn streaming_modes(subject: &Decompressors<'_>) -> impl Iterator<Item = bool> + use<> {
    let streams = subject.can.streaming;
    subject.modes().filter(move |_| streams)
}

/// Short, and with everything that a cut can go through.
fn small_payloads() -> Vec<Vec<u8>> {
    let hello = &FINAL[..7];
    let mut payloads: Vec<Vec<u8>> = [&[0][..], STATIC, STORED, FINAL, TWO_BLOCKS, hello, &[0x01]]
        .into_iter()
        .map(<[u8]>::to_vec)
        .chain([
            [hello, STATIC].concat(),
            [hello, REFERENCE].concat(),
            [hello, hello, hello].concat(),
            [STATIC, TAIL, FINAL].concat(),
            [STATIC, TAIL, &[0x01]].concat(),
            [STATIC, TAIL, &[0x00]].concat(),
            // A block with BFINAL=1, the byte that may end a message behind it, and more all the same.
            [FINAL, TAIL, REFERENCE].concat(),
        ])
        .collect();
    payloads.extend(FORMS.map(|form| encode(b"", &message(Kind::Json, 150, 3), 8, form)));
    payloads.push(encode(b"", &message(Kind::Bits, 100, 3), 8, Form::Dynamic));
    payloads.push(encode(b"", &[7; 600], 8, Form::Fixed));
    payloads
}

fn decoded(history: &[u8], payload: &[u8]) -> Result<Vec<u8>, String> {
    let decoded = reference::decode(history, payload).ok_or("the reference can't read its own payload")?;
    Ok(decoded.message)
}

/// A message fragment by fragment, with no more of a limit than it needs.
pub(super) fn expect_pieces(
    decompressor: &mut dyn Decompressor,
    pieces: &[&[u8]],
    message: &[u8],
    what: impl FnOnce() -> String,
) -> Result<(), String> {
    match receive(decompressor, pieces, message.len())? {
        Ok(came) if came == message => Ok(()),
        Ok(came) => {
            Err(format!("{}: another message, {} bytes instead of {}", what(), came.len(), message.len()))
        }
        Err(error) => Err(format!("{}: {error:?} instead of {} bytes", what(), message.len())),
    }
}

/// What comes out of all fragments, each into a buffer of its own.
pub(super) fn receive(
    decompressor: &mut dyn Decompressor,
    pieces: &[&[u8]],
    limit: usize,
) -> Result<Result<Vec<u8>, DecompressError>, String> {
    let mut message = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let last = i + 1 == pieces.len();
        match inflate_fragment(decompressor, piece, last, limit - message.len())? {
            Ok(came) => message.extend(came),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(message))
}

/// After an error with takeover nothing more is taken, whole or not; without, the next message is as good as any.
fn fails_for_good(decompressor: &mut dyn Decompressor, takeover: bool) -> Result<(), String> {
    if takeover {
        for last in [false, true] {
            let next = inflate_fragment(decompressor, STATIC, last, 5)?;
            ensure!(next == Err(DecompressError::OutOfStep), "after an error in a fragment comes {next:?}");
        }
        let next = inflate(decompressor, STATIC, 5)?;
        ensure!(next == Err(DecompressError::OutOfStep), "after an error in a fragment comes {next:?}");
        decompressor.reset();
    }
    expect_pieces(decompressor, &pieces(STATIC, &[3]), b"Hello", || "after an error in a fragment".to_owned())
}
