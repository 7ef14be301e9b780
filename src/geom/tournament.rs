//! The smallest of some numbers while they change.

/// Beaten by every number: of a place that has none.
pub(super) const OUT: f64 = f64::INFINITY;

/// So few are looked through each time: that takes less than to keep an order.
const FEW: usize = 32;
/// So many at a time.
const LANES: usize = 4;

/// Numbers by place, and the smallest of all. Of few: a search. Of many: a tree whose nodes hold the smaller of two, O(log n) a change, less where
/// it changes little.
///
/// Against a heap: nothing that is out of date is left in it.
#[derive(Debug)]
pub(super) struct Tournament(Order);

#[derive(Debug)]
enum Order {
    /// By place; what fills the last lanes is out.
    Few(Vec<[f64; LANES]>),
    /// The root at 1, below node n the nodes 2n and 2n + 1; the last half are the numbers by place.
    Many(Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    value: f64,
    place: u32,
}

impl Tournament {
    /// A place for each value, finite or [`OUT`]. O(n).
    pub(super) fn new(values: impl ExactSizeIterator<Item = f64>) -> Self {
        if values.len() <= FEW {
            let mut few = vec![[OUT; LANES]; values.len().div_ceil(LANES)];
            few.as_flattened_mut().iter_mut().zip(values).for_each(|(place, value)| *place = value);
            return Self(Order::Few(few));
        }
        let leaves = values.len().next_power_of_two().max(2);
        let mut nodes = vec![Node { value: OUT, place: 0 }; leaves];
        let values = values.chain(std::iter::repeat(OUT)).take(leaves);
        nodes.extend(values.zip(0..).map(|(value, place)| Node { value, place }));
        (1..leaves).rev().for_each(|node| nodes[node] = winner(&nodes, node));
        Self(Order::Many(nodes))
    }

    /// Gives a place a number, finite.
    #[inline]
    pub(super) fn enter(&mut self, place: usize, value: f64) {
        match &mut self.0 {
            Order::Few(values) => values.as_flattened_mut()[place] = value,
            Order::Many(nodes) => enter(nodes, place, value),
        }
    }

    /// Takes the number of a place away.
    #[inline]
    pub(super) fn take_out(&mut self, place: usize) {
        self.enter(place, OUT);
    }

    /// The place of the smallest number, and the number; of equal ones the first; `None` when all are out.
    #[inline]
    pub(super) fn smallest(&self) -> Option<(usize, f64)> {
        let (place, value) = match &self.0 {
            Order::Few(values) => {
                let mut low = [OUT; LANES];
                for some in values {
                    (0..LANES).for_each(|lane| low[lane] = smaller(some[lane], low[lane]));
                }
                let value = low.into_iter().fold(OUT, smaller);
                (values.as_flattened().iter().position(|other| *other == value)?, value)
            }
            Order::Many(nodes) => (nodes[1].place as usize, nodes[1].value),
        };
        (value < OUT).then_some((place, value))
    }
}

/// Of numbers; `f64::min` would take a look at what is none.
#[inline]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

fn enter(nodes: &mut [Node], place: usize, value: f64) {
    let mut node = place + nodes.len() / 2;
    nodes[node].value = value;
    while node > 1 {
        node /= 2;
        let winner = winner(nodes, node);
        if nodes[node] == winner {
            break;
        }
        nodes[node] = winner;
    }
}

/// The smaller of the two below a node.
#[inline]
fn winner(nodes: &[Node], node: usize) -> Node {
    let (left, right) = (nodes[2 * node], nodes[2 * node + 1]);
    if right.value < left.value { right } else { left }
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
