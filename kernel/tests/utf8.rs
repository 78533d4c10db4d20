//! The streaming UTF-8 validator against `core::str::from_utf8`, over every split.

mod common;

use common::{Random, every_level, first_bad_byte, masked};
use wscodec_kernel::{CloseCode, Level, Masker, Utf8Validator};

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

every_level!(every_split);
fn every_split(level: Level) {
    for text in CASES {
        let expected = first_bad_byte(text);
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                assert_eq!(validate(level, &pieces), expected, "{text:x?} split at {first} and {second}");
            }
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(validate(level, &bytes), expected, "{text:x?} byte by byte");
    }
}

every_level!(every_sequence_of_interesting_bytes);
fn every_sequence_of_interesting_bytes(level: Level) {
    // Both sides of each boundary of the tables of RFC 3629 section 4.
    let bytes = [
        0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
        0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ];
    for a in bytes {
        for b in bytes {
            for c in bytes {
                for d in bytes {
                    let text = [a, b, c, d];
                    let expected = first_bad_byte(&text);
                    assert_eq!(validate(level, &[&text]), expected, "{text:x?}");
                    assert_eq!(
                        validate(level, &[&text[..1], &text[1..3], &text[3..]]),
                        expected,
                        "{text:x?}"
                    );
                }
            }
        }
    }
}

every_level!(one_wrong_byte_anywhere);
fn one_wrong_byte_anywhere(level: Level) {
    let texts = ["plain ASCII, as most of it is. ".repeat(7), "日本語😋é".repeat(16), "é".repeat(97)];
    for text in texts {
        for length in 0..=text.len() {
            assert_eq!(
                validate(level, &[&text.as_bytes()[..length]]),
                first_bad_byte(&text.as_bytes()[..length]),
                "{length} bytes of {text:?}"
            );
        }
        for place in 0..text.len() {
            for wrong in [0x00, 0x80, 0xC0, 0xC3, 0xE0, 0xED, 0xF0, 0xF4, 0xFF] {
                let mut bytes = text.clone().into_bytes();
                bytes[place] = wrong;
                let expected = first_bad_byte(&bytes);
                assert_eq!(validate(level, &[&bytes]), expected, "{wrong:x} at {place} of {text:?}");
                let (first, second) = bytes.split_at(place);
                assert_eq!(
                    validate(level, &[first, second]),
                    expected,
                    "{wrong:x} at {place} of {text:?}, split"
                );
            }
        }
    }
}

every_level!(random_text_in_random_pieces);
fn random_text_in_random_pieces(level: Level) {
    let mut random = Random::new(1);
    for _ in 0..2_000 {
        let mut text = String::new();
        let kinds = 1 + random.below(4);
        for _ in 0..random.below(200) {
            text.push(['a', 'ü', '語', '😋'][random.below(kinds)]);
        }
        let mut bytes = text.into_bytes();
        if random.below(2) == 0 && !bytes.is_empty() {
            let place = random.below(bytes.len());
            bytes[place] = random.next().to_le_bytes()[0];
        }
        let mut pieces = Vec::new();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(random.below(rest.len().min(150) + 1));
            pieces.push(piece);
            rest = after;
        }
        assert_eq!(validate(level, &pieces), first_bad_byte(&bytes), "{bytes:x?}");
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

/// Where the text goes wrong, the same whether it comes plain or masked.
fn validate(level: Level, pieces: &[&[u8]]) -> Option<u64> {
    let mut validator = Utf8Validator::new();
    let pushed = pieces.iter().try_for_each(|piece| validator.push_with(level, piece));
    let plain = pushed.and(validator.finish());

    let key = [0x80, 0xFF, 0x37, 0x00];
    let wire = masked(&pieces.concat(), key);
    let mut rest = &wire[..];
    let mut masker = Masker::new(key);
    let mut first_error = Ok(());
    for piece in pieces {
        let (mut unmasked, after) = (rest[..piece.len()].to_vec(), &rest[piece.len()..]);
        let pushed = validator.push_masked_with(level, &mut unmasked, &mut masker);
        assert_eq!(unmasked, *piece, "unmasked, valid or not");
        first_error = first_error.and(pushed);
        rest = after;
    }
    assert_eq!(first_error.and(validator.finish()), plain, "{pieces:x?}");

    let wire_length = wire.len();
    let mut whole = wire;
    assert_eq!(level.unmask_text(&mut whole, key).map(str::len), plain.map(|()| wire_length));
    assert_eq!(whole, pieces.concat());
    assert_eq!(level.validate_text(&whole).map(str::len), plain.map(|()| wire_length));
    plain.err().map(wscodec_kernel::Utf8Error::offset)
}

#[cfg(feature = "alloc")]
#[test]
fn a_text_buffer_holds_what_is_valid_so_far_at_every_cut() {
    use wscodec_kernel::TextBuffer;

    for text in CASES {
        let valid = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for cut in 0..=text.len() {
            let (first, second) = text.split_at(cut);
            let mut buffer = TextBuffer::reusing(b"of an earlier text".to_vec());
            let pushed = buffer.push(first).and_then(|()| {
                assert!(valid(first).starts_with(buffer.as_str()));
                assert!(first.len() - buffer.as_str().len() <= 3);
                buffer.push(second)
            });
            let ended = pushed.and_then(|()| buffer.finish());
            assert_eq!(
                ended.err().map(wscodec_kernel::Utf8Error::offset),
                first_bad_byte(text),
                "{text:x?} at {cut}"
            );
            assert!(valid(text).starts_with(buffer.as_str()), "{text:x?} at {cut}");
            assert!(ended.is_err() || buffer.as_str().as_bytes() == text);
        }
        let whole = TextBuffer::from_bytes(text.to_vec()).ok();
        assert_eq!(whole.as_ref().map(TextBuffer::as_str), std::str::from_utf8(text).ok());
    }
}

#[cfg(feature = "alloc")]
#[test]
fn a_text_buffer_stays_text_after_an_error_and_after_its_end() {
    use wscodec_kernel::TextBuffer;

    let mut buffer = TextBuffer::new();
    buffer.push(b"caf\xC3").expect("can still become text");
    buffer.finish().expect_err("cut short");
    assert_eq!(buffer.as_str(), "caf");
    buffer.push(b"x").expect("text again");
    assert_eq!(buffer.as_str(), "cafx");

    let mut buffer = TextBuffer::new();
    buffer.push(b"ok").expect("text");
    buffer.push(b"a\xFF").expect_err("never text");
    assert_eq!(buffer.as_str(), "ok");
    assert_eq!(buffer.into_bytes(), b"ok");
}
