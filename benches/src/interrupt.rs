//! Ctrl-C: the first ends the run after the samples under way, and keeps what was measured; the second ends it at once.

use std::io::{self, Read};
use std::process::{self, ChildStdin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

static ASKED: AtomicBool = AtomicBool::new(false);

/// The input of the program that measures for this one, closed to stop it.
static SITTING: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// The exit status of a program that Ctrl-C stopped, as shells tell it: 128, and the number of the signal.
pub const STATUS: u8 = 130;

/// Listens from now on. Where that can't be done, Ctrl-C ends the program at once, as it does by default.
pub fn listen() {
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            process::exit(i32::from(STATUS));
        }
        stop_sitting();
        eprintln!("\nstopping; what was measured is kept. Ctrl-C again stops at once");
    });
}

/// In a program that measures for another one: the end of the standard input stops it, and so does Ctrl-C, of which the
/// other one speaks.
pub fn listen_in_sitting() {
    let _ = ctrlc::set_handler(|| ASKED.store(true, Ordering::SeqCst));
    thread::spawn(|| {
        // Nothing is ever sent; whatever ends this, the other one is gone or wants an end.
        let _ = io::stdin().read(&mut [0]);
        ASKED.store(true, Ordering::SeqCst);
    });
}

/// Stops the program with this input once this one is asked to stop.
pub fn watch(input: ChildStdin) {
    *lock() = Some(input);
    if asked() {
        stop_sitting();
    }
}

fn stop_sitting() {
    drop(lock().take());
}

fn lock() -> MutexGuard<'static, Option<ChildStdin>> {
    SITTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the run is to end.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
