//! The reader with its own storage against the plain decoder, over random traffic read in any pieces.
#![cfg(feature = "alloc")]

mod book;
mod common;

use book::traffic::traffic;
use book::{Outcome, SERVER, Seen, Setup, by_the_book};
use common::{Random, every_level, push_frame};
use wscodec_kernel::{
    FrameDecoder, FrameError, FrameReader, Level, Opcode, Payload, ReaderMemory, TextBuffer,
};

every_level!(random_traffic_in_any_pieces);
fn random_traffic_in_any_pieces(level: Level) {
    let rounds = if cfg!(debug_assertions) { 600 } else { 20_000 };
    for seed in 0..rounds {
        let mut random = Random::new(seed);
        let setup = Setup::random(&mut random);
        let stream = traffic(&mut random, setup);
        let whole = [0, 0, 300][random.below(3)];
        let expected = by_the_book(setup, whole, &stream);
        for longest in [1, 30, 700, 70_000] {
            let reader = FrameReader::new(setup.decoder().with_level(level).with_whole_frames(whole));
            let outcome = read(reader, Parts::AreValidated, &stream, || 1 + random.below(longest));
            assert!(outcome == expected, "seed {seed}, {setup:?}, reads of up to {longest}");
        }
    }
}

every_level!(memory_goes_from_reader_to_reader);
fn memory_goes_from_reader_to_reader(level: Level) {
    let mut memories = [ReaderMemory::NONE, ReaderMemory::NONE];
    for seed in 0..600 {
        let mut random = Random::new(seed);
        let setup = Setup::random(&mut random);
        let stream = traffic(&mut random, setup);
        let expected = by_the_book(setup, 300, &stream);
        for longest in [1, 30, 700, 70_000] {
            let decoder = setup.decoder().with_level(level).with_whole_frames(300);
            let next = || 1 + random.below(longest);
            let reader = FrameReader::new(decoder);
            let outcome = read_in_turns(reader, Parts::AreValidated, &stream, next, &mut memories);
            assert!(outcome == expected, "seed {seed}, {setup:?}, reads of up to {longest}");
        }
    }
    assert!(memories.iter().all(|memory| memory.bytes() > 0));
}

every_level!(messages_are_the_same_when_their_pieces_are_joined);
fn messages_are_the_same_when_their_pieces_are_joined(level: Level) {
    for seed in 0..600 {
        let mut random = Random::new(seed);
        let setup = Setup::random(&mut random);
        let stream = traffic(&mut random, setup);
        let expected = by_the_book(setup, 0, &stream);
        for longest in [1, 30, 700, 70_000] {
            let up_to = [0, 20, usize::MAX][random.below(3)];
            let reader = FrameReader::new(setup.decoder().with_level(level).with_whole_frames(0));
            let reader = reader.with_joined_messages(up_to);
            let outcome = read(reader, Parts::AreValidated, &stream, || 1 + random.below(longest));
            assert!(
                outcome == expected,
                "seed {seed}, {setup:?}, reads of up to {longest}, joined up to {up_to}"
            );
        }
    }
}

#[test]
fn a_joined_message_is_given_whole_whatever_is_asked_in_between() {
    let text = "joined, ünd wïth ümlauts ".repeat(20);
    let mut stream = Vec::new();
    push_frame(&mut stream, 0x82, Some([9; 4]), b"before");
    push_frame(&mut stream, 0x81, Some([1, 2, 3, 4]), text.as_bytes());
    push_frame(&mut stream, 0x82, Some([9; 4]), b"behind");
    for size in 1..stream.len() {
        let decoder = FrameDecoder::server().with_whole_frames(0).with_validation_of_whole_messages();
        let mut reader = FrameReader::new(decoder).with_joined_messages(text.len());
        let mut given = Vec::new();
        for part in stream.chunks(size) {
            reader.push(part);
            reader.release();
            while let Some(frame) = reader.advance() {
                assert!(frame.is_message() && reader.remaining() == 0);
                assert_eq!(reader.text().is_some(), frame.opcode() == Opcode::Text);
                given.push(reader.payload().to_vec());
                reader.room(size % 7);
                reader.release();
            }
        }
        assert_eq!(given, [b"before", text.as_bytes(), b"behind"], "reads of {size}");
    }
}

#[test]
fn a_message_longer_than_what_is_joined_comes_in_pieces() {
    let mut reader = FrameReader::new(FrameDecoder::client().with_whole_frames(0)).with_joined_messages(4);
    reader.push(b"\x81\x05Hel");
    assert_eq!(reader.advance().map(|frame| (frame.begins(), frame.ends())), Some((true, false)));
    assert_eq!((reader.payload(), reader.text(), reader.remaining()), (&b"Hel"[..], None, 2));
}

