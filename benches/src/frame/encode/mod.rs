//! From messages to frames, as a client (masked, each with a fresh key) and as a server.
//!
//! The task: hand all messages, framed and packed, to a transport in pieces of about 64 KiB.

mod ours;
mod ratchet;
mod sans_io;
mod streams;

use std::fmt;

use super::feed::Drain;
use super::oracle;
use crate::input::Messages;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Masks.
    Client,
    /// Does not.
    Server,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Server => "server",
        })
    }
}

/// Encoding these messages on this side.
pub fn workload(messages: &Messages, side: Side) -> Box<dyn Workload> {
    let mut contenders = ours::all(messages, side);
    contenders.extend(sans_io::all(messages, side));
    contenders.extend(streams::all(messages, side));
    Box::new(EncodeWorkload {
        name: format!("encode {}, {side}", messages.name),
        messages: messages.clone(),
        side,
        contenders,
    })
}

/// An encoder with its messages, and the drain that it writes to.
trait Encode {
    /// Encodes every message.
    fn encode(&mut self) -> Result<(), String>;
    /// Where the bytes go.
    fn drain(&self) -> &Drain;
}

/// A message of its type, since encoders that borrow text want it proven.
#[derive(Clone, Copy)]
enum Typed {
    Text(&'static str),
    Binary(&'static [u8]),
}

fn typed(messages: &Messages) -> Vec<Typed> {
    let typed = |&message| match std::str::from_utf8(message) {
        Ok(text) if messages.text => Typed::Text(text),
        _ => Typed::Binary(message),
    };
    messages.list.iter().map(typed).collect()
}

struct EncodeWorkload {
    name: String,
    messages: Messages,
    side: Side,
    contenders: Vec<(Contender, Box<dyn Encode>)>,
}

impl Workload for EncodeWorkload {
    fn description(&self) -> Description {
        Description {
            section: Section::Frame,
            name: self.name.clone(),
            messages: self.messages.list.len(),
            bytes: self.messages.bytes(),
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|(contender, _)| contender).collect()
    }

    fn check(&mut self, contender: usize) -> Result<(), String> {
        let encoder = &mut self.contenders[contender].1;
        encoder.drain().keep();
        encoder.encode()?;
        let decoded = oracle::decode(&encoder.drain().kept(), self.side == Side::Client)?;
        oracle::compare(&decoded, self.messages.text, &self.messages.list)
    }

    fn pass(&mut self, contender: usize) {
        let result = self.contenders[contender].1.encode();
        // It was right when it was checked, on the same messages.
        assert!(result.is_ok(), "{result:?}");
    }
}
