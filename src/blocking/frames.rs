use std::io::{Read, Write};

use wscodec_kernel::{FrameDecoder, FrameHeader, FrameReader, Rsv};

use super::Error;
use super::transport::{self, Outgoing};
use crate::connection::{DEFAULT_LIMIT, frame_length};
use crate::{Encoder, Limits, MisuseError, RawFrame, Role};

/// Frames on a blocking stream, one by one, for those who make messages of them by themselves: whatever they carry is the
/// caller's business, and so are pongs and the closing handshake.
///
/// The rules that a frame must obey in its place are kept (RFC 6455 section 5): masks, reserved bits, the order of fragments,
/// short whole control frames, and text that is UTF-8 over all of them. Payloads come unmasked, and as they are if
/// they are compressed.
///
/// ```
/// use wscodec::blocking::FrameStream;
/// use wscodec::kernel::{Opcode, Rsv};
/// use wscodec::{Limits, RawFrame, Role};
///
/// let mut wire = std::io::Cursor::new(b"\x41\x05Hello\x80\x00".to_vec());
/// let mut frames = FrameStream::new(&mut wire, Role::Client, &Limits::new(), Rsv::RSV1);
/// let mut buffer = [0; 4096];
/// let (header, length) = frames.read_frame(&mut buffer)?.expect("a frame");
/// assert_eq!((header.fin, header.rsv, &buffer[..length]), (false, Rsv::RSV1, &b"Hello"[..]));
/// let header = frames.read_header()?.expect("another");
/// assert_eq!((header.opcode, header.payload_length), (Opcode::Continuation, 0));
/// assert!(frames.read_header()?.is_none());
/// # Ok::<(), wscodec::blocking::Error>(())
/// ```
#[derive(Debug)]
pub struct FrameStream<S> {
    stream: S,
    reader: FrameReader,
    /// The frame that is being read.
    frame: Option<Unread>,
    role: Role,
    encoder: Encoder,
    outgoing: Outgoing,
    /// Of what is outgoing, in bytes.
    limit: usize,
}

#[derive(Clone, Copy, Debug)]
struct Unread {
    header: FrameHeader,
    /// Bytes of the payload behind the piece at hand. The reader knows of them no longer once it has made room.
    left: u64,
    /// Bytes of the piece at hand that were given.
    given: usize,
    /// Bytes of the payload that are in the buffer of `read_frame`.
    copied: usize,
    /// Whether its header was given, or is to be given yet.
    announced: bool,
}

/// What one read takes at the most.
const READ: usize = 16 << 10;

impl<S: Read + Write> FrameStream<S> {
    /// After the handshake, for the endpoint that is `role`. Of the limits, that of a [frame](Limits::frame) holds;
    /// `allowed` are the reserved bits that the first frame of a message may have.
    #[must_use]
    pub fn new(stream: S, role: Role, limits: &Limits, allowed: Rsv) -> Self {
        let decoder = match role {
            Role::Server => FrameDecoder::server(),
            Role::Client => FrameDecoder::client(),
        };
        let decoder =
            decoder.with_reserved_bits(allowed).with_limit(limits.frame as u64).with_whole_frames(0);
        Self {
            stream,
            reader: FrameReader::new(decoder),
            frame: None,
            role,
            encoder: Encoder::new(role),
            outgoing: Outgoing::default(),
            limit: DEFAULT_LIMIT,
        }
    }

    /// The same with at most this many bytes queued to be written; 64 MiB and 1 KiB by default, as of a
    /// [`Connection`](crate::Connection::with_output_limit).
    ///
    /// ```
    /// use wscodec::blocking::{Error, FrameStream};
    /// use wscodec::kernel::{Opcode, Rsv};
    /// use wscodec::{Limits, MisuseError, RawFrame, Role};
    ///
    /// let stream = std::io::Cursor::new(Vec::new());
    /// let frames = FrameStream::new(stream, Role::Server, &Limits::new(), Rsv::NONE);
    /// let error = frames.with_output_limit(6).write_frame(RawFrame::new(Opcode::Text, b"Hello")).unwrap_err();
    /// assert!(matches!(error, Error::Codec(error) if error == MisuseError::OutputFull { limit: 6 }.into()));
    /// ```
    #[must_use]
    pub fn with_output_limit(self, bytes: usize) -> Self {
        Self { limit: bytes, ..self }
    }

    /// The next header; what is left of the payload before it is passed over. `None` if the transport has ended between two
    /// frames. The masking key is left out, since the payload comes unmasked.
    ///
    /// Of a data frame nothing but the header need have come; a control frame comes as a whole.
    ///
    /// # Errors
    /// [`Error::Codec`] for what the peer did wrong, which is final; [`Error::Lost`] if the transport ends inside a frame;
    /// [`Error::WouldBlock`] and [`Error::Io`] from the transport.
    pub fn read_header(&mut self) -> Result<Option<FrameHeader>, Error> {
        if self.frame.is_none_or(|frame| frame.announced) {
            while self.next_piece()? {}
            self.frame = None;
            if !self.begin()? {
                return Ok(None);
            }
        }
        let frame = self.frame.as_mut();
        Ok(frame.map(|frame| {
            frame.announced = true;
            frame.header
        }))
    }

