//! Wins, ties and losses of ours against the fastest other crate, workload by workload.

use std::cmp::Ordering::Equal;
use std::collections::BTreeSet;

use super::json::Row;
use super::table::{figure, ratio};
use super::verdict::{Verdict, factor, judge};
use crate::section::Section;

/// One of ours against the best other at a workload.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    /// Ours.
    pub ours: &'a Row,
    /// The fastest of other crates, plain C zlib among them.
    pub other: &'a Row,
}

/// The matches of one task.
pub struct Task<'a> {
    /// What is done, and by whom where ours are several.
    pub name: String,
    /// One for each workload, of compressors one for each level.
    pub matches: Vec<Match<'a>>,
}

impl Match<'_> {
    /// How it ended.
    pub fn verdict(&self) -> Verdict {
        judge(self.ours, self.other)
    }

    /// The other's time over ours.
    pub fn factor(&self) -> f64 {
        factor(self.ours, self.other)
    }
}

impl<'a> Task<'a> {
    /// How many ended so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.matches.iter().filter(|one| one.verdict() == verdict).count()
    }

    /// The match with the least factor.
    pub fn worst(&self) -> Option<&Match<'a>> {
        self.matches.iter().min_by(|a, b| a.factor().total_cmp(&b.factor()))
    }
}

/// All tasks that ours and others do, in the order of the report.
pub fn tasks(rows: &[Row]) -> Vec<Task<'_>> {
    let mut tasks: Vec<Task<'_>> = Vec::new();
    for of_workload in rows.chunk_by(|a, b| (a.section, &a.workload) == (b.section, &b.workload)) {
        for one in matches(of_workload) {
            let name = name(one.ours);
            match tasks.iter_mut().find(|task| task.name == name) {
                Some(task) => task.matches.push(one),
                None => tasks.push(Task { name, matches: vec![one] }),
            }
        }
    }
    tasks
}

/// What is counted together.
fn name(row: &Row) -> String {
    let verb = row.workload.split(' ').next().unwrap_or_default();
    let ending = |endings: &[&'static str]| {
        endings.iter().find(|ending| row.workload.contains(*ending)).copied().unwrap_or_default()
    };
    match row.section {
        Section::Mask if verb == "unmask" => "unmask and validate text".to_owned(),
        Section::Mask if verb == "copying," => "mask while copying".to_owned(),
        Section::Mask => format!("mask in place{}", ending(&[" mixed"]).replace(" mixed", ", mixed lengths")),
        Section::Frame => format!("{verb}{} (`{}`)", ending(&[", client", ", server"]), row.contender),
        Section::Deflate if verb == "memory," => {
            let task = row.workload.split(", ").nth(1).unwrap_or_default();
            format!("memory, {task}{}", ending(&[", no takeover", ", takeover"]))
        }
        Section::Deflate => {
            let many = ending(&[", 1,024 connections"]);
            format!("{verb}{}{many}", ending(&[", no takeover", ", takeover"]))
        }
        Section::Echo => format!("echo, {}{}", verb.trim_end_matches(','), ending(&[", compressed"])),
        Section::Broadcast | Section::Stream => row.section.to_string(),
    }
}

/// Ours against the best other at one workload.
pub fn matches(rows: &[Row]) -> Vec<Match<'_>> {
    let Some(first) = rows.first() else { return Vec::new() };
    let ours: Vec<&Row> = rows.iter().filter(|row| row.ours).collect();
    let others: Vec<&Row> = rows.iter().filter(|row| row.version.is_some()).collect();
    match first.section {
        // As a user calls it: what is in parentheses is a variant.
        Section::Mask | Section::Frame => as_called(&ours, &others),
        Section::Echo if !first.workload.ends_with("compressed") => as_called(&ours, &others),
        Section::Deflate if rows.iter().any(|row| row.ratio.is_some()) => {
            levels(&others).into_iter().filter_map(|level| at_level(level, &ours, &others)).collect()
        }
        Section::Deflate | Section::Echo | Section::Broadcast | Section::Stream => {
            one(fastest(&ours), fastest(&others)).into_iter().collect()
        }
    }
}

fn as_called<'a>(ours: &[&'a Row], others: &[&'a Row]) -> Vec<Match<'a>> {
    let plain = ours.iter().filter(|row| !row.contender.contains('('));
    plain.filter_map(|&ours| Some(Match { ours, other: fastest(others)? })).collect()
}

fn one<'a>(ours: Option<&'a Row>, other: Option<&'a Row>) -> Option<Match<'a>> {
    Some(Match { ours: ours?, other: other? })
}

fn fastest<'a>(rows: &[&'a Row]) -> Option<&'a Row> {
    rows.iter().copied().min_by(|a, b| a.median.total_cmp(&b.median))
}

