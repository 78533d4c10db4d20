//! Inflating small messages.
