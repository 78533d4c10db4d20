//! The clock of a sample.
//!
//! Where there is one, it counts the time that this thread was running: what other programs take of a shared machine
//! is then not in the figures, apart from what they leave behind in the caches.

use std::time::Duration;

/// A time in the past or now; only the difference of two means something.
#[derive(Clone, Copy, Debug)]
pub struct Moment(Inner);

/// What the clock counts, for the report.
pub const NAME: &str = if cfg!(target_os = "linux") { "CPU time of the thread" } else { "wall time" };

#[cfg(target_os = "linux")]
type Inner = Duration;
#[cfg(not(target_os = "linux"))]
type Inner = std::time::Instant;

impl Moment {
    /// This one.
    #[cfg(target_os = "linux")]
    pub fn now() -> Self {
        use rustix::time::{ClockId, clock_gettime};
        let time = clock_gettime(ClockId::ThreadCPUTime);
        // Neither is ever negative on this clock.
        Self(Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default()))
    }

    /// This one.
    #[cfg(not(target_os = "linux"))]
    pub fn now() -> Self {
        Self(std::time::Instant::now())
    }

    /// From then to now.
    #[cfg(target_os = "linux")]
    pub fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }

    /// From then to now.
    #[cfg(not(target_os = "linux"))]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_while_this_thread_does() {
        let start = Moment::now();
        let mut sum = 0_u64;
        while start.elapsed() < Duration::from_micros(100) {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(sum > 10, "{sum}: the clock is too coarse");
    }
}
