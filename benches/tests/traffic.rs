//! `compare traffic` from outside.

mod common;

use std::fs;

use common::{compare, path, refused, stderr, stdout};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn what_is_no_traffic_is_refused() {
    let directory = TempDir::new().unwrap();
    refused(&["traffic"], &["FILES"]);
    let missing = compare(&["traffic", &path(&directory, "missing.pcap")]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("missing.pcap"));
    let lies = path(&directory, "lies.bin");
    fs::write(&lies, [0xff; 9]).unwrap();
    let output = compare(&["traffic", &lies]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("4294967295 bytes"), "{}", stderr(&output));
}

#[test]
fn a_report_has_sizes_choices_and_a_recommendation_for_each_aim() {
    let directory = TempDir::new().unwrap();
    let (corpus, json) = (path(&directory, "mine.jsonl"), path(&directory, "out.json"));
    let lines: String =
        (0..300).map(|id| format!("{{\"id\":{id},\"side\":\"buy\",\"price\":\"{id}.25\"}}\n")).collect();
    fs::write(&corpus, &lines).unwrap();
    let few = ["--quick", "--confirm", "--rounds", "1", "--connections", "8", "--backend", "compact"];
    let output = compare(&[&["traffic", &corpus, "--json", &json], &few[..]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    for part in
        ["mine", "For the least CPU", "For the least bytes", "For the least memory", "Backend::Compact"]
    {
        assert!(text.contains(part), "{part}");
    }
    let report: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    let mine = &report["traffic"][0];
    assert_eq!(mine["sizes"]["messages"], 300);
    assert_eq!(mine["sizes"]["bytes"], lines.len() - 300);
    assert_eq!(mine["connections"], 8);
    let choices = mine["choices"].as_array().unwrap();
    for choice in choices {
        assert_eq!(choice["backend"], "compact");
        for field in ["compress", "inflate", "compress_in_turn", "inflate_in_turn"] {
            assert!(choice[field]["median"].as_f64().unwrap() > 0.0, "{field}");
        }
        assert!(choice["ratio"].as_f64().unwrap() > 0.5 && choice["memory"].as_f64().unwrap() > 0.0);
    }
    assert!(!mine["front"].as_array().unwrap().is_empty());
    let recommendations = mine["recommendations"].as_array().unwrap();
    let aims: Vec<&Value> = recommendations.iter().map(|one| &one["aim"]).collect();
    assert_eq!(aims, ["cpu", "bytes", "memory"]);
    for recommendation in recommendations {
        assert!(recommendation["confirmation"]["verdict"].is_string());
        assert!(recommendation["code"]["cargo"].as_str().unwrap().contains("compact"));
    }
    // Times, with one connection and in turn, of all choices.
    assert_eq!(report["rows"].as_array().unwrap().len(), 4 * choices.len());
    let page = path(&directory, "out.html");
    let drawn = compare(&["report", &json, "--out", &page]);
    assert!(drawn.status.success(), "{}", stderr(&drawn));
    assert!(fs::read_to_string(&page).unwrap().contains("compress mine, takeover"));
}
