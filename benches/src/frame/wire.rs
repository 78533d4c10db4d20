//! What a client puts on the wire: its messages as masked frames, packed.

use std::rc::Rc;

use bytes::BytesMut;
use fastrand::Rng;

use crate::input::Messages;

/// The bytes of a connection, and in what pieces they are read.
#[derive(Clone)]
pub struct Wire {
    /// Masked frames, one a message.
    pub bytes: Rc<[u8]>,
    /// What one read gives at most.
    pub read: usize,
    /// Messages in it.
    pub messages: usize,
    /// The length of the longest.
    pub longest: usize,
}

impl Wire {
    /// The messages as a client frames them, with keys out of a fixed seed.
    pub fn new(messages: &Messages, read: usize) -> Self {
        let mut rng = Rng::with_seed(0x4455);
        let mut bytes = Vec::with_capacity(messages.bytes() + 14 * messages.list.len());
        for message in &messages.list {
            push_frame(&mut bytes, messages.text, message, rng.u32(..).to_ne_bytes());
        }
        let longest = messages.list.iter().map(|message| message.len()).max().unwrap_or_default();
        Self { bytes: bytes.into(), read, messages: messages.list.len(), longest }
    }

    /// What the reads of the connection give, one after the other.
    pub fn reads(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks(self.read)
    }
}

/// What a read does, for everybody: copies in pieces.
///
/// The C library copies from some KiB on by an instruction whose speed depends on where in their pages the two places
/// lie: a matter of luck, and of up to 4 ns a message.
pub fn copy(from: &[u8], to: &mut [u8]) {
    for (from, to) in from.chunks(PIECE).zip(to.chunks_mut(PIECE)) {
        to.copy_from_slice(from);
    }
}

/// The same to the end of a buffer.
pub fn append(from: &[u8], to: &mut BytesMut) {
    to.reserve(from.len());
    from.chunks(PIECE).for_each(|piece| to.extend_from_slice(piece));
}

const PIECE: usize = 2 << 10;

/// A final, masked frame in its plainest form (RFC 6455 section 5.2).
fn push_frame(bytes: &mut Vec<u8>, text: bool, payload: &[u8], key: [u8; 4]) {
    bytes.push(if text { 0x81 } else { 0x82 });
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xFFFF => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(key);
    bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
}
