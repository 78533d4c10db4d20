//! Text messages over tungstenite's frames, compressed where it is worth it.

use std::io::{Read, Write};

use tungstenite::protocol::Role;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameSocket};
use wscodec_compressors::message::{InflateLimits, MessageCompressor, MessageDecompressor};
use wscodec_compressors::negotiation::Agreement;
use wscodec_compressors::{Backend, CompressionWish, ConfigError};

use crate::AnyError;

/// The longest message that is taken, in bytes.
const LIMIT: usize = 1 << 20;

pub(crate) struct Deflated<S> {
    frames: FrameSocket<S>,
    role: Role,
    compressor: MessageCompressor,
    decompressor: MessageDecompressor,
    /// The payload bytes of the last message received, as they were on the wire.
    received: usize,
}

impl<S: Read + Write> Deflated<S> {
    pub(crate) fn new(
        stream: S,
        role: Role,
        backend: Backend,
        agreement: &Agreement,
    ) -> Result<Self, ConfigError> {
        let (up, down) = (agreement.client_to_server(), agreement.server_to_client());
        let (sent, received) = if role == Role::Client { (up, down) } else { (down, up) };
        let limits = InflateLimits::default().message(LIMIT);
        Ok(Self {
            frames: FrameSocket::new(stream),
            role,
            compressor: MessageCompressor::new(backend, sent.into())?,
            decompressor: MessageDecompressor::new(backend, received.into(), limits)?,
            received: 0,
        })
    }

    pub(crate) fn send(&mut self, text: &str) -> Result<(), AnyError> {
        let mut payload = Vec::new();
        let encoding = self.compressor.message(text.as_bytes(), CompressionWish::Auto, &mut payload)?;
        let mut frame = Frame::message(payload, OpCode::Data(Data::Text), true);
        frame.header_mut().rsv1 = encoding.rsv1();
        self.write(frame)
    }

    /// The next text, whether it comes compressed or not, whole or in fragments; `None` when the peer closes.
    pub(crate) fn receive(&mut self) -> Result<Option<String>, AnyError> {
        let (mut text, mut compressed) = (Vec::new(), None);
        self.received = 0;
        loop {
            let frame = self.frames.read(Some(LIMIT))?.ok_or("the peer left without a word")?;
            let header = frame.header().clone();
            let payload = self.unmasked(&frame)?;
            match header.opcode {
                OpCode::Control(Control::Close) => {
                    self.write(Frame::close(None))?;
                    return Ok(None);
                }
                OpCode::Control(Control::Ping) => {
                    self.write(Frame::pong(payload))?;
                    continue;
                }
                OpCode::Control(_) => continue,
                OpCode::Data(Data::Continue) if compressed.is_none() || header.rsv1 => {
                    return Err("a continuation of nothing".into());
                }
                OpCode::Data(Data::Text) if compressed.is_none() => compressed = Some(header.rsv1),
                OpCode::Data(Data::Continue) => {}
                OpCode::Data(_) => return Err("no text".into()),
            }
            self.received += payload.len();
            if compressed == Some(true) {
                self.decompressor.fragment(&payload, header.is_final, &mut text)?;
            } else if text.len() + payload.len() <= LIMIT {
                text.extend(payload);
            } else {
                return Err("too long a text".into());
            }
            if header.is_final {
                return Ok(Some(String::from_utf8(text)?));
            }
        }
    }

    /// How many payload bytes the last message received took on the wire.
    pub(crate) fn last_received(&self) -> usize {
        self.received
    }

    /// Closes, and waits for the server to do the same.
    pub(crate) fn close(&mut self) -> Result<(), AnyError> {
        self.write(Frame::close(None))?;
        loop {
            match self.frames.read(Some(LIMIT))? {
                Some(frame) if frame.header().opcode != OpCode::Control(Control::Close) => {}
                _ => return Ok(()),
            }
        }
    }

    fn write(&mut self, mut frame: Frame) -> Result<(), AnyError> {
        if self.role == Role::Client {
            let mut key = [0; 4];
            getrandom::fill(&mut key)?;
            frame.header_mut().mask = Some(key);
        }
        Ok(self.frames.send(frame)?)
    }

    /// A `FrameSocket` leaves payloads as they came.
    fn unmasked(&self, frame: &Frame) -> Result<Vec<u8>, AnyError> {
        match (self.role, frame.header().mask) {
            (Role::Client, None) => Ok(frame.payload().to_vec()),
            (Role::Server, Some(key)) => {
                Ok(frame.payload().iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect())
            }
            _ => Err("a frame that is masked wrongly".into()),
        }
    }
}
