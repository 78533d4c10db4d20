//! Where we stand against our bars, as text.

use super::table::print_line;
use crate::bars::Standing;

/// Prints a line a bar; nothing if there is none to print.
pub fn print(standings: &[Standing], lacking: &[String], not_measured: &[String]) {
    if !standings.is_empty() {
        print_line(render(standings).trim_end_matches('\n'));
        lacking.iter().for_each(|name| print_line(name));
        if !not_measured.is_empty() {
            print_line(&format!("not measured: {}", not_measured.join("; ")));
        }
        print_line("");
    }
}

fn render(standings: &[Standing]) -> String {
    let width = standings.iter().map(|standing| standing.name.chars().count()).max().unwrap_or_default();
    let mut text =
        "Our bars: the other's time over ours, geometric mean; and the worst single one.\n".to_owned();
    text +=
        &format!("{:<width$} {:>6} {:>8} {:>7} {:>7}  {:<11}\n", "", "floor", "aim", "figure", "worst", "");
    for standing in standings {
        let floor = standing.floor.map_or("-".to_owned(), |floor| format!("{floor:.2}"));
        let aim = match standing.aim {
            Some(_) if standing.aim_each => "no loss".to_owned(),
            Some(aim) => format!("{aim:.2}"),
            None => "-".to_owned(),
        };
        let place = match standing.ours.as_deref() {
            Some("") => "none of ours meets the condition",
            Some(ours) => ours,
            None => &standing.worst_workload,
        };
        text += &format!(
            "{:<width$} {floor:>6} {aim:>8} {:>7.2} {:>7.2}  {:<11} {place}\n",
            standing.name, standing.figure, standing.worst, standing.verdict
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::Verdict;

    #[test]
    fn a_loss_is_as_plain_as_a_win() {
        let standing = Standing {
            name: "masking".to_owned(),
            floor: Some(1.5),
            aim: Some(1.0),
            aim_each: true,
            figure: 1.239,
            worst: 0.851,
            worst_workload: "16 B".to_owned(),
            ours: None,
            verdict: Verdict::BelowFloor,
        };
        let text = render(&[standing]);
        assert!(text.ends_with("masking   1.50  no loss    1.24    0.85  BELOW FLOOR 16 B\n"), "{text}");
    }
}
