//! The batch decoder gives the frames and the error of a plain one at any instruction set, in any split, with any room;
//! and what it gives can be encoded into bytes that decode to the same.
#![no_main]

#[path = "../../kernel/tests/book/mod.rs"]
mod book;
#[allow(unused, reason = "each user takes its part")]
#[path = "../../kernel/tests/common/mod.rs"]
mod common;

use arbitrary::Arbitrary;
use book::{Outcome, Seen, Setup, by_the_book};
use libfuzzer_sys::fuzz_target;
use wscodec_kernel::{Frame, FrameDecoder, Level, OutgoingFrame, Rsv, append_frame};

#[derive(Arbitrary, Debug)]
struct Input {
    masked: bool,
    rsv1: bool,
    limit: Option<u16>,
    message_limit: Option<u16>,
    validate: bool,
    whole: u16,
    arena: u16,
    room: u8,
    splits: Vec<u8>,
    stream: Vec<u8>,
}

fuzz_target!(|input: Input| {
    let setup = Setup {
        masked: input.masked,
        allowed: if input.rsv1 { Rsv::RSV1 } else { Rsv::NONE },
        limit: input.limit.map_or(u64::MAX, u64::from),
        message_limit: input.message_limit.map_or(u64::MAX, u64::from),
        validate: input.validate,
    };
    let whole = usize::from(input.whole);
    let plain = by_the_book(setup, whole, &input.stream);
    for level in Level::supported() {
        let decoder = setup.decoder().with_level(level).with_whole_frames(whole);
        let room = 1 + usize::from(input.room);
        let seen = decode(decoder, &input.stream, &input.splits, input.arena.into(), room);
        assert_eq!(seen, plain, "{level}");
    }
    let key = input.masked.then_some([0x80, 1, 2, 0xFF]);
    let mut wire = Vec::new();
    for Seen { fin, rsv, opcode, payload } in &plain.0 {
        let frame = OutgoingFrame { fin: *fin, rsv: *rsv, opcode: *opcode, masking_key: key, payload };
        append_frame(&frame, &mut wire).expect("what was decoded can be sent");
    }
    assert_eq!(decode(setup.decoder(), &wire, &[], 1 << 16, 1_000), (plain.0, None));
});

fn decode(mut decoder: FrameDecoder, mut stream: &[u8], splits: &[u8], arena: usize, room: usize) -> Outcome {
    let (mut seen, mut payload, mut buffer) = (Vec::new(), Vec::new(), Vec::new());
    let (mut arena, mut frames) = (vec![0; arena], vec![Frame::default(); room]);
    let mut splits = splits.iter();
    loop {
        let read = splits.next().map_or(stream.len(), |&split| usize::from(split).min(stream.len()));
        let (bytes, rest) = stream.split_at(read);
        buffer.extend_from_slice(bytes);
        stream = rest;
        loop {
            let batch = decoder.decode(&mut buffer, &mut arena, &mut frames);
            for frame in &frames[..batch.frames] {
                payload.extend_from_slice(frame.payload(&buffer, &arena));
                if frame.ends() {
                    let payload = std::mem::take(&mut payload);
                    seen.push(Seen { fin: frame.fin(), rsv: frame.rsv(), opcode: frame.opcode(), payload });
                }
            }
            if batch.error.is_some() {
                return (seen, batch.error);
            }
            buffer.drain(..batch.consumed);
            if batch.frames < room {
                break;
            }
        }
        if stream.is_empty() {
            return (seen, None);
        }
    }
}
