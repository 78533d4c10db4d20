//! The calls that are counted, each over the same bytes at the same alignment in every run.

use std::hint::black_box;
use std::mem::MaybeUninit;

use wscodec_kernel::{
    Frame, FrameDecoder, FrameHeader, HeaderDecode, Level, Opcode, OutgoingFrame, OutgoingMessages,
    validate_text,
};

/// A kernel call.
pub struct Call {
    pub name: &'static str,
    /// Makes the bytes to do it on, and gives what is then counted.
    prepare: fn(Level) -> Box<dyn FnMut()>,
}

/// What valgrind knows at most, and most machines have.
pub const LEVEL: &str = "avx2";

pub const ALL: &[Call] = &[
    Call { name: "mask 20 B", prepare: |level| mask(level, 20) },
    Call { name: "mask 125 B", prepare: |level| mask(level, 125) },
    Call { name: "mask 4 KiB", prepare: |level| mask(level, 4096) },
    Call { name: "mask_into 125 B", prepare: mask_into },
    Call { name: "unmask_text 32 B, ASCII", prepare: |level| unmask_text(level, ASCII, 32) },
    Call { name: "unmask_text 125 B, multilingual", prepare: |level| unmask_text(level, MULTILINGUAL, 125) },
    Call { name: "unmask_text 4 KiB, ASCII", prepare: |level| unmask_text(level, ASCII, 4096) },
    Call { name: "validate_text 4 KiB, ASCII", prepare: |level| validate(level, ASCII, 4096) },
    Call { name: "validate_text 4 KiB, multilingual", prepare: |level| validate(level, MULTILINGUAL, 4096) },
    Call { name: "FrameDecoder, 16 KiB of 0-125 B mixed", prepare: decode },
    Call { name: "FrameHeader::decode, 100 mixed", prepare: |_| headers() },
    Call { name: "encode_frames, 64 of 0-125 B mixed", prepare: encode },
    Call { name: "encode_messages, 64 of 0-125 B mixed", prepare: encode_messages },
];

/// Does the call of this name, once.
///
/// # Errors
/// In words: there is no such call, or no such level here.
pub fn run(name: &str) -> Result<(), String> {
    let call =
        ALL.iter().find(|call| call.name == name).ok_or_else(|| format!("there is no call '{name}'"))?;
    let level = Level::from_name(LEVEL)
        .ok_or_else(|| format!("no {LEVEL} here: this processor, or this valgrind, does not have it"))?;
    counted(&mut *(call.prepare)(level));
    Ok(())
}

/// The only function whose instructions count, and those of what it calls.
#[inline(never)]
fn counted(call: &mut dyn FnMut()) {
    call();
}

const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];
const ASCII: &str = "signal window archive market orange player summer ready ";
const MULTILINGUAL: &str = "Grüße, мир, 世界, नमस्ते, 🙂! ";

fn mask(level: Level, length: usize) -> Box<dyn FnMut()> {
    let mut buffer = Buffer::with(&vec![0x5A; length]);
    Box::new(move || level.mask(black_box(buffer.bytes()), KEY))
}

fn mask_into(level: Level) -> Box<dyn FnMut()> {
    let mut payload = Buffer::with(&[0x5A; 125]);
    let mut out = Buffer::with(&[MaybeUninit::uninit(); 125]);
    Box::new(move || {
        black_box(level.mask_into(black_box(payload.bytes()), KEY, out.bytes()));
    })
}

fn unmask_text(level: Level, sample: &str, length: usize) -> Box<dyn FnMut()> {
    let mut text = text(sample, length);
    masked_plainly(&mut text, KEY);
    let mut buffer = Buffer::with(&text);
    Box::new(move || {
        let unmasked = level.unmask_text(black_box(buffer.bytes()), KEY);
        assert!(black_box(unmasked).is_ok());
    })
}

fn validate(level: Level, sample: &str, length: usize) -> Box<dyn FnMut()> {
    let mut buffer = Buffer::with(&text(sample, length));
    Box::new(move || {
        let valid = level.validate_text(black_box(buffer.bytes()));
        assert!(black_box(valid).is_ok());
    })
}

