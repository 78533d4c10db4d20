//! permessage-deflate: compress and inflate messages, with and without context takeover.

mod codec;
mod compress;
mod engines;
mod inflate;
mod zlib;

pub use engines::{NAMES, check as check_engines};

use crate::cli::Request;
use crate::input::Messages;
use crate::workload::Workload;

/// Bytes of messages of a kind, of which there is less here than elsewhere: DEFLATE is slower than framing by far.
const FULL: usize = 256 << 10;
/// The same with `--quick`.
const QUICK: usize = 128 << 10;

/// For each kind of message: compress, then inflate; without takeover, then with.
pub fn workloads(request: &Request) -> Vec<Box<dyn Workload>> {
    let mut workloads: Vec<Box<dyn Workload>> = Vec::new();
    for messages in &request.messages {
        let messages = messages.clone().middle(if request.quick { QUICK } else { FULL });
        for takeover in [false, true] {
            workloads.push(Box::new(compress::Compress::new(&messages, takeover, &request.backends)));
            workloads.push(Box::new(inflate::Inflate::new(&messages, takeover, &request.backends)));
        }
    }
    workloads
}

/// A workload's name, and the contexts' in it.
fn name(task: &str, messages: &Messages, takeover: bool) -> String {
    format!("{task} {}, {}", messages.name, if takeover { "takeover" } else { "no takeover" })
}