/// The fastest of ours against the fastest other at a level. Ours must have nearly the other's ratio; if none has, the
/// one nearest to it stands in.
fn at_level<'a>(level: &str, ours: &[&'a Row], others: &[&'a Row]) -> Option<Match<'a>> {
    let at = |rows: &[&'a Row]| -> Vec<&'a Row> {
        rows.iter().copied().filter(|row| level_of(row) == Some(level)).collect()
    };
    let other = fastest(&at(others))?;
    let (ours, wanted) = (at(ours), other.ratio.unwrap_or_default() * LIKE_RATIO);
    let good: Vec<&Row> = ours.iter().copied().filter(|row| row.ratio >= Some(wanted)).collect();
    let nearest = || ours.iter().copied().max_by(|a, b| a.ratio.partial_cmp(&b.ratio).unwrap_or(Equal));
    one(fastest(&good).or_else(nearest), Some(other))
}

/// What part of the other's ratio ours must have to be compared with it.
pub const LIKE_RATIO: f64 = 0.97;

fn levels<'a>(rows: &[&'a Row]) -> BTreeSet<&'a str> {
    rows.iter().filter_map(|row| level_of(row)).collect()
}

/// The level in a name like `zlib-rs 6`; `None` of variants, as in `zlib-rs 1 (12 bits)`.
fn level_of(row: &Row) -> Option<&str> {
    let (_, level) = row.contender.rsplit_once(' ')?;
    level.bytes().all(|byte| byte.is_ascii_digit()).then_some(level)
}

/// A table in Markdown, a line a task.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!("| {HEAD} |\n|{}\n", "---|".repeat(6));
    tasks(rows).iter().for_each(|task| text += &format!("| {} |\n", cells(task)));
    text
}

/// What the columns of the table are.
pub const HEAD: &str = "task | workloads | ahead | tie | behind | least factor";

/// The line of a task, without the outer strokes.
pub fn cells(task: &Task<'_>) -> String {
    let [ahead, tie, behind] = [Verdict::Ahead, Verdict::Tie, Verdict::Behind].map(|it| task.count(it));
    let behind = if behind > 0 { format!("**{behind}**") } else { behind.to_string() };
    let worst = task.worst().map_or(String::new(), |worst| {
        format!("{} (`{}`: {})", ratio(worst.factor()), worst.other.contender, worst.ours.workload)
    });
    format!("{} | {} | {ahead} | {tie} | {behind} | {worst}", task.name, task.matches.len())
}

/// Every match that is lost, the worst first, as lines of a Markdown list.
pub fn losses(rows: &[Row]) -> String {
    let tasks = tasks(rows);
    let mut lost: Vec<&Match<'_>> =
        tasks.iter().flat_map(|task| &task.matches).filter(|one| one.verdict() == Verdict::Behind).collect();
    lost.sort_by(|a, b| a.factor().total_cmp(&b.factor()));
    let line = |one: &&Match<'_>| {
        format!(
            "- {}: {}: `{}` {}, `{}` {}: {}\n",
            one.ours.section,
            one.ours.workload,
            one.ours.contender,
            figure(one.ours.median, &one.ours.unit),
            one.other.contender,
            figure(one.other.median, &one.other.unit),
            ratio(one.factor())
        )
    };
    lost.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::row;
    use super::*;

    #[test]
    fn ours_meet_the_fastest_crate_and_no_plain_loop() {
        let mut limit = row("16 B", "memcpy", 1.0);
        limit.version = None;
        let rows = [
            row("16 B", "wscodec", 2.0),
            row("16 B", "wscodec (avx2)", 1.5),
            limit,
            row("16 B", "yawc", 4.0),
            row("16 B", "soketto", 9.0),
        ];
        let tasks = tasks(&rows);
        assert_eq!((tasks.len(), tasks[0].matches.len()), (1, 1));
        assert_eq!(
            (tasks[0].matches[0].other.contender.as_str(), tasks[0].matches[0].factor()),
            ("yawc", 2.0)
        );
        assert_eq!(tasks[0].count(Verdict::Ahead), 1);
    }

    #[test]
    fn what_is_not_the_default_meets_nobody_unless_all_are_choices() {
        let found = |workload: &str, default: &str| {
            let row = |contender: &str, median, version: Option<&str>| Row {
                section: Section::Echo,
                ours: version.is_none(),
                version: version.map(str::to_owned),
                ..row(workload, contender, median)
            };
            let rows =
                [row(default, 3.0, None), row("wscodec (other)", 1.0, None), row("crate", 2.0, Some("1"))];
            matches(&rows).into_iter().map(|one| one.ours.contender.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found("memory, 16 KiB, 4 in flight", "wscodec"), ["wscodec"]);
        assert_eq!(found("memory, 16 KiB, 4 in flight, compressed", "wscodec (one)"), ["wscodec (other)"]);
    }

    #[test]
    fn a_compressor_meets_its_level_and_must_have_the_ratio() {
        let of = |contender: &str, median, ratio| {
            let ours = contender.starts_with("hybrid") || contender.starts_with("flate2");
            Row {
                section: Section::Deflate,
                ours,
                version: (!ours).then(|| "1".to_owned()),
                ratio: Some(ratio),
                ..row("compress ticker, takeover", contender, median)
            }
        };
        let rows = [
            of("hybrid 6", 1.0, 3.0),
            of("flate2 6", 6.0, 4.0),
            of("zlib 6", 5.0, 4.0),
            of("zlib 1", 2.0, 3.0),
        ];
        let found = matches(&rows);
        assert_eq!(found.len(), 1, "nobody of ours has level 1");
        assert_eq!((found[0].ours.contender.as_str(), found[0].verdict()), ("flate2 6", Verdict::Behind));
        assert!(losses(&rows).contains("`flate2 6` 6.00 ns, `zlib 6` 5.00 ns: 0.83"));
    }
}
