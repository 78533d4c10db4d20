//! From bytes to messages.
//!
//! ```text
//!  one read                   |81 85 key payload|82 84 key payl|
//!                              '- handed out as  '- gathered     in batches, by the kernel's reader, which owns the
//!                                 it lies there                  buffer
//!  the next one               |oad|89 80 key|82 fe 01|
//!                              '-- gathered '- pong  '- left in the buffer: a header cut short
//! ```

mod close;
mod content;
mod control;
mod inflater;
mod message;
mod options;
mod parts;
mod read_size;
mod room;

use core::fmt;

use wscodec_compressors::{Backend, ConfigError, Decompressor, DecompressorConfig, MessageDecompressor};
use wscodec_kernel::{Frame, FrameDecoder, FrameReader, Opcode, Payload, Rsv};

pub(crate) use self::close::close_frame;
use self::content::Content;
use self::inflater::Inflater;
use self::message::MessageUnderWay;
use self::options::{Options, Raw};
use self::parts::Part;
use self::read_size::ReadSize;
use crate::{DataKind, Error, Limits, Message, ProtocolError, Role, spare};

/// Turns the bytes of one direction of a connection into messages, in whatever pieces the bytes come
/// (RFC 6455 sections 5 to 8, RFC 7692 section 6.2).
///
/// Read into its [`room`](Self::room), tell it how much came, and take messages until there are none; then read again. Who has
/// the bytes elsewhere [pushes](Self::push) them.
///
/// A message in one frame that came in one read is borrowed from where it was read to or unmasked. Any other is
/// gathered in another buffer, which grows with the bytes received, never by what a header claims, and is
/// kept for the next message, so that a steady stream allocates nothing. Text is validated as it arrives.
///
/// ```
/// use wscodec::{Decoder, Limits, Message, Role};
///
/// let mut transport = &b"\x81\x05Hello\x89\x01!\x01\x03caf"[..];
/// let mut decoder = Decoder::new(Role::Client, Limits::new());
///
/// let bytes = std::io::Read::read(&mut transport, decoder.room())?;
/// decoder.filled(bytes)?;
/// assert_eq!(decoder.next_message()?, Some(Message::Text("Hello")));
/// assert_eq!(decoder.next_message()?, Some(Message::Ping(b"!")));
/// assert_eq!(decoder.next_message()?, None);
///
/// decoder.push(b"\x80\x02\xc3\xa9");
/// assert_eq!(decoder.next_message()?, Some(Message::Text("café")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    /// Apart from the rest, so that a message may borrow from that while an error is noted here.
    failure: Option<Error>,
    machine: Machine,
    read_size: ReadSize,
    /// Bytes in the room that was given last.
    room: usize,
}

impl Decoder {
    /// A decoder at the start of a connection, for the endpoint that is `role`: as a server it wants masked frames.
    /// Nothing is allocated before the first read.
    #[must_use]
    pub fn new(role: Role, limits: Limits) -> Self {
        let machine = Machine {
            role,
            limits,
            options: Options::default(),
            reader: reader(role, &limits, Options::default(), false),
            raw: None,
            kind: (DataKind::Binary, Rsv::NONE),
            message: None,
            content: Content::default(),
            inflater: None,
            part: None,
            closed: false,
        };
        Self { failure: None, machine, read_size: ReadSize::new(), room: 0 }
    }

    /// The same with permessage-deflate agreed on: RSV1 is allowed, and `backend` decompresses what it marks. `config` is what
    /// was negotiated for this direction. To be called before the first read.
    ///
    /// # Errors
    /// [`ConfigError`] if the backend can't do what `config` says.
    pub fn with_decompressor(
        self,
        backend: Backend,
        config: impl Into<DecompressorConfig>,
    ) -> Result<Self, ConfigError> {
        let limits = self.machine.limits.of_inflating();
        Ok(self.decompressing(MessageDecompressor::new(backend, config.into(), limits)?))
    }

    /// The same with a backend written elsewhere, made with `config`.
    #[must_use]
    pub fn with_own_decompressor(
        self,
        decompressor: Box<dyn Decompressor>,
        config: impl Into<DecompressorConfig>,
    ) -> Self {
        let limits = self.machine.limits.of_inflating();
        self.decompressing(MessageDecompressor::with_own(decompressor, config.into(), limits))
    }

