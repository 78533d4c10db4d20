//! The program, run from outside.

// Each test file is a program of its own, and none needs everything here.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub fn compare(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_compare")).args(arguments).output().unwrap()
}

/// The program must end with exit status 2 and a message that has all of these in it.
pub fn refused(arguments: &[&str], expected: &[&str]) {
    let output = compare(arguments);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    for part in expected {
        assert!(message.contains(part), "'{part}' is not in: {message}");
    }
    assert!(output.stdout.is_empty());
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub fn path(directory: &TempDir, name: &str) -> String {
    directory.path().join(name).to_str().unwrap().to_owned()
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The newest of the recorded results, told by the date inside.
pub fn newest_result() -> String {
    let files = fs::read_dir(root().join("results")).unwrap().map(|entry| entry.unwrap().path());
    let dated =
        files.filter(|file| file.extension().is_some_and(|extension| extension == "json")).map(|file| {
            let report: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
            (report["date"].as_str().unwrap().to_owned(), file)
        });
    dated.max().unwrap().1.to_str().unwrap().to_owned()
}
