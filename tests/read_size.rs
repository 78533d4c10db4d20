//! How much is read at once: against the rule in words over all reads so far, and what it takes of memory.

mod support;

use support::{Owned, Random, frames_for, take_all};
use wscodec::{Connection, Decoder, Event, Limits, Role};

const LEAST: usize = (16 << 10) + 14;
const MOST: usize = 8 * LEAST;
const BINARY: u8 = 0x82;

/// The size that follows from all reads since the beginning, each with its room.
fn next_size(reads: &[(usize, usize)]) -> usize {
    let Some(&(room, bytes)) = reads.last() else { return LEAST };
    if bytes == room {
        return MOST.min(2 * room);
    }
    // Those in a row to the end which had this room and brought little.
    let small = reads.iter().rev().take_while(|&&(size, bytes)| size == room && bytes < room / 4).count();
    if small == 64 { LEAST.max(room / 2) } else { room }
}

/// Messages of up to `longest` bytes, `total` bytes in all.
fn messages(random: &mut Random, longest: usize, total: usize) -> Vec<Vec<u8>> {
    let (mut all, mut length) = (Vec::new(), 0);
    while length < total {
        let message = vec![u8::try_from(all.len() % 251).expect("small"); random.below(longest)];
        length += message.len() + 1;
        all.push(message);
    }
    all
}

#[test]
fn the_room_follows_the_reads_and_nothing_is_lost() {
    let (mut most, mut least) = (0, 0);
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let longest = [10, 1_000, 50_000, 700_000][random.below(4)];
        let sent = messages(&mut random, longest, 3 << 20);
        let frames: Vec<_> = sent.iter().map(|message| (BINARY, &message[..])).collect();
        let bytes = frames_for(Role::Server, &frames);
        let (mut wire, mut received) = (&bytes[..], Vec::new());
        let mut decoder = Decoder::new(Role::Server, Limits::new());
        let (mut reads, mut was_high) = (Vec::new(), false);
        // How the peer sends for the time being, and for how many reads.
        let (mut mood, mut left) = (0, 0);
        while !wire.is_empty() {
            if left == 0 {
                (mood, left) = (random.below(4), [3, 30, 90, 200][random.below(4)]);
            }
            left -= 1;
            let room = decoder.room();
            assert_eq!(room.len(), next_size(&reads), "seed {seed}, read {}", reads.len());
            let some = [room.len(), 1 + random.below(100), random.below(room.len() / 4), random.below(MOST)];
            let taken = some[mood].min(room.len()).min(wire.len());
            reads.push((room.len(), taken));
            room[..taken].copy_from_slice(&wire[..taken]);
            wire = &wire[taken..];
            decoder.filled(taken).expect("there was room");
            take_all(&mut decoder, &mut received).expect("well formed");
            was_high |= next_size(&reads) == MOST;
            most += usize::from(next_size(&reads) == MOST);
            least += usize::from(was_high && next_size(&reads) == LEAST);
            if random.below(500) == 0 {
                decoder.release();
                reads.clear();
            }
        }
        let sent: Vec<_> = sent.into_iter().map(Owned::Binary).collect();
        assert!(received == sent, "seed {seed}");
    }
    assert!(most > 500 && least > 100, "{most} and {least} reads");
}

/// Reads empty messages of up to `most` bytes in all; gives how many bytes there were or might have been.
fn read(connection: &mut Connection, most: usize) -> usize {
    let room = connection.room();
    let bytes = most.min(room.len());
    // Frames without a payload.
    room[..bytes / 2 * 2].chunks_mut(2).for_each(|frame| frame.copy_from_slice(&[BINARY, 0]));
    connection.filled(bytes / 2 * 2).expect("there was room");
    while let Some(event) = connection.next_event().expect("well formed") {
        assert!(matches!(event, Event::Message(_)));
    }
    bytes
}

#[test]
fn memory_goes_back_with_the_traffic() {
    let small = {
        let mut connection = Connection::new(Role::Client, Limits::new());
        read(&mut connection, 100);
        connection.memory()
    };
    assert!(small < LEAST + (4 << 10), "{small} bytes");
    let mut connection = Connection::new(Role::Client, Limits::new());
    let sizes: Vec<_> = (0..5).map(|_| read(&mut connection, usize::MAX)).collect();
    assert_eq!(sizes, [LEAST, 2 * LEAST, 4 * LEAST, MOST, MOST]);
    assert!(connection.memory() > MOST && connection.memory() < MOST + (8 << 10));
    for _ in 0..3 * 64 {
        read(&mut connection, 100);
    }
    assert_eq!(connection.room().len(), LEAST);
    read(&mut connection, 100);
    assert_eq!(connection.memory(), small, "as if there had been no other traffic");

    for _ in 0..5 {
        read(&mut connection, usize::MAX);
    }
    connection.release();
    assert_eq!(connection.room().len(), LEAST);
}

#[test]
fn growing_and_going_back_allocates_seldom() {
    let mut connection = Connection::new(Role::Client, Limits::new());
    let made = allocation_counter::measure(|| {
        for _ in 0..100 {
            read(&mut connection, usize::MAX);
        }
    });
    assert!(made.count_total <= 6 && made.bytes_total < 257 << 10, "{made:?}");
    // Long reads now and then keep the room.
    let made = allocation_counter::measure(|| {
        for number in 0..10_000 {
            read(&mut connection, if number % 64 == 0 { usize::MAX } else { 10 });
        }
    });
    assert_eq!(made.count_total, 0);
}

#[test]
fn what_the_user_says_stays() {
    for size in [0, 1, 100, LEAST, LEAST + 1, 200_000] {
        let mut decoder = Decoder::new(Role::Client, Limits::new()).with_read_size(size);
        for _ in 0..300 {
            assert_eq!(decoder.room().len(), size.max(1));
            decoder.filled(0).expect("no bytes");
        }
        let room = decoder.room();
        room.fill(0);
        let bytes = room.len();
        decoder.filled(bytes).expect("there was room");
        assert_eq!(decoder.room().len(), size.max(1));
        decoder.release();
        assert_eq!(decoder.room().len(), size.max(1));
    }
}
