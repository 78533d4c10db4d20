//! How long contexts live, who holds them, and what that costs.

#![cfg(any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate"))]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod common;

use core::cell::RefCell;
use std::thread;

use allocation_counter::measure;
use common::for_each_backend;
use wscodec_compressors::conformance::corpus::{Kind, message};
use wscodec_compressors::{
    Backend, Capabilities, CompressionWish, CompressorConfig, DecompressError, Decompressor,
    DecompressorConfig, Encoding, FragmentEnd, InflateLimits, MessageCompressor, MessageDecompressor,
    release_shared,
};

for_each_backend![
    a_thousand_connections_without_takeover_hold_next_to_nothing,
    steady_state_allocates_nothing,
    a_bomb_costs_its_limit,
    memory_is_what_it_says,
    a_released_connection_stays_in_step,
    a_message_may_go_on_in_another_thread,
    many_messages_under_way_at_once,
    messages_in_the_destructors_of_a_thread,
    the_context_that_has_waited_longest_goes_first,
    a_long_message_leaves_little_behind,
];

/// Both ends of a connection.
struct Connection {
    compressor: MessageCompressor,
    decompressor: MessageDecompressor,
}

impl Connection {
    fn new(backend: Backend, takeover: bool) -> Self {
        Self::within(backend, takeover, InflateLimits::default())
    }

    fn within(backend: Backend, takeover: bool, limits: InflateLimits) -> Self {
        let (ours, theirs) = (CompressorConfig::default(), DecompressorConfig::default());
        Self {
            compressor: MessageCompressor::new(backend, ours.takeover(takeover)).unwrap(),
            decompressor: MessageDecompressor::new(backend, theirs.takeover(takeover), limits).unwrap(),
        }
    }

    /// Sends and receives a message, once whole and once in fragments.
    fn carry(&mut self, message: &[u8], payload: &mut Vec<u8>, out: &mut Vec<u8>) {
        payload.clear();
        out.clear();
        assert_eq!(self.compressor.message(message, WISH, payload), Ok(Encoding::Deflate));
        self.decompressor.message(payload, out).unwrap();
        assert!(out == message);

        payload.clear();
        out.clear();
        let (begun, end) = message.split_at(message.len() / 2);
        self.compressor.fragment(begun, FragmentEnd::Frame, WISH, payload).unwrap();
        let frame = payload.len();
        self.compressor.fragment(end, FragmentEnd::Message, WISH, payload).unwrap();
        self.decompressor.fragment(&payload[..frame], false, out).unwrap();
        self.decompressor.fragment(&payload[frame..], true, out).unwrap();
        assert!(out == message);
    }

    fn memory(&self) -> usize {
        self.compressor.memory() + self.decompressor.memory()
    }
}

const WISH: CompressionWish = CompressionWish::Compress;

fn json(length: usize) -> Vec<u8> {
    message(Kind::Json, length, 1)
}

fn takeovers(backend: Backend) -> impl Iterator<Item = bool> {
    [false, true].into_iter().filter(move |takeover| !takeover || backend.capabilities().takeover)
}

fn bytes(count: impl TryInto<usize, Error: core::fmt::Debug>) -> usize {
    count.try_into().unwrap()
}

fn a_thousand_connections_without_takeover_hold_next_to_nothing(backend: Backend) {
    let (message, mut payload, mut out) =
        (json(5000), Vec::with_capacity(10_000), Vec::with_capacity(10_000));
    release_shared();
    let mut connections = Vec::new();
    let held = measure(|| {
        connections.extend((0..1000).map(|_| Connection::new(backend, false)));
    });
    let nothing_yet = bytes(held.bytes_current);
    assert_eq!(held.count_current, 1, "the list of them, and nothing of theirs");
    let used = measure(|| {
        for _ in 0..2 {
            connections.iter_mut().for_each(|c| c.carry(&message, &mut payload, &mut out));
        }
        release_shared();
    });
    let after = nothing_yet + bytes(used.bytes_current);
    assert!(after <= 1000 * 1024, "{after} bytes of 1000 connections");
    assert!(bytes(used.bytes_max) < 1_500_000, "one context for each direction: {}", used.bytes_max);
    for connection in &connections {
        assert!(connection.compressor.memory() <= 512 && connection.decompressor.memory() <= 512);
    }
    assert!(size_of::<Connection>() <= 1024);
}

