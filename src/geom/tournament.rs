//! The smallest of some numbers while they change.

/// Beaten by every number: of a place that has none.
pub(super) const OUT: f64 = f64::INFINITY;

/// Numbers by place, and the smallest of all: a tree whose nodes hold the place of the smaller of two. O(log n) a change.
///
/// Against a heap: nothing that is out of date is left in it, and for the few numbers of a short line it is a few words in a row.
#[derive(Debug)]
pub(super) struct Tournament {
    values: Vec<f64>,
    /// The root at 1, below node n the nodes 2n and 2n + 1; the last row stands for the values themselves.
    winners: Vec<u32>,
    leaves: usize,
}

impl Tournament {
    /// A place for each value, finite or [`OUT`]. O(n).
    pub(super) fn new(mut values: Vec<f64>) -> Self {
        let leaves = values.len().next_power_of_two().max(2);
        values.resize(leaves, OUT);
        let mut tournament = Self { values, winners: vec![0; leaves], leaves };
        (1..leaves).rev().for_each(|node| tournament.settle(node));
        tournament
    }

    /// Gives a place a number, finite.
    pub(super) fn enter(&mut self, place: usize, value: f64) {
        self.values[place] = value;
        let mut node = (place + self.leaves) / 2;
        while node > 0 {
            self.settle(node);
            node /= 2;
        }
    }

    /// The winner of the two below a node.
    fn settle(&mut self, node: usize) {
        let [left, right] = [2 * node, 2 * node + 1].map(|below| self.winner(below));
        let smaller = if self.values[right] < self.values[left] { right } else { left };
        self.winners[node] = smaller as u32;
    }

    /// Takes the number of a place away.
    pub(super) fn take_out(&mut self, place: usize) {
        self.enter(place, OUT);
    }

    /// The place of the smallest number, and the number; of equal ones the first; `None` when all are out.
    pub(super) fn smallest(&self) -> Option<(usize, f64)> {
        let place = self.winner(1);
        let value = self.values[place];
        (value < OUT).then_some((place, value))
    }

    fn winner(&self, node: usize) -> usize {
        if node >= self.leaves { node - self.leaves } else { self.winners[node] as usize }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_smallest_is_that_of_a_search_through_all(
            length in 1..70_usize,
            first in prop::collection::vec(prop::option::of(0..9_u8), 1..70),
            changes in prop::collection::vec((0..70_usize, prop::option::of(0..9_u8)), 1..200),
        ) {
            let mut all: Vec<Option<u8>> = first.into_iter().cycle().take(length).collect();
            let mut tournament = Tournament::new(all.iter().map(|value| value.map_or(OUT, f64::from)).collect());
            for (place, value) in changes {
                let place = place % length;
                all[place] = value;
                match value {
                    Some(value) => tournament.enter(place, value.into()),
                    None => tournament.take_out(place),
                }
                let known = all.iter().enumerate().filter_map(|(place, value)| Some(((*value)?, place)));
                let expected = known.min().map(|(value, place)| (place, f64::from(value)));
                prop_assert_eq!(tournament.smallest(), expected);
            }
        }
    }
}
