//! What was read, on its way into the decoder.

use wscodec_kernel::FrameReader;

use super::Decoder;
use super::read_size::ReadSize;
use crate::{MisuseError, spare};

impl Decoder {
    /// The same with [`room`](Self::room) for exactly this many bytes a read: at least one, and less than 4 GiB.
    ///
    /// By default it is 16 KiB and the 14 bytes of the longest header, doubles with each read that fills the room, up to eight
    /// times as much, and halves, down to what it was at first, after 64 reads in a row that fill less than a quarter of it: long messages and many at
    /// once take fewer reads, and a connection with little traffic holds little memory. (The adapter for tokio reads on before
    /// it writes, and has more room for long payloads only.) Where memory matters more than that, set it to what there is for a connection.
    ///
    /// ```
    /// use wscodec::{Decoder, Limits, Role};
    ///
    /// let mut decoder = Decoder::new(Role::Client, Limits::new());
    /// assert_eq!(decoder.room().len(), (16 << 10) + 14);
    /// decoder.filled((16 << 10) + 14)?;
    /// assert_eq!(decoder.room().len(), 2 * ((16 << 10) + 14));
    ///
    /// let mut decoder = Decoder::new(Role::Client, Limits::new()).with_read_size(1 << 10);
    /// assert_eq!(decoder.room().len(), 1 << 10);
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    ///
    /// After a read that fills a room of 4 KiB or more, a frame of up to 4 KiB that it cuts short waits for the next read, which is
    /// there already, and so does the error of wrong text in it.
    #[must_use]
    pub fn with_read_size(self, bytes: usize) -> Self {
        Self { read_size: ReadSize::fixed(bytes), ..self }
    }

    /// For whoever reads on before it answers: the read size grows with long payloads alone, or again with all reads.
    #[cfg(feature = "tokio")]
    pub(crate) const fn grow_reads_with_payloads(&mut self, alone: bool) {
        self.read_size.grow_with_payloads(alone);
    }

    /// Where to read to: as many bytes as the [read size](Self::with_read_size). The message handed out last is gone with this.
    // Before each read of each connection.
    #[inline(always)]
    pub fn room(&mut self) -> &mut [u8] {
        let reader = &mut self.machine.reader;
        if self.read_size.has_question() {
            self.read_size.ask(reader);
        }
        borrow_memory(reader);
        let room = reader.room(self.read_size.bytes());
        self.room = room.len();
        room
    }

    /// Leaves the buffers that nothing is in to the thread's other connections, and takes one of them for the next read: for
    /// whoever waits with many connections, each time that the transport has nothing more to be read. The message handed out
    /// last is gone with this. It takes some nanoseconds; the thread keeps 4 MiB at most, those left last, until
    /// [`release_shared`](crate::release_shared) is called or the thread ends. What stays here, until [`release`](Self::release), are
    /// buffers of less than 1 KiB, those of more than 256 KiB that it has no room for, and those that a message under way is in, but
    /// for ones of more than 64 KiB with a sixteenth or less in them.
    ///
    /// ```
    /// use wscodec::{Decoder, Limits, Message, Role};
    ///
    /// let mut decoders = [(); 1_000].map(|()| Decoder::new(Role::Client, Limits::new()));
    /// for decoder in &mut decoders {
    ///     decoder.room()[..4].copy_from_slice(b"\x81\x02hi");
    ///     decoder.filled(4)?;
    ///     assert_eq!(decoder.next_message()?, Some(Message::Text("hi")));
    ///     assert_eq!(decoder.next_message()?, None);
    ///     decoder.share_buffers();
    /// }
    /// assert!(decoders.iter().map(Decoder::memory).sum::<usize>() < 1_000 * 1_024);
    /// # Ok::<(), wscodec::Error>(())
    /// ```
    #[inline]
    pub fn share_buffers(&mut self) {
        self.forget_room();
        self.machine.share_buffers();
    }

    /// Takes note that the first `bytes` bytes of the [`room`](Self::room) were read to.
    ///
    /// What comes after a close frame is dropped, as RFC 6455 section 1.4 has it, and after an error as well.
    ///
    /// # Errors
    /// [`MisuseError::MoreThanRoom`] if there was less room, or nobody asked for it since the last read; then nothing was
    /// taken.
    #[inline]
    pub fn filled(&mut self, bytes: usize) -> Result<(), MisuseError> {
        self.leave_room(bytes)?;
        self.take_filled(bytes);
        Ok(())
    }

    /// The room is gone, of which so many bytes were read to.
    #[inline]
    pub(crate) const fn leave_room(&mut self, bytes: usize) -> Result<(), MisuseError> {
        if bytes > self.room {
            return Err(MisuseError::MoreThanRoom);
        }
        self.forget_room();
        Ok(())
    }

    #[inline]
    pub(crate) const fn forget_room(&mut self) {
        self.room = 0;
    }

    /// [`filled`](Self::filled), of no more than there was room for.
    #[inline]
    pub(crate) fn take_filled(&mut self, bytes: usize) {
        self.read_size.note(bytes);
        if self.failure.is_none() && !self.machine.closed {
            self.machine.reader.filled(bytes);
        }
    }

    /// Copies bytes that were read elsewhere: the same as reading them. The message handed out last is gone with this.
    pub fn push(&mut self, bytes: &[u8]) {
        self.forget_room();
        if self.failure.is_none() && !self.machine.closed {
            borrow_memory(&mut self.machine.reader);
            self.machine.reader.push(bytes);
        }
    }
}

/// Lets a reader without memory have some of what the thread keeps.
#[inline(always)]
fn borrow_memory(reader: &mut FrameReader) {
    if !reader.has_memory() {
        spare::lend_memory(reader);
    }
}
