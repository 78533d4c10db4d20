//! Every masking variant, by name, against a byte loop.

mod common;

use common::{every_level, masked, noise};
use wscodec_kernel::{Level, Masker, mask};

/// Longer than every size at which the algorithm changes, and than a block on each side of it.
const LONGEST: usize = 1_100;
const ALIGNMENTS: usize = 64;
const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

every_level!(every_length_and_alignment);

/// Masks each range of an arena of noise, and checks the range against the byte loop and the rest against the noise.
fn every_length_and_alignment(level: Level) {
    let noise = noise(LONGEST + 3 * ALIGNMENTS);
    let mut arena = noise.clone();
    // Where the arena begins differs from run to run; the alignment is counted from a true boundary.
    let boundary = arena.as_ptr().align_offset(ALIGNMENTS);
    for phase in 0..4 {
        let key = rotate(KEY, phase);
        for length in 0..=LONGEST {
            for alignment in 0..ALIGNMENTS {
                let start = boundary + alignment;
                let range = start..start + length;
                level.mask(&mut arena[range.clone()], key);
                let masked_right = masked(&noise[range.clone()], key) == arena[range.clone()];
                let around_untouched =
                    arena[..start] == noise[..start] && arena[range.end..] == noise[range.end..];
                assert!(
                    masked_right && around_untouched,
                    "{level}: {length} bytes at {alignment}, key {key:x?}"
                );
                arena[range.clone()].copy_from_slice(&noise[range]);
            }
        }
    }
}

#[test]
fn the_default_is_right_over_all_lengths_up_to_a_page_and_some_longer() {
    let noise = noise(3 << 20);
    for length in (0..=4_096).chain([65_535, 65_536, 1 << 20, (3 << 20) - 1]) {
        let mut payload = noise[..length].to_vec();
        mask(&mut payload, KEY);
        assert_eq!(payload, masked(&noise[..length], KEY), "{length} bytes");
    }
}

#[test]
fn pieces_of_any_length_are_masked_as_the_whole() {
    let noise = noise(300);
    let whole = masked(&noise, KEY);
    for first in 0..=noise.len() {
        for second in [0, 1, 2, 3, 5, 64, 129] {
            let mut pieces = noise.clone();
            let mut masker = Masker::new(KEY);
            let (head, rest) = pieces.split_at_mut(first);
            let (middle, tail) = rest.split_at_mut(second.min(rest.len()));
            for piece in [head, middle, tail] {
                masker.mask(piece);
            }
            assert_eq!(pieces, whole, "split at {first} and {second} bytes later");
        }
    }
}

#[test]
fn masking_can_start_anywhere_in_a_payload() {
    let noise = noise(40);
    let whole = masked(&noise, KEY);
    for offset in 0..noise.len() {
        let mut rest = noise[offset..].to_vec();
        Masker::at(KEY, offset as u64).mask(&mut rest);
        assert_eq!(rest, whole[offset..], "from {offset}");
    }
    // The phase of an offset beyond 2^32 counts as well.
    assert_eq!(Masker::at(KEY, (1 << 40) + 3), Masker::at(KEY, 3));
}

#[test]
fn a_level_is_found_by_its_name_alone() {
    for level in Level::supported() {
        assert_eq!(Level::from_name(level.name()), Some(level));
    }
    assert_eq!(Level::from_name("AVX9000"), None);
    assert_eq!(Level::supported().next_back(), Some(Level::best()));
}

/// Emulated CPUs are told apart by this variable, so that a run under one proves which instruction set it tested.
#[test]
fn the_best_level_is_the_one_that_the_environment_expects() {
    if let Ok(expected) = std::env::var("WSCODEC_EXPECT_LEVEL") {
        assert_eq!(Level::best().name(), expected);
    }
}

fn rotate(mut key: [u8; 4], phase: usize) -> [u8; 4] {
    key.rotate_left(phase);
    key
}
