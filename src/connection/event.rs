use crate::{Message, RawMessage};

/// What came from the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A message, or a control frame. Pings and close frames come here as well, for whoever wants to know of them: unless the
    /// options say otherwise, their answers are queued already.
    Message(Message<'a>),
    /// A message of an extension of the user's own, or text that was not to be validated; only from a connection that was asked
    /// for such ([`with_reserved_bits`](crate::Connection::with_reserved_bits),
    /// [`without_text_validation`](crate::Connection::without_text_validation)).
    Raw(RawMessage<'a>),
}
