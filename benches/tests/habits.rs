//! How the program behaves in a terminal, without one, and when it is stopped.

mod common;

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use common::{compare, path, refused, stdout};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn completions_know_every_option_and_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&compare(&["completions", shell]));
        for word in ["section", "corpus", "no-rivals", "report", "diff", "tables"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    refused(&["completions", "cmd"], &["cmd", "bash"]);
}

#[test]
fn completions_are_a_script_that_bash_takes() {
    let script = stdout(&compare(&["completions", "bash"]));
    let output =
        Command::new("bash").args(["-c", &format!("{script}\ncomplete -p compare")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().contains("_compare"));
}

#[test]
fn the_help_says_what_exit_statuses_mean() {
    let help = stdout(&compare(&["--help"]));
    for part in ["Exit status", "130", "NO_COLOR", "--check"] {
        assert!(help.contains(part), "{part}");
    }
}

/// As often as it takes until a workload was done before the signal; whatever the machine, the exit status and the mark in
/// the report hold.
#[test]
#[cfg(unix)]
fn ctrl_c_keeps_what_was_measured() {
    let directory = TempDir::new().unwrap();
    let corpus = corpus(&directory);
    for seconds in [4, 14, 45] {
        let json = path(&directory, "out.json");
        let arguments =
            ["--quick", "--rounds", "2000", "--section", "frame", "--corpus", &corpus, "--json", &json];
        let child = Command::new(env!("CARGO_BIN_EXE_compare"))
            .args(arguments)
            .stdout(piped())
            .stderr(piped())
            .spawn();
        let child = child.unwrap();
        sleep(Duration::from_secs(seconds));
        let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(signal.success(), "over before it could be interrupted");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stderr).contains("what was measured is kept"));
        let report: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
        assert_eq!(report["incomplete"], true);
        let rows = report["rows"].as_array().unwrap();
        let samples = |row: &Value| row["samples"].as_u64().unwrap();
        assert!(rows.iter().all(|row| samples(row) == 2000), "a workload that was not done");
        if !rows.is_empty() {
            assert!(String::from_utf8_lossy(&output.stdout).contains("Interrupted"));
            return;
        }
    }
    panic!("not one workload in 45 seconds");
}

/// In a terminal there is a progress bar with the time left, and ours are bold; NO_COLOR and a terminal that can't go back
/// in a line do without.
#[test]
#[cfg(target_os = "linux")]
fn a_terminal_has_a_progress_bar_and_bold_print_unless_told_otherwise() {
    let plain = in_terminal("xterm", "");
    assert!(plain.contains(" left") && plain.contains("\x1b[1m"), "{plain:?}");
    let no_color = in_terminal("xterm", "1");
    assert!(no_color.contains(" left") && !no_color.contains("\x1b[1m"), "{no_color:?}");
    let dumb = in_terminal("dumb", "1");
    assert!(!dumb.contains(" left") && !dumb.contains('\x1b') && dumb.contains("rows in"), "{dumb:?}");
}

/// What the program writes to a terminal of its own, that script(1) of util-linux gives it.
#[cfg(target_os = "linux")]
fn in_terminal(kind: &str, no_color: &str) -> String {
    let directory = TempDir::new().unwrap();
    let program = env!("CARGO_BIN_EXE_compare");
    let command = format!("{program} --quick --rounds 1 --section frame --corpus {}", corpus(&directory));
    let script = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("TERM", kind)
        .env("NO_COLOR", no_color)
        .stdin(std::process::Stdio::null())
        .output();
    let output = script.unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Messages that are soon done.
#[cfg(unix)]
fn corpus(directory: &TempDir) -> String {
    let file = path(directory, "mine.jsonl");
    fs::write(&file, "{\"price\":1}\n".repeat(50)).unwrap();
    file
}

#[cfg(unix)]
fn piped() -> std::process::Stdio {
    std::process::Stdio::piped()
}
