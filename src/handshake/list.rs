//! Lists of tokens in headers (RFC 9110 section 5.6). What a token is, the parser of extensions knows.

use std::collections::HashSet;

use wscodec_compressors::negotiation::parse_extensions;

/// The elements of the header's lines, which have to be tokens without parameters, each once, and one at least if there is
/// a line at all; `None` if they are not.
pub(super) fn distinct_tokens<'h>(lines: impl IntoIterator<Item = &'h [u8]>) -> Option<Vec<&'h str>> {
    let extensions = parse_extensions(lines).ok()?;
    let mut seen = HashSet::with_capacity(extensions.len());
    let mut distinct = |name| seen.insert(name);
    extensions
        .iter()
        .map(|extension| {
            (extension.parameters.is_empty() && distinct(extension.name)).then_some(extension.name)
        })
        .collect()
}

/// Whether it is a token and nothing else.
pub(super) fn is_token(text: &str) -> bool {
    distinct_tokens([text.as_bytes()]).is_some_and(|tokens| tokens == [text])
}

/// The elements of the header's lines, whatever they are; empty ones are none.
pub(super) fn elements<'h>(lines: impl Iterator<Item = &'h [u8]>) -> impl Iterator<Item = &'h [u8]> {
    lines.flat_map(|line| line.split(|&byte| byte == b',')).map(trim).filter(|element| !element.is_empty())
}

/// The value without the blanks around it, which are not part of it (RFC 9110 section 5.5).
pub(super) fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for byte in 0..=127_u8 {
            let text = char::from(byte).to_string();
            let separator = b"()<>@,;:\\\"/[]?={} \t".contains(&byte);
            assert_eq!(is_token(&text), (0x21..0x7f).contains(&byte) && !separator, "{text:?}");
        }
        for text in ["", "a b", "a,b", "a,", " a", "a ", "a;b", "a;", "a=b", "\u{e9}"] {
            assert!(!is_token(text), "{text:?}");
        }
    }

    #[test]
    fn lists_of_distinct_tokens() {
        let read =
            |lines: &[&str]| distinct_tokens(lines.iter().map(|line| line.as_bytes())).map(|it| it.join("+"));
        for (lines, expected) in [
            (&[][..], Some("")),
            (&["a"], Some("a")),
            (&[" a ,\tb"], Some("a+b")),
            (&["a,, b,", "c"], Some("a+b+c")),
            (&["a, A"], Some("a+A")),
            (&["a, a"], None),
            (&["a", "b, a"], None),
            (&[""], None),
            (&["", "a", ","], Some("a")),
            (&["", ","], None),
            (&["a b"], None),
            (&["a; b"], None),
            (&["a/1"], None),
            (&["\"a\""], None),
        ] {
            assert_eq!(read(lines).as_deref(), expected, "{lines:?}");
        }
    }

    #[test]
    fn blanks_around_are_not_part_of_it() {
        for (value, trimmed) in [("", ""), (" \t ", ""), (" a b\t", "a b"), ("\ra\n", "\ra\n")] {
            assert_eq!(trim(value.as_bytes()), trimmed.as_bytes());
        }
    }
}
