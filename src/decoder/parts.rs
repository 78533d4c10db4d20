//! Messages handed out as they arrive, so that memory follows what one read brings and not what a message has.

use super::content::Content;
use super::message::MessageUnderWay;
use super::{Decoder, Machine};
use crate::{DataKind, Error, Event, Fragment};

/// What was handed out last.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// A control frame, in the reader.
    Control,
    /// Of a data message: the bytes that the reader is at, or those inflated to the content.
    Plain(Flags),
    Inflated(Flags),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Flags {
    first: bool,
    last: bool,
}

impl Decoder {
    /// See [`Connection::with_fragments`](crate::Connection::with_fragments).
    #[must_use]
    pub(crate) fn with_fragments(mut self) -> Self {
        self.machine.options.fragments = true;
        self.machine.apply_options();
        self
    }

    /// The next control frame or part of a data message.
    pub(super) fn next_part(&mut self) -> Result<Option<Event<'_>>, Error> {
        let Self { failure, machine, .. } = self;
        match machine.next_part() {
            // After a failure there is nothing to decode.
            Ok(None) => failure.map_or(Ok(None), Err),
            Ok(Some(part)) => {
                machine.part = Some(part);
                if !matches!(part, Part::Control) {
                    return Ok(Some(Event::Fragment(machine.fragment(part))));
                }
                match machine.control() {
                    Ok(message) => Ok(Some(Event::Message(message))),
                    Err(error) => Err(*failure.get_or_insert(error)),
                }
            }
            Err(error) => {
                machine.stop();
                Err(*failure.get_or_insert(error))
            }
        }
    }
}

impl Machine {
    /// The part of a data message that was handed out last, if it was one.
    pub(super) fn part_again(&self) -> Option<Fragment<'_>> {
        let part = self.part.filter(|part| !matches!(part, Part::Control))?;
        Some(self.fragment(part))
    }

    fn next_part(&mut self) -> Result<Option<Part>, Error> {
        loop {
            if let Some(part) = self.inflate_part()? {
                return Ok(Some(part));
            }
            if self.reader.advance().is_none() {
                return match self.reader.error() {
                    None => Ok(None),
                    Some(error) => Err(error.into()),
                };
            }
            if let Some(part) = self.take_part()? {
                return Ok(Some(part));
            }
        }
    }

    /// Takes the frame, or piece of one, that the reader is at. A piece without a byte is not worth an event, but for the end.
    fn take_part(&mut self) -> Result<Option<Part>, Error> {
        let frame = self.reader.current();
        if frame.opcode().is_control() {
            return Ok(Some(Part::Control));
        }
        let message = self.begin_frame(&frame)?;
        let payload = self.reader.payload();
        let last = frame.ends() && frame.fin();
        if message.compressed {
            if let Some(inflater) = &mut self.inflater {
                inflater.give(payload, last);
            }
            return Ok(None);
        }
        let is_empty = payload.is_empty();
        Ok(if is_empty && !last { None } else { Some(Part::Plain(self.flags(last))) })
    }

    /// Inflates more of the compressed piece at hand, if there is one.
    fn inflate_part(&mut self) -> Result<Option<Part>, Error> {
        let (Some(message), Some(inflater)) = (&self.message, &mut self.inflater) else { return Ok(None) };
        if !inflater.has_more() {
            return Ok(None);
        }
        self.content.start(DataKind::Binary);
        let last = inflater.part(message, &mut self.content)?;
        let is_empty = matches!(&self.content, Content::Binary(bytes) if bytes.is_empty());
        Ok(if is_empty && !last { None } else { Some(Part::Inflated(self.flags(last))) })
    }

    /// Takes note that a part of the message under way is handed out.
    fn flags(&mut self, last: bool) -> Flags {
        let first = self.message.as_mut().is_some_and(MessageUnderWay::hand_out);
        if last {
            self.message = None;
        }
        Flags { first, last }
    }

    fn fragment(&self, part: Part) -> Fragment<'_> {
        let (payload, flags) = match (part, &self.content) {
            (Part::Inflated(flags), Content::Binary(bytes)) => (&bytes[..], flags),
            (Part::Plain(flags) | Part::Inflated(flags), _) => (self.reader.payload(), flags),
            (Part::Control, _) => (self.reader.payload(), Flags { first: false, last: false }),
        };
        let (kind, rsv) = self.kind;
        Fragment { kind, rsv, payload, is_first: flags.first, is_last: flags.last }
    }
}
