//! Where we stand against our bars, from the rows of a report.

mod definitions;
mod deflate;
mod echo;

use std::fmt;

use definitions::{Against, Aim, Bar, Ours};
use serde::{Deserialize, Serialize};
use wscodec_kernel::Level;

use crate::report::json::Row;
use crate::stats::geometric_mean;

/// A bar, and what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// What is compared, and against whom.
    pub name: String,
    /// The least figure that is good enough.
    pub floor: Option<f64>,
    /// The figure that is wanted; 1 for every single workload if that is the aim.
    pub aim: Option<f64>,
    /// Whether the aim is for every single workload.
    pub aim_each: bool,
    /// The geometric mean of the workloads' ratios: the other's time over ours.
    pub figure: f64,
    /// The least of those ratios.
    pub worst: f64,
    /// The workload that has it.
    pub worst_workload: String,
    /// Which of ours was the best there, if the bar leaves that open; empty if none of them meets its condition.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ours: Option<String>,
    /// What follows.
    pub verdict: Verdict,
}

/// How a bar is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The figure is below the floor, or a single workload below what it may be.
    BelowFloor,
    /// There is no floor, and the aim is not reached.
    BelowAim,
    /// Good enough, but not what is wanted.
    Floor,
    /// What is wanted; or there is no aim, and the floor is reached.
    Aim,
}

/// All bars.
#[derive(Debug, Default)]
pub struct Standings {
    /// Those whose rows are all there.
    pub measured: Vec<Standing>,
    /// Those about messages that a corpus does not have, and which.
    pub lacking: Vec<String>,
    /// The names of those that have no rows, since they were not asked for.
    pub others: Vec<String>,
}

/// Where every bar stands.
pub fn standings(rows: &[Row]) -> Standings {
    let mut bars = definitions::bars();
    bars.extend(echo::bars());
    // Those that the report's machine had, which need not be this one.
    let is_measured = |level: &&str| rows.iter().any(|row| row.contender == format!("wscodec ({level})"));
    bars.extend(Level::names().filter(is_measured).map(definitions::of_level));
    let (of_deflate, lacking) = deflate::bars(rows);
    bars.extend(of_deflate);
    let mut standings = Standings { lacking, ..Standings::default() };
    for bar in bars {
        match standing(&bar, rows) {
            Some(standing) => standings.measured.push(standing),
            None => standings.others.push(bar.name),
        }
    }
    standings
}

fn standing(bar: &Bar, rows: &[Row]) -> Option<Standing> {
    let ratios =
        bar.workloads.iter().map(|workload| ratio(bar, workload, rows)).collect::<Option<Vec<_>>>()?;
    let figure = geometric_mean(&ratios.iter().map(|(ratio, _)| *ratio).collect::<Vec<_>>());
    let place = (0..ratios.len()).min_by(|&a, &b| ratios[a].0.total_cmp(&ratios[b].0))?;
    let (worst, ours) = ratios[place].clone();
    Some(Standing {
        name: bar.name.clone(),
        floor: bar.floor,
        aim: bar.aim.map(|aim| match aim {
            Aim::Figure(figure) => figure,
            Aim::NoLoss => 1.0,
        }),
        aim_each: bar.aim == Some(Aim::NoLoss),
        figure,
        worst,
        worst_workload: bar.workloads[place].clone(),
        ours: matches!(bar.ours, Ours::Best { .. }).then_some(ours),
        verdict: verdict(bar, figure, worst),
    })
}

