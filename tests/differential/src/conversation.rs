//! One direction of a connection, made at random: valid messages first, and then, often, something wrong.

use wscodec::Role;
use wscodec::compressors::{Backend, Compressor, CompressorConfig};

use crate::random::Random;

pub struct Conversation {
    /// Who receives it.
    pub role: Role,
    /// With permessage-deflate, whether there is context takeover, and what we decompress with.
    pub deflate: Option<(bool, Backend)>,
    pub bytes: Vec<u8>,
    /// Where the bytes are cut into reads.
    pub cuts: Vec<usize>,
    pub frames: u64,
    /// Whether anything was done to it that may make it wrong.
    pub spoiled: bool,
}

/// The limits of all receivers, in bytes.
pub const FRAME_LIMIT: usize = 66_000;
pub const MESSAGE_LIMIT: usize = 70_000;

impl Conversation {
    pub fn random(random: &mut Random) -> Self {
        let role = random.pick(&[Role::Server, Role::Client]);
        let deflate = random
            .one_in(3)
            .then(|| (random.one_in(2), random.pick(&[Backend::ZlibRs, Backend::Libdeflate])));
        let mut compressor = deflate.map(|(takeover, _)| {
            let config = CompressorConfig::default().takeover(takeover).level(random.pick(&[1, 6]));
            Backend::ZlibRs.compressor(config).expect("it can")
        });
        let mut frames = Vec::new();
        for _ in 0..1 + random.below(12) {
            message(random, compressor.as_deref_mut(), &mut frames);
        }
        if random.one_in(4) {
            frames.push(close(random));
            // What nobody may look at.
            message(random, None, &mut frames);
        }
        let mut spoiled = random.one_in(3);
        if spoiled {
            for _ in 0..1 + random.below(2) {
                spoil_frames(random, &mut frames);
            }
        }
        let mut bytes = Vec::new();
        for frame in &frames {
            frame.write(random, role, &mut bytes);
        }
        if random.one_in(6) {
            spoil_bytes(random, &mut bytes);
            spoiled = true;
        }
        let cuts = match random.below(4) {
            0 => Vec::new(),
            1 if bytes.len() < 2000 => (1..bytes.len()).collect(),
            _ => {
                let mut cuts: Vec<usize> =
                    (0..random.below(5)).map(|_| random.below(bytes.len() + 1)).collect();
                cuts.sort_unstable();
                cuts
            }
        };
        Self { role, deflate, bytes, cuts, frames: frames.len() as u64, spoiled }
    }

    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let starts = [0].into_iter().chain(self.cuts.iter().copied());
        let ends = self.cuts.iter().copied().chain([self.bytes.len()]);
        starts.zip(ends).map(|(start, end)| &self.bytes[start..end])
    }
}

#[derive(Clone)]
struct Frame {
    first: u8,
    payload: Vec<u8>,
    /// Bits that the length is written in, if not as few as can be.
    form: Option<u8>,
    /// The length written, if not that of the payload.
    claim: Option<u64>,
    wrongly_masked: bool,
}

impl Frame {
    fn new(first: u8, payload: Vec<u8>) -> Self {
        Self { first, payload, form: None, claim: None, wrongly_masked: false }
    }

