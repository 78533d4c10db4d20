//! What each plot says, in a sentence or two.

use super::plot::{Kind, Plot, draw};
use crate::report::front::front;
use crate::report::json::Row;
use crate::report::table::{figure, ratio};
use crate::report::verdict::Verdict;
use crate::report::wins::{Match, matches};

/// The caption, as plain text.
pub fn caption(plot: &Plot<'_>) -> String {
    match plot.kind {
        Kind::Sizes | Kind::Bars => against_others(plot),
        Kind::Ratio => of_front(plot, "fastest first", |row| row.median, "slower"),
        Kind::Memory => {
            of_front(plot, "smallest first", |row| row.memory.unwrap_or_default() as f64, "larger")
        }
        Kind::Windows => {
            let least = plot.rows.iter().map(|(_, row)| *row).min_by(|a, b| a.median.total_cmp(&b.median));
            least.map_or(String::new(), |row| {
                format!("Least: {}, {}.", row.contender, figure(row.median, &row.unit))
            })
        }
    }
}

/// How ours do, workload by workload.
fn against_others(plot: &Plot<'_>) -> String {
    let rows: Vec<Row> = plot.rows.iter().map(|(_, row)| (*row).clone()).collect();
    let found: Vec<Match<'_>> = rows.chunk_by(|a, b| a.workload == b.workload).flat_map(matches).collect();
    let mut names: Vec<&str> = Vec::new();
    for one in &found {
        let name = if plot.kind == Kind::Sizes && one.ours.unit == "ns/message" && is_named(one) {
            one.ours.contender.as_str()
        } else {
            ""
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if found.is_empty() {
        return no_match(&rows);
    }
    let of = |name: &str| -> Vec<&Match<'_>> {
        found.iter().filter(|one| name.is_empty() || one.ours.contender == name).collect()
    };
    names.iter().map(|name| sentence(name, &of(name))).collect::<Vec<_>>().join(" ")
}

/// Whether it is always the same one of ours that is compared; of engines it is the best there.
fn is_named(one: &Match<'_>) -> bool {
    one.ours.contender.starts_with("wscodec")
}

fn no_match(rows: &[Row]) -> String {
    if rows.iter().all(|row| row.ours) {
        "Ours only: who has forced which way of it.".to_owned()
    } else {
        "No other crate has a call for this; plain loops and what lies below are for comparison.".to_owned()
    }
}

fn sentence(name: &str, matches: &[&Match<'_>]) -> String {
    let who = if name.is_empty() { "The best of ours" } else { name };
    if let [one] = matches {
        let (ours, other) = (&one.ours.contender, &one.other.contender);
        let times = ratio(one.factor());
        let who = if name.is_empty() { ours } else { name };
        return match one.verdict() {
            Verdict::Ahead => format!("{who} is ahead of {other}, the best other: {times} times."),
            Verdict::Tie => format!("{who} and {other}, the best other, tie."),
            Verdict::Behind => format!("{who} is behind {other}: {times}."),
        };
    }
    let count = |verdict| matches.iter().filter(|one| one.verdict() == verdict).count();
    let (ahead, ties) = (count(Verdict::Ahead), count(Verdict::Tie));
    let mut text = format!("{who}: ahead of the best other at {ahead} of {}", matches.len());
    if ties > 0 {
        text += &format!(", a tie at {ties}");
    }
    let lost: Vec<String> = matches
        .iter()
        .filter(|one| one.verdict() == Verdict::Behind)
        .map(|one| format!("{} ({} of {})", one.ours.workload, ratio(one.factor()), one.other.contender))
        .collect();
    match lost.len() {
        0 => text + ".",
        1..=4 => format!("{text}; behind at {}.", lost.join(", ")),
        more => format!("{text}; behind at {more}, most at {}.", worst(matches)),
    }
}

fn worst(matches: &[&Match<'_>]) -> String {
    let worst = matches.iter().min_by(|a, b| a.factor().total_cmp(&b.factor()));
    worst.map_or(String::new(), |one| {
        format!("{} ({} of {})", one.ours.workload, ratio(one.factor()), one.other.contender)
    })
}

fn of_front(plot: &Plot<'_>, order: &str, x: fn(&Row) -> f64, worse: &str) -> String {
    let points: Vec<(f64, f64)> =
        plot.rows.iter().map(|(_, row)| (x(row), row.ratio.unwrap_or_default())).collect();
    let front = front(&points).into_iter().map(|place| plot.rows[place].1);
    let names: Vec<String> = front
        .map(|row| if plot.kind == Kind::Ratio { draw::words(row) } else { row.contender.clone() })
        .collect();
    format!(
        "Up and to the left is better. On the front, {order}: {}. Whatever is not on it is {worse} than one that is, and \
         makes messages no smaller.",
        names.join(", ")
    )
}