    /// The next message, or `None` if it needs more bytes, or after a close frame.
    ///
    /// # Errors
    /// [`Error::Protocol`] and [`Error::Limit`] for what the peer sent, [`Error::Backend`] if the decompressor fails.
    /// An error is final: it comes with the header or the piece of text that shows it, with the whole frame if that is compressed,
    /// after all messages before it; and every later call gives it again.
    #[inline]
    pub fn next_message(&mut self) -> Result<Option<Message<'_>>, Error> {
        // All but one in 64 small messages, in a few instructions beside the loop of whoever asks.
        if self.machine.reader.has_message() {
            return Ok(self.machine.reader.message().map(message));
        }
        self.next_other()
    }

    /// Goes on to the next message if it is one by itself, plain and in one frame; tells whether it was.
    #[cfg(any(feature = "blocking", feature = "tokio"))]
    #[inline]
    pub(crate) fn advance_to_message(&mut self) -> bool {
        self.machine.reader.advance_to_message()
    }

    /// Whether more must be read for a message; where this is false, [`next_message`](Self::next_message) tells.
    #[cfg(any(feature = "blocking", feature = "tokio"))]
    #[inline]
    pub(crate) fn is_drained(&self) -> bool {
        self.machine.reader.is_drained()
    }

    /// Whether there is a message behind the one handed out last, plain and in one frame.
    #[cfg(feature = "tokio")]
    #[inline]
    pub(crate) fn has_message(&self) -> bool {
        self.machine.reader.has_message()
    }

    /// Whether a close frame was decoded, so that nothing more comes.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.machine.closed
    }

    /// How many messages have been handed out that were compressed on the wire.
    #[must_use]
    pub fn compressed_messages(&self) -> u64 {
        self.machine.inflater.as_ref().map_or(0, |inflater| inflater.messages())
    }

    /// Gives back what memory it can while the connection is idle, and stays in step. What was read and not handed out stays,
    /// and so does the message under way; the message handed out last is gone with this. A [read
    /// size](Self::with_read_size) that has grown is as at first.
    pub fn release(&mut self) {
        self.forget_room();
        self.read_size.reset();
        self.machine.release();
    }

    /// The bytes of memory that this connection holds for what it receives.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Self>() - size_of::<FrameReader>() + self.machine.memory()
    }

    #[inline(never)]
    fn next_other(&mut self) -> Result<Option<Message<'_>>, Error> {
        let Self { failure, machine, .. } = self;
        match machine.next_message() {
            // After a failure there is nothing to decode.
            Ok(None) => failure.map_or(Ok(None), Err),
            Ok(message) => Ok(message),
            Err(error) => Err(*failure.get_or_insert(error)),
        }
    }

    fn decompressing(mut self, decompressor: MessageDecompressor) -> Self {
        self.machine.inflater = Some(Box::new(Inflater::new(decompressor)));
        self.machine.apply_options();
        self
    }
}

/// The frames that may come. A data frame that is cut short is not waited for, so that text fails with its first wrong byte: a
/// message of its own is joined where it was read to; what is in fragments is validated when it is gathered.
fn reader(role: Role, limits: &Limits, options: Options, inflates: bool) -> FrameReader {
    let decoder = match role {
        Role::Server => FrameDecoder::server(),
        Role::Client => FrameDecoder::client(),
    };
    let decoder = decoder
        .with_reserved_bits(if inflates { options.allowed | Rsv::RSV1 } else { options.allowed })
        .with_limit(limits.frame as u64)
        .with_message_limit(limits.message as u64)
        .with_whole_frames(0);
    let decoder = if options.fragments { decoder } else { decoder.with_validation_of_whole_messages() };
    let decoder = if options.unvalidated { decoder.without_validation() } else { decoder };
    let decoder = if options.any_length_encoding { decoder.with_any_length_encoding() } else { decoder };
    let reader = FrameReader::new(decoder);
    if options.fragments { reader } else { reader.with_joined_messages(limits.message) }
}

