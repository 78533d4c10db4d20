//! `instructions`: how many instructions some calls of the kernel take, compared with what was recorded, so that a
//! slower kernel is seen without a clock.
//!
//! The program runs itself under valgrind's callgrind, once for each call, and lets it count one function alone.

mod calls;
mod count;
mod record;

use std::process::ExitCode;

use clap::Parser;

use calls::Call;
use record::Record;

/// Counts the instructions of kernel calls and compares them with instructions.json; exit status 1 if a call takes more.
#[derive(Debug, Parser)]
struct Arguments {
    /// Write what is counted to instructions.json
    #[arg(long)]
    update: bool,

    /// Do this call, under valgrind
    #[arg(long, hide = true)]
    call: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.call {
        Some(name) => calls::run(name).map(|()| true),
        None if arguments.update => count_all().and_then(|counted| counted.write()).map(|()| true),
        None => check(),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether no call takes more instructions than recorded.
fn check() -> Result<bool, String> {
    let recorded = Record::read()?;
    let counted = count_all()?;
    let comparison = record::compare(&recorded, &counted);
    print!("{}", comparison.text);
    Ok(comparison.is_good)
}

fn count_all() -> Result<Record, String> {
    let count = |call: &Call| Ok((call.name.to_owned(), count::instructions(call.name)?));
    Ok(Record::new(calls::ALL.iter().map(count).collect::<Result<_, String>>()?))
}
