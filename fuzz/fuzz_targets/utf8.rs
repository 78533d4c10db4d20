//! The streaming validator judges as `core::str::from_utf8` does, wherever the text is cut, plain or masked, at any
//! instruction set; so do the calls for whole texts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscodec_kernel::{Level, Masker, Utf8Error, Utf8Validator};

fuzz_target!(|input: ([u8; 4], Vec<u16>, Vec<u8>)| {
    let (key, cuts, text) = input;
    let expected = first_wrong(&text);
    for level in Level::supported() {
        let whole = level.validate_text(&text).err().map(Utf8Error::offset);
        assert_eq!(whole, expected, "{level}, whole");

        let mut wire = text.clone();
        level.mask(&mut wire, key);
        let unmasked = level.unmask_text(&mut wire.clone(), key).err().map(Utf8Error::offset);
        assert_eq!(unmasked, expected, "{level}, whole and masked");

        let (mut plain, mut masked, mut masker) =
            (Utf8Validator::new(), Utf8Validator::new(), Masker::new(key));
        let (mut from, mut cuts) = (0, cuts.iter());
        while from < text.len() {
            let to = cuts.next().map_or(text.len(), |&cut| text.len().min(from + usize::from(cut)));
            let one = plain.push_with(level, &text[from..to]);
            let other = masked.push_masked_with(level, &mut wire[from..to], &mut masker);
            assert_eq!(one, other, "{level}, plain against masked");
            from = to;
        }
        assert_eq!(wire, text, "{level}, unmasked in pieces");
        let (one, other) = (plain.finish(), masked.finish());
        assert_eq!(one, other);
        assert_eq!(one.err().map(Utf8Error::offset), expected, "{level}, in pieces");
    }
});

/// The length of the longest prefix that some text begins with, if the text is not valid.
fn first_wrong(text: &[u8]) -> Option<u64> {
    let error = std::str::from_utf8(text).err()?;
    let can_go_on = |end: usize| match std::str::from_utf8(&text[..end]) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    let last = text.len().min(error.valid_up_to() + 4);
    (error.valid_up_to()..=last).rev().find(|&end| can_go_on(end)).map(|end| end as u64)
}
