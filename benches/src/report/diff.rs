//! What changed from one report to another, beyond the noise.

use std::collections::HashMap;

use super::json::{Report, Row};
use super::table::figure;
use super::verdict::{Verdict, factor, judge};

/// The rows that two reports have in common, and the others.
pub struct Diff<'a> {
    /// Old and new.
    pairs: Vec<(&'a Row, &'a Row)>,
    only_old: usize,
    only_new: usize,
    notes: Vec<String>,
}

impl<'a> Diff<'a> {
    /// Finds each row of one report in the other.
    pub fn new(old: &'a Report, new: &'a Report) -> Self {
        let mut rows: HashMap<_, &Row> = old.rows.iter().map(|row| (key(row), row)).collect();
        let pairs: Vec<_> =
            new.rows.iter().filter_map(|row| rows.remove(&key(row)).map(|before| (before, row))).collect();
        Self { only_old: rows.len(), only_new: new.rows.len() - pairs.len(), pairs, notes: notes(old, new) }
    }

    /// Whether the reports have a row in common.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Whether something of ours got worse: slower or larger beyond the spread of both, or with a lower ratio.
    pub fn is_worse(&self) -> bool {
        self.pairs.iter().any(|(old, new)| new.ours && change(old, new) == Verdict::Behind)
    }

    /// The whole as text: what of ours got worse, what got better, and how many rows did neither.
    pub fn render(&self) -> String {
        let mut text: String = self.notes.iter().map(|note| format!("note: {note}\n")).collect();
        text += &self.list("Ours that got worse, beyond the spread of both:", Verdict::Behind);
        text += &self.list("Ours that got better, beyond the spread of both:", Verdict::Ahead);
        text += &format!("Ours: {}\n", self.counts(true));
        text += &format!("Others, to tell what the machine adds: {}\n", self.counts(false));
        text += &format!("{}\n", self.agreement());
        if self.only_old + self.only_new > 0 {
            text += &format!("Rows that only OLD has: {}; only NEW: {}\n", self.only_old, self.only_new);
        }
        text
    }

    /// The lines with that change, the greatest first.
    fn list(&self, title: &str, verdict: Verdict) -> String {
        let mut pairs: Vec<_> =
            self.pairs.iter().filter(|(old, new)| new.ours && change(old, new) == verdict).collect();
        if pairs.is_empty() {
            return String::new();
        }
        let size = |(old, new): &(&Row, &Row)| factor(old, new).ln().abs();
        pairs.sort_by(|a, b| size(b).total_cmp(&size(a)));
        let lines = pairs.iter().map(|(old, new)| line(old, new));
        lines.fold(format!("{title}\n"), |text, line| text + &line) + "\n"
    }

    /// How many rows are the same within the spread of both: of two runs of one program, what the spreads are worth.
    fn agreement(&self) -> String {
        let rows = self.pairs.len();
        let agree = self.pairs.iter().filter(|(old, new)| judge(new, old) == Verdict::Tie).count();
        // Rounded down, since this is held against a bar.
        let tenths = 1_000 * agree / rows.max(1);
        format!("{agree} of {rows} rows agree within the spread of both, {}.{} %", tenths / 10, tenths % 10)
    }

    fn counts(&self, ours: bool) -> String {
        let of = |verdict| {
            self.pairs.iter().filter(|(old, new)| new.ours == ours && change(old, new) == verdict).count()
        };
        let (worse, better, ties) = (of(Verdict::Behind), of(Verdict::Ahead), of(Verdict::Tie));
        format!("{worse} worse, {better} better, {ties} ties of {} rows", worse + better + ties)
    }
}

/// What a row's figures are kept under.
fn key(row: &Row) -> (u8, &str, &str, &str) {
    (row.section as u8, &row.workload, &row.contender, &row.unit)
}

/// How new compares with old. Ratios repeat exactly, so one that fell is worse, whatever the time did; the tolerance is for
/// how the figure is written.
fn change(old: &Row, new: &Row) -> Verdict {
    if lost_ratio(old, new) { Verdict::Behind } else { judge(new, old) }
}

fn lost_ratio(old: &Row, new: &Row) -> bool {
    matches!((old.ratio, new.ratio), (Some(old), Some(new)) if new < old * 0.999)
}

fn line(old: &Row, new: &Row) -> String {
    let spread = |row: &Row| {
        let (low, high) = (figure(row.low, &row.unit), figure(row.high, &row.unit));
        format!("{} ({low} to {high})", figure(row.median, &row.unit))
    };
    let ratio = match (old.ratio, new.ratio) {
        (Some(before), Some(after)) if lost_ratio(old, new) => format!(", ratio {before:.3} -> {after:.3}"),
        _ => String::new(),
    };
    format!(
        "  {}: {}: {}: {} -> {}, {:.2}x{ratio}\n",
        new.section,
        new.workload,
        new.contender,
        spread(old),
        spread(new),
        factor(old, new)
    )
}

/// Why the two may differ though the code does not.
fn notes(old: &Report, new: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    let mut differ = |what: &str, old: &str, new: &str| {
        if old != new {
            notes.push(format!("{what}: {old} against {new}; the times need not compare"));
        }
    };
    differ("processors differ", &old.machine.cpu, &new.machine.cpu);
    differ("compilers differ", &old.machine.rustc, &new.machine.rustc);
    differ("samples differ", &sample(old), &sample(new));
    for (name, report) in [("OLD", old), ("NEW", new)] {
        if report.incomplete {
            notes.push(format!("{name} is incomplete: its run was interrupted"));
        }
    }
    notes
}

fn sample(report: &Report) -> String {
    format!("{} us in {} sittings", report.method.sample_us, report.method.sittings)
}

#[cfg(test)]
mod tests {
    use super::super::samples::row;
    use super::*;

    #[test]
    fn a_change_inside_the_spread_is_a_tie() {
        let (old, new) = (row("16 B", "wscodec", 100.0), row("16 B", "wscodec", 101.5));
        assert_eq!(change(&old, &new), Verdict::Tie);
        assert_eq!(change(&old, &row("16 B", "wscodec", 103.0)), Verdict::Behind);
        assert_eq!(change(&old, &row("16 B", "wscodec", 97.0)), Verdict::Ahead);
    }

    #[test]
    fn agreement_counts_everybody_and_is_rounded_down() {
        let row = |place: usize, median| row(&format!("{place} B"), "yawc", median);
        let old: Vec<Row> = (0..2_000).map(|place| row(place, 100.0)).collect();
        let new: Vec<Row> =
            (0..2_000).map(|place| row(place, if place == 7 { 90.0 } else { 101.0 })).collect();
        let pairs = old.iter().zip(&new).collect();
        let diff = Diff { pairs, only_old: 0, only_new: 0, notes: Vec::new() };
        assert_eq!(diff.agreement(), "1999 of 2000 rows agree within the spread of both, 99.9 %");
    }

    #[test]
    fn a_lower_ratio_is_worse_even_if_it_is_faster() {
        let with = |ratio, median| Row { ratio: Some(ratio), ..row("ticker", "wscodec", median) };
        assert_eq!(change(&with(4.0, 100.0), &with(3.9, 50.0)), Verdict::Behind);
        assert_eq!(change(&with(4.0, 100.0), &with(4.1, 100.0)), Verdict::Tie);
        assert!(line(&with(4.0, 100.0), &with(3.9, 50.0)).contains("ratio 4.000 -> 3.900"));
    }
}
