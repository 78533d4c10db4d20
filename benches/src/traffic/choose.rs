//! From measurements to the front and to a choice for each aim.

use clap::ValueEnum;
use serde::Serialize;

use super::sweep::Measured;

/// What is to be the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Aim {
    Cpu,
    Bytes,
    Memory,
}

/// What decides: processor time, the part of the bytes that is left, memory. Less is better in each.
pub type Cost = [f64; 3];

impl Aim {
    pub const ALL: [Self; 3] = [Self::Cpu, Self::Bytes, Self::Memory];

    pub const fn words(self) -> &'static str {
        match self {
            Self::Cpu => "least CPU",
            Self::Bytes => "least bytes",
            Self::Memory => "least memory",
        }
    }

    /// What is compared first, and what counts between those that are alike in it.
    const fn keys(self) -> (usize, usize) {
        match self {
            Self::Cpu => (TIME, BYTES),
            Self::Bytes => (BYTES, TIME),
            Self::Memory => (MEMORY, TIME),
        }
    }

    /// How much more than the least is alike.
    const fn slack(self) -> f64 {
        match self {
            Self::Cpu => 1.0,
            Self::Bytes => 1.01,
            Self::Memory => 1.1,
        }
    }
}

const TIME: usize = 0;
const BYTES: usize = 1;
const MEMORY: usize = 2;

pub fn cost(measured: &Measured) -> Cost {
    [measured.time(), 1.0 / measured.ratio, measured.memory]
}

/// The places of those that nobody beats in all three respects: no other is as good in each and better in one. In the
/// order given.
pub fn front(costs: &[Cost]) -> Vec<usize> {
    let is_beaten = |cost: &Cost| {
        costs.iter().any(|other| other != cost && other.iter().zip(cost).all(|(other, own)| other <= own))
    };
    (0..costs.len()).filter(|&place| !is_beaten(&costs[place])).collect()
}

/// The places to choose from for an aim, the best first; none if there is nothing worth compressing.
///
/// Who saves less than `keep` of what the best one saves is out, but for the least bytes: otherwise not to compress would
/// always be the answer. Of those that are alike in the aim, the fastest is first, or the one of the fewest bytes.
pub fn ranked(aim: Aim, costs: &[Cost], keep: f64) -> Vec<usize> {
    let least = |key: usize, places: &[usize]| {
        places.iter().map(|&place| costs[place][key]).fold(f64::INFINITY, f64::min)
    };
    let all: Vec<usize> = (0..costs.len()).collect();
    let best = 1.0 - least(BYTES, &all);
    if best < WORTH {
        return Vec::new();
    }
    let enough = |&place: &usize| aim == Aim::Bytes || 1.0 - costs[place][BYTES] >= keep * best;
    let mut places: Vec<usize> = all.into_iter().filter(enough).collect();
    let (first, second) = aim.keys();
    let limit = least(first, &places) * aim.slack();
    let key = |&place: &usize| -> (f64, f64, f64) {
        let cost = &costs[place];
        // Those that are alike come before all others, and are told apart by the second.
        if cost[first] <= limit { (0.0, cost[second], cost[first]) } else { (1.0, cost[first], cost[second]) }
    };
    places.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2))
    });
    places
}

/// Who saves less of the bytes than this saves nothing that counts.
const WORTH: f64 = 0.05;

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(rng: &mut fastrand::Rng) -> Vec<Cost> {
        let count = rng.usize(1..30);
        let mut cost =
            || [f64::from(rng.u8(1..9)), f64::from(rng.u8(1..20)) / 20.0, f64::from(rng.u8(1..9)) * 1_000.0];
        (0..count).map(|_| cost()).collect()
    }

    #[test]
    fn the_front_is_those_that_nobody_beats() {
        let mut rng = fastrand::Rng::with_seed(11);
        for _ in 0..200 {
            let costs = costs(&mut rng);
            let found = front(&costs);
            for (place, own) in costs.iter().enumerate() {
                // The definition, read out.
                let mut beaten = false;
                for other in &costs {
                    let no_worse = other[0] <= own[0] && other[1] <= own[1] && other[2] <= own[2];
                    let better = other[0] < own[0] || other[1] < own[1] || other[2] < own[2];
                    beaten |= no_worse && better;
                }
                assert_eq!(found.contains(&place), !beaten, "{own:?} of {costs:?}");
            }
        }
    }

    #[test]
    fn the_first_is_the_best_by_the_rule() {
        let mut rng = fastrand::Rng::with_seed(12);
        for _ in 0..500 {
            let costs = costs(&mut rng);
            let keep = f64::from(rng.u8(0..=100)) / 100.0;
            let best = costs.iter().map(|cost| 1.0 - cost[BYTES]).fold(0.0, f64::max);
            for aim in Aim::ALL {
                let ranked = ranked(aim, &costs, keep);
                let allowed = |cost: &Cost| aim == Aim::Bytes || 1.0 - cost[BYTES] >= keep * best;
                if best < WORTH {
                    assert!(ranked.is_empty());
                    continue;
                }
                let chosen = costs[ranked[0]];
                assert!(allowed(&chosen), "{aim:?}: {chosen:?} of {costs:?}");
                assert_eq!(ranked.len(), costs.iter().filter(|cost| allowed(cost)).count());
                for other in costs.iter().filter(|cost| allowed(cost)) {
                    match aim {
                        Aim::Cpu => {
                            assert!(chosen[TIME] <= other[TIME]);
                            assert!(chosen[TIME] < other[TIME] || chosen[BYTES] <= other[BYTES]);
                        }
                        Aim::Bytes => {
                            assert!(chosen[BYTES] <= other[BYTES] * 1.01);
                            assert!(other[TIME] >= chosen[TIME] || other[BYTES] > 1.0 - best);
                        }
                        Aim::Memory => assert!(chosen[MEMORY] <= other[MEMORY] * 1.1),
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_alike_in_the_aim_is_told_apart_by_time() {
        let costs =
            [[9.0, 0.500, 99.0], [2.0, 0.504, 99.0], [1.0, 0.510, 99.0], [3.0, 0.9, 10.0], [1.0, 0.9, 10.9]];
        assert_eq!(ranked(Aim::Bytes, &costs, 0.8)[0], 1);
        assert_eq!(ranked(Aim::Cpu, &costs, 0.8)[0], 2);
        assert_eq!(ranked(Aim::Cpu, &costs, 0.0)[0], 2);
        assert_eq!(ranked(Aim::Memory, &costs, 0.0)[0], 4);
        assert_eq!(ranked(Aim::Memory, &costs, 0.8)[0], 2);
    }

    #[test]
    fn what_saves_nothing_is_not_recommended() {
        assert!(ranked(Aim::Bytes, &[[1.0, 0.99, 1.0], [2.0, 1.0, 2.0]], 0.8).is_empty());
    }
}
