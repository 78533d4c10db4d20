//! The parts of a comparison.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::cli::Request;
use crate::deflate::rivals::Rival;
use crate::workload::Workload;
use crate::{broadcast, deflate, echo, frame, mask, stream};

/// One part of the comparison, chosen by `--section`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// Masking in place, payload after payload in a read.
    Mask,
    /// Messages out of reads, messages into frames, headers alone.
    Frame,
    /// permessage-deflate: compress and inflate, by backend, level and takeover.
    Deflate,
    /// Messages to a server and back, in memory and over TCP, plain and compressed.
    Echo,
    /// One message to many connections.
    Broadcast,
    /// A long message in parts.
    Stream,
}

impl Section {
    /// The workloads of the section for what was asked, in the order of the report. The rivals are those of DEFLATE that
    /// need a program of their own.
    pub fn workloads(self, request: &Request, rivals: &[Rival]) -> Vec<Box<dyn Workload>> {
        match self {
            Self::Mask => mask::workloads(request),
            Self::Frame => frame::workloads(request),
            Self::Deflate => deflate::workloads(request, rivals),
            Self::Echo => echo::workloads(request, rivals),
            Self::Broadcast => broadcast::workloads(request),
            Self::Stream => stream::workloads(),
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Mask => "mask",
            Self::Frame => "frame",
            Self::Deflate => "deflate",
            Self::Echo => "echo",
            Self::Broadcast => "broadcast",
            Self::Stream => "stream",
        };
        f.pad(name)
    }
}
