//! A payload's way through libdeflate, which knows streams with an end and no history.
#![forbid(unsafe_code)]

use core::cell::Cell;

use super::measure::holds_more;
use super::sys::{DecompressorHandle, Inflated};
use crate::DecompressError;
use crate::backend::Past;
use crate::payload::{EMPTY_BLOCK_HEADER, most_final_blocks, push_stored_block, reason};
use crate::ratio::Ratio;

/// Appends the message in `payload`, which may refer to the `history` before it, to `out`; at most `limit` bytes.
pub(in super::super) fn inflate_after(
    history: &impl Past,
    ratio: &mut Ratio,
    payload: &[u8],
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    let start = out.len();
    // A thread that ends may have none any more, and needs one all the same for what its destructors do.
    let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
    let inflated = match scratch.engine.take().or_else(DecompressorHandle::new) {
        Some(mut engine) => {
            let inflated = Inflation { engine: &mut engine, ratio, scratch: &mut scratch, limit }
                .message(history, payload, out);
            scratch.engine = Some(engine);
            inflated
        }
        None => Err(DecompressError::Engine("libdeflate gets no memory")),
    };
    _ = SCRATCH.try_with(|waiting| waiting.set(scratch.kept()));
    if inflated.is_ok() {
        ratio.learn(payload.len(), out.len() - start);
    } else {
        out.truncate(start);
    }
    inflated
}

/// Frees what waits on this thread for the next call.
pub(in super::super) fn release_scratch() {
    _ = SCRATCH.try_with(Cell::take);
}

std::thread_local! {
    /// For one call at a time, so one for each thread serves all of its contexts.
    static SCRATCH: Cell<Scratch> = const { Cell::new(Scratch::new()) };
}

/// What a call needs and the next can use again.
struct Scratch {
    engine: Option<DecompressorHandle>,
    /// The history as a stored block, the payload and its tail: libdeflate wants them in one piece.
    input: Vec<u8>,
    /// What comes out, the history first.
    echo: Vec<u8>,
}

impl Scratch {
    const fn new() -> Self {
        Self { engine: None, input: Vec::new(), echo: Vec::new() }
    }

    /// Without buffers that are longer than most messages need.
    fn kept(mut self) -> Self {
        for buffer in [&mut self.input, &mut self.echo] {
            if buffer.capacity() > MAX_KEPT {
                *buffer = Vec::new();
            }
        }
        self
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

/// What a symbol stands for at most, in bytes (RFC 1951 section 3.2.5).
const LONGEST_MATCH: usize = 258;

/// The most room, in bytes, that a buffer keeps for the next message.
const MAX_KEPT: usize = 512 * 1024;

struct Inflation<'a> {
    engine: &'a mut DecompressorHandle,
    ratio: &'a Ratio,
    scratch: &'a mut Scratch,
    limit: usize,
}

/// How a stream ended.
enum Stream {
    /// By the tail behind the payload: the message is complete.
    WithTail,
    /// By a block of the payload with BFINAL=1, after this many bytes of it.
    Within { consumed: usize },
    /// Not before the limit.
    TooLong,
}

impl Inflation<'_> {
    /// Each block with BFINAL=1 ends a stream as libdeflate knows it, and the next one goes on with its window.
    fn message(
        &mut self,
        history: &impl Past,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        if payload.is_empty() {
            return Err(reason::EMPTY);
        }
        let start = out.len();
        let (mut rest, mut final_blocks) = (payload, 0);
        loop {
            let window = self.join(history.followed_by(&out[start..]), rest);
            let room = self.limit - (out.len() - start);
            match self.stream(window, rest.len(), room, out)? {
                Stream::WithTail => return Ok(()),
                Stream::Within { consumed } => rest = &rest[consumed..],
                // Or else it is only too long with the tail, and the message whole with it or cut short.
                Stream::TooLong if holds_more(rest, room) || self.ends(window, rest.len(), room) => {
                    return Err(DecompressError::TooLong { limit: self.limit });
                }
                Stream::TooLong => return Err(reason::TOO_SOON),
            }
            if rest.is_empty() || rest == [EMPTY_BLOCK_HEADER] {
                return Ok(());
            }
            final_blocks += 1;
            if final_blocks > most_final_blocks(payload.len() - rest.len()) {
                return Err(reason::TOO_MANY_FINAL);
            }
        }
    }

    /// Whether the stream, of whose bytes no more than `room` are not the tail's, has an end.
    fn ends(&mut self, window: usize, payload: usize, room: usize) -> bool {
        let room = room.saturating_add(window).saturating_add(MARKED_TAIL.len() * 8 * LONGEST_MATCH);
        // It may be as long as the limit, and so may what comes now.
        self.scratch.echo = Vec::new();
        matches!(
            self.stream_into(window, payload, room, &mut Vec::new()),
            Ok(Some(Stream::WithTail | Stream::Within { .. }))
        )
    }

    /// Puts the input together, and returns the length of the window in it.
    fn join(&mut self, window: [&[u8]; 3], payload: &[u8]) -> usize {
        let input = &mut self.scratch.input;
        input.clear();
        let length = window.iter().map(|piece| piece.len()).sum();
        if length > 0 {
            push_stored_block(&window, input);
        }
        input.extend_from_slice(payload);
        input.extend_from_slice(&MARKED_TAIL);
        length
    }

