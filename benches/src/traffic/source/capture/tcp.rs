//! Streams out of segments, whatever their order.
//!
//! Segments are kept as they come and put in order at the end of the capture. Of bytes that came twice, those that came
//! first count. What is kept has a limit.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::packet::Segment;

/// All connections of a capture.
#[derive(Debug)]
pub struct Connections {
    all: Vec<[Direction; 2]>,
    /// The one that goes on between two addresses, the smaller one first: a pair may serve several, one after the other.
    current: HashMap<(SocketAddr, SocketAddr), usize>,
    limits: Limits,
    held: usize,
    dropped: usize,
}

/// What a capture can make this program hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of segments.
    pub bytes: usize,
    pub segments: usize,
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 512 << 20, segments: 4 << 20, connections: 1 << 16 }
    }
}

/// What one end sent.
#[derive(Debug, Default)]
pub struct Direction {
    /// The newest sequence number, and its place in the stream, for which no number is too large.
    newest: Option<(u32, i64)>,
    /// Where the stream starts, if its SYN was captured.
    start: Option<i64>,
    pieces: Vec<Piece>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    place: i64,
    /// Where it lies in `bytes`.
    at: usize,
    length: usize,
}

/// One direction, in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Stream {
    pub bytes: Vec<u8>,
    /// Bytes that came after some that were not captured.
    pub cut_off: usize,
}

impl Connections {
    pub fn new(limits: Limits) -> Self {
        Self { all: Vec::new(), current: HashMap::new(), limits, held: 0, dropped: 0 }
    }

    /// Takes a segment in.
    pub fn push(&mut self, segment: &Segment<'_>) {
        if segment.payload.is_empty() && !segment.syn {
            return;
        }
        let side = usize::from(segment.from > segment.to);
        let pair = (segment.from.min(segment.to), segment.from.max(segment.to));
        let place = self.current.get(&pair).copied();
        let is_another = |place: usize| segment.syn && self.all[place][side].begins_again(segment.sequence);
        let place = match place.filter(|&place| !is_another(place)) {
            Some(place) => place,
            None if self.all.len() < self.limits.connections => {
                self.all.push(Default::default());
                self.current.insert(pair, self.all.len() - 1);
                self.all.len() - 1
            }
            None => {
                self.dropped += 1;
                return;
            }
        };
        // Segments of a byte each hold more than their bytes.
        let most_pieces = self.limits.segments.saturating_mul(size_of::<Piece>());
        let cost = segment.payload.len() + size_of::<Piece>();
        if self.held + cost > self.limits.bytes.saturating_add(most_pieces) {
            self.dropped += 1;
            return;
        }
        self.held += cost;
        self.all[place][side].push(segment);
    }

    /// Segments that were not kept, for there were too many.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Both directions of every connection, one connection after the other.
    pub fn streams(self) -> impl Iterator<Item = [Stream; 2]> {
        self.all.into_iter().map(|both| both.map(Direction::assemble))
    }
}

impl Direction {
    /// Where a sequence number lies: the nearest place to the newest one that it can mean.
    fn place(&self, sequence: u32) -> i64 {
        self.newest.map_or(0, |(newest, place)| {
            // Half of all numbers lie before, half behind.
            place + i64::from(sequence.wrapping_sub(newest).cast_signed())
        })
    }

    /// Whether a SYN of this number starts another connection.
    fn begins_again(&self, sequence: u32) -> bool {
        let start = self.place(sequence) + 1;
        match self.start {
            Some(known) => known != start,
            // Further from what is known than segments overtake each other.
            None => self.newest.is_some() && start.abs_diff(self.place_of_newest()) > FAR,
        }
    }

    fn place_of_newest(&self) -> i64 {
        self.newest.map_or(0, |(_, place)| place)
    }

