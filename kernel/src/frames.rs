//! Decoding everything that a read brought in one call.
//!
//! ```text
//! input     [H|payload][H|payload][H|payl        what was read, unmasked where it lies or into the arena
//!              |           |       ^ consumed    the rest is given again, at the start, with what comes next
//!              v           v
//! arena     [payload|payload|                    small payloads, one after the other
//! frames    [ Frame | Frame |                    where each payload is, and what its header said
//! ```

mod error;
mod frame;
#[cfg(feature = "alloc")]
mod only;
mod plain;
mod rules;
mod step;

use crate::{Level, Masker, Rsv, Utf8Validator};

use frame::Place;
use rules::Rules;

pub use error::FrameError;
pub use frame::Frame;

/// Decodes frames, a whole read at a time: parses the headers, unmasks and validates text, all in one pass, with the
/// instruction set chosen once a call. It allocates nothing; the caller owns all the storage.
///
/// The rules of RFC 6455 that a frame must obey in its place are kept: which bits are reserved (section 5.2), who
/// masks (5.1), how messages are fragmented (5.4), that text is UTF-8, over all its fragments and as its bytes arrive
/// (8.1; a frame that is kept whole, with its last byte). What a control frame or a message means is the caller's business, also that a close frame is the last.
///
/// ```
/// use wscodec_kernel::{Frame, FrameDecoder, Opcode};
///
/// // Two frames from a client, and the beginning of a third.
/// let mut input = *b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x82\x81\0\0\0\0!\x89\x80\x01";
/// let (mut arena, mut frames) = ([0; 256], [Frame::default(); 8]);
///
/// let mut decoder = FrameDecoder::server();
/// let batch = decoder.decode(&mut input, &mut arena, &mut frames);
/// assert_eq!((batch.consumed, batch.frames, batch.error), (18, 2, None));
/// assert_eq!(frames[0].opcode(), Opcode::Text);
/// assert_eq!(frames[0].payload(&input, &arena), b"Hello");
/// assert_eq!(frames[1].payload(&input, &arena), b"!");
/// ```
#[derive(Clone, Debug)]
pub struct FrameDecoder {
    level: Level,
    rules: Rules,
    message: Message,
    /// Text under way: what its fragments and pieces were so far.
    validator: Utf8Validator,
    /// The frame whose payload is under way.
    piece: Option<Piece>,
    error: Option<FrameError>,
}

/// What [`FrameDecoder::decode`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Bytes of the input that are done with. Those after them begin the next call's input.
    pub consumed: usize,
    /// How many frames were written.
    pub frames: usize,
    /// What is wrong right after these frames; all before it is valid.
    pub error: Option<FrameError>,
    /// How many bytes of the arena hold payloads; each call begins at its start.
    pub arena: usize,
}

/// The message that the frames so far leave unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Message {
    None,
    Text,
    /// Binary, or text that only an extension can read.
    Opaque,
}

/// A payload of which bytes are still to come.
#[derive(Clone, Copy, Debug)]
struct Piece {
    first: u8,
    masker: Option<Masker>,
    remaining: u64,
    is_text: bool,
}

impl FrameDecoder {
    /// For the frames that a client sends, which are masked.
    #[must_use]
    pub fn server() -> Self {
        Self::new(true)
    }

    /// For the frames that a server sends, which are not.
    #[must_use]
    pub fn client() -> Self {
        Self::new(false)
    }

    fn new(masked: bool) -> Self {
        Self {
            level: Level::best(),
            rules: Rules::new(masked),
            message: Message::None,
            validator: Utf8Validator::new(),
            piece: None,
            error: None,
        }
    }

    /// Uses this instruction set.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Lets these reserved bits be set on the first frame of a message; the default is none.
    ///
    /// A message with one of them is not validated as text: what it says is up to the extension.
    #[must_use]
    pub fn with_reserved_bits(mut self, allowed: Rsv) -> Self {
        self.rules.allowed = allowed;
        self
    }

    /// Refuses payloads of more bytes, those of control frames as well, as soon as a header announces one; the default is
    /// none but the RFC's own limit.
    #[must_use]
    pub fn with_limit(mut self, bytes: u64) -> Self {
        self.rules.limit = bytes;
        self
    }

    /// Refuses a message whose first frame has a payload of more bytes, as soon as its header announces it, if it has no reserved
    /// bits: what an extension makes of one that has may be longer or shorter. The sum of fragments is the caller's to hold
    /// to a limit. The default is none.
    #[must_use]
    pub fn with_message_limit(mut self, bytes: u64) -> Self {
        self.rules.message_limit = bytes;
        self
    }

