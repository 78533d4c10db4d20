//! Timing: all contenders of a workload in turn, round after round, so that whatever else the machine does hits all.

use std::time::{Duration, Instant};

use crate::workload::Workload;

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Samples of each contender; each round takes one of each.
    pub rounds: usize,
    /// How long a sample should last at least: passes are repeated until it does.
    pub sample: Duration,
}

impl Method {
    /// For figures to publish.
    pub const FULL: Self = Self { rounds: 31, sample: Duration::from_millis(2) };
    /// For a look.
    pub const QUICK: Self = Self { rounds: 9, sample: Duration::from_micros(500) };
}

/// Nanoseconds a pass: the samples of each of `contenders`, in their order.
///
/// The order of a round is shuffled, so that nobody always runs after the same neighbour and finds the caches and
/// the branch predictor as that one left them. `tick` is called after each round.
pub fn measure(
    workload: &mut dyn Workload,
    contenders: &[usize],
    method: Method,
    mut tick: impl FnMut(),
) -> Vec<Vec<f64>> {
    let passes: Vec<u32> = contenders.iter().map(|&contender| warm_up(workload, contender, method)).collect();
    let mut samples = vec![Vec::with_capacity(method.rounds); contenders.len()];
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut rng = fastrand::Rng::with_seed(ORDER_SEED);
    for _ in 0..method.rounds {
        rng.shuffle(&mut order);
        for &place in &order {
            let elapsed = time(workload, contenders[place], passes[place]);
            samples[place].push(elapsed.as_secs_f64() * 1e9 / f64::from(passes[place]));
        }
        tick();
    }
    samples
}

/// Any will do; fixed, so that two runs shuffle alike.
const ORDER_SEED: u64 = 0x5eed_0001;

/// Runs the contender until it is warm, and says how many passes make a sample.
fn warm_up(workload: &mut dyn Workload, contender: usize, method: Method) -> u32 {
    // The first pass faults pages in and fills caches; it says nothing on speed.
    workload.pass(contender);
    let mut passes = 1;
    loop {
        let elapsed = time(workload, contender, passes);
        if elapsed >= method.sample {
            return passes;
        }
        // At least double, at most tenfold: one short outlier must not end in a sample of seconds.
        let wanted = method.sample.as_secs_f64() / elapsed.as_secs_f64().max(1e-9);
        passes = (f64::from(passes) * wanted.clamp(2.0, 10.0)).ceil() as u32;
    }
}

fn time(workload: &mut dyn Workload, contender: usize, passes: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..passes {
        workload.pass(contender);
    }
    start.elapsed()
}
