//! What anybody would write in a minute, and the limit that nobody can beat.

use super::layout::Slot;

/// A byte at a time: the definition in RFC 6455 section 5.3, and the oracle of this section.
pub fn bytes(payload: &mut [u8], key: [u8; 4]) {
    for (index, byte) in payload.iter_mut().enumerate() {
        *byte ^= key[index & 3];
    }
}

/// Eight bytes at a time, and the rest one by one.
pub fn words(payload: &mut [u8], key: [u8; 4]) {
    let half = u64::from(u32::from_ne_bytes(key));
    let word = half | half << 32;
    let (words, rest) = payload.as_chunks_mut::<8>();
    for bytes in words {
        *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    bytes(rest, key);
}

/// What [`constant`] XORs with.
pub const CONSTANT: u8 = 0x5A;

/// The limit: every payload of a read XORed with one constant byte, by the widest vectors that the CPU has, stored to
/// aligned addresses, with one dispatch a read. It has no key to prepare and none to rotate, and so it is not masking.
pub fn constant(arch: pulp::Arch, buffer: &mut [u8], read: &[Slot]) {
    arch.dispatch(
        #[inline(always)]
        || {
            for slot in read {
                constant_payload(&mut buffer[slot.payload()]);
            }
        },
    );
}

// Both are inlined into what is compiled for the CPU at hand, or they would be compiled for any.

#[inline(always)]
fn constant_payload(payload: &mut [u8]) {
    if payload.len() < 64 {
        return constant_bytes(payload);
    }
    // The ends overlap the aligned middle, so they are read before it is written.
    let end = payload.len() - 64;
    let (mut first, mut last) = ([0; 64], [0; 64]);
    first.copy_from_slice(&payload[..64]);
    last.copy_from_slice(&payload[end..]);
    constant_bytes(&mut first);
    constant_bytes(&mut last);
    let aligned = payload.as_ptr().align_offset(64).min(64);
    let (blocks, _) = payload[aligned..].as_chunks_mut::<64>();
    constant_bytes(blocks.as_flattened_mut());
    payload[..64].copy_from_slice(&first);
    payload[end..].copy_from_slice(&last);
}

/// One flat loop: that is the form which the compiler makes full-width vectors of.
#[inline(always)]
fn constant_bytes(bytes: &mut [u8]) {
    for byte in bytes {
        *byte ^= CONSTANT;
    }
}
