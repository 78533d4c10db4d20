//! What has to be known of a payload from frame to frame, whoever inflates it.

use crate::DecompressError;
use crate::payload::{EMPTY_BLOCK_HEADER, most_final_blocks, reason};

/// How much of a payload has come, and where it stands with its blocks with BFINAL=1.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// Bytes so far.
    bytes: usize,
    /// Blocks with BFINAL=1 that something came after.
    final_blocks: usize,
    /// Bytes up to the end of the last block with BFINAL=1.
    final_end: usize,
    after_final: Option<AfterFinal>,
}

/// What has come behind a block with BFINAL=1, where the payload may end (RFC 7692 section 7.2.3.4) or go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AfterFinal {
    Nothing,
    /// The header of the empty block, which a sender puts there to end the message.
    EmptyBlockHeader,
}

/// What is to be done with the rest of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// No block with BFINAL=1 has just ended: it goes on.
    Continues,
    /// A block with BFINAL=1 has ended, and what is left of the frame, a byte at most, may be what ends the message.
    Ends,
    /// More blocks come after one with BFINAL=1, so a new stream begins on the same window. With `begun`, the header of an empty
    /// stored block, a byte, has come with an earlier frame and belongs to it.
    Restarts { begun: bool },
}

impl Received {
    /// Counts the bytes of the next frame.
    pub(crate) fn frame(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// A block with BFINAL=1 has ended, so many bytes before the end of the frame.
    pub(crate) fn final_block(&mut self, left: usize) {
        (self.after_final, self.final_end) = (Some(AfterFinal::Nothing), self.bytes - left);
    }

    /// What to do now that so many bytes of the frame are left, the `next` first; to be asked again behind each block with BFINAL=1
    /// and at the start of a frame.
    pub(crate) fn rest(&mut self, left: usize, next: Option<u8>) -> Result<Rest, DecompressError> {
        let Some(after) = self.after_final else { return Ok(Rest::Continues) };
        match (after, left) {
            (_, 0) => return Ok(Rest::Ends),
            (AfterFinal::Nothing, 1) if next == Some(EMPTY_BLOCK_HEADER) => {
                self.after_final = Some(AfterFinal::EmptyBlockHeader);
                return Ok(Rest::Ends);
            }
            _ => {}
        }
        self.after_final = None;
        self.final_blocks += 1;
        if self.final_blocks > most_final_blocks(self.final_end) {
            return Err(reason::TOO_MANY_FINAL);
        }
        Ok(Rest::Restarts { begun: after == AfterFinal::EmptyBlockHeader })
    }

    /// Whether a block with BFINAL=1 ends the payload, once all of it has come.
    ///
    /// # Errors
    /// There is none: a payload has one byte at least.
    pub(crate) fn ends_final(&self) -> Result<bool, DecompressError> {
        if self.bytes == 0 { Err(reason::EMPTY) } else { Ok(self.after_final.is_some()) }
    }
}
