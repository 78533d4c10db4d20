//! The rules of a decompressor, for what no honest sender sends.

use super::corpus::{KINDS, message};
use super::encoder::{FORMS, Form, encode};
use super::reference;
use super::report::{Rule, ensure};
use super::subject::{Decompressors, expect, expect_corrupt, inflate};
use super::vectors::{FINAL, REFERENCE, STATIC, STORED, TAIL, TWO_BLOCKS};
use crate::DecompressError;

pub(super) fn rules<'a>() -> Vec<Rule<Decompressors<'a>>> {
    vec![
        Rule {
            name: "decompressor: limit",
            section: "RFC 7692 section 8, RFC 6455 section 10.4",
            check: limit,
        },
        Rule {
            name: "decompressor: bomb",
            section: "RFC 7692 section 8, RFC 6455 section 10.4",
            check: bomb,
        },
        Rule { name: "decompressor: truncation", section: "RFC 7692 section 7.2.2", check: truncation },
        Rule {
            name: "decompressor: empty payload",
            section: "RFC 7692 section 7.2.3.6",
            check: empty_payload,
        },
        Rule {
            name: "decompressor: many final blocks",
            section: "this crate's contract",
            check: many_final_blocks,
        },
        Rule { name: "decompressor: distances", section: "RFC 1951 section 3.2.3", check: distances },
        Rule { name: "decompressor: out of step", section: "RFC 7692 section 7.1.1", check: out_of_step },
    ]
}

/// Exact: as many bytes as it allows, and not one more.
fn limit(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        for kind in KINDS {
            for (form, length) in FORMS.into_iter().cycle().zip([1, 2, 127, 128, 129, 1000, 65_536, 100_000])
            {
                let message = message(kind, length, 7);
                let payload = encode(b"", &message, 8, form);
                for limit in [length, usize::MAX] {
                    let whole = inflate(&mut *subject.decompressor(takeover)?, &payload, limit)?;
                    ensure!(
                        whole.as_ref() == Ok(&message),
                        "a limit of {limit} for {length} bytes of {kind:?}: {:?}",
                        whole.map(|message| message.len())
                    );
                }
                for limit in [0, length / 2, length - 1] {
                    let cut = inflate(&mut *subject.decompressor(takeover)?, &payload, limit)?;
                    ensure!(
                        cut == Err(DecompressError::TooLong { limit }),
                        "a limit of {limit} for {length} bytes of {kind:?}: {:?}",
                        cut.map(|message| message.len())
                    );
                }
            }
        }
        expect(&mut *subject.decompressor(takeover)?, &[0], b"", || "an empty message, limit 0".to_owned())?;
    }
    Ok(())
}

/// The room taken follows the bytes received and the limit, not what the payload would come to.
fn bomb(subject: &Decompressors<'_>) -> Result<(), String> {
    let payload = encode(b"", &vec![0; 4_000_000], 8, Form::Dynamic);
    for takeover in subject.modes() {
        for limit in [0, 1000, 100_000] {
            let mut out = Vec::new();
            let result = subject.decompressor(takeover)?.decompress(&payload, limit, &mut out);
            ensure!(result == Err(DecompressError::TooLong { limit }), "limit {limit}: {result:?}");
            let most = 8 * (limit + payload.len()) + 65_536;
            ensure!(out.capacity() <= most, "limit {limit}: room for {} bytes is taken", out.capacity());
        }
    }
    Ok(())
}

