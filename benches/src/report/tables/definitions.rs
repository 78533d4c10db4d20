//! What the README's tables show: chosen rows, and why we are behind where we are.

use crate::section::Section;

/// A line of the table of masking and framing: one of ours against the fastest other crate.
pub struct Work {
    pub section: Section,
    pub workload: &'static str,
    pub ours: &'static str,
    pub name: &'static str,
    /// Said where we are behind.
    pub why: Option<Why>,
}

/// A line of the table of DEFLATE: some of our backends against plain C zlib.
pub struct Deflate {
    pub workload: &'static str,
    pub zlib: &'static str,
    pub ours: &'static [&'static str],
    /// Said where the best of ours is behind.
    pub why: Option<Why>,
}

/// Why we are behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    OneLength,
    OneCall,
    BothForms,
    LargeReads,
    Many,
    Ratio,
    Contexts,
    Shared,
    SameEngine,
}

impl Why {
    /// A sentence or two.
    pub fn text(self) -> &'static str {
        match self {
            Self::OneLength => {
                "one length for ever is what a branch predictor learns, and then the plainest loop wins. Ours has no \
                 branch on the length: that costs a little here, and gains two- and threefold where lengths vary."
            }
            Self::OneCall => {
                "`encode_frame`, a frame a call into a slice of the caller's, takes 2 to 12 ns more than to append it, which \
                 `wscodec` does, and than `encode_messages` for 64 a call. Both are ahead."
            }
            Self::BothForms => {
                "lengths there lie on both sides of 126 bytes, and which form comes next can't be learnt: mispredicted branches \
                 are most of the time of both. Where one form comes again and again, ours takes 0.5 to 0.8 of soketto's time."
            }
            Self::LargeReads => {
                "of a read of 64 KiB the first bytes have left the nearest cache when they are looked at. tokio-websockets reads \
                 as much as the message under way still needs, whatever there is: nearer, and more reads, which cost nothing \
                 in memory. Over TCP large ones win."
            }
            Self::Many => {
                "contexts are out of the cache when their turn comes, and the time is zlib-rs's own."
            }
            Self::Ratio => {
                "none of these has 97 % of zlib's ratio: zlib-rs's level 6 searches less than zlib's, which shows where \
                 the window holds few messages. Level 1 takes a fraction of the time."
            }
            Self::Contexts => {
                "the engines below our backends have larger contexts than zlib's; a smaller window helps."
            }
            Self::Shared => {
                "a server that owns its messages sends back the very bytes that it read, by one vectored write. Ours lends \
                 messages, and copies all but the last of a read into one output: for short ones that is what makes it fast, \
                 for long ones a pass over the memory more."
            }
            Self::SameEngine => {
                "sockudo-ws and yawc run on zlib-rs, the engine below our backend; what differs is how a layer feeds it."
            }
        }
    }
}

/// Why a task has workloads in which we are behind.
pub const TASKS: &[(&str, &[Why])] = &[
    ("mask in place", &[Why::OneLength]),
    ("encode, client (`wscodec`)", &[Why::OneLength, Why::OneCall]),
    ("encode, client (`wscodec-kernel`)", &[Why::OneLength, Why::OneCall]),
    ("encode, server (`wscodec`)", &[Why::OneLength, Why::OneCall]),
    ("encode, server (`wscodec-kernel`)", &[Why::OneLength, Why::OneCall]),
    ("decode (`wscodec`)", &[Why::LargeReads]),
    ("decode (`wscodec-kernel`)", &[Why::LargeReads]),
    ("headers (`wscodec`)", &[Why::BothForms]),
    ("compress, no takeover", &[Why::SameEngine]),
    ("compress, takeover", &[Why::SameEngine]),
    ("inflate, takeover, 1,024 connections", &[Why::Many]),
    ("memory, compress, takeover", &[Why::Contexts]),
    ("echo, memory", &[Why::Shared]),
    ("echo, TCP", &[Why::Shared]),
    ("echo, memory, compressed", &[Why::SameEngine]),
    ("echo, TCP, compressed", &[Why::SameEngine]),
];

const fn work(
    section: Section,
    workload: &'static str,
    ours: &'static str,
    name: &'static str,
    why: Option<Why>,
) -> Work {
    Work { section, workload, ours, name, why }
}

