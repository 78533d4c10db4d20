//! A head that is being received.

use std::io::Read;

use super::{Error, transport};
use crate::handshake::{HeadLimits, HeadReader};

#[derive(Debug)]
pub(super) struct Received {
    pub(super) bytes: Vec<u8>,
    pub(super) reader: HeadReader,
    /// The head's length, once it is whole.
    pub(super) head: Option<usize>,
}

/// What one read takes at the most.
const PIECE: usize = 4 << 10;

impl Received {
    pub(super) fn new(limits: HeadLimits) -> Self {
        Self { bytes: Vec::new(), reader: HeadReader::new(limits), head: None }
    }

    /// Reads once more.
    pub(super) fn fill(&mut self, stream: &mut impl Read) -> Result<(), Error> {
        let mut piece = [0; PIECE];
        match transport::read(stream, &mut piece)? {
            0 => Err(Error::Lost),
            length => {
                self.bytes.extend_from_slice(&piece[..length]);
                Ok(())
            }
        }
    }

    /// What came behind the head: the first frames.
    pub(super) fn behind_head(&self) -> &[u8] {
        self.head.and_then(|head| self.bytes.get(head..)).unwrap_or_default()
    }
}
