//! Timing: all contenders of a workload in turn, round after round, so that whatever else the machine does hits all.

use std::time::Duration;

use crate::clock::Moment;
use crate::workload::Workload;

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// How long a sample should last at least: passes are repeated until it does.
    ///
    /// Far less than the time slice of an operating system, so that most samples are not disturbed, and the median does
    /// not move on a machine that is shared.
    pub sample: Duration,
    /// How long the rounds of a workload may take together, which says how many there are.
    pub budget: Duration,
    /// Rounds even if they take longer; each takes one sample of each contender.
    pub least_rounds: usize,
    /// Rounds even if there is time for more.
    pub most_rounds: usize,
}

impl Method {
    /// For figures to publish.
    pub const FULL: Self = Self {
        sample: Duration::from_micros(300),
        budget: Duration::from_millis(1_500),
        least_rounds: 15,
        most_rounds: 101,
    };
    /// For a look.
    pub const QUICK: Self = Self {
        sample: Duration::from_micros(150),
        budget: Duration::from_millis(150),
        least_rounds: 5,
        most_rounds: 41,
    };

    /// The rounds that the budget has time for.
    fn rounds(&self, round: Duration) -> usize {
        let rounds = self.budget.as_secs_f64() / round.as_secs_f64().max(1e-9);
        (rounds as usize).clamp(self.least_rounds, self.most_rounds)
    }
}

/// Nanoseconds a pass: the samples of each of `contenders`, in their order.
///
/// The order of a round is shuffled, so that nobody always runs after the same neighbour and finds the caches and
/// the branch predictor as that one left them.
pub fn measure(workload: &mut dyn Workload, contenders: &[usize], method: Method) -> Vec<Vec<f64>> {
    let warm: Vec<Warm> = contenders.iter().map(|&contender| warm_up(workload, contender, method)).collect();
    let rounds = method.rounds(warm.iter().map(|warm| warm.sample).sum());
    let mut samples = vec![Vec::with_capacity(rounds); contenders.len()];
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut rng = fastrand::Rng::with_seed(ORDER_SEED);
    for _ in 0..rounds {
        rng.shuffle(&mut order);
        for &place in &order {
            let passes = warm[place].passes;
            let elapsed = time(workload, contenders[place], passes);
            samples[place].push(elapsed.as_secs_f64() * 1e9 / f64::from(passes));
        }
    }
    samples
}

/// What is known of a contender that has run.
struct Warm {
    /// Passes that make a sample.
    passes: u32,
    /// How long it lasts.
    sample: Duration,
}

/// Any will do; fixed, so that two runs shuffle alike.
const ORDER_SEED: u64 = 0x5eed_0001;

/// Runs the contender until it is warm and the length of a sample is known.
fn warm_up(workload: &mut dyn Workload, contender: usize, method: Method) -> Warm {
    // The first pass faults pages in and fills caches; it says nothing on speed.
    workload.pass(contender);
    let mut passes = 1;
    loop {
        let sample = time(workload, contender, passes);
        if sample >= method.sample {
            return Warm { passes, sample };
        }
        // At least double, at most tenfold: one short outlier must not end in a sample of seconds.
        let wanted = method.sample.as_secs_f64() / sample.as_secs_f64().max(1e-9);
        passes = (f64::from(passes) * wanted.clamp(2.0, 10.0)).ceil() as u32;
    }
}

fn time(workload: &mut dyn Workload, contender: usize, passes: u32) -> Duration {
    let start = Moment::now();
    for _ in 0..passes {
        workload.pass(contender);
    }
    start.elapsed()
}
