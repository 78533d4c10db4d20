//! The machine that the figures are of.

use std::process::Command;
use std::{env, fs, thread};

use serde::{Deserialize, Serialize};
use wscodec_kernel::Level;

/// What matters for the figures, and nothing that names the machine.
#[derive(Debug, Serialize, Deserialize)]
pub struct Machine {
    /// The processor as it names itself.
    pub cpu: String,
    /// Logical cores that the program may use.
    pub cores: usize,
    /// The instruction sets of ours that the processor has, the least first.
    pub levels: Vec<String>,
    /// Operating system and architecture.
    pub os: String,
    /// The compiler.
    pub rustc: String,
}

impl Machine {
    /// The machine that this runs on.
    pub fn here() -> Self {
        Self {
            cpu: cpu_name().unwrap_or_else(|| "unknown".to_owned()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            levels: Level::supported().map(|level| level.name().to_owned()).collect(),
            os: format!("{} {}", env::consts::OS, env::consts::ARCH),
            rustc: env!("COMPARE_RUSTC").to_owned(),
        }
    }
}

/// Keeps this thread on one core, so that its caches stay its own; the core's number, or `None` where it can't be done.
pub fn pin() -> Option<usize> {
    // The last one: the first is where most systems put their interrupts.
    let core = core_affinity::get_core_ids()?.into_iter().next_back()?;
    core_affinity::set_for_current(core).then_some(core.id)
}

fn cpu_name() -> Option<String> {
    if cfg!(target_os = "linux") {
        let text = fs::read_to_string("/proc/cpuinfo").ok()?;
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        return line.split_once(':').map(|(_, name)| name.trim().to_owned());
    }
    if cfg!(target_os = "macos") {
        let output = Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"]).output().ok()?;
        return String::from_utf8(output.stdout).ok().map(|name| name.trim().to_owned());
    }
    env::var("PROCESSOR_IDENTIFIER").ok()
}