fn decode(level: Level) -> Box<dyn FnMut()> {
    let mut input = Buffer::with(&wire(16 << 10));
    let mut arena = Buffer::with(&[0; (16 << 10) + 128]);
    let mut frames = vec![Frame::default(); 1024];
    let mut decoder = FrameDecoder::server().with_level(level);
    Box::new(move || {
        let batch = decoder.decode(black_box(input.bytes()), arena.bytes(), &mut frames);
        // The last frame is cut off.
        assert!(batch.error.is_none() && batch.consumed + 131 > 16 << 10);
        black_box(&frames);
    })
}

fn headers() -> Box<dyn FnMut()> {
    let mut input = Buffer::with(&wire(16 << 10));
    Box::new(move || {
        let mut rest: &[u8] = black_box(input.bytes());
        for _ in 0..100 {
            let Ok(HeaderDecode::Complete { header, length }) = FrameHeader::decode(rest) else { return };
            black_box(header.masking_key);
            rest = &rest[length + header.payload_length as usize..];
        }
        black_box(rest);
    })
}

fn encode(level: Level) -> Box<dyn FnMut()> {
    let payload: &'static [u8] = text(ASCII, 125).leak();
    let frame = |length| OutgoingFrame {
        masking_key: Some(KEY),
        ..OutgoingFrame::new(Opcode::Text, &payload[..length])
    };
    let frames: Vec<OutgoingFrame<'static>> = lengths().take(64).map(frame).collect();
    let mut out = Buffer::with(&[MaybeUninit::uninit(); 64 * 131]);
    Box::new(move || {
        let (done, bytes) = level.encode_frames(black_box(&frames), out.bytes());
        assert!(done.frames == 64);
        black_box(bytes);
    })
}

fn encode_messages(level: Level) -> Box<dyn FnMut()> {
    let payload: &'static [u8] = text(ASCII, 125).leak();
    let payloads: Vec<&'static [u8]> = lengths().take(64).map(|length| &payload[..length]).collect();
    let mut out = Buffer::with(&[MaybeUninit::uninit(); 64 * 131]);
    Box::new(move || {
        let messages = OutgoingMessages {
            masking_keys: Some(&[KEY; 64]),
            ..OutgoingMessages::new(Opcode::Text, black_box(&payloads))
        };
        let (done, bytes) = level.encode_messages(&messages, out.bytes());
        assert!(done.frames == 64);
        black_box(bytes);
    })
}

/// Masked text frames of mixed lengths, packed, the last of them cut off.
fn wire(length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for payload in lengths() {
        if bytes.len() >= length {
            break;
        }
        let mut text = text(ASCII, payload);
        masked_plainly(&mut text, KEY);
        bytes.extend([0x81, 0x80 | text.len() as u8]);
        bytes.extend(KEY);
        bytes.extend(text);
    }
    bytes.truncate(length);
    bytes
}

/// 0 to 125 in an order that is always the same, each as likely as the other.
fn lengths() -> impl Iterator<Item = usize> {
    let mut rng = fastrand::Rng::with_seed(0x0125);
    std::iter::repeat_with(move || rng.usize(..=125))
}

/// The sample again and again, and spaces in place of a character cut off.
fn text(sample: &str, length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = sample.bytes().cycle().take(length).collect();
    while let Err(error) = validate_text(&bytes) {
        bytes[error.offset() as usize..].fill(b' ');
    }
    bytes
}

fn masked_plainly(bytes: &mut [u8], key: [u8; 4]) {
    for (byte, key) in bytes.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

/// A copy of bytes, not empty, that begins 6 bytes after a multiple of 64, as a payload after its header.
struct Buffer<T> {
    room: Vec<T>,
    start: usize,
    length: usize,
}

impl<T: Copy> Buffer<T> {
    fn with(content: &[T]) -> Self {
        let mut room: Vec<T> = Vec::with_capacity(content.len() + 128);
        let start = room.as_ptr().align_offset(64) + 6;
        room.extend(content.first().into_iter().cycle().take(start));
        room.extend_from_slice(content);
        Self { room, start, length: content.len() }
    }

    #[inline]
    fn bytes(&mut self) -> &mut [T] {
        &mut self.room[self.start..][..self.length]
    }
}
