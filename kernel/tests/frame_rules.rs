//! The batch decoder's rules one by one: errors, limits, what is kept whole, where payloads go.

mod common;

use common::{every_level, push_frame};
use wscodec_kernel::{Batch, Frame, FrameDecoder, FrameError, HeaderError, Level, Rsv, validate_text};

/// A frame's first byte, key and payload.
type OnWire<'a> = (u8, Option<[u8; 4]>, &'a [u8]);

#[test]
fn every_error_is_final_has_its_code_and_its_words() {
    let masked = Some([1, 2, 3, 4]);
    let limit = FrameError::TooLong { limit: 9 };
    let rsv1 = FrameError::ReservedBits(Rsv::RSV1);
    let cases: [(&[OnWire], FrameError, u16, &str); 9] = [
        (
            &[(0x83, masked, b"")],
            FrameError::Header(HeaderError::ReservedOpcode(3)),
            1002,
            "reserved opcode 0x3",
        ),
        (&[(0xC2, masked, b"")], rsv1, 1002, "reserved bits Rsv(100) set"),
        // With two faults the header's bits come before the mask.
        (&[(0xC2, None, b"")], rsv1, 1002, "reserved bits Rsv(100) set"),
        (&[(0x82, None, b"")], FrameError::MaskMissing, 1002, "unmasked frame from a client"),
        (&[(0x80, masked, b"")], FrameError::UnexpectedContinuation, 1002, "continuation of no message"),
        (
            &[(0x02, masked, b""), (0x82, masked, b"")],
            FrameError::ExpectedContinuation,
            1002,
            "new message inside a fragmented one",
        ),
        (&[(0x82, masked, b"0123456789")], limit, 1009, "frame of over 9 bytes"),
        (&[(0x89, masked, b"0123456789")], limit, 1009, "frame of over 9 bytes"),
        (
            &[(0x81, masked, b"ab\xFF")],
            FrameError::InvalidUtf8(validate_text(b"ab\xFF").expect_err("not text")),
            1007,
            "text is not UTF-8 from byte 2",
        ),
    ];
    for (wire, error, code, words) in cases {
        let mut stream = Vec::new();
        push_frame(&mut stream, 0x82, masked, b"fine");
        let valid = wire.len() - 1;
        wire.iter().for_each(|(first, key, payload)| push_frame(&mut stream, *first, *key, payload));
        let mut decoder = FrameDecoder::server().with_limit(9);
        let mut frames = [Frame::default(); 4];
        let batch = decoder.decode(&mut stream, &mut [], &mut frames);
        assert_eq!((batch.frames, batch.error), (1 + valid, Some(error)), "{words}");
        assert_eq!((error.close_code().get(), error.to_string().as_str()), (code, words));
        let mut fine = Vec::new();
        push_frame(&mut fine, 0x82, masked, b"fine");
        let again = decoder.decode(&mut fine, &mut [], &mut frames);
        assert_eq!(again, Batch { error: Some(error), ..Batch::default() }, "{words}");
    }
    let mut stream = Vec::new();
    push_frame(&mut stream, 0x82, masked, b"");
    let batch = FrameDecoder::client().decode(&mut stream, &mut [], &mut [Frame::default()]);
    assert_eq!(batch.error, Some(FrameError::MaskUnexpected));
    assert_eq!(FrameError::MaskUnexpected.to_string(), "masked frame from a server");
}

#[test]
fn reserved_bits_are_for_the_first_frame_of_a_message() {
    let mut stream = Vec::new();
    push_frame(&mut stream, 0x41, None, b"\xFF is not looked at");
    push_frame(&mut stream, 0xC0, None, b"");
    let mut decoder = FrameDecoder::client().with_reserved_bits(Rsv::RSV1);
    let batch = decoder.decode(&mut stream, &mut [], &mut [Frame::default(); 4]);
    assert_eq!((batch.frames, batch.error), (1, Some(FrameError::ReservedBits(Rsv::RSV1))));
}

every_level!(limits_hold_to_the_byte);
fn limits_hold_to_the_byte(level: Level) {
    for limit in [0, 1, 110, 124, 125, 126, 3_000] {
        for length in [0, 1, 109, 110, 111, 124, 125, 126, 127, 2_999, 3_000, 3_001] {
            for opcode in [0x81, 0x82, 0x02] {
                let mut stream = Vec::new();
                push_frame(&mut stream, opcode, Some([7; 4]), &vec![b'x'; length]);
                // Room for whole vectors behind it.
                stream.extend([0x82; 200]);
                let mut decoder = FrameDecoder::server().with_level(level).with_limit(limit);
                let mut frames = [Frame::default(); 1];
                let batch = decoder.decode(&mut stream, &mut [0; 256], &mut frames);
                let fits = length as u64 <= limit;
                assert_eq!(batch.frames == 1, fits, "{length} bytes with a limit of {limit}");
                assert_eq!(batch.error, (!fits).then_some(FrameError::TooLong { limit }));
            }
        }
    }
}

