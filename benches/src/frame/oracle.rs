//! A decoder in the plainest way, to check what encoders wrote.

/// Whether text, and the payload.
pub type Decoded = (bool, Vec<u8>);

/// The messages of packed frames, each final; `masked` as the frames must be.
///
/// # Errors
/// What is wrong with the frames, in words.
pub fn decode(mut bytes: &[u8], masked: bool) -> Result<Vec<Decoded>, String> {
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let text = match take(&mut bytes, 1)?[0] {
            0x81 => true,
            0x82 => false,
            other => return Err(format!("first byte {other:#04x} of frame {}", messages.len())),
        };
        let second = take(&mut bytes, 1)?[0];
        if (second & 0x80 != 0) != masked {
            return Err(format!("mask bit of frame {}", messages.len()));
        }
        let length = match second & 0x7F {
            126 => number(take(&mut bytes, 2)?),
            127 => number(take(&mut bytes, 8)?),
            length => usize::from(length),
        };
        let key = if masked { take(&mut bytes, 4)? } else { &[0; 4] };
        let payload = take(&mut bytes, length)?.iter().zip(key.iter().cycle());
        messages.push((text, payload.map(|(byte, key)| byte ^ key).collect()));
    }
    Ok(messages)
}

/// Compares what came out with what went in.
///
/// # Errors
/// Where they differ, in words.
pub fn compare(decoded: &[Decoded], text: bool, expected: &[&[u8]]) -> Result<(), String> {
    if decoded.len() != expected.len() {
        return Err(format!("{} messages of {}", decoded.len(), expected.len()));
    }
    let same = |((kind, payload), message): (&Decoded, &&[u8])| *kind == text && payload == message;
    match decoded.iter().zip(expected).position(|pair| !same(pair)) {
        Some(place) => Err(format!("message {place} is wrong")),
        None => Ok(()),
    }
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], String> {
    let (front, rest) = bytes.split_at_checked(length).ok_or("the last frame is cut short")?;
    *bytes = rest;
    Ok(front)
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}
