//! Many connections and mixed traffic for a long time: every byte accounted for, memory flat.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;
use wscodec::compressors::{Backend, CompressionWish};
use wscodec::tokio::WebSocket;
use wscodec::{CloseCode, CloseFrame, DataKind, Message, State};

use crate::healthy::Waits;
use crate::options::Adapter;
use crate::process::Server;
use crate::ways::Way;
use crate::{Failure, peers};

pub(crate) struct Outcome {
    pub(crate) adapter: Adapter,
    pub(crate) seconds: u64,
    pub(crate) connections: usize,
    pub(crate) sums: Sums,
    /// The server's, of what was received.
    pub(crate) compressed_answers: u64,
    pub(crate) waits: Waits,
    /// Resident bytes of the server at a fifth of the time, and at the end.
    pub(crate) early: u64,
    pub(crate) late: u64,
}

/// What the clients have done; each message came back as it was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) opened: u64,
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    pub(crate) compressed: u64,
    pub(crate) fragmented: u64,
    pub(crate) pings: u64,
}

pub(crate) async fn run(adapter: Adapter, connections: usize, length: Duration) -> Result<Outcome, Failure> {
    let backends: Vec<_> = Backend::available().collect();
    let mut server = Server::start(adapter, &backends)?;
    let mut ways = Vec::new();
    // As often plain as compressed.
    for backend in &backends {
        for way in [
            Way::PLAIN,
            Way { backend: Some(*backend), takeover: true },
            Way::PLAIN,
            Way { backend: Some(*backend), takeover: false },
        ] {
            ways.push((way, server.address(way.name())?.to_owned()));
        }
    }
    let started = Instant::now();
    let plan = Arc::new(Plan {
        ways,
        deadline: started + length,
        think: Duration::from_micros(
            1000 * connections as u64 * if adapter == Adapter::Tokio { 1 } else { 8 },
        ),
    });
    let mut clients = JoinSet::new();
    for number in 0..connections {
        let plan = Arc::clone(&plan);
        clients.spawn(async move { plan.client(number as u64 + 1).await });
    }

    let mut memory = Vec::new();
    let (mut sums, mut waits) = (Sums::default(), Vec::new());
    while !clients.is_empty() {
        tokio::select! {
            ended = clients.join_next() => if let Some(ended) = ended {
                let (theirs, waited) = ended??;
                sums.add(theirs);
                waits.extend(waited);
            },
            () = sleep(Duration::from_millis(500)) => memory.push((started.elapsed(), server.held()?.memory)),
        }
        if started.elapsed() > length + peers::PATIENCE * 2 {
            return Err(format!("{} clients did not end", clients.len()).into());
        }
    }
    let counts = server.settle(0).await?;
    if (counts.messages, counts.bytes, counts.panicked) != (sums.messages, sums.bytes, 0)
        || counts.accepted != sums.opened
    {
        return Err(format!("{sums:?} were sent, and the server counts {counts:?}").into());
    }
    let between = |from: f64, to: f64| {
        let (from, to) = (length.mul_f64(from), length.mul_f64(to));
        let there = || memory.iter().filter(|(at, _)| (from..to).contains(at)).map(|(_, bytes)| bytes);
        there().sum::<u64>() / (there().count() as u64).max(1)
    };
    Ok(Outcome {
        adapter,
        seconds: length.as_secs(),
        connections,
        sums,
        compressed_answers: counts.compressed,
        waits: Waits::of(waits),
        early: between(0.17, 0.23),
        late: between(0.94, 1.0),
    })
}

impl Outcome {
    /// Whether memory stayed flat: a tenth and what allocators keep back are no leak.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.waits.check()?;
        if self.late > self.early + self.early / 10 + (16 << 20) {
            return Err(format!("memory grew from {} to {} bytes", self.early, self.late).into());
        }
        Ok(())
    }
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.opened += other.opened;
        self.messages += other.messages;
        self.bytes += other.bytes;
        self.compressed += other.compressed;
        self.fragmented += other.fragmented;
        self.pings += other.pings;
    }
}

struct Plan {
    ways: Vec<(Way, String)>,
    deadline: Instant,
    /// The longest pause between two messages of a connection.
    think: Duration,
}

