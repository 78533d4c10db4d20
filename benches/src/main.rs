//! `compare`: who is fastest at what, among WebSocket codecs, on this machine.
//!
//! Every section makes workloads, every workload has contenders; the program checks each contender's answer, times
//! all of a workload's contenders in turn, and reports. See README.md here for the method.

mod bars;
mod broadcast;
mod cli;
mod commands;
mod deflate;
mod echo;
mod frame;
mod input;
mod interrupt;
mod mask;
mod measure;
mod progress;
mod report;
mod run;
mod section;
mod sittings;
mod stats;
mod stream;
mod traffic;
mod workload;

use std::process::ExitCode;

use cli::Job;
use rival_protocol::clock;

fn main() -> ExitCode {
    let (outcome, otherwise) = match cli::parse() {
        Job::Compare(request) => (run::run(&request), ExitCode::FAILURE),
        // What can go wrong with these is what the command line names.
        Job::Other(other) => (commands::run(other), ExitCode::from(2)),
    };
    match outcome {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            otherwise
        }
    }
}
