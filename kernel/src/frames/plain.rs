//! Whole unfragmented messages without an extension, as nearly all are, in one loop that is compiled once for each
//! instruction set. At anything else it stops, and leaves that to the rules.

use core::marker::PhantomData;

use super::rules::Rules;
use super::{Batch, Frame, FrameError, Place};
use crate::header::LONGEST_SMALL;
use crate::level::compile_per_level;
use crate::mask::{InPlace, mask_body};
use crate::simd::Vector;
use crate::text::{Ending, look_body, look_plain, unmask_and_look_body, unmask_and_look_plain};
use crate::utf8::{Lookup, is_short_text};
use crate::{FrameHeader, HeaderDecode, Opcode, Utf8Error};

compile_per_level! {
    /// Decodes from where `batch` is on, as far as frames are plain.
    pub(super) fn decode(
        rules: &Rules,
        input: &mut [u8],
        arena: &mut [u8],
        frames: &mut [Frame],
        batch: &mut Batch,
    ) = decode_body, else decode_plain
}

/// The first byte of the two kinds of frames that are plain: FIN, no reserved bit, text or binary.
pub(super) const TEXT: u8 = 0x81;
pub(super) const BINARY: u8 = 0x82;

/// Room for the longest small payload in whole vectors.
const SMALL_ROOM: usize = 128;
/// The longest header of a small frame.
const SMALL_HEADER: usize = 6;

#[inline(always)]
fn decode_body<V: Vector>(
    rules: &Rules,
    input: &mut [u8],
    arena: &mut [u8],
    frames: &mut [Frame],
    batch: &mut Batch,
) {
    loop {
        if rules.masked {
            small_frames::<V, true>(rules, input, arena, frames, batch);
        } else {
            small_frames::<V, false>(rules, input, arena, frames, batch);
        }
        if !one_frame::<InVectors<V>>(rules, input, frames, batch) {
            return;
        }
    }
}

#[inline(always)]
fn decode_plain(rules: &Rules, input: &mut [u8], _: &mut [u8], frames: &mut [Frame], batch: &mut Batch) {
    while one_frame::<WithoutVectors>(rules, input, frames, batch) {}
}

/// Takes small frames while there is room around them to load and store whole vectors, whatever their length: nothing
/// in the loop branches on it. Masked ones are written to the arena. Stops at a text that is not valid, too.
#[inline(always)]
fn small_frames<V: Vector, const MASKED: bool>(
    rules: &Rules,
    input: &[u8],
    arena: &mut [u8],
    frames: &mut [Frame],
    batch: &mut Batch,
) {
    if rules.longest_message() < LONGEST_SMALL as u64 {
        return;
    }
    let mut taker = SmallFrames { input, arena, frames, batch: *batch };
    while let Some(window) = taker.window() {
        let header = [window[0], window[1]];
        let length = usize::from(header[1] & 0x7F);
        if !matches!(header[0], TEXT | BINARY) || (header[1] & 0x80 != 0) != MASKED || length > LONGEST_SMALL
        {
            break;
        }
        let is_text = rules.validate && header[0] == TEXT;
        // Where lengths vary, doing all vectors costs less than a branch on how many there are.
        if !taker.take::<V, MASKED>(window, length, is_text, SMALL_ROOM) {
            break;
        }
        // In a run of equal headers that branch is foreseen, and the next frame's place does not wait for the length to
        // be loaded.
        if let Some(mut window) = taker.window_with(header) {
            while taker.take::<V, MASKED>(window, length, is_text, length)
                && let Some(next) = taker.window_with(header)
            {
                window = next;
            }
        }
    }
    *batch = taker.batch;
}

struct SmallFrames<'a> {
    input: &'a [u8],
    arena: &'a mut [u8],
    frames: &'a mut [Frame],
    batch: Batch,
}

/// A small frame and what comes after it.
type Window = [u8; SMALL_HEADER + SMALL_ROOM];

