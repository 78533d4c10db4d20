//! Of a compressor: what its calls append is one payload, whatever the fragments.

use super::super::compressor::{configs, decodes, reaches, windows};
use super::super::corpus::{KINDS, Kind, Random, message};
use super::super::reference;
use super::super::report::{Rule, ensure};
use super::super::subject::{Compressors, deflate, deflate_fragment};
use super::{cuts, pieces};
use crate::{CompressError, Compressor, FragmentEnd};

pub(in super::super) fn rules<'a>() -> Vec<Rule<Compressors<'a>>> {
    vec![
        Rule { name: "compressor: fragments", section: "RFC 7692 section 7.2.1", check: fragments },
        Rule { name: "compressor: window of fragments", section: "RFC 7692 section 7.1.2", check: window },
        Rule { name: "compressor: held back", section: "RFC 7692 section 7.2.1", check: held_back },
        Rule {
            name: "compressor: empty fragments",
            section: "RFC 7692 section 7.2.3.6",
            check: empty_fragments,
        },
        Rule {
            name: "compressor: one message at a time",
            section: "this crate's contract",
            check: one_at_a_time,
        },
        Rule { name: "compressor: reset within a message", section: "RFC 7692 section 7.1.1", check: reset },
    ]
}

/// At random, whole messages between them.
fn fragments(subject: &Compressors<'_>) -> Result<(), String> {
    let mut random = Random::new(1);
    for config in configs(subject) {
        let mut compressor = subject.make(config)?;
        let mut history = Vec::new();
        for (seed, kind) in (0..).zip(KINDS) {
            for length in [0, 1, 3, 40, 900, 20_000] {
                let message = message(kind, length, seed);
                let what = || format!("{config:?}, {kind:?} of {length} bytes");
                let payload = if random.below(4) == 0 {
                    deflate(&mut *compressor, &message)?
                } else {
                    let fragments = pieces(&message, &cuts(&mut random, length));
                    send(&mut *compressor, &history, &fragments, &mut random)
                        .map_err(|error| format!("{}: {error}", what()))?
                };
                decodes(&history, &payload, &message, what)?;
                if config.takeover {
                    history.extend_from_slice(&message);
                }
            }
        }
    }
    for takeover in subject.modes() {
        let mut compressor = subject.compressor(takeover)?;
        let mut history = Vec::new();
        for (kind, length) in
            KINDS.into_iter().zip([65_536, 100_000, 300_000, 200_000, 400_000, 9000, 70_000])
        {
            let message = message(kind, length, 9);
            let fragments = pieces(&message, &cuts(&mut random, length));
            let payload = send(&mut *compressor, &history, &fragments, &mut random)?;
            decodes(&history, &payload, &message, || format!("takeover {takeover}, {length} bytes"))?;
            if takeover {
                history.extend_from_slice(&message);
            }
        }
    }
    Ok(())
}

/// What comes again from just beyond the window is not referred to, neither within a message nor from one to the next.
fn window(subject: &Compressors<'_>) -> Result<(), String> {
    let mut random = Random::new(5);
    for config in windows(subject) {
        let mut compressor = subject.make(config)?;
        let mut history = Vec::new();
        let again = message(Kind::Random, 150, 1);
        // The largest window is as far as any match can reach.
        let between = message(Kind::Random, (1 << config.window_bits.min(14)) - 100, 2);
        for message in [[&again[..], &between, &again].concat(), between, again] {
            let fragments = pieces(&message, &cuts(&mut random, message.len()));
            let payload = send(&mut *compressor, &history, &fragments, &mut random)
                .map_err(|error| format!("{config:?}: {error}"))?;
            reaches(config, &history, &payload)?;
            if config.takeover {
                history.extend_from_slice(&message);
            }
        }
    }
    Ok(())
}

/// Almost all of a message comes before any of it has to come out, and the little that comes with its end does not say how
/// much that is. Of each level and of lengths close together, for an engine may fill a block with the last bytes of all; of
/// what can't be made shorter, and of what becomes very short or looks like the tail all along.
fn held_back(subject: &Compressors<'_>) -> Result<(), String> {
    let mut random = Random::new(3);
    for config in configs(subject) {
        let mut compressor = subject.make(config)?;
        let mut history = Vec::new();
        let close = (0..34_000).step_by(CLOSE).map(|length| (length, Some(Kind::Random)));
        let others =
            (0..34_000).step_by(3000).flat_map(|length| [Some(Kind::Run), None].map(|kind| (length, kind)));
        for (seed, (length, kind)) in (0..).zip(close.chain(others)) {
            let message = match kind {
                Some(kind) => message(kind, length, seed),
                None => [0x00, 0x00, 0xff, 0xff].into_iter().cycle().take(length).collect(),
            };
            let (open, last) = message.split_at(length - random.below(length.min(200) + 1));
            let end = if random.below(8) == 0 { FragmentEnd::Frame } else { FragmentEnd::Message };
            let what =
                || format!("{config:?}, message {seed}, {} bytes and {} to {end:?}", open.len(), last.len());
            let mut payload = Vec::new();
            for piece in open.chunks(1 + [300, 5000, 50_000][random.below(3)]) {
                payload.extend(deflate_fragment(&mut *compressor, piece, FragmentEnd::Open)?);
            }
            let ended = deflate_fragment(&mut *compressor, last, end);
            payload.extend(ended.map_err(|error| format!("{}: {error}", what()))?);
            if end == FragmentEnd::Frame {
                let so_far = reference::decode_so_far(&history, &payload);
                ensure!(so_far == message, "{}: {} bytes come out", what(), so_far.len());
                payload.extend(deflate_fragment(&mut *compressor, b"", FragmentEnd::Message)?);
            }
            decodes(&history, &payload, &message, what)?;
            if config.takeover {
                history.extend_from_slice(&message);
                history.drain(..history.len().saturating_sub(1 << 15));
            }
        }
    }
    Ok(())
}

