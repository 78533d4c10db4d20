//! Whole conversations: a client sends, a server sends it back, over streams in memory and over TCP.

mod bytes;
mod contenders;
mod counted;
mod fastwebsockets;
mod ours;
mod ratchet;
mod sinks;
mod soketto;
mod web_socket;

use std::error::Error;
use std::time::Duration;

use rival_protocol::{Conversation, Conversing, timed};

use self::contenders::{compressed, plain};
use crate::cli::Request;
use crate::deflate::rivals::{Apart, Rival};
use crate::input;
use crate::section::Section;
use crate::workload::{Contender, Description, Workload};

/// Every size of messages, one connection and many, one message in flight and more, plain and compressed.
pub fn workloads(request: &Request, rivals: &[Rival]) -> Vec<Box<dyn Workload>> {
    let talks = talks().into_iter().filter(|talk| !request.quick || talk.is_worth_a_look());
    talks.map(|talk| Box::new(Echo::new(talk, rivals)) as Box<dyn Workload>).collect()
}

/// What there is to measure in a full run.
pub fn talks() -> Vec<Talk> {
    let mut talks = Vec::new();
    for (over_tcp, compressed) in [(false, false), (true, false), (false, true), (true, true)] {
        for connections in [1, MANY] {
            for size in SIZES {
                let windows = if size.window == 1 { vec![1] } else { vec![1, size.window] };
                talks.extend(windows.into_iter().map(|in_flight| Talk {
                    size,
                    how: Conversation { over_tcp, connections, in_flight, compressed },
                }));
            }
        }
    }
    talks.retain(|talk| !talk.is_left_out());
    talks
}

/// A conversation, and what is said.
#[derive(Clone, Copy)]
pub struct Talk {
    size: Size,
    pub how: Conversation,
}

const MANY: u32 = 64;

#[derive(Clone, Copy)]
struct Size {
    name: &'static str,
    bytes: usize,
    /// How many messages are sent at once where it is more than one: no more than a stream in memory holds.
    window: u32,
}

const SIZES: [Size; 5] = [
    Size { name: "16 B", bytes: 16, window: 64 },
    Size { name: "125 B", bytes: 125, window: 64 },
    Size { name: "1 KiB", bytes: 1 << 10, window: 64 },
    Size { name: "16 KiB", bytes: 16 << 10, window: 4 },
    Size { name: "1 MiB", bytes: 1 << 20, window: 1 },
];

impl Talk {
    /// Of its workload.
    pub fn name(&self) -> String {
        let Conversation { over_tcp, connections, in_flight, compressed } = self.how;
        let transport = if over_tcp { "TCP" } else { "memory" };
        let connections =
            if connections == 1 { String::new() } else { format!(", {connections} connections") };
        let compressed = if compressed { ", compressed" } else { "" };
        format!("{transport}, {}, {in_flight} in flight{connections}{compressed}", self.size.name)
    }

    /// Whether what a message costs is in what it is, not in its bytes.
    pub fn is_short(&self) -> bool {
        self.size.bytes <= 125
    }

    /// Compressed, 16 B have nothing to compress, and what takes longest says nothing new.
    fn is_left_out(&self) -> bool {
        let long = self.size.bytes >= 1 << 20;
        self.how.compressed
            && (self.size.bytes == 16 || self.how.connections > 1 && (long || self.how.in_flight > 1))
    }

    /// Whether it is measured where there is not much time.
    fn is_worth_a_look(&self) -> bool {
        let several = self.how.in_flight > 1;
        match (self.size.bytes, self.how) {
            (_, Conversation { connections: MANY, .. }) => false,
            (16 | 1_024, Conversation { over_tcp: false, compressed: false, .. }) => true,
            (125, Conversation { compressed: false, .. }) => several,
            (1_024, Conversation { over_tcp: false, compressed: true, .. }) => several,
            _ => false,
        }
    }

    /// How many messages each connection echoes in a pass: enough that starting the clients' talks does not show.
    fn messages(&self) -> usize {
        let windows = match (self.how.in_flight, self.how.connections, self.size.bytes) {
            (1, 1, 1_048_576) => 2,
            (1, _, 1_048_576) => 1,
            (1, 1, 16_384) => 16,
            (1, _, 16_384) => 4,
            (1, 1, _) => 64,
            (1, _, _) => 8,
            (_, 1, _) => 4,
            _ => 1,
        };
        windows * self.how.in_flight as usize
    }

