//! Ticks at round numbers, and ranges with some room around what is shown.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::canvas::text_width;

/// An axis with the ticks given.
pub struct Axis {
    scale: Scale,
    ticks: Vec<f64>,
}

enum Scale {
    Linear(RangedCoordf64),
    Log(LogCoord<f64>),
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        match &self.scale {
            Scale::Linear(scale) => scale.map(value, limit),
            Scale::Log(scale) => scale.map(value, limit),
        }
    }

    /// The light ones, which lie between the others, are none.
    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        match &self.scale {
            Scale::Linear(scale) => scale.range(),
            Scale::Log(scale) => scale.range(),
        }
    }
}

/// A logarithmic axis over the values, with ticks out of those offered.
pub fn log(values: impl Iterator<Item = f64> + Clone, ticks: &[f64]) -> Axis {
    let (low, high) = ends(values);
    let room = (high / low).powf(0.06).max(1.15);
    let range = low / room..high * room;
    let ticks = inside(ticks, &range);
    Axis { scale: Scale::Log(range.log_scale().into()), ticks }
}

/// A linear axis over the values, with about five round ticks.
pub fn linear(values: impl Iterator<Item = f64> + Clone, from_zero: bool) -> Axis {
    let (low, high) = ends(values);
    let low = if from_zero { 0.0 } else { low };
    let room = ((high - low) * 0.08).max(high * 0.01);
    let range = if from_zero { 0.0..high + room } else { low - room..high + room };
    let ticks = round_ticks(&range);
    linear_at(range, ticks)
}

/// A linear axis over a range, with the ticks given.
pub fn linear_at(range: Range<f64>, ticks: Vec<f64>) -> Axis {
    Axis { scale: Scale::Linear(range.into()), ticks }
}

/// Powers of two, for bytes.
pub fn binary(values: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let (low, high) = ends(values);
    let step = if high / low > 100.0 { 2 } else { 1 };
    (0..=40).step_by(step).map(|bits| 2_f64.powi(bits)).collect()
}

/// 1, 2 and 5 of each power of ten; only the powers where there are many.
pub fn decades(values: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let (low, high) = ends(values);
    let digits: &[f64] = if high / low > 300.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let powers = (low.log10().floor() as i32 - 1)..=(high.log10().ceil() as i32);
    powers.flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powi(power))).collect()
}

/// Powers of four.
pub fn sizes() -> Vec<f64> {
    (0..=28).step_by(2).map(|bits| 2_f64.powi(bits)).collect()
}

impl Axis {
    /// The ticks.
    pub fn ticks(&self) -> &[f64] {
        &self.ticks
    }

    /// Leaves out ticks whose labels would touch, on a horizontal axis of so many units.
    pub fn thin(&mut self, width: f64, label: fn(f64) -> String) {
        let mut free_from = f64::NEG_INFINITY;
        let ticks = std::mem::take(&mut self.ticks);
        self.ticks = ticks
            .into_iter()
            .filter(|tick| {
                // As on a canvas: whole numbers, ten a unit.
                let middle = f64::from(self.map(tick, (0, (width * 10.0) as i32))) / 10.0;
                let half = text_width(&label(*tick)) / 2.0;
                let fits = middle - half >= free_from;
                if fits {
                    free_from = middle + half + 6.0;
                }
                fits
            })
            .collect();
    }
}

fn inside(ticks: &[f64], range: &Range<f64>) -> Vec<f64> {
    ticks.iter().copied().filter(|tick| range.contains(tick)).collect()
}

fn round_ticks(range: &Range<f64>) -> Vec<f64> {
    let rough = (range.end - range.start) / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    let first = (range.start / step).ceil() as i64;
    (first..).map(|count| count as f64 * step).take_while(|tick| *tick < range.end).collect()
}

fn ends(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    (values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max))
}

/// A number without digits that say nothing: 0.5, 20, 1k.
pub fn short(value: f64) -> String {
    let (value, unit) = match value {
        value if value >= 1e6 => (value / 1e6, "M"),
        value if value >= 1e4 => (value / 1e3, "k"),
        value => (value, ""),
    };
    format!("{}{unit}", (value * 1e4).round() / 1e4)
}

/// Bytes in units of 1,024.
pub fn bytes(value: f64) -> String {
    match value {
        value if value >= 1_048_576.0 => format!("{} MiB", short(value / 1_048_576.0)),
        value if value >= 1_024.0 => format!("{} KiB", short(value / 1_024.0)),
        value => format!("{} B", short(value)),
    }
}

/// A time given in nanoseconds.
pub fn time(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{} ms", short(value / 1e6)),
        value if value >= 1e3 => format!("{} µs", short(value / 1e3)),
        value => format!("{} ns", short(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(round_ticks(&(0.9..5.2)), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(inside(&decades([3.0, 40.0].into_iter()), &(3.0..40.0)), [5.0, 10.0, 20.0]);
        assert_eq!(inside(&sizes(), &(8.0..1_025.0)), [16.0, 64.0, 256.0, 1_024.0]);
    }

    #[test]
    fn ticks_whose_labels_touch_are_left_out() {
        let mut axis = log([8.0, 1_048_576.0].into_iter(), &sizes());
        let all = axis.ticks.clone();
        axis.thin(1_000.0, bytes);
        assert_eq!(axis.ticks, all);
        axis.thin(200.0, bytes);
        assert!((2..all.len()).contains(&axis.ticks.len()), "{:?}", axis.ticks);
        let place = |tick: &f64| f64::from(axis.map(tick, (0, 2_000))) / 10.0;
        let half = |tick: &f64| text_width(&bytes(*tick)) / 2.0;
        for pair in axis.ticks.windows(2) {
            assert!(place(&pair[0]) + half(&pair[0]) < place(&pair[1]) - half(&pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn labels_have_no_needless_digits() {
        assert_eq!([0.5, 20.0, 20_000.0].map(short), ["0.5", "20", "20k"]);
        assert_eq!([16.0, 4_096.0, 1_048_576.0].map(bytes), ["16 B", "4 KiB", "1 MiB"]);
        assert_eq!([5.0, 2_000.0, 2e7].map(time), ["5 ns", "2 µs", "20 ms"]);
    }
}