    fn push(&mut self, segment: &Segment<'_>) {
        let place = self.place(segment.sequence);
        if self.newest.is_none_or(|(_, newest)| place > newest) {
            self.newest = Some((segment.sequence, place));
        }
        // A SYN takes a number (RFC 9293 section 3.4).
        let place = place + i64::from(segment.syn);
        if segment.syn {
            self.start = Some(place);
        }
        if !segment.payload.is_empty() {
            self.pieces.push(Piece { place, at: self.bytes.len(), length: segment.payload.len() });
            self.bytes.extend_from_slice(segment.payload);
        }
    }

    fn assemble(mut self) -> Stream {
        // Stable, so that of equal pieces the first one counts.
        self.pieces.sort_by_key(|piece| piece.place);
        let mut next = self.start.or(self.pieces.first().map(|piece| piece.place)).unwrap_or_default();
        let mut stream = Stream { bytes: Vec::new(), cut_off: 0 };
        for piece in &self.pieces {
            if piece.place > next || stream.cut_off > 0 {
                stream.cut_off += piece.length;
                continue;
            }
            let bytes = &self.bytes[piece.at..piece.at + piece.length];
            let known = usize::try_from(next - piece.place).unwrap_or(usize::MAX);
            if let Some(new) = bytes.get(known..) {
                stream.bytes.extend_from_slice(new);
                next += i64::try_from(new.len()).unwrap_or_default();
            }
        }
        stream
    }
}

const FAR: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn segment(sequence: u32, syn: bool, payload: &[u8]) -> Segment<'_> {
        Segment { from: address(1), to: address(2), sequence, syn, payload }
    }

    fn streams(segments: &[Segment<'_>]) -> Vec<[Stream; 2]> {
        let mut connections = Connections::new(Limits::default());
        segments.iter().for_each(|segment| connections.push(segment));
        connections.streams().collect()
    }

    #[test]
    fn any_order_and_any_repetition_gives_the_stream() {
        let mut rng = fastrand::Rng::with_seed(5);
        for round in 0..300 {
            let bytes: Vec<u8> = (0..rng.usize(1..200)).map(|_| rng.u8(..)).collect();
            // Numbers go round.
            let first = if round % 2 == 0 { u32::MAX - rng.u32(0..100) } else { rng.u32(..) };
            let data = first.wrapping_add(1);
            let mut segments = vec![segment(first, true, b"")];
            let mut place = 0;
            while place < bytes.len() {
                let end = (place + rng.usize(1..30)).min(bytes.len());
                // Some reach back.
                let back = place - rng.usize(0..=place.min(10));
                for _ in 0..rng.usize(1..3) {
                    let sequence = data.wrapping_add(u32::try_from(back).unwrap());
                    segments.push(segment(sequence, false, &bytes[back..end]));
                }
                place = end;
            }
            rng.shuffle(&mut segments);
            assert_eq!(streams(&segments)[0][0], Stream { bytes, cut_off: 0 });
        }
    }

    #[test]
    fn what_comes_behind_a_gap_is_cut_off() {
        let found = streams(&[segment(9, true, b""), segment(10, false, b"abc"), segment(14, false, b"efg")]);
        assert_eq!(found[0][0], Stream { bytes: b"abc".to_vec(), cut_off: 3 });
    }

    #[test]
    fn ports_used_again_make_another_connection() {
        let found = streams(&[
            segment(9, true, b""),
            segment(9, true, b""),
            segment(10, false, b"abc"),
            segment(5_000, true, b""),
            segment(5_001, false, b"def"),
        ]);
        let bytes: Vec<&[u8]> = found.iter().map(|[stream, _]| &*stream.bytes).collect();
        assert_eq!(bytes, [b"abc", b"def"]);
    }

    #[test]
    fn limits_hold() {
        let limits = Limits { bytes: 10, segments: 1, connections: 1 };
        let mut connections = Connections::new(limits);
        for place in 0..1_000 {
            connections.push(&segment(place * 10, false, &[7; 10]));
            connections.push(&Segment { from: address(9), ..segment(1, false, b"a") });
        }
        assert_eq!(connections.dropped(), 1_999);
        assert_eq!(
            connections.streams().map(|[one, other]| one.bytes.len() + other.bytes.len()).sum::<usize>(),
            10
        );
    }
}
