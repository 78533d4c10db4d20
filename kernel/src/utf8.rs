//! Streaming UTF-8 validation (RFC 3629), as RFC 6455 section 8.1 asks of text.

use core::fmt;

use crate::CloseCode;

/// Validates UTF-8 that arrives in pieces, each byte looked at once, failing at the first byte that
/// no valid text can have in its place.
///
/// ```
/// use wscodec_kernel::Utf8Validator;
///
/// let mut validator = Utf8Validator::new();
/// validator.push(b"caf\xc3")?;
/// validator.push(b"\xa9")?;
/// validator.finish()?;
///
/// validator.push(b"ok")?;
/// let error = validator.push(b"a\xffb").unwrap_err();
/// assert_eq!(error.offset(), 3); // of the message, not of the piece
/// # Ok::<(), wscodec_kernel::Utf8Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Utf8Validator {
    /// The codepoint cut short by the end of the last piece: its first `pending_length` bytes.
    pending: [u8; 4],
    /// 0 to 3.
    pending_length: u8,
    /// Bytes of the text taken so far, those pending included.
    taken: u64,
    error: Option<Utf8Error>,
}

/// Text that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utf8Error {
    offset: u64,
}

impl Utf8Validator {
    /// A validator at the start of a text.
    #[must_use]
    pub const fn new() -> Self {
        Self { pending: [0; 4], pending_length: 0, taken: 0, error: None }
    }

    /// Takes the next piece of the text; an empty one changes nothing.
    ///
    /// # Errors
    /// [`Utf8Error`] at the first byte that can't continue the text. From then on every call gives the same
    /// error, until [`finish`](Self::finish) or [`reset`](Self::reset) starts the next text.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Utf8Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let rest = self.complete_pending(piece)?;
        match core::str::from_utf8(rest) {
            Ok(_) => self.taken += rest.len() as u64,
            Err(error) => {
                let bad = &rest[error.valid_up_to()..];
                self.taken += error.valid_up_to() as u64;
                match error.error_len() {
                    Some(length) => return self.fail(bad_byte(bad, length)),
                    None => self.keep_pending(bad),
                }
            }
        }
        Ok(())
    }

    /// Ends the text and makes the validator ready for the next one.
    ///
    /// # Errors
    /// [`Utf8Error`] with the text's length as its offset if the last codepoint is cut short; the error of
    /// [`push`](Self::push) if there was one.
    pub fn finish(&mut self) -> Result<(), Utf8Error> {
        let ended = core::mem::take(self);
        match ended.error {
            Some(error) => Err(error),
            None if ended.pending_length > 0 => Err(Utf8Error { offset: ended.taken }),
            None => Ok(()),
        }
    }

    /// Forgets the text under way.
    pub fn reset(&mut self) {
        *self = Self::new();
    }

    /// Takes the bytes of `piece` that belong to the codepoint under way, and gives the others.
    fn complete_pending<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], Utf8Error> {
        let mut rest = piece;
        while self.pending_length > 0
            && let Some((&byte, after)) = rest.split_first()
        {
            let length = usize::from(self.pending_length);
            self.pending[length] = byte;
            match core::str::from_utf8(&self.pending[..=length]) {
                Ok(_) => self.pending_length = 0,
                Err(error) if error.error_len().is_some() => return self.fail(0),
                Err(_) => self.pending_length += 1,
            }
            self.taken += 1;
            rest = after;
        }
        Ok(rest)
    }

    fn keep_pending(&mut self, bytes: &[u8]) {
        self.pending[..bytes.len()].copy_from_slice(bytes);
        #[expect(clippy::cast_possible_truncation, reason = "a codepoint cut short has 3 bytes at the most")]
        {
            self.pending_length = bytes.len() as u8;
        }
        self.taken += bytes.len() as u64;
    }

    /// Fails at the byte `after` bytes behind those taken.
    fn fail<T>(&mut self, after: usize) -> Result<T, Utf8Error> {
        let error = Utf8Error { offset: self.taken + after as u64 };
        self.error = Some(error);
        Err(error)
    }
}

/// The index of the byte that breaks the sequence at the start of `bytes`, whose first `length` bytes
/// `core` calls invalid: a byte that can't begin a codepoint is itself wrong, after one that can the next byte is.
fn bad_byte(bytes: &[u8], length: usize) -> usize {
    if matches!(bytes[0], 0xC2..=0xF4) { length } else { 0 }
}

impl Utf8Error {
    /// Where the text goes wrong, in bytes from its start: the first byte that can't stand in its place
    /// after those before it, or the text's length when its last codepoint is cut short.
    #[must_use]
    pub const fn offset(self) -> u64 {
        self.offset
    }

    /// The code of the close frame to answer with: 1007.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        CloseCode::INVALID_PAYLOAD
    }
}

impl fmt::Display for Utf8Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text is not UTF-8 from byte {}", self.offset)
    }
}

impl core::error::Error for Utf8Error {}
