//! Every instruction set masks as a byte loop does, whole and in pieces, and touches nothing else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscodec_kernel::{Level, Masker};

fuzz_target!(|input: ([u8; 4], u8, u16, Vec<u8>)| {
    let (key, start, split, arena) = input;
    let start = usize::from(start).min(arena.len());
    let expected: Vec<u8> = arena
        .iter()
        .enumerate()
        .map(|(at, byte)| if at < start { *byte } else { byte ^ key[(at - start) % 4] })
        .collect();
    for level in Level::supported() {
        let mut masked = arena.clone();
        level.mask(&mut masked[start..], key);
        assert_eq!(masked, expected, "{level}");
    }
    let mut pieces = arena;
    let payload = &mut pieces[start..];
    let (first, second) = payload.split_at_mut(usize::from(split).min(payload.len()));
    let mut masker = Masker::new(key);
    masker.mask(first);
    masker.mask(second);
    assert_eq!(pieces, expected, "in pieces");
});
