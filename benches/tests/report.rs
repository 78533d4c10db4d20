//! The HTML report and the README's plot, as text: what a browser makes of them is in browser.rs.

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{compare, newest_result, path, refused, stderr};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn every_row_is_in_a_plot_and_every_plot_has_as_many_points_as_it_says() {
    let (html, report) = page_of(&newest_result());
    check(&html, &report);
}

#[test]
fn a_report_of_a_corpus_has_all_its_rows_too() {
    let directory = TempDir::new().unwrap();
    let (corpus, json) = (path(&directory, "mine.jsonl"), path(&directory, "out.json"));
    fs::write(&corpus, "{\"price\":1}\n{\"größe\":22}\n<script>alert(1)</script>\n".repeat(50)).unwrap();
    let measured =
        compare(&["--quick", "--rounds", "1", "--no-rivals", "--corpus", &corpus, "--json", &json]);
    assert!(measured.status.success(), "{}", stderr(&measured));
    let (html, report) = page_of(&json);
    check(&html, &report);
}

#[test]
fn the_page_needs_nothing_else() {
    let (html, _) = page_of(&newest_result());
    let (page, _) = html.split_once("<script type=\"application/json\"").unwrap();
    for outside in ["<link", "<script", "<img", "@import", "url(", "src=", "http://", "https://"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for within in page.split("href=\"").skip(1) {
        assert!(within.starts_with('#'), "{}", &within[..20]);
    }
}

#[test]
fn the_json_in_the_page_is_the_report() {
    let directory = TempDir::new().unwrap();
    let mut report: Value = serde_json::from_slice(&fs::read(newest_result()).unwrap()).unwrap();
    report["rows"][0]["contender"] = Value::from("</script><b>");
    let json = path(&directory, "odd.json");
    fs::write(&json, report.to_string()).unwrap();
    let (html, _) = page_of(&json);
    assert!(!html.contains("<b>") && html.matches("</script>").count() == 1);
    let (_, rest) = html.split_once("<script type=\"application/json\" id=\"report\">").unwrap();
    let embedded: Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    assert_eq!(embedded["rows"], report["rows"]);
}

#[test]
fn an_interrupted_run_and_those_who_failed_are_shown_as_such() {
    let directory = TempDir::new().unwrap();
    let mut report: Value = serde_json::from_slice(&fs::read(newest_result()).unwrap()).unwrap();
    report["incomplete"] = Value::from(true);
    report["absent"] = serde_json::json!([{ "contender": "yawc", "reason": "could not be built" }]);
    let json = path(&directory, "part.json");
    fs::write(&json, report.to_string()).unwrap();
    let (html, _) = page_of(&json);
    assert!(html.contains("interrupted") && html.contains("yawc: could not be built"));
}

#[test]
fn what_is_no_report_is_refused() {
    let directory = TempDir::new().unwrap();
    let out = path(&directory, "out.html");
    refused(&["report", &path(&directory, "missing.json"), "--out", &out], &["missing.json"]);
    refused(&["report", &newest_result(), "--out", &path(&directory, "no/such.html")], &["no/such.html"]);
    assert!(!fs::exists(out).unwrap());
}

#[test]
fn the_plot_of_the_readme_is_drawn_from_the_newest_result() {
    let directory = TempDir::new().unwrap();
    let (out, plot) = (path(&directory, "out.html"), path(&directory, "plot.svg"));
    let output = compare(&["report", &newest_result(), "--out", &out, "--plot", &plot]);
    assert!(output.status.success(), "{}", stderr(&output));
    let kept = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../results/plot.svg")).unwrap();
    assert!(
        kept == fs::read_to_string(plot).unwrap(),
        "cargo compare report {} --plot results/plot.svg",
        newest_result()
    );
}

/// The page of a report, and the report.
fn page_of(json: &str) -> (String, Value) {
    let directory = TempDir::new().unwrap();
    let out = path(&directory, "out.html");
    let output = compare(&["report", json, "--out", &out]);
    assert!(output.status.success(), "{}", stderr(&output));
    (fs::read_to_string(out).unwrap(), serde_json::from_slice(&fs::read(json).unwrap()).unwrap())
}

fn check(html: &str, report: &Value) {
    let rows = report["rows"].as_array().unwrap();
    let mut shown = BTreeSet::new();
    for figure in html.split("<figure ").skip(1) {
        let (figure, _) = figure.split_once("</figure>").unwrap();
        let (section, points) = (attribute(figure, "data-section"), attribute(figure, "data-points"));
        let in_figure: Vec<usize> = figure
            .split("data-row=\"")
            .skip(1)
            .map(|rest| rest.split_once('"').unwrap().0.parse().unwrap())
            .collect();
        assert_eq!(in_figure.len().to_string(), points, "{}", &figure[..200]);
        assert!(in_figure.iter().all(|&row| rows[row]["section"] == section), "{}", &figure[..200]);
        assert_eq!(
            figure.matches("<tr class=\"ours\">").count() + figure.matches("<tr><th scope=\"row\">").count(),
            in_figure.len()
        );
        shown.extend(in_figure);
    }
    assert_eq!(shown, (0..rows.len()).collect());
    assert!(!html.contains("NaN") && !html.contains("inf\""));
}

fn attribute<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
    rest.split_once('"').unwrap().0
}
