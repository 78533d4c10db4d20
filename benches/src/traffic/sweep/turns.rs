//! Many connections, each with its turn for one message: contexts are not in the cache when their turn comes.

use wscodec_compressors::{Encoding, release_shared};

use super::alone::Alone;
use super::layers::{self, Pair};
use super::{Effort, Measured, Spread};
use crate::clock::Moment;
use crate::deflate::heap;
use crate::input::Messages;
use crate::interrupt;
use crate::traffic::choice::Choice;

/// What many connections of a choice cost.
#[derive(Clone, Debug)]
pub struct InTurn {
    compress: Spread,
    inflate: Spread,
    memory: f64,
}

impl InTurn {
    pub fn with(self, alone: &Alone) -> Measured {
        Measured {
            choice: alone.choice.clone(),
            engines: alone.engines.clone(),
            ratio: alone.ratio,
            compress: alone.compress,
            inflate: alone.inflate,
            compress_in_turn: self.compress,
            inflate_in_turn: self.inflate,
            memory: self.memory,
            memory_alone: alone.memory,
        }
    }
}

/// As many connections as are asked for; fewer if messages are so long that it would take too long.
pub fn connections(messages: &Messages, effort: Effort) -> usize {
    effort.connections.min((MOST / messages.mean().max(1)).max(LEAST))
}

/// Measures choices, slice by slice of their connections in turn.
pub fn measure(
    choices: &[&Choice],
    messages: &Messages,
    connections: usize,
    turns: usize,
) -> Vec<Result<InTurn, String>> {
    let mut out = Vec::with_capacity(messages.longest() + 1_024);
    let mut all: Vec<Result<Server<'_>, String>> =
        choices.iter().map(|choice| Server::new(choice, messages, connections, &mut out)).collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    let mut rng = fastrand::Rng::with_seed(ORDER_SEED);
    for _ in 0..turns {
        for start in (0..connections).step_by(SLICE) {
            if interrupt::asked() {
                break;
            }
            rng.shuffle(&mut order);
            for &place in &order {
                if let Ok(server) = &mut all[place]
                    && let Err(reason) = server.slice(start, &mut out)
                {
                    all[place] = Err(reason);
                }
            }
        }
        all.iter_mut().flatten().for_each(|server| server.turn += 1);
    }
    all.into_iter().map(|server| server.and_then(Server::finish)).collect()
}

struct Server<'a> {
    messages: &'a Messages,
    pairs: Vec<Pair>,
    /// How many messages each connection has had.
    turn: usize,
    /// Payloads of a slice.
    payloads: Vec<(Encoding, Vec<u8>)>,
    compress: Vec<f64>,
    inflate: Vec<f64>,
    memory: f64,
}

impl<'a> Server<'a> {
    /// Makes the connections and lets each have some messages.
    fn new(
        choice: &Choice,
        messages: &'a Messages,
        connections: usize,
        out: &mut Vec<u8>,
    ) -> Result<Self, String> {
        release_shared();
        let slice = SLICE.min(connections);
        let mut server = Self {
            messages,
            pairs: Vec::with_capacity(connections),
            turn: 0,
            payloads: vec![(Encoding::Plain, Vec::with_capacity(messages.longest())); slice],
            compress: Vec::new(),
            inflate: Vec::new(),
            memory: 0.0,
        };
        // A clone of a vector has no room.
        for (_, payload) in &mut server.payloads {
            payload.reserve(messages.longest() + 64);
        }
        let before = heap::held();
        for _ in 0..connections {
            server.pairs.push(Pair::new(choice)?);
        }
        for _ in 0..(BEFORE / messages.mean().max(1)).clamp(1, 24) {
            for start in (0..connections).step_by(SLICE) {
                server.slice(start, out)?;
            }
            server.turn += 1;
        }
        let layers =
            || server.pairs.iter().map(|pair| pair.compressor.memory() + pair.decompressor.memory()).sum();
        let held = heap::held()
            .zip(before)
            .map(|(now, before)| now.saturating_sub(before) + connections * size_of::<Pair>());
        server.memory = held.unwrap_or_else(layers) as f64 / connections as f64;
        (server.compress, server.inflate) = Default::default();
        Ok(server)
    }

    fn message(&self, connection: usize) -> &'static [u8] {
        // Connections are not all at the same message.
        self.messages.list[(connection * 37 + self.turn) % self.messages.list.len()]
    }

    /// The next message of some neighbours: all compress, then all inflate.
    fn slice(&mut self, start: usize, out: &mut Vec<u8>) -> Result<(), String> {
        let end = (start + SLICE).min(self.pairs.len());
        let count = (end - start) as f64;
        let moment = Moment::now();
        for place in start..end {
            let message = self.message(place);
            let (encoding, payload) = &mut self.payloads[place - start];
            payload.clear();
            *encoding = layers::compress(&mut self.pairs[place].compressor, message, payload)?;
        }
        self.compress.push(moment.elapsed().as_secs_f64() * 1e9 / count);
        let moment = Moment::now();
        for (pair, (encoding, payload)) in self.pairs[start..end].iter_mut().zip(&self.payloads) {
            out.clear();
            layers::inflate(&mut pair.decompressor, *encoding, payload, out)?;
        }
        self.inflate.push(moment.elapsed().as_secs_f64() * 1e9 / count);
        // The last one is still there.
        let whole = self.payloads[end - start - 1].0 != Encoding::Deflate || *out == self.message(end - 1);
        if whole {
            Ok(())
        } else {
            Err(format!("connection {} inflates its message to other bytes", end - 1))
        }
    }

    fn finish(self) -> Result<InTurn, String> {
        if self.compress.is_empty() {
            return Err("interrupted".to_owned());
        }
        let (compress, inflate) = (Spread::of(&self.compress), Spread::of(&self.inflate));
        Ok(InTurn { compress, inflate, memory: self.memory })
    }
}

/// Connections that a sample is of.
const SLICE: usize = 64;
/// Bytes of a turn of all connections.
const MOST: usize = 16 << 20;
const LEAST: usize = 16;
/// Bytes of messages that each connection has had before: not its whole window, which would take longer than the rest.
const BEFORE: usize = 4 << 10;
const ORDER_SEED: u64 = 0x5eed_0002;
