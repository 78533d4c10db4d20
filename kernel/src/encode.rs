//! Encoding frames into room that the caller owns: header and masked payload in one pass, many frames in one call.

#[cfg(feature = "alloc")]
mod append;

use core::borrow::Borrow;
use core::marker::PhantomData;
use core::mem::MaybeUninit;

use crate::header::LONGEST_SMALL;
use crate::level::compile_per_level;
use crate::mask::{Copying, SHORT, mask_body, mask_short, room, write, written};
use crate::simd::Vector;
use crate::{EncodedHeader, FrameHeader, HeaderError, Level, Opcode, Rsv};

#[cfg(feature = "alloc")]
pub use append::{append_frame, append_messages};

/// A frame to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutgoingFrame<'a> {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// The reserved bits.
    pub rsv: Rsv,
    /// What the frame carries.
    pub opcode: Opcode,
    /// What to mask the payload with: a client needs a fresh key for each frame, that nobody can predict (RFC 6455
    /// section 10.3), a server none.
    pub masking_key: Option<[u8; 4]>,
    /// The payload, not masked.
    pub payload: &'a [u8],
}

/// Whole messages of one kind to be sent, each in a frame of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutgoingMessages<'a> {
    /// The reserved bits of each.
    pub rsv: Rsv,
    /// What each frame carries.
    pub opcode: Opcode,
    /// A key for each payload, as [`OutgoingFrame::masking_key`] has to be; payloads that there is none for are not
    /// encoded. A server has no keys at all.
    pub masking_keys: Option<&'a [[u8; 4]]>,
    /// The payloads, not masked.
    pub payloads: &'a [&'a [u8]],
}

/// What [`encode_frames`] or [`encode_messages`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EncodedFrames {
    /// How many frames were written.
    pub frames: usize,
    /// How many bytes at the start of the output they take.
    pub bytes: usize,
    /// What is wrong with the frame after them. Without an error, the output has no room for it.
    pub error: Option<HeaderError>,
}

/// Writes one frame to the start of `out`, masking while copying, with the best instruction set of this CPU; gives the
/// bytes written, or `None` if `out` has no room for it. Into a `&mut [u8]` it is [`encode_frame_over`].
///
/// ```
/// use std::mem::MaybeUninit;
/// use wscodec_kernel::{Opcode, OutgoingFrame, encode_frame};
///
/// let mut out = [MaybeUninit::uninit(); 20];
/// let bytes = encode_frame(&OutgoingFrame::new(Opcode::Ping, b"?"), &mut out)?;
/// assert_eq!(bytes.unwrap(), b"\x89\x01?");
/// # Ok::<(), wscodec_kernel::HeaderError>(())
/// ```
///
/// # Errors
/// The [`HeaderError`] that the peer would raise: a close, ping or pong that is too long or not final.
// Both this and `append_frame`: where they are called much of the header is known, and the rest in registers. Left to the
// compiler, that depends on how many calls there are.
#[inline(always)]
pub fn encode_frame<'out>(
    frame: &OutgoingFrame<'_>,
    out: &'out mut [MaybeUninit<u8>],
) -> Result<Option<&'out mut [u8]>, HeaderError> {
    let length = if frame.payload.len() <= LONGEST_SMALL {
        frame.header().check()?;
        out.get_mut(..frame.encoded_length())
            .and_then(|room| encode_short(&frame.header(), frame.payload, room))
    } else if frame.masking_key.is_none() && frame.payload.len() <= LONGEST_COPIED {
        encode_copied(frame, out)?
    } else {
        // As in `mask_into`: neither place is aligned, and behind a header they seldom lie alike.
        encode_one_with(Level::best_for_copies(), frame, out)?
    };
    // SAFETY: that is the frame's length, whose header was stored and, by a copy or the code of `mask_into`, its whole
    // payload.
    Ok(length.map(|length| unsafe { written(out, length) }))
}

/// [`encode_frame`] over bytes that are initialised, such as those that a TCP stack lends.
///
/// ```
/// use wscodec_kernel::{Opcode, OutgoingFrame, encode_frame_over};
///
/// let mut out = [0; 20];
/// let bytes = encode_frame_over(&OutgoingFrame::new(Opcode::Ping, b"?"), &mut out)?;
/// assert_eq!(bytes.unwrap(), b"\x89\x01?");
/// # Ok::<(), wscodec_kernel::HeaderError>(())
/// ```
///
/// # Errors
/// As [`encode_frame`]; `out` is then as it was.
#[inline]
pub fn encode_frame_over<'out>(
    frame: &OutgoingFrame<'_>,
    out: &'out mut [u8],
) -> Result<Option<&'out mut [u8]>, HeaderError> {
    // SAFETY: what is stored is a header and a payload, masked or not, bytes all of them.
    encode_frame(frame, unsafe { room(out) })
}

