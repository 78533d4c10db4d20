//! Several of one contender.

use crate::workload::Contender;

/// How many there are where a few percent count.
const COUNT: usize = 4;

/// They take their samples in turn, so that where the memory of one happens to lie is not in the median.
pub struct Copies<T> {
    all: Vec<T>,
    turn: usize,
}

impl<T> Copies<T> {
    /// Only one.
    pub fn one(single: T) -> Self {
        Self { all: vec![single], turn: 0 }
    }

    /// Contenders by what makes each of them once.
    pub fn several(mut make: impl FnMut() -> Vec<(Contender, T)>) -> Vec<(Contender, Self)> {
        let mut contenders: Vec<(Contender, Self)> =
            make().into_iter().map(|(contender, first)| (contender, Self::one(first))).collect();
        for _ in 1..COUNT {
            for ((_, copies), (_, another)) in contenders.iter_mut().zip(make()) {
                copies.all.push(another);
            }
        }
        contenders
    }

    /// All of them.
    pub fn all(&mut self) -> &mut [T] {
        &mut self.all
    }

    /// The one whose turn it is.
    pub fn current(&mut self) -> &mut T {
        &mut self.all[self.turn]
    }

    /// Gives the turn to the next one.
    pub fn next(&mut self) {
        self.turn = (self.turn + 1) % self.all.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_turn() {
        let mut made = 0;
        let mut contenders = Copies::several(|| {
            made += 1;
            vec![(Contender::plain("a", ""), made), (Contender::plain("b", ""), 10 * made)]
        });
        let mut turns = |place: usize| -> Vec<i32> {
            let copies: &mut Copies<i32> = &mut contenders[place].1;
            (0..5)
                .map(|_| {
                    let current = *copies.current();
                    copies.next();
                    current
                })
                .collect()
        };
        assert_eq!((turns(0), turns(1)), (vec![1, 2, 3, 4, 1], vec![10, 20, 30, 40, 10]));
    }
}
