//! An engine of our own for small messages: little to set up for a message, and contexts no larger than their history.

mod compressor;
mod decompressor;

pub use self::decompressor::CompactDecompressor;
pub(super) use self::decompressor::release_scratch;
