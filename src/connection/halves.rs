//! A connection's two sides apart from each other, for adapters that keep them in different places.

use core::ops::DerefMut;

use wscodec_kernel::CloseCode;

use super::ending::Ending;
use super::options::Options;
use super::{Connection, Event, Sender, State};
use crate::{Decoder, Error, Message};

/// The receiving side. What it has to say to the peer goes to a [`Sender`] that it is lent when it needs it, which most
/// messages don't.
#[derive(Debug)]
pub(crate) struct Receiver {
    decoder: Decoder,
    options: Options,
    ending: Ending,
    /// Whether messages come in parts.
    gives_parts: bool,
}

/// What [`Receiver::advance`] went on to. Small, and the error elsewhere: to hand that through would take as long as a short
/// message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Data,
    /// A ping or pong, which may have queued an answer.
    Control,
    Close,
    /// No event: more must be read for one, or it was the last.
    Nothing,
    /// Nor will there be one: [`Receiver::error`] tells why.
    Failure,
}

impl Connection {
    pub(crate) fn into_halves(self) -> (Receiver, Sender) {
        let Self { decoder, sender, options, ending, .. } = self;
        let gives_parts = decoder.gives_parts();
        (Receiver { decoder, options, ending, gives_parts }, sender)
    }

    pub(crate) fn from_halves(receiver: Receiver, sender: Sender) -> Self {
        let Receiver { decoder, options, ending, .. } = receiver;
        let is_special = decoder.may_be_raw() || ending.error.is_some();
        Self { decoder, sender, options, ending, is_special }
    }
}

impl Receiver {
    /// Goes on to the next event, which [`event`](Self::event) then has.
    #[inline]
    pub(crate) fn advance<S: DerefMut<Target = Sender>>(&mut self, sender: impl FnOnce() -> S) -> Arrival {
        if !self.gives_parts {
            // Most often it is one, or there is nothing to be said.
            if self.decoder.advance_to_message() {
                return Arrival::Data;
            }
            if self.decoder.is_drained() && !self.ending.eof {
                self.ending.pending = false;
                return Arrival::Nothing;
            }
        }
        self.advance_to_any(sender)
    }

    /// [`advance`](Self::advance), and whether there is an event.
    #[cfg(feature = "blocking")]
    #[inline]
    pub(crate) fn find_event<S: DerefMut<Target = Sender>>(
        &mut self,
        sender: impl FnOnce() -> S,
    ) -> Result<bool, Error> {
        match self.advance(sender) {
            Arrival::Data | Arrival::Control | Arrival::Close => Ok(true),
            Arrival::Nothing => Ok(false),
            Arrival::Failure => self.ending.error.map_or(Ok(false), Err),
        }
    }

    #[inline(never)]
    fn advance_to_any<S: DerefMut<Target = Sender>>(&mut self, sender: impl FnOnce() -> S) -> Arrival {
        let Self { decoder, options, ending, gives_parts } = self;
        let control = if *gives_parts {
            decoder.next_event().map(|event| {
                event.map(|event| match event {
                    Event::Message(message) => Some(message),
                    Event::Raw(_) | Event::Fragment(_) => None,
                })
            })
        } else {
            match decoder.next_message() {
                Ok(Some(message)) if !message.is_control() => return Arrival::Data,
                other => other.map(|message| message.map(Some)),
            }
        };
        match control {
            Ok(Some(None)) => Arrival::Data,
            Ok(Some(Some(message))) => {
                let sender = &mut *sender();
                match options.answer(message, sender, ending) {
                    Ok(()) if matches!(message, Message::Close(_)) => Arrival::Close,
                    Ok(()) => Arrival::Control,
                    Err(error) => fail(ending, error, sender),
                }
            }
            Ok(None) => {
                if ending.eof {
                    ending.note_end_of_events(&mut sender());
                } else {
                    ending.pending = false;
                }
                Arrival::Nothing
            }
            Err(error) => fail(ending, error, &mut sender()),
        }
    }

