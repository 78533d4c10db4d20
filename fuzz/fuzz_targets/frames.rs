//! The batch decoder gives the same frames and the same error at any instruction set, in any split, with any room;
//! and what it gives can be encoded into bytes that decode to the same.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec_kernel::{Frame, FrameDecoder, FrameError, Level, Opcode, OutgoingFrame, Rsv, append_frame};

#[derive(Arbitrary, Debug)]
struct Input {
    masked: bool,
    rsv1: bool,
    whole: u16,
    arena: u16,
    room: u8,
    splits: Vec<u8>,
    stream: Vec<u8>,
}

type Seen = (bool, Rsv, Opcode, Vec<u8>);

fuzz_target!(|input: Input| {
    let allowed = if input.rsv1 { Rsv::RSV1 } else { Rsv::NONE };
    let new = || {
        if input.masked { FrameDecoder::server() } else { FrameDecoder::client() }.with_reserved_bits(allowed)
    };
    let whole = usize::from(input.whole);
    let first = Level::supported().next().expect("there is always one");
    let plain = decode(new().with_level(first).with_whole_frames(whole), &input.stream, &[], 0, 1);
    for level in Level::supported() {
        let decoder = new().with_level(level).with_whole_frames(whole);
        let arena = usize::from(input.arena);
        let seen = decode(decoder, &input.stream, &input.splits, arena, 1 + usize::from(input.room));
        assert_eq!(seen, plain, "{level}");
    }
    let key = input.masked.then_some([0x80, 1, 2, 0xFF]);
    let mut wire = Vec::new();
    for (fin, rsv, opcode, payload) in &plain.0 {
        let frame = OutgoingFrame { fin: *fin, rsv: *rsv, opcode: *opcode, masking_key: key, payload };
        append_frame(&frame, &mut wire).expect("what was decoded can be sent");
    }
    assert_eq!(decode(new(), &wire, &[], 1 << 16, 1_000), (plain.0, None));
});

fn decode(
    mut decoder: FrameDecoder,
    mut stream: &[u8],
    splits: &[u8],
    arena: usize,
    room: usize,
) -> (Vec<Seen>, Option<FrameError>) {
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
                    seen.push((frame.fin(), frame.rsv(), frame.opcode(), std::mem::take(&mut payload)));
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