#[test]
fn the_first_wrong_byte_of_a_joined_text_is_seen_with_the_read_that_brings_it() {
    let decoder = FrameDecoder::client().with_whole_frames(0).with_validation_of_whole_messages();
    for wrong in 0..200 {
        let mut text = [b'a'; 200];
        text[wrong] = 0xFF;
        let stream = [&b"\x81\x7E\x00\xC8"[..], &text].concat();
        let mut reader = FrameReader::new(decoder.clone()).with_joined_messages(1 << 20);
        for (place, byte) in stream.iter().enumerate() {
            reader.push(&[*byte]);
            assert_eq!(reader.advance(), None);
            assert_eq!(reader.error().is_some(), place >= 4 + wrong, "byte {place}, wrong {wrong}");
        }
    }
}

#[test]
fn after_a_read_that_filled_the_room_a_short_frame_waits_for_the_next() {
    let stream = [&b"\x82\x7E\x10\x00"[..], &[7; 4096], b"\x81\x03\xFFno"].concat();
    let full = stream.len() - 2;
    for (room, error) in [(full, false), (full + 1, true)] {
        let decoder = FrameDecoder::client().with_whole_frames(0);
        let mut reader = FrameReader::new(decoder).with_joined_messages(1 << 20);
        reader.room(room)[..full].copy_from_slice(&stream[..full]);
        reader.filled(full);
        assert!(reader.advance().is_some_and(|frame| frame.is_message()));
        assert_eq!((reader.advance(), reader.error().is_some()), (None, error));
        // Whatever comes next ends the wait.
        reader.push(b"n");
        assert_eq!((reader.advance(), reader.error().is_some()), (None, true));
    }
}

#[test]
fn messages_of_a_batch_are_the_frames_that_would_be_given() {
    let stream = b"\x81\x03one\x82\x03two\x89\x01!\x01\x03fra\x80\x02gm\x82\x00";
    let mut reader = FrameReader::new(FrameDecoder::client());
    reader.push(stream);
    assert!(!reader.has_message() && reader.message().is_none(), "nothing is decoded yet");
    assert!(reader.advance().is_some());
    let mut given = vec![reader.payload().to_vec()];
    for expected in [true, false, false, false, true] {
        assert_eq!(reader.has_message(), expected);
        let payload = reader.message();
        let Some(Payload::Bytes(bytes)) = payload else { panic!("{payload:?}") };
        given.push(bytes.to_vec());
        assert_eq!(reader.payload_again(), Payload::Bytes(&given[given.len() - 1]));
    }
    assert_eq!(given, [&b"one"[..], b"two", b"!", b"fra", b"gm", b""]);
    assert!(!reader.has_message() && reader.message().is_none());
}

every_level!(text_in_parts_is_left_to_who_gathers_it);
fn text_in_parts_is_left_to_who_gathers_it(level: Level) {
    for seed in 0..600 {
        let mut random = Random::new(seed);
        let stream = traffic(&mut random, SERVER);
        let expected = by_the_book(SERVER, 0, &stream);
        for longest in [1, 30, 700, 70_000] {
            let decoder = FrameDecoder::server().with_level(level).with_validation_of_whole_messages();
            let reader = FrameReader::new(decoder.with_whole_frames(0));
            let outcome = read(reader, Parts::AreToBe, &stream, || 1 + random.below(longest));
            assert!(outcome == expected, "seed {seed}, reads of up to {longest}");
        }
    }
}

#[test]
fn memory_is_given_back_and_nothing_that_was_read_is_lost() {
    let mut stream = Vec::new();
    for length in 0..=200 {
        push_frame(&mut stream, 0x82, Some([1, 2, 3, 4]), &vec![7; length]);
    }
    let mut reader = FrameReader::new(FrameDecoder::server().with_whole_frames(0));
    let mut payload = Vec::new();
    for (number, byte) in stream.iter().enumerate() {
        reader.room(1 + number % 5)[0] = *byte;
        reader.filled(1);
        reader.release();
        assert!(reader.memory() <= size_of::<FrameReader>() + 14, "a header at most is left");
        while reader.advance().is_some() {
            payload.extend_from_slice(reader.payload());
            reader.release();
        }
    }
    assert_eq!(payload, vec![7; 200 * 201 / 2]);
}

