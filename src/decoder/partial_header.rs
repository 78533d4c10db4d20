use wscodec_kernel::{FrameHeader, HeaderDecode, HeaderError, MAX_HEADER_LENGTH};

use super::take_front;

/// A header whose bytes come in several reads.
#[derive(Debug, Default)]
pub(super) struct PartialHeader {
    bytes: [u8; MAX_HEADER_LENGTH],
    /// How many of `bytes` have arrived: below `MAX_HEADER_LENGTH` between two calls.
    length: usize,
}

impl PartialHeader {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Takes from `input` what the header still needs, and no byte of the payload. `None` when `input` is used up first.
    pub(super) fn fill(&mut self, input: &mut &mut [u8]) -> Result<Option<FrameHeader>, HeaderError> {
        loop {
            match FrameHeader::decode(&self.bytes[..self.length])? {
                HeaderDecode::Complete { header, .. } => {
                    self.length = 0;
                    return Ok(Some(header));
                }
                HeaderDecode::Incomplete { .. } if input.is_empty() => return Ok(None),
                HeaderDecode::Incomplete { missing } => {
                    let taken = take_front(input, missing.min(input.len()));
                    self.bytes[self.length..self.length + taken.len()].copy_from_slice(taken);
                    self.length += taken.len();
                }
            }
        }
    }
}
