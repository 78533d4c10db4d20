//! From samples to the three figures of a row.

/// The middle of the samples, and where the spread ends: a tenth of the samples lies below `low`, a tenth above `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    pub median: f64,
    pub low: f64,
    pub high: f64,
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
    fn a_ratio_and_its_inverse_cancel_out() {
        assert!((geometric_mean(&[4.0, 0.25]) - 1.0).abs() < 1e-12);
        assert!((geometric_mean(&[2.0, 8.0]) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn one_sample_is_all_three() {
        assert_eq!(summarise(&[7.0]), Summary { median: 7.0, low: 7.0, high: 7.0 });
    }
}
