//! Framing: bytes to messages, messages to bytes, and headers alone.

mod decode;
mod encode;
mod feed;
mod header;
mod oracle;
mod wire;

use crate::cli::Request;
use crate::input::{self, Messages, Size};
use crate::workload::Workload;

const KIB: usize = 1 << 10;

/// Decoding first, then encoding, then headers.
pub fn workloads(request: &Request) -> Vec<Box<dyn Workload>> {
    let mut workloads: Vec<Box<dyn Workload>> = Vec::new();
    let sized = |texts: fn(Size) -> Vec<Messages>| {
        let generated = if request.own_messages { Vec::new() } else { texts(request.size) };
        generated.into_iter().chain(request.messages.iter().cloned()).collect::<Vec<_>>()
    };
    let (to_decode, to_encode) = (sized(input::texts_to_decode), sized(input::texts_to_encode));
    for read in [16 * KIB, 64 * KIB] {
        workloads.extend(to_decode.iter().map(|messages| decode::workload(messages, read)));
    }
    for side in [encode::Side::Client, encode::Side::Server] {
        workloads.extend(to_encode.iter().map(|messages| encode::workload(messages, side)));
    }
    workloads.extend(to_decode.iter().filter(|messages| messages.mean() < KIB).map(header::workload));
    workloads
}
