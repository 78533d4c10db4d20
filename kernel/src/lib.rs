//! The hot core of a WebSocket codec: masking, frame headers and UTF-8 validation (RFC 6455), without
//! allocation, without `std` and without any I/O.
//!
//! | to | use |
//! |---|---|
//! | decode all frames that a read brought | [`FrameDecoder`], and `FrameReader`, which owns the buffers, with the feature `alloc` |
//! | encode frames, header and masked payload in one pass | [`encode_frame`], [`encode_frames`] |
//! | the same over bytes that are initialised, in place of `MaybeUninit` | [`encode_frame_over`] |
//! | encode many messages of one kind | [`encode_messages`] |
//! | append either to a `Vec` | `append_frame`, `append_messages` with the feature `alloc` |
//! | mask or unmask a payload that is whole, in place or while copying it | [`mask`](mask()), [`mask_into`] |
//! | mask or unmask a payload that arrives in pieces | [`Masker`] |
//! | read or write a frame header | [`FrameHeader`] |
//! | unmask and validate a text that is whole, or only validate it | [`unmask_text`], [`validate_text`] |
//! | the same with text that arrives in pieces | [`Utf8Validator`], and `TextBuffer` with the feature `alloc` |
//! | ask for memory before it is needed | [`prefetch`](prefetch()) |
//! | name an opcode or a close code | [`Opcode`], [`CloseCode`] |
//! | force an instruction set in a test or a benchmark | [`Level`] |
//!
//! The instruction set is chosen once, at run time; a build with `--cfg wscodec_force_scalar` in its flags has none but
//! the target's baseline. This crate is the only one of the project whose purpose needs `unsafe`: to call
//! code compiled for an instruction set that the CPU was seen to have, to write to memory that is not initialised, to ask for
//! memory ahead, and to call text what was just validated as text.
//!
//! ```
//! use wscodec_kernel::{FrameHeader, HeaderDecode, mask};
//!
//! // "Hello" from a client, RFC 6455 section 5.7.
//! let mut frame = *b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
//! let HeaderDecode::Complete { header, length } = FrameHeader::decode(&frame)? else { panic!("it is whole") };
//! mask(&mut frame[length..], header.masking_key.unwrap());
//! assert_eq!(&frame[length..], b"Hello");
//! # Ok::<(), wscodec_kernel::HeaderError>(())
//! ```
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    any(
        wscodec_force_scalar,
        not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))
    ),
    allow(dead_code, reason = "the code in vectors has no instruction set to be compiled for")
)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod close_code;
mod encode;
mod frames;
mod header;
mod level;
mod mask;
mod opcode;
#[cfg(test)]
mod outside;
mod prefetch;
#[cfg(feature = "alloc")]
mod reader;
mod simd;
mod text;
#[cfg(feature = "alloc")]
mod text_buffer;
mod utf8;

pub use close_code::CloseCode;
pub use encode::{
    EncodedFrames, OutgoingFrame, OutgoingMessages, encode_frame, encode_frame_over, encode_frames,
    encode_messages,
};
#[cfg(feature = "alloc")]
pub use encode::{append_frame, append_messages};
pub use frames::{Batch, Frame, FrameDecoder, FrameError};
pub use header::{EncodedHeader, FrameHeader, HeaderDecode, HeaderError, MAX_HEADER_LENGTH, Rsv};
pub use level::Level;
pub use mask::{Masker, mask, mask_into};
pub use opcode::Opcode;
pub use prefetch::prefetch;
#[cfg(feature = "alloc")]
pub use reader::{FrameReader, Payload, ReaderMemory};
pub use text::{unmask_text, validate_text};
#[cfg(feature = "alloc")]
pub use text_buffer::TextBuffer;
pub use utf8::{Utf8Error, Utf8Validator};

/// The longest payload of a close, ping or pong frame in bytes (RFC 6455 section 5.5).
pub const MAX_CONTROL_PAYLOAD: usize = 125;
