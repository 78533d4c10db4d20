use core::borrow::Borrow;
use core::hash::{Hash, Hasher};
use core::ops::Deref;
use core::{cmp, fmt};
use std::sync::Arc;

use bytes::Bytes;
use wscodec_kernel::{Utf8Error, validate_text};

/// UTF-8 text that many owners share: a clone costs a counter, not a copy. Behind the feature `bytes`.
///
/// | from | it costs |
/// |---|---|
/// | `&str` | one allocation, and a copy |
/// | `String`, `Arc<str>`, [`from_static`](Self::from_static) | no copy |
/// | `Bytes` | a look whether it is UTF-8, and a copy if others share the bytes |
///
/// and into [`Bytes`] it goes without a copy.
///
/// ```
/// use bytes::Bytes;
/// use wscodec::SharedText;
///
/// let text = SharedText::from("Hello".to_owned());
/// assert_eq!(text.clone(), "Hello");
/// assert_eq!(Bytes::from(text), "Hello");
/// assert!(SharedText::try_from(Bytes::from_static(b"\xff")).is_err());
/// ```
#[derive(Clone)]
pub struct SharedText(Repr);

/// What holds the text as text, so that no unsafe code, and no second look, is needed to read it as such.
#[derive(Clone)]
enum Repr {
    Static(&'static str),
    Copied(Arc<str>),
    Taken(Arc<String>),
}

impl SharedText {
    /// A text that is there for as long as the program is.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self(Repr::Static(text))
    }

    /// The text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Static(text) => text,
            Repr::Copied(text) => text,
            Repr::Taken(text) => text,
        }
    }
}

impl Default for SharedText {
    fn default() -> Self {
        Self::from_static("")
    }
}

impl Deref for SharedText {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for SharedText {
    fn as_ref(&self) -> &str {
        self
    }
}

impl AsRef<[u8]> for SharedText {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<str> for SharedText {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        Self(Repr::Copied(text.into()))
    }
}

impl From<String> for SharedText {
    fn from(text: String) -> Self {
        Self(Repr::Taken(Arc::new(text)))
    }
}

impl From<Arc<str>> for SharedText {
    fn from(text: Arc<str>) -> Self {
        Self(Repr::Copied(text))
    }
}

impl TryFrom<Bytes> for SharedText {
    type Error = Utf8Error;

    /// # Errors
    /// [`Utf8Error`] if the bytes are not UTF-8.
    fn try_from(bytes: Bytes) -> Result<Self, Utf8Error> {
        validate_text(&bytes)?;
        // The vector may be the one within, taken back; it was valid a moment ago.
        Ok(String::from_utf8(bytes.into()).unwrap_or_default().into())
    }
}

impl From<SharedText> for Bytes {
    fn from(text: SharedText) -> Self {
        match text.0 {
            Repr::Static(text) => Self::from_static(text.as_bytes()),
            shared => Self::from_owner(SharedText(shared)),
        }
    }
}

/// Copies what others share as well.
impl From<SharedText> for String {
    fn from(text: SharedText) -> Self {
        match text.0 {
            Repr::Taken(text) => Arc::unwrap_or_clone(text),
            other => SharedText(other).as_str().to_owned(),
        }
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for SharedText {}

impl PartialEq<str> for SharedText {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for SharedText {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for SharedText {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SharedText {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.as_str().cmp(other)
    }
}

/// As that of a `str`.
impl Hash for SharedText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_source_gives_the_text_as_it_is() {
        for text in ["", "a", "größer, ☃, 🦀"] {
            let sources = [
                SharedText::from(text),
                text.to_owned().into(),
                SharedText::from(Arc::<str>::from(text)),
                SharedText::try_from(Bytes::from_static(text.as_bytes())).unwrap(),
                SharedText::try_from(Bytes::from(text.as_bytes().to_vec())).unwrap(),
            ];
            for shared in sources {
                assert_eq!(shared, text);
                assert_eq!(shared.to_string(), text);
                assert_eq!(format!("{shared:?}"), format!("{text:?}"));
                assert_eq!(Bytes::from(shared.clone()), text);
                assert_eq!(String::from(shared.clone()), text);
                assert_eq!(HashMap::from([(shared, 1)]).get(text), Some(&1));
            }
        }
    }

    #[test]
    fn a_string_goes_in_and_out_without_a_copy() {
        let text = "on the heap".to_owned();
        let place = text.as_ptr();
        let shared = SharedText::from(text);
        assert_eq!(Bytes::from(shared.clone()).as_ptr(), place);
        let text = String::from(shared);
        assert_eq!(text.as_ptr(), place);
        let bytes = Bytes::from(b"bytes of one owner".to_vec());
        let place = bytes.as_ptr();
        assert_eq!(SharedText::try_from(bytes).unwrap().as_ptr(), place);
    }

    #[test]
    fn bytes_that_are_not_text_are_refused_where_they_stop_being_it() {
        let bytes = Bytes::from_static(b"ab\xff");
        assert_eq!(SharedText::try_from(bytes).unwrap_err().offset(), 2);
    }

    #[test]
    fn it_is_ordered_like_text() {
        let mut texts = ["b", "", "ab", "a"].map(SharedText::from);
        texts.sort();
        assert_eq!(texts.map(String::from), ["", "a", "ab", "b"]);
    }
}
