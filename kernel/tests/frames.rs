//! The batch decoder of every instruction set against a plain one, over random traffic in any split, and with any
//! room for its results.

mod book;
mod common;

use book::traffic::traffic;
use book::{Outcome, SERVER, Seen, Setup, by_the_book};
use common::{Random, every_level, first_bad_byte, push_frame};
use wscodec_kernel::{Batch, Frame, FrameDecoder, FrameError, Level};

/// How the stream is given and what room there is.
#[derive(Clone, Debug)]
struct Feed {
    reads: Vec<usize>,
    whole: usize,
    arena: usize,
    frames: usize,
}

every_level!(random_traffic);
fn random_traffic(level: Level) {
    let rounds = if cfg!(debug_assertions) { 600 } else { 20_000 };
    for seed in 0..rounds {
        let mut random = Random::new(seed);
        let setup = Setup::random(&mut random);
        let stream = traffic(&mut random, setup);
        for _ in 0..3 {
            let longest = [3, 40, 700, 5_000][random.below(4)];
            let mut reads = Vec::new();
            while reads.iter().sum::<usize>() < stream.len() {
                reads.push(1 + random.below(longest));
            }
            let feed = Feed {
                reads,
                whole: [0, 300, 4_096, 1 << 20][random.below(4)],
                arena: [0, 127, 128, 200, 1 << 16][random.below(5)],
                frames: [1, 2, 7, 1_000][random.below(4)],
            };
            let expected = by_the_book(setup, feed.whole, &stream);
            let outcome = decode(setup.decoder().with_level(level), &stream, &feed);
            assert!(
                outcome == expected,
                "seed {seed}, {setup:?}, {feed:?}: {} frames and {:?}, and not {} and {:?}",
                outcome.0.len(),
                outcome.1,
                expected.0.len(),
                expected.1
            );
        }
    }
}

every_level!(every_split_of_a_conversation);
fn every_split_of_a_conversation(level: Level) {
    let mut stream = Vec::new();
    for (first, payload) in [
        (0x81, "plain".as_bytes()),
        (0x82, &[0xFF; 3]),
        (0x01, "日本".as_bytes()),
        (0x89, b"between"),
        (0x00, &"語".as_bytes()[..2]),
        (0x8A, b""),
        (0x80, &"語".as_bytes()[2..]),
        (0x81, "😋é".as_bytes()),
        (0x88, b"\x03\xE8"),
    ] {
        push_frame(&mut stream, first, Some([0x37, 0xFA, 0x21, 0x3D]), payload);
    }
    let expected = by_the_book(SERVER, 0, &stream);
    assert_eq!((expected.0.len(), expected.1), (9, None));
    for whole in [0, 4_096] {
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let reads = vec![first, second - first, stream.len() - second];
                let feed = Feed { reads, whole, arena: 4_096, frames: 16 };
                assert_eq!(decode(SERVER.decoder().with_level(level), &stream, &feed), expected, "{feed:?}");
            }
        }
        let feed = Feed { reads: vec![1; stream.len()], whole, arena: 4_096, frames: 16 };
        assert_eq!(decode(SERVER.decoder().with_level(level), &stream, &feed), expected);
    }
}

every_level!(every_small_length_in_runs_and_alone);
fn every_small_length_in_runs_and_alone(level: Level) {
    let text = "日本語 and plain ASCII, é😋 too; ".repeat(6);
    for masked in [true, false] {
        for length in 0..=130 {
            let setup = Setup { masked, ..SERVER };
            let key = masked.then_some([0x80, 0x01, 0xFF, 0x55]);
            let mut stream = Vec::new();
            let mut payload = text.as_bytes()[..length].to_vec();
            while std::str::from_utf8(&payload).is_err() {
                payload.pop();
                payload.insert(0, b'x');
                if payload.iter().all(|&byte| byte == b'x') {
                    break;
                }
            }
            for opcode in [0x81, 0x81, 0x81, 0x82, 0x81, 0x82, 0x82] {
                push_frame(&mut stream, opcode, key, &payload);
            }
            push_frame(&mut stream, 0x82, key, &[0xAA; 300]);
            let feed = Feed { reads: vec![stream.len()], whole: 4_096, arena: 8_192, frames: 100 };
            assert_eq!(
                decode(setup.decoder().with_level(level), &stream, &feed),
                by_the_book(setup, 0, &stream),
                "{length}"
            );
        }
    }
}

