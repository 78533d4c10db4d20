//! One message to many connections in memory: compressed once, against compressed for each, and against copying the bytes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};
use wscodec::{Connection, Limits, Message, PreparedMessage, Role, broadcast, par_broadcast};
use wscodec_compressors::{Backend, CompressorConfig, DecompressorConfig};

use crate::cli::Request;
use crate::clock::Moment;
use crate::input;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

/// Without takeover to all; with takeover to all, and to some, which are as many as can well have a compressor each.
pub fn workloads(request: &Request) -> Vec<Box<dyn Workload>> {
    // What a pool takes over is only as wide as the cores that its threads may run on, so before this one is pinned.
    let pool = || ThreadPoolBuilder::new().build().ok();
    let many = if request.quick { MANY / 10 } else { MANY };
    let mut all: Vec<Box<dyn Workload>> =
        vec![Box::new(Broadcast::new(many, false, vec![Way::Copied, Way::Once, Way::Each], pool()))];
    all.push(Box::new(Broadcast::new(many, true, vec![Way::Copied, Way::Once], pool())));
    all.push(Box::new(Broadcast::new(SOME, true, vec![Way::Once, Way::Each], None)));
    all
}

const MANY: usize = 10_000;
const SOME: usize = 256;

/// Of the message, in bytes.
const LENGTH: usize = 1_000;

/// How a message gets into the connections' outputs.
#[derive(Clone, Copy)]
enum Way {
    /// The bytes are there, and are copied.
    Copied,
    /// By `broadcast`.
    Once,
    /// By `par_broadcast`.
    Parallel,
    /// By `send` on each.
    Each,
}

struct Broadcast {
    name: String,
    text: &'static str,
    connections: Vec<Connection>,
    /// Where bytes are copied to.
    outputs: Vec<Vec<u8>>,
    /// What each connection sends of a prepared message.
    wire: Vec<u8>,
    pool: Option<ThreadPool>,
    ways: Vec<(Contender, Way)>,
}

impl Broadcast {
    fn new(count: usize, takeover: bool, mut ways: Vec<Way>, pool: Option<ThreadPool>) -> Self {
        let config = CompressorConfig::default().takeover(takeover);
        let connection =
            || Connection::new(Role::Server, Limits::new()).with_compressor(BACKEND, config).ok();
        let connections: Vec<Connection> = (0..count).filter_map(|_| connection()).collect();
        if pool.is_some() {
            ways.push(Way::Parallel);
        }
        let engine = BACKEND.compressor(config).map_or("", |compressor| compressor.engine());
        Self {
            name: format!(
                "1 KB to {count} connections, {}",
                if takeover { "takeover" } else { "no takeover" }
            ),
            text: input::json_of(LENGTH),
            connections,
            outputs: vec![Vec::new(); count],
            wire: Vec::new(),
            pool,
            ways: ways.into_iter().map(|way| (contender(way, engine), way)).collect(),
        }
    }

    /// One broadcast, and how long it took. What was queued before is gone first, which takes no time of it.
    fn send(&mut self, way: Way) -> Result<Duration, String> {
        self.connections.iter_mut().for_each(Connection::clear_output);
        self.outputs.iter_mut().for_each(Vec::clear);
        let (start, on_the_wall) = (Moment::now(), Instant::now());
        let sent = match way {
            Way::Copied => {
                self.outputs.iter_mut().for_each(|output| output.extend_from_slice(black_box(&self.wire)));
                self.outputs.len()
            }
            Way::Once => broadcast(&PreparedMessage::from(self.text), &mut self.connections).sent(),
            Way::Parallel => {
                let pool = self.pool.as_ref().ok_or("there are no threads")?;
                pool.install(|| {
                    par_broadcast(&PreparedMessage::from(self.text), &mut self.connections).sent()
                })
            }
            Way::Each => {
                let text = Message::Text(self.text);
                self.connections.iter_mut().filter_map(|connection| connection.send(text).ok()).count()
            }
        };
        // Other threads' work is not on the clock of this one.
        let took = if matches!(way, Way::Parallel) { on_the_wall.elapsed() } else { start.elapsed() };
        if sent == self.connections.len() { Ok(took) } else { Err(format!("it was sent to {sent} only")) }
    }
}

const BACKEND: Backend = Backend::ZlibRs;

fn contender(way: Way, engine: &str) -> Contender {
    match way {
        Way::Copied => Contender::plain("memcpy", "the frame, compressed before, into a Vec for each"),
        Way::Once => Contender::ours(
            "wscodec",
            engine,
            "`broadcast`, the message prepared anew each time: compressed once; a header and a copy for each",
        ),
        Way::Parallel => Contender::ours(
            "wscodec (parallel)",
            engine,
            "`par_broadcast` on all cores, by the clock on the wall; else the same",
        ),
        Way::Each => Contender::ours("wscodec (each compresses)", engine, "`Connection::send` on each"),
    }
}

impl Workload for Broadcast {
    fn description(&self) -> Description {
        Description {
            section: Section::Broadcast,
            name: self.name.clone(),
            messages: self.connections.len(),
            bytes: self.connections.len() * self.text.len(),
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.ways.iter().map(|(contender, _)| contender).collect()
    }

    /// What each connection has queued is a frame that another engine inflates to the message.
    fn check(&mut self, contender: usize) -> Result<(), String> {
        if self.wire.is_empty() {
            self.send(Way::Once)?;
            self.wire = self.connections[0].output().to_vec();
        }
        let way = self.ways[contender].1;
        self.send(way)?;
        let queued: Vec<&[u8]> = match way {
            Way::Copied => self.outputs.iter().map(Vec::as_slice).collect(),
            _ => self.connections.iter().map(Connection::output).collect(),
        };
        if queued.len() != self.connections.len() || queued.iter().any(|output| *output != queued[0]) {
            return Err("not every connection has the same".to_owned());
        }
        let receiver = Connection::new(Role::Client, Limits::new());
        let receiver = receiver.with_decompressor(Backend::Flate2, DecompressorConfig::default());
        let mut receiver = receiver.map_err(|error| error.to_string())?;
        receiver.push(queued[0]);
        match receiver.next_event().map_err(|error| error.to_string())? {
            Some(wscodec::Event::Message(Message::Text(text))) if text == self.text => Ok(()),
            other => Err(format!("the message is {other:?}")),
        }
    }

    fn pass(&mut self, contender: usize) {
        // It was right when it was checked.
        _ = self.send(self.ways[contender].1);
    }

    fn time(&mut self, contender: usize, passes: u32) -> Result<Duration, String> {
        let way = self.ways[contender].1;
        (0..passes).map(|_| self.send(way)).sum()
    }
}