    /// In bytes, for tungstenite, which lets it be chosen: its default where more is under way at once, and 16 KiB where not.
    fn read_size(&self) -> usize {
        if self.size.bytes * self.how.in_flight as usize <= 16 << 10 { 16 << 10 } else { 128 << 10 }
    }
}

struct Echo {
    name: String,
    how: Conversation,
    texts: &'static [&'static str],
    contenders: Vec<(Contender, Talker)>,
}

/// Connections that are opened when they are first needed, and closed with the workload.
enum Talker {
    Here { open: Open, room: Option<Box<dyn Conversing>> },
    Apart(Apart),
}

type Open =
    Box<dyn Fn(&Conversation, &'static [&'static str]) -> Result<Box<dyn Conversing>, Box<dyn Error>>>;

impl Echo {
    fn new(talk: Talk, rivals: &[Rival]) -> Self {
        let texts = input::texts_of(talk.size.bytes, talk.messages());
        let contenders = if talk.how.compressed { compressed(&talk, rivals) } else { plain(&talk) };
        Self { name: talk.name(), how: talk.how, texts, contenders }
    }
}

impl Workload for Echo {
    fn description(&self) -> Description {
        let connections = self.how.connections as usize;
        Description {
            section: Section::Echo,
            name: self.name.clone(),
            messages: self.texts.len() * connections,
            bytes: self.texts.iter().map(|text| text.len()).sum::<usize>() * connections,
        }
    }

    fn contenders(&self) -> Vec<&Contender> {
        self.contenders.iter().map(|(contender, _)| contender).collect()
    }

    fn check(&mut self, contender: usize) -> Result<(), String> {
        let (contender, talker) = &mut self.contenders[contender];
        let echoes = match talker {
            Talker::Here { open, room } => {
                let room = room.insert(open(&self.how, self.texts).map_err(|error| error.to_string())?);
                // Twice: it must be ready for the next pass.
                room.echoes().and_then(|_| room.echoes()).map_err(|error| error.to_string())?
            }
            Talker::Apart(apart) => {
                let inputs: Vec<&[u8]> = self.texts.iter().map(|text| text.as_bytes()).collect();
                let echoes = apart.start(&inputs)?;
                contender.engine = apart.engine();
                echoes
            }
        };
        let equal = echoes.iter().map(Vec::as_slice).eq(self.texts.iter().map(|text| text.as_bytes()));
        if equal { Ok(()) } else { Err("echoes are not what was sent".to_owned()) }
    }

    fn pass(&mut self, contender: usize) {
        // One that fails has been timed by `time`, which tells.
        _ = self.time(contender, 1);
    }

    fn time(&mut self, contender: usize, passes: u32) -> Result<Duration, String> {
        match &mut self.contenders[contender].1 {
            Talker::Here { room, .. } => {
                let room = room.as_mut().ok_or("it was not opened")?;
                timed(passes, || room.pass()).map_err(|error| error.to_string())
            }
            Talker::Apart(apart) => apart.time(passes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRATES: [&str; 8] = [
        "tokio-tungstenite",
        "fastwebsockets",
        "tokio-websockets",
        "yawc",
        "sockudo-ws",
        "soketto",
        "web-socket",
        "ratchet_core",
    ];

    #[test]
    fn all_crates_echo_what_is_plain() {
        let is_small =
            |talk: &Talk| !talk.how.compressed && talk.how.connections == 1 && talk.size.bytes < 1 << 20;
        for talk in talks().into_iter().filter(is_small) {
            let mut echo = Echo::new(talk, &[]);
            let names: Vec<String> =
                echo.contenders().iter().map(|contender| contender.name.clone()).collect();
            assert!(CRATES.iter().all(|name| names.iter().any(|found| found == name)), "{names:?}");
            for (contender, name) in names.iter().enumerate() {
                assert_eq!(echo.check(contender), Ok(()), "{}: {name}", talk.name());
            }
        }
    }
}