impl Plan {
    async fn client(&self, seed: u64) -> Result<(Sums, Vec<Duration>), Failure> {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (mut sums, mut waits) = (Sums::default(), Vec::new());
        sleep(self.pause(&mut random)).await;
        while Instant::now() < self.deadline {
            let (way, address) = &self.ways[random.below(self.ways.len())];
            let (mut socket, _) = peers::open(address, *way).await?;
            sums.opened += 1;
            for _ in 0..random.below(100) {
                if Instant::now() >= self.deadline {
                    break;
                }
                let wait = converse(&mut socket, &mut random, &mut sums).await;
                waits.extend(wait.map_err(|error| format!("{way:?}: {error}"))?);
                sleep(self.pause(&mut random)).await;
            }
            sums.compressed += socket.sender().compressed_messages();
            end(socket, &mut random).await?;
        }
        Ok((sums, waits))
    }

    fn pause(&self, random: &mut Random) -> Duration {
        self.think.mul_f64(random.below(1 << 16) as f64 / f64::from(1 << 16))
    }
}

/// One message and its echo, perhaps with a ping; gives how long a short one took.
async fn converse(
    socket: &mut WebSocket<TcpStream>,
    random: &mut Random,
    sums: &mut Sums,
) -> Result<Option<Duration>, Failure> {
    let text = random.text();
    let message = if random.below(2) == 0 { Message::Text(&text) } else { Message::Binary(text.as_bytes()) };
    let kind = if matches!(message, Message::Text(_)) { DataKind::Text } else { DataKind::Binary };
    let wish = if random.below(5) == 0 { CompressionWish::Plain } else { CompressionWish::Auto };
    let (in_fragments, pings) = (random.below(4) == 0, random.below(4) == 0);
    let started = Instant::now();
    peers::within("an echo", async {
        let sender = socket.sender();
        if in_fragments {
            let (first, rest) = text.as_bytes().split_at(random.below(text.len() + 1));
            let (second, third) = rest.split_at(random.below(rest.len() + 1));
            sender.begin_message_with(kind, first, wish)?;
            sender.continue_message(second)?;
            if pings {
                sender.send(Message::Ping(b"between"))?;
            }
            sender.finish_message(third)?;
        } else {
            sender.send_with(message, wish)?;
            if pings {
                sender.send(Message::Ping(b"behind"))?;
            }
        }
        socket.flush().await?;
        let (mut echoed, mut ponged) = (false, !pings);
        while !(echoed && ponged) {
            match socket.next_message().await? {
                Some(Message::Pong(_)) if !ponged => ponged = true,
                Some(answer) if answer == message && !echoed => echoed = true,
                other => return Err(unexpected(other)),
            }
        }
        Ok(())
    })
    .await??;
    sums.messages += 1;
    sums.bytes += text.len() as u64;
    sums.fragmented += u64::from(in_fragments);
    sums.pings += u64::from(pings);
    Ok((text.len() <= 4096).then(|| started.elapsed()))
}

fn unexpected(message: Option<Message<'_>>) -> Failure {
    let Some(message) = message else { return "the server left".into() };
    let shown = format!("{message:?}");
    format!("came back: {}", shown.chars().take(200).collect::<String>()).into()
}

/// Mostly as one should; some are cut off, when nothing is on its way.
async fn end(mut socket: WebSocket<TcpStream>, random: &mut Random) -> Result<(), Failure> {
    match random.below(10) {
        0 => return peers::reset(socket.into_parts().0),
        1 => return Ok(()),
        _ => {}
    }
    peers::within("a closing handshake", async {
        socket.close(Some(CloseFrame::new(CloseCode::NORMAL, "bye"))).await?;
        while socket.next_message().await?.is_some() {}
        match (socket.state(), socket.close_code()) {
            (State::Closed, Some(CloseCode::NORMAL)) => Ok(()),
            other => Err(format!("closed with {other:?}").into()),
        }
    })
    .await?
}

/// Xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % bound as u64).unwrap_or(0)
    }

    /// Most short, few of up to 256 KiB; of words and of noise, in several scripts.
    fn text(&mut self) -> String {
        const WORDS: [&str; 10] =
            ["the ", "price", "\": ", "{\"id\": ", "λόγος ", "слово ", "文字列", "🦀", "0.5, ", "\n"];
        let length = match self.below(1000) {
            0..500 => self.below(200),
            500..950 => 200 + self.below(4000),
            950..997 => 4000 + self.below(28_000),
            _ => 32_000 + self.below(224_000),
        };
        let mut text = String::with_capacity(length + 24);
        while text.len() < length {
            match self.below(4) {
                0 => text.push_str(&self.0.to_string()),
                _ => text.push_str(WORDS[self.below(WORDS.len())]),
            }
        }
        text
    }
}
