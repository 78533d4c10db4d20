//! The plots of a report: which there are, and which rows each shows.

mod axis;
pub mod canvas;
pub mod draw;
mod labels;
mod scene;
pub mod style;

use std::collections::BTreeSet;

use crate::report::json::{Report, Row};
use crate::section::Section;

/// A picture of some rows.
pub struct Plot<'a> {
    /// What it shows, unique in the report.
    pub title: String,
    /// The section that its rows are of.
    pub section: Section,
    /// How it is drawn.
    pub kind: Kind,
    /// Rows with their places in the report.
    pub rows: Vec<(usize, &'a Row)>,
    /// Whether it is worth a look at first; the others are folded away.
    pub featured: bool,
}

/// How rows are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Speed by size of a message, a line a contender.
    Sizes,
    /// Time or memory, a line of the picture a contender.
    Bars,
    /// Ratio against time, a mark a contender, with the front.
    Ratio,
    /// Ratio against the memory of a context, with the front.
    Memory,
    /// Memory by window, a line a contender.
    Windows,
}

/// All plots, section by section. Every row is in at least one of them.
pub fn plots(report: &Report) -> Vec<Plot<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut place = 0;
    for rows in report.rows.chunk_by(|a, b| (a.section, &a.workload) == (b.section, &b.workload)) {
        let rows: Vec<(usize, &Row)> = rows.iter().enumerate().map(|(at, row)| (place + at, row)).collect();
        place += rows.len();
        let (section, family) = (rows[0].1.section, Family::of(rows[0].1));
        match groups.iter_mut().find(|group| group.section == section && group.family == family) {
            Some(group) => group.workloads.push(rows),
            None => groups.push(Group { section, family, workloads: vec![rows] }),
        }
    }
    let mut plots: Vec<Plot<'_>> = groups.into_iter().flat_map(Group::plots).collect();
    // Lines and fronts say more at a glance.
    plots.sort_by_key(|plot| (plot.section as u8, plot.kind == Kind::Bars, plot.kind == Kind::Windows));
    plots
}

/// Workloads that differ in the size of their messages, or in the window, and nothing else.
struct Group<'a> {
    section: Section,
    family: Family,
    workloads: Vec<Vec<(usize, &'a Row)>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Family {
    Sizes(String),
    Windows(String),
    Compress(String),
    Alone(String),
}

impl Family {
    fn of(row: &Row) -> Self {
        let workload = row.workload.as_str();
        match row.section {
            Section::Mask => mask(workload),
            Section::Frame => frame(workload),
            Section::Deflate => deflate(workload),
            Section::Echo => echo(workload),
            Section::Broadcast => Family::Alone(format!("broadcast {workload}")),
            Section::Stream => Family::Alone(format!("stream {workload}")),
        }
    }
}

/// By the size, which stands after the transport. How many messages are in flight depends on it, if it is not one.
fn echo(workload: &str) -> Family {
    let mut parts = workload.splitn(4, ", ");
    let (transport, _, flight) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    let flight = if flight == "1 in flight" { flight } else { "several in flight" };
    let rest = parts.next().map_or(String::new(), |rest| format!(", {rest}"));
    Family::Sizes(format!("echo, {}, {flight}{rest}", transport.unwrap_or_default()))
}

fn mask(workload: &str) -> Family {
    let task = without_size(workload);
    match task {
        Some(task) => {
            Family::Sizes(if task.is_empty() { "mask in place".to_owned() } else { mask_task(task) })
        }
        None => Family::Alone(format!("mask {workload}")),
    }
}

fn mask_task(task: &str) -> String {
    if task == "copying" { "mask while copying".to_owned() } else { task.to_owned() }
}

/// What a name says before a size at its end, as in `copying, 64 KiB`.
fn without_size(name: &str) -> Option<&str> {
    let rest = ["MiB", "KiB", "B"].iter().find_map(|unit| name.strip_suffix(unit))?.strip_suffix(' ')?;
    let task = rest.trim_end_matches(|letter: char| letter.is_ascii_digit());
    (task.len() < rest.len() && !name.contains("mixed")).then(|| task.trim_end_matches([' ', ',']))
}

/// Text by its size, whatever it says; the rest by itself.
fn frame(workload: &str) -> Family {
    let (task, kind) = match workload.strip_prefix("headers of ") {
        Some(kind) => ("headers", kind),
        None => workload.split_once(' ').unwrap_or((workload, "")),
    };
    let (kind, ending) = kind.split_once(", ").unwrap_or((kind, ""));
    let is_text = ["text ", "ticker", "order book", "state "].iter().any(|start| kind.starts_with(start));
    if is_text {
        let ending = if ending.is_empty() { String::new() } else { format!(", {ending}") };
        Family::Sizes(format!("{task} text{ending}"))
    } else {
        Family::Alone(workload.to_owned())
    }
}

