//! WebSockets that are a stream and a sink.

use std::future::poll_fn;
use std::task::Poll;

use futures_util::{Sink, SinkExt, Stream, StreamExt};

use crate::{Client, Failure, Server};

/// A WebSocket that is a stream of messages and a sink, at either end.
pub struct SinkEnd<W, M> {
    socket: W,
    /// A text message out of what lives as long as the program.
    text: fn(&'static str) -> M,
    /// Its bytes; of none that is no text.
    payload: fn(&M) -> Option<&[u8]>,
}

impl<W, M> SinkEnd<W, M> {
    /// At the client's end or at the server's.
    pub fn new(socket: W, text: fn(&'static str) -> M, payload: fn(&M) -> Option<&[u8]>) -> Self {
        Self { socket, text, payload }
    }
}

/// What a stream of messages gives: with or without a result around each.
pub trait Item<M>: Send {
    /// The message.
    ///
    /// # Errors
    /// There is none.
    fn message(self) -> Result<M, Failure>;
}

impl<M: Send, E: Into<Failure> + Send> Item<M> for Result<M, E> {
    fn message(self) -> Result<M, Failure> {
        self.map_err(Into::into)
    }
}

/// A message with nothing around it.
pub struct Bare<M>(pub M);

impl<M: Send> Item<M> for Bare<M> {
    fn message(self) -> Result<M, Failure> {
        Ok(self.0)
    }
}

const GONE: &str = "the connection ended";

impl<W, M> Client for SinkEnd<W, M>
where
    W: Stream<Item: Item<M>> + Sink<M, Error: Into<Failure> + Send> + Unpin + Send + 'static,
    M: Send + Sync + 'static,
{
    async fn converse(
        &mut self,
        messages: &'static [&'static str],
        in_flight: usize,
        mut hand_out: impl FnMut(&[u8]) + Send,
    ) -> Result<(), Failure> {
        for window in messages.chunks(in_flight) {
            match window {
                [message] => self.socket.send((self.text)(message)).await.map_err(Into::into)?,
                window => {
                    for message in window {
                        self.socket.feed((self.text)(message)).await.map_err(Into::into)?;
                    }
                    self.socket.flush().await.map_err(Into::into)?;
                }
            }
            for _ in window {
                let message = self.socket.next().await.ok_or(GONE)?.message()?;
                hand_out((self.payload)(&message).ok_or("an echo that is no text")?);
            }
        }
        Ok(())
    }
}

impl<W, M> Server for SinkEnd<W, M>
where
    W: Stream<Item: Item<M>> + Sink<M, Error: Into<Failure> + Send> + Unpin + Send + 'static,
    M: Send + Sync + 'static,
{
    /// With one message in flight each answer is sent; else they are fed as long as there are more to answer, then flushed.
    async fn serve(mut self, in_flight: usize) -> Result<(), Failure> {
        while let Some(message) = self.socket.next().await {
            if in_flight == 1 {
                self.socket.send(message.message()?).await.map_err(Into::into)?;
                continue;
            }
            self.socket.feed(message.message()?).await.map_err(Into::into)?;
            while let Some(message) = poll_fn(|context| match self.socket.poll_next_unpin(context) {
                Poll::Ready(message) => Poll::Ready(message),
                Poll::Pending => Poll::Ready(None),
            })
            .await
            {
                self.socket.feed(message.message()?).await.map_err(Into::into)?;
            }
            self.socket.flush().await.map_err(Into::into)?;
        }
        Ok(())
    }
}
