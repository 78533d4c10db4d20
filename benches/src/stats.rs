//! From samples to the three figures of a row.

/// The middle, and where the spread ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

/// The figures of samples that were taken in several sittings, none of which is without samples.
///
/// The median is that of the sittings' medians. The spread holds the middle 80 % of all samples, and every sitting's
/// median: samples of one sitting can agree to a thousandth and be a tenth off, since all of them were taken with the code,
/// the input and the buffers in the same places of the memory.
///
/// ```text
/// sitting 1      |-x-|
/// sitting 2                  |x|
/// sitting 3       |-x--|
/// spread           |----------|
/// ```
pub fn summarise_sittings(sittings: &[Vec<f64>]) -> Summary {
    let mut medians: Vec<f64> = sittings.iter().map(|samples| summarise(samples).median).collect();
    medians.sort_by(f64::total_cmp);
    let all = summarise(&sittings.concat());
    Summary {
        median: quantile(&medians, 0.5),
        low: all.low.min(medians[0]),
        high: all.high.max(medians[medians.len() - 1]),
    }
}

/// Median, 10th and 90th percentile of at least one sample.
pub fn summarise(samples: &[f64]) -> Summary {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    Summary { median: quantile(&sorted, 0.5), low: quantile(&sorted, 0.1), high: quantile(&sorted, 0.9) }
}

/// Between the two samples nearest to the place asked for, in proportion.
fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let place = fraction * (sorted.len() - 1) as f64;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    below + (above - below) * place.fract()
}

/// The mean that a ratio and its inverse cancel out in; of at least one number, all above 0.
pub fn geometric_mean(ratios: &[f64]) -> f64 {
    let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (logarithms / ratios.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_samples() {
        let summary = summarise(&[5.0, 1.0, 3.0, 2.0, 4.0]);
        assert_eq!(summary.median, 3.0);
        assert!((summary.low - 1.4).abs() < 1e-9 && (summary.high - 4.6).abs() < 1e-9, "{summary:?}");
    }

    #[test]
    fn one_sitting_has_the_middle_of_its_samples() {
        let samples = vec![5.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!(summarise_sittings(std::slice::from_ref(&samples)), summarise(&samples));
    }

    #[test]
    fn samples_that_agree_within_a_sitting_do_not_hide_what_sittings_differ_by() {
        // A thousandth apart within a sitting; one sitting of five found a worse place.
        let sitting = |middle: f64| (0..15).map(|n| middle * (1.0 + f64::from(n - 7) * 1e-4)).collect();
        let sittings: Vec<Vec<f64>> = [100.0, 100.3, 111.0, 99.9, 100.1].map(sitting).to_vec();
        let summary = summarise_sittings(&sittings);
        assert_eq!(summary.median, 100.1);
        assert!(summary.low <= 99.9 && summary.high >= 111.0, "{summary:?}");
        // Nobody's own samples would have told.
        assert!(sittings.iter().all(|one| summarise(one).high / summarise(one).low < 1.002));
    }

    /// Two runs of the same, whose sittings land where they happen to: by chance alone, all five of one lie below all
    /// five of the other in one case of 126. Judged by the samples of one sitting each, most runs would differ.
    #[test]
    fn two_runs_of_the_same_agree_however_sittings_are_placed() {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut run = |sittings: usize| -> Summary {
            let taken: Vec<Vec<f64>> = (0..sittings)
                .map(|_| {
                    let place = 100.0 + 10.0 * rng.f64();
                    (0..15).map(|_| place + 0.01 * rng.f64()).collect()
                })
                .collect();
            summarise_sittings(&taken)
        };
        let mut agree = |sittings| {
            let pairs = (0..2_000).map(|_| (run(sittings), run(sittings)));
            pairs.filter(|(one, other)| one.low <= other.high && other.low <= one.high).count()
        };
        assert!(agree(5) > 1_960, "{}", agree(5));
        assert!(agree(1) < 100, "{}", agree(1));
    }

    #[test]
    fn a_ratio_and_its_inverse_cancel_out() {
        assert!((geometric_mean(&[4.0, 0.25]) - 1.0).abs() < 1e-12);
        assert!((geometric_mean(&[2.0, 8.0]) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn one_sample_is_all_three() {
        assert_eq!(summarise(&[7.0]), Summary { median: 7.0, low: 7.0, high: 7.0 });
    }
}
