//! Sends, reads and compares.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc;
use std::thread;

use wscodec::{CloseCode, CloseFrame, Decoder, Error, Message};

use crate::common::sender::Sender;
use crate::messages::Owned;

/// How much may be sent beyond what came back, in messages and in bytes; one message always.
const MOST_MESSAGES: usize = 64;
const MOST_BYTES: usize = 128 << 10;

/// Sends all `messages`, and closes when each has been echoed; gives the number of pongs.
pub(crate) fn hold(
    mut stream: TcpStream,
    decoder: &mut Decoder,
    sender: &mut Sender,
    messages: impl Iterator<Item = Owned>,
) -> io::Result<usize> {
    let mut writing = stream.try_clone()?;
    let (to_write, written) = mpsc::channel::<Vec<u8>>();
    let writer = thread::spawn(move || written.into_iter().try_for_each(|bytes| writing.write_all(&bytes)));
    let mut conversation = Conversation { messages, sender, expected: VecDeque::new(), bytes: 0, pongs: 0 };
    let held = conversation.go_on(&mut stream, decoder, &to_write);
    drop(to_write);
    if held.is_err() {
        // It may still be in a write that nobody reads.
        stream.shutdown(Shutdown::Both).ok();
    }
    let wrote = writer.join().unwrap_or_else(|_| Err(io::Error::other("the writer panicked")));
    held.and(wrote)?;
    Ok(conversation.pongs)
}

struct Conversation<'s, I> {
    messages: I,
    sender: &'s mut Sender,
    /// What was sent and has not come back, and its bytes.
    expected: VecDeque<Owned>,
    bytes: usize,
    pongs: usize,
}

impl<I: Iterator<Item = Owned>> Conversation<'_, I> {
    fn go_on(
        &mut self,
        stream: &mut TcpStream,
        decoder: &mut Decoder,
        to_write: &mpsc::Sender<Vec<u8>>,
    ) -> io::Result<()> {
        while !decoder.is_closed() {
            let mut out = Vec::new();
            while let Some(message) = decoder.next_message().map_err(io::Error::other)? {
                self.take(message, &mut out)?;
            }
            self.send(&mut out).map_err(io::Error::other)?;
            if !out.is_empty() {
                // If the writer is gone, the reader learns why.
                to_write.send(out).ok();
            }
            if !decoder.is_closed() {
                match stream.read(decoder.room())? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    bytes => decoder.filled(bytes),
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, message: Message<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        match message {
            Message::Text(_) | Message::Binary(_) => self.compare(message),
            Message::Ping(payload) if !self.sender.encoder.is_closed() => {
                self.sender.encoder.encode(Message::Pong(payload), out).map_err(io::Error::other)
            }
            Message::Ping(_) => Ok(()),
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
        let number = self.sender.messages - self.expected.len();
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
    fn send(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        while self.expected.is_empty() || (self.expected.len() < MOST_MESSAGES && self.bytes < MOST_BYTES) {
            let Some(message) = self.messages.next() else { break };
            self.sender.data(message.borrow(), out)?;
            self.bytes += message.len();
            self.expected.push_back(message);
        }
        if self.is_over() && !self.sender.encoder.is_closed() {
            let done = CloseFrame::new(CloseCode::NORMAL, "done");
            self.sender.encoder.encode(Message::Close(Some(done)), out)?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.expected.is_empty() && self.pongs == self.sender.pings
    }
}
