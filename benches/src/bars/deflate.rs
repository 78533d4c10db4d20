//! What permessage-deflate is held to: ratios of times and conditions on the size, for the generated messages of a class
//! together, and for those of each corpus.
//!
//! The bars are written down as parts of the other's time, and turned into what [`Bar`] knows: the other's time over ours.

use super::definitions::{Against, Aim, Bar, Ours};
use crate::deflate::kinds::Class;
use crate::deflate::memory;
use crate::report::json::Row;
use crate::section::Section;

/// The bars for what a report has, and the names of those about messages that its corpora don't have.
pub fn bars(rows: &[Row]) -> (Vec<Bar>, Vec<String>) {
    let kinds = kinds(rows);
    let (mut bars, mut lacking) = (Vec::new(), Vec::new());
    for rule in RULES {
        let of_class = kinds.iter().filter(|kind| Class::of(kind) == Some(rule.class));
        let (recorded, generated): (Vec<_>, Vec<_>) =
            of_class.partition(|kind| kind.ends_with(rule.class.name()));
        // All or none, where somebody chose workloads.
        if generated.len() == rule.class.generated().len() {
            bars.push(rule.bar(&format!("generated {}", rule.class.name()), &generated));
        }
        bars.extend(recorded.into_iter().map(|kind| rule.bar(kind, &[kind])));
        let corpora = kinds.iter().filter(|kind| is_corpus(kind));
        let lacks = corpora.filter(|corpus| !kinds.contains(&format!("{corpus} {}", rule.class.name())));
        lacking.extend(lacks.map(|corpus| format!("{}: not in {corpus}", rule.name(rule.class.name()))));
    }
    let small: Vec<&String> = kinds.iter().filter(|kind| Class::of(kind) == Some(Class::Small)).collect();
    let generated = Class::Small.generated();
    let count = small.iter().filter(|kind| generated.contains(&kind.as_str())).count();
    if !small.is_empty() && (count == 0 || count == generated.len()) {
        bars.extend(layers(&small));
    }
    bars.extend(memory(rows));
    (bars, lacking)
}

/// How many bars there are for a kind of each class, and besides.
#[cfg(test)]
pub fn count(small: usize, large: usize) -> usize {
    let of = |class| RULES.iter().filter(|rule| rule.class == class).count();
    of(Class::Small) * small + of(Class::Large) * large + LAYERS.len() + usize::from(small > 0)
}

/// Times that the best of ours has for one kind of message.
struct Rule {
    task: &'static str,
    /// What the names of its workloads end in.
    ending: &'static str,
    class: Class,
    /// The contender that ours is measured by.
    against: &'static str,
    /// What part of that one's ratio ours must have, and how that is said.
    ratio: Option<(f64, &'static str)>,
    /// The most of the other's time that is good enough, and the part that is wanted.
    floor: f64,
    aim: f64,
}

const RULES: &[Rule] = &[
    Rule {
        task: "compress",
        ending: "no takeover",
        class: Class::Small,
        against: "flate2 6",
        ratio: Some((0.99, "ratio within 1 %")),
        floor: 0.8,
        aim: 0.5,
    },
    Rule {
        task: "compress",
        ending: "no takeover",
        class: Class::Large,
        against: "flate2 6",
        ratio: Some((1.0, "ratio no worse")),
        floor: 0.5,
        aim: 0.4,
    },
    Rule {
        task: "compress",
        ending: "takeover",
        class: Class::Small,
        against: "zlib 6",
        ratio: Some((0.75, "ratio within 25 %")),
        floor: 0.2,
        aim: 0.1,
    },
    Rule {
        task: "compress",
        ending: "takeover, 1,024 connections",
        class: Class::Small,
        against: "zlib 6",
        ratio: Some((0.75, "ratio within 25 %")),
        floor: 0.4,
        aim: 0.25,
    },
    inflate("no takeover", Class::Small, 0.8, 0.5),
    inflate("takeover", Class::Small, 0.8, 0.5),
    inflate("no takeover", Class::Large, 0.5, 0.4),
    inflate("takeover", Class::Large, 0.5, 0.4),
];

const fn inflate(ending: &'static str, class: Class, floor: f64, aim: f64) -> Rule {
    Rule { task: "inflate", ending, class, against: "zlib", ratio: None, floor, aim }
}

impl Rule {
    fn name(&self, kind: &str) -> String {
        let condition = self.ratio.map_or(String::new(), |(_, words)| format!(", {words}"));
        format!("{} {kind}, {}{condition}: {}", self.task, self.ending, self.against)
    }