    /// Keeps frames of up to this many bytes (and 4 GiB), header included, whole: a part of one is not consumed until the rest
    /// has come, so the caller's buffer must have room for as many, or decoding stands still. Longer ones come out as
    /// pieces, as they arrive, and so does their text's first wrong byte: that of a frame kept whole is seen with its
    /// last. The default is 4,096; control frames, which have 139 bytes at the most, are kept whole in any case.
    #[must_use]
    pub fn with_whole_frames(mut self, up_to: usize) -> Self {
        self.rules.whole = up_to.min(u32::MAX as usize);
        self
    }

    /// Takes the length of a data frame in more bytes than it needs, too, which RFC 6455 section 5.2 forbids. For peers that are
    /// known to send such.
    #[must_use]
    pub fn with_any_length_encoding(mut self) -> Self {
        self.rules.minimal = false;
        self
    }

    /// Leaves text as it comes. For those who check it elsewhere, or trust the peer.
    #[must_use]
    pub fn without_validation(mut self) -> Self {
        self.rules.validate = false;
        self
    }

    /// Leaves text that is in fragments or pieces as it comes, and validates whole messages alone. For those who gather the
    /// others in a `TextBuffer`, which looks at each byte as well.
    #[must_use]
    pub fn with_validation_of_whole_messages(mut self) -> Self {
        self.rules.validate = true;
        self.rules.validate_parts = false;
        self
    }

    /// Decodes what `input` holds, until it ends, `frames` is full or an error is met.
    ///
    /// When `frames` came back full there may be more to decode: call again with the rest of `input`, after the payloads
    /// in `arena` are done with, since each call begins at its start. Otherwise all that is left is the start of a
    /// frame.
    ///
    /// Payloads of up to 125 bytes from a client go to `arena` while there are 128 bytes of room in it, since writing
    /// them where they lie would stall the reading of the next header; the others are unmasked in place. With an
    /// arena as long as `input` and 128 bytes more there is always room; an empty one is fine and slower. Bytes of
    /// `arena` that belong to no frame are left in any state, and bytes of `input` that were not consumed as they are,
    /// but for those of the frame that an error is about.
    ///
    /// An error is final: every later call consumes nothing and gives it again.
    pub fn decode(&mut self, input: &mut [u8], arena: &mut [u8], frames: &mut [Frame]) -> Batch {
        let input = within_u32(input);
        let arena = within_u32(arena);
        let mut batch = Batch { error: self.error, ..Batch::default() };
        while batch.error.is_none() && batch.frames < frames.len() {
            if self.piece.is_none() && self.message == Message::None {
                plain::decode(self.level, &self.rules, input, arena, frames, &mut batch);
            }
            if batch.error.is_some() || batch.frames == frames.len() {
                break;
            }
            match self.step(input, batch.consumed) {
                Ok(Some((frame, length))) => batch.take(frame, length, frames),
                Ok(None) => break,
                Err(error) => batch.error = Some(error),
            }
        }
        self.error = batch.error;
        batch
    }

    /// Whether a whole text message without reserved bits has been validated when it is given.
    #[cfg(feature = "alloc")]
    pub(crate) fn validates_messages(&self) -> bool {
        self.rules.validate
    }

    /// Validates text in one frame that comes in pieces, too, if whole messages are validated.
    #[cfg(feature = "alloc")]
    pub(crate) fn validate_pieces(&mut self) {
        self.rules.validate_pieces = true;
    }

    /// The longest frame kept whole, header included, and another one from here on.
    #[cfg(feature = "alloc")]
    pub(crate) fn whole_frames(&self) -> usize {
        self.rules.whole
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn keep_whole(&mut self, up_to: usize) {
        self.rules.whole = up_to;
    }

    /// Whether decoding ended with an error.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn has_error(&self) -> bool {
        self.error.is_some()
    }

    /// What decoding ended with.
    #[cfg(feature = "alloc")]
    pub(crate) fn error(&self) -> Option<FrameError> {
        self.error
    }

    /// Whether frames have to be masked.
    #[cfg(feature = "alloc")]
    pub(crate) fn wants_masked(&self) -> bool {
        self.rules.masked
    }

    /// Bytes still to come of the payload that is under way, 0 between frames.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.piece.map_or(0, |piece| piece.remaining)
    }
}

impl Batch {
    fn take(&mut self, frame: Frame, consumed: usize, frames: &mut [Frame]) {
        frames[self.frames] = frame;
        self.frames += 1;
        self.consumed += consumed;
    }
}

/// As much of the buffer as a [`Frame`] can refer to.
fn within_u32(buffer: &mut [u8]) -> &mut [u8] {
    let length = buffer.len().min(u32::MAX as usize);
    &mut buffer[..length]
}
