//! Encoding frames against the header's own encoding and a byte loop, with every room there can be.

mod common;

use std::mem::MaybeUninit;

use common::{Random, every_level, masked, noise};
use wscodec_kernel::{
    HeaderError, Level, Opcode, OutgoingFrame, OutgoingMessages, Rsv, encode_frame, encode_frame_over,
};

every_level!(every_length_alone);
fn every_length_alone(level: Level) {
    let payload = noise(70_000);
    for length in (0..1_100).chain(2_040..2_060).chain([65_534, 65_535, 65_536, 70_000]) {
        for masking_key in [None, Some([0x80, 1, 0xFF, 7])] {
            let frame =
                OutgoingFrame { masking_key, ..OutgoingFrame::new(Opcode::Binary, &payload[..length]) };
            let expected = plainly(&frame);
            assert_eq!(frame.encoded_length(), expected.len());
            let mut out = vec![MaybeUninit::uninit(); expected.len()];
            let (done, bytes) = level.encode_frames(&[frame], &mut out);
            assert_eq!((done.frames, done.error, done.bytes), (1, None, expected.len()));
            assert!(bytes == expected, "{length} bytes, {masking_key:?}");
            assert_eq!(encode_frame(&frame, &mut out), Ok(Some(&mut expected.clone()[..])));
            let mut over = vec![0xAA; expected.len() + 1];
            assert_eq!(encode_frame_over(&frame, &mut over), Ok(Some(&mut expected.clone()[..])));
            assert_eq!(over.pop(), Some(0xAA), "a byte of somebody else's");
            over.pop();
            let before = over.clone();
            assert_eq!(encode_frame_over(&frame, &mut over), Ok(None));
            assert!(over == before, "written without room");
            out.pop();
            let (done, bytes) = level.encode_frames(&[frame], &mut out);
            assert_eq!((done.frames, done.error, bytes.len()), (0, None, 0), "one byte too few");
            assert_eq!(encode_frame(&frame, &mut out), Ok(None));
        }
    }
}

every_level!(many_frames_into_any_room);
fn many_frames_into_any_room(level: Level) {
    let noise = noise(3_000);
    let mut random = Random::new(5);
    for _ in 0..300 {
        let frames: Vec<_> = (0..random.below(20))
            .map(|_| {
                let start = random.below(1_000);
                let longest = [4, 126, 130, 2_000][random.below(4)];
                OutgoingFrame {
                    fin: random.below(2) == 0,
                    rsv: [Rsv::NONE, Rsv::RSV1, Rsv::RSV3][random.below(3)],
                    opcode: [Opcode::Text, Opcode::Binary, Opcode::Continuation][random.below(3)],
                    masking_key: (random.below(2) == 0)
                        .then(|| [1, 2, 3, 4].map(|_| random.next().to_le_bytes()[0])),
                    payload: &noise[start..start + random.below(longest)],
                }
            })
            .collect();
        let wire: Vec<Vec<u8>> = frames.iter().map(plainly).collect();
        let room = random.below(wire.concat().len() + 20);
        let fitting = (0..=frames.len()).rev().find(|&count| wire[..count].concat().len() <= room);
        let mut out = vec![MaybeUninit::uninit(); room];
        let (done, bytes) = level.encode_frames(&frames, &mut out);
        assert_eq!((Some(done.frames), done.error), (fitting, None));
        assert_eq!(bytes, wire[..done.frames].concat());
    }
}

