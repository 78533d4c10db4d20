//! The streaming validator judges as `core::str::from_utf8` does, wherever the text is split.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscodec_kernel::Utf8Validator;

fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let (splits, text) = input;
    let mut validator = Utf8Validator::new();
    let mut rest = &text[..];
    let mut pushed = Ok(());
    for split in splits {
        let (piece, after) = rest.split_at(usize::from(split).min(rest.len()));
        pushed = pushed.and_then(|()| validator.push(piece));
        rest = after;
    }
    let verdict = pushed.and_then(|()| validator.push(rest)).and_then(|()| validator.finish());
    match (verdict, std::str::from_utf8(&text)) {
        (Ok(()), Ok(_)) => {}
        (Err(error), Err(expected)) => {
            let offset = usize::try_from(error.offset()).expect("within the text");
            let sequence = expected.valid_up_to()..=expected.valid_up_to() + 3;
            assert!(sequence.contains(&offset) && offset <= text.len());
            // All before the offset can still become text, all up to it can't.
            let cut_short = |prefix: &[u8]| match std::str::from_utf8(prefix) {
                Ok(_) => true,
                Err(error) => error.error_len().is_none(),
            };
            assert!(cut_short(&text[..offset]));
            assert!(offset == text.len() || !cut_short(&text[..=offset]));
        }
        (verdict, expected) => panic!("{verdict:?} against {expected:?}"),
    }
});
