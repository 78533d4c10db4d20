//! permessage-deflate: compress and inflate messages, with and without context takeover.

mod bare;
mod codec;
mod compress;
mod copies;
mod engines;
pub mod heap;
mod inflate;
pub mod kinds;
pub mod memory;
pub mod rivals;
mod turns;
mod zlib;

pub use engines::{NAMES, check as check_engines};

use kinds::Class;
use rivals::Rival;

use crate::cli::Request;
use crate::input::Messages;
use crate::workload::Workload;

/// Bytes of messages of a kind, of which there is less here than elsewhere: DEFLATE is slower than framing by far.
const FULL: usize = 256 << 10;
/// The same with `--quick`.
const QUICK: usize = 64 << 10;
/// The same where layers are compared: few, so that there are many rounds, and twice what a window holds.
const LAYERS: usize = 64 << 10;

/// For each kind of message: compress, then inflate; without takeover, then with. For small ones also in many connections
/// in turn, and what our layers cost.
pub fn workloads(request: &Request, rivals: &[Rival]) -> Vec<Box<dyn Workload>> {
    let bytes = if request.quick { QUICK } else { FULL };
    let backends = &request.backends;
    let mut workloads: Vec<Box<dyn Workload>> = Vec::new();
    let whole = request.messages.iter().cloned();
    for messages in whole.chain(request.corpora.iter().flat_map(kinds::classes)) {
        let messages = messages.middle(bytes);
        let class = Class::of(&messages.name);
        let levels = match class {
            Some(Class::Small) => codec::SMALL_LEVELS,
            Some(Class::Large) => codec::LARGE_LEVELS,
            None => codec::LEVELS,
        };
        for takeover in [false, true] {
            workloads.push(Box::new(compress::Compress::new(&messages, takeover, backends, levels, rivals)));
            workloads.push(Box::new(inflate::Inflate::new(&messages, takeover, backends, rivals)));
        }
        if class == Some(Class::Small) {
            workloads.push(Box::new(turns::compress(&messages, backends)));
            workloads.push(Box::new(turns::inflate(&messages, backends)));
            let few = messages.middle(LAYERS);
            for takeover in [false, true] {
                workloads.push(Box::new(compress::Compress::layers(&few, takeover, backends)));
                workloads.push(Box::new(inflate::Inflate::layers(&few, takeover, backends)));
            }
        }
    }
    // With `--backend` there may be nobody in some.
    workloads.retain(|workload| !workload.contenders().is_empty());
    workloads
}

/// A workload's name, and the contexts' in it.
fn name(task: &str, messages: &Messages, takeover: bool) -> String {
    format!("{task} {}, {}", messages.name, if takeover { "takeover" } else { "no takeover" })
}

/// The name of one where layers are compared.
fn layer_name(task: &str, messages: &Messages, takeover: bool) -> String {
    format!("{}, layers", name(task, messages, takeover))
}
