//! How many entries a table needs at most, found by going through all complete codes that there are.

use std::collections::HashMap;

use super::super::lengths::Lengths;
use super::super::table::{DISTANCE_BITS, DistanceTable, Entry, LITERAL_BITS, LiteralTable};
use super::{codewords, distance};

/// What blocks may have (RFC 1951 section 3.2.7).
const LITERALS: usize = 286;
const DISTANCES: usize = 30;

/// Fewer symbols never need more, and the code that needs most is read rightly up to the last entry.
#[test]
fn the_room_is_what_the_worst_codes_need() {
    let mut search = Search { bits: LITERAL_BITS, known: HashMap::new() };
    let (most, lengths) = search.of(LITERALS);
    for fewer in LITERALS - 3..LITERALS {
        assert!(search.of(fewer).0 <= most);
    }
    // What zlib's `enough` says, too.
    assert_eq!((most, LiteralTable::ROOM), (1332, most));
    let mut table = LiteralTable::new();
    assert!(table.of_literals(given(&lengths).code(0, LITERALS)));
    reads(
        |bits| table.look_up(bits),
        &lengths,
        |entry, bits, symbol| match symbol {
            0..=255 => entry.is_literal() && usize::from(entry.byte()) == symbol,
            256 => entry.is_end_of_block(),
            _ => !entry.is_exception() && (3..=258).contains(&entry.value(bits)),
        },
    );

    let mut search = Search { bits: DISTANCE_BITS, known: HashMap::new() };
    let (most, lengths) = search.of(DISTANCES);
    for fewer in 2..DISTANCES {
        assert!(search.of(fewer).0 <= most);
    }
    assert_eq!((most, DistanceTable::ROOM), (400, most));
    let mut table = DistanceTable::new();
    assert!(table.of_distances(given(&lengths).code(0, DISTANCES)));
    reads(
        |bits| table.look_up(bits),
        &lengths,
        |entry, bits, symbol| !entry.is_exception() && entry.value(bits) >= distance(symbol).0,
    );
}

fn given(lengths: &[u8]) -> Lengths<LITERALS> {
    let mut given = Lengths::new();
    for (symbol, &length) in lengths.iter().enumerate() {
        given.set(symbol, length);
    }
    given
}

/// Whether every codeword is found, whatever comes behind it.
fn reads(look_up: impl Fn(u64) -> Entry, lengths: &[u8], means: impl Fn(Entry, u64, usize) -> bool) {
    for (length, word, symbol) in codewords(lengths) {
        for behind in 0..1 << (15 - length) {
            let bits = word | behind << length;
            let entry = look_up(bits);
            assert!(entry.bits() >= length && means(entry, bits, symbol), "{symbol}: {bits:b}");
        }
    }
}

/// Goes through the codes length by length, as zlib's `enough.c` does.
struct Search {
    bits: u32,
    /// The most entries that subtables take, and how many codewords of the length that comes next they take it with.
    known: HashMap<Place, Option<(usize, usize)>>,
}

/// How far a code is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    length: u32,
    symbols: usize,
    /// Codewords of this length that no shorter one begins.
    open: usize,
    /// Those of them that belong to a subtable which there is already.
    begun: usize,
}

impl Search {
    /// The most entries that a table needs with its subtables, and the lengths of such a code.
    fn of(&mut self, symbols: usize) -> (usize, Vec<u8>) {
        let mut place = Place { length: 1, symbols, open: 2, begun: 0 };
        let (subtables, _) = self.most(place).unwrap();
        let mut lengths = Vec::new();
        while place.symbols > 0 {
            let (_, count) = self.most(place).unwrap();
            lengths.extend(std::iter::repeat_n(u8::try_from(place.length).unwrap(), count));
            place = self.after(place, count).0;
        }
        // A shorter code's table is smaller, and has no subtables.
        (subtables + if subtables > 0 { 1 << self.bits } else { 0 }, lengths)
    }

    fn most(&mut self, place: Place) -> Option<(usize, usize)> {
        if place.symbols <= place.open {
            let (_, entries) = self.after(place, place.symbols);
            return (place.symbols == place.open).then_some((entries, place.symbols));
        }
        if place.length == 15 {
            return None;
        }
        if let Some(known) = self.known.get(&place) {
            return *known;
        }
        let mut best = None;
        for count in 0..place.open {
            let (next, entries) = self.after(place, count);
            if let Some((more, _)) = self.most(next)
                && best.is_none_or(|(most, _)| entries + more > most)
            {
                best = Some((entries + more, count));
            }
        }
        self.known.insert(place, best);
        best
    }

    /// Where `count` codewords of this length lead, and the entries that are added.
    fn after(&self, place: Place, count: usize) -> (Place, usize) {
        let (mut begun, mut entries) = (place.begun, 0);
        if place.length > self.bits {
            while begun < count {
                begun += 1 << (place.length - self.bits);
                entries += 1 << (place.length - self.bits);
            }
            begun -= count;
            if begun > 0 && place.symbols > count {
                // One that isn't full yet gets twice as large.
                begun *= 2;
                entries += 1 << (place.length - self.bits);
            }
        }
        let next = Place {
            length: place.length + 1,
            symbols: place.symbols - count,
            open: 2 * (place.open - count),
            begun,
        };
        (next, entries)
    }
}
