//! How `compare` talks to a codec that runs in a program of its own: requests on its standard input, replies on its
//! standard output.
//!
//! Numbers are little-endian, strings and lists have their length in front, in 4 bytes. A program does what it is asked,
//! in order, and ends with its input.

pub mod clock;
mod serve;

pub use serve::{Codec, Conversing, converse_nowhere, serve, timed};

use std::io::{self, Read, Write};
use std::time::Duration;

/// What a codec is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Messages to payloads, or payloads to messages.
    pub compresses: bool,
    /// 0 to 9; for compressors.
    pub level: u8,
    /// Whether messages may refer to those before them.
    pub takeover: bool,
}

/// An echo: who talks with whom, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Over TCP on loopback, or else in memory.
    pub over_tcp: bool,
    /// At the same time.
    pub connections: u32,
    /// Messages that a client sends before it waits for their echoes.
    pub in_flight: u32,
    /// Whether all messages are compressed, level 6 with takeover in both directions.
    pub compressed: bool,
}

/// From `compare` to the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Get ready, and do one pass over these; answered by [`Reply::Done`].
    SetUp(Setup, Vec<Vec<u8>>),
    /// Open the connections, and echo these texts over each; answered by [`Reply::Done`].
    Converse(Conversation, Vec<Vec<u8>>),
    /// Do so many passes; answered by [`Reply::Took`].
    Pass(u32),
}

/// From the program to `compare`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The pass that came with the set-up.
    Done {
        /// What really runs, asked of itself.
        engine: String,
        /// What came out, one for each that went in.
        outputs: Vec<Vec<u8>>,
    },
    /// How long the passes took, on the clock of [`clock::Moment`].
    Took(Duration),
    /// It can't be done, and why.
    Failed(String),
}

impl Request {
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        match self {
            Self::SetUp(setup, inputs) => {
                to.write_all(&[0, setup.compresses.into(), setup.level, setup.takeover.into()])?;
                write_list(inputs, to)
            }
            Self::Converse(how, messages) => {
                to.write_all(&[2, how.over_tcp.into(), how.compressed.into()])?;
                to.write_all(&how.connections.to_le_bytes())?;
                to.write_all(&how.in_flight.to_le_bytes())?;
                write_list(messages, to)
            }
            Self::Pass(count) => {
                to.write_all(&[1])?;
                to.write_all(&count.to_le_bytes())
            }
        }
    }

    /// The next one; `None` at the end of the input.
    ///
    /// # Errors
    /// Those of the reader, and that it is no request.
    pub fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        match array(from) {
            Ok([0]) => {
                let [compresses, level, takeover] = array(from)?;
                let setup = Setup { compresses: compresses != 0, level, takeover: takeover != 0 };
                Ok(Some(Self::SetUp(setup, read_list(from)?)))
            }
            Ok([1]) => Ok(Some(Self::Pass(u32::from_le_bytes(array(from)?)))),
            Ok([2]) => {
                let [over_tcp, compressed] = array(from)?.map(|flag: u8| flag != 0);
                let [connections, in_flight] = [array(from)?, array(from)?].map(u32::from_le_bytes);
                let how = Conversation { over_tcp, connections, in_flight, compressed };
                Ok(Some(Self::Converse(how, read_list(from)?)))
            }
            Ok([_]) => Err(io::ErrorKind::InvalidData.into()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Reply {
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Done { engine, outputs } => {
                to.write_all(&[0])?;
                write_bytes(engine.as_bytes(), to)?;
                write_list(outputs, to)
            }
            Self::Took(time) => {
                to.write_all(&[1])?;
                to.write_all(&u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).to_le_bytes())
            }
            Self::Failed(reason) => {
                to.write_all(&[2])?;
                write_bytes(reason.as_bytes(), to)
            }
        }
    }

    /// # Errors
    /// Those of the reader, and that it is no reply.
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        match array(from)? {
            [0] => Ok(Self::Done { engine: read_string(from)?, outputs: read_list(from)? }),
            [1] => Ok(Self::Took(Duration::from_nanos(u64::from_le_bytes(array(from)?)))),
            [2] => Ok(Self::Failed(read_string(from)?)),
            [_] => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn write_list(list: &[Vec<u8>], to: &mut impl Write) -> io::Result<()> {
    write_length(list.len(), to)?;
    list.iter().try_for_each(|bytes| write_bytes(bytes, to))
}

fn write_bytes(bytes: &[u8], to: &mut impl Write) -> io::Result<()> {
    write_length(bytes.len(), to)?;
    to.write_all(bytes)
}

fn write_length(length: usize, to: &mut impl Write) -> io::Result<()> {
    let length = u32::try_from(length).map_err(|_| io::ErrorKind::InvalidInput)?;
    to.write_all(&length.to_le_bytes())
}

fn read_list(from: &mut impl Read) -> io::Result<Vec<Vec<u8>>> {
    let count = u32::from_le_bytes(array(from)?);
    (0..count).map(|_| read_bytes(from)).collect()
}

fn read_string(from: &mut impl Read) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&read_bytes(from)?).into_owned())
}

fn read_bytes(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; u32::from_le_bytes(array(from)?) as usize];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn array<const LENGTH: usize>(from: &mut impl Read) -> io::Result<[u8; LENGTH]> {
    let mut array = [0; LENGTH];
    from.read_exact(&mut array)?;
    Ok(array)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let setup = Setup { compresses: true, level: 6, takeover: false };
        let how = Conversation { over_tcp: true, connections: 70_000, in_flight: 64, compressed: false };
        let requests = [
            Request::SetUp(setup, vec![b"one".to_vec(), Vec::new()]),
            Request::Converse(how, vec![b"two".to_vec()]),
            Request::Pass(1_000_000),
        ];
        let replies = [
            Reply::Done { engine: "an engine".to_owned(), outputs: vec![vec![0; 70_000]] },
            Reply::Took(Duration::from_nanos(123)),
            Reply::Failed("a reason".to_owned()),
        ];
        let mut wire = Vec::new();
        requests.iter().for_each(|request| request.write(&mut wire).unwrap());
        let mut rest = &wire[..];
        for request in requests {
            assert_eq!(Request::read(&mut rest).unwrap(), Some(request));
        }
        assert_eq!(Request::read(&mut rest).unwrap(), None);
        let mut wire = Vec::new();
        replies.iter().for_each(|reply| reply.write(&mut wire).unwrap());
        let mut rest = &wire[..];
        for reply in replies {
            assert_eq!(Reply::read(&mut rest).unwrap(), reply);
        }
    }
}
