//! What a connection costs in memory: not timed, but measured.
//!
//! Many connections are made and each does some messages, which is *busy*; then each gives back what it can while it is
//! idle. What the program holds more than before, divided by their number, is the figure.

use wscodec_compressors::{
    Backend, CompressionWish, Compressor, CompressorConfig, Decompressor, DecompressorConfig, InflateLimits,
    MessageCompressor, MessageDecompressor, release_shared,
};

use super::{codec, heap, zlib};
use crate::cli::Request;
use crate::report::json::Row;
use crate::section::Section;
use crate::workload::Contender;

/// The unit of these rows.
pub const UNIT: &str = "bytes/connection";

/// What there is to measure, for the list.
pub const SUMMARY: &str =
    "memory, compress and inflate, windows of 9, 12 and 15 bits, with and without takeover, busy and idle";

const WINDOWS: [u8; 3] = [9, 12, 15];
/// Messages that each connection has before it counts as busy.
const MESSAGES: usize = 32;
/// Connections that have contexts of their own, and take some hundred kilobytes each.
const FEW: usize = 16;
/// Those that share a context: many, so that what the C library keeps for its own purposes does not show.
const MANY: usize = 1_024;
const LEVEL: u8 = 6;

/// All rows; none where the C library does not tell what the program holds.
pub fn rows(request: &Request) -> Vec<Row> {
    let Some(messages) = request.messages.first() else { return Vec::new() };
    let messages: Vec<&'static [u8]> = messages.list.iter().copied().take(MESSAGES).collect();
    let mut rows = Vec::new();
    for takeover in [true, false] {
        for bits in WINDOWS {
            let measure = Measure { messages: &messages, backends: &request.backends, takeover, bits };
            rows.extend(measure.compress());
            rows.extend(measure.inflate());
        }
    }
    let both: Vec<Row> = codec::ours(&request.backends).filter_map(|backend| both(&rows, backend)).collect();
    rows.extend(both);
    // Those of this thread, which nobody needs any more.
    release_shared();
    rows
}

/// The names of the workloads that the rows are of.
pub fn names() -> Vec<String> {
    let mut names = vec![BOTH.to_owned()];
    for takeover in [true, false] {
        for bits in WINDOWS {
            for state in [State::Busy, State::Idle] {
                names.extend(["compress", "inflate"].map(|task| workload(task, bits, takeover, state)));
            }
        }
    }
    names
}

/// What is said of a connection whose contexts are its thread's, for the bar on it.
pub const BOTH: &str = "memory, both directions, 15 bits, no takeover, busy";

/// The sum of both directions.
fn both(rows: &[Row], backend: Backend) -> Option<Row> {
    let of = |task: &str, contender: String| {
        let workload = workload(task, 15, false, State::Busy);
        rows.iter().find(|row| row.workload == workload && row.contender == contender)
    };
    let compress = of("compress", format!("{backend} {LEVEL} (message)"))?;
    let inflate = of("inflate", format!("{backend} (message)"))?;
    let sum = compress.median + inflate.median;
    Some(Row {
        workload: BOTH.to_owned(),
        contender: format!("{backend} (message)"),
        median: sum,
        low: sum,
        high: sum,
        ..compress.clone()
    })
}

struct Measure<'a> {
    messages: &'a [&'static [u8]],
    backends: &'a [String],
    takeover: bool,
    bits: u8,
}

#[derive(Clone, Copy)]
enum State {
    Busy,
    Idle,
}

fn workload(task: &str, bits: u8, takeover: bool, state: State) -> String {
    let takeover = if takeover { "takeover" } else { "no takeover" };
    let state = match state {
        State::Busy => "busy",
        State::Idle => "idle",
    };
    format!("memory, {task}, {bits} bits, {takeover}, {state}")
}