#[test]
fn reading_more_leaves_the_frames_that_are_to_be_given() {
    let mut stream = Vec::new();
    push_frame(&mut stream, 0x81, None, b"one");
    push_frame(&mut stream, 0x81, None, b"two");
    let mut reader = FrameReader::new(FrameDecoder::client());
    reader.room(stream.len())[..stream.len()].copy_from_slice(&stream);
    reader.filled(stream.len());
    assert_eq!((reader.payload(), reader.text()), (&b""[..], None), "before the first");
    assert!(reader.advance().is_some());
    assert_eq!(reader.text(), Some("one"));
    // While there is another frame, everything stays where it is.
    reader.room(100_000).fill(b'x');
    assert_eq!(reader.text(), Some("one"));
    assert!(reader.advance().is_some());
    assert_eq!(reader.text(), Some("two"));
    reader.room(100_000).fill(b'x');
    assert_eq!((reader.payload(), reader.text()), (&b""[..], None), "it may have been written over");
    assert_eq!((reader.advance(), reader.error()), (None, None));
}

#[test]
fn after_a_stop_nothing_comes_and_what_was_given_stays() {
    for behind in [&b"\x81\x03two"[..], b"\x83\x00", b"\x01\x04frag", b"\x81"] {
        let mut reader = FrameReader::new(FrameDecoder::client());
        let stream = [b"\x81\x03one", behind].concat();
        reader.room(stream.len())[..stream.len()].copy_from_slice(&stream);
        reader.filled(stream.len());
        assert!(reader.advance().is_some());
        reader.stop();
        assert_eq!(reader.text(), Some("one"));
        assert_eq!((reader.advance(), reader.error()), (None, None), "{behind:x?}");
        reader.room(5)[..5].copy_from_slice(b"\x81\x03new");
        reader.filled(5);
        assert_eq!((reader.advance(), reader.error()), (None, None), "{behind:x?}");
        reader.release();
        assert!(reader.memory() <= size_of::<FrameReader>());
    }
}

#[test]
fn what_was_given_is_gone_with_its_memory() {
    let mut reader = FrameReader::new(FrameDecoder::client());
    // A cut header behind the text is kept, where the text was.
    reader.room(6).copy_from_slice(b"\x81\x03one\x82");
    reader.filled(6);
    assert!(reader.advance().is_some());
    assert_eq!(reader.advance(), None);
    reader.release();
    assert_eq!((reader.text(), reader.payload(), reader.remaining()), (None, &b""[..], 0));
}

#[test]
fn what_is_still_to_come_is_told_of_the_frame_given_last() {
    let mut stream = Vec::new();
    push_frame(&mut stream, 0x82, None, b"whole");
    push_frame(&mut stream, 0x82, None, &[7; 100]);
    stream.truncate(stream.len() - 90);
    let mut reader = FrameReader::new(FrameDecoder::client().with_whole_frames(0));
    reader.room(stream.len())[..stream.len()].copy_from_slice(&stream);
    reader.filled(stream.len());
    assert!(reader.advance().is_some());
    for _ in 0..2 {
        assert_eq!(reader.remaining(), 0);
        reader.room(10);
        reader.release();
    }
    assert!(reader.advance().is_some());
    assert_eq!(reader.remaining(), 90);
}

/// Counts by the addresses where things lie: they move when what is left is copied to the front.
#[test]
fn a_backlog_is_not_moved_for_each_batch() {
    let stream = b"\x82\x00".repeat(100_000);
    let mut reader = FrameReader::new(FrameDecoder::client());
    reader.room(stream.len())[..stream.len()].copy_from_slice(&stream);
    reader.filled(stream.len());
    let (mut moved, mut left, mut end) = (0, stream.len(), reader.room(0).as_ptr() as usize);
    while reader.advance().is_some() {
        left -= 2;
        let now = reader.room(0).as_ptr() as usize;
        moved += if now < end { left } else { 0 };
        end = now;
    }
    assert_eq!(left, 0);
    assert!(moved <= 2 * stream.len(), "{moved} bytes moved of {}", stream.len());
}

#[test]
fn a_long_frame_kept_whole_is_not_moved_for_each_read() {
    const LENGTH: usize = 1 << 20;
    let mut stream = Vec::new();
    push_frame(&mut stream, 0x82, None, &[7; LENGTH]);
    let mut reader = FrameReader::new(FrameDecoder::client().with_whole_frames(2 * LENGTH));
    reader.room(2 * LENGTH);
    let start = reader.room(0).as_ptr() as usize;
    for (number, part) in stream.chunks(1460).enumerate() {
        let room = reader.room(part.len());
        assert_eq!(room.as_ptr() as usize, start + number * 1460, "it goes on where it was");
        room[..part.len()].copy_from_slice(part);
        reader.filled(part.len());
        assert_eq!(reader.advance().is_some(), number * 1460 + part.len() == stream.len());
    }
    assert_eq!(reader.payload().len(), LENGTH);
}

