//! What may be asked of a decoder beyond the rules, and the messages that come of it.

use wscodec_kernel::Rsv;

use super::{Decoder, Machine, control, message, reader};
use crate::{DataKind, Event, Message, ProtocolError, RawMessage};

#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// The reserved bits of the user's own extensions.
    pub(super) allowed: Rsv,
    pub(super) unvalidated: bool,
    pub(super) any_length_encoding: bool,
    /// Messages are handed out as they arrive.
    pub(super) fragments: bool,
}

/// What the header of a message said that nobody has looked into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    kind: DataKind,
    rsv: Rsv,
}

impl Decoder {
    /// The same with these reserved bits allowed on the first frame of a message, for extensions of the user's own (RFC
    /// 6455 section 5.2). With permessage-deflate, RSV1 is taken already.
    ///
    /// A message with one of them comes as [`Message::Binary`], whatever its kind, since what it says is up to the
    /// extension; [`raw_message`](Self::raw_message) has its kind and its bits. To be called before the first read.
    ///
    /// ```
    /// use wscodec::kernel::Rsv;
    /// use wscodec::{DataKind, Decoder, Limits, Message, Role};
    ///
    /// let mut decoder = Decoder::new(Role::Client, Limits::new()).with_reserved_bits(Rsv::RSV2);
    /// decoder.push(b"\xa1\x02\xff\xfe");
    /// assert_eq!(decoder.next_message()?, Some(Message::Binary(b"\xff\xfe")));
    /// let raw = decoder.raw_message().unwrap();
    /// assert_eq!((raw.kind, raw.rsv), (DataKind::Text, Rsv::RSV2));
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    #[must_use]
    pub fn with_reserved_bits(mut self, allowed: Rsv) -> Self {
        self.machine.options.allowed = allowed;
        self.machine.apply_options();
        self
    }

    /// The same with text as it comes, not validated, for who does it elsewhere: it is handed out as [`Message::Binary`], and
    /// [`raw_message`](Self::raw_message) tells that it was text. The reasons of close frames are validated all the
    /// same. To be called before the first read.
    #[must_use]
    pub fn without_text_validation(mut self) -> Self {
        self.machine.options.unvalidated = true;
        self.machine.apply_options();
        self
    }

    /// The same, and lengths of data frames are also taken in more bytes than they need, which RFC 6455 section 5.2 forbids.
    /// For peers that are known to send such. To be called before the first read.
    #[must_use]
    pub fn with_any_length_encoding(mut self) -> Self {
        self.machine.options.any_length_encoding = true;
        self.machine.apply_options();
        self
    }

    /// The message handed out last, if it is one that nobody has looked into: with reserved bits, or text that was not
    /// validated. Gone with the next read.
    #[must_use]
    pub fn raw_message(&self) -> Option<RawMessage<'_>> {
        self.machine.raw_message()
    }

    /// [`next_message`](Self::next_message) where messages may be raw, or come in fragments.
    pub(crate) fn next_event(&mut self) -> Result<Option<Event<'_>>, crate::Error> {
        if self.machine.options.fragments {
            return self.next_part();
        }
        // Looked up again, since the first look borrows for as long as the last.
        if self.next_message()?.is_none() {
            return Ok(None);
        }
        self.event_again().map(Some)
    }

    /// The event handed out last, once more: for who must not borrow while going on to it.
    #[inline]
    pub(crate) fn event_again(&self) -> Result<Event<'_>, crate::Error> {
        let reader = &self.machine.reader;
        if reader.current().is_message() && !self.may_be_raw() {
            return Ok(Event::Message(message(reader.payload_again())));
        }
        self.other_again()
    }

    /// The same as a message: what nobody has looked into is binary.
    #[cfg(feature = "tokio")]
    #[inline(always)]
    pub(crate) fn message_as_it_is(&self) -> Result<Message<'_>, crate::Error> {
        let reader = &self.machine.reader;
        if reader.current().is_message() && !self.may_be_raw() {
            return Ok(message(reader.payload_again()));
        }
        Ok(self.other_again()?.into_message())
    }

    #[inline(never)]
    fn other_again(&self) -> Result<Event<'_>, crate::Error> {
        if let Some(part) = self.machine.part_again() {
            return Ok(Event::Fragment(part));
        }
        if let Some(raw) = self.machine.raw_message() {
            return Ok(Event::Raw(raw));
        }
        Ok(Event::Message(self.machine.message_again()?))
    }

    /// Whether messages come in parts.
    #[cfg(any(feature = "blocking", feature = "tokio"))]
    pub(crate) fn gives_parts(&self) -> bool {
        self.machine.options.fragments
    }

    /// Whether there may be more than messages.
    #[inline]
    pub(crate) fn may_be_raw(&self) -> bool {
        let Options { allowed, unvalidated, fragments, .. } = self.machine.options;
        unvalidated || fragments || !allowed.is_none()
    }
}

impl Machine {
    pub(super) fn apply_options(&mut self) {
        let inflates = self.inflater.is_some();
        self.reader = reader(self.role, &self.limits, self.options, inflates);
    }

    /// Takes note of what a message is; gives how it is to be gathered, and whether to be inflated.
    pub(super) fn start(&mut self, kind: DataKind, rsv: Rsv) -> (DataKind, bool) {
        let compressed = self.inflater.is_some() && rsv.contains(Rsv::RSV1);
        let rsv = if compressed { rsv.without(Rsv::RSV1) } else { rsv };
        let is_raw = !rsv.is_none() || (kind == DataKind::Text && self.options.unvalidated);
        self.raw = is_raw.then_some(Raw { kind, rsv });
        self.kind = (kind, rsv);
        (if is_raw { DataKind::Binary } else { kind }, compressed)
    }

    fn raw_message(&self) -> Option<RawMessage<'_>> {
        let frame = self.reader.current();
        if frame.is_message() {
            let is_raw = frame.is_text_message() && self.options.unvalidated;
            let (kind, payload) = (DataKind::Text, self.reader.payload());
            return is_raw.then_some(RawMessage { kind, rsv: Rsv::NONE, payload });
        }
        let Raw { kind, rsv } = self.raw.filter(|_| !frame.opcode().is_control())?;
        match self.content.message() {
            Message::Binary(payload) => Some(RawMessage { kind, rsv, payload }),
            _ => None,
        }
    }

    /// The message handed out last.
    fn message_again(&self) -> Result<Message<'_>, ProtocolError> {
        let frame = self.reader.current();
        if frame.opcode().is_control() {
            return control::message(frame.opcode(), self.reader.payload());
        }
        Ok(if frame.is_message() { message(self.reader.payload_again()) } else { self.content.message() })
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { allowed: Rsv::NONE, unvalidated: false, any_length_encoding: false, fragments: false }
    }
}
