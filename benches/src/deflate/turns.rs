//! Many connections in turn, each with contexts of its own: what a server with context takeover meets. Whenever a
//! connection's turn comes, its context is no longer in the cache.

use wscodec_compressors::{Backend, CompressorConfig, DecompressorConfig};

use super::codec::{self, Deflater, Inflater};
use super::{inflate, zlib};
use crate::input::Messages;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

/// Connections, a message of each of which is a pass.
pub const CONNECTIONS: usize = 1_024;
/// Messages of each connection before anything is timed: not its whole window, which would take longer than the rest.
const BEFORE: usize = 24;
/// Those of them that the ratio is of.
const COUNTED: usize = 8;

pub struct Turns<C> {
    name: String,
    messages: Messages,
    /// What each context is given, place by place.
    inputs: Vec<Vec<u8>>,
    contenders: Vec<Connections<C>>,
    /// How far connections are from each other among the inputs.
    stride: usize,
    /// Results are written to it, each from its start.
    out: Vec<u8>,
}

/// Those of one contender.
struct Connections<C> {
    contender: Contender,
    make: Box<dyn Fn() -> Option<C>>,
    /// Made by the check: a gigabyte and more for all contenders.
    contexts: Vec<C>,
    /// How many messages each has had.
    turn: usize,
}

/// One direction of one connection.
pub trait Context {
    /// Does its task, and nothing else that takes time.
    fn run(&mut self, input: &[u8], out: &mut Vec<u8>);