every_level!(a_wrong_byte_at_any_offset_of_any_text);
fn a_wrong_byte_at_any_offset_of_any_text(level: Level) {
    for length in [1, 7, 31, 64, 65, 125, 126, 300, 700] {
        for place in 0..length {
            let mut payload = vec![b'a'; length];
            payload[place] = [0x80, 0xC3, 0xFF][place % 3];
            let mut stream = Vec::new();
            let key = Some([1, 2, 3, 4]);
            push_frame(&mut stream, 0x81, key, b"before");
            push_frame(&mut stream, 0x81, key, &payload);
            push_frame(&mut stream, 0x82, key, &[0; 200]);
            let (seen, error) = decode(
                SERVER.decoder().with_level(level),
                &stream,
                &Feed { reads: vec![stream.len()], whole: 4_096, arena: 8_192, frames: 100 },
            );
            let Some(FrameError::InvalidUtf8(error)) = error else {
                panic!("{error:?} at {place} of {length}")
            };
            assert_eq!(
                (seen.len(), Some(error.offset())),
                (1, first_bad_byte(&payload)),
                "{place} of {length}"
            );
        }
    }
}

#[test]
fn text_fails_with_the_read_that_brings_the_wrong_byte() {
    let mut stream = Vec::new();
    let mut payload = vec![b'a'; 10_000];
    payload[5_000] = 0xFF;
    push_frame(&mut stream, 0x81, Some([9, 8, 7, 6]), &payload);
    let mut decoder = FrameDecoder::server().with_whole_frames(0);
    let mut frames = [Frame::default(); 4];
    let (mut before, mut after) = (stream[..5_008].to_vec(), stream[5_008..5_009].to_vec());
    let batch = decoder.decode(&mut before, &mut [], &mut frames);
    assert_eq!((batch.consumed, batch.frames, batch.error), (5_008, 1, None));
    assert_eq!((frames[0].begins(), frames[0].ends(), decoder.remaining()), (true, false, 5_000));
    let error = decoder.decode(&mut after, &mut [], &mut frames).error;
    assert!(matches!(error, Some(FrameError::InvalidUtf8(error)) if error.offset() == 5_000), "{error:?}");
    // It is final.
    let mut fine = *b"\x81\x80\0\0\0\0";
    let again = decoder.decode(&mut fine, &mut [], &mut frames);
    assert_eq!(again, Batch { error, ..Batch::default() });
}

#[test]
fn a_flood_of_empty_frames_and_an_endless_one_cost_no_more_than_their_bytes() {
    let mut stream = b"\x82\x80\x01\x02\x03\x04".repeat(10_000);
    stream.extend(b"\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x02\x03\x04");
    let mut frames = vec![Frame::default(); 20_000];
    let mut decoder = FrameDecoder::server();
    let length = stream.len();
    let batch = decoder.decode(&mut stream, &mut [0; 256], &mut frames);
    assert_eq!((batch.consumed, batch.frames, batch.error), (length, 10_001, None));
    assert_eq!(decoder.remaining(), i64::MAX as u64);
}

fn decode(mut decoder: FrameDecoder, stream: &[u8], feed: &Feed) -> Outcome {
    let (mut seen, mut payload) = (Vec::new(), Vec::new());
    let (mut arena, mut frames) = (vec![0; feed.arena], vec![Frame::default(); feed.frames]);
    let (mut buffer, mut rest) = (Vec::new(), stream);
    decoder = decoder.with_whole_frames(feed.whole);
    for read in &feed.reads {
        let (bytes, after) = rest.split_at((*read).min(rest.len()));
        buffer.extend_from_slice(bytes);
        rest = after;
        // Each call gives a frame, or is the last.
        for _ in 0..=buffer.len() {
            let unconsumed = buffer.clone();
            let batch = decoder.decode(&mut buffer, &mut arena, &mut frames);
            for frame in &frames[..batch.frames] {
                assert!(frame.begins() == payload.is_empty() || !frame.begins() || frame.ends());
                payload.extend_from_slice(frame.payload(&buffer, &arena));
                if frame.ends() {
                    let payload = std::mem::take(&mut payload);
                    seen.push(Seen { fin: frame.fin(), rsv: frame.rsv(), opcode: frame.opcode(), payload });
                }
            }
            if batch.error.is_some() {
                return (seen, batch.error);
            }
            assert_eq!(buffer[batch.consumed..], unconsumed[batch.consumed..], "left as they were");
            buffer.drain(..batch.consumed);
            if batch.frames < feed.frames {
                break;
            }
        }
    }
    (seen, None)
}
