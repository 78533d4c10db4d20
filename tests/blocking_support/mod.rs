//! A transport in memory that does as little as a script says.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Read, Result, Write};

/// What the next call on the stream does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// At most so many bytes, and at least one.
    Up(usize),
    WouldBlock,
    TimedOut,
    Interrupted,
}

/// Reads what is given, and keeps what is written. After the script everything goes at once; after the input, the transport has
/// ended.
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    pub(crate) input: VecDeque<u8>,
    pub(crate) output: Vec<u8>,
    pub(crate) reads: VecDeque<Step>,
    pub(crate) writes: VecDeque<Step>,
    pub(crate) write_calls: usize,
    /// Whether the transport stays open after the input: reads would block.
    pub(crate) stays_open: bool,
    /// Bytes that a buffering stream keeps until it is flushed.
    pub(crate) unflushed: usize,
}

impl Scripted {
    pub(crate) fn new(input: &[u8]) -> Self {
        Self { input: input.iter().copied().collect(), ..Self::default() }
    }

    pub(crate) fn reading(self, reads: impl IntoIterator<Item = Step>) -> Self {
        Self { reads: reads.into_iter().collect(), ..self }
    }

    pub(crate) fn writing(self, writes: impl IntoIterator<Item = Step>) -> Self {
        Self { writes: writes.into_iter().collect(), ..self }
    }

    pub(crate) fn staying_open(self) -> Self {
        Self { stays_open: true, ..self }
    }
}

fn allowed(step: Option<Step>, asked: usize) -> Result<usize> {
    match step {
        None => Ok(asked),
        Some(Step::Up(bytes)) => Ok(asked.min(bytes.max(1))),
        Some(Step::WouldBlock) => Err(ErrorKind::WouldBlock.into()),
        Some(Step::TimedOut) => Err(ErrorKind::TimedOut.into()),
        Some(Step::Interrupted) => Err(ErrorKind::Interrupted.into()),
    }
}

impl Read for Scripted {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let bytes = allowed(self.reads.pop_front(), buffer.len())?.min(self.input.len());
        if bytes == 0 && self.stays_open {
            return Err(Error::from(ErrorKind::WouldBlock));
        }
        for (to, from) in buffer.iter_mut().zip(self.input.drain(..bytes)) {
            *to = from;
        }
        Ok(bytes)
    }
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.write_calls += 1;
        let written = allowed(self.writes.pop_front(), bytes.len())?;
        self.output.extend_from_slice(&bytes[..written]);
        self.unflushed += written;
        Ok(written)
    }

    fn flush(&mut self) -> Result<()> {
        allowed(self.writes.pop_front(), 1)?;
        self.unflushed = 0;
        Ok(())
    }
}