/// The other's time over ours, and which of ours it is; 0 and nobody if none of ours meets the condition.
fn ratio(bar: &Bar, workload: &str, rows: &[Row]) -> Option<(f64, String)> {
    let rows = || rows.iter().filter(|row| row.section == bar.section && row.workload == workload);
    let other = |row: &Row| (row.median, row.ratio);
    let (median, others_ratio) = match bar.against {
        Against::One(contender) => other(rows().find(|row| row.contender == contender)?),
        Against::OneAnd(contender, more) => {
            let (median, ratio) = other(rows().find(|row| row.contender == contender)?);
            (median + more, ratio)
        }
        Against::Limit(limit) => (limit, None),
        Against::FastestRivalBut(others) => {
            let rivals =
                rows().filter(|row| row.version.is_some() && !others.contains(&row.contender.as_str()));
            other(rivals.min_by(|a, b| a.median.total_cmp(&b.median))?)
        }
    };
    let ours = match &bar.ours {
        Ours::One(name) => Some(rows().find(|row| row.contender == *name)?),
        Ours::Best { least_ratio } => {
            let part = |row: &Row| Some(row.ratio? / others_ratio?);
            let is_good =
                |row: &&Row| least_ratio.is_none_or(|least| part(row).is_some_and(|part| part >= least));
            rows().find(|row| row.ours)?;
            rows().filter(|row| row.ours).filter(is_good).min_by(|a, b| a.median.total_cmp(&b.median))
        }
    };
    Some(ours.map_or((0.0, String::new()), |ours| (median / ours.median, ours.contender.clone())))
}