    /// Reads some of the payload whose header was given last, at least a byte; 0 at its end, or if there is no room.
    ///
    /// # Errors
    /// As [`read_header`](Self::read_header).
    pub fn read_payload(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(frame) = &mut self.frame else { return Ok(0) };
            let piece = self.reader.payload().get(frame.given..).unwrap_or_default();
            if let [_, ..] = piece {
                let length = piece.len().min(buffer.len());
                buffer[..length].copy_from_slice(&piece[..length]);
                frame.given += length;
                return Ok(length);
            }
            if !self.next_piece()? {
                return Ok(0);
            }
        }
    }

    /// Reads a whole frame: its payload into `buffer`, of which it takes as many bytes as are given back. `None` if the transport
    /// has ended between two frames.
    ///
    /// # Errors
    /// As [`read_header`](Self::read_header). [`Error::BufferTooSmall`]: nothing is lost, and the frame can be read with a larger
    /// one. After [`Error::WouldBlock`], go on with the same buffer, which has a part of the payload.
    pub fn read_frame(&mut self, buffer: &mut [u8]) -> Result<Option<(FrameHeader, usize)>, Error> {
        if self.frame.is_none_or(|frame| frame.announced) {
            let Some(_) = self.read_header()? else { return Ok(None) };
        }
        let Some(frame) = &mut self.frame else { return Ok(None) };
        frame.announced = false;
        let header = frame.header;
        let needed = header.payload_length;
        let length = usize::try_from(needed).ok().filter(|&length| length <= buffer.len());
        let length = length.ok_or(Error::BufferTooSmall { needed })?;
        while let Some(Unread { copied, .. }) = self.frame
            && copied < length
        {
            let read = self.read_payload(&mut buffer[copied..length])?;
            if read == 0 {
                return Err(Error::Lost);
            }
            if let Some(frame) = &mut self.frame {
                frame.copied += read;
            }
        }
        if let Some(frame) = &mut self.frame {
            frame.announced = true;
        }
        Ok(Some((header, length)))
    }

    /// Writes a frame with any FIN and reserved bits, in one write; see
    /// [`Encoder::encode_frame`](Encoder::encode_frame).
    ///
    /// # Errors
    /// [`Error::Codec`] as [`Encoder::encode_frame`], and with [`MisuseError::OutputFull`] if the frame is longer than the
    /// [limit](Self::with_output_limit), or the transport takes too little for it to be queued within that: then nothing of it was
    /// taken. [`Error::WouldBlock`] from
    /// the transport: then the frame is queued. [`Error::Io`].
    pub fn write_frame(&mut self, frame: RawFrame<'_>) -> Result<(), Error> {
        self.make_room(frame_length(self.role, frame.payload.len()))?;
        self.encoder.encode_frame(frame, &mut self.outgoing.bytes)?;
        self.flush()
    }

    /// Writes what is queued.
    ///
    /// # Errors
    /// Those of the transport. What was not written stays queued.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.outgoing.write(&mut self.stream)?;
        transport::flush(&mut self.stream)
    }

    /// The stream.
    pub fn into_inner(self) -> S {
        self.stream
    }

    /// Writes what is queued if so many bytes more would be too many.
    fn make_room(&mut self, bytes: usize) -> Result<(), Error> {
        if self.has_room(bytes) {
            return Ok(());
        }
        match self.outgoing.write(&mut self.stream) {
            Ok(_) | Err(Error::WouldBlock) => {}
            Err(error) => return Err(error),
        }
        if self.has_room(bytes) { Ok(()) } else { Err(MisuseError::OutputFull { limit: self.limit }.into()) }
    }

    fn has_room(&self, bytes: usize) -> bool {
        bytes <= self.limit.saturating_sub(self.outgoing.left())
    }

    /// Goes on to the next frame; false if there is none.
    fn begin(&mut self) -> Result<bool, Error> {
        while self.reader.advance().is_none() {
            self.check()?;
            if !self.fill()? {
                return if self.reader.left_over() == 0 { Ok(false) } else { Err(Error::Lost) };
            }
        }
        let frame = self.reader.current();
        let left = self.reader.remaining();
        let payload_length = self.reader.payload().len() as u64 + left;
        let (fin, rsv, opcode) = (frame.fin(), frame.rsv(), frame.opcode());
        let header = FrameHeader { fin, rsv, opcode, masking_key: None, payload_length };
        self.frame = Some(Unread { header, left, given: 0, copied: 0, announced: false });
        Ok(true)
    }

    /// Goes on to the next piece of the payload; false if there is none.
    fn next_piece(&mut self) -> Result<bool, Error> {
        if self.frame.is_none_or(|frame| frame.left == 0) {
            return Ok(false);
        }
        while self.reader.advance().is_none() {
            self.check()?;
            if !self.fill()? {
                return Err(Error::Lost);
            }
        }
        if let Some(frame) = &mut self.frame {
            frame.given = 0;
            frame.left = frame.left.saturating_sub(self.reader.payload().len() as u64);
        }
        Ok(true)
    }

    fn check(&self) -> Result<(), Error> {
        self.reader.error().map_or(Ok(()), |error| Err(crate::Error::from(error).into()))
    }

    /// Reads once; false at the end of the transport.
    fn fill(&mut self) -> Result<bool, Error> {
        let bytes = transport::read(&mut self.stream, self.reader.room(READ))?;
        self.reader.filled(bytes);
        Ok(bytes > 0)
    }
}
