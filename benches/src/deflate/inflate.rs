//! Payloads to messages.

use std::time::Duration;

use wscodec_compressors::{Backend, DecompressorConfig};

use super::codec::{self, Inflater};
use super::copies::Copies;
use super::rivals::{Apart, Rival, Task};
use super::{bare, layer_name, name, zlib};
use crate::input::Messages;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload, timed};

/// What the payloads were compressed with, so that everybody inflates the same ones: what most peers send.
const SENDER_LEVEL: u8 = 6;

pub struct Inflate {
    name: String,
    messages: Messages,
    /// Empty if the sender failed, which the check then tells.
    payloads: Vec<Vec<u8>>,
    contenders: Vec<(Contender, Runner)>,
    /// Messages are written to it, each from its start.
    out: Vec<u8>,
}

enum Runner {
    Here(Copies<Inflater>),
    Apart(Apart),
}

impl Inflate {
    /// The backends named, all if none is, and these rivals.
    pub fn new(messages: &Messages, takeover: bool, backends: &[String], rivals: &[Rival]) -> Self {
        let apart = rivals.iter().map(|rival| rival.apart(Task::Inflate { takeover }));
        let apart = apart.map(|(contender, apart)| (contender, Runner::Apart(apart)));
        let mut this = Self::of(name("inflate", messages, takeover), messages, takeover);
        let here = Inflater::all(takeover, backends).into_iter();
        let here = here.map(|(contender, inflater)| (contender, Runner::Here(Copies::one(inflater))));
        this.contenders = here.chain(apart).collect();
        this
    }

    /// Engines called directly, below our backends, and below our layer for messages.
    pub fn layers(messages: &Messages, takeover: bool, backends: &[String]) -> Self {
        let here = Copies::several(|| layers(messages.longest(), takeover, backends));
        let here = here.into_iter().map(|(contender, inflaters)| (contender, Runner::Here(inflaters)));
        let mut this = Self::of(layer_name("inflate", messages, takeover), messages, takeover);
        this.contenders = here.collect();
        this
    }

    fn of(name: String, messages: &Messages, takeover: bool) -> Self {
        let payloads = payloads(messages, takeover).unwrap_or_default();
        Self { name, messages: messages.clone(), payloads, contenders: Vec::new(), out: Vec::new() }
    }
}

fn layers(longest: usize, takeover: bool, backends: &[String]) -> Vec<(Contender, Inflater)> {
    let config = DecompressorConfig::default().takeover(takeover);
    let mut contenders = Vec::new();
    for backend in codec::ours(backends) {
        let (contender, bare) = match backend {
            Backend::ZlibRs => bare::Inflater::zlib_rs(takeover, longest),
            Backend::Libdeflate if !takeover => bare::Inflater::libdeflate(longest),
            _ => continue,
        };
        contenders.extend(Inflater::ours(backend, config));
        contenders.extend(Inflater::layer(backend, config));
        contenders.push((contender, Inflater::Bare(bare)));
    }
    contenders
}

/// What C zlib makes of the messages.
pub fn payloads(messages: &Messages, takeover: bool) -> Result<Vec<Vec<u8>>, String> {
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
            name: self.name.clone(),
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
        let (contender, runner) = &mut self.contenders[contender];
        match runner {
            Runner::Here(inflaters) => {
                for inflater in inflaters.all() {
                    inflater.reset();
                    check(inflater, &self.payloads, &self.messages)?;
                    contender.memory = inflater.memory();
                }
            }
            Runner::Apart(apart) => {
                let payloads: Vec<&[u8]> = self.payloads.iter().map(Vec::as_slice).collect();
                let messages = apart.start(&payloads)?;
                contender.engine = apart.engine();
                let wrong =
                    messages.iter().zip(&self.messages.list).position(|(got, expected)| got != expected);
                if let Some(place) = wrong {
                    return Err(format!("message {place} is wrong"));
                }
                if messages.len() != self.payloads.len() {
                    return Err(format!("{} messages for {} payloads", messages.len(), self.payloads.len()));
                }
            }
        }
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        if let Runner::Here(inflaters) = &mut self.contenders[contender].1 {
            let inflater = inflaters.current();
            // The payloads are those of a connection from its start.
            inflater.reset();
            for payload in &self.payloads {
                inflater.run(payload, &mut self.out);
            }
        }
    }

    fn time(&mut self, contender: usize, passes: u32) -> Result<Duration, String> {
        match &mut self.contenders[contender].1 {
            Runner::Here(inflaters) => inflaters.next(),
            Runner::Apart(apart) => return apart.time(passes),
        }
        Ok(timed(passes, || self.pass(contender)))
    }
}

fn check(inflater: &mut Inflater, payloads: &[Vec<u8>], messages: &Messages) -> Result<(), String> {
    let mut message = Vec::new();
    for (place, (payload, expected)) in payloads.iter().zip(&messages.list).enumerate() {
        message.clear();
        inflater.inflate(payload, &mut message).map_err(|error| format!("message {place}: {error}"))?;
        if message.as_slice() != *expected {
            return Err(format!("message {place} is wrong"));
        }
    }
    Ok(())
}
