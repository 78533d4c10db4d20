//! Random conversations, valid and not, plain and compressed, through this project's decoder, tungstenite's and
//! sockudo-ws'. Where they differ, an entry of the allow-list says why, with the RFC's section; any other difference
//! ends it with an error.
//!
//! ```text
//! cargo run --manifest-path tests/differential/Cargo.toml -- [FRAMES [SEED]]
//! ```

mod allowed;
mod conversation;
mod endpoints;
mod frames;
mod random;

use std::collections::BTreeMap;
use std::process::ExitCode;

use allowed::{ALLOWED, Difference};
use conversation::Conversation;
use endpoints::{Seen, sockudo, tungstenite, wscodec};
use random::Random;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let (Ok(frames), Ok(seed)) = (numbers.next().unwrap_or(Ok(10_000_000)), numbers.next().unwrap_or(Ok(1)))
    else {
        eprintln!("usage: wscodec-differential [FRAMES [SEED]]");
        return ExitCode::from(2);
    };
    let (mut sent, mut tally) = (0, Tally::default());
    for number in 0.. {
        let conversation = Conversation::random(&mut Random::new(seed.wrapping_add(number)));
        sent += conversation.frames;
        if let Err(problem) = compare(&conversation, &mut tally) {
            eprintln!("with seed {}: {problem}", seed.wrapping_add(number));
            return ExitCode::FAILURE;
        }
        if sent >= frames {
            tally.print(sent, number + 1);
            break;
        }
    }
    match tally.unused() {
        Some((foreign, what)) if sent >= ENOUGH => {
            eprintln!("nothing used the entry of {foreign}: {what}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// As many frames as come across each entry of the allow-list.
const ENOUGH: u64 = 10_000_000;

/// What was seen, so that a run which compares nothing shows.
#[derive(Default)]
struct Tally {
    events: u64,
    failures: u64,
    closed: u64,
    allowed: BTreeMap<(&'static str, &'static str), u64>,
}

impl Tally {
    fn add(&mut self, seen: &Seen) {
        self.events += seen.events.len() as u64;
        self.failures += u64::from(seen.error.is_some());
        self.closed += u64::from(seen.is_closed());
    }

    fn print(&self, frames: u64, conversations: u64) {
        println!("{frames} frames in {conversations} conversations");
        println!(
            "{} events; {} conversations failed, {} were closed",
            self.events, self.failures, self.closed
        );
        for entry in ALLOWED {
            for foreign in entry.of {
                let times = self.allowed.get(&(*foreign, entry.what)).unwrap_or(&0);
                println!("allowed {times:>8} times: {foreign} {} (RFC {})", entry.what, entry.section);
            }
        }
    }

    fn unused(&self) -> Option<(&'static str, &'static str)> {
        let entries = ALLOWED.iter().flat_map(|entry| entry.of.iter().map(|foreign| (*foreign, entry.what)));
        entries.into_iter().find(|entry| !self.allowed.contains_key(entry))
    }
}

fn compare(conversation: &Conversation, tally: &mut Tally) -> Result<(), String> {
    let ours = wscodec(conversation);
    tally.add(&ours);
    // tungstenite has no extensions.
    let tungstenite = conversation.deflate.is_none().then(|| ("tungstenite", tungstenite(conversation)));
    for (foreign, theirs) in tungstenite.into_iter().chain([("sockudo-ws", sockudo(conversation))]) {
        if ours.agrees(&theirs) {
            continue;
        }
        let difference = Difference { conversation, ours: &ours, theirs: &theirs };
        match ALLOWED.iter().find(|entry| entry.of.contains(&foreign) && (entry.applies)(&difference)) {
            Some(entry) => *tally.allowed.entry((foreign, entry.what)).or_default() += 1,
            None => {
                return Err(format!("{foreign} differs\n{}", difference.shown()));
            }
        }
    }
    Ok(())
}