    /// Appends the first stream of the input behind its `window` to `out`, at most `room` bytes: straight into the room that
    /// `out` has, or by way of a buffer, which from the second message on is long enough for most and is not to be zeroed or
    /// grown by guesses.
    fn stream(
        &mut self,
        window: usize,
        payload: usize,
        room: usize,
        out: &mut Vec<u8>,
    ) -> Result<Stream, DecompressError> {
        let guess = self.ratio.room(payload);
        let spare = (out.capacity() - out.len()).saturating_sub(MARK.len());
        if window == 0 && spare >= guess.min(room) {
            if let Some(stream) = self.stream_into(0, payload, spare.min(room), out)? {
                return Ok(stream);
            } else if spare >= room {
                return Ok(Stream::TooLong);
            }
        }
        if out.capacity() > room {
            free_if_long(out);
        }
        let mut echo = core::mem::take(&mut self.scratch.echo);
        let room = room.saturating_add(window);
        let mut most = echo.capacity().saturating_sub(MARK.len()).max(window + guess).min(room);
        let stream = loop {
            echo.clear();
            match self.stream_into(window, payload, most, &mut echo) {
                Ok(None) if most < room => {
                    most = most.saturating_mul(4).min(room);
                    free_if_long(&mut echo);
                }
                Ok(None) => break Ok(Stream::TooLong),
                Ok(Some(stream)) => break Ok(stream),
                Err(error) => break Err(error),
            }
        };
        let message = echo.get(window..).unwrap_or_default();
        if out.capacity() < message.len() {
            free_if_long(out);
        }
        out.extend_from_slice(message);
        self.scratch.echo = echo;
        stream
    }

    /// The same with the window before it, both in at most `most` bytes; `None` if that is not enough.
    fn stream_into(
        &mut self,
        window: usize,
        payload: usize,
        most: usize,
        out: &mut Vec<u8>,
    ) -> Result<Option<Stream>, DecompressError> {
        let start = out.len();
        let tail = self.scratch.input.len() - MARKED_TAIL.len();
        // The mark is written as well before it is cut off, and is none of the message.
        match self.engine.inflate(&self.scratch.input, most.saturating_add(MARK.len()), out) {
            Inflated::Whole { consumed } if consumed > tail => {
                let unread = self.scratch.input.len() - consumed;
                let length = out[start..].strip_suffix(&MARK).ok_or(reason::TOO_SOON)?.len();
                out.truncate(start + length);
                if ENDS.contains(&unread) && self.confirm(window, &out[start..]) {
                    Ok(Some(Stream::WithTail))
                } else {
                    Err(reason::TOO_SOON)
                }
            }
            Inflated::Whole { .. } if out.len() - start > most => {
                out.truncate(start);
                Ok(None)
            }
            Inflated::Whole { consumed } => {
                Ok(Some(Stream::Within { consumed: consumed - (tail - payload) }))
            }
            Inflated::Broken => Err(DecompressError::Corrupt("libdeflate finds invalid DEFLATE data")),
            Inflated::NoRoom => Ok(None),
        }
    }

    /// Whether the marked tail was not taken for the last bytes of a stored block that is cut off, which then seem to
    /// belong to the message. Only a message with such an end is decompressed once more, with a tail that differs.
    fn confirm(&mut self, window: usize, inflated: &[u8]) -> bool {
        if !inflated[window..].ends_with(&MARK_LENGTH) {
            return true;
        }
        const OTHER_TAIL: [u8; 10] = [0x01, 0x00, 0xfe, 0xff, 0x5a, 0x01, 0x00, 0x00, 0xff, 0xff];
        let input = &mut self.scratch.input;
        input.truncate(input.len() - MARKED_TAIL.len());
        input.extend_from_slice(&OTHER_TAIL);
        let mut other = Vec::new();
        match self.engine.inflate(input, inflated.len() + 1, &mut other) {
            Inflated::Whole { .. } => other.strip_suffix(&[0x5a]) == Some(inflated),
            Inflated::Broken | Inflated::NoRoom => false,
        }
    }
}

/// Gives back the room of a long buffer that is empty, before another takes its place: grown, it would be there twice.
fn free_if_long(buffer: &mut Vec<u8>) {
    if buffer.is_empty() && buffer.capacity() > MAX_KEPT {
        *buffer = Vec::new();
    }
}

/// What stands behind a payload instead of the tail: its empty stored block becomes one that holds [`MARK`], and a final
/// block follows. libdeflate takes the payload and all this as one and tells how much it took, not what for. A payload
/// that ends within a block takes some of it for codes, and may well come to an end with it, but not with this content.
const MARKED_TAIL: [u8; 17] = {
    let [a, b, c, d, e, f, g, h] = MARK;
    [
        MARK_LENGTH[0],
        MARK_LENGTH[1],
        MARK_LENGTH[2],
        MARK_LENGTH[3],
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        0x01,
        0x00,
        0x00,
        0xff,
        0xff,
    ]
};

/// How much of the tail is unread where a message ends well: nothing; or the final block, where the payload's own last block has
/// BFINAL=1 already. Anywhere else, codes of a block that is cut off were read into the tail.
const ENDS: [usize; 2] = [0, 5];

/// LEN and NLEN of [`MARK`].
const MARK_LENGTH: [u8; 4] = [0x08, 0x00, 0xf7, 0xff];

/// Eight bytes that nothing else would give; as a block's header, the first is an error (BTYPE=11).
const MARK: [u8; 8] = [0xff, 0x6b, 0x1d, 0x92, 0xe4, 0x3f, 0xa8, 0x57];
