//! Streams to decode.

use wscodec_kernel::Rsv;

use super::Setup;
use crate::common::{Random, push_frame};

impl Setup {
    /// Any settings, the default ones more often.
    pub(crate) fn random(random: &mut Random) -> Self {
        Self {
            masked: random.below(3) > 0,
            allowed: if random.below(3) == 0 { Rsv::RSV1 } else { Rsv::NONE },
            limit: if random.below(6) == 0 { random.below(3_000) as u64 } else { u64::MAX },
            message_limit: if random.below(6) == 0 { random.below(3_000) as u64 } else { u64::MAX },
            validate: random.below(8) > 0,
        }
    }
}

/// Frames of all kinds, mostly as they should be, with a fault now and then.
pub(crate) fn traffic(random: &mut Random, setup: Setup) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut inside = false;
    let faults = random.below(3) > 0;
    let kinds = 1 + random.below(4);
    for _ in 0..random.below(60) {
        let length = match random.below(12) {
            0 => 0,
            1 => 120 + random.below(12),
            2 => random.below(3_000),
            3 => 32,
            _ => random.below(126),
        };
        let fin = random.below(5) > 0;
        let control = random.below(10) == 0;
        let opcode = match (control, inside) {
            (true, _) => [0x8, 0x9, 0xA][random.below(3)],
            (false, true) => 0x0,
            (false, false) => [0x1, 0x1, 0x2][random.below(3)],
        };
        let mut first = opcode | if fin || control { 0x80 } else { 0 };
        if setup.allowed == Rsv::RSV1 && matches!(opcode, 1 | 2) && random.below(3) == 0 {
            first |= 0x40;
        }
        let mut key = setup.masked.then(|| [0, 1, 2, 3].map(|_| random.next().to_le_bytes()[2]));
        let length = if control { length.min(125) } else { length };
        let mut payload = String::new();
        while payload.len() < length {
            payload.push(['a', 'ü', '語', '😋'][random.below(kinds)]);
        }
        let mut payload = payload.into_bytes();
        if opcode == 0x2 || random.below(3) == 0 {
            // Cut anywhere: fine in binary, and in text where the next fragment goes on.
            payload.truncate(length);
        }
        if control {
            payload.truncate(125);
        }
        if faults && random.below(40) == 0 {
            match random.below(4) {
                0 => first = random.next().to_le_bytes()[1],
                1 => key = if key.is_some() { None } else { Some([7; 4]) },
                _ if !payload.is_empty() => {
                    let place = random.below(payload.len());
                    payload[place] = random.next().to_le_bytes()[4];
                }
                _ => {}
            }
        }
        push_frame(&mut stream, first, key, &payload);
        if !control {
            inside = !fin;
        }
    }
    let cut = random.below(stream.len() + 1);
    if random.below(3) == 0 {
        stream.truncate(cut);
    }
    stream
}
