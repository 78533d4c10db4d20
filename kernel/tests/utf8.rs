//! The streaming UTF-8 validator against `core::str::from_utf8`, over every split.

use wscodec_kernel::{CloseCode, Utf8Validator};

/// Codepoints at both ends of each length, and the ways to get them wrong, each between other text.
const CASES: [&[u8]; 26] = [
    b"",
    b"plain",
    "κόσμε".as_bytes(),
    "\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}".as_bytes(),
    "\u{D7FF}\u{E000}\u{FFFD}".as_bytes(),
    "日本語テキスト😋✨ and a line of plain text".as_bytes(),
    b"a\x80b",
    b"a\xBFb",
    b"a\xC0\x80b",
    b"a\xC1\xBFb",
    b"a\xC3b",
    b"a\xC3\xC3",
    b"a\xE0\x80\x80",
    b"a\xE0\x9F\xBF",
    b"a\xE2\x82b",
    b"a\xE2\x82",
    b"a\xE2",
    b"a\xED\xA0\x80",
    b"a\xED\xBF\xBF",
    b"a\xF0\x80\x80\x80",
    b"a\xF0\x8F\xBF\xBF",
    b"a\xF0\x9F\x98b",
    b"a\xF0\x9F\x98",
    b"a\xF4\x90\x80\x80",
    b"a\xF5\x80\x80\x80",
    b"a\xFE\xFF",
];

#[test]
fn every_split_gives_the_verdict_and_the_offset_of_the_oracle() {
    for text in CASES {
        let expected = first_bad_byte(text);
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                assert_eq!(validate(&pieces), expected, "{text:x?} split at {first} and {second}");
            }
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(validate(&bytes), expected, "{text:x?} byte by byte");
    }
}

#[test]
fn every_sequence_of_three_bytes_is_judged_as_by_the_oracle() {
    // The interesting bytes: both sides of each boundary of the tables of RFC 3629 section 4.
    let bytes = [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
        0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ];
    for a in bytes {
        for b in bytes {
            for c in bytes {
                for d in bytes {
                    let text = [a, b, c, d];
                    let expected = first_bad_byte(&text);
                    assert_eq!(validate(&[&text]), expected, "{text:x?}");
                    assert_eq!(validate(&[&text[..1], &text[1..3], &text[3..]]), expected, "{text:x?} split");
                }
            }
        }
    }
}

#[test]
fn the_error_comes_with_the_byte_that_is_wrong() {
    let mut validator = Utf8Validator::new();
    validator.push(b"abc\xE2").expect("can still become text");
    validator.push(b"\x82").expect("can still become text");
    let error = validator.push(b"(").expect_err("a continuation byte was due");
    assert_eq!((error.offset(), error.close_code()), (5, CloseCode::INVALID_PAYLOAD));
}

#[test]
fn a_codepoint_cut_short_is_seen_at_the_end_also_after_an_empty_piece() {
    let mut validator = Utf8Validator::new();
    validator.push(b"a\xF0\x9F\x98").expect("can still become text");
    validator.push(b"").expect("nothing new");
    assert_eq!(validator.finish().expect_err("one byte is missing").offset(), 4);
}

#[test]
fn an_error_stays_until_the_text_ends_and_leaves_nothing_to_the_next() {
    let mut validator = Utf8Validator::new();
    let error = validator.push(b"\xFF").expect_err("never valid");
    assert_eq!(validator.push(b"fine"), Err(error));
    assert_eq!(validator.finish(), Err(error));
    validator.push(b"fine").expect("a new text");
    validator.finish().expect("valid");
    validator.push(b"\xE2").expect("can still become text");
    validator.reset();
    validator.push(b"fine").expect("a new text");
    assert_eq!(validator.finish(), Ok(()));
}

fn validate(pieces: &[&[u8]]) -> Option<u64> {
    let mut validator = Utf8Validator::new();
    let pushed = pieces.iter().try_for_each(|piece| validator.push(piece));
    pushed.and_then(|()| validator.finish()).err().map(wscodec_kernel::Utf8Error::offset)
}

/// The oracle: the length of the longest prefix that some valid text begins with, if that is not all of a valid text.
fn first_bad_byte(text: &[u8]) -> Option<u64> {
    if std::str::from_utf8(text).is_ok() {
        return None;
    }
    let can_go_on = |prefix: &[u8]| match std::str::from_utf8(prefix) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    let longest = (0..=text.len()).rev().find(|&length| can_go_on(&text[..length]));
    longest.map(|length| length as u64)
}
