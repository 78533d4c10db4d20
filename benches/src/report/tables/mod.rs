//! The tables that the README quotes, in Markdown, from the rows of a report.

mod definitions;
pub mod readme;

use definitions::{DEFLATE, Deflate, TASKS, WORK, Why, Work};

use super::json::{Report, Row};
use super::table::{ratio, time};
use super::verdict::{Verdict, factor, judge};
use super::wins;
use crate::section::Section;

/// All tables of the README, and why we are behind where we are.
///
/// # Errors
/// In words: a row is missing, or we are behind in one for which no reason is written down.
pub fn render(report: &Report) -> Result<String, String> {
    let mut reasons = Reasons::default();
    let mut text = "| work | wscodec | best other crate | factor |\n|---|---|---|---|\n".to_owned();
    for line in WORK {
        text += &work(line, &report.rows, &mut reasons)?;
    }
    text +=
        "\n| DEFLATE, a message: time, ratio | plain C zlib | our backends | factor |\n|---|---|---|---|\n";
    for line in DEFLATE {
        text += &deflate(line, &report.rows, &mut reasons)?;
    }
    text += "\nAll workloads, ours against the fastest other crate at each, C zlib among them; of compressors at the \
             same level and with at least 97 % of the ratio:\n\n";
    text += &format!("| {} | why |\n|{}\n", wins::HEAD, "---|".repeat(7));
    for task in wins::tasks(&report.rows) {
        text += &format!("| {} | {} |\n", wins::cells(&task), why_behind(&task, &mut reasons)?);
    }
    Ok(text + &reasons.list())
}

/// The reasons given so far, by letter.
#[derive(Debug, Default)]
struct Reasons(Vec<Why>);

impl Reasons {
    /// The letter that stands for a reason.
    fn letter(&mut self, why: Why) -> String {
        let place = self.0.iter().position(|known| *known == why).unwrap_or_else(|| {
            self.0.push(why);
            self.0.len() - 1
        });
        format!("({})", char::from(b'a' + place as u8))
    }

    fn list(&self) -> String {
        let lines =
            (b'a'..).zip(&self.0).map(|(letter, why)| format!("- ({}) {}\n", char::from(letter), why.text()));
        let lines: String = lines.collect();
        if lines.is_empty() { lines } else { format!("\nWhere we are behind, and why:\n\n{lines}") }
    }
}

fn why_behind(task: &wins::Task<'_>, reasons: &mut Reasons) -> Result<String, String> {
    if task.count(Verdict::Behind) == 0 {
        return Ok(String::new());
    }
    let known = TASKS.iter().find(|(name, _)| *name == task.name).map(|(_, whys)| *whys);
    let whys = known.ok_or_else(|| no_reason(&task.name))?;
    Ok(whys.iter().map(|why| reasons.letter(*why)).collect::<Vec<_>>().join(" "))
}

fn work(line: &Work, rows: &[Row], reasons: &mut Reasons) -> Result<String, String> {
    let ours = row(rows, line.section, line.workload, line.ours)?;
    let others = rows
        .iter()
        .filter(|row| (row.section, row.workload.as_str()) == (line.section, line.workload))
        .filter(|row| row.version.is_some());
    let other = others
        .min_by(|a, b| a.median.total_cmp(&b.median))
        .ok_or_else(|| format!("no other crate in '{}'", line.workload))?;
    let outcome = outcome(ours, other, line.why, reasons)?;
    Ok(format!(
        "| {} | {} (`{}`) | {} (`{}`) | {outcome} |\n",
        line.name,
        time(ours.median),
        ours.contender,
        time(other.median),
        other.contender
    ))
}

fn deflate(line: &Deflate, rows: &[Row], reasons: &mut Reasons) -> Result<String, String> {
    let zlib = row(rows, Section::Deflate, line.workload, line.zlib)?;
    let ours = line
        .ours
        .iter()
        .map(|name| row(rows, Section::Deflate, line.workload, name))
        .collect::<Result<Vec<_>, _>>()?;
    let cells: Vec<String> = ours.iter().map(|row| format!("`{}` {}", row.contender, figures(row))).collect();
    let best = ours
        .iter()
        .filter(|row| row.ratio >= zlib.ratio.map(|ratio| ratio * wins::LIKE_RATIO))
        .min_by(|a, b| a.median.total_cmp(&b.median));
    let outcome = match best {
        Some(best) => format!("{} (`{}`)", outcome(best, zlib, line.why, reasons)?, best.contender),
        None => format!("less ratio {}", reasons.letter(line.why.ok_or_else(|| no_reason(line.workload))?)),
    };
    Ok(format!("| {} | {} | {} | {outcome} |\n", line.workload, figures(zlib), cells.join("; ")))
}

fn figures(row: &Row) -> String {
    time(row.median) + &row.ratio.map_or(String::new(), |ratio| format!(", {ratio:.2}"))
}

/// The last cell: how many times as fast, and in words where that is not ahead.
fn outcome(ours: &Row, other: &Row, why: Option<Why>, reasons: &mut Reasons) -> Result<String, String> {
    let times = ratio(factor(ours, other));
    Ok(match judge(ours, other) {
        Verdict::Ahead => times,
        Verdict::Tie => format!("{times}, a tie"),
        Verdict::Behind => {
            let why = why.ok_or_else(|| no_reason(&format!("{}: {}", ours.workload, ours.contender)))?;
            format!("**{times}**, behind {}", reasons.letter(why))
        }
    })
}

fn no_reason(place: &str) -> String {
    format!("we are behind in '{place}', and tables/definitions.rs does not say why; the README must")
}

fn row<'a>(rows: &'a [Row], section: Section, workload: &str, contender: &str) -> Result<&'a Row, String> {
    rows.iter()
        .find(|row| row.section == section && row.workload == workload && row.contender == contender)
        .ok_or_else(|| format!("no row of '{contender}' in '{section}: {workload}', which the README shows"))
}

#[cfg(test)]
mod tests {
    use super::super::samples::row;
    use super::*;

    #[test]
    fn a_loss_needs_its_reason() {
        let (ours, other) = (row("16 B", "wscodec", 2.0), row("16 B", "yawc", 1.0));
        let mut reasons = Reasons::default();
        assert!(outcome(&ours, &other, None, &mut reasons).unwrap_err().contains("16 B: wscodec"));
        assert_eq!(outcome(&ours, &other, Some(Why::OneCall), &mut reasons).unwrap(), "**0.50**, behind (a)");
        assert_eq!(outcome(&ours, &other, Some(Why::Many), &mut reasons).unwrap(), "**0.50**, behind (b)");
        assert_eq!(outcome(&ours, &other, Some(Why::OneCall), &mut reasons).unwrap(), "**0.50**, behind (a)");
        assert_eq!(reasons.0, [Why::OneCall, Why::Many]);
        assert!(reasons.list().contains(Why::Many.text()));
    }

    #[test]
    fn a_reason_is_given_only_where_it_is_needed() {
        let mut reasons = Reasons::default();
        let (ours, other) = (row("16 B", "wscodec", 1.0), row("16 B", "yawc", 1.015));
        assert_eq!(outcome(&ours, &other, Some(Why::OneCall), &mut reasons).unwrap(), "1.01, a tie");
        assert_eq!(outcome(&ours, &row("16 B", "yawc", 3.2), None, &mut reasons).unwrap(), "3.2");
        assert_eq!(reasons.list(), "");
    }
}