    /// Does it for the first inputs, the messages of which are given, too, and checks it. A compressor tells the bytes
    /// written for those that count.
    fn check(&mut self, steps: &[(&[u8], &'static [u8])]) -> Result<Option<usize>, String>;

    /// The bytes that it holds, if it can tell.
    fn memory(&self) -> Option<usize>;
}

/// Compressors with context takeover.
pub fn compress(messages: &Messages, backends: &[String]) -> Turns<Deflater> {
    let mut contenders: Vec<Connections<Deflater>> = Vec::new();
    let config = CompressorConfig::default();
    let ours = [
        (Backend::ZlibRs, config.level(6)),
        (Backend::ZlibRs, config.level(1)),
        (Backend::ZlibRs, config.level(1).window_bits(12)),
        (Backend::Flate2, config.level(6)),
        (Backend::Compact, config.level(6)),
        (Backend::Compact, config.level(2)),
        (Backend::Compact, config.level(2).window_bits(12)),
    ];
    for (backend, config) in ours {
        if codec::wanted(backend.name(), backends) {
            contenders.extend(Connections::new(move || {
                let (mut contender, deflater) = Deflater::ours(backend, config)?;
                if config.window_bits < 15 {
                    contender.name += &format!(" ({} bits)", config.window_bits);
                }
                Some((contender, deflater))
            }));
        }
    }
    if codec::wanted(zlib::NAME, backends) {
        contenders.extend(Connections::new(|| Deflater::zlib(6, true)));
    }
    let inputs = messages.list.iter().map(|message| message.to_vec()).collect();
    Turns::new("compress", messages, inputs, 37, contenders)
}

/// Decompressors with context takeover. All connections get the same messages, since each has to begin with the first.
pub fn inflate(messages: &Messages, backends: &[String]) -> Turns<Inflater> {
    let mut contenders: Vec<Connections<Inflater>> = Vec::new();
    for backend in [Backend::ZlibRs, Backend::Flate2, Backend::Compact, Backend::Hybrid] {
        if codec::wanted(backend.name(), backends) {
            contenders
                .extend(Connections::new(move || Inflater::ours(backend, DecompressorConfig::default())));
        }
    }
    if codec::wanted(zlib::NAME, backends) {
        contenders.extend(Connections::new(|| Inflater::zlib(true)));
    }
    // Without payloads, no check succeeds.
    let payloads = inflate::payloads(messages, true).unwrap_or_default();
    Turns::new("inflate", messages, payloads, 0, contenders)
}

impl<C: 'static> Connections<C> {
    fn new(make: impl Fn() -> Option<(Contender, C)> + 'static) -> Option<Self> {
        let (contender, _) = make()?;
        let make = Box::new(move || make().map(|(_, context)| context));
        Some(Self { contender, make, contexts: Vec::new(), turn: 0 })
    }
}

impl<C> Turns<C> {
    fn new(
        task: &str,
        messages: &Messages,
        inputs: Vec<Vec<u8>>,
        stride: usize,
        contenders: Vec<Connections<C>>,
    ) -> Self {
        let name = format!("{}, 1,024 connections", super::name(task, messages, true));
        Self { name, messages: messages.clone(), inputs, contenders, stride, out: Vec::new() }
    }
}

impl<C: Context> Workload for Turns<C> {
    fn description(&self) -> Description {
        let mean = self.messages.mean();
        Description {
            section: Section::Deflate,
            name: self.name.clone(),
            messages: CONNECTIONS,
            bytes: CONNECTIONS * mean,
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|connections| &connections.contender).collect()
    }

    /// Makes all contexts and lets each do its first messages.
    fn check(&mut self, contender: usize) -> Result<(), String> {
        let count = self.messages.list.len();
        if self.inputs.len() != count {
            return Err("there are no payloads to inflate: C zlib failed".to_owned());
        }
        let connections = &mut self.contenders[contender];
        let (mut bytes, mut written) = (0, 0);
        for place in 0..CONNECTIONS {
            let mut context = (connections.make)().ok_or("a context can't be made")?;
            let steps: Vec<(&[u8], &'static [u8])> = (0..BEFORE)
                .map(|turn| (place * self.stride + turn) % count)
                .map(|place| (&*self.inputs[place], self.messages.list[place]))
                .collect();
            if let Some(more) = context.check(&steps)? {
                written += more;
                bytes += steps[BEFORE - COUNTED..].iter().map(|(_, message)| message.len()).sum::<usize>();
            }
            connections.contexts.push(context);
        }
        connections.turn = BEFORE;
        connections.contender.memory = connections.contexts[0].memory();
        connections.contender.ratio = (written > 0).then(|| bytes as f64 / written as f64);
        Ok(())
    }

    fn pass(&mut self, contender: usize) {
        let connections = &mut self.contenders[contender];
        for (place, context) in connections.contexts.iter_mut().enumerate() {
            let input = &self.inputs[(place * self.stride + connections.turn) % self.inputs.len()];
            context.run(input, &mut self.out);
        }
        connections.turn += 1;
    }
}

impl Context for Deflater {
    fn run(&mut self, input: &[u8], out: &mut Vec<u8>) {
        self.run(input, out);
    }

    fn check(&mut self, steps: &[(&[u8], &'static [u8])]) -> Result<Option<usize>, String> {
        let mut judge = self.judge(true)?;
        let (mut payload, mut message) = (Vec::new(), Vec::new());
        let mut written = 0;
        for (turn, (input, expected)) in steps.iter().enumerate() {
            payload.clear();
            message.clear();
            self.compress(input, &mut payload)?;
            judge.inflate(&payload, &mut message)?;
            if message != *expected {
                return Err(format!("another engine inflates message {turn} of a connection to other bytes"));
            }
            written += if turn < BEFORE - COUNTED { 0 } else { payload.len() };
        }
        Ok(Some(written))
    }

    fn memory(&self) -> Option<usize> {
        self.memory()
    }
}

impl Context for Inflater {
    fn run(&mut self, input: &[u8], out: &mut Vec<u8>) {
        self.run(input, out);
    }

    fn check(&mut self, steps: &[(&[u8], &'static [u8])]) -> Result<Option<usize>, String> {
        let mut message = Vec::new();
        for (turn, (input, expected)) in steps.iter().enumerate() {
            message.clear();
            self.inflate(input, &mut message)?;
            if message != *expected {
                return Err(format!("message {turn} of a connection is wrong"));
            }
        }
        Ok(None)
    }

    fn memory(&self) -> Option<usize> {
        self.memory()
    }
}