/// Writes frames to the start of `out`, one after the other, masking while copying, with the best instruction set of
/// this CPU. Stops where the next frame does not fit or may not be sent. Bytes of `out` after the frames may be written
/// to as well.
///
/// ```
/// use std::mem::MaybeUninit;
/// use wscodec_kernel::{Opcode, OutgoingFrame, encode_frames};
///
/// let hello = OutgoingFrame::new(Opcode::Text, b"Hello");
/// let masked = OutgoingFrame { masking_key: Some([0x37, 0xfa, 0x21, 0x3d]), ..hello };
/// let mut out = [MaybeUninit::uninit(); 20];
/// let (done, bytes) = encode_frames(&[hello, masked, hello], &mut out);
/// assert_eq!((done.frames, done.error), (2, None));
/// assert_eq!(bytes, b"\x81\x05Hello\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"); // RFC 6455 section 5.7
/// ```
#[inline]
pub fn encode_frames<'out>(
    frames: &[OutgoingFrame<'_>],
    out: &'out mut [MaybeUninit<u8>],
) -> (EncodedFrames, &'out mut [u8]) {
    Level::best().encode_frames(frames, out)
}

/// [`encode_frames`] for messages of one kind, faster where they are small: what the frames have in common is worked out
/// once.
///
/// ```
/// use std::mem::MaybeUninit;
/// use wscodec_kernel::{Opcode, OutgoingMessages, encode_messages};
///
/// let messages = OutgoingMessages {
///     masking_keys: Some(&[[0x37, 0xfa, 0x21, 0x3d], [0; 4]]),
///     ..OutgoingMessages::new(Opcode::Text, &[b"Hello", b"you"])
/// };
/// let mut out = [MaybeUninit::uninit(); 64];
/// let (done, bytes) = encode_messages(&messages, &mut out);
/// assert_eq!((done.frames, done.error), (2, None));
/// assert_eq!(bytes, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x81\x83\0\0\0\0you");
/// ```
#[inline]
pub fn encode_messages<'out>(
    messages: &OutgoingMessages<'_>,
    out: &'out mut [MaybeUninit<u8>],
) -> (EncodedFrames, &'out mut [u8]) {
    Level::best().encode_messages(messages, out)
}

impl Level {
    /// [`encode_frames`] with this instruction set.
    #[inline]
    pub fn encode_frames<'out>(
        self,
        frames: &[OutgoingFrame<'_>],
        out: &'out mut [MaybeUninit<u8>],
    ) -> (EncodedFrames, &'out mut [u8]) {
        let done = encode_with(self, frames, out);
        // SAFETY: the frames' lengths together. Each stored its header and its whole payload: by the code of `mask_into`, or
        // in vectors that cover `SHORT` bytes, which is more than a small one has.
        (done, unsafe { written(out, done.bytes) })
    }

    /// [`encode_messages`] with this instruction set.
    #[inline]
    pub fn encode_messages<'out>(
        self,
        messages: &OutgoingMessages<'_>,
        out: &'out mut [MaybeUninit<u8>],
    ) -> (EncodedFrames, &'out mut [u8]) {
        let done = encode_messages_with(self, messages, out);
        // SAFETY: as in `encode_frames`; each frame goes through the same code.
        (done, unsafe { written(out, done.bytes) })
    }
}

impl<'a> OutgoingFrame<'a> {
    /// An unmasked message in one frame.
    #[must_use]
    #[inline]
    pub const fn new(opcode: Opcode, payload: &'a [u8]) -> Self {
        Self { fin: true, rsv: Rsv::NONE, opcode, masking_key: None, payload }
    }

    /// The frame's header.
    #[must_use]
    #[inline]
    pub const fn header(&self) -> FrameHeader {
        FrameHeader {
            fin: self.fin,
            rsv: self.rsv,
            opcode: self.opcode,
            masking_key: self.masking_key,
            payload_length: self.payload.len() as u64,
        }
    }

