use std::path::PathBuf;
use std::time::Duration;

use lexopt::Arg::{Long, Value};
use lexopt::ValueExt;
use wscodec::compressors::Backend;

pub(crate) const USAGE: &str = "\
usage: wscodec-test-faults run [options]
       wscodec-test-faults serve ADAPTER [BACKEND...]

--soak SECONDS     how long the soak is, 30 by default
--connections N    how many connections it has, 200 by default; 1,000 if it is longer than a minute
--idle N           how many connections idle, 1,000 by default
--full             --soak 600 --connections 1000 --idle 10000, and slower peers
--only NAME        the parts that have this in their name
--json FILE        writes what came out, as JSON and beside it as a table";

#[derive(Debug)]
pub(crate) enum Command {
    Run(Options),
    Serve { adapter: Adapter, backends: Vec<Backend> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adapter {
    Blocking,
    Tokio,
}

impl Adapter {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Tokio => "tokio",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) soak: Duration,
    pub(crate) connections: usize,
    pub(crate) idle: usize,
    pub(crate) full: bool,
    pub(crate) only: Option<String>,
    pub(crate) json: Option<PathBuf>,
}

impl Options {
    pub(crate) fn wants(&self, part: &str) -> bool {
        self.only.as_ref().is_none_or(|only| part.contains(only.as_str()))
    }
}

pub(crate) fn parse() -> Result<Command, lexopt::Error> {
    let (mut words, mut full, mut only, mut json) = (Vec::new(), false, None, None);
    let (mut soak, mut connections, mut idle) = (None, None, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("soak") => soak = Some(parser.value()?.parse()?),
            Long("connections") => connections = Some(parser.value()?.parse()?),
            Long("idle") => idle = Some(parser.value()?.parse()?),
            Long("full") => full = true,
            Long("only") => only = Some(parser.value()?.string()?),
            Long("json") => json = Some(parser.value()?.into()),
            Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run"] => {
            let soak = soak.unwrap_or(if full { 600 } else { 30 });
            Ok(Command::Run(Options {
                soak: Duration::from_secs(soak),
                connections: connections.unwrap_or(if soak > 60 { 1000 } else { 200 }),
                idle: idle.unwrap_or(if full { 10_000 } else { 1000 }),
                full,
                only,
                json,
            }))
        }
        ["serve", adapter, backends @ ..] => Ok(Command::Serve {
            adapter: match *adapter {
                "blocking" => Adapter::Blocking,
                "tokio" => Adapter::Tokio,
                _ => return Err("no such adapter".into()),
            },
            backends: backends
                .iter()
                .map(|name| Backend::from_name(name).ok_or_else(|| "no such backend".into()))
                .collect::<Result<_, lexopt::Error>>()?,
        }),
        _ => Err("no such command".into()),
    }
}
