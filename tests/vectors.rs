//! The adversarial vectors of `tests/vectors`, through decoders and connections, with every backend that can, whole, byte by
//! byte and cut in two. Their format is described in `tests/vectors/README.md`.

#[path = "vectors/load.rs"]
mod load;
#[path = "vectors/run.rs"]
mod run;
#[path = "vectors/subject.rs"]
mod subject;

use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use load::{Failure, Step, Vector, load, rows};

macro_rules! files {
    ($($file:ident)*) => {
        /// The files with vectors, a test for each.
        const FILES: &[&str] = &[$(stringify!($file)),*];

        $(#[test]
        fn $file() {
            run_file(stringify!($file));
        })*
    };
}

files! {
    examples_6455 lengths masks opcodes control close limits utf8
    deflate_payload deflate_bfinal deflate_blocks deflate_fragments deflate_context deflate_text deflate_limits
}

fn run_file(name: &str) {
    let vectors = read(name);
    let runs: usize = vectors.iter().map(run::check).sum();
    println!("{name}: {} vectors in {runs} runs", vectors.len());
}

fn read(name: &str) -> Vec<Vector> {
    let text = fs::read_to_string(folder().join(name).with_extension("txt")).expect("a file of vectors");
    load(&text).unwrap_or_else(|problem| panic!("{name}.txt: {problem}"))
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "vectors"].iter().collect()
}

#[test]
fn no_file_is_forgotten_and_each_row_is_covered() {
    let there: HashSet<String> = fs::read_dir(folder())
        .expect("the folder of vectors")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .filter(|name| name != "rows")
        .collect();
    assert_eq!(there, FILES.iter().map(ToString::to_string).collect());

    let vectors: Vec<Vector> = FILES.iter().flat_map(|name| read(name)).collect();
    let names: HashSet<&str> = vectors.iter().map(|vector| vector.name.as_str()).collect();
    assert_eq!(names.len(), vectors.len(), "names are unique");
    let wanted = rows(&fs::read_to_string(folder().join("rows.txt")).expect("the rows"));
    let covered: HashSet<String> = vectors.iter().map(|vector| vector.row.clone()).collect();
    assert_eq!(covered, wanted);
}

/// What is expected is really compared: without any one step of it, or with another code, the vector fails.
#[test]
fn a_vector_that_expects_something_else_fails() {
    for (name, every) in [("close", 7), ("control", 23), ("limits", 11), ("utf8", 29), ("deflate_bfinal", 19)]
    {
        for vector in read(name).iter().step_by(every).filter(|vector| run::is_possible(vector)) {
            for (number, step) in vector.steps.iter().enumerate() {
                let mut wrong = vector.clone();
                match step {
                    Step::In(_) | Step::MayFail(_) => continue,
                    Step::Event(_) | Step::Answer(_) => drop(wrong.steps.remove(number)),
                    Step::Error(failure) => {
                        let code = failure.code + 1;
                        wrong.steps[number] = Step::Error(Failure { code, ..failure.clone() });
                    }
                }
                let outcome = catch_unwind(AssertUnwindSafe(|| run::check(&wrong)));
                assert!(outcome.is_err(), "{} passes without step {number}", vector.name);
            }
        }
    }
}

#[test]
fn what_the_format_does_not_have_is_refused() {
    let good = "name: n\nrow: r\nrfc: 6455 5.2\nrole: server\nextension: none\nlimits: frame=5\nin: 81 2*0a0b\n  00\nevent: close 1000 62\nanswer: pong\nerror: reserved-bits|too-long 1002\n";
    let [vector] = &load(good).expect("well formed")[..] else { panic!("one vector") };
    assert_eq!((vector.input(), &vector.marks[..]), (vec![0x81, 10, 11, 10, 11, 0], &[0, 1, 5][..]));
    for (old, new) in [
        ("name: n\n", ""),
        ("name: n", "name: n m"),
        ("name: n", "name: n\nname: n"),
        ("name: n", "name"),
        ("row: r\n", ""),
        ("rfc: 6455 5.2", "says: who"),
        ("server", "proxy"),
        ("none", "permessage-deflate"),
        ("none", "permessage-deflate takeover=maybe window=15"),
        ("none", "permessage-deflate takeover=no window=16"),
        ("frame=5", "frame"),
        ("frame=5", "frame=five"),
        ("frame=5", "ratio=5"),
        ("81 ", "8 "),
        ("81 ", "8g "),
        ("2*0a0b", "x*0a0b"),
        ("2*0a0b", "2*"),
        ("in:", "  in:"),
        ("event: close 1000", "event: close 70000"),
        ("event: close", "event: shut"),
        ("answer: pong", "answer: ping"),
        ("answer: pong", "answer: close 1000 62"),
        ("reserved-bits|", "reserved-buts|"),
        (" 1002", ""),
    ] {
        let bad = good.replacen(old, new, 1);
        assert_ne!(bad, good, "{old} is there");
        assert!(load(&bad).is_err(), "{bad}");
    }
    assert!(load("  81").is_err(), "nothing to continue");
}
