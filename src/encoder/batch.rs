//! Many messages in one call.

use wscodec_kernel::{OutgoingMessages, append_messages};

use super::Encoder;
use crate::{DataKind, Error, Message, MisuseError, Role};

/// So many messages get their keys and their headers at once.
const BATCH: usize = 64;

impl Encoder {
    /// Appends messages, each as one frame: the same as [`encode`](Self::encode) for one after the other, and faster where
    /// small ones of one kind come in a row and there is no compressor.
    ///
    /// ```
    /// use wscodec::{Encoder, Message, Role};
    ///
    /// let mut out = Vec::new();
    /// Encoder::new(Role::Server).encode_all(&[Message::Text("one"), Message::Binary(b"two")], &mut out)?;
    /// assert_eq!(out, b"\x81\x03one\x82\x03two");
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`encode`](Self::encode); `out` then ends with the messages before the one that failed.
    pub fn encode_all(&mut self, messages: &[Message<'_>], out: &mut Vec<u8>) -> Result<(), Error> {
        let mut payloads = [&[][..]; BATCH];
        let mut rest = messages;
        while let Some(&message) = rest.first() {
            let run = if self.may_be_in_a_run() { run_at_start_of(rest, &mut payloads) } else { None };
            let taken = match run {
                Some((kind, length)) => {
                    self.run(kind, &payloads[..length], out)?;
                    length
                }
                None => {
                    self.encode(message, out)?;
                    1
                }
            };
            rest = &rest[taken..];
        }
        Ok(())
    }

    /// Whether nothing can be said against a data message but by looking at it.
    fn may_be_in_a_run(&self) -> bool {
        !self.closed && self.fragments.is_none() && self.compressor.is_none()
    }

    fn run(&mut self, kind: DataKind, payloads: &[&[u8]], out: &mut Vec<u8>) -> Result<(), Error> {
        let mut keys = [[0; 4]; BATCH];
        let keys = &mut keys[..payloads.len()];
        let masking_keys = match self.role {
            Role::Server => None,
            Role::Client => {
                self.keys.fill(keys)?;
                Some(&*keys)
            }
        };
        let messages = OutgoingMessages { masking_keys, ..OutgoingMessages::new(kind.opcode(), payloads) };
        append_messages(&messages, out).map_err(MisuseError::InvalidFrame)?;
        Ok(())
    }
}

/// How many data messages of one kind come in a row, at least two; their payloads are put into `payloads`.
fn run_at_start_of<'a>(
    messages: &[Message<'a>],
    payloads: &mut [&'a [u8]; BATCH],
) -> Option<(DataKind, usize)> {
    let (kind, _) = data(messages.first()?)?;
    let mut length = 0;
    for (slot, message) in payloads.iter_mut().zip(messages) {
        match data(message) {
            Some((same, payload)) if same == kind => *slot = payload,
            _ => break,
        }
        length += 1;
    }
    (length > 1).then_some((kind, length))
}

fn data<'a>(message: &Message<'a>) -> Option<(DataKind, &'a [u8])> {
    match *message {
        Message::Text(text) => Some((DataKind::Text, text.as_bytes())),
        Message::Binary(bytes) => Some((DataKind::Binary, bytes)),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => None,
    }
}
