//! Ctrl-C: the first ends the run after the samples under way, and keeps what was measured; the second ends it at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// The exit status of a program that Ctrl-C stopped, as shells tell it: 128, and the number of the signal.
pub const STATUS: u8 = 130;

/// Listens from now on. Where that can't be done, Ctrl-C ends the program at once, as it does by default.
pub fn listen() {
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            process::exit(i32::from(STATUS));
        }
        eprintln!("\nstopping; what was measured is kept. Ctrl-C again stops at once");
    });
}

/// Whether the run is to end.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
