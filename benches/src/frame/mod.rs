//! Framing: bytes to messages, messages to bytes, and headers alone.

mod decode;
mod encode;
mod feed;
mod header;
mod oracle;
mod wire;

use crate::cli::Request;
use crate::input::{self, Messages};
use crate::workload::Workload;

const KIB: usize = 1 << 10;

/// Decoding first, then encoding, then headers.
pub fn workloads(request: &Request) -> Vec<Box<dyn Workload>> {
    let mut workloads: Vec<Box<dyn Workload>> = Vec::new();
    let sized = if request.own_messages { Vec::new() } else { input::sized_texts(request.size) };
    let all: Vec<&Messages> = sized.iter().chain(&request.messages).collect();
    for messages in &all {
        workloads.push(decode::workload(messages, 16 * KIB));
    }
    for messages in all.iter().filter(|messages| messages.mean() < 4 * KIB) {
        workloads.push(decode::workload(messages, 64 * KIB));
    }
    for role in [encode::Side::Client, encode::Side::Server] {
        workloads.extend(all.iter().map(|messages| encode::workload(messages, role)));
    }
    workloads.extend(
        all.iter().filter(|messages| messages.mean() < KIB).map(|messages| header::workload(messages)),
    );
    workloads
}
