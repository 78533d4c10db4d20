//! What the kernel and the codec on top of it are held to: each bar is a ratio of times over some workloads.
//!
//! This is data. A ratio is the other's time over ours, so more is better, and 1 is a draw.

use crate::section::Section::{self, Broadcast, Frame, Mask, Stream};

/// A bar.
#[derive(Clone, Debug)]
pub struct Bar {
    pub name: String,
    /// Where the workloads are.
    pub section: Section,
    /// The figure is the geometric mean over these.
    pub workloads: Vec<String>,
    pub ours: Ours,
    pub against: Against,
    /// The figure must not be less.
    pub floor: Option<f64>,
    /// No single workload's ratio may be less, or the bar counts as below its floor.
    pub least_single: Option<f64>,
    pub aim: Option<Aim>,
}

/// Which of our contenders is held to a bar.
#[derive(Clone, Debug, PartialEq)]
pub enum Ours {
    /// This one.
    One(String),
    /// In each workload the fastest whose ratio is at least this part of the other's; any, if there is no such part.
    Best { least_ratio: Option<f64> },
}

/// Whose time is divided by ours.
#[derive(Clone, Copy, Debug)]
pub enum Against {
    /// One contender.
    One(&'static str),
    /// The fastest of the competitors' crates in each workload, but for these.
    FastestRivalBut(&'static [&'static str]),
    /// One contender, and so many nanoseconds more.
    OneAnd(&'static str, f64),
    /// Nobody's: this figure.
    Limit(f64),
}

/// What is better than good enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// The figure is at least this.
    Figure(f64),
    /// Every single workload's ratio is at least 1.
    NoLoss,
}

/// All of them but those of the levels.
pub fn bars() -> Vec<Bar> {
    let mut bars = masking();
    bars.extend(text());
    bars.extend(headers());
    bars.extend(pipeline());
    bars.extend(encoding());
    bars.extend(facade());
    bars.extend(broadcasts());
    bars.extend(streams());
    bars
}

/// That the level of this name, forced, does not lose to fastwebsockets' masking call at any size.
pub fn of_level(level: &str) -> Bar {
    // Where both wait for memory they are equal, and half of the runs show either ahead: 3 % are no loss.
    let bar = bar(&format!("mask in place, {level} forced: fastwebsockets"), Mask, FASTWEBSOCKETS, IN_PLACE);
    Bar {
        ours: Ours::One(format!("wscodec ({level})")),
        least_single: Some(0.97),
        aim: Some(Aim::NoLoss),
        ..bar
    }
}

const FASTWEBSOCKETS: Against = Against::One("fastwebsockets");
const FASTEST_RIVAL: Against = Against::FastestRivalBut(&[]);
/// Of the masking calls that a crate's documentation shows: fastwebsockets' and sockudo-ws's. yawc hides its own, which
/// is public all the same and has its row.
const FASTEST_DOCUMENTED: Against = Against::FastestRivalBut(&["yawc"]);
/// Of those whose mask keys nobody can predict (RFC 6455 section 10.3).
const FASTEST_UNPREDICTABLE: Against = Against::FastestRivalBut(&["sockudo-ws"]);
const MASK_THEN_SIMDUTF8: Against = Against::One("wscodec (mask, then simdutf8)");
const MEMCPY_THEN_MASK: Against = Against::One("wscodec (memcpy, then mask)");

