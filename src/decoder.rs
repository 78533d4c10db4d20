//! From bytes to messages.
//!
//! ```text
//!  what one read gave           |81 85 key payload|82 84 key payl|
//!                                '- borrowed -----' '- kept -----'   message 1 is handed out where it lies
//!  what the next read gave      |oad|89 80 key|82 fe 01|
//!                                '-- gathered  '- pong  '- kept: a header cut short
//! ```

mod body;
mod close;
mod control;
mod frame;
mod message;
mod partial_header;

use core::fmt;

use wscodec_compressors::Decompressor;
use wscodec_kernel::{FrameHeader, HeaderDecode, Opcode, mask, unmask_text, validate_text};

use self::body::{Body, Inflated};
use self::control::KeptControl;
use self::frame::FrameUnderWay;
use self::message::MessageUnderWay;
use self::partial_header::PartialHeader;
use crate::{DataKind, Error, Limits, Message, ProtocolError, Role};

/// Turns the bytes of one direction of a connection into messages, in whatever pieces the bytes come
/// (RFC 6455 sections 5 to 8, RFC 7692 section 6.2).
///
/// Hand it what each read gave and call [`decode`](Self::decode) until it answers `None`; then read again. No byte
/// has to be kept between reads.
///
/// A message in one frame that lies wholly in the input is unmasked there and borrowed from there. Any other is
/// gathered in a buffer of the decoder, which grows with the bytes received, never by what a header claims, and is
/// kept for the next message, so that a steady stream allocates nothing. Text is validated as it arrives, and each byte
/// of it once.
///
/// ```
/// use wscodec::{Decoder, Limits, Message, Role};
///
/// let mut decoder = Decoder::new(Role::Client, Limits::new());
/// let mut read = *b"\x81\x05Hello\x89\x01!\x01\x03caf";
/// let mut rest = &mut read[..];
/// assert_eq!(decoder.decode(&mut rest)?, Some(Message::Text("Hello")));
/// assert_eq!(decoder.decode(&mut rest)?, Some(Message::Ping(b"!")));
/// assert_eq!(decoder.decode(&mut rest)?, None); // and nothing of `read` is needed any longer
///
/// let mut read = *b"\x80\x02\xc3\xa9";
/// assert_eq!(decoder.decode(&mut &mut read[..])?, Some(Message::Text("café")));
/// # Ok::<(), wscodec::Error>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    /// Apart from the rest, so that a message may borrow from that while an error is noted here.
    failure: Option<Error>,
    machine: Machine,
}

impl Decoder {
    /// A decoder at the start of a connection, for the endpoint that is `role`: as a server it wants masked frames.
    #[must_use]
    pub fn new(role: Role, limits: Limits) -> Self {
        let machine = Machine {
            role,
            limits,
            decompressor: None,
            header: PartialHeader::default(),
            frame: None,
            message: None,
            body: Body::default(),
            inflated: Inflated::default(),
            control: KeptControl::default(),
            closed: false,
        };
        Self { failure: None, machine }
    }

    /// The same with permessage-deflate agreed on: RSV1 is allowed, and what it marks goes through `decompressor`.
    ///
    /// What was negotiated must have been asked of `decompressor` when it was made.
    #[must_use]
    pub fn with_decompressor(mut self, decompressor: Box<dyn Decompressor>) -> Self {
        self.machine.decompressor = Some(decompressor);
        self
    }

    /// Takes bytes from the front of `input` and gives the next message.
    ///
    /// `Ok(None)` means that all of `input` was taken and that the next message needs more; what it needs of the
    /// bytes taken is kept inside. After a close frame nothing more is decoded: the bytes that follow it are
    /// dropped, as RFC 6455 section 1.4 has it.
    ///
    /// # Errors
    /// [`Error::Protocol`] and [`Error::Limit`] for what the peer sent, [`Error::Backend`] if the decompressor fails.
    /// An error is final: it comes as early as the bytes show it, and every later call gives it again.
    #[inline]
    pub fn decode<'d, 'i: 'd>(&'d mut self, input: &mut &'i mut [u8]) -> Result<Option<Message<'d>>, Error> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let Self { failure, machine } = self;
        machine.decode(input).inspect_err(|error| *failure = Some(*error))
    }

    /// Whether a close frame was decoded, so that nothing more comes.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.machine.closed
    }

    /// Gives the memory of the buffers back that past messages made grow. The message under way is not touched.
    pub fn shrink(&mut self) {
        if self.machine.message.is_none() {
            self.machine.body = Body::default();
        }
        self.machine.inflated = Inflated::default();
    }
}

