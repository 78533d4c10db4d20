//! From reads of packed client frames to messages, as a server does it.

mod ours;
mod ratchet;
mod sans_io;
mod streams;

use std::hint::black_box;

use super::oracle::{self, Decoded};
use super::wire::Wire;
use crate::input::Messages;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

/// Decoding these messages out of reads of so many bytes.
pub fn workload(messages: &Messages, read: usize) -> Box<dyn Workload> {
    let wire = Wire::new(messages, read);
    let mut contenders = ours::all(&wire);
    contenders.extend(sans_io::all(&wire));
    contenders.extend(streams::all(&wire));
    Box::new(DecodeWorkload {
        name: format!("decode {}, {} KiB reads", messages.name, read >> 10),
        messages: messages.clone(),
        contenders,
    })
}

/// A decoder that lasts from pass to pass, as it does from read to read.
trait Decode {
    /// Decodes the whole wire, and shows each message: whether it is text, and its payload.
    ///
    /// Text must have been validated when it is shown.
    fn decode(&mut self, visit: impl FnMut(bool, &[u8])) -> Result<(), String>;
}

/// [`Decode`] as an object. Both calls compile the decoder together with what they do with a message, so that
/// nothing is called through a pointer for each message.
trait Decoding {
    fn pass(&mut self);
    fn collect(&mut self) -> Result<Vec<Decoded>, String>;
}

impl<D: Decode> Decoding for D {
    fn pass(&mut self) {
        let result = self.decode(|text, payload| {
            black_box((text, payload));
        });
        // It was right when it was checked, on the same bytes.
        assert!(result.is_ok(), "{result:?}");
    }

    fn collect(&mut self) -> Result<Vec<Decoded>, String> {
        let mut messages = Vec::new();
        self.decode(|text, payload| messages.push((text, payload.to_vec())))?;
        Ok(messages)
    }
}

struct DecodeWorkload {
    name: String,
    messages: Messages,
    contenders: Vec<(Contender, Box<dyn Decoding>)>,
}

impl Workload for DecodeWorkload {
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
        // Twice: a decoder must be back at its start after a pass.
        for _ in 0..2 {
            let decoded = self.contenders[contender].1.collect()?;
            oracle::compare(&decoded, self.messages.text, &self.messages.list)?;
        }
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        self.contenders[contender].1.pass();
    }
}
