//! A sans-IO WebSocket codec.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use wscodec_compressors as compressors;
pub use wscodec_kernel as kernel;