impl<'a> SmallFrames<'a> {
    #[inline(always)]
    fn window(&self) -> Option<&'a Window> {
        self.input.get(self.batch.consumed..)?.first_chunk()
    }

    #[inline(always)]
    fn window_with(&self, header: [u8; 2]) -> Option<&'a Window> {
        self.window().filter(|window| window[..2] == header)
    }

    /// Takes the frame at the start of `window`, or tells that it is not valid or that there is no room for it.
    #[inline(always)]
    fn take<V: Vector, const MASKED: bool>(
        &mut self,
        window: &Window,
        length: usize,
        is_text: bool,
        reach: usize,
    ) -> bool {
        let header_length = if MASKED { SMALL_HEADER } else { 2 };
        let payload = &window[header_length..];
        let keys = if MASKED { V::key([window[2], window[3], window[4], window[5]]) } else { V::zero() };
        let (place, start, is_ascii) = if MASKED {
            let room = self.arena.get_mut(self.batch.arena..).and_then(|rest| rest.first_chunk_mut());
            let Some(room) = room else { return false };
            (Place::Arena, self.batch.arena, unmask_into(room, payload, keys, length, reach))
        } else {
            (Place::Input, self.batch.consumed + header_length, false)
        };
        let is_valid = !is_text || is_ascii || is_small_text(payload, keys, length);
        let (true, Some(frame)) = (is_valid, self.frames.get_mut(self.batch.frames)) else { return false };
        *frame = Frame::whole(window[0], place, start, length);
        self.batch.frames += 1;
        self.batch.consumed += header_length + length;
        self.batch.arena += if MASKED { length } else { 0 };
        true
    }
}

/// Unmasks the first `reach` bytes, rounded up to vectors; tells whether the first `length` are ASCII.
#[inline(always)]
fn unmask_into<V: Vector>(
    room: &mut [u8; SMALL_ROOM],
    payload: &[u8],
    keys: V,
    length: usize,
    reach: usize,
) -> bool {
    let mut is_ascii = true;
    for place in (0..SMALL_ROOM).step_by(V::LANES) {
        if place >= reach {
            break;
        }
        let block = V::load(&payload[place..]).xor(keys);
        block.store(&mut room[place..]);
        is_ascii &= block.is_ascii_before(length.saturating_sub(place));
    }
    is_ascii
}

/// Whether the first `length` bytes, unmasked, are text.
#[inline(always)]
fn is_small_text<V: Vector>(payload: &[u8], keys: V, length: usize) -> bool {
    if length < V::LANES {
        return is_short_text(V::load(payload).xor(keys).keep(length));
    }
    let mut lookup = Lookup::new();
    let whole = length - length % V::LANES;
    for place in (0..whole).step_by(V::LANES) {
        lookup.push(V::load(&payload[place..]).xor(keys));
    }
    let rest = V::load(&payload[whole..]).xor(keys).keep(length - whole);
    lookup.finish(rest, length - whole, Ending::Whole)
}

/// Takes one plain frame that is there as a whole, whatever its length, in place; tells whether there was one.
#[inline(always)]
fn one_frame<C: TextCode>(rules: &Rules, input: &mut [u8], frames: &mut [Frame], batch: &mut Batch) -> bool {
    let rest = &mut input[batch.consumed..];
    let Ok(HeaderDecode::Complete { header, length }) = FrameHeader::decode(rest) else { return false };
    let is_plain = matches!(rest[0], TEXT | BINARY)
        && header.masking_key.is_some() == rules.masked
        && header.payload_length <= rules.longest_message();
    let payload = usize::try_from(header.payload_length)
        .ok()
        .filter(|_| is_plain && batch.frames < frames.len())
        .and_then(|payload_length| rest[length..].get_mut(..payload_length));
    let Some(payload) = payload else { return false };
    let is_text = rules.validate && header.opcode == Opcode::Text;
    let is_valid = match header.masking_key {
        Some(key) if is_text => C::unmask_and_look(payload, key),
        Some(key) => {
            mask_body(InPlace(payload), key);
            true
        }
        None => !is_text || C::look(payload),
    };
    if is_valid {
        let payload_length = payload.len();
        let frame = Frame::whole(rest[0], Place::Input, batch.consumed + length, payload_length);
        batch.take(frame, length + payload_length, frames);
    } else {
        batch.error = Some(FrameError::InvalidUtf8(Utf8Error::find(payload)));
    }
    is_valid
}

/// The code for text of a level; types and not closures, for only those are inlined into code for an instruction set.
trait TextCode {
    fn unmask_and_look(text: &mut [u8], key: [u8; 4]) -> bool;
    fn look(text: &[u8]) -> bool;
}

struct InVectors<V>(PhantomData<V>);

struct WithoutVectors;

impl<V: Vector> TextCode for InVectors<V> {
    #[inline(always)]
    fn unmask_and_look(text: &mut [u8], key: [u8; 4]) -> bool {
        unmask_and_look_body::<V>(text, key, Ending::Whole)
    }

    #[inline(always)]
    fn look(text: &[u8]) -> bool {
        look_body::<V>(text, Ending::Whole)
    }
}

impl TextCode for WithoutVectors {
    #[inline(always)]
    fn unmask_and_look(text: &mut [u8], key: [u8; 4]) -> bool {
        unmask_and_look_plain(text, key, Ending::Whole)
    }

    #[inline(always)]
    fn look(text: &[u8]) -> bool {
        look_plain(text, Ending::Whole)
    }
}
