//! Of a decompressor: blocks with BFINAL=1 in fragments (RFC 7692 section 7.2.3.4).

use super::super::corpus::{Kind, Random, message};
use super::super::encoder::{Form, encode};
use super::super::report::ensure;
use super::super::subject::{Decompressors, expect, inflate};
use super::super::vectors::{STATIC, TAIL};
use super::decompressor::{expect_pieces, receive, streaming_modes};
use super::{cuts, pieces};
use crate::DecompressError;

/// They end a stream but not the window, within a message as between messages.
pub(super) fn final_blocks(subject: &Decompressors<'_>) -> Result<(), String> {
    let window_bits = *subject.can.window_bits.end();
    let mut random = Random::new(3);
    for takeover in streaming_modes(subject) {
        let mut decompressor = subject.decompressor(takeover)?;
        let mut history = Vec::new();
        for (seed, lengths) in
            (0..).zip([[40, 30, 20], [0, 300, 5], [5000, 40_000, 3000], [70_000, 9, 40_000]])
        {
            for (round, end) in
                (0..).zip([&[0x03, 0x00, 0x00][..], &[0x03, 0x00], &[0x00], &[0x01]].repeat(2))
            {
                let (mut payload, mut whole) = (Vec::new(), Vec::new());
                for (i, length) in (0..).zip(lengths) {
                    let part = message(Kind::Echo, length, seed * 3 + i);
                    let before = [&history[..], &whole].concat();
                    payload.extend(encode(&before, &part, window_bits, Form::Dynamic));
                    whole.extend_from_slice(&part);
                    payload.extend_from_slice(TAIL);
                    payload.extend_from_slice(if i < 2 { &[0x03, 0x00] } else { end });
                }
                let ways = if payload.len() < 400 && round < 4 {
                    (0..=payload.len()).map(|at| vec![at]).collect()
                } else {
                    vec![cuts(&mut random, payload.len())]
                };
                for cuts in ways {
                    expect_pieces(&mut *decompressor, &pieces(&payload, &cuts), &whole, || {
                        let cuts = &cuts[..cuts.len().min(9)];
                        format!("takeover {takeover}, parts of {lengths:?} bytes, cut at {cuts:?}")
                    })?;
                    // The same again, and its references go as far back as before.
                    if takeover {
                        decompressor.reset();
                        let stored = encode(b"", &history, 15, Form::Stored);
                        expect(&mut *decompressor, &stored, &history, || "a message before".to_owned())?;
                    }
                }
                if takeover {
                    history.extend_from_slice(&whole);
                    history.drain(..history.len().saturating_sub(40_000));
                    decompressor.reset();
                    let stored = encode(b"", &history, 15, Form::Stored);
                    expect(&mut *decompressor, &stored, &history, || "a message before".to_owned())?;
                }
            }
        }
    }
    Ok(())
}

/// Bounded over the message, and not for each of its frames; with the same answer as a whole, be they dense or far between,
/// in front or at the end.
pub(super) fn many_final_blocks(subject: &Decompressors<'_>) -> Result<(), String> {
    let flood = |blocks: usize| [0x03, 0x00].repeat(blocks);
    let filler =
        |length: usize| [&encode(b"", &message(Kind::Random, length, 1), 8, Form::Stored), TAIL].concat();
    let mut payloads = vec![[STATIC, TAIL, &flood(5000)].concat()];
    for blocks in 3..7 {
        payloads.push(flood(blocks));
        payloads.push([flood(blocks), vec![0x00]].concat());
        for length in [10, 1000, 2100, 5000] {
            let (flood, filler) = (flood(blocks), filler(length));
            payloads.push([&flood[..], &filler, &[0x00]].concat());
            payloads.push([&filler[..], &flood].concat());
            payloads.push([&filler[..], &flood, &filler, &flood].concat());
            payloads.push([&filler[..], &[0x03, 0x00]].concat().repeat(blocks));
        }
    }
    for takeover in streaming_modes(subject) {
        for (i, payload) in payloads.iter().enumerate() {
            let start = &payload[..payload.len().min(20)];
            let whole = inflate(&mut *subject.decompressor(takeover)?, payload, usize::MAX)?;
            ensure!(i > 0 || whole.is_err(), "5000 empty final blocks pass");
            for length in [1, 2, 7, 1000, 4096] {
                let frames: Vec<&[u8]> = payload.chunks(length).collect();
                let pieces = receive(&mut *subject.decompressor(takeover)?, &frames, usize::MAX)?;
                let same = match (&whole, &pieces) {
                    (Ok(message), Ok(pieces)) => message == pieces,
                    (Err(DecompressError::Corrupt(_)), Err(DecompressError::Corrupt(_))) => true,
                    _ => false,
                };
                let [whole, pieces] = [&whole, &pieces].map(|result| result.as_ref().map(Vec::len));
                ensure!(
                    same,
                    "takeover {takeover}: {whole:?} as a whole, {pieces:?} in frames of {length} bytes, of {start:02x?}..."
                );
            }
        }
    }
    Ok(())
}
