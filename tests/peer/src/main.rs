//! Echoes, for suites that test from outside: Autobahn (tests/autobahn) and a browser (tests/browser).
//!
//! ```text
//! wscodec-test-peer backends                              the names of the backends compiled in
//! wscodec-test-peer serve [options]                       an echo server on a free port of 127.0.0.1, which it prints
//! wscodec-test-peer test ADDRESS --agent NAME [options]   the client of Autobahn's server: all of its cases
//! ```
#![forbid(unsafe_code)]

mod answers;
mod blocking;
mod cases;
mod options;
mod tokio_ends;

use std::process::ExitCode;

use wscodec::compressors::Backend;

use self::options::{Adapter, Command, Options};

fn main() -> ExitCode {
    let (command, options) = match options::parse() {
        Ok(parsed) => parsed,
        Err(problem) => {
            eprintln!("{problem}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&command, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wscodec-test-peer: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Errors of tasks go from thread to thread.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn run(command: &Command, options: &Options) -> Result<(), Failure> {
    match (command, options.adapter) {
        (Command::Backends, _) => {
            for backend in Backend::available() {
                println!("{backend}");
            }
            Ok(())
        }
        (Command::Serve, Adapter::Blocking) => Ok(blocking::serve(options)?),
        (Command::Serve, Adapter::Tokio) => tokio_ends::serve(options),
        (Command::Test { address, agent }, Adapter::Blocking) => {
            cases::run(agent, |target| blocking::echo_at(address, target, options))
        }
        (Command::Test { address, agent }, Adapter::Tokio) => {
            cases::run(agent, |target| tokio_ends::echo_at(address, target, options))
        }
    }
}
