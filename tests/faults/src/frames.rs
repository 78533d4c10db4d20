//! Frames of a client by hand, so that they can be wrong, or cut.

/// RFC 6455 section 5.2, first bytes.
pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const BEGIN_TEXT: u8 = 0x01;
pub(crate) const BEGIN_COMPRESSED: u8 = 0x41;
pub(crate) const COMPRESSED: u8 = 0xc1;
pub(crate) const CONTINUE: u8 = 0x00;
pub(crate) const FINISH: u8 = 0x80;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
pub(crate) const CLOSE: u8 = 0x88;

/// "Hello" (RFC 7692 section 7.2.3.1).
pub(crate) const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Appends a frame as a client sends it.
pub(crate) fn push(out: &mut Vec<u8>, first: u8, payload: &[u8]) {
    push_header(out, first, payload.len());
    out.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
}

/// The same of which only the header is there.
pub(crate) fn push_header(out: &mut Vec<u8>, first: u8, claimed: usize) {
    push_length(out, first, 0x80, claimed);
    out.extend(KEY);
}

/// Appends a frame as a server sends it.
pub(crate) fn push_answer(out: &mut Vec<u8>, first: u8, payload: &[u8]) {
    push_length(out, first, 0, payload.len());
    out.extend(payload);
}

fn push_length(out: &mut Vec<u8>, first: u8, mask: u8, length: usize) {
    out.push(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ 0..=125), _) => out.push(mask | length),
        (_, Ok(length)) => {
            out.push(mask | 126);
            out.extend(length.to_be_bytes());
        }
        _ => {
            out.push(mask | 127);
            out.extend((length as u64).to_be_bytes());
        }
    }
}

/// The first whole frame of what a server sent: its first byte, its payload, and what is behind.
pub(crate) fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[first, short], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match short {
        126 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::try_from(u64::from_be_bytes(*length)).ok()?, rest)
        }
        length => (usize::from(length), rest),
    };
    let (payload, behind) = rest.split_at_checked(length)?;
    Some((first, payload, behind))
}
