use core::fmt;

/// Why a connection closes: the status code of a close frame (RFC 6455 section 7.4).
///
/// Any `u16` can be held, since any can come from a peer; [`CloseCode::is_allowed_on_wire`] tells which ones a close
/// frame may carry.
///
/// ```
/// use wscodec_kernel::CloseCode;
/// assert_eq!(CloseCode::TOO_BIG.to_string(), "1009 (message too big)");
/// assert!(CloseCode::new(4000).is_allowed_on_wire());
/// assert!(!CloseCode::NO_STATUS.is_allowed_on_wire());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CloseCode(u16);

macro_rules! close_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $meaning:literal, $wire:literal;)*) => {
        impl CloseCode {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

            /// Whether an endpoint may put the code into a close frame, and must accept it in one.
            ///
            /// True for the codes registered for that use (1000 to 1003 and 1007 to 1014), for those of
            /// libraries and frameworks (3000 to 3999) and of applications (4000 to 4999); section 7.4.2.
            #[must_use]
            pub const fn is_allowed_on_wire(self) -> bool {
                match self.0 {
                    $($code => $wire,)*
                    code => matches!(code, 3000..=4999),
                }
            }

            const fn meaning(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($meaning),)*
                    _ => None,
                }
            }
        }
    };
}

close_codes! {
    /// The purpose of the connection is fulfilled.
    NORMAL = 1000, "normal closure", true;
    /// The endpoint goes away: a server shuts down, a page is left.
    GOING_AWAY = 1001, "going away", true;
    /// The peer broke the protocol.
    PROTOCOL_ERROR = 1002, "protocol error", true;
    /// A type of data that the endpoint does not accept.
    UNSUPPORTED = 1003, "unsupported data", true;
    /// Reserved; never in a frame.
    RESERVED = 1004, "reserved", false;
    /// A close frame without a code was received; never in a frame.
    NO_STATUS = 1005, "no status received", false;
    /// The connection ended without a close frame; never in a frame.
    ABNORMAL = 1006, "abnormal closure", false;
    /// Data that does not fit the message's type, such as text that is not UTF-8 or broken DEFLATE data.
    INVALID_PAYLOAD = 1007, "invalid frame payload data", true;
    /// A message against the endpoint's policy.
    POLICY = 1008, "policy violation", true;
    /// A message that is too big to process.
    TOO_BIG = 1009, "message too big", true;
    /// The client needed an extension that the server did not agree to.
    MANDATORY_EXTENSION = 1010, "mandatory extension", true;
    /// The server met a condition that it did not expect.
    INTERNAL_ERROR = 1011, "internal error", true;
    /// The service restarts.
    SERVICE_RESTART = 1012, "service restart", true;
    /// The server is overloaded: try again later.
    TRY_AGAIN_LATER = 1013, "try again later", true;
    /// A gateway got an invalid answer from its upstream.
    BAD_GATEWAY = 1014, "bad gateway", true;
    /// The TLS handshake failed; never in a frame.
    TLS_HANDSHAKE = 1015, "TLS handshake", false;
}

impl CloseCode {
    /// The code with this number, whether or not it has a meaning.
    #[must_use]
    pub const fn new(code: u16) -> Self {
        Self(code)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meaning() {
            Some(meaning) => write!(f, "{} ({meaning})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl From<u16> for CloseCode {
    fn from(code: u16) -> Self {
        Self(code)
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_takes_registered_library_and_application_codes() {
        let allowed = [1000..=1003, 1007..=1014, 3000..=4999];
        for code in 0..=u16::MAX {
            let expected = allowed.iter().any(|range| range.contains(&code));
            assert_eq!(CloseCode::new(code).is_allowed_on_wire(), expected, "{code}");
        }
    }
}
