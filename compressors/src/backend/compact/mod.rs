//! An engine of our own for small messages: little to set up for a message, and contexts no larger than their history.

mod compressor;
mod decompressor;

pub use self::compressor::CompactCompressor;
pub use self::decompressor::CompactDecompressor;

/// Frees what the contexts of this thread share.
pub(super) fn release_scratch() {
    compressor::release_scratch();
    decompressor::release_scratch();
}
