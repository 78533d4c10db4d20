//! The sending side of a connection: plainly, or in every form that the codec has.

use wscodec::compressors::CompressionWish;
use wscodec::{DataKind, Encoder, Error, Message};

pub(crate) struct Sender {
    pub(crate) encoder: Encoder,
    /// Whether messages differ in how they are sent, by their number: whole, in fragments, compressed against the policy,
    /// plain against it, with pings before and within them.
    mixed: bool,
    pub(crate) messages: usize,
    pub(crate) fragmented: usize,
    pub(crate) pings: usize,
}

impl Sender {
    pub(crate) fn new(encoder: Encoder, mixed: bool) -> Self {
        Self { encoder, mixed, messages: 0, fragmented: 0, pings: 0 }
    }

    /// Appends a data message.
    pub(crate) fn data(&mut self, message: Message<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        let number = self.messages;
        self.messages += 1;
        if !self.mixed {
            return self.encoder.encode(message, out);
        }
        if number % 16 == 5 {
            self.ping(out)?;
        }
        match message {
            Message::Text(text) if number % 4 == 3 => {
                self.in_fragments(number, DataKind::Text, text.as_bytes(), out)
            }
            Message::Binary(bytes) if number % 4 == 3 => {
                self.in_fragments(number, DataKind::Binary, bytes, out)
            }
            whole => {
                let wishes = [CompressionWish::Auto, CompressionWish::Compress, CompressionWish::Plain];
                self.encoder.encode_with(whole, wishes[number % wishes.len()], out)
            }
        }
    }

    /// Two to five fragments of about the same length, text cut anywhere; every third time also an empty one in the end.
    fn in_fragments(
        &mut self,
        number: usize,
        kind: DataKind,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.fragmented += 1;
        let count = 2 + number / 4 % 4;
        let (first, mut rest) = payload.split_at(payload.len() / count);
        self.encoder.begin_message(kind, first, out)?;
        for left in (2..count).rev() {
            let (fragment, behind) = rest.split_at(rest.len() / (left + 1));
            self.encoder.continue_message(fragment, out)?;
            rest = behind;
        }
        if number.is_multiple_of(3) {
            self.encoder.continue_message(rest, out)?;
            rest = &[];
        }
        if number % 8 == 3 {
            self.ping(out)?;
        }
        self.encoder.finish_message(rest, out)
    }

    fn ping(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let payload = self.pings.to_string();
        self.pings += 1;
        self.encoder.encode(Message::Ping(payload.as_bytes()), out)
    }
}
