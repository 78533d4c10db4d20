//! Valgrind, run on this program.

use std::env;
use std::process::Command;

/// What valgrind starts and stops counting at: [`calls::counted`](super::calls::counted).
const COUNTED: &str = "--toggle-collect=instructions::calls::counted";

/// The instructions of the call of this name.
///
/// # Errors
/// In words: there is no valgrind, or it could not run the call.
pub fn instructions(call: &str) -> Result<u64, String> {
    let program = env::current_exe().map_err(|error| format!("can't find this program: {error}"))?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", COUNTED])
        .arg(program)
        .args(["--call", call])
        .output()
        .map_err(|error| format!("can't run valgrind, which counts the instructions: {error}"))?;
    let messages = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("'{call}' failed under valgrind:\n{messages}"));
    }
    match collected(&messages) {
        Some(count) if count > 0 => Ok(count),
        _ => Err(format!("valgrind counted nothing for '{call}':\n{messages}")),
    }
}

/// The number of a line like `==1234== Collected : 98`.
fn collected(messages: &str) -> Option<u64> {
    let line = messages.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_valgrind_prints() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 98\n==7== \n"), Some(98));
        assert_eq!(collected("valgrind: no such program\n"), None);
    }
}
