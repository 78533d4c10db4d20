//! yawc's DEFLATE codec is private: what is public is a connection, here over a stream in memory that never waits.
//!
//! It compresses as a server and inflates as a client, so that no payload is masked; messages are binary, so that none is
//! validated. And whole conversations, in which both ends do everything.

mod echo;

use std::cell::RefCell;
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_sink::Sink;
use rival_protocol::{Codec, Setup, serve};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wscodec_compressors::{Backend, CompressorConfig};
use yawc::{CompressionLevel, Frame, Options, Role, WebSocket};

fn main() -> io::Result<()> {
    serve::<Yawc>(echo::converse)
}

/// What it compresses and inflates on.
fn engine() -> String {
    let below_flate2 = Backend::Flate2.compressor(CompressorConfig::default());
    below_flate2.map_or("unknown", |compressor| compressor.engine()).to_owned()
}

struct Yawc {
    setup: Setup,
    connection: WebSocket<Pipe>,
    pipe: Pipe,
    /// The frame to be read.
    frame: Vec<u8>,
}

/// No message is longer.
const LIMIT: usize = 1 << 30;

impl Codec for Yawc {
    fn new(setup: Setup) -> Result<Self, Box<dyn Error>> {
        let pipe = Pipe::default();
        Ok(Self { setup, connection: connection(setup, pipe.clone())?, pipe, frame: Vec::new() })
    }

    fn engine(&self) -> String {
        engine()
    }

    /// There is no call for it: with takeover, a new connection.
    fn reset(&mut self) -> Result<(), Box<dyn Error>> {
        if self.setup.takeover {
            self.connection = connection(self.setup, self.pipe.clone())?;
        }
        Ok(())
    }

    fn run<T>(
        &mut self,
        input: &'static [u8],
        hand_out: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Box<dyn Error>> {
        let mut context = Context::from_waker(Waker::noop());
        if !self.setup.compresses {
            put_frame(input, &mut self.frame);
            self.pipe.0.borrow_mut().give(&self.frame);
            return match self.connection.poll_next_frame(&mut context) {
                Poll::Ready(frame) => Ok(hand_out(frame?.payload())),
                Poll::Pending => Err("yawc waits for more than the frame".into()),
            };
        }
        self.pipe.0.borrow_mut().written.clear();
        let mut connection = Pin::new(&mut self.connection);
        if connection.as_mut().poll_ready(&mut context)?.is_pending() {
            return Err("yawc is not ready".into());
        }
        connection.as_mut().start_send(Frame::binary(Bytes::from_static(input)))?;
        if connection.poll_flush(&mut context)?.is_pending() {
            return Err("yawc does not flush".into());
        }
        let ends = self.pipe.0.borrow();
        Ok(hand_out(payload(&ends.written)?))
    }
}

fn connection(setup: Setup, pipe: Pipe) -> Result<WebSocket<Pipe>, Box<dyn Error>> {
    let agreed = if setup.takeover {
        "permessage-deflate"
    } else {
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    };
    let options = Options::default()
        .with_compression_level(CompressionLevel::new(setup.level.into()))
        .with_compression_threshold(0)
        .with_limits(LIMIT, LIMIT);
    let role = if setup.compresses { Role::Server } else { Role::Client };
    Ok(WebSocket::from_stream_with_extensions(pipe, role, Some(agreed), options)?)
}

/// A frame from a server: binary, whole, compressed (RFC 6455 section 5.2, RFC 7692 section 6).
fn put_frame(payload: &[u8], frame: &mut Vec<u8>) {
    frame.clear();
    frame.push(0xc2);
    match payload.len() {
        length @ ..=125 => frame.push(length as u8),
        length @ ..=0xffff => {
            frame.push(126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
}

/// The payload of such a frame.
fn payload(frame: &[u8]) -> Result<&[u8], Box<dyn Error>> {
    let header = match frame {
        [0xc2, 126, ..] => 4,
        [0xc2, 127, ..] => 10,
        [0xc2, ..] => 2,
        _ => return Err("no compressed message, whole, in one frame".into()),
    };
    frame.get(header..).ok_or_else(|| "a header cut off".into())
}

/// Both ends of the stream.
#[derive(Clone, Default)]
struct Pipe(Rc<RefCell<Ends>>);

#[derive(Default)]
struct Ends {
    to_read: Vec<u8>,
    taken: usize,
    written: Vec<u8>,
}

impl Ends {
    fn give(&mut self, bytes: &[u8]) {
        self.to_read.clear();
        self.to_read.extend_from_slice(bytes);
        self.taken = 0;
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut ends = self.0.borrow_mut();
        let rest = &ends.to_read[ends.taken..];
        let count = rest.len().min(buffer.remaining());
        if count == 0 {
            return Poll::Pending;
        }
        buffer.put_slice(&rest[..count]);
        ends.taken += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.borrow_mut().written.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
