//! Messages to payloads.

use std::hint::black_box;

use super::codec::Deflater;
use crate::input::Messages;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

pub struct Compress {
    messages: Messages,
    takeover: bool,
    contenders: Vec<(Contender, Deflater)>,
    /// Payloads are written to it, each from its start.
    out: Vec<u8>,
}

impl Compress {
    pub fn new(messages: &Messages, takeover: bool, backends: &[String]) -> Self {
        let contenders = Deflater::all(takeover, backends);
        Self { messages: messages.clone(), takeover, contenders, out: Vec::new() }
    }
}

impl Workload for Compress {
    fn description(&self) -> Description {
        Description {
            section: Section::Deflate,
            name: super::name("compress", &self.messages, self.takeover),
            messages: self.messages.list.len(),
            bytes: self.messages.bytes(),
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|(contender, _)| contender).collect()
    }

    /// Another engine inflates what this one wrote. Notes ratio and memory on the way.
    fn check(&mut self, contender: usize) -> Result<(), String> {
        let (contender, deflater) = &mut self.contenders[contender];
        let mut judge = deflater.judge(self.takeover)?;
        let (mut payload, mut message) = (Vec::new(), Vec::new());
        let mut written = 0;
        deflater.reset();
        for (place, expected) in self.messages.list.iter().enumerate() {
            payload.clear();
            message.clear();
            deflater.compress(expected, &mut payload)?;
            judge.inflate(&payload, &mut message).map_err(|error| format!("message {place}: {error}"))?;
            if message.as_slice() != *expected {
                return Err(format!("another engine inflates message {place} to other bytes"));
            }
            written += payload.len();
        }
        contender.ratio = Some(self.messages.bytes() as f64 / written as f64);
        contender.memory = Some(deflater.memory());
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        let deflater = &mut self.contenders[contender].1;
        // Or the first messages would find themselves in the window.
        deflater.reset();
        for message in &self.messages.list {
            self.out.clear();
            let result = deflater.compress(message, &mut self.out);
            black_box((&self.out, result.is_ok()));
        }
    }
}