/// The state between two reads.
struct Machine {
    role: Role,
    limits: Limits,
    decompressor: Option<Box<dyn Decompressor>>,
    /// The header under way.
    header: PartialHeader,
    /// The frame whose payload is under way.
    frame: Option<FrameUnderWay>,
    /// The data message under way; control frames come and go inside it.
    message: Option<MessageUnderWay>,
    /// The payload of the data message under way, or of the last one handed out.
    body: Body,
    /// What the last compressed message handed out inflated to.
    inflated: Inflated,
    /// The control frame under way whose payload spans reads.
    control: KeptControl,
    closed: bool,
}

/// A message that is ready, before it borrows from the decoder.
enum Ready<'i> {
    /// It lies in the input.
    Borrowed(Message<'i>),
    /// It is a control frame in `Machine::control`.
    Control,
    /// It is in `Machine::body`.
    Gathered,
    /// It is in `Machine::inflated`.
    Inflated,
}

impl Machine {
    #[inline]
    fn decode<'d, 'i: 'd>(&'d mut self, input: &mut &'i mut [u8]) -> Result<Option<Message<'d>>, Error> {
        let message = match self.advance(input)? {
            None => return Ok(None),
            Some(Ready::Borrowed(message)) => message,
            Some(Ready::Control) => self.control.message()?,
            Some(Ready::Gathered) => self.body.message(),
            Some(Ready::Inflated) => self.inflated.message(),
        };
        self.closed = matches!(message, Message::Close(_));
        Ok(Some(message))
    }