#[test]
fn frames_are_kept_whole_up_to_the_length_asked_for() {
    for (whole, decoder) in [
        (4_096, FrameDecoder::server()),
        (9, FrameDecoder::server().with_whole_frames(9)),
        (139, FrameDecoder::server().with_whole_frames(139)),
        (1_000, FrameDecoder::server().with_whole_frames(1_000)),
        (70_000, FrameDecoder::server().with_whole_frames(70_000)),
    ] {
        for (longer, kept) in [(0, true), (1, false)] {
            let header = [6, 8, 14][usize::from(whole > 131) + usize::from(whole > 65_543)];
            let mut stream = Vec::new();
            push_frame(&mut stream, 0x82, Some([7; 4]), &vec![1; whole - header + longer]);
            stream.pop();
            let length = stream.len();
            let mut decoder = decoder.clone();
            let batch = decoder.decode(&mut stream, &mut [], &mut [Frame::default(); 2]);
            let (consumed, remaining) = if kept { (0, 0) } else { (length, 1) };
            assert_eq!(
                (batch.consumed, decoder.remaining()),
                (consumed, remaining),
                "{whole} and {longer} more"
            );
        }
    }
}

#[test]
fn control_frames_are_kept_whole_in_any_case() {
    let mut stream = Vec::new();
    push_frame(&mut stream, 0x89, Some([7; 4]), &[1; 125]);
    for length in 0..stream.len() {
        let mut decoder = FrameDecoder::server().with_whole_frames(0);
        let batch = decoder.decode(&mut stream[..length].to_vec(), &mut [0; 256], &mut [Frame::default(); 2]);
        assert_eq!((batch.consumed, batch.frames, batch.error), (0, 0, None), "{length} bytes of it");
    }
}

#[test]
fn the_arena_holds_the_small_payloads_and_nothing_between_them() {
    let mut stream = Vec::new();
    for length in 0..=125 {
        push_frame(&mut stream, 0x82, Some([9; 4]), &vec![3; length]);
    }
    stream.extend([0; 200]);
    let mut arena = vec![0; stream.len() + 128];
    let mut frames = [Frame::default(); 126];
    let batch = FrameDecoder::server().decode(&mut stream, &mut arena, &mut frames);
    let in_arena: usize =
        frames.iter().filter(|frame| frame.is_in_arena()).map(|frame| frame.range().len()).sum();
    // Without vectors all is in place.
    assert!(
        batch.frames == 126 && batch.arena == in_arena && [0, 125 * 126 / 2].contains(&in_arena),
        "{batch:?}"
    );
}

#[test]
fn a_read_of_megabytes_is_decoded_in_one_call() {
    let mut stream = Vec::new();
    push_frame(&mut stream, 0x82, None, &vec![5; 3 << 20]);
    push_frame(&mut stream, 0x81, None, b"after");
    let length = stream.len();
    let mut frames = [Frame::default(); 4];
    let batch = FrameDecoder::client().decode(&mut stream, &mut [], &mut frames);
    assert_eq!((batch.consumed, batch.frames), (length, 2));
    assert_eq!(frames[1].payload(&stream, &[]), b"after");
}

#[test]
fn lengths_in_more_bytes_than_they_need_are_taken_on_request() {
    let mut input = b"\x82\x01a\x82\x7e\x00\x02bc\x81\x7f\0\0\0\0\0\0\0\x01d\x81\x01e".to_vec();
    let mut frames = [Frame::default(); 8];
    let strict = FrameDecoder::client().decode(&mut input.clone(), &mut [], &mut frames);
    assert_eq!((strict.frames, strict.error), (1, Some(FrameError::Header(HeaderError::LengthNotMinimal))));

    let batch = FrameDecoder::client().with_any_length_encoding().decode(&mut input, &mut [], &mut frames);
    assert_eq!((batch.consumed, batch.frames, batch.error), (input.len(), 4, None));
    let payloads: Vec<_> = frames[..4].iter().map(|frame| frame.payload(&input, &[])).collect();
    assert_eq!(payloads, [&b"a"[..], b"bc", b"d", b"e"]);
}
