//! The server's process: what it says, and what Linux says of it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use wscodec::compressors::Backend;

use crate::Failure;
use crate::options::Adapter;

pub(crate) struct Server {
    child: Child,
    commands: ChildStdin,
    lines: Receiver<String>,
    addresses: Vec<(String, String)>,
}

/// What the server has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tasks or threads that serve a connection.
    pub(crate) open: u64,
    pub(crate) accepted: u64,
    pub(crate) panicked: u64,
    pub(crate) messages: u64,
    /// Of these messages.
    pub(crate) bytes: u64,
    /// How many of the answers.
    pub(crate) compressed: u64,
    /// How many connections were released, and the bytes that they had by their own account before and afterwards.
    pub(crate) released: u64,
    pub(crate) held: u64,
    pub(crate) kept: u64,
}

/// What the server's process holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Resident bytes.
    pub(crate) memory: u64,
    pub(crate) threads: u64,
    pub(crate) files: u64,
}

impl Server {
    pub(crate) fn start(adapter: Adapter, backends: &[Backend]) -> Result<Self, Failure> {
        let mut child = Command::new(env::current_exe()?)
            .args(["serve", adapter.name()])
            .args(backends.iter().map(|backend| backend.name()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (commands, said) = child.stdin.take().zip(child.stdout.take()).ok_or("no pipes to the server")?;
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut server = Self { child, commands, lines, addresses: Vec::new() };
        loop {
            let line = server.line()?;
            let Some((name, address)) = line.split_once(' ') else { return Ok(server) };
            server.addresses.push((name.to_owned(), address.to_owned()));
        }
    }

    /// Where it listens with the backend of this name, or `plain`.
    pub(crate) fn address(&self, way: &str) -> Result<&str, Failure> {
        let found = self.addresses.iter().find(|(name, _)| name == way);
        Ok(&found.ok_or("the server does not listen for this")?.1)
    }

    pub(crate) fn release(&mut self) -> Result<(), Failure> {
        self.ask("release").map(drop)
    }

    pub(crate) fn counts(&mut self) -> Result<Counts, Failure> {
        let mut counts = Counts::default();
        for word in self.ask("counts")?.split(' ') {
            let (name, value) = word.split_once('=').ok_or("the server's counts can't be read")?;
            let place = match name {
                "open" => &mut counts.open,
                "accepted" => &mut counts.accepted,
                "panicked" => &mut counts.panicked,
                "messages" => &mut counts.messages,
                "bytes" => &mut counts.bytes,
                "compressed" => &mut counts.compressed,
                "released" => &mut counts.released,
                "held" => &mut counts.held,
                "kept" => &mut counts.kept,
                _ => continue,
            };
            *place = value.parse()?;
        }
        Ok(counts)
    }

    pub(crate) fn held(&self) -> Result<Held, Failure> {
        let process = format!("/proc/{}", self.child.id());
        let status = fs::read_to_string(format!("{process}/status"))?;
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').split_whitespace().next()?.parse::<u64>().ok()
        };
        let (kilobytes, threads) =
            number("VmRSS").zip(number("Threads")).ok_or("/proc says nothing of the server")?;
        let files = fs::read_dir(format!("{process}/fd"))?.count() as u64;
        Ok(Held { memory: kilobytes << 10, threads, files })
    }

    /// Waits until the server has no more open files than it had `before`, and no more threads; those of a pool come as they
    /// are needed, so they count for a thread a connection alone.
    pub(crate) async fn settle_at(&self, before: &Held, adapter: Adapter) -> Result<(), Failure> {
        let deadline = Instant::now() + SETTLED;
        loop {
            let now = self.held()?;
            let threads_left = adapter == Adapter::Blocking && now.threads > before.threads;
            if now.files <= before.files && !threads_left {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(format!("something is left: {before:?} became {now:?}").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until `open` connections are there.
    pub(crate) async fn settle(&mut self, open: u64) -> Result<Counts, Failure> {
        let deadline = Instant::now() + SETTLED;
        loop {
            let counts = self.counts()?;
            if counts.open == open {
                return Ok(counts);
            }
            if Instant::now() >= deadline {
                return Err(format!("{} connections are served where {open} are left", counts.open).into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn ask(&mut self, command: &str) -> Result<String, Failure> {
        writeln!(self.commands, "{command}")?;
        self.line()
    }

    fn line(&self) -> Result<String, Failure> {
        Ok(self.lines.recv_timeout(PATIENCE).map_err(|_| "the server does not answer")?)
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
const SETTLED: Duration = Duration::from_secs(20);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
