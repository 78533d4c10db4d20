//! What is read out of reports: what got slower, wins and losses, the README's tables.

mod common;

use std::fs;

use common::{compare, newest_result, path, refused, root, stderr, stdout};
use serde_json::{Value, json};
use tempfile::TempDir;

#[test]
fn the_readme_has_the_figures_of_the_newest_result() {
    let readme = root().join("README.md");
    let output = compare(&["tables", "--check", readme.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains(newest_result().rsplit('/').next().unwrap()));
}

#[test]
fn a_readme_with_another_figure_is_found_out_and_can_be_mended() {
    let directory = a_repository();
    let readme = path(&directory, "README.md");
    let good = fs::read_to_string(&readme).unwrap();
    let bad = good.replacen(" ns (`wscodec`)", "1 ns (`wscodec`)", 1);
    assert_ne!(good, bad);
    fs::write(&readme, &bad).unwrap();
    let check = || compare(&["tables", "--check", &readme]);
    assert_eq!(check().status.code(), Some(1));
    assert!(stderr(&check()).contains("has:") && stderr(&check()).contains("--write"));
    assert!(compare(&["tables", "--write", &readme]).status.success());
    assert_eq!((check().status.code(), fs::read_to_string(&readme).unwrap()), (Some(0), good));
}

#[test]
fn a_newer_result_makes_the_readme_old_but_one_that_was_interrupted_does_not() {
    let directory = a_repository();
    let readme = path(&directory, "README.md");
    let mut newer: Value = serde_json::from_slice(&fs::read(newest_result()).unwrap()).unwrap();
    newer["date"] = json!("2999-01-01T00:00:00Z");
    newer["incomplete"] = json!(true);
    let file = path(&directory, "results/2999-01-01-zen4.json");
    fs::write(&file, newer.to_string()).unwrap();
    assert_eq!(compare(&["tables", "--check", &readme]).status.code(), Some(0));
    refused(&["tables", &file], &["interrupted"]);
    newer["incomplete"] = json!(false);
    fs::write(&file, newer.to_string()).unwrap();
    let output = compare(&["tables", "--check", &readme]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("2999-01-01-zen4.json"));
}

#[test]
fn a_readme_without_markers_and_a_result_without_rows_are_refused() {
    let directory = a_repository();
    let bare = path(&directory, "BARE.md");
    fs::write(&bare, "# nothing\n").unwrap();
    refused(&["tables", "--check", &bare], &["BARE.md", "<!-- figures:"]);
    refused(&["tables", "--write", &bare], &["BARE.md", "<!-- figures:"]);
    let mut report: Value = serde_json::from_slice(&fs::read(newest_result()).unwrap()).unwrap();
    report["rows"].as_array_mut().unwrap().retain(|row| row["section"] != "frame");
    let file = path(&directory, "results/part.json");
    fs::write(&file, report.to_string()).unwrap();
    refused(&["tables", &file], &["part.json", "no row of"]);
}

#[test]
fn a_result_does_not_differ_from_itself() {
    let newest = newest_result();
    let output = compare(&["diff", &newest, &newest]);
    assert_eq!(output.status.code(), Some(0));
    let rows = rows(&newest);
    let ours = rows.iter().filter(|row| row["ours"] == true).count();
    let text = stdout(&output);
    assert!(text.contains(&format!("Ours: 0 worse, 0 better, {ours} ties of {ours} rows")), "{text}");
    assert!(!text.contains("note:") && !text.contains("only OLD"), "{text}");
}

/// Times are changed in turn, in a small report, and the exit status must follow those of ours.
#[test]
fn only_what_of_ours_got_slower_beyond_the_spread_ends_with_1() {
    let directory = TempDir::new().unwrap();
    let old = small(&directory, "old.json", |_| {});
    for (ours, factor, status) in [(true, 2.0, 1), (true, 0.5, 0), (false, 2.0, 0), (true, 1.000_1, 0)] {
        let new = small(&directory, "new.json", |row| {
            // Memory has no spread that a change could hide in.
            if row["ours"] == ours && row["unit"] == "ns/message" {
                for field in ["median", "low", "high"] {
                    row[field] = json!(row[field].as_f64().unwrap() * factor);
                }
            }
        });
        let output = compare(&["diff", &old, &new]);
        assert_eq!(output.status.code(), Some(status), "{ours} {factor}: {}", stdout(&output));
        let slower = stdout(&output).contains("got worse");
        assert_eq!((slower, stdout(&output).contains("got better")), (status == 1, ours && factor < 1.0));
    }
}

#[test]
fn a_lower_ratio_and_more_memory_are_worse() {
    let directory = TempDir::new().unwrap();
    let old = small(&directory, "old.json", |_| {});
    let ratio = small(&directory, "ratio.json", |row| {
        if let Some(ratio) = row["ratio"].as_f64() {
            row["ratio"] = json!(ratio * 0.9);
        }
    });
    let memory = small(&directory, "memory.json", |row| {
        if row["unit"] == "bytes/connection" {
            ["median", "low", "high"]
                .iter()
                .for_each(|field| row[*field] = json!(row[*field].as_f64().unwrap() + 1.0));
        }
    });
    for (new, word) in [(ratio, "ratio "), (memory, "bytes")] {
        let output = compare(&["diff", &old, &new]);
        assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
        assert!(stdout(&output).contains(if word == "bytes" { " B (" } else { word }));
    }
}

#[test]
fn reports_that_can_not_be_compared_are_refused_and_what_may_explain_a_change_is_noted() {
    let directory = TempDir::new().unwrap();
    let newest = newest_result();
    let other = path(&directory, "other.json");
    fs::write(&other, "{}").unwrap();
    refused(&["diff", &newest, &other], &["other.json"]);
    refused(&["diff", &newest], &["NEW"]);
    let mut report: Value = serde_json::from_slice(&fs::read(&newest).unwrap()).unwrap();
    report["machine"]["cpu"] = json!("another");
    fs::write(&other, report.to_string()).unwrap();
    assert!(stdout(&compare(&["diff", &newest, &other])).contains("note: processors differ"));
    report["rows"].as_array_mut().unwrap().clear();
    fs::write(&other, report.to_string()).unwrap();
    refused(&["diff", &newest, &other], &["no row in common"]);
}

#[test]
fn wins_ties_and_losses_add_up_and_every_loss_is_named() {
    let text = stdout(&compare(&["wins", &newest_result()]));
    let (table, losses) = text.split_once("\nBehind:\n").unwrap_or((&text, ""));
    let mut behind = 0;
    for line in table.lines().skip(2) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let number = |cell: &str| cell.trim_matches('*').parse::<usize>().unwrap();
        assert_eq!(number(cells[2]), number(cells[3]) + number(cells[4]) + number(cells[5]), "{line}");
        behind += number(cells[5]);
    }
    assert_eq!(losses.lines().filter(|line| line.starts_with("- ")).count(), behind);
}

/// A README with its results beside it.
fn a_repository() -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("results")).unwrap();
    let newest = newest_result();
    let name = newest.rsplit('/').next().unwrap();
    fs::copy(&newest, directory.path().join("results").join(name)).unwrap();
    fs::copy(root().join("README.md"), directory.path().join("README.md")).unwrap();
    directory
}

fn rows(file: &str) -> Vec<Value> {
    let report: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    report["rows"].as_array().unwrap().clone()
}

/// The newest result with every tenth row, changed.
fn small(directory: &TempDir, name: &str, change: impl Fn(&mut Value)) -> String {
    let mut report: Value = serde_json::from_slice(&fs::read(newest_result()).unwrap()).unwrap();
    let rows = report["rows"].as_array().unwrap().iter().step_by(10).cloned();
    let mut rows: Vec<Value> = rows.collect();
    rows.iter_mut().for_each(change);
    report["rows"] = json!(rows);
    let file = path(directory, name);
    fs::write(&file, report.to_string()).unwrap();
    file
}
