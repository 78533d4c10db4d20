//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455 section 9.1):
//!
//! ```text
//! header    = 1#extension                 elements may be empty, and lines of the header join like elements
//! extension = token *( ";" parameter )
//! parameter = token [ "=" ( token | quoted-string ) ]      what is quoted is a token too
//! ```
//!
//! Blanks may stand around every element, as they may in all of HTTP's older grammars.

use core::fmt;
use std::borrow::Cow;

/// One element of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension<'h> {
    /// Its name; compare it without regard to case.
    pub name: &'h str,
    /// Its parameters in the order they came, repeated ones too.
    pub parameters: Vec<Parameter<'h>>,
}

/// One parameter of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter<'h> {
    /// Its name; compare it without regard to case.
    pub name: &'h str,
    /// Its value if it has one, unquoted.
    pub value: Option<Cow<'h, str>>,
}

/// A `Sec-WebSocket-Extensions` header that does not follow its grammar; the handshake fails, with status 400 on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MalformedHeader {
    /// Which line of the header, counted from 0.
    pub line: usize,
    /// Where in that line, in bytes.
    pub offset: usize,
}

/// Reads the lines of the header, in their order, into one list of extensions; no line at all is an empty list.
///
/// ```
/// use wscodec_compressors::negotiation::parse_extensions;
///
/// let extensions = parse_extensions(["x-one ; a=1 ; b, x-two", r#"x-three; c="\3""#])?;
/// assert_eq!(extensions.len(), 3);
/// assert_eq!(extensions[0].parameters[1].name, "b");
/// assert_eq!(extensions[2].parameters[0].value.as_deref(), Some("3"));
/// # Ok::<(), wscodec_compressors::negotiation::MalformedHeader>(())
/// ```
///
/// # Errors
/// [`MalformedHeader`]; also for lines without any extension, at the end of the last.
pub fn parse_extensions<'h, H>(
    lines: impl IntoIterator<Item = &'h H>,
) -> Result<Vec<Extension<'h>>, MalformedHeader>
where
    H: AsRef<[u8]> + ?Sized + 'h,
{
    let mut extensions = Vec::new();
    let mut end = None;
    for (line, value) in lines.into_iter().enumerate() {
        let mut scanner = Scanner { bytes: value.as_ref(), at: 0 };
        let read = scanner.list(&mut extensions);
        let place = MalformedHeader { line, offset: scanner.at };
        read.ok_or(place)?;
        end = Some(place);
    }
    // One element over all lines, which join like elements (RFC 9110 section 5.3).
    match end {
        Some(end) if extensions.is_empty() => Err(end),
        _ => Ok(extensions),
    }
}

/// A place in a line. Every rule takes what it matches; `None` means that the line is malformed there.
struct Scanner<'h> {
    bytes: &'h [u8],
    at: usize,
}

impl<'h> Scanner<'h> {
    fn list(&mut self, extensions: &mut Vec<Extension<'h>>) -> Option<()> {
        loop {
            self.blanks();
            if !matches!(self.peek(), None | Some(b',')) {
                extensions.push(self.extension()?);
            }
            if self.peek().is_none() {
                return Some(());
            }
            self.expect(b',')?;
        }
    }

    fn extension(&mut self) -> Option<Extension<'h>> {
        let name = self.token()?;
        let mut parameters = Vec::new();
        self.blanks();
        while self.skip(b';') {
            self.blanks();
            parameters.push(self.parameter()?);
            self.blanks();
        }
        Some(Extension { name, parameters })
    }

    fn parameter(&mut self) -> Option<Parameter<'h>> {
        let name = self.token()?;
        self.blanks();
        let value = if self.skip(b'=') {
            self.blanks();
            Some(if self.skip(b'"') { self.rest_of_quoted()? } else { Cow::Borrowed(self.token()?) })
        } else {
            None
        };
        Some(Parameter { name, value })
    }

    /// A quoted string after its opening quote.
    fn rest_of_quoted(&mut self) -> Option<Cow<'h, str>> {
        let mut value = String::new();
        while !self.skip(b'"') {
            self.skip(b'\\');
            let byte = self.peek().filter(|&byte| is_token_byte(byte))?;
            value.push(char::from(byte));
            self.at += 1;
        }
        (!value.is_empty()).then_some(Cow::Owned(value))
    }

    fn token(&mut self) -> Option<&'h str> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| !is_token_byte(byte)).unwrap_or(rest.len());
        #[cfg(test)]
        tests::looked_at(length + 1);
        self.at += length;
        core::str::from_utf8(&rest[..length]).ok().filter(|token| !token.is_empty())
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip(byte).then_some(())
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        #[cfg(test)]
        tests::looked_at(1);
        self.bytes.get(self.at).copied()
    }
}

/// RFC 9110 section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

impl fmt::Display for Extension<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        for Parameter { name, value } in &self.parameters {
            write!(f, "; {name}")?;
            if let Some(value) = value {
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for MalformedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed Sec-WebSocket-Extensions: line {}, byte {}", self.line, self.offset)
    }
}

