//! Who is ahead, and who only seems to be.

use std::fmt;

use super::json::Row;

/// How a row compares with another: less time, or less memory, is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of its spread lies below the other's.
    Ahead,
    /// The spreads overlap.
    Tie,
    /// All of its spread lies above the other's.
    Behind,
}

/// How `row` compares with `other`. A difference inside the spread is a tie.
pub fn judge(row: &Row, other: &Row) -> Verdict {
    if row.high < other.low {
        Verdict::Ahead
    } else if other.high < row.low {
        Verdict::Behind
    } else {
        Verdict::Tie
    }
}

/// The other's figure over this one's: 2 is half the time.
pub fn factor(row: &Row, other: &Row) -> f64 {
    other.median / row.median
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ahead => "ahead",
            Self::Tie => "a tie",
            Self::Behind => "behind",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::row;
    use super::*;

    #[test]
    fn spreads_that_touch_are_a_tie() {
        let of = |low, high| Row { low, median: (low + high) / 2.0, high, ..row("16 B", "wscodec", 0.0) };
        let middle = of(2.0, 3.0);
        assert_eq!(judge(&of(1.0, 1.9), &middle), Verdict::Ahead);
        assert_eq!(judge(&of(3.1, 4.0), &middle), Verdict::Behind);
        for (low, high) in [(1.0, 2.0), (3.0, 4.0), (2.4, 2.6), (1.0, 9.0)] {
            assert_eq!(judge(&of(low, high), &middle), Verdict::Tie, "{low} to {high}");
            assert_eq!(judge(&middle, &of(low, high)), Verdict::Tie, "{low} to {high}");
        }
    }

    #[test]
    fn half_the_time_is_a_factor_of_two() {
        assert_eq!(factor(&row("16 B", "wscodec", 1.5), &row("16 B", "yawc", 3.0)), 2.0);
    }
}