fn bar(name: &str, section: Section, against: Against, workloads: &[&'static str]) -> Bar {
    Bar {
        name: name.to_owned(),
        section,
        workloads: workloads.iter().map(|&workload| workload.to_owned()).collect(),
        ours: Ours::One("wscodec".to_owned()),
        against,
        floor: None,
        least_single: Some(0.9),
        aim: None,
    }
}

fn bar_of(
    name: &str,
    section: Section,
    against: Against,
    floor: f64,
    aim: f64,
    over: &[&'static str],
) -> Bar {
    Bar { floor: Some(floor), aim: Some(Aim::Figure(aim)), ..bar(name, section, against, over) }
}

/// A limit is not to be beaten, and a floor below 1 says how near is good enough at any size.
fn limit(bar: Bar) -> Bar {
    Bar { least_single: None, ..bar }
}

fn masking() -> Vec<Bar> {
    let xor = Against::One("xor with a constant");
    let memcpy = Against::One("memcpy");
    vec![
        bar_of(
            "mask in place, 0-125 B mixed: fastest documented call",
            Mask,
            FASTEST_DOCUMENTED,
            3.5,
            6.0,
            SHORT_IN_PLACE,
        ),
        limit(bar_of(
            "mask in place, 4 and 16 KiB: xor with a constant",
            Mask,
            xor,
            0.85,
            0.97,
            LONG_IN_PLACE,
        )),
        limit(bar_of("mask while copying, 125 B-16 KiB: memcpy", Mask, memcpy, 0.75, 0.95, COPYING)),
        Bar {
            floor: Some(1.5),
            ..bar("mask while copying, 8 B-16 MiB: memcpy, then mask", Mask, MEMCPY_THEN_MASK, COPYING_ANY)
        },
        Bar {
            aim: Some(Aim::NoLoss),
            ..limit(bar("mask while copying, up to 64 B: memcpy", Mask, memcpy, COPYING_SHORT))
        },
    ]
}

fn text() -> Vec<Bar> {
    let name = |script| format!("unmask and validate, {script}: mask, then simdutf8");
    vec![
        bar_of(&name("ASCII 16 B-16 KiB"), Mask, MASK_THEN_SIMDUTF8, 1.5, 2.5, ASCII),
        Bar {
            floor: Some(1.4),
            aim: Some(Aim::NoLoss),
            ..bar(&name("multilingual 16 B-1 MiB"), Mask, MASK_THEN_SIMDUTF8, MULTILINGUAL)
        },
    ]
}

fn headers() -> Vec<Bar> {
    let tungstenite = Against::One("tungstenite");
    vec![
        Bar {
            floor: Some(3.0),
            ..bar(
                "headers, 0-125 B mixed: tungstenite",
                Frame,
                tungstenite,
                &["headers of text 0-125 B mixed"],
            )
        },
        bar_of("headers, equal: tungstenite", Frame, tungstenite, 3.0, 10.0, &["headers of text 32 B"]),
    ]
}

fn pipeline() -> Vec<Bar> {
    let bar = |messages: &str, floor, aim, over: [&'static str; 2]| Bar {
        ours: Ours::One("wscodec-kernel".to_owned()),
        ..bar_of(&format!("decode {messages}: fastest crate"), Frame, FASTEST_RIVAL, floor, aim, &over)
    };
    vec![
        bar("text 32 B", 5.0, 10.0, ["decode text 32 B, 16 KiB reads", "decode text 32 B, 64 KiB reads"]),
        bar(
            "text 0-125 B mixed",
            4.0,
            6.0,
            ["decode text 0-125 B mixed, 16 KiB reads", "decode text 0-125 B mixed, 64 KiB reads"],
        ),
        bar(
            "multilingual 32 B",
            9.0,
            17.0,
            ["decode multilingual 32 B, 16 KiB reads", "decode multilingual 32 B, 64 KiB reads"],
        ),
        bar("text 1 KiB", 1.5, 2.0, ["decode text 1 KiB, 16 KiB reads", "decode text 1 KiB, 64 KiB reads"]),
        bar(
            "text 16 KiB",
            1.0,
            1.2,
            ["decode text 16 KiB, 16 KiB reads", "decode text 16 KiB, 64 KiB reads"],
        ),
    ]
}

fn encoding() -> Vec<Bar> {
    let bar = |ours: &str, how, other, against, floor, aim| Bar {
        ours: Ours::One(ours.to_owned()),
        ..bar_of(
            &format!("client encode 1-125 B mixed, {how}: {other}"),
            Frame,
            against,
            floor,
            aim,
            &["encode text 1-125 B mixed, client"],
        )
    };
    let [single, batch] = ["wscodec-kernel", "wscodec-kernel (batch)"];
    let rival = "fastest crate with unpredictable keys";
    let sockudo = Against::One("sockudo-ws");
    vec![
        bar(batch, "64 a call", rival, FASTEST_UNPREDICTABLE, 5.0, 8.0),
        bar(batch, "64 a call", "sockudo-ws", sockudo, 1.5, 3.0),
        // Who has one frame only can't have the speed of many, but should not be behind those who do the same.
        bar(single, "a frame a call", rival, FASTEST_UNPREDICTABLE, 1.0, 5.0),
        bar(single, "a frame a call", "sockudo-ws", sockudo, 1.0, 1.5),
    ]
}

/// What the codec on top of the kernel costs. Both copy what was read to where they want it, as who reads from a socket into
/// their room does not.
fn facade() -> Vec<Bar> {
    let kernel = Against::One("wscodec-kernel");
    let bar = |messages: &str, most: f64, over: [&'static str; 2]| Bar {
        floor: Some(1.0 / most),
        ..limit(bar(&format!("decode {messages}: what wscodec costs over the kernel"), Frame, kernel, &over))
    };
    vec![
        bar("text 32 B", 1.3, ["decode text 32 B, 16 KiB reads", "decode text 32 B, 64 KiB reads"]),
        bar("text 1 KiB", 1.1, ["decode text 1 KiB, 16 KiB reads", "decode text 1 KiB, 64 KiB reads"]),
    ]
}

fn broadcasts() -> Vec<Bar> {
    let copying = Against::OneAnd("memcpy", 60.0);
    let each = Against::One("wscodec (each compresses)");
    vec![
        Bar {
            floor: Some(1.0),
            ..bar(
                "broadcast, no takeover: memcpy and 60 ns",
                Broadcast,
                copying,
                &["1 KB to 10000 connections, no takeover"],
            )
        },
        Bar {
            floor: Some(5.0),
            ..bar(
                "broadcast, takeover: compressing for each",
                Broadcast,
                each,
                &["1 KB to 256 connections, takeover"],
            )
        },
    ]
}

fn streams() -> Vec<Bar> {
    let memcpy = Against::One("memcpy");
    let bar = |workload| Bar {
        floor: Some(0.7),
        ..limit(bar(&format!("stream {workload}: memcpy"), Stream, memcpy, &[workload]))
    };
    vec![bar("1 MiB in 4 KiB, server"), bar("1 MiB in 4 KiB, client")]
}

const SHORT_IN_PLACE: &[&str] = &["0-125 mixed, 16 KiB reads", "0-125 mixed, 64 KiB reads"];
const LONG_IN_PLACE: &[&str] = &["4 KiB", "16 KiB"];
const IN_PLACE: &[&str] = &[
    "0-125 mixed, 16 KiB reads",
    "0-125 mixed, 64 KiB reads",
    "16 B-1 KiB mixed, 16 KiB reads",
    "16 B-1 KiB mixed, 64 KiB reads",
    "8 B",
    "16 B",
    "64 B",
    "125 B",
    "256 B",
    "1 KiB",
    "4 KiB",
    "16 KiB",
    "64 KiB",
    "1 MiB",
];
const COPYING: &[&str] = &[
    "copying, 125 B",
    "copying, 256 B",
    "copying, 1 KiB",
    "copying, 4 KiB",
    "copying, 16 KiB",
    "copying, 125 B-16 KiB mixed, 64 KiB reads",
];
const COPYING_SHORT: &[&str] =
    &["copying, 8 B", "copying, 16 B", "copying, 64 B", "copying, 0-64 mixed, 16 KiB reads"];
const COPYING_ANY: &[&str] = &[
    "copying, 8 B",
    "copying, 16 B",
    "copying, 64 B",
    "copying, 125 B",
    "copying, 256 B",
    "copying, 1 KiB",
    "copying, 4 KiB",
    "copying, 16 KiB",
    "copying, 64 KiB",
    "copying, 1 MiB",
    "copying, 16 MiB",
    "copying, 16 B-1 KiB mixed, 16 KiB reads",
    "copying, 16 B-1 KiB mixed, 64 KiB reads",
    "copying, 125 B-16 KiB mixed, 64 KiB reads",
];
const ASCII: &[&str] = &[
    "unmask and validate, ASCII 16 B",
    "unmask and validate, ASCII 32 B",
    "unmask and validate, ASCII 64 B",
    "unmask and validate, ASCII 125 B",
    "unmask and validate, ASCII 1 KiB",
    "unmask and validate, ASCII 4 KiB",
    "unmask and validate, ASCII 16 KiB",
    "unmask and validate, ASCII 16-125 B mixed, 16 KiB reads",
    "unmask and validate, ASCII 16-125 B mixed, 64 KiB reads",
    "unmask and validate, ASCII 16 B-1 KiB mixed, 64 KiB reads",
];
const MULTILINGUAL: &[&str] = &[
    "unmask and validate, multilingual 16 B",
    "unmask and validate, multilingual 32 B",
    "unmask and validate, multilingual 64 B",
    "unmask and validate, multilingual 125 B",
    "unmask and validate, multilingual 1 KiB",
    "unmask and validate, multilingual 16 KiB",
    "unmask and validate, multilingual 64 KiB",
    "unmask and validate, multilingual 1 MiB",
    "unmask and validate, multilingual 16-125 B mixed, 16 KiB reads",
    "unmask and validate, multilingual 16-125 B mixed, 64 KiB reads",
    "unmask and validate, multilingual 16 B-1 KiB mixed, 64 KiB reads",
];
