//! The Pareto front: those that nobody beats in both respects.

/// The places of the points that no other has a smaller `x` with at least the same `y`, or the same `x` with a greater
/// `y`; by `x`, one for equal points.
pub fn front(points: &[(f64, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| {
        points[a].0.total_cmp(&points[b].0).then_with(|| points[b].1.total_cmp(&points[a].1))
    });
    let mut best = f64::NEG_INFINITY;
    order.retain(|&place| {
        let leads = points[place].1 > best;
        best = best.max(points[place].1);
        leads
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, read out: nobody is as good in both and better in one.
    fn is_beaten(point: (f64, f64), by: (f64, f64)) -> bool {
        by.0 <= point.0 && by.1 >= point.1 && by != point
    }

    #[test]
    fn the_front_is_those_that_nobody_beats() {
        let mut rng = fastrand::Rng::with_seed(7);
        for count in 0..40 {
            let points: Vec<(f64, f64)> =
                (0..count).map(|_| (f64::from(rng.u8(1..12)), f64::from(rng.u8(1..12)))).collect();
            let found = front(&points);
            for (place, &point) in points.iter().enumerate() {
                let is_best = !points.iter().any(|&other| is_beaten(point, other));
                assert_eq!(
                    found.iter().any(|&at| points[at] == point),
                    is_best,
                    "{point:?} at {place} of {points:?}"
                );
            }
            assert!(found.windows(2).all(|pair| points[pair[0]].0 < points[pair[1]].0), "{points:?}");
        }
    }
}