    fn write(&self, random: &mut Random, role: Role, out: &mut Vec<u8>) {
        let masked = (role == Role::Server) != self.wrongly_masked;
        let length = self.claim.unwrap_or(self.payload.len() as u64);
        let least = match length {
            0..=125 => 7,
            126..=0xFFFF => 16,
            _ => 64,
        };
        let mask_bit = if masked { 0x80 } else { 0 };
        let bytes = length.to_be_bytes();
        out.push(self.first);
        match self.form.unwrap_or(least).max(least) {
            7 => out.push(mask_bit | bytes[7]),
            16 => out.extend([mask_bit | 126, bytes[6], bytes[7]]),
            _ => {
                out.push(mask_bit | 127);
                out.extend(bytes);
            }
        }
        let drawn = [random.byte(), random.byte(), random.byte(), random.byte()];
        let key = if masked { random.pick(&[drawn, drawn, [0; 4], [0, 0, 0, 1]]) } else { [0; 4] };
        if masked {
            out.extend(key);
        }
        out.extend(self.payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    }
}

/// A message in one or more frames, with control frames around and between them.
fn message(
    random: &mut Random,
    compressor: Option<&mut (dyn Compressor + 'static)>,
    frames: &mut Vec<Frame>,
) {
    let is_text = random.one_in(2);
    let mut payload = if is_text { text(random) } else { binary(random) };
    let mut first = if is_text { 1 } else { 2 };
    if let Some(compressor) = compressor.filter(|_| !random.one_in(4)) {
        let plain = std::mem::take(&mut payload);
        compressor.compress(&plain, &mut payload).expect("it compresses");
        first |= 0x40;
    }
    let parts = if random.one_in(3) { 1 + random.below(4) } else { 0 };
    for _ in 0..parts {
        control(random, frames);
        let rest = payload.split_off(random.below(payload.len() + 1));
        frames.push(Frame::new(first, payload));
        payload = rest;
        first = 0;
    }
    control(random, frames);
    frames.push(Frame::new(0x80 | first, payload));
}

fn control(random: &mut Random, frames: &mut Vec<Frame>) {
    if random.one_in(5) {
        let length = random.pick(&[0, 1, 4, 124, 125]);
        let payload = (0..length).map(|_| random.byte()).collect();
        frames.push(Frame::new(random.pick(&[0x89, 0x8A]), payload));
    }
}

fn close(random: &mut Random) -> Frame {
    let mut payload = Vec::new();
    if !random.one_in(4) {
        let codes =
            [1000, 1001, 1003, 1011, 1012, 1014, 3000, 4999, 1005, 1006, 1015, 1016, 2999, 999, 5000, 0];
        payload.extend(u16::to_be_bytes(random.pick(&codes)));
        if random.one_in(2) {
            let mut reason = text(random);
            reason.truncate(random.pick(&[1, 20, 123]));
            payload.extend(reason);
        }
    }
    Frame::new(0x88, payload)
}

const CHARACTERS: [&str; 9] = ["a", "z", "é", "\u{7ff}", "€", "\u{ffff}", "😀", "\u{10ffff}", "\0"];

fn text(random: &mut Random) -> Vec<u8> {
    let length = length(random);
    let mut text = String::new();
    while text.len() < length {
        // Long ones are mostly ASCII, as real ones are.
        if text.len() > 40 {
            text.push_str("plain ");
        } else {
            text.push_str(random.pick(&CHARACTERS));
        }
    }
    text.into_bytes()
}

fn binary(random: &mut Random) -> Vec<u8> {
    let (length, byte) = (length(random), random.byte());
    (0..length).map(|at| byte.wrapping_add(at.to_le_bytes()[0])).collect()
}

fn length(random: &mut Random) -> usize {
    match random.below(400) {
        0 => random.pick(&[65_535, 65_536, 65_999, 66_001]),
        1..5 => random.below(5000),
        5..60 => 110 + random.below(40),
        _ => random.below(20),
    }
}

/// Lengths that a header may claim.
const CLAIMS: [u64; 16] = [
    0,
    1,
    5,
    125,
    126,
    127,
    65_535,
    65_536,
    66_000,
    66_001,
    1 << 32,
    (1 << 32) + 5,
    1 << 62,
    1 << 63,
    (1 << 63) + 3,
    u64::MAX,
];

/// Sequences that no text has.
const WRONG: [&[u8]; 9] = [
    b"\x80",
    b"\xc0\x80",
    b"\xe0\x80\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xff",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xc3",
];

fn spoil_frames(random: &mut Random, frames: &mut Vec<Frame>) {
    let at = random.below(frames.len());
    let frame = &mut frames[at];
    match random.below(11) {
        0 => frame.first = random.byte(),
        1 => frame.first ^= 1 << random.below(8),
        2 => frame.wrongly_masked = true,
        3 => frame.form = Some(random.pick(&[16, 64])),
        4 => frame.claim = Some(random.pick(&CLAIMS)),
        5 => {
            let place = random.below(frame.payload.len() + 1);
            frame.payload.splice(place..place, random.pick(&WRONG).iter().copied());
        }
        6 => frame.payload.truncate(frame.payload.len() / 2),
        7 => frame.payload.extend([b'x'; 130]),
        8 => {
            let copy = frame.clone();
            frames.insert(at, copy);
        }
        9 if frames.len() > 1 => drop(frames.remove(at)),
        _ => {
            let other = random.below(frames.len());
            frames.swap(at, other);
        }
    }
}

fn spoil_bytes(random: &mut Random, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes.truncate(at),
        2 => bytes.insert(at, random.byte()),
        _ => drop(bytes.remove(at)),
    }
}
