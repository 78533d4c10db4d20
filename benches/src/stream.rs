//! A long message that is sent part by part.

use std::hint::black_box;

use wscodec::{Connection, DataKind, Event, Limits, Message, Role};
use wscodec_compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec_kernel::Level;

use crate::input;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

/// From a server, from a client, and compressed.
pub fn workloads() -> Vec<Box<dyn Workload>> {
    let ways = [(Role::Server, None), (Role::Client, None), (Role::Server, Some(Backend::ZlibRs))];
    ways.into_iter()
        .map(|(role, backend)| Box::new(Streaming::new(role, backend)) as Box<dyn Workload>)
        .collect()
}

/// Of the message, and of its parts and frames, in bytes.
const LENGTH: usize = 1 << 20;
const PART: usize = 4 << 10;

/// How a message gets into an output.
#[derive(Clone, Copy)]
enum Way {
    /// Its bytes are copied, nothing else.
    Copied,
    /// By `stream`, out of the caller's parts.
    Parts,
    /// By `stream_from`, out of a reader.
    Reader,
    /// By `send`, all in one frame.
    Whole,
}

struct Streaming {
    name: String,
    message: &'static [u8],
    kind: DataKind,
    role: Role,
    backend: Option<Backend>,
    connection: Connection,
    /// Where bytes are copied to.
    output: Vec<u8>,
    ways: Vec<(Contender, Way)>,
}

impl Streaming {
    fn new(role: Role, backend: Option<Backend>) -> Self {
        let sender = if role == Role::Server { "server" } else { "client" };
        let compressed = if backend.is_some() { ", compressed" } else { "" };
        // Compressed it has to be worth it, and plain there is nothing to it but to copy.
        let message = if backend.is_some() {
            input::texts_of(LENGTH, 1)[0].as_bytes()
        } else {
            input::bytes_of(LENGTH)
        };
        let ways = match backend {
            None => vec![Way::Copied, Way::Parts, Way::Reader, Way::Whole],
            Some(_) => vec![Way::Parts, Way::Reader, Way::Whole],
        };
        let engine = backend.and_then(|backend| backend.compressor(CompressorConfig::default()).ok());
        let engine = engine.map_or(Level::best().name(), |compressor| compressor.engine());
        Self {
            name: format!("1 MiB in 4 KiB, {sender}{compressed}"),
            message,
            kind: DataKind::Binary,
            role,
            backend,
            connection: connection(role, backend),
            output: Vec::with_capacity(PART),
            ways: ways.into_iter().map(|way| (contender(way, engine), way)).collect(),
        }
    }

    /// Sends the message, and shows what is queued as often as it would be written: after each part.
    fn send(&mut self, way: Way, mut written: impl FnMut(&[u8])) -> Result<(), String> {
        let sender = self.connection.sender();
        match way {
            Way::Copied => {
                for part in self.message.chunks(PART) {
                    self.output.clear();
                    self.output.extend_from_slice(black_box(part));
                    written(&self.output);
                }
            }
            Way::Parts => {
                sender.begin_stream(self.kind, PART).map_err(|error| error.to_string())?;
                for part in self.message.chunks(PART) {
                    sender.stream(black_box(part)).map_err(|error| error.to_string())?;
                    written(sender.output());
                    sender.clear_output();
                }
                sender.finish_stream().map_err(|error| error.to_string())?;
                written(sender.output());
                sender.clear_output();
            }
            Way::Reader => {
                sender.begin_stream(self.kind, PART).map_err(|error| error.to_string())?;
                let mut reader = black_box(self.message);
                while sender.stream_from(&mut reader).map_err(|error| format!("{error:?}"))? {
                    written(sender.output());
                    sender.clear_output();
                }
                written(sender.output());
                sender.clear_output();
            }
            Way::Whole => {
                sender.send(Message::Binary(black_box(self.message))).map_err(|error| error.to_string())?;
                written(sender.output());
                sender.clear_output();
            }
        }
        Ok(())
    }
}

fn connection(role: Role, backend: Option<Backend>) -> Connection {
    let plain = || Connection::new(role, Limits::new());
    match backend {
        // Every backend here can do the default; one that can't would answer wrongly.
        Some(backend) => {
            plain().with_compressor(backend, CompressorConfig::default()).unwrap_or_else(|_| plain())
        }
        None => plain(),
    }
}

fn contender(way: Way, engine: &str) -> Contender {
    match way {
        Way::Copied => Contender::plain("memcpy", "each part into a buffer"),
        Way::Parts => Contender::ours(
            "wscodec",
            engine,
            "`begin_stream`, `stream`, `finish_stream`; written after each part",
        ),
        Way::Reader => Contender::ours("wscodec (reader)", engine, "`stream_from`; written after each part"),
        Way::Whole => Contender::ours("wscodec (whole)", engine, "`send`, in one frame; 1 MiB is queued"),
    }
}

impl Workload for Streaming {
    fn description(&self) -> Description {
        Description {
            section: Section::Stream,
            name: self.name.clone(),
            messages: 1,
            bytes: self.message.len(),
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.ways.iter().map(|(contender, _)| contender).collect()
    }

    fn check(&mut self, contender: usize) -> Result<(), String> {
        let way = self.ways[contender].1;
        let mut wire = Vec::new();
        // Twice: it must be ready for the next one.
        for _ in 0..2 {
            wire.clear();
            self.send(way, |bytes| wire.extend_from_slice(bytes))?;
        }
        if matches!(way, Way::Copied) {
            return if wire == self.message { Ok(()) } else { Err("it is not what was copied".to_owned()) };
        }
        // By itself, since what came before is not there.
        self.connection = connection(self.role, self.backend);
        wire.clear();
        self.send(way, |bytes| wire.extend_from_slice(bytes))?;
        let role = if self.role == Role::Server { Role::Client } else { Role::Server };
        let mut receiver = Connection::new(role, Limits::new());
        if self.backend.is_some() {
            let inflating = receiver.with_decompressor(Backend::Flate2, DecompressorConfig::default());
            receiver = inflating.map_err(|error| error.to_string())?;
        }
        receiver.push(&wire);
        match receiver.next_event().map_err(|error| error.to_string())? {
            Some(Event::Message(Message::Binary(bytes))) if bytes == self.message => Ok(()),
            _ => Err("it is not the message that was sent".to_owned()),
        }
    }

    fn pass(&mut self, contender: usize) {
        let result = self.send(self.ways[contender].1, |bytes| _ = black_box(bytes));
        // It was right when it was checked.
        assert!(result.is_ok(), "{result:?}");
    }
}
