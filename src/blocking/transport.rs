//! Reads and writes of a stream that may do less than asked, or be interrupted.

use std::io::{self, IoSlice, Read, Write};

use super::Error;

/// One read, that was not interrupted.
pub(super) fn read(stream: &mut impl Read, room: &mut [u8]) -> Result<usize, Error> {
    let bytes = uninterrupted(|| stream.read(room))?;
    check(bytes, room.len())
}

/// One write, that was not interrupted, of at least a byte.
pub(super) fn write(stream: &mut impl Write, bytes: &[u8]) -> Result<usize, Error> {
    let written = uninterrupted(|| stream.write(bytes))?;
    check_written(written, bytes.len())
}

pub(super) fn write_vectored(stream: &mut impl Write, slices: &[IoSlice<'_>]) -> Result<usize, Error> {
    let written = uninterrupted(|| stream.write_vectored(slices))?;
    check_written(written, slices.iter().map(|slice| slice.len()).sum())
}

pub(super) fn flush(stream: &mut impl Write) -> Result<(), Error> {
    uninterrupted(|| stream.flush())
}

/// Bytes on their way out.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    pub(super) bytes: Vec<u8>,
    written: usize,
}

impl Outgoing {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, written: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.written == self.bytes.len()
    }

    /// How many bytes are left to be written.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// Writes what is left; gives whether that was anything.
    pub(super) fn write(&mut self, stream: &mut impl Write) -> Result<bool, Error> {
        if self.is_empty() {
            return Ok(false);
        }
        // Once that much was written, what is left moves down: a byte is moved once for one written, and more may be appended
        // for ever.
        if self.written >= self.left() {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
        while !self.is_empty() {
            self.write_once(stream)?;
        }
        Ok(true)
    }

    /// Writes of what is left as much as the stream takes at once.
    pub(super) fn write_once(&mut self, stream: &mut impl Write) -> Result<(), Error> {
        if let Some(rest @ [_, ..]) = self.bytes.get(self.written..) {
            self.written += write(stream, rest)?;
        }
        if self.is_empty() {
            self.bytes.clear();
            self.written = 0;
        }
        Ok(())
    }
}

fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> Result<T, Error> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map_err(Error::from),
        }
    }
}

fn check_written(written: usize, asked: usize) -> Result<usize, Error> {
    if written == 0 && asked > 0 {
        return Err(Error::Io(io::ErrorKind::WriteZero.into()));
    }
    check(written, asked)
}

/// A stream that claims more than it was asked for is not to be trusted with an index.
fn check(bytes: usize, asked: usize) -> Result<usize, Error> {
    if bytes > asked {
        return Err(Error::Io(io::Error::new(
            io::ErrorKind::InvalidData,
            "the stream claims more bytes than it was given",
        )));
    }
    Ok(bytes)
}
