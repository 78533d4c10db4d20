//! Sends, reads and compares.

use std::collections::VecDeque;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc;
use std::thread;

use wscodec::blocking::{Reader, Writer};
use wscodec::{CloseCode, CloseFrame, Event, Message};

use crate::common::sending::Sending;
use crate::messages::Owned;

/// How much may be sent beyond what came back, in messages and in bytes; one message always.
const MOST_MESSAGES: usize = 64;
const MOST_BYTES: usize = 128 << 10;

/// Sends all `messages`, and closes when each has been echoed; gives the number of pongs.
pub(crate) fn hold<'t>(
    reader: &mut Reader<&'t TcpStream, &'t TcpStream>,
    writer: &mut Writer<&'t TcpStream>,
    sending: &mut Sending,
    messages: impl Iterator<Item = Owned>,
) -> io::Result<usize> {
    let (to_write, queued) = mpsc::channel();
    let mut conversation =
        Conversation { messages, sending, writer, to_write, expected: VecDeque::new(), bytes: 0, pongs: 0 };
    thread::scope(|scope| {
        let mut flushing = conversation.writer.clone();
        let flusher = scope.spawn(move || queued.into_iter().try_for_each(|()| flushing.flush()));
        let held = conversation.go_on(reader);
        let Conversation { pongs, to_write, .. } = conversation;
        drop(to_write);
        if held.is_err() {
            // It may still be in a write that nobody reads.
            reader.stream().shutdown(Shutdown::Both).ok();
        }
        let wrote = flusher.join().map_err(|_| io::Error::other("the writer panicked"));
        held?;
        wrote??;
        Ok(pongs)
    })
}

struct Conversation<'s, 't, I> {
    messages: I,
    sending: &'s mut Sending,
    writer: &'s mut Writer<&'t TcpStream>,
    /// Tells the thread that writes.
    to_write: mpsc::Sender<()>,
    /// What was sent and has not come back, and its bytes.
    expected: VecDeque<Owned>,
    bytes: usize,
    pongs: usize,
}

impl<I: Iterator<Item = Owned>> Conversation<'_, '_, I> {
    fn go_on<'t>(&mut self, reader: &mut Reader<&'t TcpStream, &'t TcpStream>) -> io::Result<()> {
        loop {
            self.send()?;
            match reader.read()? {
                Some(Event::Message(message)) => self.take(message)?,
                Some(event) => return Err(io::Error::other(format!("{event:?} was not asked for"))),
                None => return Ok(()),
            }
        }
    }

    fn take(&mut self, message: Message<'_>) -> io::Result<()> {
        match message {
            Message::Text(_) | Message::Binary(_) => self.compare(message),
            Message::Ping(_) if self.writer.is_closed() => Ok(()),
            Message::Ping(payload) => {
                self.writer.queue(|sender| sender.send(Message::Pong(payload)))?;
                self.write();
                Ok(())
            }
            Message::Pong(payload) if payload == self.pongs.to_string().as_bytes() => {
                self.pongs += 1;
                Ok(())
            }
            Message::Pong(_) => Err(io::Error::other("a pong that answers no ping")),
            Message::Close(Some(frame)) if frame.code == CloseCode::NORMAL && self.is_over() => Ok(()),
            Message::Close(frame) => {
                let left = self.expected.len();
                Err(io::Error::other(format!("closed with {frame:?} while {left} echoes were missing")))
            }
        }
    }

    fn compare(&mut self, message: Message<'_>) -> io::Result<()> {
        let number = self.sending.messages - self.expected.len();
        match self.expected.pop_front() {
            Some(sent) if sent.borrow() == message => {
                self.bytes -= sent.len();
                Ok(())
            }
            Some(sent) => {
                Err(io::Error::other(format!("message {number} of {} bytes came back different", sent.len())))
            }
            None => Err(io::Error::other(format!("message {number} was never sent"))),
        }
    }

    /// Sends what may be sent, and a close frame after the last echo and pong.
    fn send(&mut self) -> io::Result<()> {
        while self.expected.is_empty() || (self.expected.len() < MOST_MESSAGES && self.bytes < MOST_BYTES) {
            let Some(message) = self.messages.next() else { break };
            self.writer.queue(|sender| self.sending.data(message.borrow(), sender))?;
            self.write();
            self.bytes += message.len();
            self.expected.push_back(message);
        }
        if self.is_over() && !self.writer.is_closed() {
            let done = CloseFrame::new(CloseCode::NORMAL, "done");
            self.writer.queue(|sender| sender.close(Some(done)))?;
            self.write();
        }
        Ok(())
    }

    fn write(&self) {
        // If the writer is gone, the reader learns why.
        self.to_write.send(()).ok();
    }

    fn is_over(&self) -> bool {
        self.expected.is_empty() && self.pongs == self.sending.pings
    }
}
