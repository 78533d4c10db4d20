//! WebSockets that send and receive one message at a time, by futures that must come to their end.
//!
//! So a server can't ask whether there is more to answer before it flushes: it is told how many messages come. None of these
//! crates validates text, which is left to whoever gets it.

use std::future::Future;

use rival_echo::{Client, Failure, Server, Stream};
use tokio::io::BufStream;

/// At either end.
pub trait Socket: Send + 'static {
    /// The bytes of what was received.
    type Message: AsRef<[u8]> + Default + Send + Sync + 'static;

    /// Sends a text message, at the latest with the next flush.
    fn send(&mut self, text: &str) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Lets all that was sent go.
    fn flush(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The next message in place of what `message` was; an error if it is no text.
    fn receive(&mut self, message: &mut Self::Message) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// One end of a connection.
pub struct Counted<W: Socket> {
    socket: W,
    message: W::Message,
}

impl<W: Socket> Counted<W> {
    pub fn new(socket: W) -> Self {
        Self { socket, message: W::Message::default() }
    }
}

/// What holds all that is in flight, in bytes.
pub const BUFFER: usize = 128 << 10;

/// A stream for who reads field by field, with a buffer of so many bytes for what is written; none if it is 0.
pub fn buffered<S: Stream>(stream: S, written: usize) -> BufStream<S> {
    BufStream::with_capacity(BUFFER, written, stream)
}

/// Why no message that is anything else is taken for an echo.
pub const NO_TEXT: &str = "an echo that is no text";

impl<W: Socket> Client for Counted<W> {
    async fn converse(
        &mut self,
        messages: &'static [&'static str],
        in_flight: usize,
        mut hand_out: impl FnMut(&[u8]) + Send,
    ) -> Result<(), Failure> {
        for window in messages.chunks(in_flight) {
            for message in window {
                self.socket.send(message).await?;
            }
            self.socket.flush().await?;
            for _ in window {
                self.socket.receive(&mut self.message).await?;
                hand_out(std::str::from_utf8(self.message.as_ref())?.as_bytes());
            }
        }
        Ok(())
    }
}

impl<W: Socket> Server for Counted<W> {
    async fn serve(mut self, in_flight: usize) -> Result<(), Failure> {
        loop {
            for _ in 0..in_flight {
                self.socket.receive(&mut self.message).await?;
                self.socket.send(std::str::from_utf8(self.message.as_ref())?).await?;
            }
            self.socket.flush().await?;
        }
    }
}
