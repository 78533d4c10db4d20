//! What the targets share: the parts of their inputs.
#![forbid(unsafe_code)]

mod blob;
mod operations;
mod text;
mod way;

pub use blob::Blob;
pub use operations::Operations;
pub use text::Text;
pub use way::{Agreed, Way, Wish, backend};