fn deflate(workload: &str) -> Family {
    let mut parts = workload.splitn(2, ", ");
    let (first, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_plain = ["takeover", "no takeover"].contains(&rest);
    match first.split_once(' ') {
        None if first == "memory" => match window(rest) {
            Some((before, after)) => Family::Windows(format!("memory, {before}, {after}")),
            None => Family::Alone(workload.to_owned()),
        },
        Some(("compress", _)) if is_plain => Family::Compress(workload.to_owned()),
        // Stored blocks are copied: no speed to put beside the others'.
        Some(("inflate", kind)) if is_plain && kind != "random" => Family::Sizes(format!("inflate, {rest}")),
        _ => Family::Alone(workload.to_owned()),
    }
}

/// What is before and after the window in `compress, 9 bits, takeover, busy`.
fn window(name: &str) -> Option<(&str, &str)> {
    let (before, rest) = name.split_once(", ")?;
    let (bits, after) = rest.split_once(" bits, ")?;
    (bits.parse::<u8>().is_ok() && before != "both directions").then_some((before, after))
}

/// The window of a row of memory, in bits.
pub fn window_bits(row: &Row) -> Option<f64> {
    row.workload.split(", ").find_map(|part| part.strip_suffix(" bits")).and_then(|bits| bits.parse().ok())
}

/// The mean size of a row's messages, in bytes.
pub fn mean_size(row: &Row) -> f64 {
    row.bytes as f64 / row.messages as f64
}

impl<'a> Group<'a> {
    fn plots(self) -> Vec<Plot<'a>> {
        let enough = self.points() >= 3;
        match self.family.clone() {
            Family::Sizes(title) if enough => self.by_size(&title),
            Family::Windows(title) if enough => {
                let featured = title.ends_with(", takeover, busy");
                vec![self.whole(title, Kind::Windows, featured)]
            }
            Family::Compress(_) => self.of_compressors(),
            Family::Sizes(title) if self.workloads.len() == 1 => vec![self.whole(title, Kind::Bars, true)],
            _ => self.one_by_one(),
        }
    }

    /// How many different places there are on the axis.
    fn points(&self) -> usize {
        let place = |rows: &Vec<(usize, &Row)>| match self.family {
            Family::Windows(_) => window_bits(rows[0].1).unwrap_or_default() as u64,
            _ => mean_size(rows[0].1) as u64,
        };
        self.workloads.iter().map(place).collect::<BTreeSet<_>>().len()
    }

    /// One plot, and another of ours by instruction set where those are measured.
    fn by_size(self, title: &str) -> Vec<Plot<'a>> {
        let featured = !title.ends_with("64 KiB reads");
        let whole = self.whole(title.to_owned(), Kind::Sizes, featured);
        let is_forced = |row: &Row| row.contender.starts_with("wscodec (") && row.section == Section::Mask;
        let (forced, plain): (Vec<_>, Vec<_>) = whole.rows.iter().partition(|(_, row)| is_forced(row));
        if forced.len() <= plain.len() / 2 {
            return vec![whole];
        }
        vec![
            Plot { rows: plain, ..whole },
            Plot {
                title: format!("{title}, variants of ours"),
                section: self.section,
                kind: Kind::Sizes,
                rows: forced,
                featured: false,
            },
        ]
    }

    fn of_compressors(self) -> Vec<Plot<'a>> {
        let mut plots = Vec::new();
        for rows in self.workloads {
            let workload = rows[0].1.workload.clone();
            // What compresses little says little: shown, but not first.
            let featured = !["random", "protobuf"].iter().any(|kind| workload.contains(kind));
            let of = |kind, title: String, featured, rows| Plot {
                title,
                section: self.section,
                kind,
                rows,
                featured,
            };
            let held: Vec<_> = rows.iter().copied().filter(|(_, row)| row.memory.is_some()).collect();
            let ratio = rows.iter().all(|(_, row)| row.ratio.is_some());
            let kind = if ratio { Kind::Ratio } else { Kind::Bars };
            plots.push(of(kind, workload.clone(), featured, rows));
            if held.len() > 2 && ratio {
                let featured = workload.contains("ticker");
                plots.push(of(Kind::Memory, format!("{workload}: memory"), featured, held));
            }
        }
        plots
    }

    fn whole(&self, title: String, kind: Kind, featured: bool) -> Plot<'a> {
        Plot { title, section: self.section, kind, rows: self.workloads.concat(), featured }
    }

    fn one_by_one(self) -> Vec<Plot<'a>> {
        let (section, family) = (self.section, self.family);
        let of_mask = section == Section::Mask;
        let plot = |rows: Vec<(usize, &'a Row)>| {
            let workload = &rows[0].1.workload;
            let featured = !workload.contains("64 KiB reads") && !workload.contains("layers");
            let title = match family {
                Family::Alone(ref title) if of_mask => title.clone(),
                _ => workload.clone(),
            };
            Plot { title, section, kind: Kind::Bars, rows, featured: featured && section != Section::Frame }
        };
        self.workloads.into_iter().map(plot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::row;
    use super::*;

    #[test]
    fn a_size_at_the_end_is_found() {
        assert_eq!(
            ["16 B", "copying, 64 KiB", "unmask and validate, ASCII 1 MiB"].map(without_size),
            [Some(""), Some("copying"), Some("unmask and validate, ASCII")]
        );
        for name in ["0-125 mixed, 16 KiB reads", "16-125 B mixed", "state", "KiB", " B"] {
            assert_eq!(without_size(name), None, "{name}");
        }
    }

    #[test]
    fn rows_that_differ_in_size_are_one_plot() {
        let of = |workload: &str, section| Family::of(&Row { section, ..row(workload, "wscodec", 1.0) });
        assert_eq!(
            of("decode text 32 B, 16 KiB reads", Section::Frame),
            of("decode ticker, 16 KiB reads", Section::Frame)
        );
        assert_ne!(
            of("decode text 32 B, 16 KiB reads", Section::Frame),
            of("decode text 32 B, 64 KiB reads", Section::Frame)
        );
        assert_ne!(of("encode ticker, client", Section::Frame), of("encode ticker, server", Section::Frame));
        assert_eq!(
            of("inflate ticker, takeover", Section::Deflate),
            of("inflate mine, takeover", Section::Deflate)
        );
        assert_eq!(
            of("inflate ticker, takeover, layers", Section::Deflate),
            Family::Alone("inflate ticker, takeover, layers".to_owned())
        );
        assert_eq!(
            of("memory, inflate, 9 bits, takeover, idle", Section::Deflate),
            of("memory, inflate, 15 bits, takeover, idle", Section::Deflate)
        );
    }
}
