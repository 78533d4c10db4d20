//! Codecs of other crates. Each would put another engine below `flate2` for the whole program, so each runs in one of its
//! own: those of the workspace benches/rivals, built when they are first needed.
//!
//! Such a program reads requests from its standard input and answers on its standard output; `rivals/protocol` says how.
//! It does a pass when asked to and tells how long it took by the same clock, so that its samples come between everybody
//! else's.

use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use rival_protocol::{Conversation, Reply, Request, Setup};

use crate::report::json::Absent;
use crate::report::versions;
use crate::workload::Contender;

/// A crate whose codec takes part.
#[derive(Clone, Debug)]
pub struct Rival {
    /// The package.
    name: &'static str,
    /// What it is called in the workspace of the rivals.
    package: &'static str,
    /// What its way includes that others' may not.
    path: &'static str,
    /// The program, once it is built.
    program: PathBuf,
}

/// What a rival is to do.
#[derive(Clone, Copy, Debug)]
pub enum Task {
    Compress { level: u8, takeover: bool },
    Inflate { takeover: bool },
    Converse(Conversation),
}

/// A rival at its task, in a program of its own.
pub struct Apart {
    rival: Rival,
    task: Task,
    running: Option<Running>,
}

struct Running {
    child: Child,
    /// Closed to end the program.
    requests: Option<BufWriter<ChildStdin>>,
    replies: BufReader<ChildStdout>,
    engine: String,
}

/// All rivals, built or not.
pub fn all() -> Vec<Rival> {
    RIVALS.map(|(name, package, path)| Rival { name, package, path, program: program(package) }).to_vec()
}

/// Those that take part, whose programs another one has built.
pub fn built(takes_part: impl Fn(&str) -> bool) -> Vec<Rival> {
    all().into_iter().filter(|rival| takes_part(rival.name)).collect()
}

/// Builds the programs of the rivals that take part. Those that can be run, and why the others can't.
pub fn build(takes_part: impl Fn(&str) -> bool) -> (Vec<Rival>, Vec<Absent>) {
    let (mut built, mut failed) = (Vec::new(), Vec::new());
    for rival in self::built(takes_part) {
        match rival.build() {
            Ok(()) => built.push(rival),
            Err(reason) => failed.push(Absent { contender: rival.name.to_owned(), reason }),
        }
    }
    (built, failed)
}

/// What the rival is called, package of its program, and what its way includes.
const RIVALS: [(&str, &str, &str); 4] = [
    (
        "ratchet_deflate",
        "rival-ratchet",
        "a program of its own; the extension's encode and decode, which take a BytesMut: each message is copied into one",
    ),
    (
        "sockudo-ws",
        "rival-sockudo",
        "a program of its own; DeflateEncoder and DeflateDecoder, which return Bytes: an allocation a message",
    ),
    (
        "yawc",
        "rival-yawc",
        "a program of its own; within a connection in memory, since its codec is private: framed, masked, polled",
    ),
    ("zlib-ng", "rival-zlib-ng", "a program of its own, built by CMake; the engine below our flate2 backend"),
];

/// What the way of those that converse includes.
const CONVERSES: &str = "a program of its own; `send`, or `feed` and `flush`; messages share their read or are owned; level 6, takeover";

impl Rival {
    /// The rival at a task, not running yet.
    pub fn apart(&self, task: Task) -> (Contender, Apart) {
        let mut contender = Contender::plain(self.name, self.path);
        // The engine has its release from the crate that builds it.
        let package = if self.name == "zlib-ng" { "libz-ng-sys" } else { self.name };
        contender.version = versions::locked_of_rival(package);
        match task {
            Task::Compress { level, .. } => contender.name += &format!(" {level}"),
            Task::Converse(_) => contender.path = CONVERSES,
            Task::Inflate { .. } => {}
        }
        (contender, Apart { rival: self.clone(), task, running: None })
    }

