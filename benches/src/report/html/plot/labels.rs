//! Where names go so that no two lie on each other.

use super::canvas::{TEXT_SIZE, text_width};

/// A rectangle: left, top, right, bottom, in units.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Area {
    /// A square around a point.
    pub fn around((x, y): (f64, f64), half: f64) -> Self {
        Self { left: x - half, top: y - half, right: x + half, bottom: y + half }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn is_inside(&self, other: &Self) -> bool {
        self.left >= other.left
            && self.right <= other.right
            && self.top >= other.top
            && self.bottom <= other.bottom
    }
}

/// Heights for labels that would like these heights, at least a line apart, in the same order, between top and bottom.
pub fn spread(wanted: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let apart = (TEXT_SIZE + 1.0).min((bottom - top) / (wanted.len().max(2) - 1) as f64);
    // Neighbours that would touch form a block around the middle of what they would like.
    let mut blocks: Vec<Block> = Vec::new();
    for &place in &order {
        let mut block = Block { sum: wanted[place], count: 1 };
        while let Some(above) =
            blocks.pop_if(|above| above.bottom(apart, top, bottom) + apart > block.top(apart, top, bottom))
        {
            block = Block { sum: above.sum + block.sum, count: above.count + block.count };
        }
        blocks.push(block);
    }
    let places = blocks.iter().flat_map(|block| {
        let first = block.top(apart, top, bottom);
        (0..block.count).map(move |at| first + at as f64 * apart)
    });
    let mut result = vec![0.0; wanted.len()];
    order.into_iter().zip(places).for_each(|(at, place)| result[at] = place);
    result
}

/// Labels one below the other.
struct Block {
    /// Of the heights they would like.
    sum: f64,
    count: usize,
}

impl Block {
    fn height(&self, apart: f64) -> f64 {
        (self.count - 1) as f64 * apart
    }

    fn top(&self, apart: f64, top: f64, bottom: f64) -> f64 {
        let height = self.height(apart);
        (self.sum / self.count as f64 - height / 2.0).min(bottom - height).max(top)
    }

    fn bottom(&self, apart: f64, top: f64, bottom: f64) -> f64 {
        self.top(apart, top, bottom) + self.height(apart)
    }
}

/// Names beside points: the baseline's start of each, or `None` where there is no room. `taken` is kept free.
pub fn beside(points: &[((f64, f64), &str)], frame: Area, taken: &mut Vec<Area>) -> Vec<Option<(f64, f64)>> {
    points.iter().map(|&(point, name)| place(point, name, frame, taken)).collect()
}

fn place((x, y): (f64, f64), name: &str, frame: Area, taken: &mut Vec<Area>) -> Option<(f64, f64)> {
    let (width, gap, above, below) = (text_width(name), 10.0, y - 11.0, y + 20.0);
    let level = y + 4.0;
    let places = [
        (x + gap, level),
        (x - gap - width, level),
        (x - width / 2.0, above),
        (x - width / 2.0, below),
        (x, above),
        (x, below),
        (x - width, above),
        (x - width, below),
    ];
    let area =
        |(x, y): (f64, f64)| Area { left: x, top: y - TEXT_SIZE + 2.0, right: x + width, bottom: y + 3.0 };
    let free = |at: &(f64, f64)| {
        let area = area(*at);
        area.is_inside(&frame) && !taken.iter().any(|other| other.overlaps(&area))
    };
    let found = places.into_iter().find(free)?;
    taken.push(area(found));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_at_one_height_are_spread_in_order_and_stay_inside() {
        for wanted in [vec![50.0; 7], vec![0.0, 1.0, 2.0], vec![99.0, 98.0, 97.0, 10.0], vec![-5.0, 300.0]] {
            let places = spread(&wanted, 0.0, 100.0);
            assert!(places.iter().all(|place| (-1e-9..=100.0).contains(place)), "{wanted:?}: {places:?}");
            for a in 0..wanted.len() {
                for b in 0..wanted.len() {
                    assert!(wanted[a] >= wanted[b] || places[a] <= places[b], "{wanted:?}: {places:?}");
                    assert!(a == b || (places[a] - places[b]).abs() > 13.9, "{wanted:?}: {places:?}");
                }
            }
        }
    }

    #[test]
    fn names_never_lie_on_each_other() {
        let points: Vec<_> = (0..40)
            .map(|at| ((f64::from(at % 8) * 20.0 + 30.0, f64::from(at / 8) * 10.0 + 20.0), "zlib-rs 6"))
            .collect();
        let frame = Area { left: 0.0, top: 0.0, right: 300.0, bottom: 200.0 };
        let mut taken = Vec::new();
        let found = beside(&points, frame, &mut taken);
        assert_eq!(found.iter().flatten().count(), taken.len());
        assert!(taken.len() > 2);
        for (at, area) in taken.iter().enumerate() {
            assert!(
                area.is_inside(&frame) && taken[..at].iter().all(|other| !other.overlaps(area)),
                "{area:?}"
            );
        }
    }
}
