//! Streaming UTF-8 validation (RFC 3629), as RFC 6455 section 8.1 asks of text.

use core::fmt;

use crate::text::{Ending, look, unmask_and_look};
use crate::{CloseCode, Level, Masker};

mod lookup;

pub(crate) use lookup::{Lookup, is_short_text};

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
    #[inline]
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Utf8Error> {
        self.push_with(Level::best(), piece)
    }

    /// [`push`](Self::push) with this instruction set.
    ///
    /// # Errors
    /// As `push`.
    pub fn push_with(&mut self, level: Level, piece: &[u8]) -> Result<(), Utf8Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let rest = self.complete_pending(piece)?;
        self.take(rest, look(level, rest, Ending::Open))
    }

    /// Unmasks the next piece in place and takes it, in one pass over its bytes.
    ///
    /// ```
    /// use wscodec_kernel::{Masker, Utf8Validator};
    ///
    /// let (mut masker, mut validator) = (Masker::new([0x37, 0xfa, 0x21, 0x3d]), Utf8Validator::new());
    /// let mut piece = *b"\x7f\x9f\x4d\x51\x58";
    /// validator.push_masked(&mut piece, &mut masker)?;
    /// assert_eq!(&piece, b"Hello");
    /// # Ok::<(), wscodec_kernel::Utf8Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`push`](Self::push); the whole piece is unmasked all the same.
    #[inline]
    pub fn push_masked(&mut self, piece: &mut [u8], masker: &mut Masker) -> Result<(), Utf8Error> {
        self.push_masked_with(Level::best(), piece, masker)
    }

    /// [`push_masked`](Self::push_masked) with this instruction set.
    ///
    /// # Errors
    /// As `push_masked`.
    pub fn push_masked_with(
        &mut self,
        level: Level,
        piece: &mut [u8],
        masker: &mut Masker,
    ) -> Result<(), Utf8Error> {
        let mut finishing = 0;
        while self.pending_length > 0 && self.error.is_none() && finishing < piece.len() {
            masker.mask(&mut piece[finishing..=finishing]);
            finishing += 1;
            // An error is kept, and found again below.
            _ = self.complete_pending(&piece[finishing - 1..finishing]);
        }
        let rest = &mut piece[finishing..];
        let key = masker.key_of_next(rest.len());
        match self.error {
            None => {
                let looks_valid = unmask_and_look(level, rest, key, Ending::Open);
                self.take(rest, looks_valid)
            }
            Some(error) => {
                level.mask(rest, key);
                Err(error)
            }
        }
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

    /// How many bytes at the end of the text so far belong to a codepoint that is not complete, 0 to 3.
    #[must_use]
    pub const fn unfinished(&self) -> usize {
        self.pending_length as usize
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

    /// Takes bytes in which the vectors saw an error or none.
    #[inline]
    fn take(&mut self, bytes: &[u8], looks_valid: bool) -> Result<(), Utf8Error> {
        match bytes.last() {
            None => Ok(()),
            // The vectors see a byte that is never right together with the next one; there is none.
            Some(0xC0 | 0xC1 | 0xF5..) => self.find_error(bytes),
            Some(_) if looks_valid => {
                self.take_valid(bytes);
                Ok(())
            }
            Some(_) => self.find_error(bytes),
        }
    }

    /// Takes bytes that are text but for an unfinished codepoint at their end.
    fn take_valid(&mut self, bytes: &[u8]) {
        let pending = unfinished(bytes);
        self.pending[..pending.len()].copy_from_slice(pending);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "an unfinished codepoint has 3 bytes at the most"
        )]
        {
            self.pending_length = pending.len() as u8;
        }
        self.taken += bytes.len() as u64;
    }

    /// Fails in `bytes`, which are known to have a wrong one.
    #[cold]
    fn find_error(&mut self, bytes: &[u8]) -> Result<(), Utf8Error> {
        self.fail(first_wrong(bytes))
    }

    /// Fails at the byte `after` bytes behind those taken.
    #[cold]
    fn fail<T>(&mut self, after: usize) -> Result<T, Utf8Error> {
        let error = Utf8Error { offset: self.taken + after as u64 };
        self.error = Some(error);
        Err(error)
    }
}

impl Utf8Error {
    /// The error of a whole text that is known to have one.
    #[cold]
    pub(crate) fn find(text: &[u8]) -> Self {
        Self { offset: first_wrong(text) as u64 }
    }
}

/// The index of the first byte that can't follow those before it, the length if the text is only cut short.
fn first_wrong(text: &[u8]) -> usize {
    let Err(error) = core::str::from_utf8(text) else { return text.len() };
    let valid = error.valid_up_to();
    match error.error_len() {
        // A byte that can't begin a codepoint is itself wrong, after one that can the next byte is.
        Some(length) if matches!(text[valid], 0xC2..=0xF4) => valid + length,
        Some(_) => valid,
        None => text.len(),
    }
}

/// The codepoint at the end of `bytes` that needs more of them.
fn unfinished(bytes: &[u8]) -> &[u8] {
    for length in 1..=bytes.len().min(3) {
        let start = bytes.len() - length;
        match bytes[start] {
            // A continuation: its lead is further back.
            0x80..=0xBF => {}
            lead if sequence_length(lead) > length => return &bytes[start..],
            _ => break,
        }
    }
    &[]
}

const fn sequence_length(lead: u8) -> usize {
    match lead {
        0..=0x7F => 1,
        0x80..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xFF => 4,
    }
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
