//! The envelopes of some thousand leaves, in groups of neighbours.
//!
//! Groups lie one after the other in memory and are all looked at, which takes less time than going down a tree of so few.

use super::{Envelope, GridIndex};

/// Leaves a group.
const GROUP: usize = 16;

/// Leaves with their envelopes.
#[derive(Debug)]
pub(super) struct Boxes {
    /// The envelope of each group.
    groups: Box<[Envelope]>,
    /// Group by group, as are the leaves.
    envelopes: Box<[Envelope]>,
    leaves: Box<[GridIndex]>,
}

impl Boxes {
    pub(super) fn new(leaves: impl Iterator<Item = (GridIndex, Envelope)>) -> Self {
        let mut boxes: Vec<_> = leaves.collect();
        gather(&mut boxes);
        let whole = |group: &[(GridIndex, Envelope)]| {
            group.iter().map(|(_, envelope)| *envelope).reduce(|a, b| a.union(&b))
        };
        Self {
            groups: boxes.chunks(GROUP).filter_map(whole).collect(),
            envelopes: boxes.iter().map(|(_, envelope)| *envelope).collect(),
            leaves: boxes.iter().map(|(leaf, _)| *leaf).collect(),
        }
    }

    /// The leaves whose envelope shares a point with another, in no order.
    pub(super) fn meeting(&self, other: Envelope) -> impl Iterator<Item = (GridIndex, &Envelope)> {
        let members = self.envelopes.chunks(GROUP).zip(self.leaves.chunks(GROUP));
        let groups = self.groups.iter().zip(members).filter(move |(group, _)| group.meets(&other));
        groups
            .flat_map(|(_, (envelopes, leaves))| leaves.iter().copied().zip(envelopes))
            .filter(move |(_, envelope)| envelope.meets(&other))
    }
}

/// Puts neighbours into one group: strips from west to east, each from south to north (Leutenegger et al. 1997, sort-tile-recursive).
fn gather(boxes: &mut [(GridIndex, Envelope)]) {
    let middle = |envelope: &Envelope, axis: usize| envelope.min[axis] + envelope.max[axis];
    let by = |axis: usize| {
        move |(_, a): &(GridIndex, Envelope), (_, b): &(GridIndex, Envelope)| {
            middle(a, axis).total_cmp(&middle(b, axis))
        }
    };
    boxes.sort_unstable_by(by(0));
    let strips = (boxes.len().div_ceil(GROUP) as f64).sqrt().ceil() as usize;
    let strip = boxes.len().div_ceil(GROUP).div_ceil(strips.max(1)) * GROUP;
    boxes.chunks_mut(strip.max(GROUP)).for_each(|strip| strip.sort_unstable_by(by(1)));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn envelope() -> impl Strategy<Value = Envelope> {
        // Small numbers, so that sides touch and envelopes repeat.
        (0..40_i8, 0..40_i8, 0..6_i8, 0..6_i8).prop_map(|(x, y, wide, high)| Envelope {
            min: [x.into(), y.into()],
            max: [(x + wide).into(), (y + high).into()],
        })
    }

    proptest! {
        #[test]
        fn those_that_meet_an_envelope_are_found_once_each(
            all in prop::collection::vec(envelope(), 0..200), asked in envelope()
        ) {
            let numbered = || all.iter().enumerate().map(|(number, envelope)| (GridIndex(number as u32), *envelope));
            let boxes = Boxes::new(numbered());
            let found: Vec<_> = boxes.meeting(asked).map(|(leaf, envelope)| (leaf.0, *envelope)).collect();
            let expected: Vec<_> = numbered().filter(|(_, envelope)| envelope.meets(&asked)).map(|(leaf, envelope)| (leaf.0, envelope)).collect();
            prop_assert_eq!(found.len(), expected.len());
            let leaves: BTreeSet<u32> = found.iter().map(|(leaf, _)| *leaf).collect();
            prop_assert_eq!(leaves, expected.iter().map(|(leaf, _)| *leaf).collect());
            prop_assert!(found.iter().all(|(leaf, envelope)| all[*leaf as usize] == *envelope));
        }
    }
}
