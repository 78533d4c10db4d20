//! The payloads of compressed messages (RFC 7692 section 6.2).

use wscodec_compressors::MessageDecompressor;
use wscodec_kernel::{Frame, Utf8Validator};

use super::content::Content;
use super::message::MessageUnderWay;
use crate::{DataKind, Error, spare};

/// A decompressor, and what has come of a frame that is not complete: frames go to it whole, which is what all backends can
/// take, and the fastest way with most.
#[derive(Debug)]
pub(super) struct Inflater {
    decompressor: MessageDecompressor,
    /// The payload under way as far as it has come, if that was not in one piece.
    payload: Vec<u8>,
    /// How many bytes of it were inflated, and whether the message ends with it, where it is inflated as it comes.
    inflated: usize,
    ends: bool,
    /// What the frames of a text so far inflated to.
    validator: Utf8Validator,
    /// How many were inflated to their end.
    messages: u64,
}

/// As many bytes of a payload are inflated at a time where that is handed out as it comes: to at most half a MiB, for DEFLATE makes
/// up to 1,032 of one.
const STEP: usize = 512;

/// Bytes of a message that are enough for an event.
const PART: usize = 16 << 10;

impl Inflater {
    pub(super) const fn new(decompressor: MessageDecompressor) -> Self {
        Self {
            decompressor,
            payload: Vec::new(),
            inflated: 0,
            ends: false,
            validator: Utf8Validator::new(),
            messages: 0,
        }
    }

    /// Takes a piece of the payload of `frame`, and inflates that to `content` once it is complete.
    pub(super) fn take(
        &mut self,
        piece: &[u8],
        frame: &Frame,
        message: &MessageUnderWay,
        content: &mut Content,
    ) -> Result<(), Error> {
        if frame.begins() && frame.ends() {
            return self.inflate(piece, frame.fin(), message, content);
        }
        spare::lend_buffer(&mut self.payload);
        self.payload.extend_from_slice(piece);
        if !frame.ends() {
            return Ok(());
        }
        let mut payload = core::mem::take(&mut self.payload);
        self.inflate(&payload, frame.fin(), message, content)?;
        payload.clear();
        self.payload = payload;
        Ok(())
    }

    /// Takes a piece of a payload, to be inflated in [parts](Self::part).
    pub(super) fn give(&mut self, piece: &[u8], ends: bool) {
        self.payload.clear();
        spare::lend_buffer(&mut self.payload);
        self.payload.extend_from_slice(piece);
        (self.inflated, self.ends) = (0, ends);
    }

    /// Whether there is something left of the piece.
    pub(super) fn has_more(&self) -> bool {
        self.inflated < self.payload.len() || self.ends
    }

    /// Inflates some of the piece to `content`, in steps so small that it does not come to much; tells whether the message ends
    /// with it.
    pub(super) fn part(&mut self, message: &MessageUnderWay, content: &mut Content) -> Result<bool, Error> {
        loop {
            let rest = &self.payload[self.inflated..];
            let step = &rest[..rest.len().min(STEP)];
            let last = self.ends && step.len() == rest.len();
            let inflated = content.append(|out| Ok(self.decompressor.fragment(step, last, out)?))?;
            self.inflated += step.len();
            if message.kind == DataKind::Text {
                self.validator.push(inflated)?;
            }
            if last {
                self.ends = false;
                self.messages += 1;
                if message.kind == DataKind::Text {
                    self.validator.finish()?;
                }
            }
            if last || self.inflated == self.payload.len() || content.length() >= PART {
                return Ok(last);
            }
        }
    }

    pub(super) const fn messages(&self) -> u64 {
        self.messages
    }

    pub(super) fn share_buffer(&mut self) {
        if self.payload.len() == self.inflated {
            self.payload.clear();
            self.inflated = 0;
        }
        spare::leave_buffer(&mut self.payload);
    }

    pub(super) fn release(&mut self) {
        self.decompressor.release();
        if self.payload.len() == self.inflated {
            self.payload = Vec::new();
            self.inflated = 0;
        }
    }

    /// Forgets what is under way.
    pub(super) fn stop(&mut self) {
        self.payload = Vec::new();
        (self.inflated, self.ends) = (0, false);
    }

    pub(super) fn memory(&self) -> usize {
        size_of::<Self>() - size_of_val(&self.decompressor)
            + self.decompressor.memory()
            + self.payload.capacity()
    }

    fn inflate(
        &mut self,
        payload: &[u8],
        last: bool,
        message: &MessageUnderWay,
        content: &mut Content,
    ) -> Result<(), Error> {
        if last && message.is_single() {
            content.fill(|out| Ok(self.decompressor.message(payload, out)?))?;
        } else {
            let inflated = content.append(|out| Ok(self.decompressor.fragment(payload, last, out)?))?;
            if message.kind == DataKind::Text {
                if message.is_single() {
                    self.validator = Utf8Validator::new();
                }
                // To fail with the first wrong byte; who has all of it looks once more, for that is what makes text of it.
                self.validator.push(inflated)?;
                if last {
                    content.make_text()?;
                }
            }
        }
        self.messages += u64::from(last);
        Ok(())
    }
}