    /// The event that was gone on to.
    #[inline]
    pub(crate) fn event(&self) -> Result<Event<'_>, Error> {
        self.decoder.event_again()
    }

    /// The event that was gone on to, as a message: what nobody has looked into is binary.
    #[cfg(feature = "tokio")]
    #[inline(always)]
    pub(crate) fn message(&self) -> Result<Message<'_>, Error> {
        self.decoder.message_as_it_is()
    }

    /// Whether a message came with the one that was gone on to.
    #[cfg(feature = "tokio")]
    #[inline]
    pub(crate) fn has_more(&self) -> bool {
        self.decoder.has_message()
    }

    /// See [`Decoder::grow_reads_with_payloads`].
    #[cfg(feature = "tokio")]
    pub(crate) const fn grow_reads_with_payloads(&mut self, alone: bool) {
        self.decoder.grow_reads_with_payloads(alone);
    }

    /// Where to read to; the event is gone with this.
    #[inline(always)]
    pub(crate) fn room(&mut self) -> &mut [u8] {
        self.decoder.room()
    }

    /// Takes note of what was read to the room: no more than that.
    #[inline]
    pub(crate) fn filled(&mut self, bytes: usize) {
        if self.ending.reads() {
            self.decoder.take_filled(bytes);
            self.ending.pending |= bytes > 0;
        }
    }

    /// See [`Connection::share_buffers`]; the event is gone with this.
    #[inline(always)]
    pub(crate) fn share_buffers(&mut self) {
        self.decoder.share_buffers();
    }

    pub(crate) fn eof(&mut self, sender: &mut Sender) {
        self.ending.note_eof(sender);
    }

    /// Whether nothing has ended yet, in this direction.
    #[cfg(feature = "tokio")]
    #[inline]
    pub(crate) const fn reads(&self) -> bool {
        self.ending.reads()
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn is_at_eof(&self) -> bool {
        self.ending.eof
    }

    #[cfg(feature = "tokio")]
    /// Whether the peer has sent its close frame.
    pub(crate) fn is_closed(&self) -> bool {
        self.ending.received.is_some()
    }

    pub(crate) fn state(&self, sender: &Sender) -> State {
        self.ending.state(sender.is_closed())
    }

    pub(crate) fn should_shut(&self, sender: &Sender) -> bool {
        self.ending.should_shut(sender)
    }

    pub(crate) fn close_code(&self) -> Option<CloseCode> {
        self.ending.close_code()
    }

    pub(crate) fn error(&self) -> Option<Error> {
        self.ending.error
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn compressed_messages(&self) -> u64 {
        self.decoder.compressed_messages()
    }

    /// The bytes of memory that both sides hold.
    pub(crate) fn memory(&self, sender: &Sender) -> usize {
        size_of::<Self>() - size_of_val(&self.decoder) + self.decoder.memory() + sender.memory()
    }

    /// See [`Connection::release`].
    pub(crate) fn release(&mut self, sender: &mut Sender) {
        self.decoder.release();
        sender.release();
    }
}

#[cold]
fn fail(ending: &mut Ending, error: Error, sender: &mut Sender) -> Arrival {
    ending.fail(error, sender);
    Arrival::Failure
}

#[cfg(feature = "blocking")]
impl Sender {
    /// Moves the output to the end of a buffer whose owner writes it, and says how far it [has come](Self::keep_lent): until then
    /// it counts as queued.
    pub(crate) fn lend_output(&mut self, out: &mut Vec<u8>) {
        self.output.lend(out);
    }

    /// Takes note that of the output that is lent no more than so many `bytes` are still to be written.
    pub(crate) fn keep_lent(&mut self, bytes: usize) {
        self.output.keep_lent(bytes);
        self.pongs.go_on(&mut self.encoder, &mut self.output);
    }

    /// Whether all that was ever queued was written.
    pub(crate) const fn is_written(&self) -> bool {
        self.output.is_written()
    }
}
