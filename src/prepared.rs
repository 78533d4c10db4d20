//! Messages that are encoded once and sent to many.
