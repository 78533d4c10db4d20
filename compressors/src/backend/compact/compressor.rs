//! DEFLATE for small messages.
