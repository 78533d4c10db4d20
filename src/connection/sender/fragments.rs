//! Messages fragment by fragment, and raw frames.

use wscodec_compressors::CompressionWish;
use wscodec_kernel::Opcode;

use super::Sender;
use super::lengths::frame_length;
use crate::{DataKind, Encoder, Error, RawFrame};

impl Sender {
    /// Queues the first fragment of a message; see [`Encoder::begin_message`].
    ///
    /// # Errors
    /// Those of all calls that queue, and of [`Encoder::begin_message`].
    pub fn begin_message(&mut self, kind: DataKind, fragment: &[u8]) -> Result<(), Error> {
        self.begin_message_with(kind, fragment, CompressionWish::Auto)
    }

    /// [`begin_message`](Self::begin_message) with a wish of the application whether the message is compressed.
    ///
    /// # Errors
    /// As [`begin_message`](Self::begin_message).
    pub fn begin_message_with(
        &mut self,
        kind: DataKind,
        fragment: &[u8],
        wish: CompressionWish,
    ) -> Result<(), Error> {
        self.fragment(fragment, |encoder, out| encoder.begin_message_with(kind, fragment, wish, out))
    }

    /// Queues a further fragment, not the last; see [`Encoder::continue_message`].
    ///
    /// # Errors
    /// Those of all calls that queue, and of [`Encoder::continue_message`].
    pub fn continue_message(&mut self, fragment: &[u8]) -> Result<(), Error> {
        self.fragment(fragment, |encoder, out| encoder.continue_message(fragment, out))
    }

    /// Queues the last fragment; see [`Encoder::finish_message`].
    ///
    /// # Errors
    /// Those of all calls that queue, and of [`Encoder::finish_message`].
    pub fn finish_message(&mut self, fragment: &[u8]) -> Result<(), Error> {
        self.fragment(fragment, |encoder, out| encoder.finish_message(fragment, out))
    }

    /// Queues a frame with any FIN and reserved bits; see [`Encoder::encode_frame`]. There is always room for a close frame, as
    /// in [`close`](Self::close).
    ///
    /// # Errors
    /// Those of all calls that queue, and of [`Encoder::encode_frame`].
    pub fn send_frame(&mut self, frame: RawFrame<'_>) -> Result<(), Error> {
        self.check_open()?;
        if frame.opcode == Opcode::Close {
            return self.close_by(|encoder, out| encoder.encode_frame(frame, out));
        }
        if !frame.opcode.is_control() {
            self.stream.check_idle()?;
        }
        let Self { encoder, output, .. } = self;
        output.append(frame_length(self.role, frame.payload.len()), |out| encoder.encode_frame(frame, out))
    }

    fn fragment(
        &mut self,
        fragment: &[u8],
        encode: impl FnOnce(&mut Encoder, &mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.check_open()?;
        self.stream.check_idle()?;
        let Self { encoder, output, .. } = self;
        output.append(frame_length(self.role, fragment.len()), |out| encode(encoder, out))
    }
}
