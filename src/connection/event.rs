use wscodec_kernel::Rsv;

use crate::{DataKind, Message, RawMessage};

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
    /// A part of a data message; only from a connection that was asked for such
    /// ([`with_fragments`](crate::Connection::with_fragments)).
    Fragment(Fragment<'a>),
}

/// A part of a data message, as it arrived: of one of its frames, or of a few bytes less. Control frames may come between two.
///
/// ```
/// use wscodec::{Connection, DataKind, Event, Limits, Role};
///
/// let mut connection = Connection::new(Role::Client, Limits::new()).with_fragments();
/// let mut seen = Vec::new();
/// for read in [&b"\x02\x05on"[..], b"e t\x80\x02wo"] {
///     connection.push(read);
///     while let Some(Event::Fragment(part)) = connection.next_event()? {
///         assert_eq!(part.kind, DataKind::Binary);
///         seen.push((part.payload.to_vec(), part.is_first, part.is_last));
///     }
/// }
/// let parts = [("on", true, false), ("e t", false, false), ("wo", false, true)];
/// assert_eq!(seen, parts.map(|(payload, first, last)| (payload.into(), first, last)));
/// # Ok::<(), wscodec::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fragment<'a> {
    /// What the message holds.
    pub kind: DataKind,
    /// The reserved bits of its first frame, without the RSV1 of permessage-deflate.
    pub rsv: Rsv,
    /// The bytes: not masked, decompressed, empty only at the end. Of text without reserved bits they are UTF-8 as far as they have
    /// come, together with the parts before, so they may begin and end inside a character; with the last, all of it is.
    pub payload: &'a [u8],
    /// Whether the message begins with it.
    pub is_first: bool,
    /// Whether the message ends with it.
    pub is_last: bool,
}

impl<'a> Event<'a> {
    /// The message that a decoder would give: what nobody has looked into is binary.
    #[cfg(any(feature = "blocking", feature = "tokio"))]
    pub(crate) fn into_message(self) -> Message<'a> {
        match self {
            Self::Message(message) => message,
            Self::Raw(raw) => Message::Binary(raw.payload),
            Self::Fragment(part) => Message::Binary(part.payload),
        }
    }
}
