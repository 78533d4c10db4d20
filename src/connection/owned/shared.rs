use bytes::Bytes;

use super::SharedText;
use crate::{CloseCode, CloseFrame, Message, OwnedMessage};

/// A [`Message`] whose bytes are shared: a clone costs a counter, not a copy. Behind the feature `bytes`.
///
/// ```
/// use bytes::Bytes;
/// use wscodec::{Message, SharedMessage};
///
/// let message = SharedMessage::from(Bytes::from_static(b"from elsewhere"));
/// assert_eq!(message.clone().as_message(), Message::Binary(b"from elsewhere"));
/// assert_eq!(SharedMessage::from("Hello").as_text(), Some("Hello"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SharedMessage {
    /// A text message.
    Text(SharedText),
    /// A binary message.
    Binary(Bytes),
    /// A ping, at most 125 bytes.
    Ping(Bytes),
    /// A pong, at most 125 bytes.
    Pong(Bytes),
    /// A close frame, with its code and its reason, of at most 123 bytes, if it has them.
    Close(Option<(CloseCode, String)>),
}

impl SharedMessage {
    /// The same, borrowed.
    #[must_use]
    #[inline]
    pub fn as_message(&self) -> Message<'_> {
        match self {
            Self::Text(text) => Message::Text(text.as_str()),
            Self::Binary(bytes) => Message::Binary(bytes),
            Self::Ping(payload) => Message::Ping(payload),
            Self::Pong(payload) => Message::Pong(payload),
            Self::Close(frame) => {
                Message::Close(frame.as_ref().map(|(code, reason)| CloseFrame::new(*code, reason)))
            }
        }
    }

    /// The text of a text message.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The payload of a text or binary message.
    #[must_use]
    pub fn as_data(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text.as_bytes()),
            Self::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether this is a ping, pong or close (RFC 6455 section 5.5).
    #[must_use]
    pub const fn is_control(&self) -> bool {
        matches!(self, Self::Ping(_) | Self::Pong(_) | Self::Close(_))
    }
}

/// Copies the bytes, once.
impl From<Message<'_>> for SharedMessage {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Self::Text(text.into()),
            Message::Binary(bytes) => Self::Binary(Bytes::copy_from_slice(bytes)),
            Message::Ping(payload) => Self::Ping(Bytes::copy_from_slice(payload)),
            Message::Pong(payload) => Self::Pong(Bytes::copy_from_slice(payload)),
            Message::Close(frame) => Self::Close(frame.map(|frame| (frame.code, frame.reason.to_owned()))),
        }
    }
}

/// Copies nothing.
impl From<OwnedMessage> for SharedMessage {
    fn from(message: OwnedMessage) -> Self {
        match message {
            OwnedMessage::Text(text) => Self::Text(text.into()),
            OwnedMessage::Binary(bytes) => Self::Binary(bytes.into()),
            OwnedMessage::Ping(payload) => Self::Ping(payload.into()),
            OwnedMessage::Pong(payload) => Self::Pong(payload.into()),
            OwnedMessage::Close(frame) => Self::Close(frame),
        }
    }
}

/// Copies what others share as well.
impl From<SharedMessage> for OwnedMessage {
    fn from(message: SharedMessage) -> Self {
        match message {
            SharedMessage::Text(text) => Self::Text(text.into()),
            SharedMessage::Binary(bytes) => Self::Binary(bytes.into()),
            SharedMessage::Ping(payload) => Self::Ping(payload.into()),
            SharedMessage::Pong(payload) => Self::Pong(payload.into()),
            SharedMessage::Close(frame) => Self::Close(frame),
        }
    }
}

impl<'a> From<&'a SharedMessage> for Message<'a> {
    fn from(message: &'a SharedMessage) -> Self {
        message.as_message()
    }
}

impl From<&str> for SharedMessage {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for SharedMessage {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<SharedText> for SharedMessage {
    fn from(text: SharedText) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for SharedMessage {
    fn from(bytes: &[u8]) -> Self {
        Self::Binary(Bytes::copy_from_slice(bytes))
    }
}

impl From<Vec<u8>> for SharedMessage {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

impl From<Bytes> for SharedMessage {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [SharedMessage; 6] {
        [
            "text, ß".into(),
            vec![0xff, 0].into(),
            SharedMessage::Ping(Bytes::from_static(b"ping")),
            SharedMessage::Pong(Bytes::from_static(b"pong")),
            SharedMessage::Close(None),
            SharedMessage::Close(Some((CloseCode::NORMAL, "bye".to_owned()))),
        ]
    }

    #[test]
    fn conversions_keep_what_a_message_is() {
        for shared in all() {
            let owned = OwnedMessage::from(shared.clone());
            assert_eq!(owned.as_message(), shared.as_message());
            assert_eq!(SharedMessage::from(owned), shared);
            assert_eq!(SharedMessage::from(shared.as_message()), shared);
            assert_eq!(shared.is_control(), shared.as_message().is_control());
            assert_eq!(shared.is_control(), shared.as_data().is_none());
        }
    }

    #[test]
    fn a_clone_shares_its_bytes() {
        let text = SharedMessage::from("not copied".to_owned());
        assert_eq!(text.clone().as_data().unwrap().as_ptr(), text.as_data().unwrap().as_ptr());
        let bytes = Bytes::from(b"not copied either".to_vec());
        assert_eq!(SharedMessage::from(bytes.clone()).as_data().unwrap().as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn it_is_small() {
        assert!(size_of::<SharedMessage>() <= 5 * size_of::<usize>());
    }
}
