//! A sans-IO WebSocket codec.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod decoder;
mod encoder;
mod error;
mod limits;
mod mask_keys;
mod message;
mod role;

pub use decoder::Decoder;
pub use encoder::Encoder;
pub use error::{BackendError, Error, LimitError, MisuseError, ProtocolError};
pub use limits::Limits;
pub use mask_keys::MaskKeys;
pub use message::{CloseFrame, DataKind, Message};
pub use role::Role;
pub use wscodec_compressors as compressors;
pub use wscodec_kernel as kernel;
pub use wscodec_kernel::CloseCode;
