//! `compare`: who is fastest at what, among WebSocket codecs, on this machine.
//!
//! Every section makes workloads, every workload has contenders; the program checks each contender's answer, times
//! all of a workload's contenders in turn, and reports. See README.md here for the method.

mod bars;
mod cli;
mod deflate;
mod frame;
mod input;
mod mask;
mod measure;
mod progress;
mod report;
mod run;
mod section;
mod stats;
mod workload;

use std::process::ExitCode;

use cli::Job;
use rival_protocol::clock;

fn main() -> ExitCode {
    let outcome = match cli::parse() {
        Job::Compare(request) => run::run(&request),
        Job::Bars(report) => run::bars(&report),
    };
    match outcome {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
