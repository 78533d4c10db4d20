//! Binary messages: serialised records, and bytes without any pattern.

use fastrand::Rng;

use super::words::WORDS;

/// Records in the manner of Protocol Buffers: tags, varints, fixed words, short strings.
pub fn protobuf(rng: &mut Rng, sequence: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    varint_field(&mut bytes, 1, 5_000_000 + sequence as u64);
    for _ in 0..rng.usize(2..10) {
        let record = record(rng);
        length_field(&mut bytes, 2, &record);
    }
    bytes
}

/// Bytes that no compressor can shorten: 16 B to 4 KiB, the short ones more often.
pub fn random(rng: &mut Rng, _sequence: usize) -> Vec<u8> {
    let longest = 16 << rng.u32(1..9);
    let mut bytes = vec![0; rng.usize(16..=longest)];
    rng.fill(&mut bytes);
    bytes
}

fn record(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    varint_field(&mut bytes, 1, rng.u64(..1_000));
    length_field(&mut bytes, 2, WORDS[rng.usize(..WORDS.len())].as_bytes());
    tag(&mut bytes, 3, 5);
    bytes.extend((rng.f32() * 100.0).to_le_bytes());
    if rng.bool() {
        varint_field(&mut bytes, 4, rng.u64(..u64::from(u32::MAX)));
    }
    bytes
}

fn varint_field(bytes: &mut Vec<u8>, field: u64, value: u64) {
    tag(bytes, field, 0);
    varint(bytes, value);
}

fn length_field(bytes: &mut Vec<u8>, field: u64, value: &[u8]) {
    tag(bytes, field, 2);
    varint(bytes, value.len() as u64);
    bytes.extend(value);
}

fn tag(bytes: &mut Vec<u8>, field: u64, wire_type: u64) {
    varint(bytes, field << 3 | wire_type);
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
