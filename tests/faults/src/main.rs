//! Faults over real sockets, and a soak: `tests/faults/run` says how to start it.
//!
//! ```text
//! wscodec-test-faults run [options]             everything, against servers that it starts
//! wscodec-test-faults serve ADAPTER [BACKEND]   such a server, by itself
//! ```
#![forbid(unsafe_code)]

mod attacks;
mod driver;
mod frames;
mod healthy;
mod memory;
mod options;
mod peers;
mod process;
mod report;
mod server;
mod soak;
mod ways;

use std::process::ExitCode;

use self::options::Command;

fn main() -> ExitCode {
    let command = match options::parse() {
        Ok(parsed) => parsed,
        Err(problem) => {
            eprintln!("{problem}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let done = match command {
        Command::Serve { adapter, backends } => server::run(adapter, &backends),
        Command::Run(options) => driver::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wscodec-test-faults: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Errors of tasks go from thread to thread.
type Failure = Box<dyn std::error::Error + Send + Sync>;
