//! Header lines to be sent.

use std::borrow::Cow;

use super::ConfigError;
use super::list::is_token;

/// In the order they are sent in. None of them can break out of its line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Headers(Vec<(Cow<'static, str>, String)>);

impl Headers {
    /// One of the handshake's own, from parts that were checked.
    pub(super) fn push(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// One of the application's.
    pub(super) fn push_checked(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        if !is_token(name) {
            return Err(ConfigError::InvalidHeaderName);
        }
        if is_reserved(name) {
            return Err(ConfigError::ReservedHeader);
        }
        if !is_value(value) {
            return Err(ConfigError::InvalidHeaderValue);
        }
        self.0.push((name.to_owned().into(), value.to_owned()));
        Ok(())
    }

    pub(super) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// The head that begins with this line.
    pub(super) fn to_bytes(&self, first_line: &str) -> Vec<u8> {
        let mut head = String::with_capacity(256);
        for part in [first_line, "\r\n"]
            .into_iter()
            .chain(self.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]))
        {
            head.push_str(part);
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// Whether the handshake itself says what it is, or the message's length hangs on it.
fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("sec-websocket-")
        || ["connection", "content-length", "host", "transfer-encoding", "upgrade"].contains(&name.as_str())
}

/// RFC 9110 section 5.5.
fn is_value(value: &str) -> bool {
    value.bytes().all(|byte| byte == b'\t' || !byte.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_break_out_of_its_line_is_refused() {
        for byte in 0..=127_u8 {
            let text = format!("a{}b", char::from(byte));
            let mut headers = Headers::default();
            let in_value = headers.push_checked("X-Test", &text);
            let may_stand = byte == b'\t' || (b' '..=b'~').contains(&byte);
            assert_eq!(in_value.is_ok(), may_stand, "{byte}");
            assert_eq!(headers.iter().count(), usize::from(may_stand));
            assert_eq!(headers.push_checked(&text, "").is_ok(), is_token(&text), "{byte}");
        }
        let mut headers = Headers::default();
        assert_eq!(headers.push_checked("", "a"), Err(ConfigError::InvalidHeaderName));
        assert_eq!(headers.push_checked("sEc-websocket-KEY", "a"), Err(ConfigError::ReservedHeader));
        assert_eq!(headers.push_checked("Transfer-Encoding", "a"), Err(ConfigError::ReservedHeader));
        assert_eq!(headers, Headers::default());
        headers.push_checked("X-Test", "gr\u{fc}n").expect("any text may stand in a value");
        assert_eq!(headers.to_bytes("first"), "first\r\nX-Test: gr\u{fc}n\r\n\r\n".as_bytes());
    }
}