impl core::error::Error for MalformedHeader {}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(lines: &[&str]) -> Result<String, MalformedHeader> {
        let extensions = parse_extensions(lines.iter().copied())?;
        Ok(extensions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + "))
    }

    #[test]
    fn well_formed_headers() {
        let cases: &[(&[&str], &str)] = &[
            (&[], ""),
            (&["a"], "a"),
            (&["a, b", "c"], "a + b + c"),
            (&["a", ""], "a"),
            (&["", " ", "a;x", ",", ""], "a; x"),
            (&["a;x;y=1,b"], "a; x; y=1 + b"),
            (&[" a ;\tx = 1 ; y\t,b "], "a; x=1; y + b"),
            (&[",, a ,, ,b,"], "a + b"),
            (&[r#"a; x="10"; y="\1\0""#], "a; x=10; y=10"),
            (&["a; x=1; x=2"], "a; x=1; x=2"),
            (&["!#$%&'*+-.^_`|~09azAZ"], "!#$%&'*+-.^_`|~09azAZ"),
        ];
        for (lines, expected) in cases {
            assert_eq!(parsed(lines).as_deref(), Ok(*expected), "{lines:?}");
        }
    }

    #[test]
    fn malformed_headers() {
        let cases = [
            ("a b", 2),
            ("a;", 2),
            ("a; ,b", 3),
            ("a; x=", 5),
            ("a; =1", 3),
            ("a; x=1 2", 7),
            ("a; x=\"", 6),
            ("a; x=\"1", 7),
            ("a; x=\"\"", 7),
            ("a; x=\"1 2\"", 7),
            ("a; x=\"1\\", 8),
            ("a; x=\"1\"2", 8),
            ("a=1", 1),
            ("a; x==1", 5),
            ("\u{e9}", 0),
            ("a\r\nb", 1),
            ("a\0", 1),
        ];
        for (line, offset) in cases {
            assert_eq!(parsed(&[line]), Err(MalformedHeader { line: 0, offset }), "{line:?}");
            assert_eq!(parsed(&["ok", line]), Err(MalformedHeader { line: 1, offset }), "{line:?}");
        }
    }

    #[test]
    fn lines_without_any_element_are_malformed_at_their_end() {
        for lines in [&[""][..], &[" "], &[","], &["", ""], &[" , ", "\t"]] {
            let (line, offset) = (lines.len() - 1, lines[lines.len() - 1].len());
            assert_eq!(parsed(lines), Err(MalformedHeader { line, offset }), "{lines:?}");
        }
    }

    /// RFC 9110 section 5.3: several lines mean what one line means that joins them with commas.
    #[test]
    fn lines_join_like_elements() {
        let lines = ["", " ", "\t,", "a", "a;x, b", "a;x=\"1\",", "a;", "b c", "a; x=\""];
        for choice in 0..lines.len().pow(3) {
            let three = [1, 9, 81].map(|place| lines[choice / place % lines.len()]);
            assert_eq!(parsed(&three).ok(), parsed(&[&three.join(", ")]).ok(), "{three:?}");
        }
    }

    thread_local! {
        static LOOKS: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
    }

    /// Counts the bytes that the scanner looks at, the ones that it looks at again too.
    pub(super) fn looked_at(bytes: usize) {
        LOOKS.set(LOOKS.get() + bytes);
    }

    #[test]
    fn a_huge_header_is_read_in_linear_time() {
        for start in ["", "a", "a;b", "a;b=", "a;b=\"", "permessage-deflate", "permessage-deflate; "] {
            for repeated in
                [",", " ,", "a,", ";", ";a", ";a=1", "a", "=", "\"", "\\", " ", "\t,", "permessage-deflate,"]
            {
                let header = start.to_owned() + &repeated.repeat((1 << 16) / repeated.len());
                LOOKS.set(0);
                let extensions = parse_extensions([header.as_str()]);
                let (looks, most) = (LOOKS.get(), 8 * header.len());
                assert!(looks <= most, "{looks} looks at {} bytes: {start}{repeated}...", header.len());
                if let Ok(extensions) = extensions {
                    let read: usize = extensions.iter().map(|extension| 1 + extension.parameters.len()).sum();
                    assert!(read <= header.len() && !extensions.is_empty());
                }
            }
        }
        let nothing_but_commas = ",".repeat(1 << 16);
        assert_eq!(parsed(&[&nothing_but_commas]), Err(MalformedHeader { line: 0, offset: 1 << 16 }));
        let many = "a;b=1,".repeat(1 << 14);
        assert_eq!(parse_extensions([many.as_str()]).expect("well formed").len(), 1 << 14);
    }

    #[test]
    fn what_is_written_reads_back() {
        for header in ["a;x;y=1", r#"a; x="\1\0" ; y"#, "permessage-deflate; client_max_window_bits"] {
            let extensions = parse_extensions([header]).expect("well formed");
            let written = extensions[0].to_string();
            assert_eq!(parse_extensions([written.as_str()]).expect("well formed"), extensions);
        }
    }
}
