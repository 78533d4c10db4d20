//! The program from outside: what it refuses, and what a report holds.

mod common;

use std::fs;

use common::{compare, path, refused};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn an_unknown_section_is_refused_with_the_known_ones() {
    refused(&["--section", "masks"], &["masks", "mask", "frame", "deflate"]);
}

#[test]
fn an_unknown_backend_is_refused_with_the_known_ones() {
    refused(&["--backend", "gzip"], &["gzip", "flate2", "zlib-rs", "libdeflate", "zlib"]);
    refused(&["--section", "mask", "--backend", "zlib"], &["--section deflate"]);
}

#[test]
fn a_corpus_must_be_a_file_of_text_with_messages() {
    let directory = TempDir::new().unwrap();
    refused(&["--corpus", &path(&directory, "missing.jsonl")], &["missing.jsonl", "one message a line"]);
    refused(&["--corpus", directory.path().to_str().unwrap()], &["one message a line"]);
    let binary = file(&directory, "image.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    refused(&["--corpus", &binary], &["image.png", "not text", "one message a line"]);
    let empty = file(&directory, "empty.jsonl", b"");
    refused(&["--corpus", &empty], &["empty.jsonl", "no messages", "one message a line"]);
    let blank = file(&directory, "blank.jsonl", b"\n\r\n\n");
    refused(&["--corpus", &blank], &["blank.jsonl", "no messages"]);
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_measuring() {
    let directory = TempDir::new().unwrap();
    let json = path(&directory, "no/such/directory/out.json");
    refused(&["--json", &json], &["out.json", "--json takes a file"]);
}

#[test]
fn the_list_names_what_takes_part() {
    let output = compare(&["--list"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    for name in RIVALS.iter().chain(&["ratchet_deflate", "memory, compress"]) {
        assert!(text.contains(name), "{name}");
    }
}

#[test]
fn a_mask_report_has_every_field_and_contender() {
    let report = report(&["--section", "mask"]);
    let rows = rows(&report, "mask");
    for name in ["wscodec", "fastwebsockets", "sockudo-ws", "yawc", "soketto", "byte loop", "u64 loop"] {
        assert!(rows.iter().any(|row| row["contender"] == name), "{name}");
    }
}

#[test]
fn a_frame_report_has_every_contender() {
    let report = report(&["--section", "frame"]);
    let rows = rows(&report, "frame");
    for name in RIVALS.iter().chain(&["wscodec", "wscodec-kernel"]) {
        let of_name = |task: &str| {
            rows.iter()
                .any(|row| row["contender"] == *name && row["workload"].as_str().unwrap().starts_with(task))
        };
        assert!(of_name("decode"), "{name}");
        assert!(of_name("encode"), "{name}");
    }
}

#[test]
fn every_bar_is_in_a_report_and_can_be_read_from_it() {
    let directory = TempDir::new().unwrap();
    let json = path(&directory, "out.json");
    let output =
        compare(&["--quick", "--rounds", "1", "--section", "mask", "--section", "frame", "--json", &json]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Our bars") && !text.contains("not measured"), "{text}");
    let report: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    let bars = report["bars"].as_array().unwrap();
    assert_eq!(bars.len(), 20 + report["machine"]["levels"].as_array().unwrap().len());
    for bar in bars {
        assert!(bar["worst"].as_f64().unwrap() <= bar["figure"].as_f64().unwrap() + 1e-9, "{bar}");
        assert!(
            ["below-floor", "below-aim", "floor", "aim"].contains(&bar["verdict"].as_str().unwrap()),
            "{bar}"
        );
    }
    let again = compare(&["bars", &json]);
    assert!(again.status.success());
    // Alone they also name what other sections would have measured.
    let again = String::from_utf8(again.stdout).unwrap();
    let (bars, others): (Vec<_>, Vec<_>) = again.lines().partition(|line| !line.starts_with("not measured"));
    assert!(text.contains(&bars.join("\n")), "{text}\n{again}");
    assert_eq!(others.len(), 1, "{again}");
}

#[test]
fn the_bars_of_something_else_are_refused() {
    let directory = TempDir::new().unwrap();
    let other = file(&directory, "other.json", b"{}");
    refused(&["bars", &other], &["other.json"]);
    refused(&["bars", &other, "--quick"], &["--quick"]);
}

#[test]
fn a_deflate_report_has_every_backend_with_its_engine_ratio_and_memory() {
    let report = report(&["--section", "deflate", "--no-rivals"]);
    let rows = rows(&report, "deflate");
    let engines = [
        ("flate2", "miniz_oxide"),
        ("zlib-rs", "zlib-rs"),
        ("libdeflate", "libdeflate"),
        ("compact", "compact"),
        ("hybrid", "compact and libdeflate"),
        ("zlib", "zlib 1."),
    ];
    for (name, engine) in engines {
        for (task, contender) in [("compress", format!("{name} 6")), ("inflate", name.to_owned())] {
            let row = rows.iter().find(|row| {
                row["contender"] == *contender && row["workload"].as_str().unwrap().starts_with(task)
            });
            let row = row.unwrap_or_else(|| panic!("{task} {contender}"));
            assert!(row["engine"].as_str().unwrap().starts_with(engine), "{row}");
            // libdeflate's decompressor is its thread's, and not the context's; the compact one holds a window at most.
            let engine = row["engine"].as_str().unwrap();
            let own = task == "compress" || !(engine.ends_with("libdeflate") || engine == "compact");
            assert_eq!(row["memory"].as_u64().unwrap() > 10_000, own, "{row}");
            assert_eq!(row["ratio"].is_number(), task == "compress", "{row}");
        }
    }
    let takeover = |name: &str| {
        rows.iter()
            .any(|row| row["contender"] == *name && row["workload"].as_str().unwrap().ends_with(", takeover"))
    };
    assert!(takeover("zlib-rs 1") && takeover("zlib 1") && !takeover("libdeflate 1"));
}

#[test]
fn rivals_of_deflate_take_part_with_the_engine_that_they_run_on() {
    let report = report(&["--section", "deflate"]);
    // Without CMake.
    let absent =
        |it: &Value| it["contender"] == "zlib-ng" && it["reason"].as_str().unwrap().contains("libz-ng-sys");
    assert!(report["absent"].as_array().unwrap().iter().all(absent), "{}", report["absent"]);
    let rows = rows(&report, "deflate");
    let engines = [("ratchet_deflate", "zlib"), ("sockudo-ws", "zlib-rs"), ("yawc", "zlib-rs")];
    for (name, engine) in engines {
        for (task, contender) in [("compress", format!("{name} 6")), ("inflate", name.to_owned())] {
            for takeover in ["no takeover", "takeover"] {
                let workload = format!("{task} ticker, {takeover}");
                let row =
                    rows.iter().find(|row| row["workload"] == *workload && row["contender"] == *contender);
                let row = row.unwrap_or_else(|| panic!("{workload}: {contender}"));
                assert_eq!(
                    (&row["engine"], row["version"].is_string()),
                    (&Value::from(engine), true),
                    "{row}"
                );
                // Of short messages that are alike, takeover makes far less.
                let least = if takeover == "takeover" { 3.5 } else { 1.2 };
                assert!(task == "inflate" || row["ratio"].as_f64().unwrap() > least, "{row}");
            }
        }
    }
}

#[test]
fn every_bar_of_deflate_is_in_a_report_and_messages_that_a_corpus_lacks_are_named() {
    let directory = TempDir::new().unwrap();
    let corpus = file(&directory, "mine.jsonl", small_messages().as_bytes());
    let json = path(&directory, "out.json");
    let arguments = [
        "--quick",
        "--rounds",
        "1",
        "--section",
        "deflate",
        "--no-rivals",
        "--corpus",
        &corpus,
        "--json",
        &json,
    ];
    let output = compare(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    for bar in [
        "compress mine 100-400 B, no takeover, ratio within 1 %: flate2 6",
        "compress mine 100-400 B, takeover, ratio within 25 %: zlib 6",
        "compress mine 100-400 B, takeover, 1,024 connections, ratio within 25 %: zlib 6",
        "inflate mine 100-400 B, no takeover: zlib",
        "inflate mine 100-400 B, takeover: zlib",
        "compress small, takeover: what zlib-rs 1 (message) costs over the engine",
        "inflate small, no takeover: what zlib-rs costs over the engine",
        "compress 4-64 KB, no takeover, ratio no worse: flate2 6: not in mine",
        "inflate 4-64 KB, takeover: zlib: not in mine",
    ] {
        assert!(text.contains(bar), "{bar} is not in: {text}");
    }
    let again = compare(&["bars", &json]);
    assert!(String::from_utf8(again.stdout).unwrap().contains("not in mine"));
}

/// Where glibc tells what is allocated.
#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn memory_is_told_for_each_window_and_state() {
    let report = report(&["--section", "deflate", "--no-rivals"]);
    let rows = rows(&report, "deflate");
    for workload in [
        "compress, 9 bits, takeover, busy",
        "inflate, 12 bits, takeover, idle",
        "compress, 15 bits, no takeover, busy",
    ] {
        let of = |contender: &str| {
            let workload = format!("memory, {workload}");
            let row = rows.iter().find(|row| {
                row["workload"] == *workload && row["contender"].as_str().unwrap().starts_with(contender)
            });
            row.unwrap_or_else(|| panic!("{workload}: {contender}"))
        };
        for contender in ["zlib-rs", "hybrid", "zlib"] {
            assert_eq!(of(contender)["unit"], "bytes/connection");
        }
    }
    let bars = report["bars"].as_array().unwrap();
    let shared =
        bars.iter().filter(|bar| bar["name"].as_str().unwrap().starts_with("memory of a connection"));
    assert_eq!(shared.count(), 5);
}

/// Those that nothing is timed of are among the workloads to choose from.
#[test]
fn memory_can_be_chosen_alone() {
    let report =
        report(&["--section", "deflate", "--no-rivals", "--workload", "memory, inflate, 12 bits, takeover"]);
    let rows = rows(&report, "deflate");
    let workloads: std::collections::BTreeSet<_> =
        rows.iter().map(|row| row["workload"].as_str().unwrap()).collect();
    let chosen = ["busy", "idle"].map(|state| format!("memory, inflate, 12 bits, takeover, {state}"));
    assert!(workloads.iter().eq(&chosen), "{workloads:?}");
}

#[test]
fn a_backend_can_be_measured_alone() {
    let report = report(&["--section", "deflate", "--backend", "libdeflate"]);
    for row in rows(&report, "deflate") {
        assert!(row["contender"].as_str().unwrap().starts_with("libdeflate"), "{row}");
    }
}

#[test]
fn a_corpus_takes_the_place_of_generated_messages() {
    let directory = TempDir::new().unwrap();
    let corpus = file(&directory, "mine.jsonl", "{\"price\":1}\n{\"größe\":22}\n".repeat(50).as_bytes());
    let report = report(&["--no-rivals", "--corpus", &corpus]);
    for row in rows(&report, "frame") {
        assert!(row["workload"].as_str().unwrap().contains("mine"), "{row}");
        assert_eq!(row["messages"], 100);
    }
}

#[test]
fn several_sittings_are_one_report() {
    let directory = TempDir::new().unwrap();
    let corpus = file(&directory, "mine.jsonl", small_messages().as_bytes());
    let report = report(&["--section", "mask", "--sittings", "3", "--rounds", "2", "--corpus", &corpus]);
    assert_eq!(report["method"]["sittings"], 3);
    let rows = rows(&report, "mask");
    assert!(rows.iter().all(|row| row["samples"] == 6), "two of each sitting");
    let names: std::collections::BTreeSet<_> =
        rows.iter().map(|row| (row["workload"].to_string(), row["contender"].to_string())).collect();
    assert_eq!(names.len(), rows.len(), "a row twice");
}

#[test]
fn a_contender_can_be_left_out_and_one_that_nobody_knows_is_refused() {
    let report = report(&["--section", "frame", "--without", "yawc", "--without", "wscodec-kernel (batch)"]);
    let rows = rows(&report, "frame");
    let has = |name: &str| rows.iter().any(|row| row["contender"] == name);
    assert!(has("wscodec-kernel") && has("sockudo-ws") && has("ratchet_core") && has("web-socket"));
    assert!(!has("yawc") && !has("wscodec-kernel (batch)"));
    refused(&["--section", "mask", "--without", "yaws"], &["yaws", "--list"]);
}

#[test]
fn workloads_can_be_chosen_by_a_part_of_their_name_and_one_that_none_has_is_refused() {
    // Who is left out is also in workloads that nobody asked for.
    let report = report(&[
        "--section",
        "mask",
        "--section",
        "frame",
        "--workload",
        "copying, 1 KiB",
        "--workload",
        "decode text 1 KiB",
        "--without",
        "soketto",
    ]);
    let all = report["rows"].as_array().unwrap();
    assert!(!rows(&report, "mask").is_empty() && !rows(&report, "frame").is_empty());
    assert!(all.iter().all(|row| row["workload"].as_str().unwrap().contains("1 KiB")));
    assert!(report["bars"].as_array().unwrap().is_empty(), "bars are about all of a section");
    refused(&["--section", "mask", "--workload", "1 TiB"], &["1 TiB", "--list"]);
}

/// Cargo is what CARGO names, and this one builds nothing.
#[test]
#[cfg(unix)]
fn a_program_that_can_not_be_built_is_named_with_the_reason() {
    let directory = TempDir::new().unwrap();
    let corpus = file(&directory, "mine.jsonl", small_messages().as_bytes());
    let json = path(&directory, "out.json");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(["--quick", "--rounds", "1", "--section", "deflate", "--corpus", &corpus, "--json", &json])
        .env("CARGO", "false")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("yawc: it can't be built"));
    let report: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    let absent: Vec<_> =
        report["absent"].as_array().unwrap().iter().map(|it| it["contender"].as_str().unwrap()).collect();
    assert!(
        absent.contains(&"yawc") && absent.contains(&"sockudo-ws") && absent.contains(&"ratchet_deflate")
    );
    assert!(!rows(&report, "deflate").iter().any(|row| absent.contains(&row["contender"].as_str().unwrap())));
}

/// A hundred lines of about 200 bytes.
fn small_messages() -> String {
    let line = |place: usize| {
        format!("{{\"id\":{place},\"text\":\"{}\"}}\n", format!("word{} ", place * 7_919).repeat(20))
    };
    (0..100).map(line).collect()
}

/// The crates that the comparison promises.
const RIVALS: [&str; 8] = [
    "tungstenite",
    "fastwebsockets",
    "tokio-websockets",
    "yawc",
    "sockudo-ws",
    "soketto",
    "web-socket",
    "ratchet_core",
];

/// Runs the program for one sample of everything, if not told otherwise, and reads its report, whose outer fields are checked.
fn report(arguments: &[&str]) -> Value {
    let directory = TempDir::new().unwrap();
    let json = path(&directory, "out.json");
    let rounds: &[&str] = if arguments.contains(&"--rounds") { &[] } else { &["--rounds", "1"] };
    let output = compare(&[&["--quick", "--json", &json], rounds, arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!output.stdout.contains(&0x1b), "control codes without a terminal");
    assert!(output.stderr.is_empty(), "a progress bar without a terminal");
    let report: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    for field in ["cpu", "cores", "levels", "os", "rustc"] {
        assert!(!report["machine"][field].is_null(), "{field}");
    }
    assert!(report["date"].as_str().unwrap().ends_with('Z'));
    assert!(report["command"].as_str().unwrap().starts_with("cargo compare --quick"));
    assert_eq!(report["failures"], Value::Array(Vec::new()));
    report
}

/// The rows of a section, the fields of which are checked.
fn rows<'a>(report: &'a Value, section: &str) -> Vec<&'a Value> {
    let rows = report["rows"].as_array().unwrap();
    let rows: Vec<&Value> = rows.iter().filter(|row| row["section"] == section).collect();
    assert!(!rows.is_empty(), "no rows in {section}");
    for row in &rows {
        for field in ["workload", "contender", "engine", "unit", "path"] {
            assert!(row[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {row}");
        }
        for field in ["median", "low", "high", "samples", "messages", "bytes"] {
            assert!(row[field].as_f64().is_some_and(|figure| figure > 0.0), "{field} of {row}");
        }
        assert!(row["ours"].is_boolean());
        assert!(row["version"].is_string() || !RIVALS.contains(&row["contender"].as_str().unwrap()), "{row}");
    }
    rows
}

fn file(directory: &TempDir, name: &str, content: &[u8]) -> String {
    let path = path(directory, name);
    fs::write(&path, content).unwrap();
    path
}