fn steady_state_allocates_nothing(backend: Backend) {
    for takeover in takeovers(backend) {
        let mut connections = [(); 3].map(|()| Connection::new(backend, takeover));
        let (message, mut payload, mut out) = (json(3000), Vec::new(), Vec::new());
        let mut round = || connections.iter_mut().for_each(|c| c.carry(&message, &mut payload, &mut out));
        (0..30).for_each(|_| round());
        let made = measure(|| (0..30).for_each(|_| round()));
        assert_eq!(made.count_total, 0, "{backend}, takeover {takeover}");
    }
}

fn a_bomb_costs_its_limit(backend: Backend) {
    let mut bomb = Vec::new();
    let config = CompressorConfig::default().takeover(false);
    backend.compressor(config).unwrap().compress(&vec![0; 50_000_000], &mut bomb).unwrap();
    let chunks = [bomb.len(), 1000, 7];
    for takeover in takeovers(backend) {
        for limit in [0, 1000, 100_000, 5_000_000] {
            for chunk in chunks {
                release_shared();
                let limits = InflateLimits::default().message(limit);
                let used = measure(|| {
                    let mut connection = Connection::within(backend, takeover, limits);
                    let mut out = Vec::new();
                    let mut frames = bomb.chunks(chunk).map(|frame| {
                        connection.decompressor.fragment(
                            frame,
                            std::ptr::eq(frame.as_ptr_range().end, bomb.as_ptr_range().end),
                            &mut out,
                        )
                    });
                    let error = frames.find_map(Result::err);
                    assert_eq!(error, Some(DecompressError::TooLong { limit }));
                });
                // A vector that grows holds the old one and the new one, both of the output and of what is gathered; and
                // there are the contexts.
                let most = limit * 2 + bomb.len() * 4 + 300_000;
                assert!(bytes(used.bytes_max) <= most, "{backend}, {limit}, {chunk}: {}", used.bytes_max);
            }
        }
        // What is refused by its length on the wire is not even gathered.
        let limits = InflateLimits::default().wire(1000);
        let mut connection = Connection::within(backend, takeover, limits);
        release_shared();
        let used = measure(|| {
            let result = connection.decompressor.fragment(&bomb, false, &mut Vec::new());
            assert_eq!(result, Err(DecompressError::WireTooLong { limit: 1000 }));
        });
        assert_eq!(used.bytes_max, 0);
    }
}

fn memory_is_what_it_says(backend: Backend) {
    for takeover in takeovers(backend) {
        let mut connection = Box::new(Connection::new(backend, takeover));
        let (message, mut payload, mut out) =
            (json(5000), Vec::with_capacity(100_000), Vec::with_capacity(100_000));
        release_shared();
        let mut held = i64::try_from(size_of::<Connection>()).unwrap();
        let close = |said: usize, held: i64, what: &str| {
            let held = bytes(held);
            assert!(said.abs_diff(held) <= held / 50 + 1024, "{backend}, {takeover}, {what}: {said}, {held}");
        };
        held += measure(|| connection.carry(&message, &mut payload, &mut out)).bytes_current;
        held += measure(release_shared).bytes_current;
        close(connection.memory(), held, "after messages");

        // Within a message, what it works with is its own.
        out.clear();
        let (mut first, mut last) = (Vec::with_capacity(100_000), Vec::with_capacity(100_000));
        let Connection { compressor, decompressor } = &mut *connection;
        held += measure(|| {
            compressor.fragment(&message, FragmentEnd::Frame, WISH, &mut first).unwrap();
            decompressor.fragment(&first, false, &mut out).unwrap();
            release_shared();
        })
        .bytes_current;
        close(connection.memory(), held, "within a message");
        let within = connection.memory();
        connection.compressor.release();
        connection.decompressor.release();
        assert_eq!(connection.memory(), within, "nothing can be given back there");
        let Connection { compressor, decompressor } = &mut *connection;
        held += measure(|| {
            compressor.fragment(&message, FragmentEnd::Message, WISH, &mut last).unwrap();
            decompressor.fragment(&last, true, &mut out).unwrap();
            release_shared();
        })
        .bytes_current;
        close(connection.memory(), held, "after it");
        assert!(out == [&message[..], &message].concat());

        held += measure(|| {
            connection.compressor.release();
            connection.decompressor.release();
        })
        .bytes_current;
        close(connection.memory(), held, "released");
        assert!(connection.compressor.memory() < 512, "a sender need not remember anything");
        connection.carry(&message, &mut payload, &mut out);
    }
}

