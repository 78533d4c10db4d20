//! soketto, on the traits of futures-io.

use rival_echo::{Ends, Failure, Stream};
use rival_protocol::Conversation;
use soketto::connection::Builder;
use soketto::{Mode, Receiver, Sender};
use tokio::io::BufStream;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

use super::counted::{BUFFER, Counted, NO_TEXT, Socket, buffered};

#[derive(Clone, Copy)]
pub struct Soketto;

/// It reads and writes header and payload one by one, and flushes only when told to: it is made for streams with buffers.
pub struct Halves<S> {
    sender: Sender<Compat<BufStream<S>>>,
    receiver: Receiver<Compat<BufStream<S>>>,
}

impl<S: Stream> Halves<S> {
    fn end(stream: S, mode: Mode) -> Counted<Self> {
        let (sender, receiver) = Builder::new(buffered(stream, BUFFER).compat(), mode).finish();
        Counted::new(Self { sender, receiver })
    }
}

impl<S: Stream> Ends<S> for Soketto {
    type Client = Counted<Halves<S>>;
    type Server = Counted<Halves<S>>;

    fn open(&self, _: &Conversation, client: S, server: S) -> Result<(Self::Client, Self::Server), Failure> {
        Ok((Halves::end(client, Mode::Client), Halves::end(server, Mode::Server)))
    }

    fn engine(&self) -> String {
        "soketto".to_owned()
    }
}

impl<S: Stream> Socket for Halves<S> {
    type Message = Vec<u8>;

    async fn send(&mut self, text: &str) -> Result<(), Failure> {
        Ok(self.sender.send_text(text).await?)
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.sender.flush().await?)
    }

    async fn receive(&mut self, message: &mut Vec<u8>) -> Result<(), Failure> {
        message.clear();
        let received = self.receiver.receive_data(message).await?;
        if received.is_text() { Ok(()) } else { Err(NO_TEXT.into()) }
    }
}
