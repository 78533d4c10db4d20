//! The command line: what is asked, checked before anything is measured.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::deflate;
use crate::input::{self, Messages, Size};
use crate::measure::Method;
use crate::section::Section;
use crate::traffic;

/// Compares WebSocket codecs on this machine: masking, framing, permessage-deflate.
#[derive(Debug, Parser)]
#[command(
    name = "cargo compare",
    bin_name = "cargo compare",
    version,
    args_conflicts_with_subcommands = true,
    after_help = EXIT_STATUSES
)]
struct Arguments {
    #[command(subcommand)]
    other: Option<Other>,

    /// Measure this section only; may be given several times
    #[arg(long = "section", value_name = "NAME")]
    sections: Vec<Section>,

    /// Measure this DEFLATE backend only, in the section deflate; may be given several times
    #[arg(long = "backend", value_name = "NAME", value_parser = PossibleValuesParser::new(deflate::NAMES))]
    backends: Vec<String>,

    /// Leave out the DEFLATE codecs of other crates, which take a program of their own each, built when first needed
    #[arg(long)]
    no_rivals: bool,

    /// Measure the workloads with TEXT in their name only, as `16 B` or `TCP, 1 KiB`; may be given several times
    #[arg(long = "workload", value_name = "TEXT")]
    workloads: Vec<String>,

    /// Leave this contender out; may be given several times, as `yawc`, `zlib` or `wscodec (avx2)`
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,

    /// Fewer rounds and smaller input: a look in under a minute
    #[arg(long)]
    quick: bool,

    /// Write the report to FILE as JSON, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Measure on the messages of FILE, one a line, instead of the generated ones; may be given several times
    #[arg(long = "corpus", value_name = "FILE")]
    corpora: Vec<PathBuf>,

    /// List sections, workloads and contenders, and measure nothing
    #[arg(long)]
    list: bool,

    /// Spread the run over N programs, one after the other, each of which measures everything [default: 5; 1 with --quick]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    sittings: Option<u32>,

    /// Samples of each contender, instead of the usual number, in one sitting: for tests of this program
    #[arg(long, hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,

    /// Be the sitting with this number, from 0, and hand what was measured to the program that asked for it
    #[arg(long, hide = true)]
    sitting: Option<u32>,

    /// In a sitting: a program that could not be built
    #[arg(long, hide = true, value_name = "NAME")]
    absent: Vec<String>,
}

/// Shown below the options, and by each subcommand that can find something.
const EXIT_STATUSES: &str = "\
Exit status: 0; 1 if a contender answered wrongly or an engine is not the one it is measured as, if `diff` finds
something of ours slower, if `tables --check` finds other figures; 2 if what is asked for can't be; 130 after Ctrl-C,
which keeps what was measured until then.

NO_COLOR turns bold print off. Without a terminal there is no progress bar.";

/// What there is to do besides measuring.
#[derive(Debug, Subcommand)]
pub enum Other {
    /// Show where we stand against our bars, from a report that --json wrote
    Bars {
        /// The report
        file: PathBuf,
    },
    /// Turn a report that --json wrote into one HTML file with plots, tables and the figures as JSON
    Report {
        /// The report
        file: PathBuf,
        /// Write the page to FILE
        #[arg(long, value_name = "FILE", default_value = "report.html")]
        out: PathBuf,
        /// Write the plot that the README shows to FILE, as SVG
        #[arg(long, value_name = "FILE")]
        plot: Option<PathBuf>,
    },
    /// Say what changed between two reports beyond the spread of both; exit status 1 if something of ours got worse
    Diff {
        /// The report from before
        old: PathBuf,
        /// The report from after
        new: PathBuf,
    },
    /// Count wins, ties and losses against the fastest other crate, and list the losses, in Markdown
    Wins {
        /// The report
        file: PathBuf,
    },
    /// Print the tables that the README quotes, in Markdown
    Tables {
        /// The report; the newest in results/ if none is given
        file: Option<PathBuf>,
        /// Exit with status 1 unless README has these tables between its markers, and from the newest report beside it
        #[arg(long, value_name = "README", conflicts_with = "write")]
        check: Option<PathBuf>,
        /// Put the tables between the markers of README
        #[arg(long, value_name = "README")]
        write: Option<PathBuf>,
    },
    /// Say which backend, level and window suit your own traffic, and give the code for it
    Traffic(traffic::Arguments),
    /// Print completions of this program's command line for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

impl Request {
    /// Whether a workload of this name is to be measured.
    pub fn includes(&self, workload: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|part| workload.contains(part.as_str()))
    }

    /// Whether a contender is left out.
    pub fn leaves_out(&self, contender: &str) -> bool {
        self.without.iter().any(|name| leaves_out(name, contender))
    }
}