fn a_released_connection_stays_in_step(backend: Backend) {
    for takeover in takeovers(backend) {
        let mut connection = Connection::new(backend, takeover);
        let (message, mut payload, mut out) = (json(20_000), Vec::new(), Vec::new());
        let mut lengths = Vec::new();
        for round in 0..6 {
            connection.carry(&message, &mut payload, &mut out);
            lengths.push(payload.len());
            // Only the receiver: the sender goes on referring to what was before.
            connection.decompressor.release();
            if round == 3 {
                connection.compressor.release();
            }
        }
        payload.clear();
        connection.compressor.release();
        connection.compressor.message(&message, WISH, &mut payload).unwrap();
        let fresh = payload.len();
        let refers = lengths.iter().all(|length| length * 3 < fresh * 2);
        assert_eq!(refers, takeover, "{lengths:?}, and from scratch {fresh}");
    }
}

fn a_message_may_go_on_in_another_thread(backend: Backend) {
    for takeover in takeovers(backend) {
        let mut connections = [(); 8].map(|()| Connection::new(backend, takeover));
        let message = json(6000);
        for _ in 0..3 {
            let mut payloads = [(); 8].map(|()| Vec::new());
            let mut outs = [(); 8].map(|()| Vec::new());
            for (i, piece) in message.chunks(1000).enumerate() {
                let last = i == 5;
                thread::scope(|scope| {
                    for ((connection, payload), out) in
                        connections.iter_mut().zip(&mut payloads).zip(&mut outs)
                    {
                        scope.spawn(move || {
                            let end = if last { FragmentEnd::Message } else { FragmentEnd::Frame };
                            payload.clear();
                            connection.compressor.fragment(piece, end, WISH, payload).unwrap();
                            connection.decompressor.fragment(payload, last, out).unwrap();
                        });
                    }
                });
            }
            assert!(outs.iter().all(|out| *out == message));
        }
        for connection in &mut connections {
            connection.carry(&message, &mut Vec::new(), &mut Vec::new());
        }
    }
}

/// More contexts at once than a thread keeps, and of more kinds.
fn many_messages_under_way_at_once(backend: Backend) {
    let config = CompressorConfig::default().takeover(false);
    let message = json(4000);
    let mut compressors: Vec<_> = (0..40)
        .map(|i| MessageCompressor::new(backend, config.level(1 + i % 9).window_bits(15 - i % 2)).unwrap())
        .collect();
    release_shared();
    let mut payloads: Vec<_> = compressors.iter().map(|_| Vec::with_capacity(40_000)).collect();
    let used = measure(|| {
        for end in [FragmentEnd::Frame, FragmentEnd::Open, FragmentEnd::Message] {
            for (compressor, payload) in compressors.iter_mut().zip(&mut payloads) {
                compressor.fragment(&message, end, WISH, payload).unwrap();
            }
        }
    });
    let contexts = bytes(used.bytes_current);
    let one = backend.compressor(config).unwrap().memory().max(400_000);
    assert!(contexts <= 8 * one * 3, "{contexts} bytes wait");
    let freed = measure(release_shared);
    assert_eq!(freed.bytes_current + used.bytes_current, 0, "and can be freed");

    let theirs = DecompressorConfig::default().takeover(false);
    let mut decompressor = MessageDecompressor::new(backend, theirs, InflateLimits::default()).unwrap();
    for (compressor, payload) in compressors.iter().zip(&payloads) {
        let mut out = Vec::new();
        if compressor.config().window_bits == 15 || backend.capabilities().window_bits.contains(&14) {
            decompressor.message(payload, &mut out).unwrap();
        } else {
            out.extend_from_slice(payload);
        }
        assert!(out == [&message[..], &message, &message].concat());
    }
}

