use lexopt::Arg::{Long, Value};
use lexopt::ValueExt;
use wscodec::compressors::Backend;
use wscodec::compressors::negotiation::{Abilities, ClientPolicy, ServerPolicy};

pub(crate) const USAGE: &str = "\
usage: wscodec-test-peer backends
       wscodec-test-peer serve [options]
       wscodec-test-peer test ADDRESS --agent NAME [options]

--adapter NAME      blocking (the default) or tokio
--backend NAME      agrees on permessage-deflate with this backend; without, on none
--frame-size BYTES  sends messages in frames of this many bytes
--obey              \"close CODE REASON\" as a text closes the connection with these, instead of an echo";

#[derive(Debug)]
pub(crate) enum Command {
    Backends,
    Serve,
    Test { address: String, agent: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adapter {
    Blocking,
    Tokio,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) adapter: Adapter,
    pub(crate) backend: Option<Backend>,
    pub(crate) frame_size: usize,
    pub(crate) obey: bool,
}

pub(crate) fn parse() -> Result<(Command, Options), lexopt::Error> {
    let mut options =
        Options { adapter: Adapter::Blocking, backend: None, frame_size: usize::MAX, obey: false };
    let (mut words, mut agent) = (Vec::new(), None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("adapter") => options.adapter = parser.value()?.parse_with(adapter)?,
            Long("backend") => options.backend = Some(parser.value()?.parse_with(backend)?),
            Long("frame-size") => options.frame_size = parser.value()?.parse()?,
            Long("obey") => options.obey = true,
            Long("agent") => agent = Some(parser.value()?.string()?),
            Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let command = match (words.as_slice(), agent) {
        (["backends"], None) => Command::Backends,
        (["serve"], None) => Command::Serve,
        (["test", address], Some(agent)) => Command::Test { address: (*address).to_owned(), agent },
        _ => return Err("no such command".into()),
    };
    Ok((command, options))
}

impl Options {
    pub(crate) fn server_policy(&self) -> Option<ServerPolicy> {
        let can = abilities(self.backend?);
        Some(ServerPolicy { can, ..ServerPolicy::default() })
    }

    pub(crate) fn client_policy(&self) -> Option<ClientPolicy> {
        let can = abilities(self.backend?);
        Some(ClientPolicy { can, ..ClientPolicy::default() })
    }
}

/// Small windows also from backends that only know large ones, which then leave long messages plain.
fn abilities(backend: Backend) -> Abilities {
    let can = Abilities::new(&backend.capabilities(), &backend.decompressor_capabilities());
    Abilities { small_windows_for_short_messages: true, ..can }
}

fn adapter(name: &str) -> Result<Adapter, String> {
    match name {
        "blocking" => Ok(Adapter::Blocking),
        "tokio" => Ok(Adapter::Tokio),
        _ => Err("no such adapter".to_owned()),
    }
}

fn backend(name: &str) -> Result<Backend, String> {
    Backend::from_name(name).ok_or_else(|| "no such backend".to_owned())
}
