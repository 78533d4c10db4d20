//! A WebSocket on any `Read + Write`: thin, blocking, without allocations once it is set up.
