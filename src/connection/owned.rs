#[cfg(feature = "bytes")]
mod shared;
#[cfg(feature = "bytes")]
mod text;

#[cfg(feature = "bytes")]
pub use self::shared::SharedMessage;
#[cfg(feature = "bytes")]
pub use self::text::SharedText;
use crate::{CloseCode, CloseFrame, Message};

/// A [`Message`] that owns its bytes, to be kept or sent to another thread.
///
/// ```
/// use wscodec::{Message, OwnedMessage};
///
/// let owned = OwnedMessage::from(Message::Text("Hello"));
/// assert_eq!(owned, OwnedMessage::from("Hello".to_owned()));
/// assert_eq!(owned.as_message(), Message::Text("Hello"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnedMessage {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A close frame, with its code and its reason if it has them.
    Close(Option<(CloseCode, String)>),
}

impl OwnedMessage {
    /// The same, borrowed.
    #[must_use]
    pub fn as_message(&self) -> Message<'_> {
        match self {
            Self::Text(text) => Message::Text(text),
            Self::Binary(bytes) => Message::Binary(bytes),
            Self::Ping(payload) => Message::Ping(payload),
            Self::Pong(payload) => Message::Pong(payload),
            Self::Close(frame) => {
                Message::Close(frame.as_ref().map(|(code, reason)| CloseFrame::new(*code, reason)))
            }
        }
    }
}

impl From<Message<'_>> for OwnedMessage {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Self::Text(text.to_owned()),
            Message::Binary(bytes) => Self::Binary(bytes.to_vec()),
            Message::Ping(payload) => Self::Ping(payload.to_vec()),
            Message::Pong(payload) => Self::Pong(payload.to_vec()),
            Message::Close(frame) => Self::Close(frame.map(|frame| (frame.code, frame.reason.to_owned()))),
        }
    }
}

impl From<String> for OwnedMessage {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for OwnedMessage {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}

impl<'a> From<&'a OwnedMessage> for Message<'a> {
    fn from(message: &'a OwnedMessage) -> Self {
        message.as_message()
    }
}
