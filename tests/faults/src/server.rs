//! The server under test: it echoes, counts, and tells what it has counted when asked on its standard input.

mod blocking;
mod counts;
mod tokio_server;

use std::io::{self, BufRead};

use wscodec::compressors::Backend;

use crate::Failure;
use crate::options::Adapter;
use crate::ways::Way;

/// Listens without compression and with each of `backends`, on a port each, which it prints; ends with its standard input.
///
/// Each line there is a command, answered with a line: `counts`; `release`, which has all idle connections give back what memory
/// they can.
pub(crate) fn run(adapter: Adapter, backends: &[Backend]) -> Result<(), Failure> {
    let ways: Vec<_> = core::iter::once(Way::PLAIN)
        .chain(backends.iter().map(|&backend| Way { backend: Some(backend), takeover: true }))
        .collect();
    let release = match adapter {
        Adapter::Blocking => blocking::start(&ways)?,
        Adapter::Tokio => tokio_server::start(&ways)?,
    };
    for line in io::stdin().lock().lines() {
        match line?.as_str() {
            "counts" => println!("{}", counts::shown()),
            "release" => {
                release();
                println!("done");
            }
            other => return Err(format!("no such command: {other}").into()),
        }
    }
    Ok(())
}
