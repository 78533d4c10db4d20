//! The payloads of compressed messages (RFC 7692 section 6.2).

use wscodec_compressors::MessageDecompressor;
use wscodec_kernel::Frame;

use super::content::Content;
use crate::Error;

/// A decompressor, and what has come of a frame that is not complete: frames go to it whole, which is what all backends can
/// take, and the fastest way with most.
#[derive(Debug)]
pub(super) struct Inflater {
    decompressor: MessageDecompressor,
    /// The payload under way as far as it has come, if that was not in one piece.
    payload: Vec<u8>,
    /// What the last frame of a message in several inflated to.
    inflated: Vec<u8>,
    /// How many were inflated to their end.
    messages: u64,
}

impl Inflater {
    pub(super) const fn new(decompressor: MessageDecompressor) -> Self {
        Self { decompressor, payload: Vec::new(), inflated: Vec::new(), messages: 0 }
    }

    /// Takes a piece of the payload of `frame`, and inflates that to `content` once it is complete. `single` says whether it is
    /// the message's first.
    pub(super) fn take(
        &mut self,
        piece: &[u8],
        frame: &Frame,
        single: bool,
        content: &mut Content,
    ) -> Result<(), Error> {
        if frame.begins() && frame.ends() {
            return self.inflate(piece, frame.fin(), single, content);
        }
        self.payload.extend_from_slice(piece);
        if !frame.ends() {
            return Ok(());
        }
        let mut payload = core::mem::take(&mut self.payload);
        self.inflate(&payload, frame.fin(), single, content)?;
        payload.clear();
        self.payload = payload;
        Ok(())
    }

    pub(super) const fn messages(&self) -> u64 {
        self.messages
    }

    pub(super) fn release(&mut self) {
        self.decompressor.release();
        self.inflated = Vec::new();
        if self.payload.is_empty() {
            self.payload = Vec::new();
        }
    }

    pub(super) fn memory(&self) -> usize {
        size_of::<Self>() - size_of_val(&self.decompressor)
            + self.decompressor.memory()
            + self.payload.capacity()
            + self.inflated.capacity()
    }

    fn inflate(
        &mut self,
        payload: &[u8],
        last: bool,
        single: bool,
        content: &mut Content,
    ) -> Result<(), Error> {
        if last && single {
            content.fill(|out| Ok(self.decompressor.message(payload, out)?))?;
        } else {
            self.inflated.clear();
            self.decompressor.fragment(payload, last, &mut self.inflated)?;
            content.push(&self.inflated)?;
        }
        self.messages += u64::from(last);
        Ok(())
    }
}
