//! Payloads to messages.

use std::hint::black_box;

use super::codec::Inflater;
use super::zlib;
use crate::input::Messages;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

/// What the payloads were compressed with, so that everybody inflates the same ones: what most peers send.
const SENDER_LEVEL: u8 = 6;

pub struct Inflate {
    messages: Messages,
    takeover: bool,
    /// Empty if the sender failed, which the check then tells.
    payloads: Vec<Vec<u8>>,
    contenders: Vec<(Contender, Inflater)>,
    /// Messages are written to it, each from its start.
    out: Vec<u8>,
}

impl Inflate {
    pub fn new(messages: &Messages, takeover: bool, backends: &[String]) -> Self {
        Self {
            messages: messages.clone(),
            takeover,
            payloads: payloads(messages, takeover).unwrap_or_default(),
            contenders: Inflater::all(takeover, backends),
            out: Vec::new(),
        }
    }
}

fn payloads(messages: &Messages, takeover: bool) -> Result<Vec<Vec<u8>>, String> {
    let mut sender = zlib::Deflater::new(SENDER_LEVEL, takeover)?;
    let compress = |message: &&[u8]| {
        let mut payload = Vec::new();
        sender.compress(message, &mut payload).map(|()| payload)
    };
    messages.list.iter().map(compress).collect()
}

impl Workload for Inflate {
    fn description(&self) -> Description {
        Description {
            section: Section::Deflate,
            name: super::name("inflate", &self.messages, self.takeover),
            messages: self.messages.list.len(),
            bytes: self.messages.bytes(),
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|(contender, _)| contender).collect()
    }

    fn check(&mut self, contender: usize) -> Result<(), String> {
        if self.payloads.len() != self.messages.list.len() {
            return Err("there are no payloads to inflate: C zlib failed".to_owned());
        }
        let (contender, inflater) = &mut self.contenders[contender];
        inflater.reset();
        let mut message = Vec::new();
        for (place, (payload, expected)) in self.payloads.iter().zip(&self.messages.list).enumerate() {
            message.clear();
            inflater.inflate(payload, &mut message).map_err(|error| format!("message {place}: {error}"))?;
            if message.as_slice() != *expected {
                return Err(format!("message {place} is wrong"));
            }
        }
        contender.memory = Some(inflater.memory());
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        let inflater = &mut self.contenders[contender].1;
        // The payloads are those of a connection from its start.
        inflater.reset();
        for payload in &self.payloads {
            self.out.clear();
            let result = inflater.inflate(payload, &mut self.out);
            black_box((&self.out, result.is_ok()));
        }
    }
}
