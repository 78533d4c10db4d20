//! permessage-deflate's four parameters, as an offer and as an answer carry them (RFC 7692 section 7.1).

use core::fmt;

use super::{Extension, MAX_WINDOW_BITS, MIN_WINDOW_BITS, PERMESSAGE_DEFLATE};
use crate::{CompressorConfig, DecompressorConfig};

const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// What a client offers. Its text form is the header value's element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Offer {
    /// The server is to forget its history after each message (RFC 7692 section 7.1.1.1).
    pub server_no_context_takeover: bool,
    /// A hint that the client is going to forget its own (section 7.1.1.2).
    pub client_no_context_takeover: bool,
    /// The largest window that the server may use, 8 to 15 (section 7.1.2.1).
    pub server_max_window_bits: Option<u8>,
    /// That the server may limit the client's window, and the largest that the client is going to use anyway, 8 to 15;
    /// 15 is offered without a value (section 7.1.2.2).
    pub client_max_window_bits: Option<u8>,
}

/// What both sides agreed on. Its text form is the answer's header value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Agreement {
    /// The server forgets its history after each message (RFC 7692 section 7.1.1.1).
    pub server_no_context_takeover: bool,
    /// The client forgets its own (section 7.1.1.2).
    pub client_no_context_takeover: bool,
    /// The largest window that the server uses, 8 to 15; 15 if `None` (section 7.1.2.1).
    pub server_max_window_bits: Option<u8>,
    /// The largest window that the client uses, 8 to 15; 15 if `None` (section 7.1.2.2).
    pub client_max_window_bits: Option<u8>,
    /// What the server keeps to by itself, if that is less than its answer says, for a [`Peer`](super::Peer) that takes nothing
    /// unasked; always `None` on the client, which can't know. It is no part of the text form.
    pub server_does: Option<Direction>,
}

/// What an [`Agreement`] means for the messages of one direction: it turns into the [`CompressorConfig`] of one end and
/// the [`DecompressorConfig`] of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Direction {
    /// Whether a message may refer to the ones before it.
    pub takeover: bool,
    /// The largest LZ77 window in use, 8 to 15, as a base-2 logarithm of bytes.
    pub window_bits: u8,
}

impl Agreement {
    /// The direction that the server compresses: what the answer allows, or the less that the server
    /// [does](Self::server_does).
    #[must_use]
    pub fn server_to_client(&self) -> Direction {
        let told = Direction {
            takeover: !self.server_no_context_takeover,
            window_bits: self.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS),
        };
        let does = self.server_does.unwrap_or(told);
        Direction {
            takeover: told.takeover && does.takeover,
            window_bits: told.window_bits.min(does.window_bits),
        }
    }

    /// The direction that the client compresses.
    #[must_use]
    pub fn client_to_server(&self) -> Direction {
        Direction {
            takeover: !self.client_no_context_takeover,
            window_bits: self.client_max_window_bits.unwrap_or(MAX_WINDOW_BITS),
        }
    }

    /// Reads an answer; `None` if a parameter is unknown, repeated or malformed.
    pub(super) fn read(extension: &Extension<'_>) -> Option<Self> {
        let read = Parameters::read(extension)?;
        let client_max_window_bits = match read.client_max_window_bits {
            // In an answer it must have a value.
            Some(None) => return None,
            bits => bits.flatten(),
        };
        Some(Self {
            server_no_context_takeover: read.server_no_context_takeover,
            client_no_context_takeover: read.client_no_context_takeover,
            server_max_window_bits: read.server_max_window_bits,
            client_max_window_bits,
            server_does: None,
        })
    }
}

impl Offer {
    /// Reads an offer; `None` if a parameter is unknown, repeated or malformed, which declines this offer alone.
    pub(super) fn read(extension: &Extension<'_>) -> Option<Self> {
        let read = Parameters::read(extension)?;
        Some(Self {
            server_no_context_takeover: read.server_no_context_takeover,
            client_no_context_takeover: read.client_no_context_takeover,
            server_max_window_bits: read.server_max_window_bits,
            client_max_window_bits: read.client_max_window_bits.map(|bits| bits.unwrap_or(MAX_WINDOW_BITS)),
        })
    }
}

/// Whether the element is one of this extension.
pub(super) fn is_permessage_deflate(extension: &Extension<'_>) -> bool {
    extension.name.eq_ignore_ascii_case(PERMESSAGE_DEFLATE)
}

impl From<Direction> for CompressorConfig {
    /// For the end that compresses, at the default level.
    fn from(direction: Direction) -> Self {
        Self::default().window_bits(direction.window_bits).takeover(direction.takeover)
    }
}

