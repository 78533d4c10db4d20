//! A pair of `tokio_util::codec` for those who frame by themselves.