/// Whether a name to leave out means this contender: its whole name, or that of its crate or engine, the beginning.
pub fn leaves_out(name: &str, contender: &str) -> bool {
    contender.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// What to do.
#[derive(Debug)]
pub enum Job {
    /// Measure, or list what there is to measure.
    Compare(Box<Request>),
    /// Something else.
    Other(Other),
}

/// What is asked, in the terms of the program.
#[derive(Debug)]
pub struct Request {
    /// The sections to measure, in the report's order.
    pub sections: Vec<Section>,
    /// The DEFLATE backends to measure; all if none is named.
    pub backends: Vec<String>,
    /// Parts of the names of the workloads to measure; all if none is named.
    pub workloads: Vec<String>,
    /// Whether less is to do.
    pub quick: bool,
    /// How long and how often.
    pub method: Method,
    /// How much input.
    pub size: Size,
    /// The messages to measure on: those of the corpora if there are any, else generated ones.
    pub messages: Vec<Messages>,
    /// Whether those messages are the user's.
    pub own_messages: bool,
    /// The corpora, whole.
    pub corpora: Vec<Messages>,
    /// Whether codecs that need a program of their own are left out.
    pub no_rivals: bool,
    /// Contenders that are left out.
    pub without: Vec<String>,
    /// Programs of contenders that could not be built, which a sitting is told.
    pub absent: Vec<String>,
    /// Which sitting this program is, if it is one of several.
    pub sitting: Option<u32>,
    /// Where to write the report's JSON form.
    pub json: Option<PathBuf>,
    /// Whether only to list what there is.
    pub list: bool,
    /// The command as typed, for the report.
    pub command: String,
}

/// Reads the command line; ends the program with a message and exit status 2 if it asks for what can't be.
pub fn parse() -> Job {
    parse_from(std::env::args_os())
}

/// The same of these words, the first of which is the program's name.
pub fn parse_from(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Job {
    let mut arguments = Arguments::parse_from(words);
    if let Some(other) = arguments.other.take() {
        return Job::Other(other);
    }
    match request(arguments) {
        Ok(request) => Job::Compare(Box::new(request)),
        Err(message) => Arguments::command().error(ErrorKind::ValueValidation, message).exit(),
    }
}

/// The completions of a shell for `compare`, the program that `cargo compare` runs.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut Arguments::command().name("compare").bin_name("compare"),
        "compare",
        &mut script,
    );
    script
}

fn request(arguments: Arguments) -> Result<Request, String> {
    let size = if arguments.quick { Size::QUICK } else { Size::FULL };
    let corpora =
        arguments.corpora.iter().map(|path| input::read_corpus(path)).collect::<Result<Vec<_>, _>>()?;
    let own_messages = !corpora.is_empty();
    let own = corpora.iter().map(|corpus| corpus.clone().middle(size.bytes)).collect();
    let sections = in_order(&arguments.sections);
    if !arguments.backends.is_empty() && !sections.contains(&Section::Deflate) {
        return Err(
            "--backend chooses among DEFLATE engines, but --section leaves the section deflate out; add \
                    '--section deflate' or leave --backend out"
                .to_owned(),
        );
    }
    // Last, since it makes the file if there is none.
    if let Some(path) = &arguments.json {
        check_writable(path)?;
    }
    let mut method = if arguments.quick { Method::QUICK } else { Method::FULL };
    if let Some(rounds) = arguments.rounds {
        (method.least_rounds, method.most_rounds, method.sittings) = (rounds as usize, rounds as usize, 1);
    }
    method.sittings = arguments.sittings.unwrap_or(method.sittings);
    Ok(Request {
        sections,
        backends: arguments.backends,
        workloads: arguments.workloads,
        quick: arguments.quick,
        method,
        size,
        messages: if own_messages { own } else { input::generate(size) },
        own_messages,
        corpora,
        no_rivals: arguments.no_rivals,
        without: arguments.without,
        absent: arguments.absent,
        sitting: arguments.sitting,
        json: arguments.json,
        list: arguments.list,
        command: command_line(),
    })
}

/// Every section asked for once, all of them if none was; in the order of the report.
fn in_order(asked: &[Section]) -> Vec<Section> {
    let all = Section::value_variants().iter().copied();
    all.filter(|section| asked.is_empty() || asked.contains(section)).collect()
}

/// Minutes of measuring must not end in "permission denied".
pub fn check_writable(path: &Path) -> Result<(), String> {
    match OpenOptions::new().append(true).create(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "can't write the report to '{}': {error}; --json takes a file in a directory that exists and is writable",
            path.display()
        )),
    }
}

pub fn command_line() -> String {
    let arguments = std::env::args().skip(1);
    let quoted = arguments.map(|word| if word.contains(' ') { format!("'{word}'") } else { word });
    ["cargo compare".to_owned()].into_iter().chain(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_to_leave_out_is_a_whole_one_or_its_beginning_up_to_a_space() {
        for contender in ["zlib", "zlib 6", "zlib 6 (12 bits)"] {
            assert!(leaves_out("zlib", contender), "{contender}");
        }
        for contender in ["zlib-rs 6", "zlib-ng", "z"] {
            assert!(!leaves_out("zlib", contender), "{contender}");
        }
        assert!(leaves_out("wscodec (avx2)", "wscodec (avx2)") && !leaves_out("wscodec (avx2)", "wscodec"));
    }
}