/// Nine contexts, where eight wait: the last eight need none made.
fn the_context_that_has_waited_longest_goes_first(backend: Backend) {
    let config = CompressorConfig::default().takeover(false);
    let mut compressors: Vec<_> =
        (1..=9).map(|level| MessageCompressor::new(backend, config.level(level)).unwrap()).collect();
    let (message, mut payload) = (json(4000), Vec::with_capacity(10_000));
    let mut send = |compressor: &mut MessageCompressor| {
        payload.clear();
        measure(|| {
            compressor.message(&message, WISH, &mut payload).unwrap();
        })
        .count_total
    };
    release_shared();
    for compressor in &mut compressors {
        assert!(send(compressor) > 0, "{backend}: made");
    }
    for compressor in &mut compressors[1..] {
        assert_eq!(send(compressor), 0, "{backend}: waited");
    }
    assert!(send(&mut compressors[0]) > 0, "{backend}: crowded out");
    // By which the second has been, which is now the oldest.
    assert!(send(&mut compressors[1]) > 0, "{backend}: crowded out in turn");
    assert_eq!(send(&mut compressors[8]), 0);
}

/// Of what is as long as a message, a thread keeps what most of them need: the room for a payload and a message, and that for
/// the frames of one.
fn a_long_message_leaves_little_behind(backend: Backend) {
    let config = CompressorConfig::default().takeover(false);
    let mut compressor = backend.compressor(config).unwrap();
    for length in [40_000, 400_000, 4_000_000] {
        let (message, mut payload) = (message(Kind::Random, length, 1), Vec::new());
        compressor.compress(&message, &mut payload).unwrap();
        for frames in [1, 2] {
            let mut connection = Connection::new(backend, false);
            release_shared();
            for frame in payload.chunks(payload.len().div_ceil(frames)) {
                let last = frame.as_ptr_range().end == payload.as_ptr_range().end;
                connection.decompressor.fragment(frame, last, &mut Vec::new()).unwrap();
            }
            assert!(connection.decompressor.memory() < 512);
            let kept = bytes(-measure(release_shared).bytes_current);
            let most = if length > 512 << 10 { 128 << 10 } else { (1 << 20) + (128 << 10) };
            assert!(kept <= most, "{backend}, {length} in {frames}: {kept}");
        }
    }
}

/// What it gathered of a message that is longer than most is freed, and of another one waits for the next.
#[test]
fn the_room_for_long_frames_is_not_kept() {
    let theirs = DecompressorConfig::default().takeover(false);
    for (length, most) in [(60_000, 64 << 10), (70_000, 0), (4_000_000, 0)] {
        let mut decompressor =
            MessageDecompressor::with_own(Box::new(Nothing), theirs, InflateLimits::default());
        release_shared();
        let (frame, mut out) = (vec![0; length], Vec::new());
        decompressor.fragment(&frame, false, &mut out).unwrap();
        assert!(decompressor.memory() >= length);
        decompressor.fragment(&[], true, &mut out).unwrap();
        assert!(decompressor.memory() < 512);
        let kept = -measure(release_shared).bytes_current;
        assert!(bytes(kept) <= most, "{length}: {kept} bytes");
    }
}

