//! The report as text for a person.

use std::env;
use std::io::{IsTerminal, Write, stdout};

use super::json::{Report, Row};
use crate::deflate::memory;
use crate::workload::Workload;

/// Prints all rows, a table a workload, the fastest first.
pub fn print(report: &Report) {
    let bold = stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    print_line(render(report, bold).trim_end_matches('\n'));
    print_line("");
}

/// Prints what there is to measure, without whom `leaves_out` names.
pub fn list(workloads: &[Box<dyn Workload>], leaves_out: impl Fn(&str) -> bool) {
    let mut text = String::new();
    for workload in workloads {
        let description = workload.description();
        text += &format!(
            "{}: {} ({} messages, {} bytes)\n",
            description.section, description.name, description.messages, description.bytes
        );
        for contender in workload.contenders().iter().filter(|contender| !leaves_out(&contender.name)) {
            let version = contender.version.as_deref().unwrap_or_default();
            text += &format!("  {:<28} {:<8} {}\n", contender.name, version, contender.path);
        }
    }
    print_line(text.trim_end());
}

/// Prints, and a reader that has enough, as `head`, is no fault.
pub fn print_line(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

fn render(report: &Report, bold: bool) -> String {
    let machine = &report.machine;
    let mut text = format!("{}, {} cores, {}, {}\n", machine.cpu, machine.cores, machine.os, machine.rustc);
    text +=
        "Time of a message: the median, and the spread of samples and sittings. Ours are marked with *.\n";
    text += "The factor is a row's time over that of the row with 1.00x, which is ours as one gets it by default.\n";
    for rows in report.rows.chunk_by(|a, b| (a.section, &a.workload) == (b.section, &b.workload)) {
        text += &workload_table(rows, bold);
    }
    if report.incomplete {
        text += "\nInterrupted: this is what was measured until then.\n";
    }
    if !report.failures.is_empty() {
        text += "\nAnswered wrongly, and therefore not timed:\n";
    }
    for failure in &report.failures {
        let (section, workload) = (failure.section, &failure.workload);
        text += &format!("  {section}: {workload}: {}: {}\n", failure.contender, failure.reason);
    }
    if !report.absent.is_empty() {
        text += "\nCould not take part:\n";
    }
    for absent in &report.absent {
        text += &format!("  {}: {}\n", absent.contender, absent.reason);
    }
    text.push('\n');
    text
}

fn workload_table(rows: &[Row], bold: bool) -> String {
    let first = &rows[0];
    let mean = first.bytes as f64 / first.messages as f64;
    let mut text =
        format!("\n{}: {} ({} messages of {mean:.0} B)\n", first.section, first.workload, first.messages);
    let ours = reference(rows);
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by(|a, b| a.median.total_cmp(&b.median));
    let width = rows.iter().map(|row| row.contender.len()).max().unwrap_or_default();
    for row in sorted {
        let line = line(row, width, ours);
        text += &if bold && row.ours { format!("\x1b[1m{line}\x1b[0m\n") } else { line + "\n" };
    }
    text
}

/// The row that the others are compared with: ours as a user calls it, before any that is a variant of it.
fn reference(rows: &[Row]) -> Option<f64> {
    let ours = || rows.iter().filter(|row| row.ours);
    let plain = ours().find(|row| !row.contender.contains('('));
    plain.or_else(|| ours().next()).map(|row| row.median)
}

fn line(row: &Row, width: usize, ours: Option<f64>) -> String {
    let mark = if row.ours { '*' } else { ' ' };
    let factor = ours.map_or(String::new(), |ours| format!("{:.2}x", row.median / ours));
    if row.unit == memory::UNIT {
        return format!("{mark} {:<width$} {:>10.0} B a connection {factor:>8}", row.contender, row.median);
    }
    let speed = row.bytes as f64 / row.messages as f64 / row.median;
    let mut line = format!(
        "{mark} {:<width$} {:>10} ({} to {}) {factor:>8} {speed:>8.2} GB/s",
        row.contender,
        time(row.median),
        time(row.low),
        time(row.high)
    );
    if let Some(ratio) = row.ratio {
        line += &format!("  ratio {ratio:.3}");
    }
    if let Some(memory) = row.memory {
        line += &format!("  {:.0} KB", memory as f64 / 1000.0);
    }
    line
}

/// A figure of a row with its unit: a time, or bytes.
pub fn figure(value: f64, unit: &str) -> String {
    if unit == memory::UNIT { format!("{value:.0} B") } else { time(value) }
}

/// How many times as much, with the digits that matter.
pub fn ratio(factor: f64) -> String {
    match factor {
        factor if factor < 1.995 => format!("{factor:.2}"),
        factor if factor < 99.95 => format!("{factor:.1}"),
        factor => format!("{factor:.0}"),
    }
}

/// Three digits that matter, in the unit that suits.
pub fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "us"),
        ns => (ns / 1e6, "ms"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_unit_of_their_row() {
        assert_eq!(figure(4.234, "ns/message"), "4.23 ns");
        assert_eq!(figure(61_932.0, memory::UNIT), "61932 B");
        assert_eq!([0.789, 1.02, 3.25, 2_487.7].map(ratio), ["0.79", "1.02", "3.2", "2488"]);
    }

    #[test]
    fn times_show_three_digits() {
        assert_eq!(time(4.234), "4.23 ns");
        assert_eq!(time(42.34), "42.3 ns");
        assert_eq!(time(423_400.0), "423 us");
        assert_eq!(time(4_234_000.0), "4.23 ms");
    }
}
