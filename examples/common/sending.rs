//! Data messages, sent plainly, or in every form that there is.

use wscodec::compressors::CompressionWish;
use wscodec::{DataKind, Error, Message, Sender};

pub(crate) struct Sending {
    /// Whether messages differ in how they are sent, by their number: whole, in fragments, compressed against the policy,
    /// plain against it, with pings before and within them.
    mixed: bool,
    pub(crate) messages: usize,
    pub(crate) fragmented: usize,
    pub(crate) pings: usize,
}

impl Sending {
    pub(crate) fn new(mixed: bool) -> Self {
        Self { mixed, messages: 0, fragmented: 0, pings: 0 }
    }

    /// Queues a data message.
    pub(crate) fn data(&mut self, message: Message<'_>, sender: &mut Sender) -> Result<(), Error> {
        let number = self.messages;
        self.messages += 1;
        if !self.mixed {
            return sender.send(message);
        }
        if number % 16 == 5 {
            self.ping(sender)?;
        }
        match message {
            Message::Text(text) if number % 4 == 3 => {
                self.in_fragments(number, DataKind::Text, text.as_bytes(), sender)
            }
            Message::Binary(bytes) if number % 4 == 3 => {
                self.in_fragments(number, DataKind::Binary, bytes, sender)
            }
            whole => {
                let wishes = [CompressionWish::Auto, CompressionWish::Compress, CompressionWish::Plain];
                sender.send_with(whole, wishes[number % wishes.len()])
            }
        }
    }

    /// Two to five fragments of about the same length, text cut anywhere; every third time also an empty one in the end.
    fn in_fragments(
        &mut self,
        number: usize,
        kind: DataKind,
        payload: &[u8],
        sender: &mut Sender,
    ) -> Result<(), Error> {
        self.fragmented += 1;
        let count = 2 + number / 4 % 4;
        let (first, mut rest) = payload.split_at(payload.len() / count);
        sender.begin_message(kind, first)?;
        for left in (2..count).rev() {
            let (fragment, behind) = rest.split_at(rest.len() / (left + 1));
            sender.continue_message(fragment)?;
            rest = behind;
        }
        if number.is_multiple_of(3) {
            sender.continue_message(rest)?;
            rest = &[];
        }
        if number % 8 == 3 {
            self.ping(sender)?;
        }
        sender.finish_message(rest)
    }

    fn ping(&mut self, sender: &mut Sender) -> Result<(), Error> {
        let payload = self.pings.to_string();
        self.pings += 1;
        sender.send(Message::Ping(payload.as_bytes()))
    }
}