    /// The frame's length on the wire in bytes.
    #[must_use]
    #[inline]
    pub const fn encoded_length(&self) -> usize {
        self.header().encoded_length() + self.payload.len()
    }
}

impl<'a> OutgoingMessages<'a> {
    /// Unmasked messages.
    #[must_use]
    #[inline]
    pub const fn new(opcode: Opcode, payloads: &'a [&'a [u8]]) -> Self {
        Self { rsv: Rsv::NONE, opcode, masking_keys: None, payloads }
    }
}

compile_per_level! {
    fn encode_with(frames: &[OutgoingFrame<'_>], out: &mut [MaybeUninit<u8>]) -> EncodedFrames
        = encode_in_vectors, else encode_plain
}

compile_per_level! {
    fn encode_messages_with(
        messages: &OutgoingMessages<'_>,
        out: &mut [MaybeUninit<u8>],
    ) -> EncodedFrames = encode_messages_in_vectors, else encode_messages_plain
}

compile_per_level! {
    fn encode_one_with(
        frame: &OutgoingFrame<'_>,
        out: &mut [MaybeUninit<u8>],
    ) -> Result<Option<usize>, HeaderError> = encode_one
}

#[inline(always)]
fn encode_plain(frames: &[OutgoingFrame<'_>], out: &mut [MaybeUninit<u8>]) -> EncodedFrames {
    encode_each::<WithoutVectors>(frames.iter(), out)
}

#[inline(always)]
fn encode_in_vectors<V: Vector>(frames: &[OutgoingFrame<'_>], out: &mut [MaybeUninit<u8>]) -> EncodedFrames {
    if V::LOADS_PARTS_AT_ONCE {
        encode_each::<InVectors<V>>(frames.iter(), out)
    } else {
        encode_plain(frames, out)
    }
}

#[inline(always)]
fn encode_messages_plain(messages: &OutgoingMessages<'_>, out: &mut [MaybeUninit<u8>]) -> EncodedFrames {
    encode_messages_body::<WithoutVectors>(messages, out)
}

#[inline(always)]
fn encode_messages_in_vectors<V: Vector>(
    messages: &OutgoingMessages<'_>,
    out: &mut [MaybeUninit<u8>],
) -> EncodedFrames {
    if V::LOADS_PARTS_AT_ONCE {
        encode_messages_body::<InVectors<V>>(messages, out)
    } else {
        encode_messages_plain(messages, out)
    }
}

/// The compiler takes out of the loop what does not change in it.
#[inline(always)]
fn encode_messages_body<C: FrameCode>(
    messages: &OutgoingMessages<'_>,
    out: &mut [MaybeUninit<u8>],
) -> EncodedFrames {
    let frame = OutgoingFrame { rsv: messages.rsv, ..OutgoingFrame::new(messages.opcode, &[]) };
    let payloads = messages.payloads.iter();
    match messages.masking_keys {
        None => encode_each::<C>(payloads.map(|payload| OutgoingFrame { payload, ..frame }), out),
        Some(keys) => {
            let masked =
                |(payload, key): (_, &_)| OutgoingFrame { payload, masking_key: Some(*key), ..frame };
            encode_each::<C>(payloads.copied().zip(keys).map(masked), out)
        }
    }
}

#[inline(always)]
fn encode_each<'a, C: FrameCode>(
    frames: impl Iterator<Item: Borrow<OutgoingFrame<'a>>>,
    out: &mut [MaybeUninit<u8>],
) -> EncodedFrames {
    let mut done = EncodedFrames::default();
    for frame in frames {
        match C::encode(frame.borrow(), &mut out[done.bytes..]) {
            Ok(Some(length)) => {
                done.frames += 1;
                done.bytes += length;
            }
            Ok(None) => break,
            Err(error) => return EncodedFrames { error: Some(error), ..done },
        }
    }
    done
}

/// The code for one frame among many; types and not closures, for only those are inlined into code for an instruction
/// set.
trait FrameCode {
    fn encode(frame: &OutgoingFrame<'_>, room: &mut [MaybeUninit<u8>]) -> Result<Option<usize>, HeaderError>;
}

struct WithoutVectors;

struct InVectors<V>(PhantomData<V>);

impl FrameCode for WithoutVectors {
    #[inline(always)]
    fn encode(frame: &OutgoingFrame<'_>, room: &mut [MaybeUninit<u8>]) -> Result<Option<usize>, HeaderError> {
        encode_one(frame, room)
    }
}

impl<V: Vector> FrameCode for InVectors<V> {
    #[inline(always)]
    fn encode(frame: &OutgoingFrame<'_>, room: &mut [MaybeUninit<u8>]) -> Result<Option<usize>, HeaderError> {
        match room.first_chunk_mut() {
            Some(room) if matches!(frame.payload.len(), 1..=LONGEST_SMALL) => encode_small::<V>(frame, room),
            _ => encode_one(frame, room),
        }
    }
}

/// A header and whole vectors for a small payload.
const SMALL_ROOM: usize = 8 + SHORT;

/// A payload of 1 to `LONGEST_SMALL` bytes, where there is room for whole vectors: what they store beyond the frame is overwritten by
/// the next one, or stays outside of what is given back.
#[inline(always)]
fn encode_small<V: Vector>(
    frame: &OutgoingFrame<'_>,
    room: &mut [MaybeUninit<u8>; SMALL_ROOM],
) -> Result<Option<usize>, HeaderError> {
    let header = frame.header().encode()?;
    // Its header has 6 bytes at the most.
    write(&mut room[..8], &header.padded()[..8]);
    let keys = frame.masking_key.map_or(V::zero(), V::key);
    let mut rest = frame.payload;
    for place in (0..SHORT).step_by(V::LANES) {
        // After the last part, nothing is loaded from the start of the payload, which is sure to be memory: a load of
        // nothing is slow elsewhere.
        let (part, after) = match rest.split_at_checked(V::LANES) {
            Some((part, after)) if !after.is_empty() => (part, after),
            _ => (rest, &frame.payload[..0]),
        };
        V::load_partial(part).xor(keys).write(&mut room[header.len() + place..]);
        rest = after;
    }
    Ok(Some(header.len() + frame.payload.len()))
}

/// A frame that may be sent, whose length is in the second byte of its header: that is one store then. As in `mask`, a call for a
/// better instruction set would cost more than it saves here. Up to 8 bytes of `room` are written to in any case. Gives the
/// frame's length, or `None` without room for it.
#[inline(always)]
fn encode_short(header: &FrameHeader, payload: &[u8], room: &mut [MaybeUninit<u8>]) -> Option<usize> {
    let (start, length) = header.encode_small();
    if room.len() < length + payload.len() {
        return None;
    }
    match room.first_chunk_mut::<8>() {
        // What is too much of it the payload comes over.
        Some(room) => write(room, &start),
        None => write(room, &start[..length]),
    }
    // Masking with nothing is a copy, without the call of `memcpy`.
    mask_short(Copying::new(payload, &mut room[length..])?, header.masking_key.unwrap_or_default());
    Some(length + payload.len())
}

/// The longest payload without a key that the C library's copy gets: beyond, that of glibc is by an instruction that is
/// slower than our own loop wherever the two places do not lie well.
const LONGEST_COPIED: usize = 2 << 10;

/// [`encode_one`] for a payload without a key.
#[inline(always)]
fn encode_copied(
    frame: &OutgoingFrame<'_>,
    out: &mut [MaybeUninit<u8>],
) -> Result<Option<usize>, HeaderError> {
    let header = frame.header().encode()?;
    let length = header.len() + frame.payload.len();
    let Some(room) = out.get_mut(..length) else { return Ok(None) };
    write_header(&header, room);
    write(&mut room[header.len()..], frame.payload);
    Ok(Some(length))
}

/// The length of the frame that was written, or `None` if there is no room for it.
#[inline(always)]
fn encode_one(frame: &OutgoingFrame<'_>, out: &mut [MaybeUninit<u8>]) -> Result<Option<usize>, HeaderError> {
    let header = frame.header().encode()?;
    let length = header.len() + frame.payload.len();
    let Some(room) = out.get_mut(..length) else { return Ok(None) };
    write_header(&header, room);
    let room = &mut room[header.len()..];
    if let Some(copying) = Copying::new(frame.payload, room) {
        // Masking with nothing is a copy, without the call of `memcpy`.
        mask_body(copying, frame.masking_key.unwrap_or_default());
    }
    Ok(Some(length))
}

/// One store of a fixed size where the frame has as many bytes: the payload comes over what is too much of it.
#[inline(always)]
fn write_header(header: &EncodedHeader, room: &mut [MaybeUninit<u8>]) {
    match room.first_chunk_mut::<16>() {
        Some(start) => write(start, &header.padded()),
        None => write(room, header),
    }
}