    /// Whether it has connections that can be compared.
    pub fn converses(&self) -> bool {
        // ratchet's program has its extension alone, zlib-ng's an engine.
        !matches!(self.package, "rival-ratchet" | "rival-zlib-ng")
    }

    /// Only this package at a time, since Cargo unifies features over all packages that it builds together.
    fn build(&self) -> Result<(), String> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "--release", "--locked", "--quiet", "--package", self.package])
            .arg("--manifest-path")
            .arg(Path::new(WORKSPACE).join("Cargo.toml"))
            .arg("--target-dir")
            .arg(target_directory())
            // Or messages of a terminal's kind stand in the reason.
            .env("CARGO_TERM_COLOR", "never")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cargo can't be run to build it: {error}"))?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            let first = message.lines().find(|line| line.starts_with("error")).unwrap_or("no reason given");
            return Err(format!("it can't be built: {first}"));
        }
        fs::metadata(&self.program).map_err(|error| format!("it was built, but is not there: {error}"))?;
        Ok(())
    }
}

impl Apart {
    /// Starts the program and lets it do one pass over these; what comes out.
    pub fn start(&mut self, inputs: &[&[u8]]) -> Result<Vec<Vec<u8>>, String> {
        let mut running = Running::new(&self.rival)?;
        let inputs = inputs.iter().map(|input| input.to_vec()).collect();
        let outputs = running.ask(&match self.task {
            Task::Compress { level, takeover } => {
                Request::SetUp(Setup { compresses: true, level, takeover }, inputs)
            }
            Task::Inflate { takeover } => {
                Request::SetUp(Setup { compresses: false, level: 6, takeover }, inputs)
            }
            Task::Converse(how) => Request::Converse(how, inputs),
        })?;
        let Reply::Done { engine, outputs } = outputs else { return Err(OUT_OF_STEP.to_owned()) };
        running.engine = engine;
        self.running = Some(running);
        Ok(outputs)
    }

    /// How long so many passes take.
    pub fn time(&mut self, passes: u32) -> Result<Duration, String> {
        let running = self.running.as_mut().ok_or("the program was not started")?;
        match running.ask(&Request::Pass(passes))? {
            Reply::Took(time) => Ok(time),
            _ => Err(OUT_OF_STEP.to_owned()),
        }
    }

    /// What it really runs on, as it said itself.
    pub fn engine(&self) -> String {
        self.running.as_ref().map_or_else(String::new, |running| running.engine.clone())
    }
}

impl Running {
    fn new(rival: &Rival) -> Result<Self, String> {
        // It stays on this thread's core.
        let mut child = Command::new(&rival.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the program can't be started: {error}"))?;
        let (Some(requests), Some(replies)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the program has no pipes".to_owned());
        };
        let (requests, replies) = (Some(BufWriter::new(requests)), BufReader::new(replies));
        Ok(Self { child, requests, replies, engine: String::new() })
    }

    fn ask(&mut self, request: &Request) -> Result<Reply, String> {
        let gone = |error| format!("the program is gone: {error}");
        let requests = self.requests.as_mut().ok_or(OUT_OF_STEP)?;
        request.write(requests).map_err(gone)?;
        requests.flush().map_err(gone)?;
        match Reply::read(&mut self.replies).map_err(gone)? {
            Reply::Failed(reason) => Err(reason),
            reply => Ok(reply),
        }
    }
}

impl Drop for Running {
    /// It ends when there is nothing more to read.
    fn drop(&mut self) {
        self.requests = None;
        // Nobody is left to tell.
        _ = self.child.wait();
    }
}

const OUT_OF_STEP: &str = "the program answers something else than asked";

/// Where the rivals are, as this program was compiled.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rivals");

/// A directory beside this program's own, for which it is enough to be built once.
fn target_directory() -> PathBuf {
    let own = env::current_exe().unwrap_or_default();
    own.ancestors().nth(2).unwrap_or(Path::new(".")).join("rivals")
}

fn program(package: &str) -> PathBuf {
    target_directory().join("release").join(format!("{package}{}", env::consts::EXE_SUFFIX))
}
