//! Tests that nothing outside a buffer is read or written, for every instruction set: beside it are pages without
//! access, and bytes that must stay.

use core::mem::MaybeUninit;
use std::vec;
use std::vec::Vec;

use crate::{Frame, FrameDecoder, Level, Opcode, OutgoingFrame, OutgoingMessages};

const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];
const LONGEST: usize = 700;

#[cfg(unix)]
#[test]
fn pages_without_access_on_either_side_are_not_touched() {
    let mut page = Guarded::new();
    let text = "ASCII and 日本語😋 ".repeat(50);
    for level in Level::supported() {
        for length in 0..=LONGEST {
            for at_end in [false, true] {
                let payload = page.slice(length, at_end);
                payload.copy_from_slice(&text.as_bytes()[..length]);
                let expected = core::str::from_utf8(payload).is_ok();
                assert_eq!(level.validate_text(payload).is_ok(), expected, "{level}, {length} bytes");
                level.mask(payload, KEY);
                assert_eq!(level.unmask_text(payload, KEY).is_ok(), expected, "{level}, {length} bytes");
                assert_eq!(*payload, text.as_bytes()[..length]);
                let mut copy = vec![MaybeUninit::uninit(); length];
                level.mask_into(payload, KEY, &mut copy).expect("as long");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn decoding_stays_inside_input_arena_and_frames() {
    let (mut input_page, mut arena_page) = (Guarded::new(), Guarded::new());
    let mut frames = vec![Frame::default(); LONGEST + 2];
    for level in Level::supported() {
        for arena_length in [0, 100, 128, 129, 1_000] {
            for length in 0..=LONGEST {
                for at_end in [false, true] {
                    let stream = small_frames_and_one(length);
                    let input = input_page.slice(stream.len(), at_end);
                    input.copy_from_slice(&stream);
                    let arena = arena_page.slice(arena_length, at_end);
                    let mut decoder = FrameDecoder::server().with_level(level);
                    let batch = decoder.decode(input, arena, &mut frames);
                    assert_eq!((batch.error, batch.consumed), (None, stream.len()));
                    assert!(
                        frames[..batch.frames]
                            .iter()
                            .all(|frame| { frame.payload(input, arena).iter().all(|&byte| byte == b'x') })
                    );
                }
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn encoding_stays_inside_payload_and_output() {
    let (mut payload_page, mut out_page) = (Guarded::new(), Guarded::new());
    for level in Level::supported() {
        for length in 0..=LONGEST {
            for at_end in [false, true] {
                let payload = &*payload_page.slice(length, at_end);
                let frame =
                    OutgoingFrame { masking_key: Some(KEY), ..OutgoingFrame::new(Opcode::Text, payload) };
                // Room for two and nothing more, and for two and a few bytes of a third.
                for more in [0, 5] {
                    let room = 2 * frame.encoded_length() + more;
                    let (done, bytes) =
                        level.encode_frames(&[frame; 3], out_page.uninitialised(room, at_end));
                    let two_at_least =
                        done.frames == 2 || (done.frames == 3 && frame.encoded_length() <= more);
                    assert!(two_at_least && done.error.is_none(), "{level}, {length} bytes: {done:?}");
                    assert_eq!(bytes.len(), done.frames * frame.encoded_length());
                    let payloads = [payload; 3];
                    let messages = OutgoingMessages {
                        masking_keys: Some(&[KEY; 3]),
                        ..OutgoingMessages::new(Opcode::Text, &payloads)
                    };
                    let (same, _) = level.encode_messages(&messages, out_page.uninitialised(room, at_end));
                    assert_eq!(same, done);
                }
                let masked = level.mask_into(payload, KEY, out_page.uninitialised(length, at_end));
                assert_eq!(masked.map(|bytes| bytes.len()), Some(length));
            }
        }
    }
}

#[test]
fn masking_into_a_buffer_writes_all_of_the_payload_and_nothing_else() {
    let payload: Vec<u8> = (0..LONGEST).map(|at| (at * 7 % 251).to_le_bytes()[0]).collect();
    for level in Level::supported() {
        for length in 0..=LONGEST {
            for alignment in [0, 1, 2, 3, 5, 31, 32, 33, 63] {
                // A byte that was not written can't be right both times.
                for sentinel in [0x00, 0xFF] {
                    let mut out = vec![MaybeUninit::new(sentinel); LONGEST + 256];
                    let boundary = out.as_ptr().align_offset(64) + alignment;
                    let masked =
                        level.mask_into(&payload[..length], KEY, &mut out[boundary..]).expect("room");
                    let expected =
                        payload[..length].iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key);
                    assert!(expected.eq(masked.iter().copied()), "{level}: {length} bytes at {alignment}");
                    // SAFETY: every byte of `out` was written when it was made.
                    let byte = |at: &MaybeUninit<u8>| unsafe { at.assume_init() };
                    let mut around = out[..boundary].iter().chain(&out[boundary + length..]);
                    assert!(around.all(|at| byte(at) == sentinel), "{level}: {length} bytes at {alignment}");
                }
            }
        }
    }
}

/// The order of the blocks is chosen by how the two places lie within their pages.
#[test]
fn masking_into_a_buffer_is_right_wherever_the_two_lie_in_their_pages() {
    const PAGE: usize = 4096;
    let source: Vec<u8> = (0..3 * PAGE).map(|at| (at * 7 % 251).to_le_bytes()[0]).collect();
    let mut out = vec![MaybeUninit::new(0); 4 * PAGE];
    let start = source.as_ptr().align_offset(PAGE);
    let boundary = out.as_ptr().align_offset(PAGE);
    for level in Level::supported() {
        for length in [129, 256, 257, 300, 1_000, PAGE, PAGE + 77] {
            for further in [0, 1, 2, 14, 63, 64, 65, 300, 511, 512, 513, PAGE - 64, PAGE - 1] {
                let payload = &source[start..][..length];
                let masked = level.mask_into(payload, KEY, &mut out[boundary + further..]).expect("room");
                let expected = payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key);
                assert!(expected.eq(masked.iter().copied()), "{level}: {length} bytes, {further} further");
                out.fill(MaybeUninit::new(0));
            }
        }
    }
}

#[test]
fn masking_into_too_small_a_buffer_is_refused() {
    let mut out = [MaybeUninit::uninit(); 4];
    assert!(crate::mask_into(b"Hello", KEY, &mut out).is_none());
    assert!(Level::best().mask_into(b"Hello", KEY, &mut out).is_none());
    assert!(crate::mask_into(b"", KEY, &mut []).is_some_and(|written| written.is_empty()));
}

/// Masked frames of `x`: about `length` bytes in small ones, and one of `length`.
fn small_frames_and_one(length: usize) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut rest = length;
    while rest > 0 {
        let small = rest.min(1 + length % 97);
        push(&mut stream, small);
        rest -= small;
    }
    push(&mut stream, length);
    stream
}

fn push(stream: &mut Vec<u8>, length: usize) {
    let header =
        crate::FrameHeader { masking_key: Some(KEY), ..crate::FrameHeader::new(Opcode::Text, length as u64) };
    stream.extend_from_slice(&header.encode().expect("a valid header"));
    let start = stream.len();
    stream.resize(start + length, b'x');
    crate::mask(&mut stream[start..], KEY);
}

/// Some pages, and one without access on either side.
#[cfg(unix)]
struct Guarded {
    start: *mut u8,
}

#[cfg(unix)]
impl Guarded {
    const PAGE: usize = 1 << 16;
    const USABLE: usize = Self::PAGE;

    fn new() -> Self {
        // SAFETY: a new private mapping, which nothing else knows of.
        let start = unsafe {
            libc::mmap(
                core::ptr::null_mut(),
                Self::USABLE + 2 * Self::PAGE,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        assert_ne!(start, libc::MAP_FAILED);
        // SAFETY: the mapping goes on for more than a page after its first.
        let start = unsafe { start.cast::<u8>().add(Self::PAGE) };
        // SAFETY: these pages are inside the mapping.
        let done = unsafe { libc::mprotect(start.cast(), Self::USABLE, libc::PROT_READ | libc::PROT_WRITE) };
        assert_eq!(done, 0);
        Self { start }
    }

    /// `length` bytes that end, or begin, where access does.
    fn slice(&mut self, length: usize, at_end: bool) -> &mut [u8] {
        assert!(length <= Self::USABLE);
        let offset = if at_end { Self::USABLE - length } else { 0 };
        // SAFETY: within the pages with access, which are zero at first; borrowed from `self` alone.
        unsafe { core::slice::from_raw_parts_mut(self.start.add(offset), length) }
    }

    /// The same, as if it were not initialised.
    fn uninitialised(&mut self, length: usize, at_end: bool) -> &mut [MaybeUninit<u8>] {
        let bytes = self.slice(length, at_end);
        // SAFETY: the same bytes; what is tested writes bytes to them, and never takes any away.
        unsafe { &mut *(&raw mut *bytes as *mut [MaybeUninit<u8>]) }
    }
}

#[cfg(unix)]
impl Drop for Guarded {
    fn drop(&mut self) {
        // SAFETY: what `new` mapped, and no slice of it outlives `self`.
        unsafe { libc::munmap(self.start.sub(Self::PAGE).cast(), Self::USABLE + 2 * Self::PAGE) };
    }
}