fn verdict(bar: &Bar, figure: f64, worst: f64) -> Verdict {
    let is_good_enough =
        bar.floor.is_none_or(|floor| figure >= floor) && bar.least_single.is_none_or(|least| worst >= least);
    let is_aim = bar.aim.is_none_or(|aim| match aim {
        Aim::Figure(aim) => figure >= aim,
        Aim::NoLoss => worst >= 1.0,
    });
    match (is_good_enough, is_aim) {
        (false, _) => Verdict::BelowFloor,
        (true, true) => Verdict::Aim,
        (true, false) if bar.floor.is_none() && bar.least_single.is_none() => Verdict::BelowAim,
        (true, false) => Verdict::Floor,
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BelowFloor => "BELOW FLOOR",
            Self::BelowAim => "below aim",
            Self::Floor => "floor",
            Self::Aim => "aim",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::section::Section;

    fn row(workload: &str, contender: &str, median: f64, is_rival: bool) -> Row {
        Row {
            section: Section::Mask,
            workload: workload.to_owned(),
            contender: contender.to_owned(),
            engine: String::new(),
            ours: !is_rival,
            unit: String::new(),
            median,
            low: median,
            high: median,
            samples: 1,
            messages: 1,
            bytes: 1,
            ratio: None,
            memory: None,
            version: is_rival.then(String::new),
            path: String::new(),
        }
    }

    fn bar(floor: Option<f64>, least_single: Option<f64>, aim: Option<Aim>) -> Bar {
        Bar {
            name: "a bar".to_owned(),
            section: Section::Mask,
            workloads: vec!["short".to_owned(), "long".to_owned()],
            ours: Ours::One("ours".to_owned()),
            against: Against::FastestRivalBut(&["cheat"]),
            floor,
            least_single,
            aim,
        }
    }

    /// Ratios of 2 and 8, against the fastest rival that counts.
    fn rows() -> Vec<Row> {
        vec![
            row("short", "ours", 1.0, false),
            row("short", "slow", 3.0, true),
            row("short", "fast", 2.0, true),
            row("short", "cheat", 0.5, true),
            row("short", "a limit", 0.1, false),
            row("long", "ours", 10.0, false),
            row("long", "slow", 80.0, true),
            row("long", "fast", 90.0, true),
        ]
    }

    #[test]
    fn the_figure_is_the_geometric_mean_of_ratios_and_the_worst_is_named() {
        let standing = standing(&bar(Some(3.5), Some(0.9), Some(Aim::Figure(6.0))), &rows()).unwrap();
        assert!((standing.figure - 4.0).abs() < 1e-9, "{standing:?}");
        assert!((standing.worst - 2.0).abs() < 1e-9, "{standing:?}");
        assert_eq!((standing.worst_workload.as_str(), standing.verdict), ("short", Verdict::Floor));
    }

    #[test]
    fn a_bar_with_a_row_missing_is_not_measured() {
        let mut rows = rows();
        rows.retain(|row| row.workload == "short");
        assert_eq!(standing(&bar(None, None, None), &rows), None);
        let standings = standings(&rows);
        assert_eq!(
            (standings.measured.len(), standings.others.len()),
            (0, definitions::bars().len() + echo::bars().len())
        );
    }

    /// Baseline 10 ns at a ratio of 2; ours 2 ns at 1.5, 4 ns at 1.98.
    fn rows_of_deflate(kind: &str) -> Vec<Row> {
        let row = |contender: &str, median, ratio, ours| Row {
            section: Section::Deflate,
            ratio: Some(ratio),
            ours,
            ..row(&format!("compress {kind}, no takeover"), contender, median, false)
        };
        vec![row("flate2 6", 10.0, 2.0, true), row("fast", 2.0, 1.5, true), row("good", 4.0, 1.98, true)]
    }

    #[test]
    fn the_best_of_ours_is_the_fastest_that_meets_the_condition() {
        let at = |least_ratio| Bar {
            section: Section::Deflate,
            workloads: vec!["compress ticker, no takeover".to_owned()],
            ours: Ours::Best { least_ratio },
            against: Against::One("flate2 6"),
            ..bar(Some(2.0), None, Some(Aim::Figure(4.0)))
        };
        let found = |least| {
            let mut rows = rows_of_deflate("ticker");
            rows[0].ours = false;
            standing(&at(least), &rows).map(|standing| (standing.figure, standing.ours.unwrap()))
        };
        let is = |found: Option<(f64, String)>, figure: f64, ours: &str| {
            let (found, who) = found.unwrap();
            assert!((found - figure).abs() < 1e-9 && who == ours, "{found} by {who}");
        };
        is(found(None), 5.0, "fast");
        is(found(Some(0.99)), 2.5, "good");
        is(found(Some(1.0)), 0.0, "");
    }

    #[test]
    fn messages_that_a_corpus_lacks_are_named() {
        let mut rows = rows_of_deflate("mine");
        rows.extend(rows_of_deflate("mine 100-400 B"));
        let standings = standings(&rows);
        let found: Vec<_> = standings.measured.iter().map(|standing| standing.name.as_str()).collect();
        assert_eq!(found, ["compress mine 100-400 B, no takeover, ratio within 1 %: flate2 6"]);
        assert_eq!(standings.lacking.len(), deflate::count(0, 1) - deflate::count(0, 0));
        assert!(
            standings.lacking.iter().all(|name| name.contains("4-64 KB") && name.ends_with("not in mine"))
        );
    }

    #[test]
    fn generated_messages_of_a_class_are_judged_together() {
        let rows: Vec<Row> = ["ticker", "multilingual chat"].into_iter().flat_map(rows_of_deflate).collect();
        let standings = standings(&rows);
        let found: Vec<_> = standings.measured.iter().map(|standing| standing.name.as_str()).collect();
        assert_eq!(found, ["compress generated 100-400 B, no takeover, ratio within 1 %: flate2 6"]);
        assert!((standings.measured[0].figure - 2.5).abs() < 1e-9);
    }

    #[test]
    fn verdicts_say_what_is_reached() {
        let of = |floor, single, aim, figure, worst| verdict(&bar(floor, single, aim), figure, worst);
        let (floor, single, aim) = (Some(1.5), Some(0.9), Some(Aim::Figure(2.5)));
        assert_eq!(of(floor, single, aim, 1.49, 1.2), Verdict::BelowFloor);
        assert_eq!(of(floor, single, aim, 1.5, 1.2), Verdict::Floor);
        assert_eq!(of(floor, single, aim, 2.5, 0.9), Verdict::Aim);
        assert_eq!(of(floor, single, aim, 2.5, 0.89), Verdict::BelowFloor);
        assert_eq!(of(floor, single, Some(Aim::NoLoss), 2.5, 0.95), Verdict::Floor);
        assert_eq!(of(floor, single, Some(Aim::NoLoss), 1.5, 1.0), Verdict::Aim);
        assert_eq!(of(None, None, Some(Aim::NoLoss), 1.5, 0.8), Verdict::BelowAim);
        assert_eq!(of(floor, single, None, 1.5, 1.0), Verdict::Aim);
    }
}