#[test]
fn text_that_nobody_validated_is_no_str() {
    let mut reader = FrameReader::new(FrameDecoder::client().without_validation());
    reader.room(3).copy_from_slice(b"\x81\x01\xFF");
    reader.filled(3);
    assert_eq!(reader.advance().map(|frame| frame.is_message()), Some(true));
    assert_eq!((reader.text(), reader.payload()), (None, &b"\xFF"[..]));
}

#[test]
#[should_panic(expected = "more bytes than there was room for")]
fn more_than_the_room_can_not_have_been_read() {
    let mut reader = FrameReader::new(FrameDecoder::client());
    let room = reader.room(10).len();
    reader.filled(room + 1);
}

#[test]
#[should_panic(expected = "more bytes than there was room for")]
fn a_room_is_read_to_once() {
    let mut reader = FrameReader::new(FrameDecoder::client());
    reader.room(10)[..4].copy_from_slice(b"\x81\x02hi");
    reader.filled(4);
    reader.filled(1);
}

/// What was in there before would be taken for what was read.
#[test]
#[should_panic(expected = "more bytes than there was room for")]
fn a_room_is_gone_with_its_memory() {
    let mut reader = FrameReader::new(FrameDecoder::client());
    let mut memory = ReaderMemory::NONE;
    reader.push(b"\x81\x02hi");
    while reader.advance().is_some() {}
    assert!(reader.swap_memory(&mut memory));
    reader.room(memory.bytes());
    assert!(reader.swap_memory(&mut memory));
    reader.filled(4);
}

/// Who validates text that is in fragments or pieces.
#[derive(Clone, Copy, PartialEq)]
enum Parts {
    AreValidated,
    AreToBe,
}

fn read(reader: FrameReader, parts: Parts, stream: &[u8], next: impl FnMut() -> usize) -> Outcome {
    read_in_turns(reader, parts, stream, next, &mut [])
}

/// The same, and after many a read the reader gets other memory.
fn read_in_turns(
    mut reader: FrameReader,
    parts: Parts,
    stream: &[u8],
    mut next: impl FnMut() -> usize,
    memories: &mut [ReaderMemory],
) -> Outcome {
    let (mut seen, mut payload) = (Vec::new(), Vec::new());
    let mut text: Option<TextBuffer> = None;
    let mut rest = stream;
    while !rest.is_empty() {
        let (bytes, after) = rest.split_at(next().min(rest.len()));
        reader.push(bytes);
        rest = after;
        loop {
            let Some(frame) = reader.advance() else {
                match reader.error() {
                    None => {
                        if let Some(memory) = memories.get_mut(rest.len() % 3) {
                            let left = reader.left_over();
                            assert!(reader.swap_memory(memory), "all frames were given");
                            assert_eq!(reader.left_over(), left);
                        }
                        break;
                    }
                    Some(error) => {
                        assert_eq!((reader.advance(), reader.error()), (None, Some(error)), "it is final");
                        return (seen, Some(error));
                    }
                }
            };
            assert_eq!(frame.ends(), reader.remaining() == 0);
            if let Some(text) = reader.text() {
                assert!(frame.is_message() && std::str::from_utf8(text.as_bytes()).is_ok());
                assert_eq!(text.as_bytes(), reader.payload());
            }
            if parts == Parts::AreToBe
                && !frame.is_message()
                && !frame.opcode().is_control()
                && let Err(error) = gather(&mut text, &frame, reader.payload())
            {
                return (seen, Some(error));
            }
            payload.extend_from_slice(reader.payload());
            if frame.ends() {
                let payload = std::mem::take(&mut payload);
                seen.push(Seen { fin: frame.fin(), rsv: frame.rsv(), opcode: frame.opcode(), payload });
            }
        }
    }
    (seen, None)
}

fn gather(
    text: &mut Option<TextBuffer>,
    frame: &wscodec_kernel::Frame,
    payload: &[u8],
) -> Result<(), FrameError> {
    if frame.begins() && frame.opcode() == Opcode::Text {
        *text = Some(TextBuffer::new());
    }
    if let Some(gathered) = text {
        gathered.push(payload).map_err(FrameError::InvalidUtf8)?;
        if frame.fin() && frame.ends() {
            gathered.finish().map_err(FrameError::InvalidUtf8)?;
            *text = None;
        }
    }
    Ok(())
}
