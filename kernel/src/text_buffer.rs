//! Text that is gathered: validated as it comes, and never looked at again.

use alloc::vec::Vec;

use crate::{Utf8Error, Utf8Validator, validate_text};

/// A text message that arrives in pieces, gathered and validated as they come. With the feature `alloc`.
///
/// ```
/// use wscodec_kernel::TextBuffer;
///
/// let mut text = TextBuffer::new();
/// text.push(b"caf\xC3")?;
/// assert_eq!(text.as_str(), "caf");
/// text.push(b"\xA9")?;
/// text.finish()?;
/// assert_eq!(text.as_str(), "café");
/// # Ok::<(), wscodec_kernel::Utf8Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TextBuffer {
    bytes: Vec<u8>,
    /// How many of the bytes are whole codepoints, all valid.
    whole: usize,
    validator: Utf8Validator,
}

impl TextBuffer {
    /// An empty text.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), whole: 0, validator: Utf8Validator::new() }
    }

    /// An empty text that keeps the memory of `bytes`.
    #[must_use]
    pub fn reusing(mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        Self { bytes, whole: 0, validator: Utf8Validator::new() }
    }

    /// A text that is all there, without a copy.
    ///
    /// ```
    /// assert_eq!(wscodec_kernel::TextBuffer::from_bytes(b"Hello".to_vec())?.as_str(), "Hello");
    /// # Ok::<(), wscodec_kernel::Utf8Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Utf8Error`] if it is not UTF-8.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Utf8Error> {
        let whole = validate_text(&bytes)?.len();
        Ok(Self { bytes, whole, validator: Utf8Validator::new() })
    }

    /// Appends the next piece.
    ///
    /// # Errors
    /// [`Utf8Error`] at the first byte that can't continue the text; the piece is then not appended, and every later
    /// one gives the same error.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Utf8Error> {
        // First, for it may panic: the validator must not have taken what the buffer then lacks.
        self.bytes.reserve(piece.len());
        self.validator.push(piece)?;
        self.bytes.extend_from_slice(piece);
        self.whole = self.bytes.len() - self.validator.unfinished();
        Ok(())
    }

    /// Ends the text. A piece after that goes on with it, and offsets count from here.
    ///
    /// # Errors
    /// [`Utf8Error`] if its last codepoint is cut short.
    pub fn finish(&mut self) -> Result<(), Utf8Error> {
        self.bytes.truncate(self.whole);
        self.validator.finish()
    }

    /// The text so far, without a codepoint that is still cut short.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // SAFETY: the validator took these bytes, and they end with a codepoint.
        unsafe { core::str::from_utf8_unchecked(&self.bytes[..self.whole]) }
    }

    /// The bytes of memory that it holds.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Moves the text to other memory; gives what it was in.
    ///
    /// ```
    /// let mut text = wscodec_kernel::TextBuffer::reusing(Vec::with_capacity(1_000));
    /// text.push(b"caf\xC3")?;
    /// assert_eq!(text.move_to(Vec::new()).capacity(), 1_000);
    /// text.push(b"\xA9")?;
    /// assert_eq!(text.as_str(), "café");
    /// # Ok::<(), wscodec_kernel::Utf8Error>(())
    /// ```
    #[must_use]
    pub fn move_to(&mut self, mut memory: Vec<u8>) -> Vec<u8> {
        memory.clear();
        memory.extend_from_slice(&self.bytes);
        core::mem::replace(&mut self.bytes, memory)
    }

    /// Gives the memory back, with the bytes in it.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