impl Measure<'_> {
    fn compress(&self) -> Vec<Row> {
        let config = CompressorConfig::default().level(LEVEL).takeover(self.takeover).window_bits(self.bits);
        let mut out = Vec::with_capacity(1 << 20);
        let mut figures = Vec::new();
        for backend in codec::ours(self.backends) {
            if let Ok(compressor) = backend.compressor(config) {
                let contender = Contender::ours(format!("{backend} {LEVEL}"), compressor.engine(), OWN);
                drop(compressor);
                let make = || backend.compressor(config).ok();
                let held = held(
                    FEW,
                    make,
                    |compressor| {
                        self.run(|message| {
                            out.clear();
                            compressor.compress(message, &mut out).is_ok()
                        })
                    },
                    |_| {},
                );
                figures.extend(held.map(|held| (contender, held)));
            }
            if let Ok(layer) = MessageCompressor::new(backend, config) {
                let contender =
                    Contender::ours(format!("{backend} {LEVEL} (message)"), layer.engine(), LAYER);
                drop(layer);
                let make = || MessageCompressor::new(backend, config).ok();
                let held = held(
                    self.layers(),
                    make,
                    |layer| {
                        self.run(|message| {
                            out.clear();
                            layer.message(message, CompressionWish::Auto, &mut out).is_ok()
                        })
                    },
                    MessageCompressor::release,
                );
                figures.extend(held.map(|held| (contender, held)));
            }
        }
        if codec::wanted(zlib::NAME, self.backends) {
            let make = || zlib::Deflater::with_window(LEVEL, self.takeover, self.bits).ok();
            let held = held(
                FEW,
                make,
                |deflater| {
                    self.run(|message| {
                        out.clear();
                        deflater.compress(message, &mut out).is_ok()
                    })
                },
                |_| {},
            );
            figures.extend(held.map(|held| (plain_zlib(format!("{} {LEVEL}", zlib::NAME)), held)));
        }
        self.rows("compress", figures)
    }

    fn inflate(&self) -> Vec<Row> {
        let config = DecompressorConfig::default().takeover(self.takeover).window_bits(self.bits);
        let Some(payloads) = self.payloads() else { return Vec::new() };
        let run = |inflate: &mut dyn FnMut(&[u8]) -> bool| payloads.iter().all(|payload| inflate(payload));
        let mut out = Vec::with_capacity(1 << 20);
        let mut figures = Vec::new();
        for backend in codec::ours(self.backends) {
            if let Ok(decompressor) = backend.decompressor(config) {
                let contender = Contender::ours(backend.name(), decompressor.engine(), OWN);
                drop(decompressor);
                let make = || backend.decompressor(config).ok();
                let held = held(
                    FEW,
                    make,
                    |decompressor| {
                        run(&mut |payload| {
                            out.clear();
                            decompressor.decompress(payload, 1 << 20, &mut out).is_ok()
                        })
                    },
                    Decompressor::shrink,
                );
                figures.extend(held.map(|held| (contender, held)));
            }
            let new = || MessageDecompressor::new(backend, config, InflateLimits::default()).ok();
            if let Some(layer) = new() {
                let contender = Contender::ours(format!("{backend} (message)"), layer.engine(), LAYER);
                drop(layer);
                let held = held(
                    self.layers(),
                    new,
                    |layer| {
                        run(&mut |payload| {
                            out.clear();
                            layer.message(payload, &mut out).is_ok()
                        })
                    },
                    MessageDecompressor::release,
                );
                figures.extend(held.map(|held| (contender, held)));
            }
        }
        if codec::wanted(zlib::NAME, self.backends) {
            let make = || zlib::Inflater::with_window(self.takeover, self.bits).ok();
            let held = held(
                FEW,
                make,
                |inflater| {
                    run(&mut |payload| {
                        out.clear();
                        inflater.inflate(payload, &mut out).is_ok()
                    })
                },
                |_| {},
            );
            figures.extend(held.map(|held| (plain_zlib(zlib::NAME.to_owned()), held)));
        }
        self.rows("inflate", figures)
    }

    fn run(&self, compress: impl FnMut(&&'static [u8]) -> bool) -> bool {
        self.messages.iter().all(compress)
    }

    /// Connections of our layer.
    const fn layers(&self) -> usize {
        if self.takeover { FEW } else { MANY }
    }

    /// What a sender makes of the messages that keeps to the window.
    fn payloads(&self) -> Option<Vec<Vec<u8>>> {
        let config = CompressorConfig::default().takeover(self.takeover).window_bits(self.bits);
        let mut sender = Backend::ZlibRs.compressor(config).ok()?;
        let compress = |message: &&'static [u8]| {
            let mut payload = Vec::new();
            sender.compress(message, &mut payload).ok().map(|()| payload)
        };
        self.messages.iter().map(compress).collect()
    }

    fn rows(&self, task: &str, figures: Vec<(Contender, Held)>) -> Vec<Row> {
        let row = |state, contender: &Contender, bytes: f64| Row {
            section: Section::Deflate,
            workload: workload(task, self.bits, self.takeover, state),
            contender: contender.name.clone(),
            engine: contender.engine.clone(),
            ours: contender.ours,
            unit: UNIT.to_owned(),
            median: bytes,
            low: bytes,
            high: bytes,
            samples: 1,
            messages: self.messages.len(),
            bytes: self.messages.iter().map(|message| message.len()).sum(),
            ratio: None,
            memory: None,
            version: contender.version.clone(),
            path: contender.path.to_owned(),
        };
        let busy = figures.iter().map(|(contender, held)| row(State::Busy, contender, held.busy));
        let idle = figures.iter().map(|(contender, held)| row(State::Idle, contender, held.idle));
        busy.chain(idle).collect()
    }
}

/// Bytes a connection.
#[derive(Clone, Copy, Debug)]
struct Held {
    busy: f64,
    idle: f64,
}

/// Makes so many and lets each work, then rest. `None` if one of them fails, or nobody tells what is held.
fn held<C>(
    count: usize,
    make: impl Fn() -> Option<C>,
    mut work: impl FnMut(&mut C) -> bool,
    rest: impl Fn(&mut C),
) -> Option<Held> {
    // What a thread or a program has once is there before.
    let mut first = make()?;
    work(&mut first).then_some(())?;
    rest(&mut first);
    let mut all: Vec<C> = Vec::with_capacity(count);
    let before = heap::held()?;
    let each = |now: usize| now.saturating_sub(before) as f64 / count as f64 + size_of::<C>() as f64;
    for _ in 0..count {
        let mut one = make()?;
        work(&mut one).then_some(())?;
        all.push(one);
    }
    let busy = each(heap::held()?);
    all.iter_mut().for_each(rest);
    Some(Held { busy, idle: each(heap::held()?) })
}

fn plain_zlib(name: String) -> Contender {
    let mut contender =
        Contender::plain(name, "plain C zlib, memLevel 8: a context of its own for each connection");
    contender.engine = format!("zlib {}", zlib::version());
    contender.version = Some(zlib::version());
    contender
}

const OWN: &str =
    "our backend: a context of its own for each connection; idle, it has shrunk as far as it can";
const LAYER: &str =
    "our layer for messages: without takeover the contexts are the thread's; idle, it has released its own";

#[cfg(test)]
mod tests {
    use super::*;

    /// C zlib's own requests are the oracle.
    #[test]
    fn what_is_held_is_what_was_asked_for() {
        let make = || zlib::Deflater::with_window(6, true, 15).ok();
        let asked = make().unwrap().memory() as f64;
        let Some(held) = held(FEW, make, |_| true, |_| {}) else { return };
        assert!((asked..asked * 1.1).contains(&held.busy), "{held:?}, {asked}");
    }
}
