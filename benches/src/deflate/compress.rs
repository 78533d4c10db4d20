//! Messages to payloads.

use std::time::Duration;

use wscodec_compressors::{Backend, CompressorConfig, Encoding};

use super::codec::{self, Deflater};
use super::copies::Copies;
use super::rivals::{Apart, Rival, Task};
use super::{bare, layer_name, name};
use crate::input::Messages;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload, timed};

pub struct Compress {
    name: String,
    messages: Messages,
    takeover: bool,
    contenders: Vec<(Contender, Runner)>,
    /// Whether contexts are reset before each pass, or their first messages would find themselves in the window.
    resets: bool,
    /// Payloads are written to it, each from its start.
    out: Vec<u8>,
}

enum Runner {
    Here(Copies<Deflater>),
    Apart(Apart),
}

impl Compress {
    /// The backends named, all if none is, and these rivals.
    pub fn new(
        messages: &Messages,
        takeover: bool,
        backends: &[String],
        levels: &[u8],
        rivals: &[Rival],
    ) -> Self {
        let here = Deflater::all(takeover, backends, levels).into_iter();
        let apart = codec::LEVELS.iter().flat_map(|&level| {
            rivals.iter().map(move |rival| rival.apart(Task::Compress { level, takeover }))
        });
        let contenders = here
            .map(|(contender, deflater)| (contender, Runner::Here(Copies::one(deflater))))
            .chain(apart.map(|(contender, apart)| (contender, Runner::Apart(apart))));
        Self {
            name: name("compress", messages, takeover),
            messages: messages.clone(),
            takeover,
            contenders: contenders.collect(),
            resets: true,
            out: Vec::new(),
        }
    }

    /// Engines called directly, below our backends, and below our layer for messages. These are to be more messages than a
    /// window holds, for they go on from pass to pass.
    pub fn layers(messages: &Messages, takeover: bool, backends: &[String]) -> Self {
        let here = Copies::several(|| layers(messages.longest(), takeover, backends));
        let here = here.into_iter().map(|(contender, deflaters)| (contender, Runner::Here(deflaters)));
        Self {
            name: layer_name("compress", messages, takeover),
            messages: messages.clone(),
            takeover,
            contenders: here.collect(),
            resets: false,
            out: Vec::new(),
        }
    }
}

fn layers(longest: usize, takeover: bool, backends: &[String]) -> Vec<(Contender, Deflater)> {
    let mut contenders = Vec::new();
    for backend in codec::ours(backends) {
        for &level in codec::LEVELS {
            let bare = match backend {
                Backend::ZlibRs => Some(bare::Deflater::zlib_rs(level, takeover, longest)),
                Backend::Libdeflate if !takeover => bare::Deflater::libdeflate(level, longest),
                _ => continue,
            };
            let config = CompressorConfig::default().level(level).takeover(takeover);
            contenders.extend(Deflater::ours(backend, config));
            contenders.extend(Deflater::layer(backend, config));
            contenders.extend(bare.map(|(contender, bare)| (contender, Deflater::Bare(bare))));
        }
    }
    contenders
}

impl Workload for Compress {
    fn description(&self) -> Description {
        Description {
            section: Section::Deflate,
            name: self.name.clone(),
            messages: self.messages.list.len(),
            bytes: self.messages.bytes(),
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|(contender, _)| contender).collect()
    }

    /// Another engine inflates what this one wrote. Notes ratio and memory on the way.
    fn check(&mut self, contender: usize) -> Result<(), String> {
        let (contender, runner) = &mut self.contenders[contender];
        let written = match runner {
            Runner::Here(deflaters) => {
                let mut written = 0;
                for deflater in deflaters.all() {
                    deflater.reset();
                    written = check(deflater, &self.messages, self.takeover)?;
                    contender.memory = deflater.memory();
                }
                written
            }
            Runner::Apart(apart) => {
                let payloads = apart.start(&self.messages.list)?;
                contender.engine = apart.engine();
                check_payloads(&payloads, &self.messages, self.takeover)?;
                payloads.iter().map(Vec::len).sum()
            }
        };
        contender.ratio = Some(self.messages.bytes() as f64 / written as f64);
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        if let Runner::Here(deflaters) = &mut self.contenders[contender].1 {
            let deflater = deflaters.current();
            if self.resets {
                deflater.reset();
            }
            for message in &self.messages.list {
                deflater.run(message, &mut self.out);
            }
        }
    }

    fn time(&mut self, contender: usize, passes: u32) -> Result<Duration, String> {
        match &mut self.contenders[contender].1 {
            Runner::Here(deflaters) => deflaters.next(),
            Runner::Apart(apart) => return apart.time(passes),
        }
        Ok(timed(passes, || self.pass(contender)))
    }
}

/// Compresses all messages and inflates them with another engine; the bytes that were written.
pub fn check(deflater: &mut Deflater, messages: &Messages, takeover: bool) -> Result<usize, String> {
    let mut judge = deflater.judge(takeover)?;
    let (mut payload, mut message) = (Vec::new(), Vec::new());
    let mut written = 0;
    for (place, expected) in messages.list.iter().enumerate() {
        payload.clear();
        message.clear();
        if deflater.compress(expected, &mut payload)? == Encoding::Deflate {
            judge.inflate(&payload, &mut message).map_err(|error| format!("message {place}: {error}"))?;
        } else {
            message.clone_from(&payload);
        }
        if message.as_slice() != *expected {
            return Err(format!("another engine inflates message {place} to other bytes"));
        }
        written += payload.len();
    }
    Ok(written)
}

fn check_payloads(payloads: &[Vec<u8>], messages: &Messages, takeover: bool) -> Result<(), String> {
    if payloads.len() != messages.list.len() {
        return Err(format!("{} payloads for {} messages", payloads.len(), messages.list.len()));
    }
    let mut judge = codec::Inflater::zlib_rs(takeover)?;
    let mut message = Vec::new();
    for (place, (payload, expected)) in payloads.iter().zip(&messages.list).enumerate() {
        if payload.as_slice() == *expected {
            // It would be sent plain, since its payload was longer.
            continue;
        }
        message.clear();
        judge.inflate(payload, &mut message).map_err(|error| format!("message {place}: {error}"))?;
        if message.as_slice() != *expected {
            return Err(format!("ours inflates message {place} to other bytes"));
        }
    }
    Ok(())
}
