//! The smallest of some numbers while they change.

/// Beaten by every number: of a place that has none.
pub(super) const OUT: f64 = f64::INFINITY;

/// Numbers by place, and the smallest of all: a tree whose nodes hold the smaller of two. O(log n) a change, less where it changes little.
///
/// Against a heap: nothing that is out of date is left in it, and for the few numbers of a short line it is a few words in a row.
#[derive(Debug)]
pub(super) struct Tournament {
    /// The root at 1, below node n the nodes 2n and 2n + 1; the last half are the numbers by place.
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    value: f64,
    place: u32,
}

impl Tournament {
    /// A place for each value, finite or [`OUT`]. O(n).
    pub(super) fn new(values: impl ExactSizeIterator<Item = f64>) -> Self {
        let leaves = values.len().next_power_of_two().max(2);
        let mut nodes = vec![Node { value: OUT, place: 0 }; leaves];
        let values = values.chain(std::iter::repeat(OUT)).take(leaves);
        nodes.extend(values.zip(0..).map(|(value, place)| Node { value, place }));
        let mut tournament = Self { nodes };
        (1..leaves).rev().for_each(|node| tournament.nodes[node] = tournament.winner(node));
        tournament
    }

    /// Gives a place a number, finite.
    pub(super) fn enter(&mut self, place: usize, value: f64) {
        let mut node = place + self.nodes.len() / 2;
        self.nodes[node].value = value;
        while node > 1 {
            node /= 2;
            let winner = self.winner(node);
            if self.nodes[node] == winner {
                break;
            }
            self.nodes[node] = winner;
        }
    }

    /// The smaller of the two below a node.
    #[inline]
    fn winner(&self, node: usize) -> Node {
        let (left, right) = (self.nodes[2 * node], self.nodes[2 * node + 1]);
        if right.value < left.value { right } else { left }
    }

    /// Takes the number of a place away.
    pub(super) fn take_out(&mut self, place: usize) {
        self.enter(place, OUT);
    }

    /// The place of the smallest number, and the number; of equal ones the first; `None` when all are out.
    pub(super) fn smallest(&self) -> Option<(usize, f64)> {
        let Node { value, place } = self.nodes[1];
        (value < OUT).then_some((place as usize, value))
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
            let mut tournament = Tournament::new(all.iter().map(|value| value.map_or(OUT, f64::from)));
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