use Section::{Frame, Mask};

pub const WORK: &[Work] = &[
    work(Mask, "0-125 mixed, 16 KiB reads", "wscodec", "mask in place, 0 to 125 B mixed", None),
    work(Mask, "16 B-1 KiB mixed, 16 KiB reads", "wscodec", "mask in place, 16 B to 1 KiB mixed", None),
    work(Mask, "16 B", "wscodec", "mask in place, 16 B always", Some(Why::OneLength)),
    work(Mask, "256 B", "wscodec", "mask in place, 256 B always", Some(Why::OneLength)),
    work(Mask, "16 KiB", "wscodec", "mask in place, 16 KiB", None),
    work(Frame, "decode text 32 B, 16 KiB reads", KERNEL, "decode a read: text of 32 B", None),
    work(Frame, "decode text 32 B, 16 KiB reads", "wscodec", SAME, None),
    work(Frame, "decode text 0-125 B mixed, 16 KiB reads", KERNEL, "decode a read: text of 0 to 125 B", None),
    work(Frame, "decode text 0-125 B mixed, 16 KiB reads", "wscodec", SAME, None),
    work(
        Frame,
        "decode multilingual 32 B, 16 KiB reads",
        KERNEL,
        "decode a read: multilingual text of 32 B",
        None,
    ),
    work(Frame, "decode text 1 KiB, 16 KiB reads", KERNEL, "decode a read: text of 1 KiB", None),
    work(Frame, "decode text 16 KiB, 16 KiB reads", KERNEL, "decode a read: text of 16 KiB", None),
    work(Frame, "decode text 16 KiB, 16 KiB reads", "wscodec", SAME, None),
    work(Frame, "headers of text 0-125 B mixed", "wscodec", "headers alone", None),
    work(
        Frame,
        "encode text 1-125 B mixed, client",
        "wscodec-kernel (batch)",
        "encode as a client, 64 messages a call, 1 to 125 B",
        None,
    ),
    work(
        Frame,
        "encode text 1-125 B mixed, client",
        "wscodec",
        "encode as a client, message by message, 1 to 125 B",
        None,
    ),
    work(Frame, "encode text 16 B, client", "wscodec", "encode as a client, 16 B always", Some(Why::OneCall)),
    work(
        Frame,
        "encode text 125 B, server",
        "wscodec",
        "encode as a server, 125 B always",
        Some(Why::OneLength),
    ),
    work(Frame, "encode text 1 KiB, client", "wscodec", "encode as a client, 1 KiB", Some(Why::OneCall)),
];

const KERNEL: &str = "wscodec-kernel";
const SAME: &str = "the same, message by message";

const fn deflate(
    workload: &'static str,
    zlib: &'static str,
    ours: &'static [&'static str],
    why: Option<Why>,
) -> Deflate {
    Deflate { workload, zlib, ours, why }
}

pub const DEFLATE: &[Deflate] = &[
    deflate("compress ticker, no takeover", "zlib 6", &["hybrid 6", "zlib-rs 6", "flate2 6"], None),
    deflate("compress ticker, takeover", "zlib 6", &["hybrid 1", "hybrid 6", "zlib-rs 6", "flate2 6"], None),
    deflate(
        "compress ticker, takeover, 1,024 connections",
        "zlib 6",
        &["compact 2", "compact 6", "zlib-rs 6", "flate2 6"],
        Some(Why::Ratio),
    ),
    deflate("compress state 64 KB, no takeover", "zlib 6", &["hybrid 6", "zlib-rs 6", "flate2 6"], None),
    deflate("inflate ticker, no takeover", "zlib", &["hybrid", "zlib-rs", "flate2"], None),
    deflate("inflate ticker, takeover", "zlib", &["hybrid", "flate2"], None),
    deflate(
        "inflate ticker, takeover, 1,024 connections",
        "zlib",
        &["hybrid", "zlib-rs", "flate2"],
        Some(Why::Many),
    ),
    deflate("inflate state 64 KB, takeover", "zlib", &["hybrid", "zlib-rs", "flate2"], None),
    deflate("inflate state 64 KB, no takeover", "zlib", &["hybrid", "zlib-rs", "flate2"], None),
    deflate("inflate random, no takeover", "zlib", &["hybrid", "zlib-rs", "flate2"], None),
];