/// What is cut off anywhere within a block is no message.
fn truncation(subject: &Decompressors<'_>) -> Result<(), String> {
    let mut payloads = vec![STATIC.to_vec(), STORED.to_vec(), FINAL.to_vec(), TWO_BLOCKS.to_vec()];
    for kind in KINDS {
        payloads.extend(FORMS.map(|form| encode(b"", &message(kind, 300, 3), 8, form)));
    }
    // Stored data whose missing part is as long as what a receiver might put behind it.
    payloads.push([&[0x00, 40, 0x00, !40, 0xff], &[7; 40][..], &[0x00]].concat());
    payloads.push([&[0x01, 40, 0x00, !40, 0xff], &[7; 40][..]].concat());
    for takeover in subject.modes() {
        let mut decompressor = subject.decompressor(takeover)?;
        for payload in &payloads {
            for end in 0..payload.len() {
                let (cut, what) = (&payload[..end], || {
                    format!("takeover {takeover}: {end} of {} bytes, {:02x?}", payload.len(), &payload[..end])
                });
                match reference::decode(b"", cut) {
                    Some(whole) => expect(&mut *decompressor, cut, &whole.message, what)?,
                    None => expect_corrupt(&mut *decompressor, cut, 10_000, what)?,
                }
                decompressor.reset();
            }
        }
    }
    Ok(())
}

fn empty_payload(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut decompressor = subject.decompressor(takeover)?;
        expect_corrupt(&mut *decompressor, &[], 10, || "a payload of no bytes".to_owned())?;
    }
    Ok(())
}

/// Each of them costs the receiver its window once more, so there is an end to them.
fn many_final_blocks(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let flood = [STATIC, TAIL, &[0x03, 0x00].repeat(500_000)].concat();
        let mut decompressor = subject.decompressor(takeover)?;
        expect_corrupt(&mut *decompressor, &flood, 1000, || "500,000 empty final blocks".to_owned())?;
        let some = [STATIC, TAIL, &[0x03, 0x00].repeat(4)].concat();
        let mut decompressor = subject.decompressor(takeover)?;
        expect(&mut *decompressor, &some, b"Hello", || "4 empty final blocks".to_owned())?;
    }
    Ok(())
}

/// A distance that reaches before the first byte is an error, and not zeros.
fn distances(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        let mut decompressor = subject.decompressor(takeover)?;
        // At distance 1 with nothing before it, and at distance 5 with one byte before it.
        for payload in [&[0x02, 0x02, 0x00, 0x00][..], REFERENCE] {
            let what = || format!("takeover {takeover}, a distance before the first byte of all");
            expect_corrupt(&mut *decompressor, payload, 1000, what)?;
            decompressor.reset();
        }
        if takeover {
            // One byte short of the distance is too far, and the next byte makes it right.
            for (history, enough) in [(&b"ell"[..], false), (b"ello", true)] {
                let stored = encode(b"", history, 8, Form::Stored);
                expect(&mut *decompressor, &stored, history, || "a message before".to_owned())?;
                let what = || format!("distance 5 after {} bytes and one", history.len());
                if enough {
                    expect(&mut *decompressor, REFERENCE, b"Hello", what)?;
                } else {
                    expect_corrupt(&mut *decompressor, REFERENCE, 99, what)?;
                }
                decompressor.reset();
            }
        }
    }
    Ok(())
}

/// After an error with takeover the history is unknown; without, the next message starts afresh.
fn out_of_step(subject: &Decompressors<'_>) -> Result<(), String> {
    for takeover in subject.modes() {
        for (payload, limit) in [(&[0xff; 9][..], 100), (STATIC, 4), (&STATIC[..4], 100)] {
            let mut decompressor = subject.decompressor(takeover)?;
            let failed = inflate(&mut *decompressor, payload, limit)?;
            ensure!(failed.is_err(), "{payload:02x?} with limit {limit} passes");
            if takeover {
                for _ in 0..2 {
                    let next = inflate(&mut *decompressor, STATIC, 5)?;
                    ensure!(next == Err(DecompressError::OutOfStep), "after an error comes {next:?}");
                }
                decompressor.reset();
            }
            let what = || format!("takeover {takeover}, after {:?}", failed);
            expect(&mut *decompressor, STATIC, b"Hello", what)?;
        }
    }
    Ok(())
}