    /// Goes on frame by frame until a message is ready or the input is used up.
    #[inline]
    fn advance<'i>(&mut self, input: &mut &'i mut [u8]) -> Result<Option<Ready<'i>>, Error> {
        if self.closed {
            *input = &mut [];
        }
        loop {
            let ready = match self.frame.take() {
                Some(frame) => self.continue_frame(frame, input)?,
                None => match self.next_header(input)? {
                    Some(header) => self.start_frame(&header, input)?,
                    None => return Ok(None),
                },
            };
            if ready.is_some() || self.frame.is_some() {
                return Ok(ready);
            }
        }
    }

    /// The next header; `None` when the input ends inside it.
    #[inline]
    fn next_header(&mut self, input: &mut &mut [u8]) -> Result<Option<FrameHeader>, Error> {
        if self.header.is_empty()
            && let HeaderDecode::Complete { header, length } = FrameHeader::decode(input)?
        {
            take_front(input, length);
            return Ok(Some(header));
        }
        Ok(self.header.fill(input)?)
    }

    /// Checks a header and takes what the input holds of its frame.
    #[inline]
    fn start_frame<'i>(
        &mut self,
        header: &FrameHeader,
        input: &mut &'i mut [u8],
    ) -> Result<Option<Ready<'i>>, Error> {
        self.check_header(header)?;
        if header.opcode.is_control() {
            return self.start_control_frame(header, input);
        }
        let message = self.admit_data_frame(header)?;
        let first = header.opcode != Opcode::Continuation;
        if first
            && header.fin
            && let Some(payload) = take_whole_payload(header, input)
        {
            return self.single_frame(&message, payload, header.masking_key).map(Some);
        }
        if first {
            self.body.start(message.is_validated_as_it_comes());
        }
        self.message = Some(message);
        self.continue_frame(FrameUnderWay::new(header), input)
    }

    fn start_control_frame<'i>(
        &mut self,
        header: &FrameHeader,
        input: &mut &'i mut [u8],
    ) -> Result<Option<Ready<'i>>, Error> {
        if let Some(payload) = take_whole_payload(header, input) {
            let payload = unmasked(payload, header.masking_key);
            return Ok(Some(Ready::Borrowed(control::message(header.opcode, payload)?)));
        }
        self.control.start(header.opcode);
        self.continue_frame(FrameUnderWay::new(header), input)
    }

    /// Takes what the input holds of the payload of a frame under way.
    fn continue_frame<'i>(
        &mut self,
        mut frame: FrameUnderWay,
        input: &mut &'i mut [u8],
    ) -> Result<Option<Ready<'i>>, Error> {
        let part = frame.take_part(input);
        let complete = frame.is_complete();
        let (opcode, fin) = (frame.opcode, frame.fin);
        if !complete {
            self.frame = Some(frame);
        }
        if opcode.is_control() {
            self.control.push(part);
            return Ok(complete.then_some(Ready::Control));
        }
        self.gather(part, complete && fin)
    }

    /// A message that is one frame, whole in the input.
    #[inline]
    fn single_frame<'i>(
        &mut self,
        message: &MessageUnderWay,
        payload: &'i mut [u8],
        key: Option<[u8; 4]>,
    ) -> Result<Ready<'i>, Error> {
        if message.compressed {
            self.inflate(message.kind, Some(unmasked(payload, key)))?;
            return Ok(Ready::Inflated);
        }
        Ok(Ready::Borrowed(match (message.kind, key) {
            (DataKind::Text, Some(key)) => Message::Text(unmask_text(payload, key)?),
            (DataKind::Text, None) => Message::Text(validate_text(payload)?),
            (DataKind::Binary, key) => Message::Binary(unmasked(payload, key)),
        }))
    }

    /// Puts a part of the message under way behind the others, and ends the message if it is the `last`.
    fn gather<'i>(&mut self, part: &[u8], last: bool) -> Result<Option<Ready<'i>>, Error> {
        self.body.push(part)?;
        if !last {
            return Ok(None);
        }
        match self.message.take() {
            Some(message) if message.compressed => {
                self.inflate(message.kind, None)?;
                Ok(Some(Ready::Inflated))
            }
            _ => {
                self.body.finish()?;
                Ok(Some(Ready::Gathered))
            }
        }
    }

    /// Inflates `payload`, or the body if it is `None`.
    fn inflate(&mut self, kind: DataKind, payload: Option<&[u8]>) -> Result<(), Error> {
        let payload = payload.unwrap_or_else(|| self.body.bytes());
        // RSV1 was refused at the header when there is no decompressor.
        let decompressor = self.decompressor.as_mut().ok_or(ProtocolError::UnexpectedRsv1)?;
        self.inflated.fill(kind, |out| Ok(decompressor.decompress(payload, self.limits.message, out)?))
    }
}

/// The payload, as it is on the wire, if all of it lies in `input`.
#[inline]
fn take_whole_payload<'i>(header: &FrameHeader, input: &mut &'i mut [u8]) -> Option<&'i mut [u8]> {
    let length = usize::try_from(header.payload_length).ok().filter(|&length| length <= input.len())?;
    Some(take_front(input, length))
}

#[inline]
fn unmasked(payload: &mut [u8], key: Option<[u8; 4]>) -> &[u8] {
    if let Some(key) = key {
        mask(payload, key);
    }
    payload
}

/// The first bytes of `input`, at most `length`, which leave it.
#[inline]
fn take_front<'i>(input: &mut &'i mut [u8], length: usize) -> &'i mut [u8] {
    let (front, rest) = core::mem::take(input).split_at_mut_checked(length).unwrap_or_default();
    *input = rest;
    front
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("role", &self.role)
            .field("limits", &self.limits)
            .field("decompressor", &self.decompressor.as_ref().map(Decompressor::engine))
            .field("frame", &self.frame)
            .field("message", &self.message)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