/// How much longer each message that is held back is than the one before: less than any engine looks ahead for a match, for
/// that is what a block can leave over.
const CLOSE: usize = 250;

/// All messages of up to three fragments, each of them empty or not, and of each end.
fn empty_fragments(subject: &Compressors<'_>) -> Result<(), String> {
    const FRAGMENTS: [&[u8]; 2] = [b"", b"Hello"];
    for takeover in subject.modes() {
        let mut compressor = subject.compressor(takeover)?;
        let mut history = Vec::new();
        for choice in 0..8 * 4 {
            let fragments = [0, 1, 2].map(|bit| FRAGMENTS[choice >> bit & 1]);
            let ends = [3, 4].map(|bit| [FragmentEnd::Open, FragmentEnd::Frame][choice >> bit & 1]);
            for skipped in 0..3 {
                let ends = [ends[0], ends[1], FragmentEnd::Message];
                let mut payload = Vec::new();
                for (fragment, end) in fragments.into_iter().zip(ends).skip(skipped) {
                    payload.extend(deflate_fragment(&mut *compressor, fragment, end)?);
                }
                let message = fragments[skipped..].concat();
                let what =
                    || format!("takeover {takeover}: {:?} {:?}", &fragments[skipped..], &ends[skipped..]);
                decodes(&history, &payload, &message, what)?;
                if takeover {
                    history.extend_from_slice(&message);
                }
            }
        }
    }
    Ok(())
}

/// A backend that streams refuses whole messages between fragments, and the message under way does not suffer.
fn one_at_a_time(subject: &Compressors<'_>) -> Result<(), String> {
    for takeover in subject.modes().filter(|_| subject.can.streaming) {
        let mut compressor = subject.compressor(takeover)?;
        let mut history = Vec::new();
        for (seed, ends) in
            (0..).zip([FragmentEnd::Open, FragmentEnd::Frame].map(|end| [end, FragmentEnd::Message]))
        {
            for length in [0, 5, 3000] {
                let message = message(Kind::Json, length, seed);
                let mut payload = Vec::new();
                for (fragment, end) in pieces(&message, &[length / 2]).into_iter().zip(ends) {
                    payload.extend(deflate_fragment(&mut *compressor, fragment, end)?);
                    if end != FragmentEnd::Message {
                        let mut out = b"before".to_vec();
                        let refused = compressor.compress(b"in between", &mut out);
                        ensure!(
                            matches!(refused, Err(CompressError::Engine(_))) && out == b"before",
                            "a whole message after {end:?}: {refused:?}, {} bytes",
                            out.len() - 6
                        );
                    }
                }
                decodes(&history, &payload, &message, || format!("takeover {takeover}, {length} bytes"))?;
                if takeover {
                    history.extend_from_slice(&message);
                }
            }
        }
    }
    Ok(())
}

/// What has come of the message before is forgotten, held back or not.
fn reset(subject: &Compressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut compressor = subject.compressor(takeover)?;
        for end in [FragmentEnd::Open, FragmentEnd::Frame, FragmentEnd::Open] {
            for (length, whole) in [(0, true), (9, false), (70_000, true), (70_000, false)] {
                let message = message(Kind::Json, length, 1);
                deflate_fragment(&mut *compressor, &message, end)?;
                compressor.reset();
                let payload = if whole {
                    deflate(&mut *compressor, &message)?
                } else {
                    deflate_fragment(&mut *compressor, &message, FragmentEnd::Message)?
                };
                let what = || format!("takeover {takeover}, reset after {end:?} and {length} bytes");
                decodes(b"", &payload, &message, what)?;
                compressor.reset();
            }
        }
    }
    Ok(())
}

/// The payload of a message, with ends at random. At a frame's end, all of the message so far has to be in it.
fn send(
    compressor: &mut dyn Compressor,
    history: &[u8],
    fragments: &[&[u8]],
    random: &mut Random,
) -> Result<Vec<u8>, String> {
    let (mut payload, mut message) = (Vec::new(), Vec::new());
    for (i, fragment) in fragments.iter().enumerate() {
        let end = match random.below(3) {
            _ if i + 1 == fragments.len() => FragmentEnd::Message,
            0 => FragmentEnd::Frame,
            _ => FragmentEnd::Open,
        };
        payload.extend(deflate_fragment(compressor, fragment, end)?);
        message.extend_from_slice(fragment);
        // Now and then, for the reference begins at the beginning.
        if end == FragmentEnd::Frame && (i < 5 || random.below(20) == 0) {
            let decoded = reference::decode_so_far(history, &payload);
            ensure!(
                decoded == message,
                "at a frame's end {} bytes come out of the {} so far",
                decoded.len(),
                message.len()
            );
        }
    }
    Ok(payload)
}
