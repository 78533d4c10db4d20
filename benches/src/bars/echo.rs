//! What whole conversations are held to: ahead of every other crate in memory, behind none over TCP, where the system's part is
//! the largest.

use super::definitions::{Against, Bar, Ours};
use crate::echo::{self, Talk};
use crate::section::Section;

/// The bars of a full run.
pub fn bars() -> Vec<Bar> {
    let all = echo::talks();
    let bar = |name: &str, floor, of: fn(&Talk) -> bool| {
        let workloads: Vec<String> = all.iter().filter(|talk| of(talk)).map(Talk::name).collect();
        let compressed = name.contains("compressed");
        Bar {
            name: format!("echo {name}: fastest crate"),
            section: Section::Echo,
            workloads,
            ours: if compressed { Ours::Best { least_ratio: None } } else { Ours::One("wscodec".to_owned()) },
            against: Against::FastestRivalBut(&[]),
            floor: Some(floor),
            // Equal is not behind, and comes out either way.
            least_single: Some(0.95),
            aim: None,
        }
    };
    vec![
        bar("in memory, 16 and 125 B, 64 in flight", 2.0, |talk| {
            is_plain(talk, false) && talk.is_short() && talk.how.in_flight > 1
        }),
        bar("in memory, 16 and 125 B, 1 in flight", 2.0, |talk| {
            is_plain(talk, false) && talk.is_short() && talk.how.in_flight == 1
        }),
        bar("in memory, 1 KiB and more", 1.0, |talk| is_plain(talk, false) && !talk.is_short()),
        bar("in memory, compressed", 1.0, |talk| !talk.how.over_tcp && talk.how.compressed),
        bar("over TCP", 1.0, |talk| is_plain(talk, true)),
        bar("over TCP, compressed", 1.0, |talk| talk.how.over_tcp && talk.how.compressed),
    ]
}

fn is_plain(talk: &Talk, over_tcp: bool) -> bool {
    talk.how.over_tcp == over_tcp && !talk.how.compressed
}
