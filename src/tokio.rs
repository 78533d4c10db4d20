//! A WebSocket on any `AsyncRead + AsyncWrite` of tokio.
