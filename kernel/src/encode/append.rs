//! Encoding to the end of a buffer that grows.

use alloc::vec::Vec;

use super::{LONGEST_COPIED, OutgoingFrame, OutgoingMessages, encode_frame, encode_messages, encode_short};
use crate::header::LONGEST_SMALL;
use crate::mask::SHORT;
use crate::{FrameHeader, HeaderError, MAX_HEADER_LENGTH};

/// Appends one frame to a buffer, which grows as needed. With the feature `alloc`.
///
/// ```
/// use wscodec_kernel::{Opcode, OutgoingFrame, append_frame};
///
/// let mut out = b"before".to_vec();
/// append_frame(&OutgoingFrame::new(Opcode::Ping, b"?"), &mut out)?;
/// assert_eq!(out, b"before\x89\x01?");
/// # Ok::<(), wscodec_kernel::HeaderError>(())
/// ```
///
/// # Errors
/// As [`encode_frame`]; `out` is then as it was.
#[cfg_attr(docsrs, doc(cfg(feature = "alloc")))]
#[inline(always)]
pub fn append_frame(frame: &OutgoingFrame<'_>, out: &mut Vec<u8>) -> Result<(), HeaderError> {
    // A frame that may not be sent is refused before the buffer grows for it.
    let header = frame.header();
    header.check()?;
    if frame.payload.len() <= LONGEST_SMALL {
        append_small(&header, frame.payload, out);
        return Ok(());
    }
    // A copy, or small ones would be put together in memory for what follows.
    let frame = &{ *frame };
    // The C library's copy branches on the length, which is hardly ever foreseen where messages are short.
    if header.masking_key.is_none() && (SHORT + 1..=LONGEST_COPIED).contains(&frame.payload.len()) {
        append_unmasked(&header, frame.payload, out);
        return Ok(());
    }
    out.reserve(frame.encoded_length());
    let appended = encode_frame(frame, out.spare_capacity_mut())?.map_or(0, |bytes| bytes.len());
    debug_assert_eq!(appended, frame.encoded_length());
    // SAFETY: that many bytes of the spare capacity were just written.
    unsafe { out.set_len(out.len() + appended) };
    Ok(())
}

/// A payload whose length is in the second byte of the header.
#[inline(always)]
fn append_small(header: &FrameHeader, payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(header.encoded_length() + payload.len());
    let appended = encode_short(header, payload, out.spare_capacity_mut()).unwrap_or(0);
    // SAFETY: that many bytes of the spare capacity were just written.
    unsafe { out.set_len(out.len() + appended) };
}

/// Two copies, since there is nothing to mask; the length of the header's is known.
#[inline(always)]
fn append_unmasked(header: &FrameHeader, payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(MAX_HEADER_LENGTH + payload.len());
    match *header.encode_checked() {
        [a, b, c, d] => out.extend_from_slice(&[a, b, c, d]),
        ref other => out.extend_from_slice(other),
    }
    out.extend_from_slice(payload);
}

/// Appends messages of one kind to a buffer, which grows as needed, and gives their number: as many as there are payloads,
/// or keys if those are fewer. With the feature `alloc`.
///
/// ```
/// use wscodec_kernel::{Opcode, OutgoingMessages, append_messages};
///
/// let mut out = b"before".to_vec();
/// assert_eq!(append_messages(&OutgoingMessages::new(Opcode::Text, &[b"one", b"two"]), &mut out)?, 2);
/// assert_eq!(out, b"before\x81\x03one\x81\x03two");
/// # Ok::<(), wscodec_kernel::HeaderError>(())
/// ```
///
/// # Errors
/// As [`encode_frame`], for the first message that may not be sent; `out` is then as it was.
#[cfg_attr(docsrs, doc(cfg(feature = "alloc")))]
#[inline]
pub fn append_messages(messages: &OutgoingMessages<'_>, out: &mut Vec<u8>) -> Result<usize, HeaderError> {
    let count = messages.masking_keys.map_or(usize::MAX, <[_]>::len).min(messages.payloads.len());
    let lengths = messages.payloads[..count].iter().map(|payload| payload.len() + MAX_HEADER_LENGTH);
    // Room for whole vectors behind the last one, or it would be copied in parts.
    out.reserve(lengths.fold(SHORT, usize::saturating_add));
    let (done, _) = encode_messages(messages, out.spare_capacity_mut());
    if let Some(error) = done.error {
        return Err(error);
    }
    debug_assert_eq!(done.frames, count);
    // SAFETY: that many bytes of the spare capacity were just written.
    unsafe { out.set_len(out.len() + done.bytes) };
    Ok(done.frames)
}