/// Knows whole messages only, and each is empty.
struct Nothing;

impl Decompressor for Nothing {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(true, 8..=15, 0..=0)
    }

    fn engine(&self) -> &'static str {
        "nothing"
    }

    fn decompress(&mut self, _: &[u8], _: usize, _: &mut Vec<u8>) -> Result<(), DecompressError> {
        Ok(())
    }

    fn reset(&mut self) {}

    fn memory(&self) -> usize {
        0
    }
}

/// Sends a message when its thread ends.
struct AtTheEnd(Backend);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        release_shared();
        Connection::new(self.0, false).carry(&json(1000), &mut Vec::new(), &mut Vec::new());
        release_shared();
        Connection::new(self.0, false).carry(&json(1000), &mut Vec::new(), &mut Vec::new());
    }
}

thread_local! {
    static AT_THE_END: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
}

fn messages_in_the_destructors_of_a_thread(backend: Backend) {
    for before in [false, true] {
        let ending = thread::spawn(move || {
            let register = || AT_THE_END.with_borrow_mut(|slot| *slot = Some(AtTheEnd(backend)));
            if before {
                register();
            }
            Connection::new(backend, false).carry(&json(1000), &mut Vec::new(), &mut Vec::new());
            if !before {
                register();
            }
        });
        ending.join().unwrap();
    }
}

#[test]
fn connections_move_between_threads() {
    fn is_send<T: Send + core::fmt::Debug>() {}
    is_send::<MessageCompressor>();
    is_send::<MessageDecompressor>();
}

/// A backend with takeover that only knows whole messages.
struct Whole(Box<dyn Decompressor>);

impl Decompressor for Whole {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(true, 8..=15, 0..=0)
    }

    fn engine(&self) -> &'static str {
        "whole"
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        self.0.decompress(payload, limit, out)
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn memory(&self) -> usize {
        self.0.memory()
    }
}

#[test]
fn a_receiver_of_ones_own_gets_whole_messages() {
    for backend in Backend::available() {
        for takeover in takeovers(backend) {
            let theirs = DecompressorConfig::default().takeover(takeover);
            let own = Box::new(Whole(backend.decompressor(theirs).unwrap()));
            let mut connection = Connection::new(backend, takeover);
            connection.decompressor =
                MessageDecompressor::with_own(own, theirs, InflateLimits::default().message(2000));
            assert_eq!(connection.decompressor.engine(), "whole");
            assert_eq!(connection.decompressor.config(), theirs);
            let (mut payload, mut out) = (Vec::new(), Vec::new());
            for _ in 0..3 {
                connection.carry(&json(2000), &mut payload, &mut out);
                connection.decompressor.release();
            }
            payload.clear();
            connection.compressor.message(&json(2001), WISH, &mut payload).unwrap();
            let refused = connection.decompressor.message(&payload, &mut out);
            assert_eq!(refused, Err(DecompressError::TooLong { limit: 2000 }));
            connection.compressor.release();
            payload.clear();
            connection.compressor.message(&json(2000), WISH, &mut payload).unwrap();
            let next = connection.decompressor.message(&payload, &mut out);
            assert_eq!(next, if takeover { Err(DecompressError::OutOfStep) } else { Ok(()) });
        }
    }
}

#[test]
fn an_engine_is_named_before_and_after_it_is_made() {
    for backend in Backend::available() {
        for takeover in takeovers(backend) {
            let config = CompressorConfig::default().takeover(takeover);
            let theirs = DecompressorConfig::default().takeover(takeover);
            let (ours, peers) = (
                backend.compressor(config).unwrap().engine(),
                backend.decompressor(theirs).unwrap().engine(),
            );
            let mut connection = Connection::new(backend, takeover);
            for _ in 0..2 {
                assert_eq!(connection.compressor.engine(), ours);
                assert_eq!(connection.decompressor.engine(), peers);
                connection.carry(&json(1000), &mut Vec::new(), &mut Vec::new());
            }
        }
    }
}
