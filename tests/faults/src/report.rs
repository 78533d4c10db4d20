//! What came out, as lines, as a table and as JSON.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::healthy::Waits;
use crate::options::Adapter;
use crate::{memory, soak};

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) attacks: Vec<AttackRow>,
    pub(crate) memory: Vec<memory::Row>,
    pub(crate) soaks: Vec<soak::Outcome>,
}

pub(crate) struct AttackRow {
    pub(crate) adapter: Adapter,
    pub(crate) name: &'static str,
    pub(crate) peers: usize,
    pub(crate) seen: String,
    /// How much the server's resident bytes grew at the most, and how much they may.
    pub(crate) growth: u64,
    pub(crate) allowed: u64,
    pub(crate) waits: Waits,
}

impl Report {
    pub(crate) fn table(&self) -> String {
        let mut out = String::from(
            "## Faults\n\nEach while eight healthy peers echo; `grew` is the server's resident memory at its most, against what the fault may \
             cost.\n\n\
             | adapter | fault | what was seen | grew (KiB) | bar (KiB) | healthy echoes | median (us) | p99 (us) | longest (us) |\n\
             |---|---|---|--:|--:|--:|--:|--:|--:|\n",
        );
        for row in &self.attacks {
            line(
                &mut out,
                &[
                    row.adapter.name(),
                    row.name,
                    &row.seen,
                    &(row.growth >> 10).to_string(),
                    &(row.allowed >> 10).to_string(),
                    &waits(&row.waits),
                ],
            );
        }
        out.push_str(
            "\n## Memory of idle connections\n\nResident bytes of the server's process for each connection, its task or thread \
             included, what the kernel holds not. Beside it what each says of itself \
             (`memory`), before it is released and afterwards.\n\n\
             | adapter | backend | agreed on | connections | opened | after messages | released | by its own account | released |\n|---|---|---|--:|--:|--:|--:|--:|--:|\n",
        );
        for row in &self.memory {
            line(
                &mut out,
                &[
                    row.adapter.name(),
                    row.way.name(),
                    &row.agreed,
                    &row.connections.to_string(),
                    &row.opened.to_string(),
                    &row.used.to_string(),
                    &row.released.map_or_else(
                        || "- | - | -".to_owned(),
                        |released| format!("{} | {} | {}", released.resident, released.held, released.kept),
                    ),
                ],
            );
        }
        out.push_str(
            "\n## Soak\n\n\
             | adapter | seconds | connections | opened | messages | bytes | compressed there and back | in fragments | pings | memory at 20 % (KiB) | at the end (KiB) \
             | short echoes | median (us) | p99 (us) | longest (us) |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        );
        for soak in &self.soaks {
            let sums = &soak.sums;
            line(
                &mut out,
                &[
                    soak.adapter.name(),
                    &soak.seconds.to_string(),
                    &soak.connections.to_string(),
                    &sums.opened.to_string(),
                    &sums.messages.to_string(),
                    &sums.bytes.to_string(),
                    &format!("{} / {}", sums.compressed, soak.compressed_answers),
                    &sums.fragmented.to_string(),
                    &sums.pings.to_string(),
                    &(soak.early >> 10).to_string(),
                    &(soak.late >> 10).to_string(),
                    &waits(&soak.waits),
                ],
            );
        }
        out
    }

    /// Writes the JSON to `file`, and the table beside it.
    pub(crate) fn write(&self, file: &Path) -> io::Result<()> {
        fs::write(file, self.json())?;
        fs::write(
            file.with_extension("md"),
            format!("# Faults over real sockets\n\n`tests/faults/run`, {}\n\n{}", cpu(), self.table()),
        )
    }

    fn json(&self) -> String {
        let attacks = self.attacks.iter().map(|row| {
            format!(
                "{{\"adapter\": \"{}\", \"fault\": \"{}\", \"peers\": {}, \"seen\": \"{}\", \"growth_bytes\": {}, \"allowed_bytes\": {}, {}}}",
                row.adapter.name(),
                row.name,
                row.peers,
                row.seen,
                row.growth,
                row.allowed,
                json_waits(&row.waits)
            )
        });
        let memory = self.memory.iter().map(|row| {
            format!(
                "{{\"adapter\": \"{}\", \"backend\": \"{}\", \"takeover\": {}, \"agreed\": \"{}\", \"connections\": {}, \"opened_bytes\": {}, \"used_bytes\": {}, \"released_bytes\": {}, \"own_bytes\": {}, \"own_released_bytes\": {}}}",
                row.adapter.name(),
                row.way.name(),
                row.way.takeover,
                row.agreed,
                row.connections,
                row.opened,
                row.used,
                optional(row.released.map(|released| released.resident)),
                optional(row.released.map(|released| released.held)),
                optional(row.released.map(|released| released.kept))
            )
        });
        let soaks = self.soaks.iter().map(|soak| {
            let sums = &soak.sums;
            format!(
                "{{\"adapter\": \"{}\", \"seconds\": {}, \"connections\": {}, \"opened\": {}, \"messages\": {}, \"bytes\": {}, \"compressed\": {}, \"compressed_answers\": {}, \
                 \"fragmented\": {}, \"pings\": {}, \"early_bytes\": {}, \"late_bytes\": {}, {}}}",
                soak.adapter.name(),
                soak.seconds,
                soak.connections,
                sums.opened,
                sums.messages,
                sums.bytes,
                sums.compressed,
                soak.compressed_answers,
                sums.fragmented,
                sums.pings,
                soak.early,
                soak.late,
                json_waits(&soak.waits)
            )
        });
        format!(
            "{{\n  \"cpu\": \"{}\",\n  \"faults\": [{}],\n  \"memory\": [{}],\n  \"soak\": [{}]\n}}\n",
            cpu(),
            array(attacks),
            array(memory),
            array(soaks)
        )
    }
}

fn line(out: &mut String, cells: &[&str]) {
    // A String takes everything.
    _ = writeln!(out, "| {} |", cells.join(" | "));
}

pub(crate) fn waits(waits: &Waits) -> String {
    let Waits { count, median, p99, longest } = waits;
    format!("{count} | {} | {} | {}", median.as_micros(), p99.as_micros(), longest.as_micros())
}

fn json_waits(waits: &Waits) -> String {
    let Waits { count, median, p99, longest } = waits;
    format!(
        "\"echoes\": {count}, \"median_us\": {}, \"p99_us\": {}, \"longest_us\": {}",
        median.as_micros(),
        p99.as_micros(),
        longest.as_micros()
    )
}

fn optional(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "null".to_owned(), |bytes| bytes.to_string())
}

fn array(rows: impl Iterator<Item = String>) -> String {
    let rows: Vec<_> = rows.map(|row| format!("\n    {row}")).collect();
    rows.join(",") + "\n  "
}

fn cpu() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores of {}", model.map_or("unknown", |(_, name)| name))
}