    fn bar(&self, messages: &str, kinds: &[&String]) -> Bar {
        Bar {
            name: self.name(messages),
            section: Section::Deflate,
            workloads: kinds.iter().map(|kind| format!("{} {kind}, {}", self.task, self.ending)).collect(),
            ours: Ours::Best { least_ratio: self.ratio.map(|(least, _)| least) },
            against: Against::One(self.against),
            floor: Some(1.0 / self.floor),
            least_single: None,
            aim: Some(Aim::Figure(1.0 / self.aim)),
        }
    }
}

/// What our backend, and our layer above it, may cost over the engine called directly: 5 % at most, 2 % is wanted.
const LAYERS: [(&str, &str, &str, &str); 12] = [
    ("compress", "no takeover", "zlib-rs 6", "zlib-rs 6 (bare)"),
    ("compress", "no takeover", "zlib-rs 6 (message)", "zlib-rs 6 (bare)"),
    ("compress", "no takeover", "zlib-rs 1", "zlib-rs 1 (bare)"),
    ("compress", "no takeover", "zlib-rs 1 (message)", "zlib-rs 1 (bare)"),
    ("compress", "takeover", "zlib-rs 6", "zlib-rs 6 (bare)"),
    ("compress", "takeover", "zlib-rs 6 (message)", "zlib-rs 6 (bare)"),
    ("compress", "takeover", "zlib-rs 1", "zlib-rs 1 (bare)"),
    ("compress", "takeover", "zlib-rs 1 (message)", "zlib-rs 1 (bare)"),
    ("inflate", "no takeover", "zlib-rs", "zlib-rs (bare)"),
    ("inflate", "no takeover", "zlib-rs (message)", "zlib-rs (bare)"),
    ("inflate", "takeover", "zlib-rs", "zlib-rs (bare)"),
    ("inflate", "takeover", "zlib-rs (message)", "zlib-rs (bare)"),
];

fn layers(small: &[&String]) -> impl Iterator<Item = Bar> {
    LAYERS.into_iter().map(|(task, takeover, ours, against)| Bar {
        name: format!("{task} small, {takeover}: what {ours} costs over the engine"),
        section: Section::Deflate,
        workloads: small.iter().map(|kind| format!("{task} {kind}, {takeover}, layers")).collect(),
        ours: Ours::One(ours.to_owned()),
        against: Against::One(against),
        floor: Some(1.0 / 1.05),
        least_single: None,
        aim: Some(Aim::Figure(1.0 / 1.02)),
    })
}

/// What a connection may hold that has its contexts from its thread: 1 KB is wanted.
fn memory(rows: &[Row]) -> impl Iterator<Item = Bar> {
    rows.iter().filter(|row| row.workload == memory::BOTH && row.ours).map(|row| Bar {
        name: format!("memory of a connection without takeover, {}: 1 KB", row.contender),
        section: Section::Deflate,
        workloads: vec![row.workload.clone()],
        ours: Ours::One(row.contender.clone()),
        against: Against::Limit(1_024.0),
        floor: None,
        least_single: None,
        aim: Some(Aim::Figure(1.0)),
    })
}

/// The kinds of messages that are compressed without takeover in a report, in its order.
fn kinds(rows: &[Row]) -> Vec<String> {
    let kind = |row: &Row| {
        let name = row.workload.strip_prefix("compress ")?.strip_suffix(", no takeover")?;
        (row.section == Section::Deflate).then(|| name.to_owned())
    };
    let mut kinds: Vec<String> = rows.iter().filter_map(kind).collect();
    kinds.dedup();
    kinds
}

/// Whether this is all of a corpus: no class of one, and nothing that is generated.
fn is_corpus(kind: &str) -> bool {
    Class::of(kind).is_none() && !["protobuf", "random"].contains(&kind)
}
