//! How to put it to use: pages to be read once.

/// Dropping the codec into your stack.
#[cfg_attr(
    not(all(doctest, not(all(feature = "blocking", feature = "zlib-rs")))),
    doc = include_str!("guide/stack.md")
)]
pub mod stack {}

/// Choosing a backend.
#[cfg_attr(
    not(all(doctest, not(all(feature = "blocking", feature = "zlib-rs")))),
    doc = include_str!("guide/backends.md")
)]
pub mod backends {}
