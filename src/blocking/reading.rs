//! Waiting for the next event, the same for a whole socket and for its reading half.

use super::Error;
use crate::{Event, Fragment, Message, RawMessage, State};

/// What events come from.
pub(super) trait Source {
    /// Goes on to the next event of what was read.
    fn advance(&mut self) -> Result<bool, crate::Error>;
    fn state(&self) -> State;
    /// Writes what is queued.
    fn flush(&mut self) -> Result<(), Error>;
    /// Reads once.
    fn fill(&mut self) -> Result<(), Error>;
}

/// Goes on to the next event; false after the last.
pub(super) fn next(source: &mut impl Source) -> Result<bool, Error> {
    next_before(source, || false)
}

/// The same, but once the first read has brought none, this looks whether the time `is_over`: then it is as if a read had timed
/// out. One read alone may take longer.
pub(super) fn next_before(source: &mut impl Source, is_over: impl Fn() -> bool) -> Result<bool, Error> {
    let mut has_read = false;
    loop {
        match source.advance() {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(error) => {
                // The peer hears of it if it can; the error is the news.
                let _ = source.flush();
                return Err(error.into());
            }
        }
        match source.state() {
            State::Lost => return Err(Error::Lost),
            State::Open | State::CloseSent => {}
            // A peer that has said goodbye may be gone already.
            _ => {
                return if let Err(Error::WouldBlock) = source.flush() {
                    Err(Error::WouldBlock)
                } else {
                    Ok(false)
                };
            }
        }
        if has_read && is_over() {
            return Err(Error::WouldBlock);
        }
        has_read = true;
        match source.flush() {
            // The peer may be waiting to be read itself.
            Ok(()) | Err(Error::WouldBlock) => source.fill()?,
            Err(error) => return Err(error),
        }
    }
}

/// A data message, or a part of one, as it is, whether or not it is raw; `None` for a control frame.
pub(super) fn raw<'a>(event: &Event<'a>) -> Option<RawMessage<'a>> {
    let (kind, payload) = match *event {
        Event::Raw(raw) => return Some(raw),
        Event::Fragment(Fragment { kind, rsv, payload, .. }) => {
            return Some(RawMessage { kind, rsv, payload });
        }
        Event::Message(Message::Text(text)) => (crate::DataKind::Text, text.as_bytes()),
        Event::Message(Message::Binary(bytes)) => (crate::DataKind::Binary, bytes),
        Event::Message(_) => return None,
    };
    Some(RawMessage { kind, rsv: wscodec_kernel::Rsv::NONE, payload })
}
