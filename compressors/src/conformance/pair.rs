//! The rules of a compressor and a decompressor together.

use super::corpus::{KINDS, message};
use super::report::Rule;
use super::subject::{Compressors, Decompressors, deflate, expect};

type Pair<'a> = (Compressors<'a>, Decompressors<'a>);

pub(super) fn rules<'a>() -> Vec<Rule<Pair<'a>>> {
    vec![Rule { name: "pair: conversation", section: "RFC 7692 section 7.2", check: conversation }]
}

/// In step over many messages, at each window that both can do, without takeover and with it.
fn conversation((compressors, decompressors): &Pair<'_>) -> Result<(), String> {
    let windows = compressors.can.window_bits.clone();
    for window_bits in windows.filter(|bits| decompressors.can.window_bits.contains(bits)) {
        for takeover in compressors.modes().filter(|takeover| !takeover || decompressors.can.takeover) {
            let mut compressor = compressors.make(compressors.config(takeover).window_bits(window_bits))?;
            let mut decompressor =
                decompressors.make(decompressors.config(takeover).window_bits(window_bits))?;
            for (seed, length) in (0..).zip([0, 5, 217, 0, 3000, 217, 70_000, 1, 217, 40_000]) {
                for kind in KINDS {
                    let message = message(kind, length, seed);
                    let payload = deflate(&mut *compressor, &message)?;
                    expect(&mut *decompressor, &payload, &message, || {
                        format!("takeover {takeover}, {window_bits} bits, {kind:?} of {length} bytes")
                    })?;
                }
            }
        }
    }
    Ok(())
}
