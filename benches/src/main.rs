//! `compare`: who is fastest at what, among WebSocket codecs, on this machine.
//!
//! Every section makes workloads, every workload has contenders; the program checks each contender's answer, times
//! all of a workload's contenders in turn, and reports. See README.md here for the method.

mod cli;
mod clock;
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

fn main() -> ExitCode {
    let request = cli::parse();
    match run::run(&request) {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