every_level!(messages_are_the_frames_that_they_stand_for);
fn messages_are_the_frames_that_they_stand_for(level: Level) {
    let noise = noise(3_000);
    let mut random = Random::new(6);
    for round in 0..300 {
        let payloads: Vec<&[u8]> = (0..random.below(20))
            .map(|_| {
                let start = random.below(1_000);
                let longest = [4, 126, 130, 2_000][random.below(4)];
                &noise[start..start + random.below(longest)]
            })
            .collect();
        let keys: Vec<[u8; 4]> =
            payloads.iter().map(|_| random.next().to_le_bytes()).map(first_four).collect();
        let keys = &keys[..keys.len() - usize::from(round % 7 == 0 && !keys.is_empty())];
        let messages = OutgoingMessages {
            rsv: [Rsv::NONE, Rsv::RSV1][random.below(2)],
            masking_keys: (round % 3 > 0).then_some(keys),
            ..OutgoingMessages::new([Opcode::Text, Opcode::Binary][random.below(2)], &payloads)
        };
        let frames: Vec<_> = (0..messages.masking_keys.map_or(payloads.len(), <[_]>::len))
            .map(|place| OutgoingFrame {
                rsv: messages.rsv,
                masking_key: messages.masking_keys.map(|keys| keys[place]),
                ..OutgoingFrame::new(messages.opcode, payloads[place])
            })
            .collect();
        let wire: Vec<Vec<u8>> = frames.iter().map(plainly).collect();
        let room = random.below(wire.concat().len() + 200);
        let fitting = (0..=frames.len()).rev().find(|&count| wire[..count].concat().len() <= room);
        let mut out = vec![MaybeUninit::uninit(); room];
        let (done, bytes) = level.encode_messages(&messages, &mut out);
        assert_eq!((Some(done.frames), done.bytes, done.error), (fitting, bytes.len(), None));
        assert_eq!(bytes, wire[..done.frames].concat());
        #[cfg(feature = "alloc")]
        {
            let mut all = b"before".to_vec();
            assert_eq!(wscodec_kernel::append_messages(&messages, &mut all), Ok(frames.len()));
            assert_eq!(all, [&b"before"[..], &wire.concat()].concat());
        }
    }
}

#[test]
fn messages_that_may_not_be_sent_stop_after_those_before_them() {
    let messages = OutgoingMessages::new(Opcode::Ping, &[b"fine", &[0; 126], b"never"]);
    let mut out = [MaybeUninit::uninit(); 300];
    let (done, bytes) = wscodec_kernel::encode_messages(&messages, &mut out);
    assert_eq!((done.frames, done.error), (1, Some(HeaderError::ControlTooLong(Opcode::Ping))));
    assert_eq!(bytes, b"\x89\x04fine");
    #[cfg(feature = "alloc")]
    {
        let mut none = Vec::new();
        let refused = wscodec_kernel::append_messages(&messages, &mut none);
        assert_eq!((refused, none.len()), (Err(HeaderError::ControlTooLong(Opcode::Ping)), 0));
    }
}

#[test]
fn a_frame_that_may_not_be_sent_stops_after_those_before_it() {
    let frames = [
        OutgoingFrame::new(Opcode::Ping, b"fine"),
        OutgoingFrame { fin: false, ..OutgoingFrame::new(Opcode::Close, b"") },
    ];
    let mut out = [MaybeUninit::uninit(); 64];
    let (done, bytes) = wscodec_kernel::encode_frames(&frames, &mut out);
    assert_eq!((done.frames, done.error), (1, Some(HeaderError::FragmentedControl(Opcode::Close))));
    assert_eq!(bytes, b"\x89\x04fine");
    let (done, bytes) = wscodec_kernel::encode_frames(&[frames[0], frames[1], frames[0]], &mut out);
    assert_eq!((done.frames, done.bytes, bytes.len()), (1, 6, 6), "nothing after it");
    let long = OutgoingFrame::new(Opcode::Pong, &[0; 126]);
    let (done, _) = wscodec_kernel::encode_frames(&[long], &mut out);
    assert_eq!((done.frames, done.error), (0, Some(HeaderError::ControlTooLong(Opcode::Pong))));
}

#[cfg(feature = "alloc")]
#[test]
fn appending_grows_the_buffer_and_a_refusal_does_not() {
    let mut out = Vec::new();
    let payload = noise(70_000);
    let mut expected = Vec::new();
    for length in [0, 1, 125, 126, 70_000] {
        let frame = OutgoingFrame {
            masking_key: Some([1, 2, 3, 4]),
            ..OutgoingFrame::new(Opcode::Text, &payload[..length])
        };
        expected.extend(plainly(&frame));
        wscodec_kernel::append_frame(&frame, &mut out).expect("a valid frame");
        assert_eq!(out, expected);
    }
    let mut empty = Vec::new();
    let refused = wscodec_kernel::append_frame(&OutgoingFrame::new(Opcode::Ping, &payload), &mut empty);
    assert_eq!((refused, empty.capacity()), (Err(HeaderError::ControlTooLong(Opcode::Ping)), 0));
}

fn first_four([a, b, c, d, ..]: [u8; 8]) -> [u8; 4] {
    [a, b, c, d]
}

/// The oracle.
fn plainly(frame: &OutgoingFrame<'_>) -> Vec<u8> {
    let header = frame.header().encode().expect("a valid header").to_vec();
    let payload = frame.masking_key.map_or(frame.payload.to_vec(), |key| masked(frame.payload, key));
    [header, payload].concat()
}
