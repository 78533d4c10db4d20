//! `Sec-WebSocket-Key`, and `Sec-WebSocket-Accept` that proves it was read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};

/// What a key is joined with before it is digested (RFC 6455 section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`, which is taken as it stands in the header (RFC 6455
/// section 4.2.2).
///
/// ```
/// use wscodec::handshake::accept_key;
///
/// assert_eq!(accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
#[must_use]
pub fn accept_key(key: &[u8]) -> String {
    BASE64.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// The key that carries this nonce.
pub(super) fn key_of(nonce: [u8; 16]) -> String {
    BASE64.encode(nonce)
}

/// Whether it looks like 16 bytes in base64. The last character's bits beyond them are not looked at: the RFC's own example
/// has them set (section 4.1, erratum 3150).
pub(super) fn is_key(value: &[u8]) -> bool {
    value.strip_suffix(b"==").is_some_and(|digits| {
        digits.len() == 22 && digits.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_that_decode_to_16_bytes() {
        let lenient = base64::engine::GeneralPurpose::new(
            &base64::alphabet::STANDARD,
            base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
        );
        let key = *b"dGhlIHNhbXBsZSBub25jZQ==";
        for at in 0..key.len() {
            for byte in 0..=255 {
                let mut changed = key;
                changed[at] = byte;
                let decodes = lenient.decode(changed).is_ok_and(|nonce| nonce.len() == 16);
                assert_eq!(is_key(&changed), decodes, "{byte} at {at}");
            }
        }
        for length in 0..60 {
            let bytes: Vec<u8> = (0..length).collect();
            assert_eq!(is_key(BASE64.encode(&bytes).as_bytes()), length == 16);
        }
        assert!(is_key(b"AQIDBAUGBwgJCgsMDQ4PEC=="), "section 4.1 has it");
    }

    #[test]
    fn a_nonce_makes_the_rfc_s_key() {
        assert_eq!(key_of(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
    }
}
