//! Timing: all contenders of a workload in turn, round after round, so that whatever else the machine does hits all.

use std::time::Duration;

use crate::interrupt;
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
    /// Programs, one after the other, that do all of this.
    ///
    /// Where code, input and buffers lie in memory is settled when a program starts and allocates, and moves some figures by
    /// a tenth and more: samples of one program can't tell. With five, two runs of the same agree by chance alone in 125 of
    /// 126 cases.
    pub sittings: u32,
}

impl Method {
    /// For figures to publish.
    pub const FULL: Self = Self {
        sample: Duration::from_micros(300),
        budget: Duration::from_millis(400),
        least_rounds: 5,
        most_rounds: 31,
        sittings: 5,
    };
    /// For a look.
    pub const QUICK: Self = Self {
        sample: Duration::from_micros(150),
        budget: Duration::from_millis(100),
        least_rounds: 5,
        most_rounds: 41,
        sittings: 1,
    };

    /// The rounds that the budget has time for.
    fn rounds(&self, round: Duration) -> usize {
        let rounds = self.budget.as_secs_f64() / round.as_secs_f64().max(1e-9);
        (rounds as usize).clamp(self.least_rounds, self.most_rounds)
    }
}

/// Nanoseconds a pass: the samples of each of `contenders`, in their order, or why there are none.
///
/// After an interruption there are fewer samples, or none: they are for nothing.
///
/// The order of a round is shuffled, so that nobody always runs after the same neighbour and finds the caches and
/// the branch predictor as that one left them.
pub fn measure(
    workload: &mut dyn Workload,
    contenders: &[usize],
    method: Method,
) -> Vec<Result<Vec<f64>, String>> {
    let warm: Vec<Result<Warm, String>> =
        contenders.iter().map(|&contender| warm_up(workload, contender, method)).collect();
    let rounds = method.rounds(warm.iter().flatten().map(|warm| warm.sample).sum());
    let mut samples: Vec<Result<Vec<f64>, String>> = warm
        .iter()
        .map(|warm| warm.as_ref().map(|_| Vec::with_capacity(rounds)).map_err(Clone::clone))
        .collect();
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut rng = fastrand::Rng::with_seed(ORDER_SEED);
    for _ in 0..rounds {
        if interrupt::asked() {
            break;
        }
        rng.shuffle(&mut order);
        for &place in &order {
            let (Ok(warm), Ok(taken)) = (&warm[place], &mut samples[place]) else { continue };
            match workload.time(contenders[place], warm.passes) {
                Ok(elapsed) => taken.push(elapsed.as_secs_f64() * 1e9 / f64::from(warm.passes)),
                Err(reason) => samples[place] = Err(reason),
            }
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
fn warm_up(workload: &mut dyn Workload, contender: usize, method: Method) -> Result<Warm, String> {
    // The first pass faults pages in and fills caches; it says nothing on speed.
    workload.time(contender, 1)?;
    let mut passes = 1;
    loop {
        let sample = workload.time(contender, passes)?;
        if sample >= method.sample || interrupt::asked() {
            return Ok(Warm { passes, sample });
        }
        // At least double, at most tenfold: one short outlier must not end in a sample of seconds.
        let wanted = method.sample.as_secs_f64() / sample.as_secs_f64().max(1e-9);
        passes = (f64::from(passes) * wanted.clamp(2.0, 10.0)).ceil() as u32;
    }
}