impl From<Direction> for DecompressorConfig {
    /// For the end that decompresses.
    fn from(direction: Direction) -> Self {
        Self::default().window_bits(direction.window_bits).takeover(direction.takeover)
    }
}

/// What an offer and an answer have in common.
#[derive(Default)]
struct Parameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    /// The inner `None` is the form without a value.
    client_max_window_bits: Option<Option<u8>>,
}

impl Parameters {
    fn read(extension: &Extension<'_>) -> Option<Self> {
        let mut read = Self::default();
        for parameter in &extension.parameters {
            let value = parameter.value.as_deref();
            let is = |name: &str| parameter.name.eq_ignore_ascii_case(name);
            if is(SERVER_NO_CONTEXT_TAKEOVER) {
                set_flag(&mut read.server_no_context_takeover, value)?;
            } else if is(CLIENT_NO_CONTEXT_TAKEOVER) {
                set_flag(&mut read.client_no_context_takeover, value)?;
            } else if is(SERVER_MAX_WINDOW_BITS) {
                set_once(&mut read.server_max_window_bits, window_bits(value?)?)?;
            } else if is(CLIENT_MAX_WINDOW_BITS) {
                let bits = match value {
                    Some(value) => Some(window_bits(value)?),
                    None => None,
                };
                set_once(&mut read.client_max_window_bits, bits)?;
            } else {
                return None;
            }
        }
        Some(read)
    }
}

/// Sets a flag that must come once and without a value.
fn set_flag(flag: &mut bool, value: Option<&str>) -> Option<()> {
    let fine = !*flag && value.is_none();
    *flag = true;
    fine.then_some(())
}

fn set_once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

/// 8 to 15 in decimal without a leading zero.
fn window_bits(value: &str) -> Option<u8> {
    (MIN_WINDOW_BITS..=MAX_WINDOW_BITS).find(|bits| bits.to_string() == value)
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_common(
            f,
            self.server_no_context_takeover,
            self.client_no_context_takeover,
            self.server_max_window_bits,
        )?;
        match self.client_max_window_bits {
            None => Ok(()),
            Some(MAX_WINDOW_BITS) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}"),
            Some(bits) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}={bits}"),
        }
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_common(
            f,
            self.server_no_context_takeover,
            self.client_no_context_takeover,
            self.server_max_window_bits,
        )?;
        match self.client_max_window_bits {
            None => Ok(()),
            Some(bits) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}={bits}"),
        }
    }
}

fn write_common(
    f: &mut fmt::Formatter<'_>,
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
) -> fmt::Result {
    f.write_str(PERMESSAGE_DEFLATE)?;
    if server_no_context_takeover {
        write!(f, "; {SERVER_NO_CONTEXT_TAKEOVER}")?;
    }
    if client_no_context_takeover {
        write!(f, "; {CLIENT_NO_CONTEXT_TAKEOVER}")?;
    }
    if let Some(bits) = server_max_window_bits {
        write!(f, "; {SERVER_MAX_WINDOW_BITS}={bits}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_direction_has_its_own_half_of_the_agreement() {
        let plain = Direction { takeover: true, window_bits: 15 };
        let agreement = Agreement::default();
        assert_eq!((agreement.server_to_client(), agreement.client_to_server()), (plain, plain));

        let server = Agreement {
            server_no_context_takeover: true,
            server_max_window_bits: Some(10),
            ..Agreement::default()
        };
        let limited = Direction { takeover: false, window_bits: 10 };
        assert_eq!((server.server_to_client(), server.client_to_server()), (limited, plain));

        let silent = |takeover, window_bits| Direction { takeover, window_bits };
        let does = |does| Agreement { server_does: Some(does), ..Agreement::default() }.server_to_client();
        assert_eq!([silent(false, 12), silent(true, 9)].map(does), [silent(false, 12), silent(true, 9)]);
        let more = Agreement { server_does: Some(plain), ..server };
        assert_eq!((more.server_to_client(), more.to_string()), (limited, server.to_string()));

        let client = Agreement {
            client_no_context_takeover: true,
            client_max_window_bits: Some(10),
            ..Agreement::default()
        };
        assert_eq!((client.server_to_client(), client.client_to_server()), (plain, limited));

        let config = CompressorConfig::from(limited);
        assert_eq!((config.takeover, config.window_bits), (false, 10));
        let config = DecompressorConfig::from(limited);
        assert_eq!((config.takeover, config.window_bits), (false, 10));
    }
}