/// A message in one frame.
#[inline]
fn message(payload: Payload<'_>) -> Message<'_> {
    match payload {
        Payload::Text(text) => Message::Text(text),
        Payload::Bytes(bytes) => Message::Binary(bytes),
    }
}

struct Machine {
    role: Role,
    limits: Limits,
    options: Options,
    reader: FrameReader,
    /// What the data message that is or was gathered is, if it is raw; and what it is in any case.
    raw: Option<Raw>,
    kind: (DataKind, Rsv),
    /// The data message under way; control frames come and go inside it.
    message: Option<MessageUnderWay>,
    /// What there is of it, or the last one handed out that was not in the buffer.
    content: Content,
    /// With permessage-deflate. Apart, for without it there is nothing.
    inflater: Option<Box<Inflater>>,
    /// What was handed out last, where messages come in parts.
    part: Option<Part>,
    closed: bool,
}

/// A message that is ready, by where it is.
enum Ready {
    /// A control frame, in the reader.
    Control,
    /// In `Machine::content`.
    Gathered,
}

impl Machine {
    /// After a close frame or an error nothing is there to go on with.
    fn next_message(&mut self) -> Result<Option<Message<'_>>, Error> {
        loop {
            let Some(frame) = self.reader.advance() else { return self.end() };
            if frame.is_message() {
                return Ok(Some(message(self.reader.payload_again())));
            }
            match self.take() {
                Ok(None) => {}
                Ok(Some(Ready::Gathered)) => return Ok(Some(self.content.message())),
                Ok(Some(Ready::Control)) => return self.control().map(Some),
                Err(error) => {
                    self.stop();
                    return Err(error);
                }
            }
        }
    }

    /// Why there is no frame: more must be read for it, or the stream is wrong.
    #[inline(never)]
    fn end(&mut self) -> Result<Option<Message<'_>>, Error> {
        match self.reader.error() {
            None => Ok(None),
            Some(error) => {
                self.stop();
                Err(error.into())
            }
        }
    }

    /// Nothing more is wanted: neither what was read nor the message under way.
    fn stop(&mut self) {
        self.reader.stop();
        self.message = None;
        self.content = Content::default();
        if let Some(inflater) = &mut self.inflater {
            inflater.stop();
        }
    }

    /// The control frame that the reader is at.
    #[inline(never)]
    fn control(&mut self) -> Result<Message<'_>, Error> {
        let opcode = self.reader.current().opcode();
        if opcode == Opcode::Close {
            // Its payload stays, and nothing behind it counts.
            self.stop();
        }
        let message = control::message(opcode, self.reader.payload())?;
        self.closed = matches!(message, Message::Close(_));
        Ok(message)
    }

    /// Takes the frame, or piece of one, that the reader is at and that is not a whole plain message.
    #[inline(never)]
    fn take(&mut self) -> Result<Option<Ready>, Error> {
        let frame = self.reader.current();
        if frame.opcode().is_control() {
            return Ok(Some(Ready::Control));
        }
        let message = self.begin_frame(&frame)?;
        if frame.begins() && frame.opcode() != Opcode::Continuation {
            self.content.start(message.kind);
        }
        let payload = self.reader.payload();
        let ends = frame.ends() && frame.fin();
        match &mut self.inflater {
            Some(inflater) if message.compressed => {
                inflater.take(payload, &frame, &message, &mut self.content)?;
            }
            _ => self.content.push(payload)?,
        }
        if !ends {
            return Ok(None);
        }
        self.message = None;
        self.content.finish()?;
        Ok(Some(Ready::Gathered))
    }

    /// Holds a frame that begins to the limits, and the message with it; gives the message that the frame, or piece of one, is of.
    fn begin_frame(&mut self, frame: &Frame) -> Result<MessageUnderWay, Error> {
        if frame.begins()
            && let Some(kind) = DataKind::of(frame.opcode())
        {
            let (kind, compressed) = self.start(kind, frame.rsv());
            self.message = Some(MessageUnderWay::new(kind, compressed));
        }
        // The frames' own rules saw to it that there is one.
        let message = self.message.as_mut().ok_or(ProtocolError::UnexpectedContinuation)?;
        if frame.begins() {
            let length = self.reader.payload().len() as u64 + self.reader.remaining();
            message.add_frame(length, &self.limits)?;
        }
        Ok(*message)
    }

    #[inline]
    fn share_buffers(&mut self) {
        if self.reader.has_memory() {
            spare::leave_memory(&mut self.reader);
        }
        // Of one that is handed out in parts, the last part is all that is there.
        if self.message.is_none() || self.options.fragments {
            self.content.share_buffer();
        } else {
            self.content.share_rest();
        }
        if let Some(inflater) = &mut self.inflater {
            inflater.share_buffer();
        }
    }

    fn release(&mut self) {
        self.reader.release();
        if self.message.is_none() {
            self.content = Content::default();
        }
        if let Some(inflater) = &mut self.inflater {
            inflater.release();
        }
    }

    fn memory(&self) -> usize {
        let inflater = self.inflater.as_ref().map_or(0, |inflater| inflater.memory());
        self.reader.memory() + self.content.memory() + inflater
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("role", &self.role)
            .field("limits", &self.limits)
            .field("message", &self.message)
            .field("inflater", &self.inflater)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
